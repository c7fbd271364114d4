"""Dates as iCalendar, as other people's calendars read them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject
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


Span = tuple[datetime | date, datetime | date | None]


def by_icalendar(content: bytes) -> Span:
    event = event_in(content)
    return event["dtstart"].dt, event["dtend"].dt if "dtend" in event else None


def by_vobject(content: bytes) -> Span:
    """It reckons with the rules that stand in the file."""
    event = vobject.readOne(content.decode()).vevent
    ends = getattr(event, "dtend", None)
    return event.dtstart.value, ends and ends.value


def in_utc(span: Span) -> list[object]:
    return [it.astimezone(UTC) if isinstance(it, datetime) else it for it in span]


def utc(day: int, month: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize("read", [by_icalendar, by_vobject])
@pytest.mark.parametrize(
    "span",
    [
        (utc(27, 3, 17), utc(28, 3, 8)),  # over the night in which an hour is missing
        (utc(28, 3, 0, 30), utc(28, 3, 1, 30)),  # from 1:30 to 3:30, which is one hour
        (utc(28, 3, 1), utc(28, 3, 3)),  # from the first moment of summer time
        (utc(30, 10, 18), utc(31, 10, 7)),  # over the night that has one more
        (utc(30, 10, 23, 30), utc(31, 10, 2, 30)),  # from 1:30 to 3:30, which is three
        (utc(31, 10, 0, 30), utc(31, 10, 1, 30)),  # from the first 2:30 to the second
        (utc(31, 10, 1), utc(31, 10, 1, 45)),  # within the hour that comes twice
        (utc(31, 10, 1, 59), None),
        (utc(31, 10, 9), utc(31, 10, 9)),  # it begins and ends: RFC 5545 wants no end then
    ],
)
def test_two_readers_find_the_same_moments_over_both_changes_of_the_clocks(
    span: tuple[datetime, datetime | None], read: Callable[[bytes], Span]
) -> None:
    when = When(span[0].astimezone(BERLIN), span[1] and span[1].astimezone(BERLIN))
    content = calendar_of([entry(when)], BERLIN)
    unfolded(content)
    starts, ends = in_utc(read(content))
    assert (starts, ends) == (span[0], span[1] if span[1] != span[0] else None)


@pytest.mark.parametrize("read", [by_icalendar, by_vobject])
@pytest.mark.parametrize(
    ("first", "last"),
    [(date(2027, 3, 27), date(2027, 3, 29)), (date(2027, 10, 30), date(2027, 11, 1))],
)
def test_two_readers_find_the_same_days_over_both_changes_of_the_clocks(
    first: date, last: date, read: Callable[[bytes], Span]
) -> None:
    content = calendar_of([entry(When(first, last))], BERLIN)
    assert read(content) == (first, last + timedelta(days=1))
    assert "TRANSP:TRANSPARENT" in unfolded(content)  # a fair of three days keeps nobody busy


def test_an_entry_says_all_that_one_must_know() -> None:
    boje = Origin("Boje; Meer, Küste", ("DE-HH", "DE-BB"), fields=("Energie, Umwelt",))
    when = When(at(2027, 3, 16, 9), at(2027, 3, 16, 17))
    made = entry(when, online=True, register_by=at(2027, 3, 1, 23, 59))
    lichtwerk = Origin("Lichtwerk", ("DE-BB",), fields=("Optik", "Energie, Umwelt"))
    item = replace(made.item, origin=lichtwerk, more_origins=(boje,), teaser="Kurz; und\nklar.")
    content = calendar_of([replace(made, item=item)], BERLIN)
    event, other = event_in(content), vobject.readOne(content.decode()).vevent
    said = (
        "Kurz; und\nklar.\n\nAnmeldeschluss: Montag, 1. März 2027\n\n"
        "Von: Lichtwerk / Boje; Meer, Küste\n\nhttps://www.lichtwerk.example/messen"
    )
    assert str(event["description"]) == other.description.value == said
    categories = ["Optik", "Energie, Umwelt", "Brandenburg", "Hamburg"]
    assert other.categories.value == categories
    assert str(event["location"]) == "Alte Schleiferei, Musterhavel und online"
    link = "https://www.lichtwerk.example/messen"
    assert str(event["url"]) == str(event["conference"]) == other.url.value == link
    timed = replace(item, register_by=at(2027, 3, 1, 12))
    assert "Montag\\, 1. März 2027\\, 12:00 Uhr" in "".join(
        unfolded(calendar_of([replace(made, item=timed)], BERLIN))
    )


def test_nobody_registers_for_what_is_cancelled_or_takes_part_online_in_a_hall() -> None:
    when = When(at(2027, 3, 16, 9))
    off = entry(when, register_by=at(2027, 3, 1, 12), event_state=EventState.CANCELLED)
    lines = "".join(unfolded(calendar_of([off], BERLIN)))
    assert "Anmeldeschluss" not in lines
    assert "CONFERENCE" not in lines


def test_a_postponed_date_that_found_its_day_moves_and_stays_the_same() -> None:
    first = entry(When(at(2027, 3, 16, 9)), event_state=EventState.POSTPONED, sequence=1)
    then = entry(When(at(2027, 10, 31, 9)), event_state=EventState.ON, sequence=2)
    before, after = (event_in(calendar_of([it], BERLIN)) for it in (first, then))
    assert (before["status"], after["status"]) == ("TENTATIVE", "CONFIRMED")
    assert before["uid"] == after["uid"]
    assert before["sequence"] < after["sequence"]
    assert after["dtstart"].dt.astimezone(UTC) == utc(31, 10, 8)


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
