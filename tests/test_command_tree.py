"""The command tree: only what the contract names, each with help, example and README line."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

import cli
from tests.command_situations import Newsletter, newsletter

__all__ = ["newsletter"]

README = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")

# The contract (verbs stand in the tree from the day they are built; none is a stub).
CONTRACT = {
    "": "init demo run serve work dispatch doctor agenda calendar log undo desk report ssh"
    " backup restore completion",
    "db": "upgrade check adopt",
    "clusters": "add list show deactivate import people link key"
    # and, since the form has ways in of its own:
    " requests feed share",
    "clusters feed": "add list read remove",
    "clusters people": "add remove replace",
    "clusters requests": "list grant decline",
    "queue": "add list show edit accept decline ask defer merge withdraw publish cancel-date"
    " change picture assign comment revisions diff restore take-down",
    "issue": "swap revisions restore"
    " new list show edit add remove move fill check preview test request approve schedule"
    " unschedule pause resume stop cancel status resolve correct verify audience"
    " call comment diff skip unskip record",
    "stories": "add list show use remove",
    "subscribers": "add find list show export unsubscribe suppress erase evidence import",
    "bounces": "read list",
    "editors": "add list retire",
    "template": "new copy check gallery diff",
}


def walk(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command and group with its full name, the root left out."""
    for name, below in getattr(command, "commands", {}).items():
        yield " ".join([*path, name]), below
        yield from walk(below, (*path, name))


TREE = dict(walk(get_command(cli.app)))
LEAVES = {name: command for name, command in TREE.items() if not hasattr(command, "commands")}


def test_the_tree_holds_only_what_the_contract_names() -> None:
    for name in TREE:
        group, _, verb = name.rpartition(" ")
        assert name in CONTRACT or verb in CONTRACT[group].split(), name


@pytest.mark.parametrize("name", TREE)
def test_every_command_says_in_german_what_it_does(name: str) -> None:
    first = (TREE[name].help or "").strip().splitlines()[0]
    assert re.fullmatch(r"[A-ZÄÖÜ„].*[.:]", first), f"{name}: {first!r} is no sentence"
    assert not re.search(r"\b(the|and|your|is|of|list of)\b", first), f"{name}: {first!r}"


@pytest.mark.parametrize("name", LEAVES)
def test_every_command_has_an_example_that_names_it(name: str) -> None:
    text = LEAVES[name].help
    assert "\b\nBeispiel" in text, f"{name} has no example, or Click would wrap it"
    examples = text.partition("\b\nBeispiel")[2]
    assert re.search(rf"\n\s+newsletter (--\S+ \S+ )*{re.escape(name)}\b", examples), examples


@pytest.mark.parametrize("name", LEAVES)
def test_every_option_and_argument_is_explained(name: str) -> None:
    for parameter in LEAVES[name].params:
        if parameter.name != "help":
            assert getattr(parameter, "help", None), f"{name}: {parameter.name}"


@pytest.mark.parametrize("name", LEAVES)
def test_the_readme_lists_every_command(name: str) -> None:
    assert re.search(rf"^newsletter {re.escape(name)}\b", README, re.MULTILINE)


def test_the_readme_lists_no_command_that_does_not_exist() -> None:
    listed = README.partition("## All commands")[2].partition("\n## ")[0]
    names = [line for line in listed.splitlines() if line.startswith("newsletter ")]
    assert len(names) == len(LEAVES)
    for line in names:
        assert any(re.match(rf"newsletter {re.escape(name)}(\s|$)", line) for name in LEAVES), line


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("queue edit", "Aufruf: newsletter queue edit [OPTIONEN] ID [DATEI]"),
        ("queue merge", "Aufruf: newsletter queue merge [OPTIONEN] BLEIBT ANDERE…"),
    ],
)
def test_the_usage_line_shows_what_may_be_left_out_and_what_repeats(
    newsletter: Newsletter, command: str, line: str
) -> None:
    assert newsletter(*command.split(), "--help", as_="").out.splitlines()[0] == line
