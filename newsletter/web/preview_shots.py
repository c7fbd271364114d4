"""The looks of an issue as pictures: each a document that holds all it needs, drawn offline."""

import base64
import re
from collections.abc import Iterator
from datetime import datetime
from html import escape

from newsletter import browser, logos, pictures
from newsletter.content import Variant
from newsletter.settings import Settings

from .preview import OUR_PICTURE, Sheet, of_edition
from .preview_looks import COLUMNS, Shown, drawn, looks_of

_POLICY = "default-src 'none'; img-src {images}; style-src 'unsafe-inline'"
_TEXT = """<!doctype html><meta charset="utf-8"><title>{name}</title>
<style>body {{ margin: 24px; color: #1b2733; background: #fff; }}
pre {{ margin: 0; width: {columns}ch; border-right: 1px solid #c9d1d9;
  font: 13px/1.45 "DejaVu Sans Mono", Menlo, Consolas, monospace; }}</style><pre>{text}</pre>"""


def taken(settings: Settings, made: Sheet, now: datetime) -> Iterator[tuple[str, bytes]]:
    """Name and PNG of each look of each edition, one after the other. NoChromium, ChromiumFails."""
    variants = [each.variant for each in made.it.editions] if made.it else []
    # the text-only edition says what the whole one's text part says
    wanted = [each for each in variants if each != Variant.TEXT] or [Variant.FULL.value]
    with browser.running() as (chromium, folder):
        for variant in wanted:
            its = of_edition(settings, made, variant, now)
            for shown in looks_of(variant):
                name = shown.name if variant == Variant.FULL else f"{variant}-{shown.name}"
                yield name, chromium.picture(document(settings, its, shown), shown.width, folder)


def document(settings: Settings, made: Sheet, shown: Shown) -> str:
    """What is drawn: a mail with its pictures inside, or without; or its text part."""
    if shown.look.view == "text":
        return _TEXT.format(name=shown.name, columns=COLUMNS, text=escape(made.text))
    html = drawn(made.html, shown.look)
    if shown.look.images:
        html = OUR_PICTURE.sub(lambda it: f'src="{_inside(settings, it[1])}"', html)
    policy = _POLICY.format(images="data:" if shown.look.images else "'none'")
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return re.sub(r"(?i)(<head[^>]*>)", lambda it: it[1] + meta, html, count=1)


def _inside(settings: Settings, place: str) -> str:
    """A picture as an address that holds its bytes; one that is gone is shown by its words."""
    kind, key, name = place.split("/")
    find = logos.file_of if kind == "logos" else pictures.file_of
    path = find(settings, key, name)
    if path is None:
        return "data:,"
    kind = pictures.MEDIA_TYPES[path.suffix[1:]]
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
