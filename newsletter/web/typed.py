"""What a person typed into the form, as Submission JSON (pure).

The form asks for a day and a time where JSON has one moment, and people write days as
16.3.2027 and times as 9.30 Uhr.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from zoneinfo import ZoneInfo

from newsletter.errors import Problem
from newsletter.language import LANGUAGES, _, month, n_, speaking
from newsletter.rhythm import YEARS, on_the_clock

# Where the form shows a problem that the Submission JSON has under another name.
SHOWN_AT = {
    "starts_at": "starts_on",
    "ends_at": "ends_on",
    "register_by": "register_on",
    "embargo_until": "embargo_on",
}
# As they stand in the form, so that the list of problems runs from top to bottom.
IN_ORDER = (
    *("kind", "title", "teaser", "body", "link"),
    *("starts_on", "starts_time", "ends_on", "ends_time", "location", "online"),
    *("register_on", "register_time", "more_days", "time_zone"),
    *("challenge", "solution", "result", "quote", "approved_by"),
    *("image", "image_alt", "image_credit", "persons_shown", "targets", "urgent_because"),
    *("wish_issue", "current_until", "embargo_on", "embargo_time", "language"),
    *("contact_name", "contact_email", "rights_confirmed"),
)
_THERE_ALREADY = {"kind", "language", "contact_name", "contact_email", "time_zone"}
_AS_TYPED = (
    *("kind", "title", "teaser", "body", "link", "language", "contact_name", "contact_email"),
    *("image_credit", "location", "challenge", "solution", "result", "quote", "approved_by"),
    *("persons_shown", "wish_issue", "urgent_because"),
)
# Where times may be meant, besides the home's own zone: of events abroad, and online.
ZONES = (
    "Europe/Berlin",
    "Europe/London",
    "Europe/Helsinki",
    "Europe/Istanbul",
    "America/New_York",
    "Asia/Tokyo",
    "UTC",
)
MORE_DAYS = 12
_ONE_OF_THEM = re.compile(r"[^\r\n;]+")  # of further days
_MOST_LINES = 100  # that are read: one day may stand there twice, a whole calendar need not
DAYS = ("starts_on", "ends_on", "register_on", "embargo_on", "current_until")


@dataclass(slots=True)
class Typed:
    """The fields as they came, to be shown again, and what we read in them."""

    values: Mapping[str, str]
    targets: list[str]
    problems: list[Problem] = field(default_factory=list)

    @property
    def begun(self) -> bool:
        """Whether somebody has written anything; some fields are filled from the beginning."""
        own = (name for name in IN_ORDER if name not in _THERE_ALREADY)
        return bool(self.targets) or any(self._filled(name) for name in own)

    def facts(self, zone: ZoneInfo, image: str | None) -> dict[str, object]:
        """The Submission JSON; days and times that cannot be read become problems."""
        facts: dict[str, object] = {
            name: self.values[name] for name in _AS_TYPED if self._filled(name)
        }
        facts["targets"] = self.targets
        facts["rights_confirmed"] = "rights_confirmed" in self.values
        if facts.get("kind") == "date":
            facts["online"] = "online" in self.values
            there = self.zone(zone)
            facts["starts_at"], facts["ends_at"] = self._span(there)
            facts["register_by"] = self._moment("register", there)
        facts["current_until"] = day.isoformat() if (day := self._day("current_until")) else None
        facts["embargo_until"] = self._moment("embargo", zone)
        if image:
            facts["image"] = image
            facts["image_alt"] = (
                _("schmückend") if "image_decorative" in self.values else self._filled("image_alt")
            )
        return {name: value for name, value in facts.items() if value not in (None, "")}

    def zone(self, home: ZoneInfo) -> ZoneInfo:
        """Where the times of a date are meant."""
        named = self._filled("time_zone")
        return ZoneInfo(named) if named in ZONES else home

    def more_days(self) -> list[date]:
        """Further days of the same date, one per line; what cannot be read becomes a problem."""
        lines = _ONE_OF_THEM.findall(self._filled("more_days"))
        given = [text for line in lines if (text := line.strip())]
        if len(given) > _MOST_LINES:
            return self._too_many(len(given))
        read = {text: _read_or_none(text) for text in given}
        if wrong := [text[:40] for text, day in read.items() if day is None]:
            said = n_(
                "{days} ist kein Tag. Form: 16.03.2027, je Zeile einer.",
                "{days} sind keine Tage. Form: 16.03.2027, je Zeile einer.",
                len(wrong),
            )
            quoted = ", ".join(_("„{text}“").format(text=text) for text in wrong)
            self._blame("more_days", said.format(days=quoted))
            return []
        days = sorted({day for day in read.values() if day} - {self._day_or_none("starts_on")})
        return days if len(days) <= MORE_DAYS else self._too_many(len(days))

    def _too_many(self, days: int) -> list[date]:
        said = _("Das sind {n} weitere Tage; auf einmal gehen {most}.")
        self._blame("more_days", said.format(n=days, most=MORE_DAYS))
        return []

    def on(self, day: date) -> "Typed":
        """The same date on another day, at the same times."""
        first, last = self._day_or_none("starts_on"), self._day_or_none("ends_on")
        values = {**self.values, "starts_on": day.isoformat(), "more_days": ""}
        if first and last:
            values["ends_on"] = (day + (last - first)).isoformat()
        return Typed(values, self.targets)

    def days(self) -> dict[str, date]:
        """The days that can be read, by the field they stand in."""
        read = {name: self._day_or_none(name) for name in DAYS}
        return {name: day for name, day in read.items() if day}

    def with_years(self, today: date) -> "Typed":
        """With the year where none was typed: of the next such day; an end's and a further day's
        counts from the beginning.
        """
        values = dict(self.values)
        for name in ("starts_on", "register_on", "embargo_on", "current_until"):
            values[name] = with_year(values.get(name, ""), today)
        first = _read_or_none(values["starts_on"]) or today
        values["ends_on"] = with_year(values.get("ends_on", ""), first)
        values["more_days"] = _ONE_OF_THEM.sub(
            lambda day: with_year(day[0], first), values.get("more_days", ""), _MOST_LINES
        )
        there = {name: it for name, it in values.items() if it or name in self.values}
        return Typed(there, self.targets)

    def _day_or_none(self, name: str) -> date | None:
        return _read_or_none(self._filled(name))

    def _filled(self, name: str) -> str:
        return self.values.get(name, "").strip()

    def _span(self, zone: ZoneInfo) -> tuple[str | None, str | None]:
        """Beginning and end: both whole days, or both with a time."""
        first, last = self._day("starts_on"), self._day("ends_on")
        begins, ends = self._time("starts_time"), self._time("ends_time")
        if begins and ends and not last:
            last = first  # „von 9 bis 12 Uhr“
        if last and bool(begins) is not bool(ends) and not self._blamed("ends_time"):
            where = "ends_time" if begins else "starts_time"
            self._blame(where, _("Bitte auch hier eine Uhrzeit angeben, oder keine von beiden."))
            last = None
        if first and ends and not begins and not last:
            self._blame("starts_time", _("Bitte auch angeben, wann der Termin beginnt."))
        return (
            self._joined(first, begins, zone, "starts_time"),
            self._joined(last, ends, zone, "ends_time"),
        )

    def _moment(self, name: str, zone: ZoneInfo) -> str | None:
        day, clock = self._day(f"{name}_on"), self._time(f"{name}_time")
        if clock and not day and not self._blamed(f"{name}_on"):
            self._blame(f"{name}_on", _("Bitte auch den Tag angeben."))
        return self._joined(day, clock, zone, f"{name}_time")

    def _joined(
        self, day: date | None, clock: time | None, zone: ZoneInfo, where: str
    ) -> str | None:
        if day is None or clock is None:
            return day.isoformat() if day else None
        try:
            return on_the_clock(day, clock, zone).isoformat()
        except ValueError as exc:  # spring's missing hour
            self._blame(where, str(exc))
            return None

    def _day(self, name: str) -> date | None:
        text = self._filled(name)
        try:
            return read_day(text) if text else None
        except ValueError:
            self._blame(name, _("„{text}“ ist kein Tag. Form: 16.03.2027.").format(text=text[:40]))
            return None

    def _time(self, name: str) -> time | None:
        text = self._filled(name)
        try:
            return read_time(text) if text else None
        except ValueError:
            self._blame(name, _("„{text}“ ist keine Uhrzeit. Form: 9:30.").format(text=text[:40]))
            return None

    def _blame(self, name: str, message: str) -> None:
        self.problems.append(Problem(name, message))

    def _blamed(self, name: str) -> bool:
        return any(problem.field == name for problem in self.problems)


def with_year(text: str, since: date) -> str:
    """16.3., 16.3 and 16. März as the next such day from ``since`` on; the rest as it stands."""
    found = re.fullmatch(r"(\d{1,2})\.\s?(?:(\d{1,2})\.?|([^\W\d_]{3,})\.?)", text.strip())
    if not found:
        return text
    try:
        month_ = int(found[2]) if found[2] else _month(found[3])
    except ValueError:
        return text
    days = (_date_or_none(since.year + n, month_, int(found[1])) for n in range(9))  # 29 February
    next_ = next((day for day in days if day and day >= since), None)
    return f"{next_:%d.%m.%Y}" if next_ else text


def _date_or_none(year: int, month_: int, day: int) -> date | None:
    try:
        return date(year, month_, day)
    except ValueError:
        return None


def _read_or_none(text: str) -> date | None:
    try:
        return read_day(text)
    except ValueError:
        return None


def read_day(text: str) -> date:
    """16.03.2027, 16.3.27, 2027-03-16, 16. März 2027 or 16 March 2027. ValueError for the rest."""
    day = _day(text)
    if day.year not in YEARS:
        raise ValueError(text)
    return day


def _day(text: str) -> date:
    if found := re.fullmatch(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2})", text):
        year = int(found[3])
        return date(year + 2000 if year < 100 else year, int(found[2]), int(found[1]))
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return date.fromisoformat(text)
    if found := re.fullmatch(r"(\d{1,2})\.?\s*([^\W\d_]{3,})\.?\s*(\d{4})", text):
        return date(int(found[3]), _month(found[2]), int(found[1]))
    raise ValueError(text)


def _month(word: str) -> int:
    """3 for März, Mär, March. ValueError for a word that begins no month's name."""
    for language in LANGUAGES:
        with speaking(language):
            names = [month(number).casefold() for number in range(1, 13)]
        for number, name in enumerate(names, 1):
            if name.startswith(word.casefold()):
                return number
    raise ValueError(word)


def read_time(text: str) -> time:
    """9:30, 9.30 Uhr, 14 Uhr or 14. ValueError for anything else."""
    found = re.fullmatch(r"(\d{1,2})(?:[:.](\d{2})(?::00)?)?(?:\s*Uhr)?", text)
    if not found:
        raise ValueError(text)
    return time(int(found[1]), int(found[2] or 0))


def shown_at(problem: Problem) -> Problem:
    """The problem under the name that the form gives the field."""
    return Problem(SHOWN_AT.get(problem.field, problem.field), problem.message)


def in_order(problems: Sequence[Problem]) -> list[Problem]:
    """The problems as their fields stand in the form."""
    place = {name: number for number, name in enumerate(IN_ORDER)}
    return sorted(problems, key=lambda problem: place.get(problem.field, -1))
