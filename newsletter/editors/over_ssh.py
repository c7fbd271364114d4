"""What an editor may type over ssh: our commands, for the home and under the name that are set.

No shell reads the line. What runs the server, or reads and writes its files, stays at the server.
"""

import shlex
from dataclasses import dataclass

from newsletter.errors import NotAllowed, WrongUsage
from newsletter.language import N_

PROGRAM = "newsletter"
OPEN = frozenset(  # first words; a command that is not named here stays at the server
    {
        *("agenda", "bounces", "calendar", "clusters", "desk", "issue", "log", "queue"),
        *("report", "stories", "subscribers", "undo"),
    }
)
LONGEST = 100_000  # characters of a line


class NotOverSsh(NotAllowed):
    sentence = N_(
        "„{words}“ geht über ssh nicht; das macht, wer den Server betreut. Es gehen: {known}."
    )


class FixedBySsh(NotAllowed):
    sentence = N_("{option} geht über ssh nicht: Ordner und Name legt Ihr Schlüssel fest.")


class NotALine(WrongUsage):
    sentence = N_("Das ließ sich nicht lesen; vermutlich fehlt ein Anführungszeichen: {line}")


@dataclass(frozen=True, slots=True)
class Typed:
    """What was asked for: the command's words, and how to show the result."""

    words: tuple[str, ...]
    json: bool = False
    plain: bool = False


def typed(line: str) -> Typed:
    """A line as a client sent it (pure). NotALine, FixedBySsh, NotOverSsh."""
    words = _words(line)
    end = words.index("--") if "--" in words else len(words)
    options, rest = words[:end], words[end:]
    for word in options:
        name = word.partition("=")[0]
        if name in {"--home", "--as"}:
            raise FixedBySsh(option=name)
    kept = [word for word in options if word not in {"--json", "--plain"}]
    first = (kept or rest or [""])[0]
    if first and first not in OPEN | {"--help"}:  # "--" is no command either
        raise NotOverSsh(words=first, known=", ".join(sorted(OPEN)))
    return Typed((*kept, *rest), json="--json" in options, plain="--plain" in options)


def _words(line: str) -> list[str]:
    try:
        if len(line) > LONGEST or "\0" in line:
            raise ValueError
        words = shlex.split(line)
    except ValueError as exc:
        raise NotALine(line=line[:200]) from exc
    return words[1:] if words[:1] == [PROGRAM] else words
