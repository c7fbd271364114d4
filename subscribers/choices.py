"""What a reader settles for themselves beside coming and going: which edition, and a rest."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from .lifecycle import move, witness
from .models import EditionChoice, Evidence, Subscription, SubscriptionState

_ACTIVE, _PAUSED = SubscriptionState.ACTIVE, SubscriptionState.PAUSED
READS = frozenset({_ACTIVE, _PAUSED})  # the states in which there is something to settle


def choose(
    session: Session,
    now: datetime,
    subscription: Subscription,
    edition: EditionChoice,
    channel: str,
    by: str | None = None,
) -> bool:
    """Let a reader get another edition from the next issue on; False if nothing changed."""
    its = (
        update(Subscription)
        .where(
            col(Subscription.id) == subscription.id,
            col(Subscription.state).in_(READS),
            col(Subscription.edition) != edition,
        )
        .values(edition=edition)
    )
    if not _changed(session, its, subscription):
        return False
    witness(session, now, subscription, Evidence.CHOSEN, channel, evidence=edition.value, by=by)
    return True


def pause(
    session: Session,
    now: datetime,
    subscription: Subscription,
    until: datetime,
    channel: str,
    by: str | None = None,
) -> bool:
    """Send nothing until a moment; of who rests already, set another one. False if it stays."""
    if subscription.state is _PAUSED:
        its = (
            update(Subscription)
            .where(
                col(Subscription.id) == subscription.id,
                col(Subscription.state) == _PAUSED,
                col(Subscription.paused_until) != until,
            )
            .values(paused_until=until)
        )
        done = _changed(session, its, subscription)
    else:
        done = move(session, now, subscription, _PAUSED, paused_until=until)
    if done:
        told = until.astimezone(UTC).isoformat()
        witness(session, now, subscription, Evidence.PAUSED, channel, evidence=told, by=by)
    return done


def resume(
    session: Session,
    now: datetime,
    subscription: Subscription,
    channel: str,
    by: str | None = None,
) -> bool:
    """Paused becomes active; False if it was not paused."""
    if subscription.state is not _PAUSED or not move(session, now, subscription, _ACTIVE):
        return False
    witness(session, now, subscription, Evidence.RESUMED, channel, by=by)
    return True


def resume_due(session: Session, now: datetime, newsletters: Sequence[str]) -> int:
    """Let go on reading who wanted to rest until now; gives how many."""
    due: Sequence[Subscription] = session.scalars(
        select(Subscription).where(
            col(Subscription.newsletter).in_(newsletters),  # as the index begins
            col(Subscription.state) == _PAUSED,
            col(Subscription.paused_until) <= now,
        )
    ).all()
    return sum(resume(session, now, subscription, "time") for subscription in due)


def _changed(session: Session, statement: object, subscription: Subscription) -> bool:
    """Whether a compare-and-swap found its row as it was."""
    session.flush()
    done = session.execute(statement.execution_options(synchronize_session=False))  # type: ignore[attr-defined]
    session.refresh(subscription)
    return isinstance(done, CursorResult) and done.rowcount == 1
