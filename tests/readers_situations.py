"""People who read: Ada reads, Ben has left, Cleo never confirmed."""

from datetime import UTC, datetime

from sqlmodel import Session

from subscribers.models import EndReason, Subscriber, Subscription, SubscriptionState, Suppression

LONG_AGO = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
ENDED = SubscriptionState.ENDED


def reader(session: Session, name: str, *, erased: bool = False) -> Subscriber:
    """A person, stored as they are, without any of the verbs."""
    email = None if erased else f"{name}@leser.example"
    row = Subscriber(
        public_id=f"id-{name}",
        email=email,
        address_key=email,
        address_hash=None if erased else f"hash-{name}",
        name=None if erased else name.title(),
        created_at=LONG_AGO,
        erased_at=LONG_AGO if erased else None,
    )
    session.add(row)
    session.flush()
    return row


def reads(
    session: Session,
    who: Subscriber,
    newsletter: str = "clusterplattform",
    state: SubscriptionState = SubscriptionState.ACTIVE,
    why: EndReason | None = None,
) -> Subscription:
    """A subscription in a state."""
    assert who.id is not None
    row = Subscription(
        subscriber_id=who.id,
        newsletter=newsletter,
        state=state,
        since=LONG_AGO,
        ended_why=why,
        pending_until=LONG_AGO if state is SubscriptionState.PENDING else None,
    )
    session.add(row)
    session.flush()
    return row


def suppressed(session: Session, who: Subscriber, scope: str, reason: str = "operator") -> None:
    """An entry on the suppression list."""
    session.add(
        Suppression(address_hash=who.address_hash, scope=scope, reason=reason, since=LONG_AGO)
    )
    session.flush()
