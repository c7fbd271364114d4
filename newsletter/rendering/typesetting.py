"""The texts of an issue with their typography, for the text part (pure).

The HTML part gets it at its very end, between its tags (``markup``); here no break may stand
where none belongs when the lines are wrapped. What was stored stays as it was typed.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from ..content import IssueContent, Item, Masthead, Origin, PictureUse, Section
from ..texts.typography import typeset

_T = TypeVar("_T")
# What people wrote in plain text, by what holds it; Markdown is set when it is laid out.
_TEXTS: dict[type, tuple[str, ...]] = {
    Item: ("title", "teaser", "location", "challenge", "solution", "result", "quote"),
    PictureUse: ("alt", "credit"),
    Origin: ("name",),
    Section: ("title",),
    Masthead: ("name", "description"),
    IssueContent: ("preheader",),
}


def typographic(content: IssueContent) -> IssueContent:
    """The same issue; each text follows the rules of its own language."""
    own = partial(typeset, language=content.language)
    sections = tuple(
        replace(_set(section, own), items=tuple(_item(item, own) for item in section.items))
        for section in content.sections
    )
    corrects = content.corrects and replace(content.corrects, note=own(content.corrects.note))
    return replace(
        _set(content, own),
        sections=sections,
        corrects=corrects,
        masthead=_set(content.masthead, own),
    )


def _item(item: Item, own: Callable[[str], str]) -> Item:
    theirs = partial(typeset, language=item.language)
    return replace(
        _set(item, theirs),
        picture=item.picture and _set(item.picture, theirs),
        origin=_set(item.origin, own),
        more_origins=tuple(_set(each, own) for each in item.more_origins),
    )


def _set(holder: _T, printed: Callable[[str], str]) -> _T:
    found = ((name, getattr(holder, name)) for name in _TEXTS[type(holder)])
    changes: dict[str, Any] = {name: printed(text) for name, text in found if text}
    return replace(holder, **changes)  # type: ignore[type-var]
