"""Plain dataclasses that the pure rooms share: an item, an issue's content, an edition.

Nothing here knows a database. What the database holds is turned into these before it is
rendered or checked, so rendering and checks can be called with values alone.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from .language import N_, SOURCE, _

# A slot is replaced per reader when the message is composed. Its marker uses private-use
# characters, which texts.clean removes from everything people hand in: nobody can type one.
SLOT_OPEN, SLOT_CLOSE = "\ue000", "\ue001"
# Who has no name, and who is no reader: the archive, the preview, the approver.
TO_ANYBODY = N_("Sehr geehrte Damen und Herren,")

# ISO 3166-2, as Origin.laender and the register hold them.
LAENDER = {
    "DE-BB": "Brandenburg",
    "DE-BE": "Berlin",
    "DE-BW": "Baden-Württemberg",
    "DE-BY": "Bayern",
    "DE-HB": "Bremen",
    "DE-HE": "Hessen",
    "DE-HH": "Hamburg",
    "DE-MV": "Mecklenburg-Vorpommern",
    "DE-NI": "Niedersachsen",
    "DE-NW": "Nordrhein-Westfalen",
    "DE-RP": "Rheinland-Pfalz",
    "DE-SH": "Schleswig-Holstein",
    "DE-SL": "Saarland",
    "DE-SN": "Sachsen",
    "DE-ST": "Sachsen-Anhalt",
    "DE-TH": "Thüringen",
}


class Kind(StrEnum):
    """What an item is."""

    NEWS = "news"
    DATE = "date"
    SUCCESS_STORY = "success_story"


class Audience(StrEnum):
    """Who may see something: members of the programme, or everybody."""

    MEMBERS = "members"
    PUBLIC = "public"


class EventState(StrEnum):
    """Whether a date takes place; changeable for ever."""

    ON = "on"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


class Level(StrEnum):
    """How grave a finding is: an error stops, a warning wants a reason, a hint informs."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


class Slot(StrEnum):
    """The places where two readers' copies may differ (promise 6)."""

    SALUTATION = "salutation"
    UNSUBSCRIBE = "unsubscribe"
    PREFERENCES = "preferences"

    @property
    def marker(self) -> str:
        """The text that stands in an edition until a reader's own value replaces it."""
        return f"{SLOT_OPEN}{self.value}{SLOT_CLOSE}"


@dataclass(frozen=True, slots=True)
class Origin:
    """Who an item is from: a cluster, or a source such as the ministry."""

    name: str
    laender: tuple[str, ...] = ()  # ISO 3166-2, "DE-BY"
    label: str | None = None  # gold, silver, bronze; only while it is valid
    website: str | None = None
    is_cluster: bool = True
    fields: tuple[str, ...] = ()  # of technology, as the register names them


@dataclass(frozen=True, slots=True)
class PictureUse:
    """A picture as one item shows it. ``alt`` empty and ``decorative`` true: shown silently."""

    url: str  # absolute, on our own host, the same for all readers
    width: int  # CSS pixels of the mail version
    height: int
    alt: str | None  # None: nobody has decided yet
    credit: str | None
    sha256: str
    decorative: bool = False


@dataclass(frozen=True, slots=True)
class When:
    """When a date takes place: two moments with a zone, or two days (the last inclusive)."""

    starts: datetime | date
    ends: datetime | date | None = None

    @property
    def all_day(self) -> bool:
        """Whole days without a time."""
        return not isinstance(self.starts, datetime)


@dataclass(frozen=True, slots=True)
class Item:
    """One revision of a submission, ready to be shown. Texts are clean Markdown or plain."""

    reference: str  # "q412"
    revision: int
    kind: Kind
    title: str  # plain text, one line
    teaser: str  # plain text
    body: str  # Markdown (texts.to_html renders it)
    origin: Origin
    link: str | None = None
    language: str = "de"
    picture: PictureUse | None = None
    when: When | None = None
    location: str | None = None
    online: bool = False
    register_by: datetime | None = None
    event_state: EventState = EventState.ON
    uid: str | None = None  # of the calendar entry; never changes
    sequence: int = 0
    challenge: str | None = None
    solution: str | None = None
    result: str | None = None
    quote: str | None = None
    embargo_until: datetime | None = None
    reach: Audience = Audience.PUBLIC  # the widest audience its contributor asked for
    more_origins: tuple[Origin, ...] = ()  # credited besides the first, after a merge
    calendar_url: str = ""  # of its own .ics; "": none


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A date and what a calendar must know besides it."""

    item: Item  # with ``when`` and ``uid``
    changed_at: datetime
    organizer: str
    organizer_email: str


@dataclass(frozen=True, slots=True)
class Milestone:
    """A moment on an issue's way, for the calendars of those who make it."""

    uid: str
    starts: datetime
    ends: datetime
    summary: str
    text: str
    on: bool  # False: called off


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the items below it, in their order."""

    key: str
    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Imprint:
    """Who is responsible, as DDG §5 and MStV §18 want it in every mail (LA-20, LA-21)."""

    name: str
    address: tuple[str, ...]
    representative: str
    email: str
    phone: str
    authority: str = ""
    responsible: str = ""  # MStV §18(2): name and address

    def lines(self) -> tuple[str, ...]:
        """The imprint as lines of plain text; empty fields leave no line."""
        labelled = (
            self.name,
            *self.address,
            _labelled(_("Vertreten durch: {value}"), self.representative),
            _labelled(_("E-Mail: {value}"), self.email),
            _labelled(_("Telefon: {value}"), self.phone),
            self.authority,
            _labelled(_("Verantwortlich im Sinne des § 18 Abs. 2 MStV: {value}"), self.responsible),
        )
        return tuple(line for line in labelled if line)


def _labelled(pattern: str, value: str) -> str:
    return pattern.format(value=value) if value else ""


@dataclass(frozen=True, slots=True)
class Callout:
    """A word to the readers themselves, with a button; "": in our words."""

    title: str
    text: str
    button: str
    url: str


@dataclass(frozen=True, slots=True)
class Logo:
    """Who stands behind a newsletter. ``src``: absolute, on our own host, same for all readers."""

    src: str
    width: int  # CSS pixels
    height: int
    alt: str
    url: str  # "": it leads nowhere
    sha256: str


@dataclass(frozen=True, slots=True)
class Masthead:
    """What an issue shows of its newsletter; from the configuration, not from people's input."""

    slug: str
    name: str
    audience: Audience
    template: str  # folder below templates/
    sender_name: str
    sender_address: str
    reply_to: str
    list_id: str  # "clusterplattform.newsletter.example"
    imprint: Imprint
    privacy_url: str
    accessibility_url: str
    home_url: str  # our own base address
    description: str = ""
    typography: bool = True  # quotation marks, dashes, spaces are set as a printer would
    callout: Callout | None = None

    @property
    def sender(self) -> str:
        """From whom every copy of an issue comes; part of what is approved."""
        return f"{self.sender_name} <{self.sender_address}>"


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a correction says of the issue that it corrects."""

    number: str  # "2026-12"
    sent_at: datetime | None
    note: str  # what was wrong and what is right, on one line
    letter: bool = False  # a short letter; else the whole issue anew
    to_the_rest: bool = False  # only to those who never had it


@dataclass(frozen=True, slots=True)
class IssueContent:
    """All that rendering needs to make an edition, and all that checks look at."""

    issue_id: str
    number: str  # "2026-12"
    subject: str
    preheader: str
    opening: str  # Markdown
    sections: tuple[Section, ...]
    masthead: Masthead
    language: str = "de"
    read_url: str = ""  # where a browser shows it, the same for all readers; "" : nowhere
    corrects: Corrected | None = None
    dates_url: str = ""  # all its dates as one .ics file; "": none
    calendar_url: str = ""  # the newsletter's calendar to subscribe to; "": none
    logos: tuple[Logo, ...] = ()  # those that are valid when it goes out

    @property
    def items(self) -> tuple[Item, ...]:
        """Every item, in reading order."""
        return tuple(item for section in self.sections for item in section.items)


class Variant(StrEnum):
    """The editions of one issue, as readers choose them (``subscribers.EditionChoice``)."""

    FULL = "full"
    TEXT = "text"  # the same as plain text only: the one exception to MF-11, by a reader's choice
    DATES = "dates"  # its dates only; there is none if it has none


@dataclass(frozen=True, slots=True)
class Edition:
    """The frozen result of rendering; html and text hold slot markers, see ``Slot``."""

    variant: str  # one of ``Variant``
    subject: str
    sender: str  # "Name <address>", as approved
    list_id: str
    html: str
    text: str
    calendar: str = ""
    pictures: tuple[str, ...] = ()  # SHA-256 of each picture, in reading order
    speaks: str = ""  # the language of one that has no HTML part to say it

    @property
    def language(self) -> str:
        """The language that the mail says it is in; a template may say none."""
        if self.speaks:
            return self.speaks
        found = re.search(r'<html[^>]*\blang="([a-z]{2})', self.html[:1_000])
        return found[1] if found else SOURCE


def content_hash(editions: Iterable[Edition]) -> str:
    """SHA-256, hex, over everything an approver says yes to, over all editions of an issue."""
    facts = sorted(
        [e.variant, e.subject, e.sender, e.list_id, e.html, e.text, e.calendar, list(e.pictures)]
        for e in editions
    )
    canonical = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with an issue or an item. ``where`` is "issue" or a reference."""

    check: str  # stable English name, "past-date"
    level: Level
    where: str
    text: str  # what is wrong, and then ``mend``
    mend: str = ""  # how to mend it, in words or by a command; "": that is said in between

    @property
    def wrong(self) -> str:
        """What is wrong, without how to mend it."""
        return self.text.removesuffix(self.mend).rstrip()
