"""How fast items come in by JSON: at full speed, and 50 a second while an issue goes out."""

import http.client
import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any

from newsletter import clusters, database
from newsletter.history import SYSTEM, acting
from newsletter.settings import load
from tests.databases import Server, serving

from . import homes, servers
from .report import Line
from .sending import dispatch
from .twins import BEGINNINGS, ENDINGS

CLIENTS = 8
PER_SECOND = 50  # beside an issue
_RATE, _P99 = 100, 100  # bars: items a second; ms


def intake(items: int, seconds: int, readers: int) -> Iterator[Line]:
    """Both rows, on both databases."""
    yield from _measured("SQLite", items, seconds, readers, None)
    with serving() as server:
        yield from _measured("PostgreSQL", items, seconds, readers, server)


def _measured(
    name: str, items: int, seconds: int, readers: int, server: Server | None
) -> Iterator[Line]:
    with homes.made(readers, server) as home, _served(home) as port, servers.sink() as relay:
        settings = load(home, {})
        engine = database.connect(settings.database_url)
        with acting(engine, settings, SYSTEM) as act:
            clusters.add(act, {"slug": "bench", "name": "Bench", "contact_email": "x@y.example"})
            key = clusters.key(act, "bench")
        engine.dispose()
        _together(port, key, CLIENTS)  # warm
        start = time.perf_counter()
        took = _together(port, key, items)
        rate = len(took) / (time.perf_counter() - start)
        slow = _p99(took)
        peer = _health(port, items)
        what = f"items over JSON without picture, {name}, {CLIENTS} clients at once"
        more = f"p99 {slow:.0f} ms; {rate / peer:.2f} × /healthz of the same server ({peer:.0f}/s)"
        yield Line(what, f"{rate:.0f}/s", f"≥ {_RATE}/s", more, rate >= _RATE)
        beside: list[float] = []
        stop = threading.Event()
        sender = threading.Thread(
            target=lambda: (dispatch(home, f"smtp://127.0.0.1:{relay}"), stop.set())
        )
        sender.start()
        sent = _steadily(port, key, seconds, beside)
        during = "all the while" if not stop.is_set() else "for a part of it"
        sender.join()
        yield Line(
            f"p99 of an item at {PER_SECOND}/s while an issue is sent, {name}",
            f"{_p99(beside):.0f} ms",
            f"≤ {_P99} ms",
            f"{sent} items; median {sorted(beside)[len(beside) // 2]:.0f} ms; sending {during}",
            _p99(beside) <= _P99,
        )


def _p99(took: list[float]) -> float:
    return quantiles(took, n=100)[98] if len(took) > 1 else took[0]


@contextmanager
def _served(home: Path) -> Iterator[int]:
    """``newsletter serve``, as somebody runs it; its port."""
    port = servers.free_port()
    words = ["-m", "cli", "--home", str(home), "serve", "--port", str(port)]
    with subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL) as process:
        servers.answers(port)
        try:
            yield port
        finally:
            process.terminate()


class _Client:
    """A member's system that keeps its connection."""

    def __init__(self, port: int, key: str) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.head = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def send(self, number: int) -> float:
        """Milliseconds that one item takes."""
        start = time.perf_counter()
        self.line.request("POST", "/api/v1/submissions", json.dumps(_item(number)), self.head)
        answer = self.line.getresponse()
        said = answer.read()
        if answer.status != 201:
            raise servers.Missing(said.decode())
        return (time.perf_counter() - start) * 1000


def _item(number: int) -> dict[str, Any]:
    """A short item of its own: a title of four words out of 256, a list, a link."""
    rng = random.Random(number)
    words = [rng.choice(BEGINNINGS) + rng.choice(ENDINGS) for _ in range(16)]
    return {
        "kind": "news",
        "title": f"{words[0]} und {words[1]}: {words[2]} mit {words[3]}",
        "teaser": f"Ab Januar stehen Mitgliedern offen: {', '.join(words[4:])}.",
        "body": f"Zu {words[4]}:\n\n- die **Betreuung**,\n- die Strategie.\n\n" * 4,
        "link": f"https://www.lichtwerk.example/aktuelles/{number}?utm_source=mail",
        "targets": ["go-cluster", "clusterplattform"],
        "rights_confirmed": True,
    }


def _together(port: int, key: str, items: int) -> list[float]:
    """So many items from all clients at once; what each took."""
    took: list[float] = []

    def work(first: int) -> None:
        client = _Client(port, key)
        took.extend(client.send(number) for number in range(first, items, CLIENTS))

    _run([threading.Thread(target=work, args=(n,)) for n in range(CLIENTS)])
    return took


def _health(port: int, times: int) -> float:
    """How often a second the server says that its database answers: what HTTP costs alone."""

    def work() -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for _ in range(times // CLIENTS):
            line.request("GET", "/healthz")
            line.getresponse().read()

    start = time.perf_counter()
    _run([threading.Thread(target=work) for _ in range(CLIENTS)])
    return times / (time.perf_counter() - start)


def _steadily(port: int, key: str, seconds: int, took: list[float]) -> int:
    """``PER_SECOND`` items, each at its moment, whatever the others take."""
    start, count = time.perf_counter() + 0.1, seconds * PER_SECOND

    def work(first: int) -> None:
        client = _Client(port, key)
        for number in range(first, count, CLIENTS):
            time.sleep(max(0.0, start + number / PER_SECOND - time.perf_counter()))
            took.append(client.send(1_000_000 + number))

    _run([threading.Thread(target=work, args=(n,)) for n in range(CLIENTS)])
    return len(took)


def _run(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
