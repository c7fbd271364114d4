"""How long it takes to say which of 10,000 items one is like."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, insert

from newsletter import database, home_folder, submissions
from newsletter.content import Audience, EventState, Kind
from newsletter.likeness import Traits
from newsletter.models.cluster import Cluster
from newsletter.models.submission import Revision, Submission, SubmissionState, Trait, Via
from newsletter.settings import load
from newsletter.submissions.twins import keys_of
from tests.databases import Server, point_to, serving

from .report import Line

ASKED = 300  # times, each for another item
_BAR = 20  # ms
_THEN = datetime(2026, 11, 2, 9, tzinfo=UTC)
BEGINNINGS = (
    *("Förder", "Netzwerk", "Technologie", "Wasserstoff", "Licht", "Mess", "Industrie", "Zukunft"),
    *("Gründer", "Innovations", "Forschungs", "Praxis", "Digital", "Energie", "Sensor", "Fach"),
)
ENDINGS = (
    *("tag", "tagung", "treffen", "forum", "projekt", "preis", "aufruf", "werkstatt", "dialog"),
    *("bericht", "partner", "technik", "strategie", "reise", "messe", "reihe"),
)
_FREQUENT = ("Cluster", "Mitglieder", "Einladung", "startet", "gemeinsam", "Zusammenarbeit", "neue")


def likeness(count: int) -> Iterator[Line]:
    """On both databases: items with titles as they are, and the worst there could be."""
    with TemporaryDirectory(prefix="newsletter-bench-") as folder:
        yield from _measured(Path(folder) / "home", "SQLite", count, {})
        with serving() as server, _made(server) as url:
            home = Path(folder) / "other"
            yield from _measured(home, "PostgreSQL", count, {"NEWSLETTER_DATABASE_URL": url})


@contextmanager
def _made(server: Server) -> Iterator[str]:
    with server.database("bench_twins") as url:
        yield url


def _measured(home: Path, name: str, count: int, environment: dict[str, str]) -> Iterator[Line]:
    home_folder.make(home, environment)
    if environment:
        point_to(home, environment["NEWSLETTER_DATABASE_URL"])
    settings = load(home, {})
    engine = database.connect(settings.database_url)
    items = [_item(random.Random(number)) for number in range(count)]
    _fill(engine, items)
    took, found = [], 0
    for number in range(1, ASKED + 1):
        kind, traits = _item(random.Random(number % count))
        start = time.perf_counter()
        with database.reading(engine) as session:
            twins = submissions.similar_to(session, settings.zone, traits, kind)
        took.append((time.perf_counter() - start) * 1000)
        found += any(twin.title == traits.title for twin in twins)
    engine.dispose()
    took.sort()
    typical, slow, worst = took[len(took) // 2], took[len(took) * 99 // 100], took[-1]
    yield Line(
        f"which of {count:,} items one is like, {name}",
        f"{typical:.1f} ms",
        f"≤ {_BAR} ms",
        f"p99 {slow:.1f} ms, worst {worst:.1f} ms; found {found} of {ASKED}",
        typical <= _BAR and found == ASKED,
    )


def _item(rng: random.Random) -> tuple[Kind, Traits]:
    """Half of them dates; every second title is made of words that thousands have."""
    kind = rng.choice([Kind.DATE, Kind.NEWS])
    usual = rng.sample(_FREQUENT, 5)
    own = [rng.choice(BEGINNINGS) + rng.choice(ENDINGS) for _ in range(rng.choice([0, 3]))]
    words = [*usual, *own]
    rng.shuffle(words)
    day = date(2026, 1, 1) + timedelta(days=rng.randrange(700)) if kind is Kind.DATE else None
    teaser = " ".join(rng.choice(BEGINNINGS) + rng.choice(ENDINGS) for _ in range(40))
    link = f"https://cluster{rng.randrange(80)}.example/aktuelles/{rng.randrange(200)}"
    place = rng.choice(["Berlin", "Alte Schleiferei, Musterhavel"]) if day else None
    return kind, Traits(" ".join(words), teaser, link, day, None, place)


def _fill(engine: Engine, items: list[tuple[Kind, Traits]]) -> None:
    submitted, revised, found_by = [], [], []
    for number, (kind, traits) in enumerate(items, 1):
        is_date = kind is Kind.DATE
        submitted.append(
            {
                "id": number,
                "kind": kind,
                "state": SubmissionState.DECIDED,
                "reach": Audience.PUBLIC,
                "cluster_id": 1,
                "via": Via.FORM,
                "received_at": _THEN,
                "event_state": EventState.ON if is_date else None,
                "uid": f"{number}@bench.example" if is_date else None,
            }
        )
        revised.append(
            {
                "submission_id": number,
                "number": 1,
                "made_at": _THEN,
                "made_by": "bench",
                "title": traits.title,
                "teaser": traits.teaser,
                "body": "Ein Absatz. " * 200,
                "link": traits.link,
                "starts_on": traits.first_day,
                "location": traits.place,
            }
        )
        found_by += [{"key": key, "submission_id": number} for key in keys_of(traits, kind)]
    with engine.begin() as connection:
        connection.execute(
            insert(Cluster), [{"id": 1, "slug": "bench", "name": "Bench", "created_at": _THEN}]
        )
        connection.execute(insert(Submission), submitted)
        connection.execute(insert(Revision), revised)
        connection.execute(insert(Trait), found_by)
    with engine.connect() as connection:  # as any database of that size is after a night
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(
            "ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE"
        )
