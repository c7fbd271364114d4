"""The logos at the end of an issue: PNG files of the home's ``logos/``, each at one address.

The address holds the hash of the bytes: what was approved is what is shown, or nothing. A new
version of a logo therefore is a new file; the old one stays for the issues that show it.
"""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from PIL import Image

from newsletter.content import Logo
from newsletter.language import _
from newsletter.settings import LogoSettings, Settings

FOLDER = "logos"
MOST_BYTES = 200_000  # STANDARDS HT-08
_WIDEST, _HIGHEST = 160, 56  # CSS pixels: three stand beside each other
_DIGITS = 32  # of the hash in an address


class Unusable(Exception):
    """Why a logo cannot be printed, as a sentence."""


@dataclass(frozen=True, slots=True)
class _File:
    digest: str
    width: int
    height: int


def shown_on(settings: Settings, slug: str, number: str, day: date) -> tuple[Logo, ...]:
    """The logos of an issue that leaves on this day; those that cannot be used are left out."""
    return tuple(
        _logo(settings, it, found)
        for it, found in _looked_at(settings, slug, number, day)
        if isinstance(found, _File)
    )


def wrong_on(settings: Settings, slug: str, number: str, day: date) -> tuple[str, ...]:
    """What is wrong with them, each as a sentence that says how to mend it."""
    found = (found for _it, found in _looked_at(settings, slug, number, day))
    return tuple(each for each in found if isinstance(each, str))


def file_of(settings: Settings, digest: str, name: str) -> Path | None:
    """The file at an address, if its bytes are still those that the address names."""
    path = settings.home / FOLDER / name
    if path.parent != settings.home / FOLDER:
        return None
    try:
        return path if _read(path).digest[:_DIGITS] == digest else None
    except Unusable:
        return None


def _looked_at(
    settings: Settings, slug: str, number: str, day: date
) -> Iterator[tuple[LogoSettings, _File | str]]:
    for it in settings.newsletter(slug, number).logos:
        if it.holds(day):
            try:
                yield it, _read(settings.home / FOLDER / it.file)
            except Unusable as why:
                yield it, str(why)


def _logo(settings: Settings, it: LogoSettings, found: _File) -> Logo:
    fits = min(_WIDEST / found.width, _HIGHEST / found.height, 1.0)
    return Logo(
        src=settings.links.logo(found.digest[:_DIGITS], it.file),
        width=max(1, round(found.width * fits)),
        height=max(1, round(found.height * fits)),
        alt=it.name,
        url=it.link,
        sha256=found.digest,
    )


def _read(path: Path) -> _File:
    try:
        facts = path.stat()
        return _decoded(path, facts.st_mtime_ns, facts.st_size)
    except FileNotFoundError as problem:
        said = _("Das Logo {path} fehlt. Bitte die Datei dorthin legen oder den Eintrag löschen.")
        raise Unusable(said.format(path=path)) from problem
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as problem:
        said = _("Das Logo {path} ist kein PNG. Bitte als PNG speichern.")
        raise Unusable(said.format(path=path)) from problem


@lru_cache(maxsize=64)
def _decoded(path: Path, _changed: int, size: int) -> _File:
    """Looked at once per state of the file."""
    if size > MOST_BYTES:
        said = _("Das Logo {path} hat {size} kB; höchstens {most} kB gehen. Bitte verkleinern.")
        sizes = {"size": size // 1000, "most": MOST_BYTES // 1000}
        raise Unusable(said.format(path=path, **sizes))
    data = path.read_bytes()
    with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
        image.verify()
        return _File(hashlib.sha256(data).hexdigest(), image.width, image.height)
