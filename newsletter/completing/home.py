"""What newsletter.toml says: newsletters, sections, names, and where the database is."""

import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

Answer = tuple[str, str]  # what is put in, and what is said about it


def folder(words: Sequence[str], environment: Mapping[str, str]) -> Path:
    """The home that a command line is about."""
    told = environment.get("NEWSLETTER_HOME", "")
    for before, word in zip(("", *words), words, strict=False):
        if before == "--home":
            told = word
        elif word.startswith("--home="):
            told = word.partition("=")[2]
    return Path(os.path.expanduser(told)) if told else Path()  # noqa: PTH111  (as the shell does)


def facts(home: Path) -> dict[str, Any]:
    """The configuration; empty where there is none that can be read."""
    try:
        return tomllib.loads((home / "newsletter.toml").read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def language(configured: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    """The language that is spoken."""
    return str(environment.get("NEWSLETTER_LANGUAGE") or configured.get("language") or "de")


def database(home: Path, configured: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    """The address of the home's database."""
    told = environment.get("NEWSLETTER_DATABASE_URL") or configured.get("database_url")
    return str(told or f"sqlite:///{home / 'newsletter.sqlite'}")


def newsletters(configured: Mapping[str, Any]) -> list[Answer]:
    """Slugs with names."""
    return [(slug, str(it.get("name", ""))) for slug, it in _tables(configured, "newsletters")]


def sections(configured: Mapping[str, Any]) -> list[Answer]:
    """Sections of all newsletters, each once, with their headings."""
    found = {
        str(each.get("key", "")): str(each.get("title", ""))
        for __, it in _tables(configured, "newsletters")
        for each in it.get("sections", ())
        if isinstance(each, dict)
    }
    return list(found.items())


def people(configured: Mapping[str, Any], *kinds: str) -> list[Answer]:
    """Names of editors or approvers, with their addresses."""
    found = (each for kind in kinds for each in configured.get(kind, ()) if isinstance(each, dict))
    return [(str(each.get("name", "")), str(each.get("email", ""))) for each in found]


def _tables(configured: Mapping[str, Any], name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for slug, it in configured.get(name, {}).items():
        if isinstance(it, dict):
            yield slug, it
