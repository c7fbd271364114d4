"""What was brought along, as fields of the form: only empty ones are filled (pure)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from newsletter.brought import Found, day_of
from newsletter.content import EventState, Kind
from newsletter.language import _, dated, weekday
from newsletter.rhythm import in_words

from .typed import ZONES, Typed

MOST = 12  # to choose from
_MOST_TEXT = 2_000  # characters of one of several; a page holds them all
_ABROAD = set(ZONES) - {"UTC"}  # calendars export German times in it
# What belongs together: a day that was typed is never given the time of another one.
_GROUPS = (
    *(("title",), ("teaser",), ("body",), ("link",)),
    ("starts_on", "starts_time", "ends_on", "ends_time", "time_zone", "more_days"),
    ("location", "online"),
)
_TOLD = (
    *("title", "teaser", "body", "link", "starts_on", "ends_on", "ends_time"),
    *("location", "online", "more_days"),
)


@dataclass(frozen=True, slots=True)
class Offer:
    """One of several, to choose from: its fields, how it is shown, what to look at."""

    fields: dict[str, str]
    when: str
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return self.fields.get("title", "") or _("ohne Titel")


@dataclass(frozen=True, slots=True)
class Filled:
    """The form with what was empty filled in; the names of fields that were, and were not."""

    typed: Typed
    taken: tuple[str, ...]
    left: tuple[str, ...]
    notes: tuple[str, ...]


def offers(found: Sequence[Found], zone: ZoneInfo, today: date) -> list[Offer]:
    """What to choose from, the next one first; what is over only if there is nothing else."""
    ahead = [each for each in found if (each.last_day(zone) or today) >= today]
    chosen = sorted(ahead, key=lambda each: _first(each, zone)) if ahead else list(found)[-MOST:]
    return [_offer(each, zone, today, alone=len(chosen) == 1) for each in chosen[:MOST]]


def _first(found: Found, zone: ZoneInfo) -> tuple[bool, date]:
    """News have no day and keep their order, before all dates."""
    first = day_of(found.starts, zone)
    return (first is not None, first or date.min)


def _offer(found: Found, zone: ZoneInfo, today: date, alone: bool) -> Offer:
    notes = list(found.notes)
    over = (found.last_day(zone) or today) < today
    if over:
        notes.append(_("Der Termin ist vorbei; tragen Sie bitte den neuen Tag ein."))
    if found.state is EventState.CANCELLED:
        notes.append(_("Dort steht, dass der Termin abgesagt ist."))
    body = found.body if alone else found.body[:_MOST_TEXT]
    said = {"title": found.title, "teaser": found.teaser, "body": body, "link": found.link or ""}
    when = {} if over else _when(found, zone)
    place = {"location": found.location, "online": "ja" if found.online else ""}
    facts = {"kind": found.kind.value, **said, **when, **(place if found.starts else {})}
    fields = {name: text for name, text in facts.items() if text}
    return Offer(fields, _said(found.starts, zone), tuple(notes))


def _said(when: datetime | date | None, zone: ZoneInfo) -> str:
    if isinstance(when, datetime):
        return in_words(when, zone)
    return f"{weekday(when)}, {dated(when)}" if when else ""


def _when(found: Found, home: ZoneInfo) -> dict[str, str]:
    if found.starts is None:
        return {}
    starts, ends = found.starts, found.ends
    named = getattr(starts.tzinfo, "key", "") if isinstance(starts, datetime) else ""
    there = ZoneInfo(named) if named in _ABROAD else home
    fields = {"time_zone": there.key if there != home else ""}
    fields |= _moment("starts", starts, there) | _moment("ends", ends, there)
    if fields["ends_on"] == fields["starts_on"]:
        fields["ends_on"] = ""
    fields["more_days"] = "\n".join(f"{day:%d.%m.%Y}" for day in found.more_days)
    return fields


def _moment(name: str, when: datetime | date | None, zone: ZoneInfo) -> dict[str, str]:
    if isinstance(when, datetime):
        local = when.astimezone(zone)
        return {f"{name}_on": f"{local:%d.%m.%Y}", f"{name}_time": f"{local:%H:%M}"}
    return {f"{name}_on": f"{when:%d.%m.%Y}" if when else "", f"{name}_time": ""}


def filled(typed: Typed, offer: Offer) -> Filled:
    """The form with this in its empty fields; what somebody has typed stays.

    News become a date where one was brought; a story has no place for days and keeps its kind.
    """
    kind = typed.values.get("kind", "")
    brought = offer.fields
    if kind not in set(Kind) or (kind == Kind.NEWS and brought.get("kind") == Kind.DATE):
        kind = brought.get("kind", Kind.NEWS.value)
    values = {**typed.values, "kind": kind}
    taken: list[str] = []
    left: list[str] = []
    for group in _GROUPS[: None if kind == Kind.DATE else 4]:
        new = {name: brought[name] for name in group if brought.get(name)}
        if any(typed.values.get(name, "").strip() for name in group):
            left += [name for name in new if typed.values.get(name, "").strip() != new[name]]
        else:
            values |= new
            taken += list(new)
    return Filled(Typed(values, typed.targets), _told(taken), _told(left), offer.notes)


def _told(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in _TOLD if name in names)


def packed(several: Sequence[Offer]) -> str:
    """What to choose from, as a field of the form, so that a file need not be sent again."""
    return json.dumps([{"fields": it.fields, "notes": it.notes} for it in several])


def unpacked(text: str, number: str) -> Offer | None:
    """The one that was chosen. The field comes from outside: all it can do is fill the form."""
    try:
        chosen = json.loads(text)[int(number)]
        fields = {name: chosen["fields"].get(name) for group in _GROUPS for name in group}
        fields["kind"] = chosen["fields"].get("kind")
        notes = tuple(str(each) for each in chosen["notes"])
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    known = {name: it for name, it in fields.items() if isinstance(it, str)}
    return Offer(known, "", notes)
