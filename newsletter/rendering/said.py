"""The facts of an item and of an issue as one says them: pure, in the language of the moment."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ..content import LAENDER, Corrected, EventState, Item, Origin, PictureUse, When
from ..language import N_, SOURCE, _, month, spoken, weekday

BERLIN = ZoneInfo("Europe/Berlin")

LABELS = {
    "gold": N_("Gold-Label"),
    "silver": N_("Silber-Label"),
    "bronze": N_("Bronze-Label"),
}


def day(moment: date, *, year: bool = True) -> str:
    """„Dienstag, 16. März 2027“; a moment is taken in Berlin's time."""
    moment = _in_berlin(moment)
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


@dataclass(frozen=True, slots=True)
class Leaf:
    """A date as the leaf of a calendar shows it: „März“, „16–18“, „Di–Do“."""

    month: str
    day: str
    weekday: str


def leaf(when: When) -> Leaf:
    """The leaf of a calendar for a date; of days in two months the first, and until when."""
    first, last = _in_berlin(when.starts), _in_berlin(when.ends or when.starts)
    begins = Leaf(_narrow(first), str(first.day), _short(first))
    if last <= first:
        return begins
    if (first.year, first.month) == (last.year, last.month):
        days = f"{first.day}–{last.day}"
        return replace(begins, day=days, weekday=f"{begins.weekday}–{_short(last)}")
    until = _("bis {day}. {month}").format(day=last.day, month=_narrow(last))
    return replace(begins, weekday=until)


def _narrow(day: date) -> str:
    """„März“, „Dez.“: a leaf holds seven letters on a line."""
    said = month(day.month)
    return said if len(said) < 8 else f"{said[:3]}."


def short_day(when: When) -> str:
    """„Di, 16. März“: the first day, where there is little room."""
    first = _in_berlin(when.starts)
    said = _("{weekday}, {day}. {month}")
    return said.format(weekday=_short(first), day=first.day, month=month(first.month))


def _short(day: date) -> str:
    """„Di“, “Tue”."""
    return weekday(day)[: 2 if spoken() == SOURCE else 3]


def _in_berlin(at: datetime | date) -> date:
    return at.astimezone(BERLIN).date() if isinstance(at, datetime) else at


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


def laender(who: Origin) -> str:
    """„Brandenburg, Berlin“; of a source nothing."""
    return ", ".join(LAENDER.get(land, land) for land in who.laender) if who.is_cluster else ""


def label(who: Origin) -> str:
    """„Silber-Label“; empty without one, and of a source."""
    return _(LABELS.get(who.label or "", "")) if who.is_cluster else ""


def origin(who: Origin) -> str:
    """„Lichtwerk Havelbogen e. V. · Brandenburg · Silber-Label“; a source is just its name."""
    return " · ".join(part for part in (who.name, laender(who), label(who)) if part)


def origins(item: Item) -> str:
    """Everybody an item is from, the first one first."""
    return " / ".join(origin(who) for who in (item.origin, *item.more_origins))


_SAYS_WHAT = (
    *("©", "(c)", "foto", "bild", "grafik", "quelle", "illustration"),
    *("photo", "picture", "image", "graphic", "source"),
)


def credit(picture: PictureUse) -> str:
    """„© Lichtwerk Havelbogen“, unless the credit already says what it is.

    The sign stays beside the name: no line ends between them.
    """
    given = (picture.credit or "").strip()
    said = given if not given or given.lower().startswith(_SAYS_WHAT) else f"© {given}"
    return said.replace("© ", "©\xa0")


def heading(item: Item) -> str:
    """What stands before the title of a date that does not take place as planned."""
    if item.event_state is EventState.CANCELLED:
        return _("Abgesagt: ")
    return _("Verschoben: ") if item.event_state is EventState.POSTPONED else ""


def caption(picture: PictureUse) -> str:
    """A picture in words, for the text part; empty if there is nothing to say."""
    seen = "" if picture.decorative else (picture.alt or "").strip()
    by = credit(picture)
    said = f"{seen} ({by})" if seen and by else seen or by
    return _("Bild: {caption}").format(caption=said) if said else ""
