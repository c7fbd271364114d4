"""The database itself refuses what must not be: states, moves, keys, CHECKs."""

from datetime import UTC, datetime

import pytest
from alembic import command
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import StatementError

from newsletter import database
from newsletter.models.delivery import DELIVERY, FINAL, UNFINISHED, DeliveryState
from newsletter.models.event import Event
from newsletter.models.issue import APPROVAL, ISSUE, IssueState
from newsletter.models.moves import Machine
from newsletter.models.submission import CLEARANCE, EVENT, SUBMISSION, Submission
from newsletter.settings import Settings
from subscribers import models as readers
from tests import databases


@pytest.mark.parametrize("machine", [ISSUE, SUBMISSION, CLEARANCE, EVENT, APPROVAL, DELIVERY])
def test_every_state_stands_in_its_table_of_moves(machine: Machine) -> None:
    states = set(type(next(iter(machine.arrows))))
    assert set(machine.arrows) == states
    assert set().union(*machine.arrows.values()) <= states


def test_every_subscription_state_stands_in_its_table_of_moves() -> None:
    assert set(readers.MOVES) == set(readers.SubscriptionState)


def test_a_delivery_is_either_unfinished_final_or_waits_for_a_person() -> None:
    assert DELIVERY.final == FINAL
    assert FINAL | UNFINISHED | {DeliveryState.UNKNOWN} == set(DeliveryState)
    assert not FINAL & UNFINISHED


def test_nothing_that_went_out_becomes_a_draft_again() -> None:
    for state in (IssueState.SENDING, IssueState.PAUSED, IssueState.SENT, IssueState.STOPPED):
        assert not ISSUE.allows(state, IssueState.DRAFT)
        assert not ISSUE.allows(state, IssueState.CANCELLED)


def test_a_moment_without_a_zone_is_refused(engine: Engine) -> None:
    naive = datetime(2026, 3, 29, 2, 30)  # noqa: DTZ001  (that is the point)
    with pytest.raises(StatementError, match="time zone"), database.writing(engine) as session:
        session.add(Event(at=naive, actor="ada", noun="x", key="1"))


def test_a_moment_comes_back_as_it_went_in(engine: Engine) -> None:
    moment = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    with database.writing(engine) as session:
        session.add(Event(at=moment, actor="ada", noun="x", key="1"))
    with database.reading(engine) as session:
        row = session.get(Event, 1)
        assert row is not None
        assert row.at == moment


def test_an_older_database_is_not_worked_on(settings: Settings, engine: Engine) -> None:
    databases.emptied(settings)
    with pytest.raises(database.NoDatabase, match="newsletter db upgrade"):
        database.require_current(engine)
    command.upgrade(database._alembic(engine), "0001")
    with pytest.raises(database.SchemaBehind, match="newsletter db upgrade"):
        database.require_current(engine)
    database.upgrade(engine)
    database.upgrade(engine)  # a second time changes nothing
    database.require_current(engine)


def test_an_older_home_keeps_what_it_has_when_it_is_upgraded(
    settings: Settings, engine: Engine
) -> None:
    databases.emptied(settings)
    command.upgrade(database._alembic(engine), "0001")
    columns = "kind, state, reach, source, via, received_at, revision, sequence"
    values = "'news', 'received', 'public', 'BMWE', 'form', '2026-11-20 09:00:00', 1, 0"
    with database.writing(engine) as session:
        session.execute(text(f"INSERT INTO submission ({columns}) VALUES ({values})"))
    database.upgrade(engine)
    database.require_current(engine)
    with database.reading(engine) as session:
        (item,) = session.scalars(select(Submission))
        assert (item.reference, item.announced_at) == ("q1", None)
