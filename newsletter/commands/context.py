"""What every command shares: home, who acts, how to print, and how errors leave the house.

``--home``, ``--as``, ``--json`` and ``--plain`` stand before the noun or after the verb; they
are taken from the arguments before Typer sees them. Nothing heavy is imported here: a command
that shows its help must not pay for the database.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsletter import language
from newsletter.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Engine
    from sqlmodel import Session

    from newsletter.history import Act, Actor
    from newsletter.settings import Settings


@dataclass
class Invocation:
    """One run of the program."""

    home: Path = field(default_factory=Path.cwd)
    home_given: bool = False  # by --home, not by NEWSLETTER_HOME
    as_name: str | None = None
    json: bool = False
    plain: bool = False
    several: bool = False  # more than one id was given; a verb does all of them or none
    over_ssh: str | None = None  # the editor to whom sshd has bound the key

    @cached_property
    def settings(self) -> Settings:
        """The home's configuration."""
        from newsletter.settings import load

        return load(self.home)

    @cached_property
    def engine(self) -> Engine:
        """The home's database, refused when its schema is behind."""
        from newsletter import database

        engine = database.connect(self.settings.database_url)
        try:
            database.require_current(engine)
        except BaseException:
            engine.dispose()
            raise
        return engine

    def actor(self) -> Actor:
        """Who acts; NotAllowed if it is nobody of ``[[editors]]``."""
        from newsletter.history import by_ssh, editor

        if self.over_ssh is not None:
            return by_ssh(self.settings, self.over_ssh)
        return editor(self.settings, self.as_name)

    @contextmanager
    def act(self, actor: Actor | None = None) -> Iterator[Act]:
        """One act of the person at the command line, committed at the end."""
        from newsletter.history import acting

        who = actor or self.actor()
        with self._knowing_newsletters(), acting(self.engine, self.settings, who) as act:
            yield act

    @contextmanager
    def look(self) -> Iterator[Session]:
        """A session to read with; it asks nobody who they are."""
        from newsletter.database import reading

        with self._knowing_newsletters(), reading(self.engine) as session:
            yield session

    @contextmanager
    def _knowing_newsletters(self) -> Iterator[None]:
        """Whoever names a newsletter that there is not hears which there are, and not how to
        begin its first issue: what finds issues knows no settings.
        """
        from newsletter.errors import NotFound

        try:
            yield
        except NotFound as missing:
            from newsletter.issues.register import NoneBegun

            if isinstance(missing, NoneBegun):
                self.settings.newsletter(missing.facts["newsletter"])
            raise


invocation = Invocation(home=Path())


def take_shared_options(arguments: Sequence[str]) -> list[str]:
    """Set the invocation from environment and shared options, wherever these stand; return
    the rest.
    """
    if home := os.environ.get("NEWSLETTER_HOME"):
        invocation.home = Path(home)
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        name, equals, value = word.partition("=")
        if word == "--":
            rest += [word, *words]
            break
        if word == "--json":
            invocation.json = True
        elif word == "--plain":
            invocation.plain = True
        elif name in {"--home", "--as"}:
            given = value if equals else next(words, "")
            _set(name, given)
        else:
            rest.append(word)
    language.choose(language_of(invocation.home, os.environ))
    return rest


def language_of(home: Path, environment: Mapping[str, str]) -> str:
    """The language to speak before anything is read: a mistake in the file does not matter.

    WrongUsage if the environment names a language that we do not speak.
    """
    import tomllib

    given = environment.get("NEWSLETTER_LANGUAGE")
    if given and given not in language.LANGUAGES:
        from newsletter.errors import WrongUsage

        wrong = _("NEWSLETTER_LANGUAGE: „{given}“ geht nicht; möglich: {known}.")
        known = _(" oder ").join(language.LANGUAGES)
        raise WrongUsage(why=wrong.format(given=given, known=known))
    if not given:
        try:
            given = tomllib.loads((home / "newsletter.toml").read_text("utf-8")).get("language")
        except (OSError, ValueError):
            given = None
    return language.known(given)


def _set(name: str, given: str) -> None:
    from newsletter.errors import WrongUsage

    if not given:
        raise WrongUsage(why=_("{option} braucht einen Wert.").format(option=name))
    if name == "--home":
        invocation.home, invocation.home_given = Path(given), True
    else:
        invocation.as_name = given


def say(text: str = "") -> None:
    """A line to the person, on standard output; nothing when JSON was asked for."""
    if not invocation.json:
        print(text, flush=True)


def suggest(command: str) -> None:
    """The likely next command, without the program's name."""
    say(_("Als Nächstes: newsletter {command}").format(command=command))


def warn(text: str) -> None:
    """A line on standard error, JSON or not."""
    print(text, file=sys.stderr, flush=True)


def give(facts: Any) -> None:
    """The result as JSON, if that was asked for."""
    if invocation.json:
        print(json.dumps(facts, ensure_ascii=False, indent=2, default=str), flush=True)


def table(heads: Sequence[str], rows: Sequence[Sequence[object]], lead: int = 1) -> None:
    """A table that fits the terminal; with --plain one „Kopf: Wert“ line per cell.

    ``lead``: the column that says most, on top where there is no room for columns.
    """
    from newsletter.commands import tables

    if invocation.json:
        return
    texts = [[_shown(cell) for cell in row] for row in rows]
    if invocation.plain:
        for row in texts:
            print("\n".join(f"{head}: {cell}" for head, cell in zip(heads, row, strict=True)))
            print()
        return
    for line in tables.laid_out(heads, texts, tables.room(), lead):
        print(line)


def _shown(cell: object) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, bool):
        return _("ja") if cell else _("nein")
    return " ".join(str(cell).split())
