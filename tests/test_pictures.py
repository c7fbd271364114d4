"""Pictures come in as pixels only, and whatever is not a picture is told so."""

import contextlib
import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import func, select

from newsletter import pictures
from newsletter.errors import Invalid
from newsletter.models.cluster import Picture
from newsletter.models.submission import Revision
from newsletter.settings import Settings
from tests.conftest import type_of_act
from tests.intake_situations import jpeg, png

PLACE = 0x8825  # EXIF: GPS


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def refusal(data: bytes) -> str:
    with pytest.raises(Invalid) as wrong:
        pictures.prepare(data)
    (problem,) = wrong.value.problems
    assert problem.field == "image"
    return problem.message


def test_a_photograph_is_sized_for_the_mail_and_for_the_archive() -> None:
    made = pictures.prepare(jpeg(3000, 2000))
    assert (made.width, made.height) == (600, 400)
    assert opened(made.mail).size == (1200, 800)
    assert opened(made.archive).size == (2000, 1333)
    assert made.ending == "jpg"
    assert len(made.mail) <= pictures.MAIL_BYTES


def test_a_small_picture_is_not_blown_up() -> None:
    made = pictures.prepare(png(320, 200))
    assert (made.width, made.height) == (320, 200)
    assert made.ending == "png"


def test_where_and_with_what_it_was_taken_is_gone() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Kamera"
    exif.get_ifd(PLACE)[1] = "N"
    made = pictures.prepare(jpeg(800, 600, exif=exif, comment=b"geheim"))
    assert not opened(made.mail).getexif()
    assert b"Kamera" not in made.mail + made.archive
    assert b"geheim" not in made.mail + made.archive


def test_a_picture_taken_on_its_side_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    made = pictures.prepare(jpeg(800, 400, exif=exif))
    assert (made.width, made.height) == (400, 800)


def test_a_second_file_hidden_behind_a_picture_is_dropped() -> None:
    made = pictures.prepare(jpeg(400, 300) + b"PK\x03\x04<script>alert(1)</script>")
    assert b"script" not in made.mail + made.archive


def test_a_phones_photograph_with_a_second_view_is_the_first_one() -> None:
    out = io.BytesIO()
    second = Image.new("RGB", (800, 600), "red")
    opened(jpeg(800, 600)).save(out, "MPO", save_all=True, append_images=[second])
    made = pictures.prepare(out.getvalue())
    assert (made.width, made.ending, opened(made.mail).format) == (600, "jpg", "JPEG")
    assert getattr(opened(made.mail), "n_frames", 1) == 1


@pytest.mark.parametrize(
    ("mode", "colour"),
    [("RGBA", (1, 2, 3, 100)), ("L", 5), ("P", 3), ("1", 1), ("LA", (3, 4)), ("I;16", 40000)],
)
def test_every_kind_of_png_is_understood(mode: str, colour: object) -> None:
    assert pictures.prepare(png(200, 100, mode, colour)).width == 200


def test_a_transparent_picture_keeps_its_transparency() -> None:
    made = pictures.prepare(png(200, 100, "RGBA", (10, 20, 30, 0)))
    assert opened(made.mail).getchannel("A").getextrema() == (0, 0)


def test_a_picture_for_print_is_turned_into_screen_colours() -> None:
    out = io.BytesIO()
    Image.new("CMYK", (300, 200), (0, 255, 255, 0)).save(out, "JPEG")
    assert opened(pictures.prepare(out.getvalue()).mail).mode == "RGB"


def webp(**options: object) -> bytes:
    out = io.BytesIO()
    opened(jpeg(600, 400)).save(out, "WEBP", **options)
    return out.getvalue()


def test_a_webp_is_taken_and_leaves_as_a_jpeg() -> None:
    made = pictures.prepare(webp())
    assert (opened(made.mail).format, made.ending, made.width) == ("JPEG", "jpg", 600)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"GIF89a\x01\x00/*", "GIF"),
        (b"<svg xmlns='x' onload='alert(1)'/>", "SVG"),
        (b"<?xml version='1.0'?><svg/>", "SVG"),
        (webp()[:500], "beschädigt"),
        (webp(save_all=True, append_images=[Image.new("RGB", (600, 400))]), "animiert"),
        (b"\x00\x00\x00\x18ftypheic\x00", "HEIC"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04word/document.xml", "Word"),
        (b"", "leer"),
        (b"kein Bild", "kein Bild"),
        (b"\xff\xd8\xff" + b"x" * 10_000_000, "größer als 10 MB"),
        (jpeg()[:3000], "beschädigt"),
        (png()[:90], "beschädigt"),
    ],
)
def test_what_we_do_not_take_is_named_with_the_cure(data: bytes, word: str) -> None:
    assert word in refusal(data)


def bomb(side: int) -> bytes:
    """A PNG of a few bytes that says it has ``side`` × ``side`` pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(99))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


@pytest.mark.parametrize("side", [5_100, 10_000, 50_000])
def test_a_bomb_is_refused_before_it_is_unpacked(side: int) -> None:
    assert "verkleinern" in refusal(bomb(side))


def test_a_moving_picture_is_refused() -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (50, 50), "red")]
    Image.new("RGB", (50, 50)).save(out, "PNG", save_all=True, append_images=frames)
    assert "animiert" in refusal(out.getvalue())


@given(st.integers(0, 3000), st.binary(min_size=1, max_size=40))
def test_a_damaged_file_is_a_picture_or_refused_but_never_an_accident(at: int, by: bytes) -> None:
    whole = jpeg(64, 48)
    with contextlib.suppress(Invalid):
        pictures.prepare(whole[: at % len(whole)] + by + whole[at % len(whole) + len(by) :])


def test_a_kept_picture_has_its_files_and_its_row(act: type_of_act, settings: Settings) -> None:
    with act() as a:
        kept = pictures.take_in(a, jpeg(), cluster_id=None, by="redaktion")
    path = pictures.file_of(settings, kept.key, "mail.jpg")
    assert path is not None
    assert path.stat().st_size == kept.size
    assert pictures.file_of(settings, kept.key, "archive.jpg")
    shown = pictures.use(
        settings,
        kept,
        Revision(image_alt="Ein Saal", image_credit="Kim", image_decorative=False),
    )
    assert shown.url == f"http://127.0.0.1:8000/media/{kept.key}/mail.jpg"
    assert (shown.alt, shown.credit, shown.width) == ("Ein Saal", "Kim", 600)


def test_an_act_that_fails_leaves_no_row(act: type_of_act, settings: Settings) -> None:
    with pytest.raises(RuntimeError), act() as a:
        pictures.take_in(a, jpeg(), cluster_id=None, by="redaktion")
        raise RuntimeError
    with act() as a:
        assert a.session.scalar(select(func.count()).select_from(Picture)) == 0


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("..", "newsletter.toml"),
        ("a" * 22, "../../secret"),
        ("a" * 22, "mail.svg"),
        ("x", "mail.jpg"),
    ],
)
def test_no_other_file_can_be_asked_for(settings: Settings, key: str, name: str) -> None:
    assert pictures.file_of(settings, key, name) is None
