"""What was handed in: the submission, its revisions, and the clearance per newsletter.

A members' item cannot reach the public by SQL either: a clearance repeats its submission's
``reach`` and its newsletter's ``audience``, keys tie both to their rows, and a CHECK refuses
``public`` over ``members``. Placements and publications hang on clearances (placement.py).
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from newsletter.content import Audience, EventState, Kind
from newsletter.language import N_
from subscribers.columns import EnumText, UtcDateTime, one_of

from .moves import Machine


class SubmissionState(StrEnum):
    """Where a submission stands."""

    DRAFT = "draft"  # being typed
    RECEIVED = "received"  # nobody has looked
    IN_REVIEW = "in_review"
    QUESTION = "question"  # waits for an answer
    DECIDED = "decided"  # no clearance is left at asked
    MERGED = "merged"  # into another one
    WITHDRAWN = "withdrawn"


_S = SubmissionState
SUBMISSION = Machine(
    noun="submission",
    word=N_("Einreichung"),
    arrows={
        _S.DRAFT: frozenset({_S.RECEIVED}),
        _S.RECEIVED: frozenset({_S.IN_REVIEW, _S.MERGED, _S.WITHDRAWN}),
        _S.IN_REVIEW: frozenset({_S.QUESTION, _S.DECIDED, _S.MERGED, _S.WITHDRAWN}),
        _S.QUESTION: frozenset({_S.IN_REVIEW, _S.DECIDED, _S.MERGED, _S.WITHDRAWN}),
        _S.DECIDED: frozenset({_S.IN_REVIEW, _S.MERGED, _S.WITHDRAWN}),
        _S.MERGED: frozenset(),
        _S.WITHDRAWN: frozenset(),
    },
)
# An item in one of these may stand in an issue.
USABLE = frozenset({_S.RECEIVED, _S.IN_REVIEW, _S.QUESTION, _S.DECIDED})


_E = EventState
EVENT = Machine(
    noun="event",
    word=N_("Termin"),
    column="event_state",
    arrows={
        _E.ON: frozenset({_E.POSTPONED, _E.CANCELLED}),
        _E.POSTPONED: frozenset({_E.ON, _E.CANCELLED}),
        _E.CANCELLED: frozenset({_E.ON, _E.POSTPONED}),
    },
)


class ClearanceState(StrEnum):
    """The decision about one submission for one newsletter."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    HELD_OVER = "held_over"
    DECLINED = "declined"


_C = ClearanceState
CLEARANCE = Machine(
    noun="clearance",
    word=N_("Freigabe für den Newsletter"),
    arrows={
        _C.ASKED: frozenset({_C.ACCEPTED, _C.HELD_OVER, _C.DECLINED}),
        _C.ACCEPTED: frozenset({_C.HELD_OVER, _C.DECLINED, _C.ASKED}),
        _C.HELD_OVER: frozenset({_C.ACCEPTED, _C.DECLINED, _C.ASKED}),
        _C.DECLINED: frozenset({_C.ASKED}),  # undo
    },
)


class Via(StrEnum):
    """How an item came in."""

    FORM = "form"
    API = "api"
    EDITOR = "editor"
    MAIL = "mail"
    FEED = "feed"


class Submission(SQLModel, table=True):
    """One news, date or success story. Its reference to people is ``q<id>``."""

    __tablename__ = "submission"
    __table_args__ = (
        one_of("state", SubmissionState),
        one_of("kind", Kind),
        one_of("reach", Audience),
        one_of("event_state", EventState),
        one_of("via", Via),
        CheckConstraint("cluster_id IS NULL OR source IS NULL", name="one_origin"),
        CheckConstraint("cluster_id IS NOT NULL OR source IS NOT NULL", name="some_origin"),
        CheckConstraint("(kind = 'date') = (event_state IS NOT NULL)", name="event_state_of_dates"),
        CheckConstraint("(kind = 'date') = (uid IS NOT NULL)", name="uid_of_dates"),
        CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name="merged_into"),
        UniqueConstraint("id", "reach"),  # clearances refer to both
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: Kind = Field(sa_type=EnumText(Kind))
    state: SubmissionState = Field(sa_type=EnumText(SubmissionState), index=True)
    reach: Audience = Field(sa_type=EnumText(Audience))  # widest audience that was asked for
    cluster_id: int | None = Field(default=None, foreign_key="cluster.id", index=True)
    source: str | None = Field(default=None, max_length=200)  # "BMWE", "ECCP"; an editor's item
    contributor_id: int | None = Field(default=None, foreign_key="contributor.id")
    via: Via = Field(sa_type=EnumText(Via))
    received_at: datetime = Field(sa_type=UtcDateTime)
    status_token_sha256: str | None = Field(default=None, max_length=64, unique=True)
    revision: int = 1  # the newest; see Revision
    merged_into_id: int | None = Field(default=None, foreign_key="submission.id")
    event_state: EventState | None = Field(default=None, sa_type=EnumText(EventState))
    uid: str | None = Field(default=None, max_length=255, unique=True)  # of the calendar entry
    sequence: int = 0  # of the calendar entry, +1 per change of what a calendar shows
    announced_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # to the editors

    @property
    def reference(self) -> str:
        """As people say it: q412."""
        return f"q{self.id}"


class StatusLink(SQLModel, table=True):
    """A further address of a status page; its token is kept hashed, and made of the moment."""

    __tablename__ = "status_link"

    token_sha256: str = Field(primary_key=True, max_length=64)
    submission_id: int = Field(foreign_key="submission.id", index=True)
    made_at: datetime = Field(sa_type=UtcDateTime)


class Revision(SQLModel, table=True):
    """The content of a submission at one time; rows are added and never changed."""

    __tablename__ = "revision"
    __table_args__ = (
        CheckConstraint("number >= 1", name="counts_from_one"),
        CheckConstraint("starts_at IS NULL OR starts_on IS NULL", name="moment_or_day"),
        CheckConstraint(
            "ends_at IS NULL OR starts_at IS NOT NULL AND ends_at >= starts_at",
            name="ends_after_start",
        ),
        CheckConstraint(
            "ends_on IS NULL OR starts_on IS NOT NULL AND ends_on >= starts_on",
            name="last_day_after_first",
        ),
        CheckConstraint("picture_id IS NULL OR rights_confirmed", name="pictures_with_rights"),
    )

    submission_id: int = Field(foreign_key="submission.id", primary_key=True)
    number: int = Field(primary_key=True)
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by: str = Field(max_length=320)
    title: str
    teaser: str
    body: str = ""  # Markdown, clean
    link: str | None = None
    language: str = Field(default="de", max_length=8)
    contact_name: str | None = None  # for the editor, never shown
    contact_email: str | None = None
    embargo_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    picture_id: int | None = Field(default=None, foreign_key="picture.id")
    image_alt: str | None = None  # NULL: nobody has decided
    image_decorative: bool = False
    image_credit: str | None = None
    rights_confirmed: bool = False
    # a date has either moments or whole days (the last one inclusive)
    starts_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    starts_on: date | None = None
    ends_on: date | None = None
    location: str | None = None
    online: bool = False
    register_by: datetime | None = Field(default=None, sa_type=UtcDateTime)
    challenge: str | None = None
    solution: str | None = None
    result: str | None = None
    quote: str | None = None  # somebody's words, and whose they are
    # for the editors, never shown
    approved_by: str | None = None  # who agreed to a success story
    persons_shown: str | None = None
    wish_issue: str | None = Field(default=None, max_length=20)  # number, "2027-01"
    urgent_because: str | None = None  # why an issue past its cut-off should still take it
    current_until: date | None = None  # afterwards nobody needs it any more
    handed_in: dict[str, Any] | None = Field(default=None, sa_type=JSON)  # as it came: evidence


class ChangeState(StrEnum):
    """What became of a wish to change an item."""

    OPEN = "open"
    TAKEN_OVER = "taken_over"
    DECLINED = "declined"
    REPLACED = "replaced"  # by a newer wish


_W = ChangeState
CHANGE = Machine(
    noun="change_request",
    word=N_("Änderungswunsch"),
    arrows={
        _W.OPEN: frozenset({_W.TAKEN_OVER, _W.DECLINED, _W.REPLACED}),
        _W.TAKEN_OVER: frozenset(),
        _W.DECLINED: frozenset(),
        _W.REPLACED: frozenset(),
    },
)


class ChangeRequest(SQLModel, table=True):
    """What a contributor wants changed: the fields as they shall read."""

    __tablename__ = "change_request"
    __table_args__ = (
        one_of("state", ChangeState),
        ForeignKeyConstraint(
            ["submission_id", "revision"],
            ["revision.submission_id", "revision.number"],
            name="fk_change_request_revision",
        ),
        Index("ix_change_request_submission_id", "submission_id", "state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    submission_id: int
    revision: int  # the one that was looked at
    state: ChangeState = Field(sa_type=EnumText(ChangeState))
    wanted: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)  # Submission JSON, partly
    comment: str = ""
    asked_at: datetime = Field(sa_type=UtcDateTime)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str | None = None  # of a decline


class Clearance(SQLModel, table=True):
    """„Wo soll es erscheinen?“: one submission for one newsletter."""

    __tablename__ = "clearance"
    __table_args__ = (
        one_of("state", ClearanceState),
        one_of("audience", Audience),
        CheckConstraint(
            "NOT (audience = 'public' AND reach = 'members')", name="members_stay_with_members"
        ),
        CheckConstraint("state <> 'declined' OR reason IS NOT NULL", name="declined_with_reason"),
        ForeignKeyConstraint(["submission_id", "reach"], ["submission.id", "submission.reach"]),
        UniqueConstraint("submission_id", "newsletter", "audience", "state"),  # placements refer
        Index("ix_clearance_newsletter_state", "newsletter", "state"),
    )

    submission_id: int = Field(primary_key=True)
    newsletter: str = Field(primary_key=True, max_length=64)
    audience: Audience = Field(sa_type=EnumText(Audience))  # the newsletter's, when asked
    reach: Audience = Field(sa_type=EnumText(Audience))  # the submission's
    state: ClearanceState = Field(sa_type=EnumText(ClearanceState))
    reason: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_by: str | None = Field(default=None, max_length=200)
    held_until: str | None = Field(default=None, max_length=20)  # number of the issue that takes it


class Credit(SQLModel, table=True):
    """A further cluster that an item is credited to, after a merge."""

    __tablename__ = "credit"

    submission_id: int = Field(foreign_key="submission.id", primary_key=True)
    cluster_id: int = Field(foreign_key="cluster.id", primary_key=True)


class Trait(SQLModel, table=True):
    """What a submission's newest revision may be found by when one like it comes in.

    Derived (``likeness.keys``); the primary key is the index that it is looked up along.
    """

    __tablename__ = "trait"

    key: str = Field(primary_key=True, max_length=100)
    submission_id: int = Field(primary_key=True, foreign_key="submission.id", index=True)
