"""A schema made anew, a schema made by migrations, and the models say the same."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, Inspector, inspect
from sqlmodel import SQLModel

from newsletter import database

Facts = dict[str, dict[str, Any]]


@pytest.fixture
def made_anew(request: pytest.FixtureRequest, engine: Engine, tmp_path: Path) -> Iterator[Engine]:
    """The models' schema beside the migrated one, in a database of its own."""
    if engine.dialect.name == "sqlite":
        fresh = database.connect(f"sqlite:///{tmp_path / 'anew.sqlite'}")
        SQLModel.metadata.create_all(fresh)
        yield fresh
        fresh.dispose()
        return
    with request.getfixturevalue("server").database("anew") as url:
        fresh = database.connect(url)
        SQLModel.metadata.create_all(fresh)
        yield fresh
        fresh.dispose()


def test_the_migrated_schema_is_the_schema_of_the_models(engine: Engine) -> None:
    with engine.connect() as connection:
        assert differences(connection) == []


def test_made_anew_and_migrated_are_the_same_down_to_every_check(
    engine: Engine, made_anew: Engine
) -> None:
    migrated, anew = facts(engine), facts(made_anew)
    assert migrated.pop("alembic_version")
    assert migrated == anew
    named = {name for table in anew.values() for name in table["checks"]}
    assert len(named) > 20
    assert len(anew) == len(SQLModel.metadata.tables)


def differences(connection: Connection) -> list[Any]:
    """What alembic would write into a migration."""

    def comparable(item: Any, *_: Any) -> bool:
        # what a column is made of, PostgreSQL tells in words of its own; the facts compare it
        return getattr(item, "computed", None) is None

    options = {
        "compare_type": True,
        "compare_server_default": True,
        "include_object": comparable,
    }
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), _models()))


def _models() -> Any:
    return SQLModel.metadata


def facts(engine: Engine) -> Facts:
    """Columns, keys, indexes and checks of every table, as the database tells them."""
    seen = inspect(engine)
    return {table: _of_table(seen, table) for table in seen.get_table_names()}


def _of_table(seen: Inspector, table: str) -> dict[str, Any]:
    def named(get: Callable[[str], list[Any]]) -> dict[str, Any]:
        return {it["name"]: {key: told(value) for key, value in it.items()} for it in get(table)}

    def told(value: Any) -> str:
        """As text: the condition of an index is an object of its own each time."""
        return str(
            {key: str(each) for key, each in value.items()} if isinstance(value, dict) else value
        )

    return {
        "columns": named(seen.get_columns),
        "primary": seen.get_pk_constraint(table)["constrained_columns"],
        "foreign": named(seen.get_foreign_keys),
        "unique": named(seen.get_unique_constraints),
        "indexes": named(seen.get_indexes),
        "checks": named(seen.get_check_constraints),
    }
