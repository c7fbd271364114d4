"""Pictures taken in: checked, re-encoded, sized.

Nothing of the file that came in is kept but its pixels: no EXIF, no place, no second payload.
Each picture lies in ``media/<key>/`` as ``mail`` (up to 1,200 px wide, for 600 CSS px) and as
``archive`` (up to 2,000 px). The key is unguessable: who has the address may see the picture.
"""

import hashlib
import io
import os
import re
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError
from sqlalchemy import select
from sqlmodel import Session, col

from .content import PictureUse
from .errors import Invalid, Problem, WrongUsage
from .history import Act, require_pause
from .language import N_, _, n_
from .models.cluster import Picture
from .models.submission import Revision
from .settings import Settings

LARGEST = 10_000_000  # bytes (DOMAIN §2.6)
MOST_PIXELS = 25_000_000  # before decoding (WB-20)
CSS_WIDTH = 600  # of a mail's column
MAIL = (2 * CSS_WIDTH, 1_800)
ARCHIVE = (2_000, 3_000)
MAIL_BYTES = 200_000  # what one picture may weigh in a mail (HT-08)
ARCHIVE_BYTES = 1_000_000
SMALLEST = (200, 100)  # pixels that a crop leaves: less is a smear in a column of 600
MOST_CUT = 90  # per cent of the width, and of the height
QUALITIES = (85, 75, 60, 45)  # the first that is light enough
MEDIA_TYPES = {"jpg": "image/jpeg", "png": "image/png"}

# What a file begins with, and what we say to it.
_REFUSED = (
    (re.compile(rb"GIF8"), "GIF"),
    (re.compile(rb"....ftyp(heic|heix|hevc|mif1|msf1|avif|avis)", re.DOTALL), N_("HEIC oder AVIF")),
    (re.compile(rb"%PDF"), "PDF"),
    (re.compile(rb"(II\*\0|MM\0\*)"), "TIFF"),
    (re.compile(rb"BM"), "BMP"),
    (re.compile(rb"(\xef\xbb\xbf)?\s*<(\?xml|svg|!doctype|html|!--)", re.IGNORECASE), "SVG"),
    (re.compile(rb"PK\x03\x04"), N_("Word oder ZIP")),
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A picture that passed every check, ready to be kept."""

    mail: bytes
    archive: bytes
    ending: str  # of the mail version: "jpg" or "png"
    archive_ending: str
    width: int  # CSS pixels
    height: int


@dataclass(frozen=True, slots=True)
class Cut:
    """How much is cut off at each edge, in per cent of width or height."""

    top: int = 0
    right: int = 0
    bottom: int = 0
    left: int = 0

    @classmethod
    def of(cls, text: str) -> "Cut":
        """„top=20,right=10“. WrongUsage for others, for nothing, and if hardly any were left."""
        parts = [part.partition("=") for part in re.split(r"[\s,]+", text.strip())]
        edges = {name: int(size) for name, __, size in parts if re.fullmatch(r"\d{1,2}", size)}
        known = edges.keys() <= {"top", "right", "bottom", "left"}
        if len(edges) < len(parts) or not known or not any(edges.values()):
            why = _(
                "„{text}“ ist kein Ausschnitt. Möglich: eine Form wie 16:9, oder wie viel Prozent"
                " von jedem Rand wegfallen: top=20,right=10,bottom=0,left=5"
            )
            raise WrongUsage(why=why.format(text=text))
        cut = cls(**edges)
        if max(cut.left + cut.right, cut.top + cut.bottom) > MOST_CUT:
            why = _("Von Breite und Höhe müssen je {left} Prozent übrig bleiben.")
            raise WrongUsage(why=why.format(left=100 - MOST_CUT))
        return cut

    def box(self, width: int, height: int) -> tuple[int, int, int, int]:
        """What is left of so many pixels: left, upper, right, lower."""
        left, right = width * self.left // 100, width - width * self.right // 100
        return left, height * self.top // 100, right, height - height * self.bottom // 100


class Part(Protocol):
    """Which part of a picture stays."""

    def box(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Of so many pixels: left, upper, right, lower."""
        ...


def prepare(data: bytes, cut: Part | None = None) -> Prepared:
    """Check and re-encode a picture, or what is left of it after a ``cut``; no database is
    touched, since this takes a while.

    Invalid says in a sentence what is wrong with it.
    """
    if not data:
        raise _wrong(_("Die Datei ist leer. Bitte wählen Sie ein Bild aus."))
    if len(data) > LARGEST:
        too_large = _(
            "Das Bild ist größer als {most} MB. Bitte verkleinern Sie es, zum"
            " Beispiel auf 2.000 Pixel Breite."
        )
        raise _wrong(too_large.format(most=LARGEST // 1_000_000))
    for beginning, name in _REFUSED:
        if beginning.match(data):
            refused = _(
                "Das ist eine Datei der Art {name}; wir nehmen JPEG, PNG und WebP."
                " Bitte speichern Sie das Bild als JPEG."
            )
            raise _wrong(refused.format(name=_(name)))
    pixels = _decoded(data)
    if cut:
        pixels = pixels.crop(cut.box(*pixels.size))
    pixels.thumbnail(ARCHIVE, Image.Resampling.LANCZOS, reducing_gap=2.0)
    archive, archive_ending = _encoded(pixels, ARCHIVE_BYTES)
    pixels.thumbnail(MAIL, Image.Resampling.LANCZOS)
    mail, ending = _encoded(pixels, MAIL_BYTES)
    return Prepared(mail, archive, ending, archive_ending, *_css(pixels.size))


def _css(mail: tuple[int, int]) -> tuple[int, int]:
    """How large a mail's version is shown."""
    width = min(CSS_WIDTH, mail[0])
    return width, max(1, round(mail[1] * width / mail[0]))


def in_mail(size: tuple[int, int]) -> tuple[int, int]:
    """How large a picture of so many pixels will be in a mail, in CSS pixels."""
    scale = min(1, *(most / have for most, have in zip(MAIL, size, strict=True)))
    return _css((max(1, round(size[0] * scale)), max(1, round(size[1] * scale))))


def keep(
    act: Act, prepared: Prepared, *, cluster_id: int | None, by: str, counted: bool = True
) -> Picture:
    """Write the files, then the row: a row never stands without its files. TooMany if counted."""
    if counted:
        _require_room(act, cluster_id)
    key = secrets.token_urlsafe(16)
    folder = act.settings.media / key
    folder.mkdir(parents=True)
    _write(folder / f"mail.{prepared.ending}", prepared.mail)
    _write(folder / f"archive.{prepared.archive_ending}", prepared.archive)
    _sync(folder)
    _sync(act.settings.media)
    picture = Picture(
        key=key,
        cluster_id=cluster_id,
        sha256=hashlib.sha256(prepared.mail).hexdigest(),
        media_type=MEDIA_TYPES[prepared.ending],
        width=prepared.width,
        height=prepared.height,
        size=len(prepared.mail),
        taken_in_at=act.now,
        taken_in_by=by,
    )
    act.session.add(picture)
    act.session.flush()
    return picture


def _require_room(act: Act, cluster_id: int | None) -> None:
    most = act.settings.intake.pictures_per_day
    if cluster_id is None or act.settings.links.loopback:
        return
    of_day = act.session.scalars(
        select(col(Picture.taken_in_at))
        .where(col(Picture.cluster_id) == cluster_id)
        .order_by(col(Picture.id).desc())
        .offset(most - 1)
        .limit(1)
    ).first()
    require_pause(of_day, act.now, n_("{n} Bild", "{n} Bilder", most).format(n=most))


def take_in(act: Act, data: bytes, *, cluster_id: int | None, by: str) -> Picture:
    """Prepare and keep. Invalid on the field ``image``."""
    return keep(act, prepare(data), cluster_id=cluster_id, by=by)


def archived(settings: Settings, picture: Picture) -> bytes:
    """The larger version of a picture as it was taken in. Invalid if its file is gone."""
    for ending in MEDIA_TYPES:
        if path := file_of(settings, picture.key, f"archive.{ending}"):
            return path.read_bytes()
    raise _wrong(_("Die Bilddatei fehlt. Bitte geben Sie das Bild neu: newsletter queue picture"))


def size_of(data: bytes) -> tuple[int, int]:
    """The pixels of a picture that we hold. Invalid if it is none any more."""
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG", "PNG"]) as image:
            return image.size
    except OSError as exc:
        raise _wrong(_("Das Bild ist beschädigt. Bitte geben Sie es neu.")) from exc


def mail_file(picture: Picture) -> str:
    """The name of the file that mails show."""
    return "mail.png" if picture.media_type == MEDIA_TYPES["png"] else "mail.jpg"


def use(settings: Settings, picture: Picture, revision: Revision) -> PictureUse:
    """The picture as one revision shows it."""
    return PictureUse(
        url=settings.links.picture(picture.key, mail_file(picture)),
        width=picture.width,
        height=picture.height,
        alt=revision.image_alt,
        credit=revision.image_credit,
        sha256=picture.sha256,
        decorative=revision.image_decorative,
    )


def of_cluster(session: Session, key: str, cluster_id: int | None) -> Picture | None:
    """The picture with this key, if it is this cluster's."""
    return session.scalars(
        select(Picture).where(col(Picture.key) == key, col(Picture.cluster_id) == cluster_id)
    ).one_or_none()


def file_of(settings: Settings, key: str, name: str) -> Path | None:
    """Where a picture's file lies; None for any name that is not one of ours."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{22,43}", key):
        return None
    if not re.fullmatch(r"(mail|archive)\.(jpg|png)", name):
        return None
    path = settings.media / key / name
    return path if path.is_file() else None


def harm(settings: Settings, key: str, name: str, sha256: str) -> str | None:
    """What happened to the file of a picture since it was taken in; None: it is as it was."""
    path = file_of(settings, key, name)
    if path is None:
        return _("Die Bilddatei media/{key}/{name} fehlt.").format(key=key, name=name)
    facts = path.stat()
    if _hash(path, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns) != sha256:
        return _("Die Bilddatei media/{key}/{name} ist nicht mehr die aufgenommene.").format(
            key=key, name=name
        )
    return None


def harm_to(settings: Settings, used: PictureUse) -> str | None:
    """``harm`` of a picture as an item shows it."""
    key, name = used.url.rsplit("/", 2)[1:]
    return harm(settings, key, name, used.sha256)


@lru_cache(maxsize=512)
def _hash(path: Path, *_facts: int) -> str:
    """Counted once per state of the file: the sender asks before each claim."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _wrong(message: str) -> Invalid:
    return Invalid([Problem("image", message)])


def _decoded(data: bytes) -> Image.Image:
    """The pixels, upright, in sRGB, first frame, without anything else the file held."""
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "WEBP"]) as image:
            if image.width * image.height > MOST_PIXELS:
                too_many = _(
                    "Das Bild hat {width} × {height} Pixel; höchstens 25 Millionen"
                    " gehen. Bitte verkleinern Sie es."
                )
                raise _wrong(too_many.format(width=image.width, height=image.height))
            # MPO is what phones call a JPEG with a second view behind it: the first one is meant.
            still = image.format in {"JPEG", "MPO"}
            if not still and getattr(image, "n_frames", 1) > 1:
                raise _wrong(_("Das Bild ist animiert. Bitte reichen Sie ein stehendes Bild ein."))
            scale = min(1, ARCHIVE[0] / image.width, ARCHIVE[1] / image.height)
            wanted = (round(image.width * scale), round(image.height * scale))
            image.draft("RGB", wanted)  # a JPEG is decoded no larger than we need
            image.load()
            return _plain(ImageOps.exif_transpose(image))
    except UnidentifiedImageError as exc:
        raise _wrong(
            _("Die Datei ist kein Bild, das wir lesen können. Wir nehmen JPEG, PNG und WebP.")
        ) from exc
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as exc:
        raise _wrong(_("Das Bild ist entpackt zu groß. Bitte verkleinern Sie es.")) from exc
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, MemoryError) as exc:
        # Pillow's decoders raise any of these for a file that is cut off or forged.
        raise _wrong(
            _("Das Bild ist beschädigt oder unvollständig. Bitte speichern Sie es neu.")
        ) from exc


def _plain(image: Image.Image) -> Image.Image:
    """RGB or RGBA without profile or metadata."""
    if image.mode.startswith("I") or image.mode == "F":  # 16 bits a pixel
        image = image.point(lambda value: value / 256).convert("L")
    image = _in_srgb(image)
    clear = image.has_transparency_data
    bare = image.convert("RGBA" if clear else "RGB")
    if clear and bare.getchannel("A").getextrema() == (255, 255):
        bare = bare.convert("RGB")
    bare.info.clear()
    return bare


def _in_srgb(image: Image.Image) -> Image.Image:
    """A phone's wide colours would look dull without their profile, so they are converted."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in {"RGB", "CMYK"}:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(
            image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError):  # a broken profile: the colours as they are
        return image
    return converted or image


def _encoded(pixels: Image.Image, target: int) -> tuple[bytes, str]:
    """As PNG where that is light enough and fits the picture, else as JPEG."""
    if pixels.mode == "RGBA" or _few_colours(pixels):
        png = _saved(pixels, "PNG", optimize=True)
        if len(png) <= target:
            return png, "png"
    if pixels.mode == "RGBA":
        ground = Image.new("RGB", pixels.size, "white")
        ground.paste(pixels, mask=pixels.getchannel("A"))
        pixels = ground
    jpeg = b""
    for quality in QUALITIES:
        jpeg = _saved(pixels, "JPEG", quality=quality, optimize=True)
        if len(jpeg) <= target:
            break
    return jpeg, "jpg"


def _few_colours(image: Image.Image) -> bool:
    """A drawing or a logo: JPEG would smear it."""
    return image.getcolors(maxcolors=128) is not None


def _saved(image: Image.Image, kind: str, **options: int) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
