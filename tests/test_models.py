"""The database itself refuses what must not be: states, moves, keys, CHECKs."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import SQLModel

from newsletter import database
from newsletter.models.delivery import DELIVERY, FINAL, UNFINISHED, DeliveryState
from newsletter.models.event import Event
from newsletter.models.issue import APPROVAL, ISSUE, IssueState
from newsletter.models.moves import Machine
from newsletter.models.submission import CLEARANCE, EVENT, SUBMISSION, Submission
from subscribers import models as readers


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


def test_the_migrated_schema_is_the_schema_of_the_models(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_every_check_and_key_of_the_models_stands_in_the_migrated_schema(engine: Engine) -> None:
    # Alembic compares no CHECKs, so they are counted by name.
    with engine.connect() as connection:
        sql = " ".join(
            row[0] for row in connection.execute(text("SELECT sql FROM sqlite_master")) if row[0]
        )
    for table in SQLModel.metadata.tables.values():
        for constraint in table.constraints:
            if constraint.name:
                assert str(constraint.name) in sql


NOW = "2026-11-23 08:00:00.000000"
REFUSED = {
    "an unknown state": f"INSERT INTO issue (id, newsletter, audience, number, state, subject,"
    f" preheader, opening, read_key, version, made_at, made_by) VALUES"
    f" ('a-1', 'a', 'public', '1', 'done', '', '', '', 'k', 1, '{NOW}', 'x')",
    "a sent issue without approved bytes": f"INSERT INTO issue (id, newsletter, audience, number,"
    f" state, subject, preheader, opening, read_key, version, made_at, made_by, recipients) VALUES"
    f" ('a-1', 'a', 'public', '1', 'sent', '', '', '', 'k', 1, '{NOW}', 'x', 0)",
    "a submission from nowhere": f"INSERT INTO submission (kind, state, reach, via, received_at,"
    f" revision, sequence) VALUES ('news', 'received', 'public', 'form', '{NOW}', 1, 0)",
    "a date without a calendar uid": f"INSERT INTO submission (kind, state, reach, via, source,"
    f" received_at, revision, sequence) VALUES"
    f" ('date', 'received', 'public', 'editor', 'BMWE', '{NOW}', 1, 0)",
    "an address without its keys": f"INSERT INTO subscriber (public_id, email, language,"
    f" created_at) VALUES ('p', 'ada@host.example', 'de', '{NOW}')",
    "a subscription of nobody": f"INSERT INTO subscription (subscriber_id, newsletter, state,"
    f" since, confirms_sent) VALUES (99, 'a', 'active', '{NOW}', 0)",
    "an ending without a reason": f"INSERT INTO subscription (subscriber_id, newsletter, state,"
    f" since, confirms_sent) VALUES (1, 'a', 'ended', '{NOW}', 0)",
    "a letter in hand without a claim": f"INSERT INTO letter (state, message_id, attempts, name,"
    f" to_email, subject, text, html, posted_at) VALUES"
    f" ('sending', 'm', 0, 'n', 'a@b.example', '', '', '', '{NOW}')",
    "a second sender row": "INSERT INTO sender (id, last_claim) VALUES (2, 0)",
}


@pytest.mark.parametrize("what", REFUSED)
def test_the_database_refuses(engine: Engine, what: str) -> None:
    with pytest.raises(IntegrityError), database.writing(engine) as session:
        session.connection().execute(text(REFUSED[what]))


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


def test_an_older_database_is_not_worked_on(tmp_path) -> None:  # type: ignore[no-untyped-def]
    engine = database.connect(f"sqlite:///{tmp_path / 'old.sqlite'}")
    with pytest.raises(database.SchemaBehind, match="newsletter db upgrade"):
        database.require_current(engine)
    database.upgrade(engine)
    database.upgrade(engine)  # a second time changes nothing
    database.require_current(engine)
    engine.dispose()


def test_an_older_home_keeps_what_it_has_when_it_is_upgraded(tmp_path: Path) -> None:
    engine = database.connect(f"sqlite:///{tmp_path / 'older.sqlite'}")
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
    engine.dispose()
