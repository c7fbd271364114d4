"""The desk on a screen that a test reads: keys go in, panes come out."""

import asyncio
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from textual.pilot import Pilot

from newsletter.desk.app import EditorsDesk
from newsletter.desk.hands import Hands
from newsletter.history import Actor
from newsletter.settings import Settings
from tests.conftest import ADA, Clock
from tests.program import Program, clean


@dataclass
class Screen:
    """A running desk."""

    app: EditorsDesk
    pilot: Pilot[None]

    async def press(self, *keys: str) -> str:
        """Press keys one after the other, and wait until all is saved and drawn; what is said."""
        await self.pilot.press(*keys)
        await self.settled()
        return self.said

    async def type(self, text: str) -> None:
        """Text that somebody types, letter by letter."""
        await self.pilot.press(*text)

    async def settled(self) -> None:
        app = self.app
        for __ in range(3_000):
            await self.pilot.pause(0.001)
            if all(it.is_finished or it.group == "likeness" for it in app.workers):
                break
        await self.pilot.pause()

    @property
    def lines(self) -> list[str]:
        """The screen as somebody sees it."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]

    def sees(self, *texts: str) -> bool:
        shown = "\n".join(self.lines)
        missing = [text for text in texts if text not in shown]
        assert not missing, f"{missing} not in\n{shown}"
        return True

    @property
    def said(self) -> str:
        """The line above the keys."""
        return self.app._written["said"].plain


@asynccontextmanager
async def at_desk(
    engine: Engine,
    settings: Settings,
    clock: Clock,
    who: Actor = ADA,
    size: tuple[int, int] = (80, 24),
    edit: Callable[[list[str]], None] = lambda _words: None,
) -> AsyncIterator[Screen]:
    """Sit down at the desk; what happens there is settled when this begins."""
    app = EditorsDesk(Hands(engine, settings, who, clock), edit)
    app.calm = 0
    async with app.run_test(size=size) as pilot:
        screen = Screen(app, pilot)
        await screen.settled()
        yield screen


def run(walk: Callable[..., Awaitable[Any]], *given: Any) -> None:
    """An evening at the desk, from a test that knows no loop."""
    asyncio.run(walk(*given))  # type: ignore[arg-type]


def kept_in(home: Path) -> list[str]:
    """The unsent texts of a home, by file."""
    folder = home / "drafts"
    return sorted(file.name for file in folder.iterdir()) if folder.is_dir() else []


class Terminal:
    """The real program at a real (pseudo) terminal of 80×24."""

    def __init__(self, home: Path, editor: Path) -> None:
        self.ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        environment = clean(EDITOR=f"{sys.executable} {editor}", VISUAL="", TERM="xterm-256color")
        words = ("--home", str(home), "--as", "redaktion", "desk")
        self.program = Program(*words, environment=environment, terminal=os.ttyname(theirs))

    def until(self, text: str, seconds: float = 30) -> None:
        """Read what it draws until it has said this."""
        said, end = b"", time.monotonic() + seconds
        while text.encode() not in said:
            assert time.monotonic() < end, said[-500:]
            if select.select([self.ours], [], [], 0.05)[0]:
                said += os.read(self.ours, 65_536)

    def press(self, keys: str) -> None:
        os.write(self.ours, keys.encode())
