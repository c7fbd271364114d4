"""What an agenda is made of: plain values, read at one moment."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from newsletter.dispatch.progress import Estimate
from newsletter.issues import Reason, Wish
from newsletter.models.issue import IssueState


@dataclass(frozen=True, slots=True)
class Waiting:
    """An item that nobody has decided about."""

    reference: str
    since: datetime  # received, or asked


@dataclass(frozen=True, slots=True)
class Theirs:
    """What lies with one editor and is undecided, oldest first."""

    editor: str
    items: Sequence[Waiting]


@dataclass(frozen=True, slots=True)
class Coming:
    """The next issue of a newsletter by its rhythm, begun or not."""

    newsletter: str
    number: str
    leaves: datetime
    closes: datetime  # Redaktionsschluss
    begun: IssueState | None = None  # its state, None if nobody has begun it
    to_name: bool = False  # one before it is a draft or cancelled: only its number begins it
    drafted: datetime | None = None  # when its draft is made by itself
    closes_moved: str = ""  # by what, in words
    leaves_moved: str = ""
    leaves_out: Sequence[tuple[str, str]] = ()  # numbers before it that are left out, and why

    @property
    def issue(self) -> str:
        """Its id."""
        return f"{self.newsletter}-{self.number}"


@dataclass(frozen=True, slots=True)
class Ahead:
    """An issue that is not over."""

    id: str
    state: IssueState
    leaves: datetime | None  # scheduled, else by the rhythm
    items: int = 0
    errors: int = 0
    addresses: int = 0  # of a scheduled one: how many may be written to now
    takes: Estimate | None = None  # of a scheduled one; None: nobody can know
    reason: Reason | None = None  # of a late or paused one
    requested_by: str = ""
    requested_at: datetime | None = None
    asked: str = ""  # by letter and link: who has not answered yet
    planned: datetime | None = None  # leaves then, if it is approved by ``planned_latest``
    planned_latest: datetime | None = None
    until: datetime | None = None
    second: str = ""  # an editor who could approve
    wish: Wish | None = None  # what brought it back to the editors


@dataclass(frozen=True, slots=True)
class PassingDate:
    """A date that stands in no issue."""

    reference: str
    title: str
    starts: datetime | date
    newsletters: Sequence[str]  # that may still bring it
    decided: bool
    public: bool  # accepted for a public newsletter: it may be published


@dataclass(frozen=True, slots=True)
class Undoable:
    """A decision whose letter still waits."""

    reference: str
    by: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything an agenda says is about these."""

    now: datetime
    zone: ZoneInfo
    undecided: Sequence[Waiting] = ()  # oldest first
    theirs: Sequence[Theirs] = ()
    answered: Sequence[str] = ()
    questions: Sequence[Waiting] = ()  # oldest first
    asking: Sequence[Waiting] = ()  # for access; oldest first
    changes: Sequence[str] = ()  # items that their contributor wants changed
    coming: Sequence[Coming] = ()
    ahead: Sequence[Ahead] = ()
    unknown: dict[str, int] = field(default_factory=dict)  # deliveries, by issue
    passing: Sequence[PassingDate] = ()
    undoable: Sequence[Undoable] = ()
    trouble: tuple[datetime, str] | None = None  # the sender's, since and what
    sender: bool | None = None  # whether one is at work; None: nobody knows
    may_not_send: str = ""  # why
    to_assess: bool = False  # the accessibility statement is a year old, or nobody made one
    assessed_on: date | None = None
