"""What can go wrong, as one tree; each error knows its exit code and its HTTP status.

    NewsletterError            exit 1, 400
    ├── Refused                exit 1, 409   a rule says no
    │   ├── ImpossibleMove                   the table of moves has no such arrow
    │   └── Overtaken                        somebody else was faster
    ├── NotFound               exit 1, 404
    ├── NotAllowed             exit 1, 403
    ├── Invalid                exit 1, 422   fields with problems, each with its sentence
    ├── TooMany                exit 1, 429   a quota of a day is used up
    ├── WrongUsage             exit 2, 400
    │   └── BadConfiguration                 newsletter.toml, with file and line
    └── OutsideTrouble         exit 3, 503   relay, database, network

An error class is a sentence: it builds its message from its facts, in the language spoken
when it is raised, so that the place that raises it holds no prose.
"""

import errno
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from subscribers.errors import SubscriberError

from .language import N_, _


def sentence_of(error: SubscriberError) -> str:
    """What ``subscribers`` complains of, in the language spoken now; it knows no languages."""
    return _(error.sentence).format(**error.facts)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field (or line), and how to mend it."""

    field: str
    message: str


def unreadable(error: OSError) -> str:
    """Why a file cannot be read or written, in the language spoken now; the system's is English."""
    known = _FILE_TROUBLE.get(error.errno or 0)
    return _(known) if known else error.strerror or str(error)


_FILE_TROUBLE = {
    errno.ENOENT: N_("Datei oder Ordner gibt es nicht"),
    errno.EACCES: N_("dafür fehlt die Berechtigung"),
    errno.EPERM: N_("dafür fehlt die Berechtigung"),
    errno.EROFS: N_("das Laufwerk lässt kein Schreiben zu"),
    errno.EISDIR: N_("das ist ein Ordner, keine Datei"),
    errno.ENOTDIR: N_("ein Teil des Pfads ist kein Ordner"),
    errno.EEXIST: N_("das gibt es schon"),
    errno.ENOSPC: N_("der Datenträger ist voll"),
    errno.ENAMETOOLONG: N_("der Name ist zu lang"),
    errno.EADDRNOTAVAIL: N_("diese Adresse hat der Rechner nicht"),
}


class NewsletterError(Exception):
    """The root: ``sentence`` is filled with the facts given by keyword."""

    sentence: ClassVar[str] = N_("Das ging nicht.")
    title: ClassVar[str] = ""  # above it on a page, where it is more than its HTTP status says
    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 400

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__(_(self.sentence).format(**facts))


class Refused(NewsletterError):
    """A rule says no."""

    sentence = "{why}"
    http_status = 409


class ImpossibleMove(Refused):
    sentence = N_("{noun} {key} ist „{from_}“ und kann von dort nicht „{to}“ werden.")


class Overtaken(Refused):
    sentence = N_(
        "{noun} {key} wurde gerade von jemand anderem verändert. Bitte ansehen und neu entscheiden."
    )


class NotFound(NewsletterError):
    sentence = N_("{what} „{key}“ gibt es nicht.")
    http_status = 404


class NotAllowed(NewsletterError):
    sentence = "{why}"
    http_status = 403


class Invalid(NewsletterError):
    """Fields with problems; nothing was stored."""

    sentence = "{summary}"
    http_status = 422

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(summary="\n".join(f"{p.field}: {p.message}" for p in self.problems))


class WrongUsage(NewsletterError):
    sentence = "{why}"
    exit_code = 2


class BadConfiguration(WrongUsage):
    sentence = "{complaints}"  # one per line: file, line, what, cure


class TooMany(NewsletterError):
    """A quota of a day is used up; ``seconds`` until there is room again."""

    sentence = N_(
        "Von Ihrem Cluster kamen in den letzten 24 Stunden schon {most}. Bitte senden Sie morgen"
        " weiter, oder sagen Sie der Redaktion, dass es mehr wird."
    )
    http_status = 429

    def __init__(self, *, most: str, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(most=most)


class OutsideTrouble(NewsletterError):
    sentence = N_("{what} ist nicht erreichbar: {why}")
    exit_code = 3
    http_status = 503
