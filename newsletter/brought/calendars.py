"""Dates from iCalendar, as calendars of all kinds write it (RFC 5545; DOMAIN §5.2)."""

import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from dateutil.rrule import rrulestr

from newsletter import texts
from newsletter.content import EventState, Kind
from newsletter.language import _
from newsletter.rhythm import YEARS

from .found import (
    Found,
    Setting,
    Unusable,
    day_of,
    link_of,
    ordered,
    parted,
    place_of,
    placed,
    title_of,
    whole_days,
)

# The library itself is imported where a calendar is read: every command imports this module.
if TYPE_CHECKING:
    from icalendar import vRecur

MOST = 2_000  # dates in one calendar
LINES = 40_000  # of one calendar, without those that are passed over; each costs up to 30 µs
_COSTLY = 100  # descriptions in HTML and series that are counted out, of one calendar
_LONGEST = 20_000  # characters of a description
FURTHER = 12  # days of a series, as many as the form takes
_DAY = timedelta(days=1)
_OLDEST_SERIES = 20 * 366 * _DAY
_FARTHEST = 731 * _DAY
_STATES = {"CANCELLED": EventState.CANCELLED}
# A rule of these parts has a day every few years; others may be searched for for ever.
_RULES = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"}
_DAY_NAMES = "(?:MO|TU|WE|TH|FR|SA|SU)"
_DAYS = {  # BYDAY by FREQ
    "DAILY": re.compile(_DAY_NAMES),
    "WEEKLY": re.compile(_DAY_NAMES),
    "MONTHLY": re.compile(f"(?:[+-]?[1-5])?{_DAY_NAMES}"),
    "YEARLY": re.compile(_DAY_NAMES),
}
_WIDEST = 1_000  # steps of a series
_FOLD = re.compile(rb"\n+[ \t]")
_ZONE, _ZONES = b"\nBEGIN:VTIMEZONE\n", 20  # that one calendar defines
_LINE = re.IGNORECASE | re.MULTILINE
_TZID = re.compile(rb"^TZID:(.{1,200})$", _LINE)
_OFFSET = re.compile(rb"^TZOFFSETTO:([+-]\d{4})$", _LINE)
_ALIKE = {  # zones by what their clocks are ahead in winter and summer
    frozenset((b"+0100", b"+0200")): b"Europe/Berlin",
    frozenset((b"+0000", b"+0100")): b"Europe/London",
    frozenset((b"+0200", b"+0300")): b"Europe/Helsinki",
    frozenset((b"-0500", b"-0400")): b"America/New_York",
}
# What nothing is taken from. Parsed, it costs more than all the rest: whoever invites a hundred
# people, or writes a megabyte of categories, keeps nobody waiting.
_PASSED_OVER = re.compile(
    rb"^(?:(?:ATTACH|ATTENDEE|CATEGORIES|CLASS|COMMENT|CONTACT|CREATED|DTSTAMP|FREEBUSY|GEO"
    rb"|LAST-MODIFIED|ORGANIZER|PRIORITY|RDATE|RELATED-TO|RESOURCES|SEQUENCE|TRANSP|X-[\w-]+)[;:]"
    rb"|.{100000}).*\n",
    _LINE,
)
_HTML = re.compile(r"<(?:p|br|div|a|b|ul|li|span)\b[^>]*>", re.IGNORECASE)


def of_calendar(raw: bytes, setting: Setting) -> list[Found]:
    """All dates of a calendar, in its order; Unusable if it is none, or holds none."""
    events = _events(raw)
    if len(events) > MOST:
        why = _("Der Kalender enthält mehr als {most} Termine. Bitte einen einzelnen exportieren.")
        raise Unusable(why=why.format(most=MOST))
    turns = iter(range(_COSTLY))
    found = [date_ for event in events if (date_ := _found(event, setting, turns))]
    if not found:
        raise Unusable(
            why=_("In dieser Kalenderdatei steht kein Termin, dessen Beginn wir lesen können.")
        )
    return found


def _events(raw: bytes) -> list[Any]:
    from icalendar import Calendar

    lines = _PASSED_OVER.sub(b"", _without_zones(raw))
    if lines.count(b"\n") > LINES:
        why = _("Der Kalender ist sehr umfangreich. Bitte einen kürzeren Zeitraum exportieren.")
        raise Unusable(why=why)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # guesses about zones are what we want
            calendars = Calendar.from_ical(lines, multiple=True)
            return [event for each in calendars for event in each.walk("VEVENT")]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as exc:
        why = _(
            "Diese Kalenderdatei ist beschädigt. Bitte aus dem Kalender noch einmal exportieren und"
            " wieder mitbringen."
        )
        raise Unusable(why=why) from exc


def _without_zones(raw: bytes) -> bytes:
    """The calendar without its definitions of zones. The library would keep them for all later
    calendars of this process, whoever brings those, and count out any rule that stands in them.

    One under a name of a calendar's own that runs like a zone we know is called by that.
    """
    from icalendar.timezone import tzp

    whole = _FOLD.sub(b"", raw.replace(b"\r", b""))
    for begun in whole.split(_ZONE, _ZONES)[1:]:
        zone = begun.partition(b"\nEND:VTIMEZONE")[0]
        named, like = _TZID.search(zone), _ALIKE.get(frozenset(_OFFSET.findall(zone)))
        if named and like and tzp.timezone(named[1].decode("utf-8", "replace").strip()) is None:
            for written in (named[1], b'"' + named[1] + b'"'):
                whole = whole.replace(b"TZID=" + written + b":", b"TZID=" + like + b":")
    return re.sub(b"VTIMEZONE", b"X-ZONE", whole, flags=re.IGNORECASE)


def _found(event: Any, setting: Setting, turns: Iterator[int]) -> Found | None:
    notes: list[str] = []
    starts = _moment(event, "dtstart", setting, notes)
    if starts is None:
        return None
    starts, ends = whole_days(starts, _end(event, starts, setting, notes))
    place, online = place_of(_text(event, "location"))
    teaser, body = parted(_described(event, turns))
    date_ = Found(
        kind=Kind.DATE,
        title=title_of(_text(event, "summary")),
        teaser=teaser,
        body=texts.markdown(body),
        link=link_of(_text(event, "url")),
        starts=starts,
        ends=ordered(starts, ends, notes.append),
        location=place,
        online=online,
        state=_STATES.get(_text(event, "status").strip().upper(), EventState.ON),
        uid=texts.line(_text(event, "uid"))[:300],
    )
    series = _series(event, date_, setting, notes, turns)
    return replace(series, notes=tuple(dict.fromkeys(notes)))


def _text(event: Any, name: str) -> str:
    """What stands there; of several, the first that says something."""
    given = event.get(name)
    all_: Iterable[Any] = given if isinstance(given, list) else (given,)
    return next((str(each) for each in all_ if each is not None and str(each).strip()), "")


def _described(event: Any, turns: Iterator[int]) -> str:
    text = _text(event, "description")[:_LONGEST]
    # as some calendars on the web write it
    if _HTML.search(text) and next(turns, None) is not None:
        return texts.to_text(texts.from_html(text))
    return text


def _value(event: Any, name: str) -> Any:
    given = event.get(name)
    first = given[0] if isinstance(given, list) and given else given
    try:
        return first.dt if first is not None else None
    except (ValueError, AttributeError):  # a value that is none
        return None


def _moment(event: Any, name: str, setting: Setting, notes: list[str]) -> datetime | date | None:
    when = _value(event, name)
    if isinstance(when, date) and when.year not in YEARS:
        return None
    if not isinstance(when, datetime):
        return when if isinstance(when, date) else None
    if when.tzinfo is None:
        notes.append(_unplaced(event, name))
    return placed(when, setting, notes.append)


def _unplaced(event: Any, name: str) -> str:
    zone = str(getattr(event.get(name), "params", {}).get("TZID", ""))[:60]
    if zone:
        said = _("Die Zeitzone „{zone}“ kennen wir nicht; wir haben die deutsche Zeit angenommen.")
        return said.format(zone=texts.line(zone))
    return _("Zur Uhrzeit stand keine Zeitzone; wir haben die deutsche Zeit angenommen.")


def _end(
    event: Any, starts: datetime | date, setting: Setting, notes: list[str]
) -> datetime | date | None:
    """The end as people say it: DTEND of whole days names the day after the last."""
    ends = _moment(event, "dtend", setting, [])
    lasts = _value(event, "duration")
    if ends is None and isinstance(lasts, timedelta):
        ends = starts + min(lasts, _FARTHEST)
    if isinstance(ends, datetime) is isinstance(starts, datetime) or ends is None:
        # the same day as DTEND is what some calendars write for one whole day
        return ends if isinstance(ends, datetime) or ends in {None, starts} else ends - _DAY
    notes.append(_("Beginn und Ende passen nicht zusammen. Bitte prüfen Sie die Zeiten."))
    return None


# -- series -----------------------------------------------------------------------------------


def _series(
    event: Any, date_: Found, setting: Setting, notes: list[str], turns: Iterator[int]
) -> Found:
    """The next day of a date that repeats itself, and the days after it."""
    rule = event.get("rrule")
    if rule is None or date_.starts is None:
        return date_
    days = _days(event, date_, setting) if next(turns, None) is not None else []
    if not days:
        notes.append(
            _("Der Termin wiederholt sich. Bitte tragen Sie die weiteren Tage selbst ein.")
        )
        return date_
    notes.append(
        _("Der Termin wiederholt sich; unter „Weitere Tage“ stehen die nächsten. Bitte prüfen.")
    )
    first = day_of(date_.starts, setting.zone)
    late = days[0] - first if first else timedelta()
    return replace(
        date_,
        starts=_later(date_.starts, late),
        ends=_later(date_.ends, late) if date_.ends else None,
        more_days=tuple(days[1 : FURTHER + 1]),
    )


def _later(when: datetime | date, by: timedelta) -> datetime | date:
    return when + by  # a moment with a zone keeps the time on people's clocks


def _days(event: Any, date_: Found, setting: Setting) -> list[date]:
    from icalendar import vRecur

    rule = event.get("rrule")
    first = day_of(date_.starts, setting.zone)
    if not isinstance(rule, vRecur) or first is None or setting.today - first > _OLDEST_SERIES:
        return []
    endless: Any = vRecur({name: value for name, value in rule.items() if name != "UNTIL"})
    if not _is_counted_out(rule):
        return []
    until, pauses = _until(rule), _pauses(event, setting)
    written = endless.to_ical().decode("ascii", "replace")
    try:
        midnight = datetime(first.year, first.month, first.day)  # noqa: DTZ001  (days are counted)
        days: list[date] = []
        for each in rrulestr(written, dtstart=midnight):
            day = each.date()
            if day > min(until, setting.today + _FARTHEST) or len(days) > FURTHER:
                break
            if day >= setting.today and day not in pauses:
                days.append(day)
    except (ValueError, TypeError, OverflowError):
        return []
    return days


def _pauses(event: Any, setting: Setting) -> set[date]:
    """The days that a series leaves out (EXDATE)."""
    given = event.get("exdate")
    several = given if isinstance(given, list) else [given]
    unheard: list[str] = []
    try:
        said = [one.dt for each in several if each is not None for one in each.dts]
        whens = [
            placed(it, setting, unheard.append) if isinstance(it, datetime) else it for it in said
        ]
        return {day for it in whens if (day := day_of(it, setting.zone))}
    except (ValueError, AttributeError, OverflowError):  # a value that is none
        return set()


def _is_counted_out(rule: "vRecur") -> bool:
    """Whether it comes to a next day soon; dateutil looks for one until the year 9999, and where
    nothing ever moves on, for ever.
    """
    said = {name.upper(): [str(each).upper() for each in rule[name]] for name in rule}
    step = " ".join(said.get("FREQ", ()))
    if step not in _DAYS or not said.keys() <= _RULES:
        return False
    width = int(said.get("INTERVAL", ["1"])[0])
    days = said.get("BYDAY", [])
    if not 1 <= width <= _WIDEST or (days and step == "DAILY" and width % 7 == 0):
        return False
    return all(_DAYS[step].fullmatch(each) for each in days)


def _until(rule: Any) -> date:
    given = rule.get("UNTIL") or [date.max]
    until = given[0] if isinstance(given, list) else given
    if isinstance(until, datetime):
        return until.date()
    return until if isinstance(until, date) else date.max
