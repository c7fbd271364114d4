"""The short way of writing what happens once per message does what the long way does."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from newsletter import database
from newsletter.database import DatabaseAway
from newsletter.dispatch import ledger
from newsletter.dispatch.replies import Deferred, Receipt, Stage
from newsletter.models.delivery import Delivery, DeliveryState
from newsletter.models.issue import ISSUE, Issue, IssueState
from newsletter.settings import Settings
from subscribers.models import EndReason, Subscriber, Subscription, SubscriptionState
from tests import databases
from tests.conftest import type_of_act
from tests.dispatch_situations import at_work, opened, posted, quiet_home, states
from tests.readers_situations import suppressed

__all__ = ["quiet_home"]  # the fixture

D = DeliveryState
ISSUE_ID = "clusterplattform-2026-12"
NOON = datetime(2026, 12, 15, 12, 0, tzinfo=UTC)
YES = Receipt("250 Ok: queued as 1\nund mehr", "relay")


@dataclass
class Quick:
    """The short way, on a loop of its own."""

    way: ledger.Quick
    loop: asyncio.Runner

    def write(
        self, settled: Sequence[ledger.Settled], wanted: Sequence[ledger.Row]
    ) -> ledger.Keys | None:
        return self.loop.run(self.way.write(settled, wanted))


@pytest.fixture(name="quick")
def quick_way(engine: Engine) -> Iterator[Quick]:
    with asyncio.Runner() as loop:
        quick = Quick(ledger.Quick(engine, lambda: NOON), loop)
        yield quick
        quick.way.close()


def claimed(act: type_of_act, *names: str) -> list[ledger.Row]:
    """The rows of these readers, in a sender's hand."""
    with act() as a:
        at_work(a)
        opened(a, *names)
        claim = ledger.claim(a, 50)
        assert claim is not None
        return list(claim.rows)


def person(session: Session, name: str) -> Subscriber:
    wanted = select(Subscriber).where(col(Subscriber.public_id) == f"id-{name}")
    return session.scalars(wanted).one()


def test_who_has_left_meanwhile_is_granted_nothing(act: type_of_act, quick: Quick) -> None:
    rows = claimed(act, "ada", "ben", "cleo", "dora")
    with act() as a:
        ben, cleo, dora = (person(a.session, name) for name in ("ben", "cleo", "dora"))
        his = select(Subscription).where(col(Subscription.subscriber_id) == ben.id)
        gone = a.session.scalars(his).one()
        gone.state, gone.ended_why = SubscriptionState.ENDED, EndReason.PERSON
        suppressed(a.session, cleo, "clusterplattform")
        dora.email = dora.address_key = dora.address_hash = dora.name = None
        dora.erased_at = a.now
    assert quick.write([], rows) == {ledger.key_of(rows[0])}
    with act() as a:
        assert states(a.session, ISSUE_ID) == {D.SENDING: 1, D.CLAIMED: 3}


def test_nothing_said_is_nothing_written(quick: Quick) -> None:
    assert quick.write([], []) == frozenset()


def test_nothing_of_a_paused_issue_is_granted(act: type_of_act, quick: Quick) -> None:
    rows = claimed(act, "ada", "ben")
    with act() as a:
        a.move(a.session.get_one(Issue, ISSUE_ID), ISSUE, IssueState.PAUSED, why="Probe")
    assert quick.write([], rows) == frozenset()


def test_a_row_is_written_as_the_long_way_writes_it(act: type_of_act, quick: Quick) -> None:
    ada, ben, cleo = rows = claimed(act, "ada", "ben", "cleo")
    assert quick.write([], [ada]) == {ledger.key_of(ada)}
    assert quick.write([], [ada]) == frozenset(), "it says sending already"
    with act() as a:
        assert ledger.intend_all(a, [ben]) == {ledger.key_of(ben)}
    # two outcomes and the next intent in one breath, as many connections say them
    granted = quick.write([ledger.Settled(ada, YES), ledger.Settled(ben, YES)], [cleo])
    assert granted == {ledger.key_of(cleo)}
    with act() as a:
        ledger.settle(a, cleo, YES)
        one, _two, three = (a.session.get_one(Delivery, row.id) for row in rows)
        same = {"state", "attempts", "claim", "claimed_at", "not_before", "relay", "reply", "why"}
        assert one.model_dump(include=same) == three.model_dump(include=same)
        assert one.state is D.ACCEPTED
        assert (one.settled_at, three.settled_at) == (NOON, a.now)


def test_what_is_not_usual_is_left_to_the_long_way(act: type_of_act, quick: Quick) -> None:
    ada, ben = claimed(act, "ada", "ben")
    with act() as a:
        letter = posted(a)
    later = Deferred(Stage.RCPT, "450 later", "relay", 450)
    assert quick.write([], [letter]) is None
    assert quick.write([ledger.Settled(ada, later)], []) is None
    assert quick.write([ledger.Settled(letter, YES)], [ben]) is None
    with act() as a:
        assert states(a.session, ISSUE_ID) == {D.CLAIMED: 2}


def test_a_round_in_which_nobody_said_anything_is_written(quick: Quick) -> None:
    """The bell may have rung for what the round before it has taken along."""
    assert quick.write([], []) == frozenset()


@pytest.mark.postgresql("a file has no connections that somebody could cut")
def test_a_cut_connection_is_the_databases_trouble_and_the_next_is_a_fresh_one(
    act: type_of_act,
    quick: Quick,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    ada, ben = claimed(act, "ada", "ben")
    assert quick.write([], [ada])
    found = databases.behind(settings.database_url)
    assert found is not None
    found[0].cut_off(found[1])
    with pytest.raises(DatabaseAway):
        quick.write([ledger.Settled(ada, YES)], [ben])
    assert not caplog.records, "traces are no news for people"
    assert quick.write([ledger.Settled(ada, YES)], [ben]) == {ledger.key_of(ben)}


@pytest.mark.sqlite("one file, one writer")
def test_it_waits_for_nobody_who_writes(act: type_of_act, engine: Engine, quick: Quick) -> None:
    rows = claimed(act, "ada")
    with database.writing(engine):
        assert quick.write([], rows) is None
    assert quick.write([], rows) == {ledger.key_of(rows[0])}
