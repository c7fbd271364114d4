"""When issues, cut-offs and deadlines fall (pure).

A month's issue leaves on the day of the rhythm, or on the next working day; its cut-off falls
so many calendar days earlier, or on the working day before. Times are those of people's
clocks: 10:00 stays 10:00 when the clocks change.
"""

import re
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import count
from zoneinfo import ZoneInfo

from dateutil.easter import easter

from .language import _, dated, month, speaking, spoken, weekday
from .settings import CutOff, Digest, Rhythm

_DAY = timedelta(days=1)
_NUMBER = re.compile(r"(?P<year>2\d{3})-(?P<month>0[1-9]|1[0-2])(?:-s(?P<special>[1-9]\d?))?")


@lru_cache(maxsize=32)
def holidays(year: int) -> frozenset[date]:
    """The holidays of all Länder, and 24 and 31 December, when nobody reads a newsletter."""
    fixed = {(1, 1), (5, 1), (10, 3), (12, 24), (12, 25), (12, 26), (12, 31)}
    # Good Friday, Easter Monday, Ascension Day, Whit Monday
    moving = {easter(year) + days * _DAY for days in (-2, 1, 39, 50)}
    return frozenset(moving | {date(year, month, day) for month, day in fixed})


def working_day(day: date) -> bool:
    """Monday to Friday, unless it is a holiday in the whole country."""
    return day.weekday() < 5 and day not in holidays(day.year)


def _to_working_day(day: date, step: timedelta) -> date:
    while not working_day(day):
        day += step
    return day


def sending_time(rhythm: Rhythm, year: int, month: int, zone: ZoneInfo) -> datetime:
    """When the issue of a month leaves; aware, in ``zone``."""
    day = _to_working_day(date(year, month, rhythm.day), _DAY)
    return datetime.combine(day, rhythm.time, zone)


def cut_off(send_at: datetime, cutoff: CutOff, zone: ZoneInfo) -> datetime:
    """Until when items for an issue that leaves at ``send_at`` are taken; aware, in ``zone``."""
    day = send_at.astimezone(zone).date() - cutoff.days * _DAY
    return datetime.combine(_to_working_day(day, -_DAY), cutoff.time, zone)


def digest_time(first: datetime, last: datetime | None, digest: Digest, zone: ZoneInfo) -> datetime:
    """When editors hear of items of which the first came at ``first``; aware, in ``zone``.

    ``last`` is when they heard of items before. Never at night, nor on a free day: then it
    is the next working morning.
    """
    moment = first + timedelta(minutes=digest.wait_minutes)
    if last is not None:
        moment = max(moment, last + timedelta(minutes=digest.pause_minutes))
    local = moment.astimezone(zone)
    if working_day(local.date()) and digest.begins <= local.time() < digest.ends:
        return local
    day = local.date() if local.time() < digest.begins else local.date() + _DAY
    return datetime.combine(_to_working_day(day, _DAY), digest.begins, zone)


def next_number(taken: Collection[str], rhythm: Rhythm, now: datetime, zone: ZoneInfo) -> str:
    """The next month's number ("2026-12") that is not taken and whose time is still ahead."""
    today = now.astimezone(zone).date()
    for months in count():
        year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
        number = f"{year}-{month + 1:02}"
        if month + 1 not in rhythm.months or number in taken:
            continue
        if sending_time(rhythm, year, month + 1, zone) > now:
            return number
    raise AssertionError("months never end")


def is_number(text: str) -> bool:
    """Whether this is the number of an issue: 2026-12, or 2026-12-s1 for a special one."""
    return _NUMBER.fullmatch(text) is not None


def is_regular(number: str) -> bool:
    """Whether this is the number of a month's issue, and not of a special one."""
    found = _NUMBER.fullmatch(number)
    return found is not None and not found["special"]


def planned_time(number: str, rhythm: Rhythm, zone: ZoneInfo) -> datetime | None:
    """When the issue with this number leaves by the rhythm; None for a special issue."""
    found = _NUMBER.fullmatch(number)
    if not found or found["special"]:
        return None
    return sending_time(rhythm, int(found["year"]), int(found["month"]), zone)


def month_name(number: str, language: str | None = None) -> str:
    """„Dezember“ for 2026-12, by default in the language spoken now. ValueError if it is none."""
    found = _NUMBER.fullmatch(number)
    if not found:
        why = _("„{number}“ ist keine Nummer einer Ausgabe (Form: 2026-12)")
        raise ValueError(why.format(number=number))
    with speaking(language or spoken()):
        return month(int(found["month"]))


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
    there_and_back = moment.astimezone(ZoneInfo("UTC")).astimezone(zone)
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
