"""A month's thirty items, from a full queue to two scheduled issues: how much an editor types.

Twice the same month: at the desk, by keys, and with commands. The scripted editors do with each
item what examples/backlog.json says, and accept the rest; the second of them approves. Text that
is typed does not count, what sends it does. The clock stands at a Monday after the cut-off.
"""

import asyncio
import contextlib
import io
import json
import statistics
import sys
import time
from collections.abc import Iterator
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import time_machine
from sqlalchemy import Engine, insert, select
from sqlmodel import SQLModel
from textual import events

import cli
from newsletter import clusters, database, home_folder, queue, submissions
from newsletter.commands import context
from newsletter.demo.relative import expanded
from newsletter.desk import queue_lines
from newsletter.desk.app import EditorsDesk
from newsletter.desk.hands import Hands
from newsletter.history import Act, Actor, acting
from newsletter.models.submission import Clearance, Revision, Submission, Via
from newsletter.settings import Settings
from newsletter.templating import shipped
from tests.desk_screen import Screen, at_desk
from tests.desk_situations import LICHTWERK, news

from .report import Line

MONDAY = datetime(2026, 12, 7, 8, 0, tzinfo=UTC)
EDITOR, SECOND = Actor("redaktion"), Actor("freigabe")
MOST_KEYS, MOST_COMMANDS, MOST_MILLISECONDS = 150, 25, 50
WHY = "Geprüft: Sperrfristen enden vor dem Versand."
_BESIDE = {"about", "editor", "late", "cluster", "source", "via", "picture"}


@dataclass
class Month:
    """A home with the thirty items in its queue, and what is to be done with each."""

    engine: Engine
    settings: Settings
    plan: dict[str, dict[str, Any]] = field(default_factory=dict)  # by reference

    def those(self, does: str) -> list[str]:
        return [reference for reference, plan in self.plan.items() if plan["does"] == does]


@contextlib.contextmanager
def month() -> Iterator[Month]:
    """The queue of a month, on a Monday after the cut-off."""
    with TemporaryDirectory(prefix="newsletter-bench-") as folder:
        settings = home_folder.make(Path(folder) / "home", {})
        engine = database.connect(settings.database_url)
        made = Month(engine, settings)
        for number, item in enumerate(_items(settings)):
            at = MONDAY - timedelta(days=2 if item.get("late") else 12, minutes=-number)
            with acting(engine, settings, EDITOR, clock=lambda at=at: at) as act:  # type: ignore[misc]
                _hand_in(act, item, made)
        yield made
        engine.dispose()


def _items(settings: Settings) -> list[dict[str, Any]]:
    read = [json.loads((shipped("examples") / f"{n}.json").read_text()) for n in _FILES]
    items: list[dict[str, Any]] = expanded(read[0] + read[1], MONDAY.date(), settings.zone)
    return items


_FILES = ("submissions", "backlog")


def _hand_in(act: Act, item: dict[str, Any], made: Month) -> None:
    if not made.plan:
        file = shipped("examples") / "clusters.json"
        for facts in json.loads(file.read_text(encoding="utf-8")):
            clusters.add(act, facts)
    facts = {name: value for name, value in item.items() if name not in _BESIDE}
    for name in ("image_alt", "image_credit"):
        facts.pop(name, None)
    if "source" in item:
        receipt = queue.add(act, facts, source=item["source"])
    else:
        member = clusters.get(act.session, item["cluster"])
        receipt = submissions.receive(act, facts, cluster=member, via=Via.API, by=member.slug)
    made.plan[receipt.reference] = item.get("editor", {"does": "accept"})


# -- at the desk --------------------------------------------------------------------------


@dataclass
class Fingers:
    """Presses keys and counts them; the letters of a text apart."""

    screen: Screen
    pressed: int = 0
    typed: int = 0

    async def press(self, *keys: str) -> None:
        self.pressed += len(keys)
        for key in keys:
            await self.screen.press(key)

    async def type(self, text: str) -> None:
        self.typed += len(text)
        await self.screen.type(text)


async def by_keys(made: Month) -> tuple[int, int, float]:
    """Keystrokes, letters of text, and seconds that it took a script."""
    start = time.perf_counter()
    async with at_desk(made.engine, made.settings, lambda: MONDAY, EDITOR) as screen:  # type: ignore[arg-type]
        first = Fingers(screen)
        await _decides(first, made)
        await _assembles(first, made)
        await first.press("n")
        await _assembles(first, made)
        await first.press("q")
    async with at_desk(made.engine, made.settings, lambda: MONDAY, SECOND) as screen:  # type: ignore[arg-type]
        second = Fingers(screen)
        for __ in made.settings.newsletters:
            await second.press("l", "space", "escape", "G", "j", "S", "enter", "n")
        await second.press("q")
    took = time.perf_counter() - start
    return first.pressed + second.pressed, first.typed + second.typed, took


async def _decides(fingers: Fingers, made: Month) -> None:
    """What the cursor stands on, one after the other; it goes on by itself."""
    app = fingers.screen.app
    while app.chosen and any(map(queue_lines.is_open, app.table.entries)):
        plan = made.plan[app.chosen]
        match plan["does"]:
            case "accept":
                await fingers.press("a")
            case "defer":
                await fingers.press("z")
            case "merge":
                await fingers.press("equals_sign", "j")
            case "decline":
                await fingers.press("x", str(plan["module"]), "ctrl+s")
            case "ask":
                await fingers.press("f", str(plan["module"]), "ctrl+s")


async def _assembles(fingers: Fingers, made: Month) -> None:
    """Begin, fill, place by hand what waits for its embargo, look at the order, request."""
    await fingers.press("b", "F", "enter")
    for reference in [r for r, plan in made.plan.items() if plan.get("place")]:
        await fingers.press("slash")
        await fingers.type(reference)
        await fingers.press("enter", "p", "slash", "escape")
    await fingers.press("tab", "J", "K", "tab", "R")
    await fingers.type(WHY)
    await fingers.press("ctrl+s", "1")


# -- with commands ------------------------------------------------------------------------


@dataclass
class Typist:
    """Runs commands and counts them."""

    home: Path
    commands: int = 0

    def run(self, *words: str, as_: str = "redaktion") -> str:
        self.commands += 1
        code, said = newsletter(self.home, *words, "--as", as_)
        if code:
            raise RuntimeError(f"newsletter {' '.join(words)}: {said}")
        return said


def newsletter(home: Path, *words: str) -> tuple[int, str]:
    """A command in this process: its exit code, and all it said."""
    vars(context.invocation).clear()
    vars(context.invocation).update(vars(context.Invocation(home=home)))
    sys.argv = ["newsletter", "--home", str(home), *words]
    said = io.StringIO()
    code: Any = 0
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            copy_context().run(cli.main)
        except SystemExit as ended:
            code = ended.code
    if "engine" in vars(context.invocation):
        context.invocation.engine.dispose()
    return int(code or 0), said.getvalue()


def by_commands(made: Month) -> int:
    """How many commands it takes."""
    it = Typist(made.settings.home)
    listed = json.loads(it.run("queue", "list", "--json"))
    twins = {each["id"]: each["similar"][0]["id"] for each in listed if each["similar"]}
    for reference in made.those("merge"):
        it.run("queue", "merge", twins[reference], reference)
    it.run("queue", "accept", *made.those("accept"))
    it.run("queue", "defer", *made.those("defer"))
    modules = made.settings.desk
    for reference in made.those("decline"):
        text = modules.declines[made.plan[reference]["module"] - 1].text
        it.run("queue", "decline", reference, "--reason", text)
    for reference in made.those("ask"):
        it.run(
            "queue", "ask", reference, modules.questions[made.plan[reference]["module"] - 1].text
        )
    by_hand = [reference for reference, plan in made.plan.items() if plan.get("place")]
    for slug in made.settings.newsletters:
        key = json.loads(it.run("issue", "new", slug, "--json"))["id"]
        it.run("issue", "fill", key)
        it.run("issue", "add", key, *by_hand)
        it.run("issue", "check", key)
        it.run("issue", "request", key, "--accept-warnings", WHY)
        it.run("issue", "approve", key, as_="freigabe")
        it.run("issue", "schedule", key, as_="freigabe")
    return it.commands


# -- how soon a key is answered -----------------------------------------------------------


class Watched(EditorsDesk):
    """Notes when the screen was drawn."""

    drawn = 0.0

    def post_display_hook(self) -> None:
        self.drawn = time.perf_counter()


def full(engine: Engine, settings: Settings, items: int) -> None:
    """A queue of so many: a tenth handed in, the others copied from them row by row."""
    with acting(engine, settings, EDITOR, durable=False) as act:
        clusters.add(act, LICHTWERK)
        member = clusters.get(act.session, "lichtwerk")
        for n in range(max(items // 10, 1)):
            title = f"Lichtwerk {n}: Projekt {n * 7919 % 1009} im Feld {n * 6151 % 997}"
            facts = news(title=title, link=f"https://lichtwerk.example/{n}")
            submissions.receive(act, facts, cluster=member, via=Via.API, by="lichtwerk")
        for kind, name in (
            (Submission, "id"),
            *((k, "submission_id") for k in (Revision, Clearance)),
        ):
            _copied(act, kind, name, items)


def _copied(act: Act, kind: type[SQLModel], name: str, items: int) -> None:
    table = kind.__table__  # type: ignore[attr-defined]
    rows = [dict(row) for row in act.session.execute(select(table)).mappings()]
    step = max(items // 10, 1)
    more = [
        row
        | {name: row[name] + step * times}
        | {key: None for key in ("status_token_sha256",) if key in row}
        for times in range(1, -(-items // step))
        for row in rows
    ]
    act.session.execute(insert(table), more)


async def answers(engine: Engine, settings: Settings, size: tuple[int, int]) -> list[float]:
    """Milliseconds from a key to the drawn screen, key after key as a quick editor presses them."""
    app = Watched(Hands(engine, settings, EDITOR), lambda _words: None)
    found = []
    async with app.run_test(size=size) as pilot:
        await Screen(app, pilot).settled()
        keys = [*"jjjkjjakjazjpaajjkka" * 3, *["pagedown", "j"] * 5, "home", "end"]
        for key, rest in zip(keys, cycle((0.05, 0.1, 0.2, 0.4)), strict=False):
            start = time.perf_counter()
            app.post_message(events.Key(key, key if len(key) == 1 else None))
            while app.drawn < start:
                await asyncio.sleep(0.0002)
            found.append((app.drawn - start) * 1000)
            await asyncio.sleep(rest)
    return found


def desk(items: int = 1_000) -> Iterator[Line]:
    """All of it."""
    with time_machine.travel(MONDAY):
        with month() as made:
            keys, letters, took = asyncio.run(by_keys(made))
            yield Line(
                "desk: 30 items to two scheduled issues",
                f"{keys} keystrokes",
                f"≤ {MOST_KEYS}",
                f"and {letters} letters of text; two editors; the script took {took:.0f} s",
                holds=keys <= MOST_KEYS and _all_scheduled(made),
            )
        with month() as made:
            commands = by_commands(made)
            yield Line(
                "commands: the same",
                f"{commands} commands",
                f"≤ {MOST_COMMANDS}",
                "",
                holds=commands <= MOST_COMMANDS and _all_scheduled(made),
            )
    with TemporaryDirectory(prefix="newsletter-bench-") as folder:
        settings = home_folder.make(Path(folder) / "home", {})
        engine = database.connect(settings.database_url)
        full(engine, settings, items)
        for size in ((80, 24), (160, 50)):
            yield _key(asyncio.run(answers(engine, settings, size)), size, items)
        engine.dispose()


def _all_scheduled(made: Month) -> bool:
    from newsletter import issues

    with database.reading(made.engine) as session:
        states = [line.issue.state.value for line in issues.list_(session)]
    return states == ["scheduled"] * len(made.settings.newsletters)


def _key(found: list[float], size: tuple[int, int], items: int) -> Line:
    slowest = max(found)
    return Line(
        f"desk, {size[0]}×{size[1]}, {items:,} items queued: a key is answered",
        f"{statistics.median(found):.0f} ms",
        f"≤ {MOST_MILLISECONDS} ms",
        f"median of {len(found)} keys; the slowest {slowest:.0f} ms",
        holds=slowest <= MOST_MILLISECONDS,
    )
