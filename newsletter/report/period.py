"""A span that a report is about: a year, a quarter, a month (pure)."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from newsletter.errors import WrongUsage
from newsletter.language import _, month

_FORM = re.compile(
    r"(?P<year>2\d{3})(?:-(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Period:
    """From the first moment of a day until the first of another, as clocks show them."""

    code: str  # 2026, 2026-Q4, 2026-11
    first: date
    after: date  # the first day that is no longer in it

    @property
    def last(self) -> date:
        return self.after - timedelta(days=1)

    def begins(self, zone: ZoneInfo) -> datetime:
        return datetime.combine(self.first, datetime.min.time(), zone)

    def ends(self, zone: ZoneInfo) -> datetime:
        """The first moment that is no longer in it."""
        return datetime.combine(self.after, datetime.min.time(), zone)

    @property
    def name(self) -> str:
        """„4. Quartal 2026“, „November 2026“, „2026“."""
        year, __, part = self.code.partition("-")
        if part.startswith("Q"):
            return _("{n}. Quartal {year}").format(n=part[1], year=year)
        if part:
            return _("{month} {year}").format(month=month(int(part)), year=year)
        return year


def period(text: str) -> Period:
    """The period that is called so; WrongUsage for other forms."""
    found = _FORM.fullmatch(text.strip())
    if not found:
        why = _("„{text}“ ist kein Zeitraum. Die Form: 2026, 2026-Q4 oder 2026-11.")
        raise WrongUsage(why=why.format(text=text))
    year = int(found["year"])
    begins, months = 1, 12
    if found["quarter"]:
        begins, months = 3 * int(found["quarter"]) - 2, 3
    elif found["month"]:
        begins, months = int(found["month"]), 1
    years, end = divmod(begins - 1 + months, 12)
    return Period(text.strip().upper(), date(year, begins, 1), date(year + years, end + 1, 1))
