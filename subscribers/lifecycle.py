"""The moves of a subscription: sign up, confirm, import, leave, erase, expire.

Each move is a compare-and-swap on the state (table: ``models.MOVES``) and adds one line of
evidence (LA-05). Who leaves is put on the suppression list, so that no later import brings
them back; only their own new double opt-in does (LA-13).
"""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import CursorResult, exists, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from .addresses import Address, hashed
from .models import (
    MOVES,
    Consent,
    ConsentText,
    EditionChoice,
    EndReason,
    Evidence,
    Subscriber,
    Subscription,
    SubscriptionState,
)
from .suppression import EVERYWHERE, lift, suppress, suppressed_for_good

CONFIRM_WITHIN = timedelta(hours=48)  # WB-05, LA-08
CONFIRM_LETTERS = 3  # at most, in one pending life (WB-06)

# Who left the register is not suppressed, who was erased is suppressed everywhere (``erase``).
_SUPPRESSED_BECAUSE = {
    EndReason.PERSON: "unsubscribed",
    EndReason.OPERATOR: "unsubscribed",
    EndReason.BOUNCES: "bounced",
    EndReason.COMPLAINT: "complaint",
}
_PENDING, _ACTIVE = SubscriptionState.PENDING, SubscriptionState.ACTIVE
_EXPIRED, _ENDED = SubscriptionState.EXPIRED, SubscriptionState.ENDED


class SignUp(StrEnum):
    """What became of somebody's wish to read."""

    TO_CONFIRM = "to_confirm"  # a confirmation letter is due
    ALREADY = "already"  # they read it already
    CLOSED = "closed"  # enough letters sent, suppressed for good, or restricted


class Confirmation(StrEnum):
    """What became of a click on the button of the confirmation page."""

    CONFIRMED = "confirmed"
    ALREADY = "already"
    STALE = "stale"  # too late, used up, or left meanwhile


def find(session: Session, key: str) -> Subscriber | None:
    """The person with this address key."""
    return session.scalars(
        select(Subscriber).where(col(Subscriber.address_key) == key)
    ).one_or_none()


def subscription_of(
    session: Session, subscriber: Subscriber, newsletter: str
) -> Subscription | None:
    """The person's relation to one newsletter."""
    return session.scalars(
        select(Subscription).where(
            col(Subscription.subscriber_id) == subscriber.id,
            col(Subscription.newsletter) == newsletter,
        )
    ).one_or_none()


def sign_up(
    session: Session,
    now: datetime,
    secret: str,
    address: Address,
    newsletter: str,
    *,
    language: str,
    wording: str,
    channel: str,
    edition: EditionChoice = EditionChoice.FULL,
) -> tuple[SignUp, Subscription | None]:
    """Somebody typed this address and agreed to ``wording``: make the subscription pending.

    TO_CONFIRM comes with the subscription; what is stored counts for nothing until its nonce
    comes back by mail. Nothing is stored for an address that only a person can let in again.
    """
    if suppressed_for_good(session, hashed(address.key, secret), newsletter):
        return SignUp.CLOSED, None
    person = find(session, address.key) or _meet(session, now, secret, address, language)
    subscription = subscription_of(session, person, newsletter)
    if subscription is None:
        subscription = _pending(session, now, person, newsletter)
    elif subscription.state is _ACTIVE:
        return SignUp.ALREADY, subscription
    elif not _wait_again(session, now, subscription):
        return SignUp.CLOSED, subscription
    subscription.edition = edition
    witness(
        session,
        now,
        subscription,
        Evidence.SIGNED_UP,
        channel,
        text_sha256=_keep_wording(session, now, wording),
        language=language,
    )
    return SignUp.TO_CONFIRM, subscription


def confirmation_sent(
    session: Session, now: datetime, subscription: Subscription, message_id: str
) -> None:
    """A confirmation letter was posted: its 48 hours begin, and its Message-ID is evidence."""
    subscription.confirms_sent += 1
    subscription.last_confirm_at = now
    subscription.pending_until = now + CONFIRM_WITHIN
    session.flush()
    witness(session, now, subscription, Evidence.CONFIRM_SENT, "mail", message_id=message_id)


def confirm(
    session: Session, now: datetime, subscription_id: int, nonce: str, channel: str = "web"
) -> tuple[Confirmation, Subscription | None]:
    """The person pressed the button: pending becomes active, once, within its time.

    Twenty at the same moment make one move and one line of evidence (WB-44).
    """
    moved = _changed(
        session,
        update(Subscription)
        .where(
            col(Subscription.id) == subscription_id,
            col(Subscription.state) == _PENDING,
            col(Subscription.confirm_nonce) == nonce,
            col(Subscription.pending_until) > now,
        )
        .values(state=_ACTIVE, since=now, pending_until=None, confirm_nonce=None),
    )
    subscription = session.get(Subscription, subscription_id, populate_existing=True)
    if subscription is None or (not moved and subscription.state is not _ACTIVE):
        return Confirmation.STALE, subscription
    if not moved:
        return Confirmation.ALREADY, subscription
    witness(session, now, subscription, Evidence.CONFIRMED, channel)
    person = session.get_one(Subscriber, subscription.subscriber_id)
    lift(session, person.address_hash or "", subscription.newsletter)
    return Confirmation.CONFIRMED, subscription


def end(
    session: Session,
    now: datetime,
    subscription: Subscription,
    why: EndReason,
    channel: str,
    by: str | None = None,
) -> bool:
    """End a subscription and suppress its address for that newsletter; False if it had ended."""
    if not move(session, now, subscription, _ENDED, ended_why=why):
        return False
    witness(session, now, subscription, Evidence.ENDED, channel, by=by)
    person = session.get_one(Subscriber, subscription.subscriber_id)
    if person.address_hash and why in _SUPPRESSED_BECAUSE:
        suppress(
            session, now, person.address_hash, subscription.newsletter, _SUPPRESSED_BECAUSE[why]
        )
    return True


def erase(
    session: Session, now: datetime, subscriber: Subscriber, channel: str, by: str | None = None
) -> bool:
    """Forget a person (Art. 17 DSGVO): address, name and keys go, False if they were gone.

    What stays, and why: the keyed hash on the suppression list, so that no import brings them
    back; the row and the evidence without personal data, so that the accounts still add up
    (Art. 17(3)(e)).
    """
    if subscriber.address_hash is None:
        return False
    suppress(session, now, subscriber.address_hash, EVERYWHERE, "erased")
    for subscription in subscriptions_of(session, subscriber):
        end(session, now, subscription, EndReason.ERASED, channel, by)
    _forget(session, now, subscriber)
    return True


def subscriptions_of(session: Session, subscriber: Subscriber) -> Sequence[Subscription]:
    """All of a person's subscriptions, in the order they began."""
    return session.scalars(
        select(Subscription)
        .where(col(Subscription.subscriber_id) == subscriber.id)
        .order_by(col(Subscription.id))
    ).all()


def expire_pending(session: Session, now: datetime) -> list[int]:
    """Expire what was not confirmed in time; forget who never consented to anything (LA-08).

    Gives the ids of the people who were forgotten.
    """
    due = session.scalars(
        select(Subscription).where(
            col(Subscription.state) == _PENDING, col(Subscription.pending_until) <= now
        )
    ).all()
    expired = [subscription for subscription in due if _expire(session, now, subscription)]
    forgotten = []
    for subscriber_id in dict.fromkeys(subscription.subscriber_id for subscription in expired):
        person = session.get_one(Subscriber, subscriber_id)
        if person.erased_at is None and not _keeps_a_reason(session, person):
            _forget(session, now, person)
            forgotten.append(subscriber_id)
    return forgotten


def names_the_person(text: str, email: str, name: str | None) -> bool:
    """Whether a free text holds the address or a part of the name (three letters or more)."""
    parts = {email, email.partition("@")[0], *(name or "").split()}
    return any(part.casefold() in text.casefold() for part in parts if len(part) > 2)


def _meet(
    session: Session, now: datetime, secret: str, address: Address, language: str
) -> Subscriber:
    person = Subscriber(
        public_id=new_public_id(),
        email=address.email,
        address_key=address.key,
        address_hash=hashed(address.key, secret),
        language=language,
        created_at=now,
    )
    session.add(person)
    session.flush()
    return person


def new_public_id() -> str:
    """96 random bits: nobody guesses it, and it keeps tokens short; the signature protects it.

    It never begins with a dash: ``newsletter log subscriber -x…`` would take it for an option.
    """
    while (drawn := secrets.token_urlsafe(12)).startswith("-"):
        pass
    return drawn


def _new_nonce() -> str:
    return secrets.token_urlsafe(16)


def _pending(session: Session, now: datetime, person: Subscriber, newsletter: str) -> Subscription:
    subscription = Subscription(
        subscriber_id=_id(person),
        newsletter=newsletter,
        state=_PENDING,
        since=now,
        pending_until=now + CONFIRM_WITHIN,
        confirm_nonce=_new_nonce(),
    )
    session.add(subscription)
    session.flush()
    return subscription


def _wait_again(session: Session, now: datetime, subscription: Subscription) -> bool:
    """Make an ended or expired subscription pending; whether a letter may go to it.

    Within one pending life the nonce stays, so that each of its letters works.
    """
    if subscription.state is _PENDING and _overdue(subscription, now):
        _expire(session, now, subscription)
    if subscription.state is _PENDING:
        return subscription.confirms_sent < CONFIRM_LETTERS
    return move(
        session,
        now,
        subscription,
        _PENDING,
        pending_until=now + CONFIRM_WITHIN,
        confirm_nonce=_new_nonce(),
        confirms_sent=0,
    )


def _overdue(subscription: Subscription, now: datetime) -> bool:
    return subscription.pending_until is not None and subscription.pending_until <= now


def move(
    session: Session,
    now: datetime,
    subscription: Subscription,
    to: SubscriptionState,
    **changes: Any,
) -> bool:
    """Compare-and-swap; False for the loser of a race, and where the table has no such arrow."""
    session.flush()
    if to not in MOVES[subscription.state]:
        return False
    cleared = {"pending_until": None, "confirm_nonce": None, "paused_until": None}
    moved = _changed(
        session,
        update(Subscription)
        .where(
            col(Subscription.id) == subscription.id,
            col(Subscription.state) == subscription.state,
        )
        .values({"state": to, "since": now, "ended_why": None, **cleared, **changes}),
    )
    session.refresh(subscription)
    return moved


def _changed(session: Session, statement: Any) -> bool:
    """Whether the statement changed exactly one row."""
    done = session.execute(statement.execution_options(synchronize_session=False))
    return isinstance(done, CursorResult) and done.rowcount == 1


def witness(
    session: Session,
    now: datetime,
    subscription: Subscription,
    event: Evidence,
    channel: str,
    **facts: Any,
) -> None:
    session.add(
        Consent(subscription_id=_id(subscription), at=now, event=event, channel=channel, **facts)
    )
    session.flush()


def _keep_wording(session: Session, now: datetime, wording: str) -> str:
    """Store a consent text once; give its SHA-256 (LA-04)."""
    sha256 = hashlib.sha256(wording.encode()).hexdigest()
    if session.get(ConsentText, sha256) is None:
        session.add(ConsentText(sha256=sha256, wording=wording, first_used_at=now))
        session.flush()
    return sha256


def _expire(session: Session, now: datetime, subscription: Subscription) -> bool:
    moved = move(session, now, subscription, _EXPIRED)
    if moved:
        witness(session, now, subscription, Evidence.EXPIRED, "time")
    return moved


def _keeps_a_reason(session: Session, person: Subscriber) -> bool:
    """Whether we may keep a person: they once consented, or something of theirs still waits."""
    consented = exists().where(
        col(Consent.subscription_id) == col(Subscription.id),
        col(Consent.event).in_([Evidence.CONFIRMED, Evidence.IMPORTED]),
    )
    waiting = col(Subscription.state) == _PENDING
    row = session.execute(
        select(col(Subscription.id)).where(
            col(Subscription.subscriber_id) == person.id, consented | waiting
        )
    ).first()
    return row is not None


def _forget(session: Session, now: datetime, person: Subscriber) -> None:
    email, name = person.email or "", person.name
    for line in session.scalars(
        select(Consent)
        .join(Subscription, col(Subscription.id) == col(Consent.subscription_id))
        .where(col(Subscription.subscriber_id) == person.id, col(Consent.evidence).is_not(None))
    ):
        if names_the_person(line.evidence or "", email, name):
            line.evidence = None
    person.email = person.address_key = person.address_hash = person.name = None
    person.erased_at = now
    session.flush()


def _id(row: Subscriber | Subscription) -> int:
    """The key of a stored row; the models call it optional, since a new row has none yet."""
    if row.id is None:
        raise ValueError("the row was not stored yet")
    return row.id
