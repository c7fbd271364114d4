"""A sender takes rows into its hand while people are at work."""

import pytest
from sqlalchemy import Engine, inspect, update
from sqlmodel import col

from newsletter.dispatch import ledger
from newsletter.history import SYSTEM, acting
from newsletter.models.delivery import Delivery
from newsletter.settings import Settings
from tests.conftest import type_of_act
from tests.dispatch_situations import at_work, opened, quiet_home

__all__ = ["quiet_home"]  # the fixture


@pytest.mark.postgresql("on SQLite the file has one writer, whatever we do")
def test_a_claim_waits_for_nobody_and_passes_over_what_somebody_is_changing(
    engine: Engine, settings: Settings, act: type_of_act
) -> None:
    with act() as a:
        at_work(a)
        opened(a, "ada", "ben", "cleo")
    with act() as somebody:  # their turn, and one of the rows
        some = update(Delivery).where(col(Delivery.subscriber_id) == 2).values(attempts=7)
        somebody.session.execute(some)
        with acting(engine, settings, SYSTEM, in_turn=False) as sender:
            first = ledger.claim(sender, 50)
    with act() as later:
        second = ledger.claim(later, 50)
    assert first is not None
    assert second is not None
    assert [len(first.rows), len(second.rows)] == [2, 1]
    assert second.rows[0].attempts == 7


@pytest.mark.parametrize("later", [0, 1], ids=["the last claim", "the claim before it"])
def test_a_claim_that_is_given_back_while_a_copy_of_it_goes_out_is_not_forgotten(
    act: type_of_act, later: int
) -> None:
    with act() as a:
        at_work(a)
        issue = opened(a, "ada", "ben", "cleo")
        first = ledger.claim(a, 2)
        assert first is not None
        assert ledger.intend(a, first.rows[0])
        assert ledger.release(a, first.number) == 1  # ben's
        for number in range(later):
            other = ledger.claim(a, 50)
            assert other is not None
            assert [row.subscriber_id for row in other.rows] == [2, 3], number
            ledger.release(a, other.number)
        assert ledger.finished(a.session) == {}
        assert ledger.recover(a, same_boot=True) == 1
        assert ledger.sums(a.session, issue.id) == {"queued": 2, "unknown": 1}
    with act() as a:
        assert ledger.recover(a, same_boot=True) == 0


def test_no_index_has_a_column_that_is_written_while_a_copy_is_on_its_way(engine: Engine) -> None:
    written = {"state", "attempts", "settled_at", "relay", "reply", "why"}
    indexes = inspect(engine).get_indexes("delivery")
    assert len(indexes) > 3
    assert {column for index in indexes for column in index["column_names"]}.isdisjoint(written)
