"""The program in a process of its own, without the second that its imports take.

A server that has imported everything forks a process for each command; it gets its words, its
environment, its folder and its files, and ends with the program's exit code. How the installed
program begins from nothing is what test_setup, test_readme and test_run look at.
"""

import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Self

_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(["tests.warm"])


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


def clean(**more: str) -> dict[str, str]:
    """Our environment without what it may say of a home, and with ``more``."""
    return {name: value for name, value in os.environ.items() if "NEWSLETTER" not in name} | more


class Program:
    """A running ``newsletter WORDS``; ``with Program(…) as program`` kills it at the end.

    It reads ``stdin`` and its outputs are kept; or all three are a ``terminal`` (its path).
    """

    def __init__(
        self,
        *words: str,
        environment: Mapping[str, str] | None = None,
        stdin: str = "",
        terminal: str | None = None,
    ) -> None:
        self._kept: dict[str, str] = {}  # what it has said, when it is over
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        (folder / "0").write_text(stdin, encoding="utf-8")
        files = [terminal] * 3 if terminal else [str(folder / name) for name in "012"]
        self._process: ForkServerProcess = _FORKING.Process(
            target=_newsletter, args=(words, dict(environment or clean()), files)
        )
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    @property
    def out(self) -> str:
        """What it has said so far."""
        return self._said("1")

    @property
    def err(self) -> str:
        """What it has complained of so far."""
        return self._said("2")

    def _said(self, file: str) -> str:
        if file in self._kept:
            return self._kept[file]
        path = Path(self._folder.name) / file
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def first_line(self, seconds: float = 30) -> str:
        """The first line that it says, as soon as it has."""
        until = time.monotonic() + seconds
        while "\n" not in self.out:
            assert time.monotonic() < until, "it says nothing"
            assert self.alive, self._said("2")
            time.sleep(0.01)
        return self.out.partition("\n")[0]

    def terminate(self) -> None:
        """SIGTERM, as a supervisor sends it."""
        self._process.terminate()

    def end(self, seconds: float = 60) -> Done:
        """Wait for its end."""
        self._process.join(seconds)
        code = self._process.exitcode
        assert code is not None, f"still running after {seconds} s: {self.out}"
        return Done(code, self.out, self._said("2"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()
        self._process.close()
        self._kept = {name: self._said(name) for name in "12"}
        self._folder.cleanup()


def run(*words: str, environment: Mapping[str, str] | None = None, stdin: str = "") -> Done:
    """Run ``newsletter WORDS`` to its end."""
    with Program(*words, environment=environment, stdin=stdin) as program:
        return program.end()


def _newsletter(words: tuple[str, ...], environment: dict[str, str], files: list[str]) -> None:
    import cli

    os.environ.clear()
    os.environ.update(environment)
    reading, writing = os.O_RDONLY, os.O_WRONLY | os.O_CREAT | os.O_APPEND
    for number, (file, flags) in enumerate(zip(files, (reading, writing, writing), strict=True)):
        os.dup2(os.open(file, flags, 0o600), number)
    # for the rest of its life
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr
    sys.argv = ["newsletter", *words]
    cli.main()
