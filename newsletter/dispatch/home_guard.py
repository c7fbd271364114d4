"""One sender at a time, and none from a copied home (DESIGN §7).

A copy of a home has the readers, the queue and the claims of the original, but not its later
goodbyes; sending from both would send everything twice. So outside the database lies a mark:
the number of the last claim that was worked on. A database that is older than its mark, or
that wakes up on another machine or path, does not send until a person says ``db adopt``.
"""

import fcntl
import json
import os
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from newsletter import database, readers
from newsletter.errors import Refused, unreadable
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.delivery import Sender
from newsletter.models.issue import ISSUE, Issue, IssueState

from . import ledger

LOCK_FILE = "sender.lock"
MARK_FILE = "claims.mark"
_MACHINE_ID = Path("/etc/machine-id")
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class AnotherSender(Refused):
    """The lock is held."""

    sentence = N_("Ein anderer Versand ist aus diesem Ordner gerade an der Arbeit: {home}")


class AnotherHome(AnotherSender):
    """The database has a sender, in another home or on another machine."""

    sentence = N_(
        "Ein anderer Versand arbeitet gerade mit dieser Datenbank, aus einem anderen Ordner oder"
        " von einem anderen Rechner"
    )


class NotThisHome(Refused):
    """The home may be a copy."""

    sentence = N_(
        "Aus diesem Ordner wird nichts gesendet: {why} Er könnte eine Kopie sein, und das"
        " Original könnte dasselbe noch einmal senden. Wenn von jetzt an nur noch dieser Ordner"
        " senden soll: newsletter db adopt --reason GRUND"
    )


class HomeFull(database.DatabaseAway):
    """The mark cannot be written; nothing of its claim was sent, and it is given back."""

    sentence = N_(
        "Die Datei {file} lässt sich nicht schreiben: {why}. Ohne sie geht nichts hinaus; bitte"
        " im Ordner Platz schaffen."
    )


class NothingToAdopt(Refused):
    """The home sends already."""

    sentence = N_("Dieser Ordner darf bereits senden; es gibt nichts zu übernehmen.")


@contextmanager
def only_sender(home: Path, engine: Engine) -> Iterator[Callable[[], None]]:
    """Hold the home's sending lock, and the database's; AnotherSender if somebody has one.

    The kernel (the database) frees it when its holder dies, however it dies: no lease, no
    clock. What it yields is to be called before each claim: DatabaseAway if the lock may be
    somebody else's by now.
    """
    with (home / LOCK_FILE).open("a") as file:
        if not _locked(file):
            raise AnotherSender(home=home)
        with database.only_sender(engine) as still_ours:
            if still_ours is None:
                raise AnotherHome
            yield still_ours


_ASKED_AGAIN = 3
_A_MOMENT = 0.01  # seconds: longer than anybody who only asks holds the lock


def _locked(file: IO[str]) -> bool:
    """Take the lock; a sender holds it for good, who only asks (``at_work``) for a moment."""
    for times_left in range(_ASKED_AGAIN, -1, -1):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if times_left:
                time.sleep(_A_MOMENT)
        else:
            return True
    return False


def at_work(session: Session, home: Path) -> bool | None:
    """Whether a sender is at work just now; None if that cannot be known."""
    held = database.has_sender(session)
    return _file_held(home / LOCK_FILE) if held is None else held


def _file_held(lock: Path) -> bool | None:
    """Asked by a shared lock, given back at once: those who ask do not disturb each other."""
    try:
        with lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:  # nobody has ever sent from here
        return False
    except OSError:
        return None
    return False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sender stands. An unknown boot counts as another one, to be safe.

    With SQLite: a home on a machine, and its boot, since a power cut may undo commits there.
    A database that several homes share is a place itself (then ``shared``), and its boot the
    line of its commits: whoever works with that very database, from wherever, sees them all.
    """

    home: str
    machine: str
    boot: str
    shared: bool = False

    @classmethod
    def here(cls, home: Path, session: Session) -> "Place":
        """This home, this machine, this boot of it; or the database that this home shares."""
        if identity := database.identity(session):
            return cls(identity[0], "", identity[1], shared=True)
        machine = _text(_MACHINE_ID) or platform.node()
        return cls(str(home.resolve()), machine[:80], _text(_BOOT_ID)[:80])


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def enter(act: Act, place: Place | None = None) -> int:
    """Take up sending from this home: how many rows of a dead sender are now unknown.

    To be called with the lock held. NotThisHome if the home may be a copy. The first call
    ever writes down where the home stands.
    """
    home = act.settings.home
    place = place or Place.here(home, act.session)
    sender = act.session.get(Sender, 1)
    why = _doubt(sender, place, _read_mark(home))
    if why:
        raise NotThisHome(why=why)
    if sender is None:
        write_mark(home, 0)
        sender = Sender(home=place.home, machine=place.machine, boot=place.boot)
    unknown = ledger.recover(act, same_boot=bool(place.boot) and sender.boot == place.boot)
    sender.boot = place.boot
    act.session.add(sender)
    if unknown:
        act.record("sender", "home", "recovered", detail={"unknown": unknown})
    return unknown


def doubt(session: Session, home: Path) -> str | None:
    """Why sending from here would be refused; None if it would not. To be asked first in a
    transaction that is only to read: it sees the database as it was at its beginning.
    """
    # The mark first: a sender at work moves it only when its claim stands in the database.
    mark = _read_mark(home)
    return _doubt(session.get(Sender, 1), Place.here(home, session), mark)


def require_own_home(session: Session, home: Path) -> None:
    """NotThisHome, if sending from here would be refused; changes nothing."""
    why = doubt(session, home)
    if why:
        raise NotThisHome(why=why)


def _doubt(sender: Sender | None, place: Place, mark: int | None) -> str | None:
    """Why this home may be a copy; None if it is the one that sent before, or never sent."""
    if mark is not None and mark > (sender.last_claim if sender else 0):
        return _("Die Datenbank ist älter als der letzte Versand von hier.")
    if sender is None:
        return None
    if place.shared and sender.home != place.home:
        return _("Zuletzt wurde mit einer anderen Datenbank gesendet.")
    if sender.machine != place.machine:
        return _("Zuletzt wurde von einem anderen Rechner gesendet.")
    if sender.home != place.home:
        return _("Zuletzt wurde aus {home} gesendet.").format(home=sender.home)
    if mark is None and not place.shared:  # a home that is new to a database has none yet
        return _("Die Datei {file} fehlt oder ist nicht lesbar.").format(file=MARK_FILE)
    return None


def _read_mark(home: Path) -> int | None:
    try:
        return int(json.loads((home / MARK_FILE).read_text(encoding="ascii"))["claim"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_mark(home: Path, claim: int) -> None:
    """Write down, on the disk, that this claim is about to be worked on. HomeFull."""
    try:
        _write_mark(home, claim)
    except OSError as exc:
        raise HomeFull(file=home / MARK_FILE, why=unreadable(exc)) from exc


def _write_mark(home: Path, claim: int) -> None:
    fresh = home / f"{MARK_FILE}.new"
    with fresh.open("w", encoding="ascii") as file:
        json.dump({"claim": claim}, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(home / MARK_FILE)
    folder = os.open(home, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@dataclass(frozen=True, slots=True)
class Adopted:
    """What ``db adopt`` did."""

    unknown: int  # messages whose fate a person decides
    goodbyes: int  # replayed from the journal
    late: tuple[str, ...]  # issues that wait for a yes


def adopt(act: Act, reason: str, place: Place | None = None) -> Adopted:
    """From now on this home sends. To be called with the lock held; NothingToAdopt if it does.

    1. Goodbyes that the database does not know are replayed from their journal.
    2. An issue whose audience was being fixed gets the rest of it, so that all are accounted for.
    3. Every unfinished row becomes unknown: the other home may have sent it.
    4. An issue whose time has passed waits for a yes (late): it may have gone out as well.
    """
    home = act.settings.home
    place = place or Place.here(home, act.session)
    sender = act.session.get(Sender, 1)
    if _doubt(sender, place, _read_mark(home)) is None:
        raise NothingToAdopt
    goodbyes = readers.replay_goodbyes(act)
    _complete_audiences(act)
    unknown = ledger.adopt(act)
    for issue_id, account in ledger.finished(act.session).items():
        ledger.close(act, issue_id, account)
    late = _hold_past_issues(act)
    sender = sender or Sender()
    sender.last_claim = max(sender.last_claim, _read_mark(home) or 0)
    sender.home, sender.machine, sender.boot = place.home, place.machine, place.boot
    sender.adopted_at, sender.adopted_why = act.now, reason
    act.session.add(sender)
    act.session.flush()
    write_mark(home, sender.last_claim)
    detail = {"unknown": unknown, "goodbyes": goodbyes, "late": list(late)}
    act.record("sender", "home", "adopted", why=reason, detail=detail)
    return Adopted(unknown, goodbyes, late)


def _complete_audiences(act: Act) -> None:
    for issue_id in ledger.opening(act.session):
        while ledger.fill_audience(act, issue_id):
            pass
        ledger.start_sending(act, issue_id, ledger.recipients_of(act.session, issue_id))


def _hold_past_issues(act: Act) -> tuple[str, ...]:
    past = act.session.scalars(
        select(Issue).where(col(Issue.state) == IssueState.SCHEDULED, col(Issue.send_at) <= act.now)
    ).all()
    for issue in past:
        act.move(issue, ISSUE, IssueState.LATE, why="adopted")
    return tuple(issue.id for issue in past)
