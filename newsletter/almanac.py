"""Which days are free: weekends, holidays, and days when nobody reads a newsletter (pure).

The holidays are those of the whole country and of the Länder that newsletter.toml names: one
that holds in any of them counts. Their dates and names are the package's ``holidays``.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from .language import N_, SOURCE, _, dated, spoken, weekday

DAY = timedelta(days=1)
_NAMES = {"en": "en_US"}  # what the package calls a language
_OURS = {(12, 24): N_("Heiligabend"), (12, 31): N_("Silvester")}
_MOSTLY_CATHOLIC = "BY"  # Mariä Himmelfahrt holds in five of six of its communes


@lru_cache(maxsize=256)
def _holidays(year: int, land: str | None, language: str) -> dict[date, str]:
    # Late: it takes 80 ms, and most commands ask for no holiday.
    from holidays.countries.germany import Germany

    kinds = ("public", "catholic") if land == _MOSTLY_CATHOLIC else ("public",)
    name = _NAMES.get(language, language)
    return dict(Germany(subdiv=land, years=year, language=name, categories=kinds))


@dataclass(frozen=True, slots=True)
class Almanac:
    """The clocks and free days of one house."""

    zone: ZoneInfo
    laender: tuple[str, ...] = ()  # ISO 3166-2 without "DE-"
    also: tuple[tuple[int, int], ...] = tuple(_OURS)  # month and day, each year

    def why_free(self, day: date) -> str:
        """„Karfreitag“, „Samstag“; empty on a working day. A holiday goes before a weekend."""
        for land in (None, *self.laender):
            if name := _holidays(day.year, land, spoken()).get(day):
                return name
        if (day.month, day.day) in self.also:
            return _(_OURS.get((day.month, day.day), N_("frei")))
        return weekday(day) if day.weekday() >= 5 else ""

    def works(self, day: date) -> bool:
        """Whether people work on this day."""
        if day.weekday() >= 5 or (day.month, day.day) in self.also:
            return False
        return not any(day in _holidays(day.year, land, SOURCE) for land in (None, *self.laender))

    def onward(self, day: date) -> date:
        """This day, or the next working day."""
        return self._to_working_day(day, DAY)

    def back(self, day: date) -> date:
        """This day, or the working day before it."""
        return self._to_working_day(day, -DAY)

    def working_days(self, day: date, count: int) -> date:
        """So many working days after a day, or before it if ``count`` is negative."""
        step = DAY if count > 0 else -DAY
        for _each in range(abs(count)):
            day = self._to_working_day(day + step, step)
        return day

    def _to_working_day(self, day: date, step: timedelta) -> date:
        while not self.works(day):
            day += step
        return day

    def moved(self, planned: date, day: date) -> str:
        """„verschoben vom 25.12.2026 (Erster Weihnachtstag)“; empty if nothing was moved."""
        if planned == day:
            return ""
        said = _("verschoben vom {day} ({why})")
        return said.format(day=dated(planned), why=self.why_free(planned))
