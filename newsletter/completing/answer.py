"""What the shell asks when somebody presses the tab key, and what it is told."""

import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from . import grammar, home, kept, rows
from .grammar import Place
from .home import Answer

ASKED = "NEWSLETTER_COMPLETE"  # set by the shell's function; its words are the arguments
FILES = ":files"  # let the shell offer files
_SHARED = ("--json", "--plain", "--home", "--as")

# Of a submission: the newest revision's title, what waits first, then the newest. What is put
# in are digits, a condition from below, and an issue's id as the database has it.
_ITEMS = """
SELECT s.id, r.title FROM submission s
JOIN revision r ON r.submission_id = s.id AND r.number = s.revision
WHERE CAST(s.id AS TEXT) LIKE '{begins}%' AND {which}
ORDER BY CASE WHEN s.state IN ('received', 'in_review', 'question') THEN 0 ELSE 1 END, s.id DESC
LIMIT 200
"""
_WHICH = {
    "item": "s.state <> 'draft'",
    "item open": "s.state IN ('received', 'in_review', 'question', 'decided')",
    "item accepted": (
        "EXISTS (SELECT 1 FROM clearance c WHERE c.submission_id = s.id"
        " AND c.state IN ('accepted', 'held_over')"
        " AND '{issue}' LIKE c.newsletter || '-%') AND NOT EXISTS (SELECT 1 FROM placement p"
        " WHERE p.submission_id = s.id AND p.issue_id = '{issue}')"
    ),
    "item placed": (
        "EXISTS (SELECT 1 FROM placement p WHERE p.submission_id = s.id AND p.issue_id = '{issue}')"
    ),
}
_ISSUES = """
SELECT id, state, subject FROM issue
ORDER BY CASE WHEN state IN ('sent', 'cancelled', 'stopped') THEN 1 ELSE 0 END, number DESC, id
LIMIT 200
"""
_CLUSTERS = "SELECT slug, name FROM cluster WHERE deactivated_at IS NULL ORDER BY slug"


def answer(
    words: Sequence[str], environment: Mapping[str, str], make: Callable[[str], dict[str, Any]]
) -> list[str]:
    """Lines for the shell: what may stand there, a tab, and what it is; or ``FILES``."""
    folder = home.folder(words, environment)
    configured = home.facts(folder)
    tree = kept.tree(make, home.language(configured, environment), environment)
    place = grammar.place(tree, words)
    if place.takes == grammar.FILE:
        return [FILES]
    url = home.database(folder.absolute(), configured, environment)
    found = [
        (f"{place.before}{value}", said)
        for value, said in dict(_offered(place, tree, configured, url)).items()
        if value.startswith(place.typed)
    ]
    return [f"{value}\t{_plain(said)}" for value, said in found]


def _plain(said: str) -> str:
    """One line that does nothing to a terminal."""
    return " ".join("".join(each if each.isprintable() else " " for each in said).split())


def _offered(
    place: Place, tree: Mapping[str, Any], configured: Mapping[str, Any], url: str
) -> Iterable[Answer]:
    if place.typed.startswith("-") and not place.before:
        return _options(place)
    if (below := place.command.get("commands")) and not place.given:
        return [(name, it["help"]) for name, it in below.items()]
    kind, __, choices = (place.takes or "").partition(":")
    if kind == "choice":
        return [(each, "") for each in choices.split(",")]
    known: dict[str, Callable[[], Iterable[Answer]]] = {
        "newsletter": lambda: home.newsletters(configured),
        "section": lambda: home.sections(configured),
        "editor": lambda: home.people(configured, "editors"),
        "person": lambda: home.people(configured, "approvers", "editors"),
        "cluster": lambda: [(slug, name) for slug, name in rows.rows(url, _CLUSTERS)],
        "issue": lambda: _issues(url, tree),
        "item or issue": lambda: [*_items(place, "item", url), *_issues(url, tree)],
        **{each: lambda: _items(place, kind, url) for each in _WHICH},
    }
    return known.get(kind, tuple)()


def _options(place: Place) -> Iterable[Answer]:
    for each in place.command.get("options", ()):
        names = [name for name in each["names"] if name.startswith("--")]
        if each.get("many") or not set(each["names"]) & set(place.used):
            yield from ((name, each["help"]) for name in names)
    yield from ((name, "") for name in _SHARED if name not in place.used)


def _issues(url: str, tree: Mapping[str, Any]) -> Iterable[Answer]:
    states = tree.get("states", {})
    found = rows.rows(url, _ISSUES)
    return [(key, f"{states.get(state, state)}: {subject}") for key, state, subject in found]


def _items(place: Place, kind: str, url: str) -> Iterable[Answer]:
    typed = re.fullmatch(r"[qQ]?(\d*)", place.typed)
    if not typed:
        return []
    which = _WHICH[kind]
    if "{issue}" in which:
        which = which.replace("{issue}", _issue(place, url))
    found = rows.rows(url, _ITEMS.replace("{begins}", typed[1]).replace("{which}", which))
    letter = place.typed[:1] if place.typed[:1].isalpha() else "q"
    bare = "" if place.typed[:1].isdigit() else letter
    taken = {each.lower().removeprefix("q") for each in place.given}
    return [(f"{bare}{number}", title) for number, title in found if number not in taken]


def _issue(place: Place, url: str) -> str:
    """The id of the issue that stands earlier in the line, in full."""
    begun = place.given[0].lower() if place.given else ""
    ids = [key for key, *__ in rows.rows(url, _ISSUES)]
    fits = [it for it in ids if it.startswith(begun) or it.endswith(f"-{begun}")]
    found = next(iter([begun] if begun in ids else fits), "")
    return found if re.fullmatch(r"[a-z0-9-]+", found) else ""


def main(make: Callable[[str], dict[str, Any]]) -> None:
    """Answer, whatever happens: no mistake of ours may fall into the line somebody is typing."""
    try:
        lines = answer(sys.argv[1:], os.environ, make)
    except Exception:  # the shell offers nothing then
        return
    sys.stdout.write("".join(f"{line}\n" for line in lines))
