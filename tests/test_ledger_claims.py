"""A sender takes rows into its hand while people are at work."""

import pytest
from sqlalchemy import Engine, update
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
