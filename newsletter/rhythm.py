"""When issues, cut-offs and deadlines fall (pure).

A month's issue leaves on the day of the rhythm, or on the next working day; its cut-off falls
so many calendar days earlier, or on the working day before. Times are those of people's
clocks: 10:00 stays 10:00 when the clocks change.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from .almanac import DAY, Almanac
from .language import _, dated, month, speaking, spoken, weekday
from .settings import CutOff, Digest, NewsletterSettings, Rhythm

DRAFTED_AT = time(8, 0)  # in the morning of a working day
_NUMBER = re.compile(r"(?P<year>2\d{3})-(?P<month>0[1-9]|1[0-2])(?:-s(?P<special>[1-9]\d?))?")


@dataclass(frozen=True, slots=True)
class Dates:
    """When one issue of the rhythm is begun, closes and leaves; aware."""

    number: str
    drafted: datetime | None  # when its draft is made by itself; None: never
    closes: datetime  # Redaktionsschluss
    leaves: datetime
    closes_moved: str = ""  # „verschoben vom 5.12.2026 (Samstag)“, in the language spoken
    leaves_moved: str = ""


def sending_time(rhythm: Rhythm, year: int, month: int, almanac: Almanac) -> datetime:
    """When the issue of a month leaves; aware, in the almanac's zone."""
    return _at(almanac.onward(date(year, month, rhythm.day)), rhythm.time, almanac.zone)


def cut_off(send_at: datetime, cutoff: CutOff, almanac: Almanac) -> datetime:
    """Until when items for an issue that leaves at ``send_at`` are taken; aware, in the zone."""
    return _at(almanac.back(_cut_off_day(send_at, cutoff, almanac)), cutoff.time, almanac.zone)


def _cut_off_day(send_at: datetime, cutoff: CutOff, almanac: Almanac) -> date:
    return send_at.astimezone(almanac.zone).date() - cutoff.days * DAY


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The moment when clocks show this; where spring skips it, as much later as it skips."""
    return datetime.combine(day, clock, zone).astimezone(UTC).astimezone(zone)


def digest_time(
    first: datetime, last: datetime | None, digest: Digest, almanac: Almanac
) -> datetime:
    """When editors hear of items of which the first came at ``first``; aware, in the zone.

    ``last`` is when they heard of items before. Never at night, nor on a free day: then it
    is the next working morning.
    """
    moment = first + timedelta(minutes=digest.wait_minutes)
    if last is not None:
        moment = max(moment, last + timedelta(minutes=digest.pause_minutes))
    local = moment.astimezone(almanac.zone)
    if almanac.works(local.date()) and digest.begins <= local.time() < digest.ends:
        return local
    day = local.date() if local.time() < digest.begins else local.date() + DAY
    return _at(almanac.onward(day), digest.begins, almanac.zone)


def next_number(taken: Collection[str], rhythm: Rhythm, now: datetime, almanac: Almanac) -> str:
    """The next month's number ("2026-12") that is not taken and whose time is still ahead."""
    return next(number for number in numbers_ahead(rhythm, now, almanac) if number not in taken)


def numbers_ahead(rhythm: Rhythm, now: datetime, almanac: Almanac) -> Iterator[str]:
    """The numbers of the rhythm whose time is still ahead, the next first; without end."""
    today = now.astimezone(almanac.zone).date()
    for months in count(-1):  # last month's issue may leave on the first days of this one
        year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
        if month + 1 not in rhythm.months:
            continue
        if sending_time(rhythm, year, month + 1, almanac) > now:
            yield f"{year}-{month + 1:02}"


def numbers_of(year: int, rhythm: Rhythm) -> list[str]:
    """The numbers of a year by the rhythm."""
    return [f"{year}-{month:02}" for month in sorted(set(rhythm.months))]


def dates(
    number: str, it: NewsletterSettings, almanac: Almanac, send_at: datetime | None = None
) -> Dates | None:
    """What an issue's number says by the rhythm; ``send_at``: when it leaves, if that was decided.

    None for a special issue without a time.
    """
    planned = planned_time(number, it.rhythm, almanac)
    leaves = send_at or planned
    if leaves is None:
        return None
    closes = cut_off(leaves, it.cutoff, almanac)
    moved = almanac.moved(_cut_off_day(leaves, it.cutoff, almanac), closes.date())
    if planned is None:
        return Dates(number, None, closes, leaves, moved)
    day = date(int(number[:4]), int(number[5:7]), it.rhythm.day)
    leaves_moved = almanac.moved(day, planned.date()) if leaves == planned else ""
    return Dates(number, _drafted(planned, it.rhythm, almanac), closes, leaves, moved, leaves_moved)


def _drafted(planned: datetime, rhythm: Rhythm, almanac: Almanac) -> datetime | None:
    if not rhythm.draft_days:
        return None
    day = almanac.back(planned.date() - rhythm.draft_days * DAY)
    return _at(day, DRAFTED_AT, almanac.zone)


def is_number(text: str) -> bool:
    """Whether this is the number of an issue: 2026-12, or 2026-12-s1 for a special one."""
    return _NUMBER.fullmatch(text) is not None


def is_regular(number: str) -> bool:
    """Whether this is the number of a month's issue, and not of a special one."""
    found = _NUMBER.fullmatch(number)
    return found is not None and not found["special"]


def planned_time(number: str, rhythm: Rhythm, almanac: Almanac) -> datetime | None:
    """When the issue with this number leaves by the rhythm; None for a special issue."""
    found = _NUMBER.fullmatch(number)
    if not found or found["special"]:
        return None
    return sending_time(rhythm, int(found["year"]), int(found["month"]), almanac)


def month_name(number: str, language: str | None = None) -> str:
    """„Dezember“ for 2026-12, by default in the language spoken now. ValueError if it is none."""
    found = _NUMBER.fullmatch(number)
    if not found:
        why = _("„{number}“ ist keine Nummer einer Ausgabe (Form: 2026-12)")
        raise ValueError(why.format(number=number))
    with speaking(language or spoken()):
        return month(int(found["month"]))


def month_of(number: str) -> int:
    """12 for 2026-12."""
    return int(number[5:7])


def year_of(number: str) -> str:
    """„2026“ for 2026-12."""
    return number[:4]


# What lies beyond is a slip of whoever wrote it, and no moment in every zone.
YEARS = range(1900, 2201)


def on_the_clock(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The moment when people's clocks show this; the first one in autumn's doubled hour.

    ValueError in spring's missing hour.
    """
    moment = datetime.combine(day, clock, zone)
    there_and_back = moment.astimezone(UTC).astimezone(zone)
    if there_and_back.replace(tzinfo=None) != moment.replace(tzinfo=None):
        why = _("Am {day} gibt es {clock} Uhr nicht, weil die Uhren vorgestellt werden.")
        raise ValueError(why.format(day=dated(day), clock=f"{clock:%H:%M}"))
    return moment


def twice_on_the_clock(moment: datetime, zone: ZoneInfo) -> bool:
    """Whether clocks show this time of day twice, in the night when they are put back."""
    local = moment.astimezone(zone)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def in_words(moment: datetime, zone: ZoneInfo) -> str:
    """„Dienstag, 15.12.2026, 10:00 Uhr“: the weekday is always printed.

    Where clocks show the time twice, it says which is meant.
    """
    local = moment.astimezone(zone)
    said = _("{weekday}, {date}, {clock} Uhr")
    if twice_on_the_clock(moment, zone):
        said = _("{weekday}, {date}, {clock} Uhr (Winterzeit)")
        if local.dst():
            said = _("{weekday}, {date}, {clock} Uhr (Sommerzeit)")
    return said.format(weekday=weekday(local), date=dated(local), clock=f"{local:%H:%M}")
