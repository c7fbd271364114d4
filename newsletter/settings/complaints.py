"""A mistake in newsletter.toml as a German sentence, with the line where it stands."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


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
    where = variable or f"{path}, Zeile {line_of(text, error['loc'])}"
    return f"{where}: {in_words(error)}"


def in_words(error: Any) -> str:
    """A pydantic error as a German sentence with the cure."""
    where = ".".join(str(part) for part in error["loc"])
    given = error.get("input")
    match error["type"]:
        case "missing":
            return f"„{where}“ fehlt."
        case "extra_forbidden":
            return f"„{where}“ kennen wir nicht; ist es vertippt?"
        case "value_error":
            return f"{where}: {error['ctx']['error']}"
        case "string_pattern_mismatch":
            return f"{where}: „{given}“ hat nicht die Form {error['ctx']['pattern']}."
        case "enum" | "literal_error":
            known = error["ctx"]["expected"].replace("'", "").replace(" or ", " oder ")
            return f"{where}: „{given}“ geht nicht; möglich: {known}."
        case kind if kind.startswith(("int", "float")):
            return f"{where}: erwartet eine Zahl, hier steht „{given}“."
        case kind if kind.startswith(("greater", "less")):
            bound = next(iter(error["ctx"].values()))
            word = "mindestens" if kind.startswith("greater") else "höchstens"
            return f"{where}: {word} {bound}, hier steht „{given}“."
        case "tuple_type":
            return f"{where}: erwartet eine Liste; Tabellen einer Liste beginnen mit [[{where}]]."
        case "too_short":
            return f"{where}: hier muss mindestens ein Eintrag stehen."
        case _:  # the value stays unsaid: it may hold a password
            return f"{where}: {error['msg']}."


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
