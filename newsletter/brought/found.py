"""One item as it was found, and the few things that all readers of it do alike."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from newsletter import texts
from newsletter.content import EventState, Kind
from newsletter.errors import NewsletterError
from newsletter.language import _
from newsletter.rhythm import on_the_clock

TITLE, TEASER, PLACE = 160, 500, 300  # characters; what is longer is cut at a word
BODY = 15_000  # as much as the form takes
_BREAK = re.compile(r"\n\s*\n")
_MIDNIGHT = time(0, 0)
_DAY = timedelta(days=1)
# What stands where a place should: „Microsoft Teams-Besprechung“, https://…, „online“.
_ONLINE = re.compile(r"https?:|\b(?:online|virtuell|zoom|webex|teams|webinar)\b", re.IGNORECASE)


class Unusable(NewsletterError):
    """Nothing can be taken from what was brought; the sentence says why, and what to do."""

    sentence = "{why}"
    http_status = 422


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and when it is read: times without a zone are meant ``zone``'s."""

    zone: ZoneInfo
    today: date


@dataclass(frozen=True, slots=True)
class Found:
    """What can be said of one item; moments are aware, whole days are dates (the last included)."""

    kind: Kind
    title: str = ""
    teaser: str = ""
    body: str = ""  # Markdown
    link: str | None = None
    starts: datetime | date | None = None
    ends: datetime | date | None = None
    more_days: tuple[date, ...] = ()
    location: str = ""
    online: bool = False
    state: EventState = EventState.ON
    uid: str = ""  # how its source calls it
    said_at: datetime | None = field(default=None, compare=False)  # when it was published
    notes: tuple[str, ...] = field(default=(), compare=False)  # what a person should look at

    def last_day(self, zone: ZoneInfo) -> date | None:
        """The day on which it is over."""
        return day_of(self.ends or self.starts, zone)


def day_of(when: datetime | date | None, zone: ZoneInfo) -> date | None:
    """The day in ``zone``."""
    return when.astimezone(zone).date() if isinstance(when, datetime) else when


def title_of(text: str) -> str:
    """One line, short enough for a title."""
    return shortened(texts.line(text), TITLE)


def shortened(text: str, most: int) -> str:
    """Cut at a word, with a mark that something is missing."""
    if len(text) <= most:
        return text
    head = text[: most - 1]
    return f"{head.rpartition(' ')[0] or head} …"[:most]


def parted(text: str) -> tuple[str, str]:
    """A teaser and the rest of a plain text: its first paragraph, if that is short enough."""
    first, *rest = _BREAK.split(texts.block(text), maxsplit=1)
    teaser = texts.line(first)
    if len(teaser) <= TEASER:
        return teaser, (rest[0] if rest else "")[:BODY]
    return shortened(teaser, TEASER), texts.block(text)[:BODY]


def link_of(text: str, otherwise: str | None = None, base: str = "") -> str | None:
    """An address that may be clicked; what is none (``javascript:``), is left out.

    Where it stands on a page, ``base`` is that page's own address.
    """
    try:
        return texts.link(urljoin(base, text.strip())) if text.strip() else otherwise
    except ValueError:
        return otherwise


def place_of(text: str) -> tuple[str, bool]:
    """The place, and whether it is in the network; the address of a meeting is no place."""
    place = shortened(", ".join(filter(None, map(texts.line, text.split("\n")))), PLACE)
    if not _ONLINE.search(place):
        return place, False
    return ("" if len(place.split()) <= 4 or "://" in place else place), True


def placed(when: datetime, setting: Setting, note: Callable[[str], None]) -> datetime:
    """A moment without a zone is meant where we are."""
    if when.tzinfo is not None:
        return when
    try:
        return on_the_clock(when.date(), when.time().replace(tzinfo=None), setting.zone)
    except ValueError as exc:  # spring's missing hour
        note(str(exc))
        return when.replace(tzinfo=setting.zone)


def ordered(
    starts: datetime | date, ends: datetime | date | None, note: Callable[[str], None]
) -> datetime | date | None:
    """The end, unless it lies before the beginning or says nothing."""
    if ends is None or isinstance(starts, datetime) is not isinstance(ends, datetime):
        return None
    if ends < starts:
        note(_("Das Ende lag vor dem Beginn und wurde weggelassen. Bitte prüfen Sie die Zeiten."))
        return None
    return None if ends == starts else ends


def whole_days(
    starts: datetime | date, ends: datetime | date | None
) -> tuple[datetime | date, datetime | date | None]:
    """From midnight to midnight, or to its last minute: days without a time of day."""
    if not (isinstance(starts, datetime) and isinstance(ends, datetime)):
        return starts, ends
    late = ends.time() >= time(23, 59)
    if starts.time() != _MIDNIGHT or not (late or ends.time() == _MIDNIGHT):
        return starts, ends
    last = ends.date() if late else ends.date() - _DAY
    if last < starts.date():
        return starts, ends
    return starts.date(), (None if last == starts.date() else last)
