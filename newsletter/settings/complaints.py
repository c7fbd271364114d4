"""A mistake in newsletter.toml as a sentence, with the line where it stands."""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from newsletter.language import N_, _, n_

Loc = tuple[int | str, ...]


def complaints(path: Path, text: str, errors: Sequence[Any], overridden: Mapping[str, str]) -> str:
    """All validation errors, in the file's order, numbered if there are several; what merely
    follows from another one is left out.
    """
    prefixes = {error["loc"][:depth] for error in errors for depth in range(len(error["loc"]))}
    roots = [error for error in errors if error["loc"] not in prefixes]
    roots.sort(key=lambda error: line_of(text, _exactly(error)))
    lines = list(dict.fromkeys(complaint(path, text, e, overridden) for e in roots))
    if len(lines) == 1:
        return lines[0]
    head = n_("{n} Einstellung stimmt nicht:", "{n} Einstellungen stimmen nicht:", len(lines))
    numbered = (f"  {number}. {line}" for number, line in enumerate(lines, 1))
    return "\n".join([head.format(n=len(lines)), *numbered])


def complaint(path: Path, text: str, error: Any, overridden: Mapping[str, str]) -> str:
    """One validation error as a line: where it stands, what is wrong, how to mend it.

    ``overridden`` names the environment variable behind a field that the file does not rule.
    """
    loc = _exactly(error)
    if variable := overridden.get(str(loc[0])) if loc else None:
        return in_words(error, variable)
    table, where = _place(loc, tomllib.loads(text.removeprefix("\ufeff")))
    stands = _("{path}, Zeile {line}").format(path=path, line=line_of(text, loc))
    return ": ".join(filter(None, [stands, table, in_words(error, where)]))


def _exactly(error: Any) -> Loc:
    """Where a mistake stands; a mail server as a whole can only be wrong in its address."""
    loc: Loc = error["loc"]
    a_relay = len(loc) == 2 and loc[0] == "relays" and error["type"] == "value_error"
    return (*loc, "url") if a_relay else loc


def _place(loc: Loc, facts: Any) -> tuple[str, str]:
    """The list's table that ``loc`` lies in, by its name, and the way from there; people count
    from one.
    """
    table, way = "", []
    for depth, part in enumerate(loc):
        facts = _inside(facts, part)
        if not isinstance(part, int):
            way.append(part)
            continue
        dotted = ".".join(str(each) for each in loc[:depth] if isinstance(each, str))
        if not isinstance(facts, dict):
            said = _("{number}. Eintrag von {where}")
            return table, said.format(number=part + 1, where=".".join(way))
        name = facts.get("name") or facts.get("key")
        said = _("[[{table}]] „{name}“") if name else "{number}. [[{table}]]"
        table = said.format(table=dotted, name=name, number=part + 1)
        way = []
    return (table, ".".join(way)) if way else ("", table)


def _inside(facts: Any, part: int | str) -> Any:
    try:
        return facts[part]
    except (KeyError, IndexError, TypeError):
        return None


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
    "bool": N_("{where}: erwartet true oder false, hier steht „{given}“."),
    "greater_than_equal": N_("{where}: mindestens {bound}, hier steht „{given}“."),
    "greater_than": N_("{where}: mehr als {bound}, hier steht „{given}“."),
    "less_than_equal": N_("{where}: höchstens {bound}, hier steht „{given}“."),
    "tuple_type": N_(
        "{where}: erwartet eine Liste; Tabellen einer Liste beginnen mit [[{where}]]."
    ),
    "a_list_of_values": N_("{where}: erwartet eine Liste: {key} = [{value}]"),
    "too_short": N_("{where}: hier muss mindestens ein Eintrag stehen."),
}
_OTHERS = "{where}: {msg}."  # the value stays unsaid: it may hold a password
_TABLES = {"relays", "editors", "approvers", "sections"}  # lists of tables; others hold values


def in_words(error: Any, where: str) -> str:
    """A pydantic error as a sentence with the cure."""
    facts, given = error.get("ctx", {}), error.get("input")
    kind = _kind(error)
    fits = (said for begins, said in _SENTENCES.items() if kind.startswith(begins))
    known = str(facts.get("expected", "")).replace("'", "").replace(" or ", _(" oder "))
    return _(next(fits, _OTHERS)).format(
        **facts,
        where=where,
        key=error["loc"][-1] if error["loc"] else "",
        given=given,
        value=json.dumps(given, ensure_ascii=False, default=str),
        msg=error["msg"],
        known=known,
        bound=_plain(next(iter(facts.values()), "")),
    )


def _kind(error: Any) -> str:
    a_value = isinstance(error.get("input"), (str, int, float))
    if error["type"] == "tuple_type" and a_value and error["loc"][-1] not in _TABLES:
        return "a_list_of_values"
    return str(error["type"])


def _plain(bound: object) -> object:
    """A bound as people write it: 0, not 0.0."""
    return f"{bound:g}" if isinstance(bound, float) else bound


_NOT_TOML = {  # by the beginning of what Python says of the mistake
    "Invalid value": N_("der Wert ist keiner; Text steht zwischen Anführungszeichen"),
    "Expected '='": N_("nach dem Namen fehlt das Gleichheitszeichen"),
    "Expected ']'": N_("die schließende Klammer ] fehlt"),
    "Expected newline": N_("hinter dem Wert steht noch etwas"),
    "Unterminated string": N_("das schließende Anführungszeichen fehlt"),
    "Illegal character": N_(
        "hier steht ein Zeichen, das nicht erlaubt ist, oder das schließende"
        " Anführungszeichen fehlt"
    ),
    "Unescaped '\\'": N_("ein \\ in einem Text schreibt man doppelt: \\\\"),
    "Unclosed array": N_("die schließende Klammer ] fehlt, oder ein Komma zwischen zwei Einträgen"),
    "Unclosed inline table": N_("die schließende Klammer } fehlt"),
    "Cannot overwrite": N_("das steht hier zum zweiten Mal"),
    "Cannot declare": N_("diese Tabelle gibt es schon"),
    "Invalid statement": N_("so beginnt keine Einstellung"),
    "Invalid initial character": N_("so beginnt kein Name einer Einstellung"),
    "Invalid date": N_("dieses Datum gibt es nicht"),
}


def not_toml(path: Path, text: str, error: tomllib.TOMLDecodeError) -> str:
    """What keeps a text from being TOML, with its line."""
    line = re.search(r"at line (\d+)", str(error))
    number = int(line[1]) if line else text.count("\n") + 1
    known = (said for begins, said in _NOT_TOML.items() if str(error).startswith(begins))
    why = _(next(known, str(error)))
    said = _("{path}, Zeile {line}: so ist es kein gültiges TOML ({why}).")
    return said.format(path=path, line=number, why=why)


def line_of(text: str, loc: Loc) -> int:
    """The line (from 1) in a TOML text where ``loc`` stands, or where its table begins."""
    best, best_depth = 1, 0
    table: Loc = ()
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
