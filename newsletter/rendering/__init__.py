"""Issue content -> edition: Jinja, MJML, inlining, text part. Pure: no database, no network.

A newsletter's look is a folder below ``templates/`` with ``issue.mjml`` and ``issue.txt``;
both usually extend the ones in ``blocks/``. What stands in an item never reaches the
template language: it is data, escaped where it is shown. The same content always gives
the same bytes, since an approval is bound to them.

``said`` says facts in words, ``printed`` knows what of an item is printed, ``rich`` and
``plain`` are the words of the two parts' templates, ``markup`` makes HTML of MJML.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any

from ..content import Edition, IssueContent, Slot
from ..language import speaking
from ..links import Links
from ..templating import BrokenTemplate, broken_at, rendered
from ..texts.characters import clean
from . import markup, plain, printed, quotes, rich, said
from .printed import boxes, in_full
from .said import (
    caption,
    clock,
    corrected_issue,
    credit,
    day,
    deadline,
    heading,
    issue_name,
    moment,
    origin,
    origins,
    place,
    span,
)
from .typesetting import typographic

__all__ = [
    "boxes",
    "caption",
    "clock",
    "corrected_issue",
    "credit",
    "day",
    "deadline",
    "heading",
    "in_full",
    "issue_name",
    "mistakes",
    "mjml",
    "moment",
    "origin",
    "origins",
    "place",
    "render",
    "span",
]


def render(content: IssueContent, where: tuple[Path, ...]) -> Edition:
    """The edition of an issue, with slot markers for what differs per reader.

    ``where`` are the template folders, a home's own first (``templating.folders``).
    Whatever stands in an item, this does not raise; ``BrokenTemplate`` is about templates.
    """
    shown: IssueContent = _scrubbed(content)
    masthead = shown.masthead
    source = _filled(f"{masthead.template}/issue.mjml", shown, where)
    with speaking(content.language):
        worded = typographic(shown) if masthead.typography else shown
    text = plain.tidy(_filled(f"{masthead.template}/issue.txt", worded, where))
    return Edition(
        variant="full",
        subject=shown.subject,
        sender=f"{masthead.sender_name} <{masthead.sender_address}>",
        list_id=masthead.list_id,
        html=markup.to_html(
            source, f"{masthead.template}/issue.mjml", where, typeset=masthead.typography
        ),
        text=text,
        pictures=tuple(
            [item.picture.sha256 for item in shown.items if item.picture]
            + [logo.sha256 for logo in shown.logos]
        ),
    )


def mjml(content: IssueContent, where: tuple[Path, ...]) -> str:
    """What the template of the HTML part gives, before it becomes HTML. BrokenTemplate."""
    return _filled(f"{content.masthead.template}/issue.mjml", _scrubbed(content), where)


def mistakes(content: IssueContent, where: tuple[Path, ...]) -> list[BrokenTemplate]:
    """Everything in the templates that ``render`` would refuse, and not only the first."""
    template = f"{content.masthead.template}/issue.mjml"
    try:
        wrong = markup.mistakes(mjml(content, where))
        found = [broken_at(where, template, each.line, each.why) for each in wrong]
    except BrokenTemplate as broken:
        found = [broken]
    try:
        _filled(f"{content.masthead.template}/issue.txt", _scrubbed(content), where)
    except BrokenTemplate as broken:
        found.append(broken)
    return found


def _filled(template: str, content: IssueContent, where: tuple[Path, ...]) -> str:
    facts: dict[str, Any] = {
        **_WORDS,
        "plain": partial(plain.plain, typography=content.masthead.typography),
        "content": content,
        "masthead": content.masthead,
        "links": Links(content.masthead.home_url.rstrip("/")),
        "salutation": Slot.SALUTATION.marker,
        "unsubscribe": Slot.UNSUBSCRIBE.marker,
        "preferences": Slot.PREFERENCES.marker,
    }
    return rendered(where, template, facts, language=content.language)


def _scrubbed(value: Any) -> Any:
    """The same content without characters that are no text (TR-06, MF-15), all the way down.

    Above all no slot marker but ours: nobody gets another reader's way out printed by a title.
    """
    if isinstance(value, str) and not isinstance(value, Enum):
        return clean(value)
    if isinstance(value, tuple):
        return tuple(_scrubbed(each) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: _scrubbed(getattr(value, f.name)) for f in fields(value)})
    return value


# What templates may call: facts in words, what is printed, and each part's own.
_WORDS: Mapping[str, Callable[..., Any]] = {
    "all_dates": printed.all_dates,
    "body": rich.body,
    "boxes": printed.boxes,
    "caption": said.caption,
    "columns": plain.columns,
    "corrected_issue": said.corrected_issue,
    "credit": said.credit,
    "dates": printed.dates,
    "deadline": said.deadline,
    "glance": printed.glance,
    "heading": said.heading,
    "in_full": printed.in_full,
    "issue_name": said.issue_name,
    "label": said.label,
    "laender": said.laender,
    "last_with_dates": printed.last_with_dates,
    "leaf": said.leaf,
    "only_dates": printed.only_dates,
    "opening": rich.opening,
    "origins": said.origins,
    "paragraphs": rich.paragraphs,
    "place": said.place,
    "quoted": quotes.quoted,
    "short_day": said.short_day,
    "sized": rich.sized,
    "span": said.span,
    "steps": printed.steps,
    "tight": plain.tight,
    "underlined": plain.underlined,
    "wrapped": plain.wrapped,
}
