"""What is asked of the database and the renderer: audience, import, one issue; fdatasync."""

import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine

from newsletter import database, home_folder, loop, readers
from newsletter.dispatch import home_guard, ledger
from newsletter.history import SYSTEM, acting, now
from newsletter.models.issue import Issue
from newsletter.settings import Settings, load
from tests.dispatch_situations import PUBLIC
from tests.rendering_situations import rendered

from . import homes
from .report import Line

ISSUE = f"{PUBLIC}-2026-12"


def audience(count: int) -> Iterator[Line]:
    """Fix the audience of so many readers, and see how long a writer would have to wait."""
    with homes.made(count) as home:
        settings = load(home, {})
        engine = database.connect(settings.database_url)
        with acting(engine, settings, SYSTEM) as act:
            home_guard.enter(act)
            ledger.open_issue(act, act.session.get_one(Issue, ISSUE))
        start = time.perf_counter()
        longest = loop.run(_fixing(engine, settings))  # the sender's: its collector, too
        took = time.perf_counter() - start
        engine.dispose()
    wanted = 30 * count / 1_000_000
    yield Line(
        f"audience of {count:,} fixed",
        f"{took:.1f} s",
        f"≤ {wanted:.1f} s",
        "SQLite",
        took <= wanted,
    )
    yield Line(
        "the longest of its transactions",
        f"{longest * 1000:.0f} ms",
        "≤ 50 ms",
        "",
        longest <= 0.05,
    )


async def _fixing(engine: Engine, settings: Settings) -> float:
    """The longest of the transactions, in seconds."""
    longest, more = 0.0, True
    while more:
        with acting(engine, settings, SYSTEM, durable=False) as act:
            began = time.perf_counter()
            more = ledger.fill_audience(act, ISSUE)
        longest = max(longest, time.perf_counter() - began)
    return longest


def imports(count: int) -> Iterator[Line]:
    """A list with names and evidence, as ``newsletter subscribers import`` takes it in."""
    rows = [
        f"leser{n}@kunde{n % 97}.example,Ada Muster {n},de,Formular vom 5. Januar,2026-01-05"
        for n in range(count)
    ]
    content = "\n".join(["email,name,language,evidence,consented_at", *rows]).encode()
    with TemporaryDirectory(prefix="newsletter-bench-") as folder:
        home = Path(folder) / "home"
        home_folder.make(home, {})
        settings = load(home, {})
        engine = database.connect(settings.database_url)
        start = time.perf_counter()
        sheet = readers.read_csv(content, settings, None, now())
        report = readers.Report(ignored=sheet.ignored)
        for batch in readers.batches(sheet.rows):
            with acting(engine, settings, SYSTEM) as act:
                readers.import_rows(act, PUBLIC, batch, report)
        rate = report.added / (time.perf_counter() - start)
        engine.dispose()
    told = f"{count:,} rows, all checked and with evidence"
    yield Line("CSV import, SQLite", f"{rate:,.0f} rows/s", "≥ 5,000", told, rate >= 5_000)


def render() -> Iterator[Line]:
    """An issue of twenty items, with warm templates."""
    from tests.rendering_situations import news

    items = [news(number) for number in range(401, 421)]
    rendered(*items)
    took = []
    for _ in range(20):
        start = time.perf_counter()
        rendered(*items)
        took.append(time.perf_counter() - start)
    typical = statistics.median(took) * 1000
    yield Line(
        "issue of 20 items rendered, warm", f"{typical:.0f} ms", "≤ 25 ms", "", typical <= 25
    )


def disk() -> Iterator[Line]:
    """What a commit that has to reach the disk waits for."""
    with TemporaryDirectory(prefix="newsletter-bench-") as folder:
        file = os.open(Path(folder) / "file", os.O_CREAT | os.O_WRONLY)
        took = []
        for place in range(300):
            os.pwrite(file, b"x" * 4096, place * 4096)
            start = time.perf_counter()
            os.fdatasync(file)
            took.append(time.perf_counter() - start)
        os.close(file)
    took.sort()
    typical, slow = took[150] * 1000, took[285] * 1000
    yield Line("fdatasync of 4 kB", f"{typical:.2f} ms", "", f"one in twenty over {slow:.2f} ms")
