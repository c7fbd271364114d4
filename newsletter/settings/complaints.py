"""A mistake in newsletter.toml as a sentence, with the line where it stands."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from newsletter.language import N_, _


def complaints(path: Path, text: str, errors: Sequence[Any], overridden: Mapping[str, str]) -> str:
    """All validation errors, a line each; what merely follows from another one is left out."""
    prefixes = {error["loc"][:depth] for error in errors for depth in range(len(error["loc"]))}
    roots = [error for error in errors if error["loc"] not in prefixes]
    return "\n".join(dict.fromkeys(complaint(path, text, e, overridden) for e in roots))


def complaint(path: Path, text: str, error: Any, overridden: Mapping[str, str]) -> str:
    """One validation error as a line: where it stands, what is wrong, how to mend it.

    ``overridden`` names the environment variable behind a field that the file does not rule.
    """
    variable = overridden.get(str(error["loc"][0])) if error["loc"] else None
    stands = _("{path}, Zeile {line}").format(path=path, line=line_of(text, error["loc"]))
    return f"{variable or stands}: {in_words(error)}"


_NUMBER = N_("{where}: erwartet eine Zahl, hier steht „{given}“.")
_SENTENCES = {  # by the beginning of pydantic's name for the mistake
    "missing": N_("„{where}“ fehlt."),
    "extra_forbidden": N_("„{where}“ kennen wir nicht; ist es vertippt?"),
    "value_error": "{where}: {error}",
    "string_pattern_mismatch": N_("{where}: „{given}“ hat nicht die Form {pattern}."),
    "enum": N_("{where}: „{given}“ geht nicht; möglich: {known}."),
    "literal_error": N_("{where}: „{given}“ geht nicht; möglich: {known}."),
    "int": _NUMBER,
    "float": _NUMBER,
    "greater": N_("{where}: mindestens {bound}, hier steht „{given}“."),
    "less": N_("{where}: höchstens {bound}, hier steht „{given}“."),
    "tuple_type": N_(
        "{where}: erwartet eine Liste; Tabellen einer Liste beginnen mit [[{where}]]."
    ),
    "too_short": N_("{where}: hier muss mindestens ein Eintrag stehen."),
}
_OTHERS = "{where}: {msg}."  # the value stays unsaid: it may hold a password


def in_words(error: Any) -> str:
    """A pydantic error as a sentence with the cure."""
    kind, facts = error["type"], error.get("ctx", {})
    fits = (said for begins, said in _SENTENCES.items() if kind.startswith(begins))
    known = str(facts.get("expected", "")).replace("'", "").replace(" or ", _(" oder "))
    return _(next(fits, _OTHERS)).format(
        **facts,
        where=".".join(str(part) for part in error["loc"]),
        given=error.get("input"),
        msg=error["msg"],
        known=known,
        bound=next(iter(facts.values()), ""),
    )


def line_of(text: str, loc: tuple[int | str, ...]) -> int:
    """The line (from 1) in a TOML text where ``loc`` stands, or where its table begins."""
    best, best_depth = 1, 0
    table: tuple[int | str, ...] = ()
    counts: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        head = re.match(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(#.*)?$", line)
        key = re.match(r"\s*([A-Za-z0-9_.\"'-]+)\s*=", line)
        if head:
            names = tuple(part.strip(" \"'") for part in head[2].split("."))
            table = names
            if head[1] == "[[":
                counts[names] = counts.get(names, -1) + 1
                table = (*names, counts[names])
            here = table
        elif key:
            here = (*table, *(part.strip("\"'") for part in key[1].split(".")))
        else:
            continue
        depth = len(here)
        if here == loc[:depth] and depth > best_depth:
            best, best_depth = number, depth
    return best
