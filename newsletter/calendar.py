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
    vUri,
)

from .content import LAENDER, CalendarEntry, EventState, Item, Milestone, When
from .language import N_, _, month, weekday

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
    _when(event, item.when, zone)
    event.add("summary", _(said) + item.title)
    event.add("description", _described(item, zone))
    event.add("status", status)
    _where(event, item)
    if categories := _categories(item):
        event.add("categories", categories)
    organizer = vCalAddress(f"mailto:{entry.organizer_email}")
    organizer.params["cn"] = vText(entry.organizer)
    event.add("organizer", organizer)
    return event


def _when(event: Event, when: When, zone: ZoneInfo) -> None:
    starts, ends = when.starts, when.ends
    event.add("dtstart", _start(starts, zone))
    if not isinstance(starts, datetime):
        event.add("dtend", (ends or starts) + timedelta(days=1))  # exclusive
        event.add("transp", "TRANSPARENT")  # nobody is busy for three days of a fair
    elif isinstance(ends, datetime) and ends.astimezone(UTC) > starts.astimezone(UTC):
        event.add("dtend", _start(ends, zone))  # compared in UTC: 2:30 comes twice in October


def _where(event: Event, item: Item) -> None:
    place = item.location or ""
    if item.online:
        place = _("{location} und online").format(location=place) if place else _("Online")
    if place:
        event.add("location", place)
    if item.link:
        event.add("url", item.link)
    if item.link and item.online:  # RFC 7986 §5.11; the way in stands on the event's own page
        named = {"value": "URI", "label": _("Online teilnehmen")}
        event.add("conference", vUri(item.link), parameters=named)


def _described(item: Item, zone: ZoneInfo) -> str:
    """What there is to know, in plain text; a deadline as a day: it is true before and after."""
    origins = " / ".join(each.name for each in (item.origin, *item.more_origins))
    parts = [item.teaser]
    if item.register_by and item.event_state is not EventState.CANCELLED:
        last = _deadline(item.register_by.astimezone(zone))
        parts.append(_("Anmeldeschluss: {deadline}").format(deadline=last))
    if origins:
        parts.append(_("Von: {origins}").format(origins=origins))
    return "\n\n".join(filter(None, (*parts, item.link)))


def _deadline(at: datetime) -> str:
    """„Montag, 1. März 2027, 12:00 Uhr“; the end of a day is said as the day."""
    day = _("{weekday}, {day}. {month} {year}").format(
        weekday=weekday(at), day=at.day, month=month(at.month), year=at.year
    )
    if (at.hour, at.minute) == (23, 59):
        return day
    return _("{day}, {clock} Uhr").format(day=day, clock=f"{at.hour}:{at.minute:02}")


def _categories(item: Item) -> list[str]:
    """The fields and Länder of whom it is from, each once."""
    origins = (item.origin, *item.more_origins)
    fields = (field for each in origins for field in each.fields)
    laender = (LAENDER.get(land, land) for each in origins for land in each.laender)
    return list(dict.fromkeys((*fields, *laender)))


def _start(moment: datetime | date, zone: ZoneInfo) -> datetime | date:
    """In the zone's time, but in UTC where its clocks show an hour for the second time.

    A local time that occurs twice would be read as the first one (RFC 5545 §3.3.5).
    """
    if not isinstance(moment, datetime):
        return moment
    local = moment.astimezone(zone)
    return local if zone.key == _BERLIN and not local.fold else moment.astimezone(UTC)


def _berlin() -> Timezone:
    """The rules of the European Union's summer time, which every calendar understands."""
    zone = Timezone()
    zone.add("tzid", _BERLIN)
    rules = (
        (TimezoneDaylight(), "CEST", datetime(1981, 3, 29, 2), 3, _HOUR, 2 * _HOUR),  # noqa: DTZ001
        (TimezoneStandard(), "CET", datetime(1996, 10, 27, 3), 10, 2 * _HOUR, _HOUR),  # noqa: DTZ001
    )
    for rule, name, since, in_month, before, after in rules:
        rule.add("dtstart", since)
        rule.add("rrule", vRecur({"FREQ": "YEARLY", "BYMONTH": in_month, "BYDAY": "-1SU"}))
        rule.add("tzname", name)
        rule.add("tzoffsetfrom", before)
        rule.add("tzoffsetto", after)
        zone.add_component(rule)
    return zone
