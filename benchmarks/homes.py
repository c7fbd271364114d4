"""A home with an issue of 45 kB that is due, and readers in any number."""

import random
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, Engine, insert, update
from sqlmodel import col, select

from newsletter import database, home_folder
from newsletter.content import content_hash
from newsletter.dispatch.copies import sample
from newsletter.dispatch.message import Recipient
from newsletter.history import SYSTEM, Act, acting
from newsletter.issues import as_edition
from newsletter.models.issue import Approval, EditionRow, Issue
from newsletter.settings import FILE, Settings, load
from subscribers.models import Subscriber, Subscription, SubscriptionState
from tests.databases import Server, point_to
from tests.dispatch_situations import PUBLIC, hush, scheduled

OCTETS = 45_000  # a message, head and all
_AT_ONCE = 10_000
_WORDS = ("Förderung", "Cluster", "übermorgen", "Antrag", "Netzwerk", "Berlin", "und", "mit")


@contextmanager
def made(readers: int, server: Server | None = None, connections: int = 8) -> Iterator[Path]:
    """A home that has never sent, for so many readers; on ``server``, else on SQLite."""
    with TemporaryDirectory(prefix="newsletter-bench-") as folder:
        home = Path(folder) / "home"
        if server is None:
            yield _furnished(home, {}, readers, connections)
            return
        with server.database(f"bench_{secrets.token_hex(4)}") as url:
            yield _furnished(home, {"NEWSLETTER_DATABASE_URL": url}, readers, connections)


def _furnished(home: Path, environment: dict[str, str], readers: int, connections: int) -> Path:
    home_folder.make(home, environment)
    if environment:
        point_to(home, environment["NEWSLETTER_DATABASE_URL"])
    hush(home)
    file = home / FILE
    text = file.read_text(encoding="utf-8").replace(
        "connections = 8", f"connections = {connections}"
    )
    file.write_text(text, encoding="utf-8")
    settings = load(home, {})
    engine = database.connect(settings.database_url)
    fill(engine, readers)
    with acting(engine, settings, SYSTEM) as act:
        _grown(act, scheduled(act), OCTETS)
    with engine.connect() as connection:  # as any database of that size is after a night
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
    engine.dispose()
    return home


def fill(engine: Engine, readers: int) -> None:
    """So many people read the public newsletter."""
    for first in range(0, readers, _AT_ONCE):
        with engine.begin() as connection:
            _readers(connection, range(first + 1, min(first + _AT_ONCE, readers) + 1))


def _readers(connection: Connection, numbers: range) -> None:
    from tests.readers_situations import LONG_AGO

    people = [
        {
            "id": number,
            "public_id": f"{number:022d}",
            "email": f"leser{number}@kunde{number % 97}.example",
            "address_key": f"leser{number}@kunde{number % 97}.example",
            "address_hash": f"{number:064d}",
            "created_at": LONG_AGO,
            "language": "de",
        }
        for number in numbers
    ]
    connection.execute(insert(Subscriber), people)
    subscriptions = [
        {
            "id": number,
            "subscriber_id": number,
            "newsletter": PUBLIC,
            "state": SubscriptionState.ACTIVE,
            "since": LONG_AGO,
        }
        for number in numbers
    ]
    connection.execute(insert(Subscription), subscriptions)


def _grown(act: Act, issue: Issue, octets: int) -> None:
    """Give the approved edition so much text that its messages have this size."""
    rows = act.session.scalars(select(EditionRow)).all()
    edition, *others = sorted(map(as_edition, rows), key=lambda it: it.variant != "full")
    rng = random.Random(45)
    reader = Recipient(
        "leser1@kunde1.example",
        None,
        "Guten Tag,",
        "https://x.example/" + "x" * 150,
        "https://x.example/p",
    )
    while len(sample(act.settings, issue, edition, reader, act.now).data) < octets:
        words = " ".join(rng.choice(_WORDS) for _ in range(20))
        edition = replace(edition, html=f"{edition.html}<p>{words}</p>\n")
    found = content_hash([edition, *others])
    values = {"content_hash": found}
    act.session.execute(update(Approval).values(**values))
    act.session.execute(update(EditionRow).values(**values))
    grown = update(EditionRow).where(col(EditionRow.variant) == "full")
    act.session.execute(grown.values(html=edition.html))
    act.session.execute(update(Issue).where(col(Issue.id) == issue.id).values(**values))


def settings_of(home: Path, relay: str) -> Settings:
    """The home's configuration, with another relay."""
    return load(home, {"NEWSLETTER_RELAY": relay})
