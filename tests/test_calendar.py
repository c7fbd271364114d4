"""Dates as iCalendar, as other people's calendars read them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.calendar import calendar_of
from newsletter.content import CalendarEntry, EventState, Item, Kind, Origin, When

BERLIN = ZoneInfo("Europe/Berlin")
CHANGED = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def entry(when: When, title: str = "Fachtagung", **changes: object) -> CalendarEntry:
    facts: dict[str, object] = {
        "uid": "4f6c@clusterplattform.example",
        "location": "Alte Schleiferei, Musterhavel",
        "link": "https://www.lichtwerk.example/messen",
    } | changes
    item = Item("q7", 1, Kind.DATE, title, "Zwei Tage.", "", Origin("X"), when=when, **facts)  # type: ignore[arg-type]
    return CalendarEntry(item, CHANGED, "Cluster-Büro; Redaktion", "redaktion@cluster.example")


def at(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=BERLIN)  # type: ignore[arg-type,misc]


def unfolded(content: bytes) -> list[str]:
    """A second reader of the format: RFC 5545 §3.1, by hand."""
    lines = content.split(b"\r\n")
    assert lines.pop() == b""
    assert all(len(line) <= 75 for line in lines)
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    for line in lines:
        line.decode()  # no character was cut in two
    return content.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]


def event_in(content: bytes) -> icalendar.Event:
    (event,) = icalendar.Calendar.from_ical(content).walk("VEVENT")
    return event


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=200))
def test_any_title_is_folded_and_read_back(title: str) -> None:
    content = calendar_of([entry(When(at(2027, 3, 16, 9, 30)), title)], BERLIN)
    assert "UID:4f6c@clusterplattform.example" in unfolded(content)
    assert str(event_in(content)["summary"]) == title


@pytest.mark.parametrize("length", range(55, 80))
def test_an_umlaut_at_the_fold_stays_whole(length: int) -> None:
    title = "x" * length + "üöä€"
    lines = unfolded(calendar_of([entry(When(at(2027, 3, 16, 9, 30)), title)], BERLIN))
    assert f"SUMMARY:{title}" in lines


def test_signs_with_a_meaning_are_escaped() -> None:
    content = calendar_of([entry(When(at(2027, 3, 16, 9)), "Licht; Messen, \\ Prüfen")], BERLIN)
    assert "SUMMARY:Licht\\; Messen\\, \\\\ Prüfen" in unfolded(content)


def test_the_calendar_is_published_and_invites_nobody() -> None:
    content = calendar_of([entry(When(at(2027, 3, 16, 9)))], BERLIN)
    lines = unfolded(content)
    assert "VERSION:2.0" in lines
    assert "METHOD:PUBLISH" in lines
    assert any(line.startswith("PRODID:") for line in lines)
    assert "DTSTAMP:20261123T080000Z" in lines
    assert "ATTENDEE" not in content.decode()
    assert str(event_in(content)["organizer"]) == "mailto:redaktion@cluster.example"


@pytest.mark.parametrize(
    ("starts", "utc"),
    [
        (at(2027, 3, 27, 9), "2027-03-27T08:00"),
        (at(2027, 3, 28, 9), "2027-03-28T07:00"),  # the clocks changed that night
        (at(2026, 10, 24, 9), "2026-10-24T07:00"),
        (at(2026, 10, 25, 9), "2026-10-25T08:00"),
    ],
)
def test_local_times_stay_local_across_a_change_of_the_clocks(starts: datetime, utc: str) -> None:
    content = calendar_of([entry(When(starts, starts + timedelta(hours=2)))], BERLIN)
    assert f"DTSTART;TZID=Europe/Berlin:{starts:%Y%m%dT%H%M%S}" in unfolded(content)
    found = event_in(content)["dtstart"].dt
    assert found.astimezone(UTC).isoformat().startswith(utc)


def test_the_rules_of_the_zone_stand_beside_the_times() -> None:
    lines = unfolded(calendar_of([entry(When(at(2027, 3, 16, 9)))], BERLIN))
    assert lines.count("BEGIN:VTIMEZONE") == 1
    rules = {line for line in lines if line.startswith("RRULE:")}
    assert len(rules) == 2
    assert all("BYDAY=-1SU" in rule for rule in rules)
    (zone,) = icalendar.Calendar.from_ical("\r\n".join([*lines, ""])).walk("VTIMEZONE")
    rebuilt = zone.to_tz(lookup_tzid=False)
    for month, hours in ((1, 1), (7, 2)):
        moment = datetime(2027, month, 1, 12, tzinfo=rebuilt)
        assert moment.utcoffset() == timedelta(hours=hours)


def test_another_zone_is_written_in_utc() -> None:
    lines = unfolded(calendar_of([entry(When(at(2027, 3, 16, 9)))], ZoneInfo("Europe/Dublin")))
    assert "DTSTART:20270316T080000Z" in lines
    assert "BEGIN:VTIMEZONE" not in lines


@pytest.mark.parametrize(
    ("last", "end"),
    [(None, "20270317"), (date(2027, 3, 16), "20270317"), (date(2027, 3, 17), "20270318")],
)
def test_whole_days_end_on_the_day_after(last: date | None, end: str) -> None:
    lines = unfolded(calendar_of([entry(When(date(2027, 3, 16), last))], BERLIN))
    assert "DTSTART;VALUE=DATE:20270316" in lines
    assert f"DTEND;VALUE=DATE:{end}" in lines


@pytest.mark.parametrize(
    ("state", "status", "title"),
    [
        (EventState.ON, "CONFIRMED", "Fachtagung"),
        (EventState.POSTPONED, "TENTATIVE", "Verschoben: Fachtagung"),
        (EventState.CANCELLED, "CANCELLED", "Abgesagt: Fachtagung"),
    ],
)
def test_a_cancelled_date_says_so_with_the_same_uid(
    state: EventState, status: str, title: str
) -> None:
    when = When(at(2027, 3, 16, 9))
    event = event_in(calendar_of([entry(when, event_state=state, sequence=3)], BERLIN))
    assert (event["status"], str(event["summary"]), event["sequence"]) == (status, title, 3)
    assert event["uid"] == "4f6c@clusterplattform.example"


def test_the_same_entries_give_the_same_bytes() -> None:
    entries = [entry(When(at(2027, 3, 16, 9)))]
    assert calendar_of(entries, BERLIN) == calendar_of(entries, BERLIN)
