"""Dates that are told from today, so that the examples never grow old (pure).

{"weeks": 10, "weekday": "tuesday", "at": "12:15"}   the Tuesday of the tenth week from now
{"weeks": 26, "weekday": "tuesday"}                  the same as a whole day
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def expanded(facts: Any, today: date, zone: ZoneInfo) -> Any:
    """The same facts with every relative date as ISO 8601, with its offset if it has a time."""
    if isinstance(facts, list):
        return [expanded(each, today, zone) for each in facts]
    if not isinstance(facts, Mapping):
        return facts
    if "weeks" in facts:
        return _iso(facts, today, zone)
    return {key: expanded(value, today, zone) for key, value in facts.items()}


def _iso(when: Mapping[str, Any], today: date, zone: ZoneInfo) -> str:
    monday = today - timedelta(days=today.weekday())
    day = monday + timedelta(weeks=when["weeks"], days=WEEKDAYS.index(when["weekday"]))
    if "at" not in when:
        return day.isoformat()
    return datetime.combine(day, time.fromisoformat(when["at"]), zone).isoformat()
