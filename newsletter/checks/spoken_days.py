"""Days as texts name them: „Montag, 16. März 2027“, „16.3.“, “Tuesday, 16 March 2027”."""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januar january jänner jan",
            "februar february feb",
            "märz march mrz mar",
            "april apr",
            "mai may",
            "juni june jun",
            "juli july jul",
            "august aug",
            "september sept sep",
            "oktober october okt oct",
            "november nov",
            "dezember december dez dec",
        ),
        1,
    )
    for name in names.split()
}
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "montag monday mo",
            "dienstag tuesday di",
            "mittwoch wednesday mi",
            "donnerstag thursday do",
            "freitag friday fr",
            "samstag sonnabend saturday sa",
            "sonntag sunday so",
        )
    )
    for name in names.split()
}
_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\b\.?"
_YEAR = r"(?:,?\s*(?P<year>(?:19|20)\d{2})\b)?"
_DAY = r"(?<![\d.,])(?P<day>\d{1,2})"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{_DAY}(?:\.|st|nd|rd|th)?\s*{_MONTH}{_YEAR}",
        rf"{_DAY}\.\s?(?P<month>\d{{1,2}})\.\s?(?P<year>(?:19|20)\d{{2}})?(?![\d.])",
    )
)
_NAMES = "|".join(sorted((each.title() for each in _MONTHS), key=len, reverse=True))
_AMERICAN = re.compile(
    rf"\b(?P<month>{_NAMES})\b\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?![.:]\d){_YEAR}"
)
_WEEKDAY = re.compile(
    rf"\b(?P<weekday>{'|'.join(sorted(_WEEKDAYS, key=len, reverse=True))})\b\.?,?\s+"
    r"(?:(?:den|dem|der|am|the|on)\s+)?$",
    re.IGNORECASE,
)
_BEFORE = 24  # characters: „Donnerstag, dem “
_A_YEAR = re.compile(r"(?<![\d.,–-])(?:19|20)\d{2}(?![\d,–-]|\.\d)")


@dataclass(frozen=True, slots=True)
class Day:
    """A day that a text names; ``words`` as it does."""

    words: str
    day: int
    month: int
    year: int | None
    weekday: int | None  # 0: Monday

    def in_year(self, year: int) -> date | None:
        """The day in that year; None if it has none."""
        try:
            return date(year, self.month, self.day)
        except ValueError:
            return None

    def possible(self, year: int) -> bool:
        return self.in_year(year) is not None


@lru_cache(maxsize=1024)
def days_in(text: str) -> tuple[Day, ...]:
    """Every day that a text names by day and month."""
    text = text.replace("\u00a0", " ")
    return tuple(
        _day(match, text) for form in (*_FORMS, _AMERICAN) for match in form.finditer(text)
    )


def _day(match: re.Match[str], text: str) -> Day:
    month, year = match["month"].casefold(), match["year"]
    before = _WEEKDAY.search(text[max(0, match.start() - _BEFORE) : match.start()])
    words = f"{before[0] if before else ''}{match[0]}"
    return Day(
        words=" ".join(words.split()).rstrip(",. "),
        day=int(match["day"]),
        month=int(month) if month.isdigit() else _MONTHS[month],
        year=int(year) if year else None,
        weekday=_WEEKDAYS[before["weekday"].casefold()] if before else None,
    )


def years_in(text: str) -> list[int]:
    """Every year that stands in a text by itself."""
    return [int(each) for each in _A_YEAR.findall(text)]
