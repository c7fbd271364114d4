"""Person and consent are two facts: a subscriber, and a subscription to one newsletter.

Beside them the evidence (append-only) and the suppression list (keyed hashes only, LA-13).
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from .columns import EnumText, UtcDateTime, one_of


class SubscriptionState(StrEnum):
    """Where a subscription stands. Arrows: ``MOVES``."""

    PENDING = "pending"  # signed up, not confirmed
    ACTIVE = "active"  # may be written to
    PAUSED = "paused"  # by the person, until a day
    RESTRICTED = "restricted"  # Art. 18 DSGVO: kept, not used
    EXPIRED = "expired"  # never confirmed in time
    ENDED = "ended"  # by the person, operator, bounces, complaint, register, erasure


MOVES: dict[SubscriptionState, frozenset[SubscriptionState]] = {
    SubscriptionState.PENDING: frozenset(
        {SubscriptionState.ACTIVE, SubscriptionState.EXPIRED, SubscriptionState.ENDED}
    ),
    SubscriptionState.ACTIVE: frozenset(
        {SubscriptionState.PAUSED, SubscriptionState.RESTRICTED, SubscriptionState.ENDED}
    ),
    SubscriptionState.PAUSED: frozenset({SubscriptionState.ACTIVE, SubscriptionState.ENDED}),
    SubscriptionState.RESTRICTED: frozenset({SubscriptionState.ACTIVE, SubscriptionState.ENDED}),
    SubscriptionState.EXPIRED: frozenset({SubscriptionState.PENDING}),  # only by the person
    SubscriptionState.ENDED: frozenset({SubscriptionState.PENDING}),  # only by the person
}


class EditionChoice(StrEnum):
    """Which edition of each issue a reader wants."""

    FULL = "full"
    TEXT = "text"  # as plain text only
    DATES = "dates"  # its dates only; nothing of an issue that has none


class EndReason(StrEnum):
    """Why a subscription ended."""

    PERSON = "person"
    OPERATOR = "operator"
    BOUNCES = "bounces"
    COMPLAINT = "complaint"
    REGISTER = "register"  # left the member register
    ERASED = "erased"


class Evidence(StrEnum):
    """What happened to a consent; each is one row that is never changed (LA-05)."""

    SIGNED_UP = "signed_up"
    CONFIRM_SENT = "confirm_sent"
    CONFIRMED = "confirmed"
    IMPORTED = "imported"
    ENDED = "ended"
    EXPIRED = "expired"
    PAUSED = "paused"
    RESUMED = "resumed"
    RESTRICTED = "restricted"
    UNRESTRICTED = "unrestricted"
    CHOSEN = "chosen"  # another edition; ``evidence`` says which


class Subscriber(SQLModel, table=True):
    """A person. Erased: address, name and keys are NULL, the row stays for the account."""

    __tablename__ = "subscriber"
    __table_args__ = (
        CheckConstraint("(erased_at IS NULL) = (email IS NOT NULL)", name="erased_or_addressed"),
        CheckConstraint("(email IS NULL) = (address_key IS NULL)", name="address_and_key_together"),
        CheckConstraint(
            "(email IS NULL) = (address_hash IS NULL)", name="address_and_hash_together"
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(max_length=32, unique=True)  # random, for tokens; never the address
    email: str | None = Field(default=None, max_length=320)  # as we send to it, ASCII
    address_key: str | None = Field(default=None, max_length=320, unique=True)  # NFC, lower case
    address_hash: str | None = Field(default=None, max_length=64, index=True)  # HMAC-SHA-256, hex
    name: str | None = Field(default=None, max_length=200)
    language: str = Field(default="de", max_length=8)
    created_at: datetime = Field(sa_type=UtcDateTime)
    erased_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Subscription(SQLModel, table=True):
    """The relation of one person to one newsletter."""

    __tablename__ = "subscription"
    __table_args__ = (
        one_of("state", SubscriptionState),
        one_of("ended_why", EndReason),
        one_of("edition", EditionChoice),
        CheckConstraint("(state = 'ended') = (ended_why IS NOT NULL)", name="ended_with_reason"),
        CheckConstraint(
            "(state = 'pending') = (pending_until IS NOT NULL)", name="pending_with_end"
        ),
        UniqueConstraint("subscriber_id", "newsletter"),
        # the audience of an issue is read by newsletter and state, in id order
        Index("ix_subscription_audience", "newsletter", "state", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    subscriber_id: int = Field(foreign_key="subscriber.id", index=True)
    newsletter: str = Field(max_length=64)
    state: SubscriptionState = Field(sa_type=EnumText(SubscriptionState))
    since: datetime = Field(sa_type=UtcDateTime)  # of the present state
    pending_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    paused_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_why: EndReason | None = Field(default=None, sa_type=EnumText(EndReason))
    confirm_nonce: str | None = Field(default=None, max_length=64)  # single use (WB-05)
    confirms_sent: int = 0  # in this pending life (WB-06)
    last_confirm_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    edition: EditionChoice = Field(
        default=EditionChoice.FULL,
        sa_type=EnumText(EditionChoice),
        sa_column_kwargs={"server_default": EditionChoice.FULL.value},
    )


class ConsentText(SQLModel, table=True):
    """The wording somebody agreed to, immutable, known by its SHA-256 (LA-04)."""

    __tablename__ = "consent_text"

    sha256: str = Field(primary_key=True, max_length=64)
    wording: str
    first_used_at: datetime = Field(sa_type=UtcDateTime)


class Consent(SQLModel, table=True):
    """One line of evidence; rows are added and never changed."""

    __tablename__ = "consent"
    __table_args__ = (one_of("event", Evidence),)

    id: int | None = Field(default=None, primary_key=True)
    subscription_id: int = Field(foreign_key="subscription.id", index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    event: Evidence = Field(sa_type=EnumText(Evidence))
    channel: str = Field(max_length=40)  # "web", "one-click", "import", "operator", ...
    consented_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # imports: when then
    text_sha256: str | None = Field(default=None, foreign_key="consent_text.sha256", max_length=64)
    evidence: str | None = None  # what an import brought along, who ended it and why
    language: str | None = Field(default=None, max_length=8)
    message_id: str | None = Field(default=None, max_length=255)  # of the confirmation letter
    by: str | None = Field(default=None, max_length=200)  # operator's name; NULL: the person


class Suppression(SQLModel, table=True):
    """An address we do not write to, as a keyed hash; ``scope`` is a newsletter or ``*``."""

    __tablename__ = "suppression"
    __table_args__ = (UniqueConstraint("address_hash", "scope"),)

    id: int | None = Field(default=None, primary_key=True)
    address_hash: str = Field(max_length=64)
    scope: str = Field(default="*", max_length=64)
    reason: str = Field(max_length=40)  # unsubscribed, erased, bounced, complaint, operator
    since: datetime = Field(sa_type=UtcDateTime)


class SignUpAttempt(SQLModel, table=True):
    """One try at the sign-up form, for the limits of WB-06; purged after a day."""

    __tablename__ = "sign_up_attempt"

    id: int | None = Field(default=None, primary_key=True)
    key_hash: str = Field(max_length=64, index=True)  # of an address, or of a network
    at: datetime = Field(sa_type=UtcDateTime)
