"""A home in a temporary folder, its settings, its database, and somebody who acts."""

import gc
import os
import shutil
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import Engine

from newsletter import database, home_folder
from newsletter.history import Act, Actor, acting
from newsletter.settings import DATABASE_FILE, Settings, load
from tests import compiled, databases, kept_connections

# The suite tries the same examples each time: what fails, fails for everybody. `make fuzz`
# draws new ones, and more of them.
hypothesis.settings.register_profile("suite", max_examples=60, derandomize=True, deadline=None)
hypothesis.settings.register_profile("fuzz", max_examples=2_000, deadline=None, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))

compiled.shared()
kept_connections.keep(databases.BORROWED)

ADA = Actor("redaktion", "ada")  # edits
BEN = Actor("freigabe", "ben")  # approves


@dataclass
class Clock:
    """A clock that a test moves by hand; it starts on Monday, 23 November 2026, 9:00 in Berlin."""

    moment: datetime = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **amount: float) -> None:
        self.moment += timedelta(**amount)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One home as ``init`` makes it; tests copy it, since migrating takes a while."""
    folder = tmp_path_factory.mktemp("made") / "home"
    home_folder.make(folder)
    return folder


@pytest.fixture(scope="session")
def server() -> Iterator[databases.Server]:
    """A PostgreSQL server for all tests of this process."""
    with databases.serving() as running:
        yield running


@pytest.fixture(scope="session")
def made_database(
    server: databases.Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The name of a database as ``init`` makes it; tests copy it."""
    with server.database("made") as url:
        folder = tmp_path_factory.mktemp("made") / "home"
        home_folder.make(folder, {"NEWSLETTER_DATABASE_URL": url})
        yield "made"


@pytest.fixture(params=databases.KINDS)
def home(request: pytest.FixtureRequest, made_home: Path, tmp_path: Path) -> Iterator[Path]:
    """A fresh home of one's own; every test that uses one runs on both databases."""
    folder = tmp_path / "home"
    shutil.copytree(made_home, folder)
    if request.param == "sqlite":
        yield folder
        return
    server: databases.Server = request.getfixturevalue("server")
    template: str = request.getfixturevalue("made_database")
    (folder / DATABASE_FILE).unlink()
    with server.borrowed(template) as url:
        databases.point_to(folder, url)
        yield folder


@pytest.fixture
def settings(home: Path) -> Settings:
    return load(home, {})


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = database.connect(settings.database_url)
    yield engine
    engine.dispose()


type_of_act = Callable[..., AbstractContextManager[Act]]


@pytest.fixture
def act(engine: Engine, settings: Settings, clock: Clock) -> type_of_act:
    """``with act() as a:`` is one committed act of Ada's; ``act(BEN)`` one of Ben's."""

    def opened(who: Actor = ADA) -> AbstractContextManager[Act]:
        return acting(engine, settings, who, clock=clock)

    return opened


def pytest_collection_finish() -> None:
    """A process of the tests holds half a million objects that stay until its end; to look
    through them again and again costs a seventh of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out on PostgreSQL what is about SQLite itself: ``@pytest.mark.sqlite("why")``; and
    run what is about pages and commands on one of the two (``DATABASES=both``: on both).
    """
    left_out = [item for item in items if _about_another(item) or _elsewhere(item)]
    config.hook.pytest_deselected(items=left_out)
    out = {id(item) for item in left_out}
    items[:] = [item for item in items if id(item) not in out]
    items.sort(key=_place)


# The longest files first: begun last, one of them would keep one core waiting for the other.
_LONG = (
    "test_run.py",
    "test_chaos.py",
    "test_accessible.py",
    "test_road.py",
    "test_mails.py",
    "test_reading.py",
    "test_submitting.py",
    "test_approving.py",
    "test_previewing.py",
    "test_readme.py",
    "test_demo.py",
    "test_preview.py",
    "test_crash.py",
    "test_database_away.py",
)


def _place(item: pytest.Item) -> int:
    name = item.path.name
    return _LONG.index(name) if name in _LONG else len(_LONG)


# Pages and commands are skins over verbs that are tested on both databases in their own rooms.
# Each of their tests runs on one, the same every time: half of a file's here, half there.
_SKINS = ("test_web_", "test_commands_")
_BOTH = os.environ.get("DATABASES") == "both"


def _database(item: pytest.Item) -> str | None:
    given = item.callspec.params if hasattr(item, "callspec") else {}
    kind: str | None = given.get("home", given.get("module_home"))
    return kind


def _about_another(item: pytest.Item) -> bool:
    kind = _database(item)
    return kind is not None and any(
        item.get_closest_marker(other) for other in databases.KINDS if other != kind
    )


def _elsewhere(item: pytest.Item) -> bool:
    kind = _database(item)
    if _BOTH or kind is None or any(item.get_closest_marker(each) for each in databases.KINDS):
        return False
    skin = item.path.name.startswith(_SKINS) or item.path.parent.name == "browser"
    if not skin and not item.get_closest_marker("skin"):
        return False
    name = item.nodeid.replace(kind, "").encode()
    return databases.KINDS[zlib.crc32(name) % 2] != kind
