"""Imported by the server that forks the tests' processes: what each would do first, done once.

Imports, the tables' mappers, the command tree, and the statements of a sender that finds
nothing to do: half of the time that such a process takes. Nothing stays open.
"""

import contextlib
import contextvars
import io
import sys
import tempfile
from pathlib import Path

import cli
import newsletter.web.app  # noqa: F401 (what `serve` begins with)
from newsletter import home_folder
from newsletter.commands import context
from tests import compiled


def _warm(home: Path) -> None:
    home_folder.make(home)
    for words in (["agenda"], ["dispatch", "--until-empty"]):
        sys.argv = ["newsletter", "--home", str(home), *words]
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
            contextvars.copy_context().run(cli.main)
        _forget()


def _forget() -> None:
    """Whose home it was, and the way to its database."""
    context.invocation.engine.dispose()
    vars(context.invocation).clear()
    vars(context.invocation).update(vars(context.Invocation()))


compiled.shared()
with tempfile.TemporaryDirectory() as folder:
    _warm(Path(folder) / "home")
