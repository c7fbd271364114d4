"""Who may be written to now."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import aliased
from sqlmodel import Session

from newsletter import database
from subscribers import roster
from subscribers.models import EndReason, Subscriber, SubscriptionState
from tests.readers_situations import ENDED, reader, reads, suppressed

PUBLIC, MEMBERS = "clusterplattform", "go-cluster"


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with database.writing(engine) as session:
        yield session


def audience(session: Session, newsletter: str = PUBLIC, after: int = 0, upto: int = 999) -> list:
    rows = session.execute(roster.audience(newsletter, after, upto)).all()
    return [session.get(Subscriber, subscriber_id).public_id for _, subscriber_id, _ in rows]


def may_write(session: Session, who: Subscriber, newsletter: str = PUBLIC) -> bool:
    """Asked as the ledger asks: of a column of another row's, inside a WHERE."""
    row = aliased(Subscriber)
    asked = select(row.id).where(row.id == who.id, roster.may_write(row.id, newsletter))
    return session.execute(asked).first() is not None


def test_an_active_reader_is_in_the_audience_of_their_newsletter_only(session: Session) -> None:
    ada = reader(session, "ada")
    reads(session, ada, PUBLIC)
    assert audience(session) == ["id-ada"]
    assert audience(session, MEMBERS) == []
    assert may_write(session, ada)
    assert not may_write(session, ada, MEMBERS)
    assert roster.why_not(session, ada.id, PUBLIC) is None
    assert roster.why_not(session, ada.id, MEMBERS) == "not_subscribed"


@pytest.mark.parametrize(
    ("state", "why", "word"),
    [
        (SubscriptionState.PENDING, None, "pending"),
        (SubscriptionState.PAUSED, None, "paused"),
        (SubscriptionState.RESTRICTED, None, "restricted"),
        (SubscriptionState.EXPIRED, None, "expired"),
        (ENDED, EndReason.PERSON, "unsubscribed"),
        (ENDED, EndReason.OPERATOR, "unsubscribed"),
        (ENDED, EndReason.BOUNCES, "bounced"),
        (ENDED, EndReason.COMPLAINT, "complained"),
        (ENDED, EndReason.REGISTER, "left_register"),
    ],
)
def test_nobody_in_another_state_is_written_to_and_the_reason_has_a_word(
    session: Session, state: SubscriptionState, why: EndReason | None, word: str
) -> None:
    ben = reader(session, "ben")
    reads(session, ben, PUBLIC, state, why)
    assert audience(session) == []
    assert not may_write(session, ben)
    assert roster.why_not(session, ben.id, PUBLIC) == word


@pytest.mark.parametrize(("scope", "others"), [("*", False), (PUBLIC, True)])
def test_a_suppressed_address_is_not_written_to_within_the_scope(
    session: Session, scope: str, others: bool
) -> None:
    ada = reader(session, "ada")
    reads(session, ada, PUBLIC)
    reads(session, ada, MEMBERS)
    suppressed(session, ada, scope)
    assert audience(session, PUBLIC) == []
    assert not may_write(session, ada, PUBLIC)
    assert roster.why_not(session, ada.id, PUBLIC) == "suppressed"
    assert bool(audience(session, MEMBERS)) is others
    assert may_write(session, ada, MEMBERS) is others


def test_an_erased_reader_is_nobody_to_write_to(session: Session) -> None:
    gone = reader(session, "gone", erased=True)
    reads(session, gone, PUBLIC)
    assert audience(session) == []
    assert not may_write(session, gone)
    assert roster.why_not(session, gone.id, PUBLIC) == "erased"


def test_an_unknown_reader_is_not_subscribed(session: Session) -> None:
    assert roster.why_not(session, 4711, PUBLIC) == "not_subscribed"


def test_the_audience_is_walked_in_steps_that_miss_nobody_and_meet_nobody_twice(
    session: Session,
) -> None:
    for number in range(10):
        reads(session, reader(session, f"reader{number}"), PUBLIC)
    last = session.execute(roster.highest(PUBLIC)).scalar_one()
    steps = [audience(session, PUBLIC, start, start + 3) for start in range(0, last, 3)]
    assert [one for step in steps for one in step] == [f"id-reader{n}" for n in range(10)]


def test_a_newsletter_without_readers_has_no_highest_id(session: Session) -> None:
    assert session.execute(roster.highest(PUBLIC)).scalar_one() is None


def test_faces_hold_what_composing_needs(session: Session) -> None:
    ada = reader(session, "ada")
    reader(session, "ben")
    rows = session.execute(roster.faces([ada.id])).all()
    assert [tuple(row) for row in rows] == [
        (ada.id, "id-ada", "ada@leser.example", "Ada", "de"),
    ]
