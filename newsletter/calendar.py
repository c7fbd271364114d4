"""Dates as iCalendar (RFC 5545), for people's own calendars (pure).

Folding at 75 octets, escapes and CRLF are the library's; what the entry says is ours.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import (
    Calendar,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vCalAddress,
    vDuration,
    vRecur,
    vText,
)

from .content import CalendarEntry, EventState, Milestone
from .language import N_, _

_PRODID = "-//cluster-newsletter//Termine//DE"
_BERLIN = "Europe/Berlin"
_STATUS = {
    EventState.ON: ("CONFIRMED", ""),
    EventState.POSTPONED: ("TENTATIVE", N_("Verschoben: ")),
    EventState.CANCELLED: ("CANCELLED", N_("Abgesagt: ")),
}
_HOUR = timedelta(hours=1)
_LOOK_AGAIN = timedelta(hours=6)


def calendar_of(entries: Iterable[CalendarEntry], zone: ZoneInfo, name: str = "") -> bytes:
    """A calendar to be published (CF-01 to CF-04): METHOD:PUBLISH, nobody is invited.

    Moments stand in ``zone`` with its rules beside them, if that is Europe/Berlin, else in
    UTC: never floating. The same entries give the same bytes. A calendar with a ``name`` is
    one to subscribe to: it says how often to look again (RFC 7986 §5.1, §5.7).
    """
    calendar = _published(zone)
    if name:
        for called in ("name", "x-wr-calname"):  # the standard's, and the one most programs read
            calendar.add(called, name)
        typed = {"value": "DURATION"}
        calendar.add("refresh-interval", vDuration(_LOOK_AGAIN), parameters=typed)
        calendar.add("x-published-ttl", vDuration(_LOOK_AGAIN))
    for entry in entries:
        calendar.add_component(_event(entry, zone))
    content: bytes = calendar.to_ical()
    return content


def _published(zone: ZoneInfo) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", _PRODID)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    if zone.key == _BERLIN:
        calendar.add_component(_berlin())
    return calendar


def milestones_of(milestones: Iterable[Milestone], zone: ZoneInfo, made_at: datetime) -> bytes:
    """A calendar to import, and to import again when dates have changed; it keeps nobody busy."""
    calendar = _published(zone)
    for each in milestones:
        event = Event()
        event.add("uid", each.uid)
        event.add("dtstamp", made_at.astimezone(UTC))
        event.add("sequence", int(made_at.timestamp()) // 60)  # later is newer
        event.add("dtstart", _start(each.starts, zone))
        event.add("dtend", _start(each.ends, zone))
        event.add("summary", each.summary if each.on else _("Entfällt: ") + each.summary)
        if each.text:
            event.add("description", each.text)
        event.add("status", "CONFIRMED" if each.on else "CANCELLED")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def _event(entry: CalendarEntry, zone: ZoneInfo) -> Event:
    item = entry.item
    if item.when is None or item.uid is None:
        raise ValueError(f"{item.reference} is no date")
    status, said = _STATUS[item.event_state]
    event = Event()
    event.add("uid", item.uid)
    event.add("sequence", item.sequence)
    for name in ("dtstamp", "last-modified"):
        event.add(name, entry.changed_at.astimezone(UTC))
    event.add("dtstart", _start(item.when.starts, zone))
    if item.when.all_day or item.when.ends is not None:
        event.add("dtend", _end(item.when.ends or item.when.starts, zone))
    event.add("summary", _(said) + item.title)
    event.add("description", "\n\n".join(filter(None, (item.teaser, item.link))))
    event.add("status", status)
    if place := item.location or (_("Online") if item.online else ""):
        event.add("location", place)
    if item.link:
        event.add("url", item.link)
    organizer = vCalAddress(f"mailto:{entry.organizer_email}")
    organizer.params["cn"] = vText(entry.organizer)
    event.add("organizer", organizer)
    return event


def _start(moment: datetime | date, zone: ZoneInfo) -> datetime | date:
    if not isinstance(moment, datetime):
        return moment
    return moment.astimezone(zone if zone.key == _BERLIN else UTC)


def _end(last: datetime | date, zone: ZoneInfo) -> datetime | date:
    """The end of a moment; the day after the last whole day, since DTEND is exclusive."""
    return _start(last, zone) if isinstance(last, datetime) else last + timedelta(days=1)


def _berlin() -> Timezone:
    """The rules of the European Union's summer time, which every calendar understands."""
    zone = Timezone()
    zone.add("tzid", _BERLIN)
    rules = (
        (TimezoneDaylight(), "CEST", datetime(1981, 3, 29, 2), 3, _HOUR, 2 * _HOUR),  # noqa: DTZ001
        (TimezoneStandard(), "CET", datetime(1996, 10, 27, 3), 10, 2 * _HOUR, _HOUR),  # noqa: DTZ001
    )
    for rule, name, since, month, before, after in rules:
        rule.add("dtstart", since)
        rule.add("rrule", vRecur({"FREQ": "YEARLY", "BYMONTH": month, "BYDAY": "-1SU"}))
        rule.add("tzname", name)
        rule.add("tzoffsetfrom", before)
        rule.add("tzoffsetto", after)
        zone.add_component(rule)
    return zone
