"""Making a home: newsletter.toml, the database, media/, and a secret nobody else can read."""

import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from . import database, settings, templating
from .errors import Refused, unreadable
from .language import N_
from .settings import Settings


class NotEmpty(Refused):
    """Somebody's things lie there."""

    sentence = N_(
        "{folder} ist nicht leer; es wurde nichts verändert."
        " Bitte einen neuen oder leeren Ordner nennen."
    )


class NotMade(Refused):
    """The operating system says no."""

    sentence = N_("{folder} lässt sich nicht einrichten: {why}")


def make(folder: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """Make a home in ``folder``, which may exist and be empty. NotEmpty if it is not.

    A home is made whole or not at all. NotMade if the operating system refuses.
    ``environment`` may name another database (settings.load); its address, which may hold a
    password, is not written down. Gives the new home's configuration.
    """
    existed = folder.exists()
    try:
        if existed and (not folder.is_dir() or any(folder.iterdir())):
            raise NotEmpty(folder=folder)
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise NotMade(folder=folder, why=unreadable(exc)) from exc
    try:
        return _furnish(folder, environment)
    except BaseException:
        _clear(folder, existed)
        raise


def _furnish(folder: Path, environment: Mapping[str, str]) -> Settings:
    (folder / "media").mkdir()
    key = secrets.token_urlsafe(32) + "\n"
    _write_private(folder / settings.SECRET_FILE, key.encode())
    pattern = templating.shipped("templates") / "home" / settings.FILE
    _write_private(folder / settings.FILE, pattern.read_bytes())
    made = settings.load(folder, environment)
    engine = database.connect(made.database_url)
    if engine.url.database == str(folder.resolve() / settings.DATABASE_FILE):
        # readers' addresses will stand there
        _write_private(folder / settings.DATABASE_FILE, b"")
    else:
        _say_that_it_is_elsewhere(folder / settings.FILE)
    try:
        database.upgrade(engine)
    finally:
        engine.dispose()
    return made


def _say_that_it_is_elsewhere(file: Path) -> None:
    """Without the variable nobody shall end up in an empty database of the home's own."""
    lines = file.read_text(encoding="utf-8")
    first = lines.index("language = ")
    note = 'database_url = ""                      # steht in NEWSLETTER_DATABASE_URL\n'
    file.write_text(lines[:first] + note + lines[first:], encoding="utf-8")


def _write_private(path: Path, content: bytes) -> None:
    """A file that nobody else of this machine can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _clear(folder: Path, existed: bool) -> None:
    """Leave a folder as it was found."""
    for thing in folder.iterdir():
        shutil.rmtree(thing) if thing.is_dir() else thing.unlink()
    if not existed:
        folder.rmdir()
