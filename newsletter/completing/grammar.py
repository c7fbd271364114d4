"""Where in a command line the cursor stands, and so what may come there (pure).

A command is a mapping: ``commands`` (name to command), ``options`` (each with ``names``, ``help``
and ``takes``, None for a switch) and ``arguments`` (what each takes; the last one may repeat).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Command = Mapping[str, Any]
FILE = "file"
SHARED = ("--home", "--as")  # with a value, anywhere


@dataclass(frozen=True, slots=True)
class Place:
    """What is asked for: a value of some kind, a command or an option; and what was typed of it.

    ``before`` is put in front of every answer („--for=“); ``given`` are the arguments so far.
    """

    command: Command
    typed: str
    takes: str | None = None
    before: str = ""
    given: tuple[str, ...] = ()
    used: tuple[str, ...] = ()


@dataclass
class _Reading:
    """A line while it is read, word by word."""

    command: Command
    awaited: str | None = None  # the option whose value comes next
    given: list[str] = field(default_factory=list)
    used: list[str] = field(default_factory=list)

    def take(self, word: str) -> None:
        if self.awaited is not None:
            self.awaited = None
        elif word.startswith("-") and word != "-":
            self.used.append(word.partition("=")[0])
            if "=" not in word and takes_of(self.command, word):
                self.awaited = word
        elif not self.given and word in self.command.get("commands", {}):
            self.command = self.command["commands"][word]
        else:
            self.given.append(word)


def place(tree: Command, words: Sequence[str]) -> Place:
    """Where the last of these words stands; it is the one that is being typed."""
    line = _Reading(tree)
    *done, typed = _joined(words) or [""]
    for word in done:
        line.take(word)
    given, used = tuple(line.given), tuple(line.used)
    if line.awaited is not None:
        return Place(line.command, typed, takes_of(line.command, line.awaited), "", given, used)
    option, equals, value = typed.partition("=")
    if equals and option.startswith("--"):
        takes = takes_of(line.command, option)
        return Place(line.command, value, takes, f"{option}=", given, used)
    return Place(line.command, typed, _argument(line), "", given, used)


def _joined(words: Sequence[str]) -> list[str]:
    """bash takes „--for=go“ apart: „--for“, „=“, „go“."""
    joined: list[str] = []
    for word in words:
        if word == "=" and joined and joined[-1].startswith("--"):
            joined[-1] += "="
        elif joined and joined[-1].startswith("--") and joined[-1].endswith("="):
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def takes_of(command: Command, option: str) -> str | None:
    """What kind of value an option takes; None for a switch, and for one there is not."""
    for each in command.get("options", ()):
        if option in each["names"]:
            found: str | None = each["takes"]
            return found
    return {"--home": FILE, "--as": "editor"}.get(option)


def _argument(line: _Reading) -> str | None:
    kinds: Sequence[str] = line.command.get("arguments", ())
    if not kinds:
        return None
    at = len(line.given)
    if at < len(kinds):
        return kinds[at]
    return kinds[-1] if line.command.get("repeats") else None
