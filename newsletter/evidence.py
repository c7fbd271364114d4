"""The e-mail or note by which we know of somebody's yes: an approver's, or a company's."""

import sys
from pathlib import Path
from typing import NamedTuple, Self

from .errors import Refused, unreadable
from .language import N_, _

LARGEST_EVIDENCE = 10_000_000  # bytes: a mail with attachments


class NoEvidence(Refused):
    sentence = N_(
        "Der Nachweis „{name}“ ist leer. Bitte die E-Mail oder Gesprächsnotiz als Datei bis"
        " 10 MB angeben."
    )


class EvidenceTooLarge(NoEvidence):
    sentence = N_(
        "Der Nachweis „{name}“ ist zu groß. Bitte die E-Mail oder Gesprächsnotiz als Datei bis"
        " 10 MB angeben."
    )


class Evidence(NamedTuple):
    """A file's name and its bytes."""

    name: str
    data: bytes

    @classmethod
    def read(cls, path: Path) -> Self:
        """A file, or as much of it as shows that it is too large; „-“: standard input.

        Refused if it is unreadable.
        """
        if str(path) == "-":
            return cls("standard input", sys.stdin.buffer.read(LARGEST_EVIDENCE + 1))
        try:
            with path.open("rb") as file:
                return cls(path.name, file.read(LARGEST_EVIDENCE + 1))
        except OSError as error:
            said = _("{file} lässt sich nicht lesen: {why}")
            raise Refused(why=said.format(file=path, why=unreadable(error))) from error

    def require_sound(self) -> None:
        """NoEvidence for an empty file, or one above ``LARGEST_EVIDENCE`` bytes."""
        if not 0 < len(self.data) <= LARGEST_EVIDENCE:
            raise (EvidenceTooLarge if self.data else NoEvidence)(name=self.name)
