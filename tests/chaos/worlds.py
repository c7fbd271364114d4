"""A home on either database with a large audience, and what may befall it."""

import contextlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, func, insert, select, update
from sqlmodel import Session, col

from newsletter import database, home_folder
from newsletter.history import SYSTEM, acting
from newsletter.models.delivery import IN_HAND, UNFINISHED, Delivery, DeliveryState, Sender
from newsletter.models.event import Event
from newsletter.settings import DATABASE_FILE, FILE, Settings, load
from subscribers.models import Subscriber, Subscription, SubscriptionState
from tests import databases
from tests.dispatch_situations import PUBLIC, hush, scheduled
from tests.readers_situations import LONG_AGO
from tests.smtp_server import CA_FILE

ISSUE = f"{PUBLIC}-2026-12"
CONNECTIONS = 8  # as a home has them
TIMEOUT = 0.6  # seconds; the final dot is waited for twice as long


def address_of(number: int) -> str:
    """The address of a reader."""
    return f"r{number}@leser.example"


def furnish(home: Path, count: int, timeout: float = TIMEOUT) -> None:
    """An issue that is due, for so many readers, in a home that is there."""
    hush(home)
    file = home / FILE
    text = file.read_text(encoding="utf-8")
    assert "\n[sending]\n" in text
    more = f'\n[sending]\ntimeout_seconds = {timeout}\nca_file = "{CA_FILE}"\n'
    file.write_text(text.replace("\n[sending]\n", more), encoding="utf-8")
    settings = load(home, {})
    engine = database.connect(settings.database_url)
    with acting(engine, settings, SYSTEM) as act:
        _crowd(act.session, count)
        scheduled(act)
    engine.dispose()


def _crowd(session: Session, count: int) -> None:
    people = [
        {
            "id": number + 1,
            "public_id": f"id-r{number}",
            "email": address_of(number),
            "address_key": address_of(number),
            "address_hash": f"hash-r{number}",
            "name": f"R{number}",
            "language": "de",
            "created_at": LONG_AGO,
        }
        for number in range(count)
    ]
    session.connection().execute(insert(Subscriber), people)
    reads = [
        {
            "subscriber_id": person["id"],
            "newsletter": PUBLIC,
            "state": SubscriptionState.ACTIVE,
            "since": LONG_AGO,
        }
        for person in people
    ]
    session.connection().execute(insert(Subscription), reads)


class World:
    """A home, its database, and what may happen to both; here with SQLite."""

    kind = "sqlite"

    def __init__(self, home: Path) -> None:
        self.home = home
        self.settings: Settings = load(home, {})
        self.engine: Engine = database.connect(self.settings.database_url)
        self._saved = home.parent / "saved.sqlite"
        self._backup = home.parent / "backup"
        self._put_back: Callable[[], None] = lambda: None

    def close(self) -> None:
        """Close what is open."""
        self.engine.dispose()

    # -- looking ----------------------------------------------------------------------------

    def count(self, *states: DeliveryState) -> int:
        """How many rows are in one of these states."""
        with database.reading(self.engine) as session:
            return _count(session, states)

    def state_of(self, number: int) -> DeliveryState | None:
        """The state of a reader's row."""
        with database.reading(self.engine) as session:
            row = select(col(Delivery.state)).where(col(Delivery.subscriber_id) == number + 1)
            return session.scalar(row)

    # -- power loss -------------------------------------------------------------------------

    def save_what_is_synced(self) -> None:
        """What is on the disk for certain at this moment, and maybe a little more."""
        self._saved.unlink(missing_ok=True)
        with (
            contextlib.closing(sqlite3.connect(self.home / DATABASE_FILE)) as live,
            contextlib.closing(sqlite3.connect(self._saved)) as saved,
        ):
            live.backup(saved)

    def lose_power(self) -> int | None:
        """All since then is gone, and the machine starts again: how many rows were in hand.

        None, with nothing changed, if something durable was committed since. The sender is
        dead already.
        """
        saved = database.connect(f"sqlite:///{self._saved}")
        try:
            with database.reading(saved) as then, database.reading(self.engine) as now:
                if _durable(then) != _durable(now):
                    return None
                in_hand = _count(then, IN_HAND)
            with database.writing(saved) as session:
                session.execute(update(Sender).values(boot="before the power failed"))
        finally:
            saved.dispose()
        self._replace_by(self._saved)
        return in_hand

    def _replace_by(self, file: Path) -> None:
        self.engine.dispose()
        for old in self.home.glob(f"{DATABASE_FILE}*"):
            old.unlink()
        with contextlib.closing(sqlite3.connect(file)) as closed:
            closed.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(file, self.home / DATABASE_FILE)

    # -- the database itself ----------------------------------------------------------------

    def cut(self) -> None:
        """End every connection to the database; a file has none."""

    def stop(self) -> None:
        """Stop the database's server; a file has none."""

    def start(self) -> None:
        """Start it again."""

    # -- a copy -----------------------------------------------------------------------------

    def back_up(self) -> None:
        """Save the database as people do."""
        self._put_back = databases.backed_up(self.settings, self._backup)

    def restore(self) -> int:
        """Put the backup back in its place; how many of its rows are not final."""
        self.engine.dispose()
        self._put_back()
        return self.count(*UNFINISHED)


class ServerWorld(World):
    """The same on PostgreSQL, with a server that may be stopped."""

    kind = "postgresql"

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        found = databases.behind(self.settings.database_url)
        assert found is not None
        self.server, self.name = found

    def save_what_is_synced(self) -> None:
        """Every commit is: nothing to be done before."""

    def lose_power(self) -> int | None:
        """The server dies as well, and recovers: what was being sent is unknown, no more."""
        self.engine.dispose()
        self.server.stop(signal_number=3)  # SIGQUIT: no shutdown at all
        self.server.start()
        return 0  # beyond one per connection, as at any kill

    def cut(self) -> None:
        self.server.cut_off(self.name)

    def stop(self) -> None:
        self.server.stop()

    def start(self) -> None:
        self.server.start()


def _count(session: Session, states: "tuple[DeliveryState, ...] | frozenset[DeliveryState]") -> int:
    rows = select(func.count()).select_from(Delivery).where(col(Delivery.state).in_(states))
    return session.scalar(rows) or 0


def _durable(session: Session) -> tuple[object, ...]:
    """Differs after every commit that is synced at once."""
    claims = session.scalar(select(col(Sender.last_claim)))
    acts = session.scalar(select(func.count()).select_from(Event))
    return claims, acts


@contextmanager
def made(kind: str, folder: Path, count: int) -> Iterator[World]:
    """A world of its own for the long form; on PostgreSQL with a server of its own."""
    home = folder / f"home-{kind}"
    with contextlib.ExitStack() as stack:
        if kind == "sqlite":
            home_folder.make(home)
        else:
            server = stack.enter_context(databases.serving())
            url = stack.enter_context(server.database("chaos"))
            home_folder.make(home, {"NEWSLETTER_DATABASE_URL": url})
            databases.point_to(home, url)
        furnish(home, count)
        world = (World if kind == "sqlite" else ServerWorld)(home)
        stack.callback(world.close)
        yield world
