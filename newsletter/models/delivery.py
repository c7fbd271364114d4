"""The ledger's rows: a delivery (this edition to this subscriber) and a letter (one person).

Two tables, one engine, letters first. Which columns hold what in which state:

    state      claim       not_before   settled_at   why
    queued     NULL        NULL or due  NULL         -
    claimed    number      -            NULL         -
    sending    number      -            NULL         -
    deferred   NULL        next try     NULL         -
    accepted   last claim  -            moment       -
    refused    last claim  -            moment       set
    unknown    last claim  -            moment       set
    skipped, expired, failed, left      moment       set

A delivery's row is written three times on its way, and an index that has a column of what was
written takes more than the row itself. So no index has ``state`` or ``settled_at``: ``listed``
stays NULL from the claim until the message was accepted, and PostgreSQL writes the row where it
stands (a HOT update): a transaction of eight copies takes a third less.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from newsletter.language import N_
from subscribers.columns import EnumText, UtcDateTime, one_of

from .moves import Machine


class DeliveryState(StrEnum):
    """Where one message stands."""

    QUEUED = "queued"
    CLAIMED = "claimed"  # a sender works on it; nothing has gone out
    SENDING = "sending"  # committed before its final dot can go out
    ACCEPTED = "accepted"  # handed to the mail server
    DEFERRED = "deferred"  # a temporary no; comes again
    REFUSED = "refused"  # a permanent no
    UNKNOWN = "unknown"  # the final dot may have gone out; a person decides
    SKIPPED = "skipped"  # left meanwhile, suppressed, erased, stopped
    EXPIRED = "expired"
    FAILED = "failed"  # could not be composed
    LEFT = "left"  # was unknown, a person said leave


_D = DeliveryState
_ARROWS = {
    # queued and deferred -> unknown: another home may have gone on with them (db adopt)
    _D.QUEUED: frozenset({_D.CLAIMED, _D.SKIPPED, _D.EXPIRED, _D.UNKNOWN}),
    _D.CLAIMED: frozenset({_D.QUEUED, _D.SENDING, _D.SKIPPED, _D.FAILED, _D.UNKNOWN}),
    _D.SENDING: frozenset({_D.ACCEPTED, _D.DEFERRED, _D.REFUSED, _D.UNKNOWN}),
    _D.DEFERRED: frozenset({_D.QUEUED, _D.EXPIRED, _D.SKIPPED, _D.UNKNOWN}),
    # unknown -> accepted, deferred, refused: a late answer under the row's own claim
    _D.UNKNOWN: frozenset({_D.ACCEPTED, _D.DEFERRED, _D.REFUSED, _D.QUEUED, _D.LEFT}),
    _D.ACCEPTED: frozenset(),
    _D.REFUSED: frozenset(),
    _D.SKIPPED: frozenset(),
    _D.EXPIRED: frozenset(),
    _D.FAILED: frozenset(),
    _D.LEFT: frozenset(),
}
DELIVERY = Machine(noun="delivery", word=N_("Zustellung"), arrows=_ARROWS)
LETTER = Machine(noun="letter", word=N_("Nachricht"), arrows=_ARROWS)

IN_HAND = frozenset({_D.CLAIMED, _D.SENDING})  # a sender's, or a dead sender's
UNFINISHED = frozenset({_D.QUEUED, _D.CLAIMED, _D.SENDING, _D.DEFERRED})  # an issue waits for these
FINAL = frozenset({_D.ACCEPTED, _D.REFUSED, _D.SKIPPED, _D.FAILED, _D.EXPIRED, _D.LEFT})


class Afterwards(StrEnum):
    """What happened after a message was accepted; beside the state, so sums never change."""

    BOUNCED = "bounced"
    COMPLAINED = "complained"


def _carried(*more: object) -> tuple[object, ...]:
    """The CHECKs that both tables share."""
    return (
        one_of("state", DeliveryState),
        CheckConstraint(
            "state NOT IN ('claimed', 'sending') OR claim IS NOT NULL", name="in_hand_by_a_claim"
        ),
        CheckConstraint(
            "state NOT IN ('refused', 'unknown', 'skipped', 'expired', 'failed', 'left')"
            " OR why IS NOT NULL",
            name="not_accepted_with_reason",
        ),
        CheckConstraint("state <> 'deferred' OR not_before IS NOT NULL", name="deferred_until"),
        CheckConstraint(
            "(settled_at IS NULL) = (state IN ('queued', 'claimed', 'sending', 'deferred'))",
            name="settled_at_a_moment",
        ),
        *more,
    )


class Carried(SQLModel):
    """What a delivery and a letter share."""

    state: DeliveryState = Field(sa_type=EnumText(DeliveryState))
    message_id: str = Field(max_length=255, unique=True)  # without <>; never changes
    attempts: int = 0
    claim: int | None = None  # the claim that has, or last had, the row
    claimed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    not_before: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    relay: str | None = Field(default=None, max_length=80)
    reply: str | None = None  # the relay's last words, all lines
    why: str | None = None
    resent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # was unknown, sent again


_LISTED, _HAD = text("listed IS NOT NULL"), text("claim IS NOT NULL")
_CLAIMED = text("claimed_at IS NOT NULL")
_UNLISTED = "CASE WHEN state IN ('claimed', 'sending', 'accepted') THEN NULL ELSE state END"


class Delivery(Carried, table=True):
    """One row per issue and reader, made before anything is sent."""

    __tablename__ = "delivery"
    __table_args__ = _carried(
        one_of("afterwards", Afterwards),
        # an edition is of an issue that there is, so this row's issue is one too
        ForeignKeyConstraint(["edition_id", "issue_id"], ["edition.id", "edition.issue_id"]),
        UniqueConstraint("issue_id", "subscriber_id"),
        # not_before: a million rows may wait for their moment, and are not looked at till then
        Index(
            "ix_delivery_listed",
            "listed",
            "issue_id",
            "not_before",
            "id",
            sqlite_where=_LISTED,
            postgresql_where=_LISTED,
        ),
        # what is in hand, beyond the claims that are through
        Index("ix_delivery_claim", "claim", sqlite_where=_HAD, postgresql_where=_HAD),
        # pace: what went out lately
        Index(
            "ix_delivery_claimed_at",
            "claimed_at",
            "id",
            sqlite_where=_CLAIMED,
            postgresql_where=_CLAIMED,
        ),
        {"postgresql_with": {"fillfactor": 50}},  # room for a row's next versions beside it
    )

    id: int | None = Field(default=None, primary_key=True)
    issue_id: str = Field(max_length=80)
    edition_id: int
    subscriber_id: int = Field(foreign_key="subscriber.id", index=True)
    afterwards: Afterwards | None = Field(default=None, sa_type=EnumText(Afterwards))
    listed: DeliveryState | None = Field(  # the state, where an index has to lead to it
        default=None,
        sa_type=EnumText(DeliveryState),
        sa_column_args=(Computed(_UNLISTED, persisted=True),),
    )


class Letter(Carried, table=True):
    """A mail to one person. Its texts hold secret links, so they go once it is settled."""

    __tablename__ = "letter"
    __table_args__ = _carried(
        Index("ix_letter_claimable", "state", "id"),
        Index("ix_letter_settled_at", "settled_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=40)  # which letter: templates/letters/<name>/
    to_email: str = Field(max_length=320)
    to_name: str | None = Field(default=None, max_length=200)
    newsletter: str | None = Field(default=None, max_length=64)  # whose sender it carries
    subject: str
    text: str
    html: str
    posted_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    subscription_id: int | None = Field(default=None, foreign_key="subscription.id")


class Sender(SQLModel, table=True):
    """One row: who sends from here, and how far the claims have come (DESIGN §7)."""

    __tablename__ = "sender"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    last_claim: int = 0
    through: int = Field(  # of no claim up to this one a copy is claimed or sending
        default=0, sa_column_kwargs={"server_default": "0"}
    )
    home: str | None = None  # absolute path, as it last sent
    machine: str | None = Field(default=None, max_length=80)
    boot: str | None = Field(default=None, max_length=80)
    adopted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    adopted_why: str | None = None
