"""The system's Chromium, to take pictures of documents. It sees no network, and leaves nothing.

Chromium is spoken to over two pipes, in the language of its developer tools: each message a
line of JSON that ends with a zero byte. It runs in a folder of its own and ends with the block.
"""

import base64
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import OutsideTrouble
from .language import N_, _

# The shell first: it is Chromium without windows, and needs half the time.
NAMES = (
    *("chromium-headless-shell", "chrome-headless-shell", "chromium", "chromium-browser"),
    *("google-chrome", "google-chrome-stable"),
)
_OPTIONS = (
    *("--headless", "--remote-debugging-pipe", "--disable-gpu", "--hide-scrollbars"),
    *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--disable-extensions", "--mute-audio", "--in-process-gpu"),
    "--proxy-server=127.0.0.1:9",  # nobody listens there
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
# It wants the pipes as numbers 3 and 4, which a child of ours cannot be given otherwise.
_BECOME = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4);"
    " os.execv(sys.argv[3], sys.argv[3:])"
)
_ANSWERS_WITHIN = 30.0  # seconds
_TALLEST = 16_000  # pixels; of a higher picture Chromium paints the rest black


class NoChromium(OutsideTrouble):
    """There is none, or none where CHROMIUM says."""

    sentence = N_(
        "Für Bilder braucht es Chromium, und gefunden wurde keines. Unter Debian:"
        " sudo apt-get install chromium-headless-shell. Liegt Chromium oder Chrome woanders:"
        " CHROMIUM=/pfad/zu/chromium voranstellen."
    )


class ChromiumFails(OutsideTrouble):
    """It does not start, does not answer, or says no."""

    sentence = N_("Chromium ({path}) macht keine Bilder: {why}")


def installed() -> Path:
    """Where Chromium is: as CHROMIUM names it, else on the path. NoChromium."""
    named = os.environ.get("CHROMIUM")
    found = map(shutil.which, [named] if named else NAMES)
    path = next(filter(None, found), None)
    if path is None:
        raise NoChromium
    return Path(path)


@dataclass(slots=True)
class Browser:
    """A Chromium that runs, with one page. Its messages go out and come in by pipes."""

    path: Path
    _to: int
    _from: int
    _session: str = ""
    _number: int = 0
    _read: bytes = b""
    _events: list[dict[str, Any]] = field(default_factory=list)

    def open(self) -> None:
        """A page to draw in."""
        page = self._ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self._ask("Target.attachToTarget", targetId=page, flatten=True)
        self._session = attached["sessionId"]
        self._ask("Page.enable")

    def picture(self, html: str, width: int, folder: Path) -> bytes:
        """A document as PNG, so many pixels wide and as high as it is. ChromiumFails.

        What it needs must stand in it: nothing else is loaded. ``folder`` takes it for a while.
        """
        file = folder / "page.html"
        file.write_text(html, encoding="utf-8")
        size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
        self._ask("Emulation.setDeviceMetricsOverride", **size)
        self._events.clear()
        self._ask("Page.navigate", url=file.as_uri())
        self._await("Page.loadEventFired")
        content = self._ask("Page.getLayoutMetrics")["cssContentSize"]
        tall = max(1, min(_TALLEST, int(content["height"])))
        clip = {"x": 0, "y": 0, "width": width, "height": tall, "scale": 1}
        taken = self._ask("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
        return base64.b64decode(taken["data"])

    def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        asked: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            asked["sessionId"] = self._session
        try:
            os.write(self._to, json.dumps(asked).encode() + b"\0")
        except BrokenPipeError as gone:
            raise self._fails(_("es hat sich beendet")) from gone
        until = time.monotonic() + _ANSWERS_WITHIN
        while (said := self._message(until)).get("id") != self._number:
            self._events.append(said)
        if "error" in said:
            raise self._fails(said["error"].get("message", method))
        return dict(said["result"])

    def _await(self, event: str) -> None:
        until = time.monotonic() + _ANSWERS_WITHIN
        while not any(each.get("method") == event for each in self._events):
            self._events.append(self._message(until))

    def _message(self, until: float) -> dict[str, Any]:
        """The next that it says."""
        while b"\0" not in self._read:
            ready = select.select([self._from], [], [], max(0.0, until - time.monotonic()))[0]
            if not ready:
                raise self._fails(_("es antwortet nicht"))
            if not (some := os.read(self._from, 1 << 16)):
                raise self._fails(_("es hat sich beendet"))
            self._read += some
        said, __, self._read = self._read.partition(b"\0")
        return dict(json.loads(said))

    def _fails(self, why: str) -> ChromiumFails:
        return ChromiumFails(path=self.path, why=why)


@contextmanager
def running() -> Iterator[tuple[Browser, Path]]:
    """A Chromium for this block, and a folder for its documents. NoChromium, ChromiumFails."""
    path = installed()
    with tempfile.TemporaryDirectory(prefix="newsletter-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        to, its_in = _high(os.pipe())
        its_out, from_ = _high(os.pipe())
        process = _started(path, home, to, from_)
        for end in (to, from_):
            os.close(end)
        try:
            browser = Browser(path, its_in, its_out)
            browser.open()
            yield browser, home
        finally:
            for end in (its_in, its_out):
                os.close(end)
            _end(process)


def _high(ends: tuple[int, int]) -> tuple[int, int]:
    """The same two ends under other numbers: 3 and 4 are Chromium's own."""
    high = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends)
    for end in ends:
        os.close(end)
    return high[0], high[1]


def _started(path: Path, home: Path, reads: int, writes: int) -> subprocess.Popen[bytes]:
    options = [*_OPTIONS, f"--user-data-dir={home / 'profile'}"]
    if os.geteuid() == 0:  # it refuses its sandbox to root; only our own documents are opened
        options.append("--no-sandbox")
    try:
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-ISc", _BECOME, str(reads), str(writes), str(path), *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(reads, writes),
            env=_environment() | {"HOME": str(home)},
            start_new_session=True,
        )
    except OSError as problem:
        raise ChromiumFails(path=path, why=problem.strerror or problem) from problem


def _environment() -> dict[str, str]:
    """Ours, without what only we may know: the relay's password, the database's."""
    return {name: it for name, it in os.environ.items() if not name.startswith("NEWSLETTER_")}


def _end(process: subprocess.Popen[bytes]) -> None:
    """With its pipes closed it ends by itself; if not, it and all its children are ended."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=2)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=5)
