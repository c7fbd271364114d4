"""A Word document (.docx) as an item: title, teaser and text, its lists, links and bold kept.

A .docx is a zip of XML files. So before anything reads it, it is looked at how large they get,
how many elements there are, and that none of them declares entities (WB-32). What was not looked
at is not read.
"""

import io
import re
import zipfile
from collections.abc import Mapping
from typing import Any

from newsletter import texts
from newsletter.content import Kind
from newsletter.errors import NewsletterError
from newsletter.language import N_, _

from .found import TITLE, Found, Unusable, title_of

_FILES = 2_000  # in the zip; pictures are some
_LARGEST = 4_000_000  # bytes of XML, unpacked
_TAGS = 100_000  # a document of fifty pages has half of them
_LONGEST = 60_000  # characters of text: four times what the form takes
_TEASER = 1_100  # what the form takes at most; a first paragraph that is longer is text
# Word's own names of styles are English in every language; programs beside it may differ.
_STYLES = "p[style-name='Title'] => h1:fresh\np[style-name='Titel'] => h1:fresh"

_SHARED = ("href", "anchor", "style_name")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")

_BROKEN = N_(
    "Diese Word-Datei lässt sich nicht lesen. Bitte öffnen Sie sie in Word, speichern Sie sie als"
    " .docx und bringen Sie sie noch einmal mit."
)
_NOT_WORD = N_(
    "Diese Datei ist keine Word-Datei. Bitte als .docx speichern, oder den Text ins Feld kopieren."
)
_TOO_LONG = N_(
    "Dieses Dokument ist zu lang für einen Beitrag. Bitte nur den Teil mitbringen, um den es geht."
)
_EMPTY = N_("In diesem Dokument steht kein Text.")


def of_document(raw: bytes) -> Found:
    """What the document says; Unusable if it is none, is empty, or is not to be trusted."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            parts = _looked_at(packed)
        html = _converted(parts)
    except NewsletterError:
        raise
    except Exception as exc:  # a file made to be read wrong fails anywhere in two libraries
        raise Unusable(why=_(_BROKEN)) from exc
    if len(html) > _LARGEST:
        raise Unusable(why=_(_TOO_LONG))
    text = texts.from_html(html)
    if not text.strip():
        raise Unusable(why=_(_EMPTY))
    if len(text) > _LONGEST:
        raise Unusable(why=_(_TOO_LONG))
    return _divided(text)


def _looked_at(packed: zipfile.ZipFile) -> dict[str, bytes]:
    """The parts of a document of ordinary size, without entities; Unusable if it is none."""
    from defusedxml.ElementTree import fromstring

    parts = [each for each in packed.infolist() if each.filename.endswith((".xml", ".rels"))]
    names = {each.filename for each in parts}
    if "[Content_Types].xml" not in names or not any(name.startswith("word/") for name in names):
        raise Unusable(why=_(_NOT_WORD))
    # a size that lies is found out: nothing beyond it is unpacked
    if len(packed.infolist()) > _FILES or sum(each.file_size for each in parts) > _LARGEST:
        raise Unusable(why=_(_TOO_LONG))
    looked_at: dict[str, bytes] = {}
    tags = 0
    for each in parts:
        part = packed.read(each)
        tags += part.count(b"<")
        if tags > _TAGS:
            raise Unusable(why=_(_TOO_LONG))
        fromstring(part, forbid_dtd=True)
        looked_at[each.filename] = part
    return looked_at


def _converted(parts: Mapping[str, bytes]) -> str:
    """Its HTML. A document names its parts itself, by any name; it gets no others than these."""
    import mammoth  # late: 90 ms, and only for those who bring a document

    again = io.BytesIO()
    with zipfile.ZipFile(again, "w") as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    made = mammoth.convert_to_html(
        again,
        style_map=_STYLES,
        convert_image=mammoth.images.img_element(lambda _: {}),
        transform_document=_require_ordinary,
    )
    return str(made.value)


def _require_ordinary(document: Any) -> Any:
    """Unusable if little XML becomes a lot of HTML: a note that is referred to again and again,
    an address or a style of a megabyte that a thousand paragraphs share.
    """
    from mammoth.transforms import get_descendants

    inside = get_descendants(document)
    notes = [(it.note_type, it.note_id) for it in inside if hasattr(it, "note_id")]
    for type_and_id in set(notes):
        for top in document.notes.find_note(*type_and_id).body:
            inside += [top, *get_descendants(top)]
    words = sum(len(getattr(it, "value", "")) for it in inside)
    shared = sum(len(getattr(it, name, None) or "") for it in inside for name in _SHARED)
    if len(set(notes)) < len(notes) or words > 2 * _LONGEST or shared > _LARGEST:
        raise Unusable(why=_(_TOO_LONG))
    return document


def _divided(text: str) -> Found:
    """The first line is the title, a paragraph after it the teaser, the rest the text."""
    blocks = text.split("\n\n")
    title, teaser, notes = "", "", []
    if _is_title(blocks[0], len(blocks)):
        title = title_of(_plain(blocks.pop(0)))
    if blocks and _is_paragraph(blocks[0]) and len(_plain(blocks[0])) <= _TEASER:
        teaser = _plain(blocks.pop(0))
    if not title:
        notes.append(_("Einen Titel haben wir im Dokument nicht gefunden."))
    return Found(
        kind=Kind.NEWS,
        title=title,
        teaser=teaser,
        body="\n\n".join(blocks),
        notes=tuple(notes),
    )


def _is_title(block: str, blocks: int) -> bool:
    if block.startswith("#"):
        return True
    plain = _plain(block)
    return blocks > 1 and _is_paragraph(block) and len(plain) <= TITLE and plain[-1:] not in ".:"


def _is_paragraph(block: str) -> bool:
    return not block.startswith(("#", "- ", "* ", ">", "1."))


def _plain(block: str) -> str:
    """The words alone, without the addresses behind them."""
    return texts.line(texts.to_text(_LINK.sub(r"\1", block.lstrip("# "))))
