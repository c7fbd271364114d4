"""Who did what: an act, its actor, the compare-and-swap, and the append-only history.

Every verb of the domain takes an ``Act``: one transaction of one person at one moment.
"""

import getpass
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import Engine, and_, func, insert, inspect, or_, select, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel, col

from . import database
from .database.trouble import DatabaseAway, answering
from .errors import ImpossibleMove, NotAllowed, Overtaken, TooMany
from .language import _
from .models.event import Event
from .models.moves import Machine
from .settings import Editor, Settings


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a claimed name, the operating system's login, and whether one proves the other."""

    name: str
    login: str | None = None
    proven: bool = False


SSH = "ssh "  # before the fingerprint, where a key has proven who it was
SYSTEM = Actor("newsletter")  # the scheduler and the sender
PUBLIC = Actor("web")  # a reader, who is named by the row that is touched


_AT_ONCE = 1_000  # lines that may be on their way into the history
_LINE = database.Straight(
    insert(Event),
    (
        *("at", "actor", "login", "proven", "noun", "key"),
        *("from_state", "to_state", "what", "why", "detail"),
    ),
)


class Clock(Protocol):
    """Anything that tells the moment."""

    def __call__(self) -> datetime: ...


def now() -> datetime:
    """The moment, in UTC, to the second's fraction."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Act:
    """One act of somebody at a moment, in one transaction. It is committed by its opener."""

    session: Session
    settings: Settings
    actor: Actor
    now: datetime

    def record(
        self,
        noun: str,
        key: object,
        what: str,
        *,
        why: str | None = None,
        detail: dict[str, Any] | None = None,
    ) -> None:
        """Write a line of history for an act that moves no state."""
        self._write(noun, key, None, None, what, why, detail)

    def move(
        self,
        row: SQLModel,
        machine: Machine,
        to: StrEnum,
        *,
        why: str | None = None,
        detail: dict[str, Any] | None = None,
        **changes: Any,
    ) -> None:
        """Move a row from the state it shows to ``to``, and change columns with it.

        Compare-and-swap: the row is moved only if the database still holds the state that
        ``row`` shows. Refuses with ImpossibleMove, or Overtaken when somebody was faster.
        """
        self.session.flush()
        identity = inspect(row).identity
        from_: StrEnum = getattr(row, machine.column)
        shown = "/".join(str(part) for part in identity)
        if not machine.allows(from_, to):
            noun = _(machine.word)
            raise ImpossibleMove(noun=noun, key=shown, from_=from_.value, to=to.value)
        table = type(row).__table__  # type: ignore[attr-defined]
        keys = zip(table.primary_key.columns, identity, strict=True)
        moved = self.session.connection().execute(
            update(table)
            .where(*(column == value for column, value in keys), table.c[machine.column] == from_)
            .values({machine.column: to, **changes})
        )
        if moved.rowcount != 1:  # the loser of a race: nothing was changed
            raise Overtaken(noun=_(machine.word), key=shown)
        self.session.refresh(row)
        self._write(machine.noun, shown, from_.value, to.value, None, why, detail)

    def _write(
        self,
        noun: str,
        key: object,
        from_state: str | None,
        to_state: str | None,
        what: str | None,
        why: str | None,
        detail: dict[str, Any] | None,
    ) -> None:
        line = {
            "at": self.now,
            "actor": self.actor.name,
            "login": self.actor.login,
            "proven": self.actor.proven,
            "noun": noun,
            "key": str(key),
            "from_state": from_state,
            "to_state": to_state,
            "what": what,
            "why": why,
            "detail": detail,
        }
        _LINE.run(self.session.connection(), line)


@contextmanager
def acting(
    engine: Engine,
    settings: Settings,
    actor: Actor,
    *,
    clock: Clock = now,
    durable: bool = True,
    in_turn: bool = True,
) -> Iterator[Act]:
    """Open a writing transaction as somebody's act; commit at the end, undo on an exception.

    ``durable`` and ``in_turn`` as in ``database.writing``.
    """
    with database.writing(engine, durable=durable, in_turn=in_turn) as session:
        yield Act(session, settings, actor, clock())


@contextmanager
def within(act: Act) -> Iterator[Act]:
    """A part of an act that is undone by itself if it raises, by a savepoint.

    But DatabaseAway must undo the whole act: of a full disk SQLite takes everything back that
    the act has written, savepoints and all, and would write on as if nothing had been.
    """
    connection = act.session.connection()
    session = Session(
        bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False
    )
    try:
        with answering(connection.engine):
            yield Act(session, act.settings, act.actor, act.now)
            session.commit()
    except DatabaseAway:
        with suppress(DBAPIError):  # there may be no savepoint to go back to
            session.close()
        raise
    finally:
        session.close()


def recorded(
    session: Session, about: Collection[tuple[str, str]] = (), most: int | None = None
) -> list[Event]:
    """The history, oldest first; ``most``: only its last lines.

    ``about``: pairs of noun and key; a key that ends in ``/`` stands for all that begin so,
    an empty one for all of its noun.
    """
    wanted = [
        and_(
            col(Event.noun) == noun,
            col(Event.key).startswith(key, autoescape=True)
            if key.endswith("/") or not key
            else col(Event.key) == key,
        )
        for noun, key in about
    ]
    lines = select(Event).order_by(col(Event.id).desc()).limit(most)
    found = session.scalars(lines.where(or_(*wanted)) if wanted else lines)
    return list(reversed(found.all()))


def mark(session: Session) -> tuple[int, int]:
    """What is another one as soon as anybody did anything: the newest line, and how many there are.

    Of several who write at once, a line with a lower number may appear after one with a higher:
    so the last thousand are counted.
    """
    newest = session.scalars(select(func.max(Event.id))).one() or 0
    lately = select(func.count()).where(col(Event.id) > newest - _AT_ONCE)
    return newest, session.scalars(lately).one()


def require_pause(at: datetime | None, now: datetime, most: str) -> None:
    """TooMany, unless what was the last one that a day has room for lies a day back, or is not."""
    if at is not None and (left := at + timedelta(days=1) - now) > timedelta():
        raise TooMany(most=most, seconds=max(1, int(left.total_seconds())))


def by_ssh(settings: Settings, name: str) -> Actor:
    """Who acts over ssh: the editor to whom sshd has bound the key. NotAllowed if none is."""
    found = _named(settings, name)
    if found is None or not found.ssh_key:
        why = _("„{name}“ hat unter [[editors]] keinen ssh_key. Ihn nennt: newsletter editors add")
        raise NotAllowed(why=why.format(name=name))
    return Actor(found.name, f"{SSH}{found.ssh_key}", proven=True)


def editor(settings: Settings, claimed: str | None, login: str | None = None) -> Actor:
    """Who acts at the command line: ``--as``, else NEWSLETTER_EDITOR, else the login.

    NotAllowed if nobody of ``[[editors]]`` bears the name, or their login is another one, or
    the name is bound to a key.
    """
    here = login if login is not None else _login()
    wanted = claimed or settings.acting_editor or here or ""
    found = _named(settings, wanted)
    if found is None and not claimed:
        found = next((e for e in settings.editors if e.login and e.login == here), None)
    if found is None:
        known = ", ".join(e.name for e in settings.editors)
        why = _("„{name}“ steht nicht unter [[editors]]. Bitte --as NAME angeben ({known}).")
        raise NotAllowed(why=why.format(name=wanted, known=known))
    if found.login and found.login != here:
        why = _("„{name}“ arbeitet nur unter dem Konto „{login}“, nicht als „{here}“.")
        raise NotAllowed(why=why.format(name=found.name, login=found.login, here=here))
    if found.ssh_key and not found.login:
        why = _("„{name}“ arbeitet nur über ssh, mit dem eigenen Schlüssel.")
        raise NotAllowed(why=why.format(name=found.name))
    return Actor(found.name, here, proven=bool(found.login))


def _named(settings: Settings, name: str) -> Editor | None:
    return next((e for e in settings.editors if e.name.casefold() == name.casefold()), None)


def _login() -> str | None:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container user without a name
        return None
