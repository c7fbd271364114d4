"""One number of a newsletter: its state, its places, its editions, its approvals."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

from newsletter.content import Audience, Edition
from newsletter.language import N_
from subscribers.columns import EnumText, UtcDateTime, one_of, quoted

from .moves import Machine
from .submission import ClearanceState


class IssueState(StrEnum):
    """Where an issue stands."""

    DRAFT = "draft"
    IN_APPROVAL = "in_approval"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    LATE = "late"  # its time passed by more than two hours while nothing ran
    OPENING = "opening"  # the audience is being fixed
    SENDING = "sending"
    PAUSED = "paused"
    SENT = "sent"
    CANCELLED = "cancelled"
    STOPPED = "stopped"


_I = IssueState
ISSUE = Machine(
    noun="issue",
    word=N_("Ausgabe"),
    arrows={
        _I.DRAFT: frozenset({_I.IN_APPROVAL, _I.CANCELLED}),
        _I.IN_APPROVAL: frozenset({_I.APPROVED, _I.DRAFT, _I.CANCELLED}),
        _I.APPROVED: frozenset({_I.SCHEDULED, _I.DRAFT, _I.CANCELLED}),
        _I.SCHEDULED: frozenset({_I.OPENING, _I.APPROVED, _I.DRAFT, _I.LATE, _I.CANCELLED}),
        _I.LATE: frozenset({_I.SCHEDULED, _I.DRAFT, _I.CANCELLED}),
        _I.OPENING: frozenset({_I.SENDING, _I.STOPPED}),
        _I.SENDING: frozenset({_I.PAUSED, _I.SENT, _I.STOPPED}),
        _I.PAUSED: frozenset({_I.SENDING, _I.STOPPED}),
        _I.SENT: frozenset(),
        _I.CANCELLED: frozenset({_I.DRAFT}),  # begun anew, if nobody ever approved it
        _I.STOPPED: frozenset(),
    },
)
EDITABLE = frozenset({_I.DRAFT, _I.IN_APPROVAL, _I.APPROVED, _I.SCHEDULED, _I.LATE})
CANCELLABLE = EDITABLE
APPROVED_BYTES = frozenset(  # an approval of content_hash stands behind each of these
    {_I.APPROVED, _I.SCHEDULED, _I.LATE, _I.OPENING, _I.SENDING, _I.PAUSED, _I.SENT, _I.STOPPED}
)
GONE_OUT = frozenset({_I.OPENING, _I.SENDING, _I.PAUSED, _I.SENT, _I.STOPPED})
PUBLIC_FROM = frozenset({_I.SENDING, _I.PAUSED, _I.SENT, _I.STOPPED})  # what readers may see


class ApprovalState(StrEnum):
    """What became of one request for approval."""

    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"
    VOID = "void"  # the issue changed, or the deadline passed


_A = ApprovalState
APPROVAL = Machine(
    noun="approval",
    word=N_("Freigabeanfrage"),
    arrows={
        _A.OPEN: frozenset({_A.APPROVED, _A.DECLINED, _A.VOID}),
        _A.APPROVED: frozenset({_A.VOID}),
        _A.DECLINED: frozenset(),
        _A.VOID: frozenset(),
    },
)


class How(StrEnum):
    """How we know of an approval."""

    COMMAND = "command"  # another editor at the command line
    LINK = "link"
    EVIDENCE = "evidence"  # a yes by e-mail or phone, filed by an editor


class Issue(SQLModel, table=True):
    """One number of a newsletter; its id is ``<newsletter>-<number>``."""

    __tablename__ = "issue"
    __table_args__ = (
        one_of("state", IssueState),
        one_of("audience", Audience),
        CheckConstraint(
            f"state NOT IN ({quoted(sorted(APPROVED_BYTES))}) OR content_hash IS NOT NULL",
            name="approved_bytes",
        ),
        CheckConstraint("state <> 'scheduled' OR send_at IS NOT NULL", name="scheduled_for_a_time"),
        CheckConstraint(
            "state NOT IN ('sending', 'paused', 'sent') OR recipients IS NOT NULL",
            name="audience_fixed",
        ),
        UniqueConstraint("newsletter", "number"),
        UniqueConstraint("id", "newsletter", "audience"),  # placements refer to it
    )

    id: str = Field(primary_key=True, max_length=80)
    newsletter: str = Field(max_length=64)
    audience: Audience = Field(sa_type=EnumText(Audience))  # the newsletter's, when it was made
    number: str = Field(max_length=20)
    state: IssueState = Field(sa_type=EnumText(IssueState), index=True)
    subject: str
    preheader: str
    opening: str  # Markdown
    read_key: str = Field(max_length=43, unique=True)  # unguessable, for /read/<key>
    corrects_id: str | None = Field(default=None, foreign_key="issue.id", max_length=80)
    version: int = 1  # +1 per edit, so that two editors notice each other
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by: str = Field(max_length=200)
    send_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    content_hash: str | None = Field(default=None, max_length=64)  # of the built edition
    accepted_warnings: str | None = None  # the reason given with --accept-warnings
    # the audience: subscriptions up to _upto are filled in by id ranges, _cursor is done
    audience_upto: int | None = None
    audience_cursor: int | None = None
    recipients: int | None = None  # NULL until the audience is fixed
    opened_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    account: dict[str, Any] | None = Field(default=None, sa_type=JSON)  # sums kept at the close
    account_skipped: dict[str, Any] | None = Field(default=None, sa_type=JSON)  # and why skipped
    figures: dict[str, Any] | None = Field(default=None, sa_type=JSON)  # for reports; no people


class Placement(SQLModel, table=True):
    """Where in an issue a certain revision of an item stands.

    ``clearance`` is always "accepted", and the key to the clearance holds it: what is not
    accepted for a newsletter cannot be placed in its issues, and what is placed cannot lose
    its clearance before the place is given up.
    """

    __tablename__ = "placement"
    __table_args__ = (
        CheckConstraint("clearance = 'accepted'", name="only_accepted"),
        ForeignKeyConstraint(
            ["issue_id", "newsletter", "audience"],
            ["issue.id", "issue.newsletter", "issue.audience"],
            name="fk_placement_issue",
        ),
        ForeignKeyConstraint(
            ["submission_id", "newsletter", "audience", "clearance"],
            [
                "clearance.submission_id",
                "clearance.newsletter",
                "clearance.audience",
                "clearance.state",
            ],
            name="fk_placement_clearance",
        ),
        ForeignKeyConstraint(
            ["submission_id", "revision"],
            ["revision.submission_id", "revision.number"],
            name="fk_placement_revision",
        ),
        Index("ix_placement_submission_id", "submission_id"),
    )

    issue_id: str = Field(primary_key=True, max_length=80)
    submission_id: int = Field(primary_key=True)
    revision: int
    newsletter: str = Field(max_length=64)
    audience: Audience = Field(sa_type=EnumText(Audience))
    clearance: ClearanceState = Field(
        default=ClearanceState.ACCEPTED, sa_type=EnumText(ClearanceState)
    )
    section: str = Field(max_length=64)
    position: int  # within its section, from 1; gaps are allowed


class Publication(SQLModel, table=True):
    """An item published outside any issue (a date that no issue can reach)."""

    __tablename__ = "publication"
    __table_args__ = (
        CheckConstraint("clearance = 'accepted'", name="only_accepted"),
        CheckConstraint("audience = 'public'", name="only_public"),
        ForeignKeyConstraint(
            ["submission_id", "newsletter", "audience", "clearance"],
            [
                "clearance.submission_id",
                "clearance.newsletter",
                "clearance.audience",
                "clearance.state",
            ],
            name="fk_publication_clearance",
        ),
        ForeignKeyConstraint(
            ["submission_id", "revision"],
            ["revision.submission_id", "revision.number"],
            name="fk_publication_revision",
        ),
    )

    submission_id: int = Field(primary_key=True)
    revision: int
    newsletter: str = Field(max_length=64)
    audience: Audience = Field(sa_type=EnumText(Audience))
    clearance: ClearanceState = Field(
        default=ClearanceState.ACCEPTED, sa_type=EnumText(ClearanceState)
    )
    published_at: datetime = Field(sa_type=UtcDateTime)
    published_by: str = Field(max_length=200)


class EditionRow(SQLModel, table=True):
    """A frozen result of rendering; rows are added, and changed by a take-down alone.

    ``content_hash`` stays what was approved. Where an item was taken out of the bytes,
    ``blanked_hash`` is the hash over what was left of them, over all variants.
    """

    __tablename__ = "edition"
    __table_args__ = (
        UniqueConstraint("issue_id", "content_hash", "variant"),
        UniqueConstraint("id", "issue_id"),  # deliveries refer to both
    )

    id: int | None = Field(default=None, primary_key=True)
    issue_id: str = Field(foreign_key="issue.id", max_length=80)
    content_hash: str = Field(max_length=64)  # over all variants of this build
    variant: str = Field(default="full", max_length=20)
    language: str | None = Field(default=None, max_length=8)  # NULL: as its HTML part says
    subject: str
    sender: str
    list_id: str
    html: str
    text: str
    calendar: str = ""
    pictures: list[Any] = Field(default_factory=list, sa_type=JSON)
    made_at: datetime = Field(sa_type=UtcDateTime)
    blanked_hash: str | None = Field(default=None, max_length=64)
    made_with: dict[str, Any] | None = Field(default=None, sa_type=JSON)  # see issues.made_with

    def frozen(self) -> Edition:
        """The edition as the pure rooms know it."""
        return Edition(
            variant=self.variant,
            subject=self.subject,
            sender=self.sender,
            list_id=self.list_id,
            html=self.html,
            text=self.text,
            calendar=self.calendar,
            pictures=tuple(self.pictures),
            speaks=self.language or "",
        )


class Approval(SQLModel, table=True):
    """A request for a second person's yes to exactly these bytes, and what came of it."""

    __tablename__ = "approval"
    __table_args__ = (
        one_of("state", ApprovalState),
        one_of("how", How),
        CheckConstraint(
            "state NOT IN ('approved', 'declined') OR decided_by IS NOT NULL", name="decided_by_who"
        ),
        CheckConstraint("alone OR decided_by IS NULL OR decided_by <> requested_by", name="second"),
        Index("ix_approval_issue_id", "issue_id", "state"),
        Index("ix_approval_reminder_sha256", "reminder_sha256", unique=True),
    )

    id: int | None = Field(default=None, primary_key=True)
    issue_id: str = Field(foreign_key="issue.id", max_length=80)
    content_hash: str = Field(max_length=64)
    state: ApprovalState = Field(sa_type=EnumText(ApprovalState))
    requested_by: str = Field(max_length=200)
    requested_at: datetime = Field(sa_type=UtcDateTime)
    asked: str | None = Field(default=None, max_length=200)  # --to NAME
    token_sha256: str | None = Field(default=None, max_length=64, unique=True)
    until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    alone: bool = False  # approval.people = 1 was written down
    decided_by: str | None = Field(default=None, max_length=200)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    how: How | None = Field(default=None, sa_type=EnumText(How))
    comment: str | None = None
    # the warnings about these bytes, each with why it is in order, and who says so
    warnings: list[dict[str, Any]] | None = Field(default=None, sa_type=JSON)
    # what was asked for, if the approver changed sentences and said yes to ``content_hash``
    asked_hash: str | None = Field(default=None, max_length=64)
    changes: list[dict[str, Any]] | None = Field(default=None, sa_type=JSON)
    # sentences typed on a page that was over by then: offered on the next one
    unsaved: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    file_reference: str | None = Field(default=None, max_length=200)  # „Aktenzeichen“
    reminded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reminder_sha256: str | None = Field(default=None, max_length=64)  # of a second link to it
    evidence_name: str | None = Field(default=None, max_length=255)
    evidence: bytes | None = Field(default=None, sa_type=LargeBinary)


class WarningReason(SQLModel, table=True):
    """Why the warnings of one kind about an issue are in order.

    It counts while ``mark`` is that of the findings and of the texts that they are about.
    """

    __tablename__ = "warning_reason"
    __table_args__ = (CheckConstraint("reason <> ''", name="says_why"),)

    issue_id: str = Field(primary_key=True, max_length=80, foreign_key="issue.id")
    kind: str = Field(primary_key=True, max_length=64)  # the name of a check
    mark: str = Field(max_length=64)
    reason: str
    given_by: str = Field(max_length=200)
    given_at: datetime = Field(sa_type=UtcDateTime)


class WhenApproved(SQLModel, table=True):
    """An issue that is to be scheduled by itself once it is approved; the row goes with that."""

    __tablename__ = "when_approved"
    __table_args__ = (CheckConstraint("latest > planned_at", name="still_ahead"),)

    issue_id: str = Field(primary_key=True, max_length=80, foreign_key="issue.id")
    send_at: datetime = Field(sa_type=UtcDateTime)
    latest: datetime = Field(sa_type=UtcDateTime)  # a yes that comes later comes too late
    planned_by: str = Field(max_length=200)
    planned_at: datetime = Field(sa_type=UtcDateTime)
