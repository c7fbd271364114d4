"""The whole dispatch, side by side with ``smtp-source -d`` into the same ``smtp-sink``."""

import json
import smtplib
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from tests.databases import Server, serving

from . import homes, servers
from .report import Line, plot, say

CHECKOUT = Path(__file__).resolve().parent.parent
# As somebody would run it: every commit on the disk.
_DURABLE = ("shared_buffers=128MB", "max_wal_size=2GB")


@dataclass(frozen=True, slots=True)
class Went:
    """One dispatch."""

    seconds: float
    audience: float
    cpu: float
    before: int
    peak: int
    messages: int
    memory: list[tuple[float, int]]

    @property
    def rate(self) -> float:
        """Messages per second, the fixing of the audience included."""
        return self.messages / self.seconds

    @property
    def cost(self) -> float:
        """CPU of our process per message, in milliseconds."""
        return self.cpu / self.messages * 1000


def dispatch(home: Path, relay: str) -> Went:
    """Send a home's issue; every reader must have got a copy."""
    words = [sys.executable, "-m", "benchmarks.once", str(home), relay]
    done = subprocess.run(words, cwd=CHECKOUT, check=True, stdout=subprocess.PIPE, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    if found.pop("trouble"):
        raise servers.Missing(done.stdout)
    return Went(**found)


def fresh(messages: int, relay: str, server: Server | None = None) -> Went:
    """A dispatch from a home that is made for it."""
    with homes.made(messages, server) as home:
        return dispatch(home, relay)


@contextmanager
def durable() -> Iterator[Server]:
    """A PostgreSQL server that syncs each commit."""
    with serving(_DURABLE) as server:
        yield server


def pairs(messages: int, runs: int) -> Iterator[Line]:
    """SQLite, PostgreSQL and smtp-source in turns, into one sink."""
    kinds = ("SQLite", "PostgreSQL")
    rates: dict[str, list[float]] = {kind: [] for kind in kinds}
    ratios: dict[str, list[float]] = {kind: [] for kind in kinds}
    costs: dict[str, list[float]] = {kind: [] for kind in kinds}
    sources: list[float] = []
    with servers.sink() as port, durable() as server:
        relay = f"smtp://127.0.0.1:{port}"
        for number in range(runs):
            for kind in kinds:
                with homes.made(messages, server if kind == "PostgreSQL" else None) as home:
                    beside = messages / servers.source(port, messages, homes.OCTETS)
                    went = dispatch(home, relay)
                    beside = (beside + messages / servers.source(port, messages, homes.OCTETS)) / 2
                sources.append(beside)
                rates[kind].append(went.rate)
                ratios[kind].append(went.rate / beside)
                costs[kind].append(went.cost)
                say(f"{number + 1}. {kind}: {went.rate:,.0f}/s beside {beside:,.0f}/s")
    spread = f"{min(sources):,.0f} to {max(sources):,.0f}"
    yield Line("smtp-source -d", f"{statistics.median(sources):,.0f}/s", "", spread)
    for kind, bar in zip(kinds, (0.7, 0.5), strict=True):
        ratio = statistics.median(ratios[kind])
        told = ", ".join(f"{each:.2f}" for each in ratios[kind])
        yield Line(
            f"dispatch, {kind}: rate",
            f"{statistics.median(rates[kind]):,.0f}/s = {ratio:.2f} × smtp-source",
            f"≥ {bar} ×",
            f"each run: {told}",
            ratio >= bar,
        )
        cost = statistics.median(costs[kind])
        yield Line(
            f"dispatch, {kind}: CPU of ours per message",
            f"{cost:.2f} ms",
            "≤ 0.5 ms",
            "",
            cost <= 0.5,
        )


def postfix(messages: int, runs: int) -> Iterator[Line]:
    """Through a Postfix that queues to the disk, plain and with TLS."""
    plain: list[float] = []
    ours: list[Went] = []
    tls: list[Went] = []
    into_sink: list[float] = []
    with servers.queueing_postfix() as port, servers.sink() as sink:
        for _ in range(runs):
            plain.append(messages / servers.source(port, messages, homes.OCTETS))
            ours.append(fresh(messages, f"smtp://127.0.0.1:{port}"))
            with homes.made(messages) as home:
                file = home / "newsletter.toml"
                text = file.read_text(encoding="utf-8")
                ca = f'[sending]\nca_file = "{servers.TLS / "ca.pem"}"\n'
                file.write_text(text.replace("[sending]\n", ca, 1), encoding="utf-8")
                tls.append(dispatch(home, f"smtp+starttls://localhost:{port}"))
            into_sink.append(fresh(messages, f"smtp://127.0.0.1:{sink}").rate)
    beside = statistics.median(plain)
    ratio = statistics.median(into_sink) / beside
    yield Line("smtp-source -d into a queueing Postfix", f"{beside:,.0f}/s")
    yield Line(
        "dispatch into smtp-sink, beside that", f"{ratio:.1f} ×", "≥ 1.5 ×", "SQLite", ratio >= 1.5
    )
    for what, went in (("dispatch into the same Postfix", ours), ("the same with STARTTLS", tls)):
        rate = statistics.median(each.rate for each in went)
        cost = statistics.median(each.cost for each in went)
        yield Line(what, f"{rate:,.0f}/s, {cost:.2f} ms CPU of ours per message")


def naive(messages: int) -> Iterator[Line]:
    """The usual loop: EmailMessage and smtplib, one connection, no ledger."""
    text, html = "Guten Tag,\n" + "x" * 400, "<p>" + "Förderung für übermorgen " * 1_300 + "</p>"
    with servers.sink() as port, smtplib.SMTP("127.0.0.1", port) as server:
        start = time.perf_counter()
        for number in range(messages):
            message = EmailMessage()
            message["From"], message["To"] = "weg@cluster.example", f"leser{number}@kunde.example"
            message["Subject"] = "Ausgabe Dezember 2026"
            message.set_content(text)
            message.add_alternative(html, subtype="html")
            server.send_message(message)
        rate = messages / (time.perf_counter() - start)
    yield Line("EmailMessage + smtplib in a loop, for scale", f"{rate:,.0f}/s")


def sizes(counts: tuple[int, ...]) -> Iterator[Line]:
    """Memory and cost per message as lists grow."""
    went: dict[int, Went] = {}
    with servers.sink() as port:
        for count in counts:
            went[count] = fresh(count, f"smtp://127.0.0.1:{port}")
            each = went[count]
            say(f"{count:,}: {each.rate:,.0f}/s, {each.cost:.3f} ms, {each.peak >> 20} MB")
    for count, each in went.items():
        yield Line(
            f"{count:,} readers, SQLite",
            f"{each.rate:,.0f}/s, {each.cost:.3f} ms CPU per message, {each.peak / 2**20:.0f} MB",
            "",
            f"audience fixed in {each.audience:.1f} s",
        )
    first, last = min(went), max(went)
    if len(went[last].memory) > 1:
        points = [(second, octets / 2**20) for second, octets in went[last].memory]
        plot("memory", f"Memory of the sender, {last:,} readers (SQLite)", points, "MB")
    more = (went[last].peak - went[first].peak) / 2**20
    yield Line(f"memory at {last:,} above {first:,}", f"{more:.0f} MB", "≤ 40 MB", "", more <= 40)
    if 10_000 in went and last > 10_000:
        times = went[last].cost / went[10_000].cost
        yield Line(
            f"CPU per message at {last:,}",
            f"{times:.2f} × that at 10,000",
            "≤ 1.1 ×",
            "",
            times <= 1.1,
        )


Part = Callable[[], Iterator[Line]]
