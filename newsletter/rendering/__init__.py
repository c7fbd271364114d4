"""Issue content -> edition: Jinja, MJML, inlining, text part. Pure: no database, no network.

A newsletter's look is a folder below ``templates/`` with ``issue.mjml`` and ``issue.txt``;
both usually extend the ones in ``blocks/``. What stands in an item never reaches the
template language: it is data, escaped where it is shown. The same content always gives
the same bytes, since an approval is bound to them.

``markup`` makes HTML of MJML.
"""

import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from .. import texts
from ..content import (
    LAENDER,
    Corrected,
    Edition,
    EventState,
    IssueContent,
    Item,
    Origin,
    PictureUse,
    Slot,
    When,
)
from ..language import N_, _, month, speaking, weekday
from ..links import Links
from ..templating import rendered
from ..texts.characters import clean
from . import markup

BERLIN = ZoneInfo("Europe/Berlin")
COLUMNS = 72  # of the text part; the law of the house is 76, a bullet needs some
PICTURE_WIDTH = 552  # CSS pixels: 600 less the padding of both sides

LABELS = {
    "gold": N_("Gold-Label"),
    "silver": N_("Silber-Label"),
    "bronze": N_("Bronze-Label"),
}


def render(content: IssueContent, where: tuple[Path, ...]) -> Edition:
    """The edition of an issue, with slot markers for what differs per reader.

    ``where`` are the template folders, a home's own first (``templating.folders``).
    Whatever stands in an item, this does not raise; ``BrokenTemplate`` is about templates.
    """
    shown: IssueContent = _scrubbed(content)
    masthead = shown.masthead
    with speaking(content.language):
        source = _filled(f"{masthead.template}/issue.mjml", shown, where)
        text = _tidy(_filled(f"{masthead.template}/issue.txt", shown, where))
    return Edition(
        variant="full",
        subject=shown.subject,
        sender=f"{masthead.sender_name} <{masthead.sender_address}>",
        list_id=masthead.list_id,
        html=markup.to_html(source, f"{masthead.template}/issue.mjml", where),
        text=text,
        pictures=tuple(item.picture.sha256 for item in shown.items if item.picture),
    )


# -- from template to parts ---------------------------------------------------------------


def _filled(template: str, content: IssueContent, where: tuple[Path, ...]) -> str:
    facts: dict[str, Any] = {
        **_WORDS,
        "content": content,
        "masthead": content.masthead,
        "links": Links(content.masthead.home_url.rstrip("/")),
        "salutation": Slot.SALUTATION.marker,
        "unsubscribe": Slot.UNSUBSCRIBE.marker,
    }
    return rendered(where, template, facts)


def _tidy(text: str) -> str:
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{4,}", "\n\n\n", lines).strip("\n") + "\n"


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


# -- words for facts ----------------------------------------------------------------------


def day(moment: date, *, year: bool = True) -> str:
    """„Dienstag, 16. März 2027“; a moment is taken in Berlin's time."""
    if isinstance(moment, datetime):
        moment = moment.astimezone(BERLIN).date()
    said = _("{weekday}, {day}. {month} {year}") if year else _("{weekday}, {day}. {month}")
    return said.format(
        weekday=weekday(moment), day=moment.day, month=month(moment.month), year=moment.year
    )


def clock(moment: datetime) -> str:
    """„9:30“, Berlin's time."""
    local = moment.astimezone(BERLIN)
    return f"{local.hour}:{local.minute:02}"


def moment(at: datetime) -> str:
    """„Dienstag, 16. März 2027, 9:30 Uhr“."""
    return _("{day}, {clock} Uhr").format(day=day(at), clock=clock(at))


def span(when: When) -> str:
    """When a date takes place, as one would say it."""
    if isinstance(when.starts, datetime):
        ends = when.ends if isinstance(when.ends, datetime) else None
        return _timed(when.starts, ends)
    return _days(when.starts, when.ends or when.starts)


def _timed(starts: datetime, ends: datetime | None) -> str:
    if ends is None or ends <= starts:
        return moment(starts)
    if ends.astimezone(BERLIN).date() == starts.astimezone(BERLIN).date():
        said = _("{day}, {from_} bis {to} Uhr")
        return said.format(day=day(starts), from_=clock(starts), to=clock(ends))
    return _("{starts}, bis {ends}").format(starts=moment(starts), ends=moment(ends))


def _days(first: date, last: date) -> str:
    if last <= first:
        return _("{day} (ganztägig)").format(day=day(first))
    if (first.year, first.month) == (last.year, last.month):
        said = _("{weekday}, {day}. bis {last}")
        return said.format(weekday=weekday(first), day=first.day, last=day(last))
    begins = day(first, year=first.year != last.year)
    return _("{first} bis {last}").format(first=begins, last=day(last))


def deadline(at: datetime) -> str:
    """The end of a day is said as the day: „Montag, 1. März 2027“."""
    return day(at) if clock(at) == "23:59" else moment(at)


def issue_name(number: str) -> str:
    """„Ausgabe Dezember 2026“ for 2026-12, „Sonderausgabe Dezember 2026“ for 2026-12-s1,
    „Korrektur zu Ausgabe Dezember 2026“ for 2026-12-k1.
    """
    if correction := re.fullmatch(r"(.+)-k(\d+)", number):
        said = _("Korrektur zu {issue}")
        said = _("Weitere Korrektur zu {issue}") if correction[2] != "1" else said
        return said.format(issue=issue_name(correction[1]))
    match = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])(?:-s(\d+))?", number)
    if not match:
        return _("Ausgabe {number}").format(number=number)
    said = _("Ausgabe {month} {year}")
    if match[3]:
        several = match[3] != "1"
        said = _("Sonderausgabe {month} {year}")
        said = _("Sonderausgabe {month} {year} ({count})") if several else said
    return said.format(month=month(int(match[2])), year=match[1], count=match[3])


def corrected_issue(it: Corrected) -> str:
    """„Korrektur zu Ausgabe Dezember 2026 vom Dienstag, 15. Dezember 2026“."""
    said = _("Korrektur zu {issue}")
    if it.sent_at is not None:
        said = _("Korrektur zu {issue} vom {day}")
    return said.format(issue=issue_name(it.number), day=day(it.sent_at) if it.sent_at else "")


def place(item: Item) -> str:
    """Where a date takes place; empty if nobody said."""
    if item.location and item.online:
        return _("{location} und online").format(location=item.location)
    return item.location or (_("online") if item.online else "")


def origin(who: Origin) -> str:
    """„Lichtwerk Havelbogen e. V. · Brandenburg · Silber-Label“; a source is just its name."""
    if not who.is_cluster:
        return who.name
    laender = ", ".join(LAENDER.get(land, land) for land in who.laender)
    label = _(LABELS.get(who.label or "", ""))
    return " · ".join(part for part in (who.name, laender, label) if part)


def origins(item: Item) -> str:
    """Everybody an item is from, the first one first."""
    return " / ".join(origin(who) for who in (item.origin, *item.more_origins))


_SAYS_WHAT = (
    *("©", "(c)", "foto", "bild", "grafik", "quelle", "illustration"),
    *("photo", "picture", "image", "graphic", "source"),
)


def credit(picture: PictureUse) -> str:
    """„© Lichtwerk Havelbogen“, unless the credit already says what it is."""
    given = (picture.credit or "").strip()
    return given if not given or given.lower().startswith(_SAYS_WHAT) else f"© {given}"


def heading(item: Item) -> str:
    """What stands before the title of a date that does not take place as planned."""
    if item.event_state is EventState.CANCELLED:
        return _("Abgesagt: ")
    return _("Verschoben: ") if item.event_state is EventState.POSTPONED else ""


def boxes(item: Item) -> tuple[tuple[str, str], ...]:
    """The parts of a success story that were filled in, each with its heading."""
    named = (
        (_("Herausforderung"), item.challenge),
        (_("Lösung"), item.solution),
        (_("Ergebnis"), item.result),
        (_("Zitat"), item.quote),
    )
    return tuple((name, text.strip()) for name, text in named if text and text.strip())


def in_full(item: Item) -> bool:
    """Whether the issue prints an item's whole text: only where no link leads to it.

    So the newsletter of the programme has always looked: a teaser, then „Mehr: …“. A mail of
    twenty whole texts would be cut off by Gmail (PR-06) and read by nobody.
    """
    differs = item.body.strip() != item.teaser.strip()
    return differs and bool(item.body.strip()) and not (item.link and item.teaser.strip())


def caption(picture: PictureUse) -> str:
    """A picture in words, for the text part; empty if there is nothing to say."""
    seen = "" if picture.decorative else (picture.alt or "").strip()
    by = credit(picture)
    said = f"{seen} ({by})" if seen and by else seen or by
    return _("Bild: {caption}").format(caption=said) if said else ""


def sized(picture: PictureUse) -> tuple[int, int]:
    """Width and height in CSS pixels, as wide as the column at most."""
    width = min(picture.width, PICTURE_WIDTH)
    return width, max(1, round(picture.height * width / max(1, picture.width)))


# -- both parts ---------------------------------------------------------------------------


def _body(markdown: str) -> Markup:
    """Clean HTML of a text; its headings stand below the item's own h3."""
    return _from_level(4, markdown)


def _opening(markdown: str) -> Markup:
    """Clean HTML of the opening; its headings stand below the h1."""
    return _from_level(2, markdown)


def _from_level(top: int, markdown: str) -> Markup:
    """``texts`` gives h3 and h4; they become the level asked for and the next (HT-11)."""
    levels = {"3": str(top), "4": str(top + 1)}
    html = re.sub(r"(?<=<h)[34]|(?<=</h)[34]", lambda m: levels[m[0]], texts.to_html(markdown))
    return Markup(html)  # noqa: S704 - texts.to_html cleans


def _paragraphs(text: str) -> list[list[str]]:
    """Plain text as paragraphs of lines."""
    blocks = re.split(r"\n\s*\n", text.strip())
    return [[line.strip() for line in block.splitlines()] for block in blocks if block.strip()]


def _wrapped(text: str, first: str = "", later: str | None = None) -> str:
    """Plain text in lines of ``COLUMNS``; a word that is longer stays whole, above all a URL."""
    later = " " * len(first) if later is None else later
    return "\n".join(
        textwrap.fill(
            line,
            COLUMNS,
            initial_indent=first if number == 0 else later,
            subsequent_indent=later,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for number, line in enumerate(text.splitlines())
    )


def _underlined(text: str, stroke: str) -> str:
    """A heading of the text part."""
    lines = _wrapped(" ".join(text.split()))
    return f"{lines}\n{stroke * max((len(line) for line in lines.splitlines()), default=0)}"


def _tight(text: str) -> str:
    """A block of the text part: no more than one empty line in a row."""
    return re.sub(r"\n{3,}", "\n\n", text.strip("\n"))


_WORDS: Mapping[str, Callable[..., Any]] = {
    "body": _body,
    "boxes": boxes,
    "caption": caption,
    "corrected_issue": corrected_issue,
    "credit": credit,
    "deadline": deadline,
    "heading": heading,
    "in_full": in_full,
    "issue_name": issue_name,
    "opening": _opening,
    "origins": origins,
    "paragraphs": _paragraphs,
    "place": place,
    "plain": lambda markdown: texts.to_text(markdown, COLUMNS),
    "sized": sized,
    "span": span,
    "tight": _tight,
    "underlined": _underlined,
    "wrapped": _wrapped,
}
