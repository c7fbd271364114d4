"""Commands as an editor types them, in one process: what they say, and how they end."""

import io
import json
import sys
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import cli
from newsletter.commands import context


@dataclass
class Done:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def words(self) -> str:
        """What was said, in one line, wherever a terminal's ends."""
        return " ".join(self.out.split())


Newsletter = Callable[..., Done]


def typing(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    noun: str | None = None,
) -> Newsletter:
    """Run ``newsletter [NOUN] …`` in the home, as redaktion or as somebody else (or as nobody)."""
    monkeypatch.delenv("NEWSLETTER_EDITOR", raising=False)
    first = ["newsletter", noun] if noun else ["newsletter"]

    def run(*words: str, as_: str = "redaktion", typed: str = "") -> Done:
        state = context.Invocation(home=home)
        monkeypatch.setattr(context.invocation, "__dict__", state.__dict__)
        who = ["--as", as_] if as_ else []
        monkeypatch.setattr(sys, "argv", [*first, *words, *who])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed.encode())))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            copy_context().run(cli.main)  # the language it speaks is its own
        if "engine" in context.invocation.__dict__:
            context.invocation.engine.dispose()
        said = capsys.readouterr()
        return Done(int(ended.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def newsletter(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Newsletter:
    """The program, as an editor types it."""
    return typing(home, monkeypatch, capsys)
