"""A home in a temporary folder, its settings, its database, and somebody who acts."""

import os
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
from newsletter.settings import Settings, load

# The suite tries the same examples each time: what fails, fails for everybody. `make fuzz`
# draws new ones, and more of them.
hypothesis.settings.register_profile("suite", derandomize=True, deadline=None)
hypothesis.settings.register_profile("fuzz", max_examples=2_000, deadline=None, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))

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


@pytest.fixture
def home(made_home: Path, tmp_path: Path) -> Path:
    """A fresh home of one's own."""
    import shutil

    folder = tmp_path / "home"
    shutil.copytree(made_home, folder)
    return folder


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
