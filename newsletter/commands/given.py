"""What people give to name things: ids from a pipe, beginnings of names."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsletter.commands.context import invocation
from newsletter.errors import Refused, WrongUsage, unreadable
from newsletter.language import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_STDIN = "-"
_LONGEST = 1_000_000  # characters that are read from a pipe


class NoIds(WrongUsage):
    sentence = N_("Auf der Standardeingabe stand keine Kennung wie q12.")


class Unreadable(Refused):
    sentence = N_("{file} ist nicht lesbar: {why}")


class SeveralFit(Refused):
    sentence = N_("„{given}“ passt auf mehrere: {found}. Bitte genauer angeben.")


def ids(words: Sequence[str]) -> list[str]:
    """Ids as typed; „-“ stands for those on standard input: words, or what --json printed."""
    told = [each for word in words for each in (_from_stdin() if word == _STDIN else [word])]
    found = list(dict.fromkeys(told))
    invocation.several = len(found) > 1
    return found


def _from_stdin() -> list[str]:
    text = sys.stdin.read(_LONGEST)
    found = list(_named(_as_json(text))) or re.findall(r"\b[qQ]\d+\b", text)
    if not found:
        raise NoIds
    return found


def _as_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _named(told: Any) -> Iterator[str]:
    """The ids in what a command gave as JSON: of each thing its own, and none inside of it."""
    if isinstance(told, str):
        yield told
    elif isinstance(told, dict) and isinstance(told.get("id"), str):
        yield told["id"]
    elif isinstance(told, list):
        for each in told:
            yield from _named(each)


def bytes_of(file: str) -> bytes:
    """What a file holds; „-“ is standard input. Refused if it cannot be read."""
    try:
        return sys.stdin.buffer.read() if file == _STDIN else Path(file).read_bytes()
    except OSError as error:
        raise Unreadable(file=file, why=unreadable(error)) from error


def whole_newsletter(given: str) -> str:
    """The newsletter of this name, or the only one whose name begins so."""
    return _only(given, invocation.settings.newsletters)


def whole_cluster(given: str) -> str:
    """The cluster of this short name, or the only one whose short name begins so."""
    from newsletter import clusters

    with invocation.look() as session:
        if clusters.find(session, given):
            return given
        return _only(given, [each.slug for each in clusters.all_(session)])


def _only(given: str, names: Iterable[str]) -> str:
    """The name that begins so; what is given itself if none does: its verb says what is wrong."""
    known = list(names)
    fits = [name for name in known if given and name.startswith(given.lower())]
    if given in known or not fits:
        return given
    if len(fits) > 1:
        raise SeveralFit(given=given, found=", ".join(fits))
    return fits[0]


def taking(path: Sequence[str], metavar: str, option: str) -> Callable[[Any], Any] | None:
    """What reads the value of a parameter, by what its place in the help is called."""
    if metavar.startswith("ID…") or metavar == "ANDERE…":
        return ids
    if metavar != "SLUG" or (path[-1:] == ("add",) and path[-2:-1] == ("clusters",)):
        return None
    one = whole_cluster if path[:1] == ("clusters",) or option == "--cluster" else whole_newsletter
    return lambda value: [one(each) for each in value] if isinstance(value, list) else one(value)
