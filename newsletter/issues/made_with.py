"""What an edition was made with, so that it can be said later why another would come out.

Versions of the programs that print it, marks of the templates and of our own code, and of the
facts it is made of: digests, no words (those stand in the edition).
"""

import hashlib
import platform
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, fields
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import col

import newsletter
from newsletter import templating
from newsletter.content import IssueContent, Item, Masthead
from newsletter.history import Act
from newsletter.language import N_, TRANSLATIONS, _
from newsletter.models.issue import EditionRow, Issue
from newsletter.settings import Settings

# Whose version shows in the bytes. mjml-python holds the renderer mrml.
PACKAGES = (
    *("mjml-python", "css-inline", "jinja2", "markdown-it-py", "nh3", "pyphen", "tzdata"),
    *("markupsafe", "cluster-newsletter"),
)
_CODE = ("rendering", "texts", "content.py", "links.py", "templating.py")
_PARTS = {  # of an item; what is named in no other part is its text
    "from": ("origin", "more_origins"),
    "date": (
        *("when", "location", "online", "register_by", "event_state", "sequence"),
        "calendar_url",
    ),
    "picture": ("picture",),
}
_NO_PART = ("reference", "revision", "embargo_until", "reach", "uid")
_WORDS = {
    "text": N_("Text"),
    "from": N_("Absender (Cluster, Label, Land)"),
    "date": N_("Termin"),
    "picture": N_("Bild"),
}
_KEYS = {"home_url": "base_url"}  # what newsletter.toml calls them
_ISSUE = {
    "subject": N_("Betreff"),
    "preheader": N_("Vorschauzeile"),
    "opening": N_("Einleitung"),
    "sections": N_("Rubriken und Reihenfolge"),
    "corrects": N_("Berichtigung"),
}


def note(act: Act, issue: Issue, content: IssueContent, content_hash: str) -> None:
    """Keep beside the stored full edition of this hash what it was made with, once."""
    row = act.session.scalars(
        select(EditionRow).where(
            col(EditionRow.issue_id) == issue.id,
            col(EditionRow.content_hash) == content_hash,
            col(EditionRow.variant) == "full",
        )
    ).first()
    if row is not None and row.made_with is None:
        row.made_with = standing_on(act.settings, content)
        act.session.add(row)
        act.session.flush()


def standing_on(settings: Settings, content: IssueContent) -> dict[str, Any]:
    """All that the edition of this content would be made with now."""
    return {
        "python": platform.python_version(),
        "packages": {name: it for name in PACKAGES if (it := _version(name))},
        "code": _code(content.language),
        "templates": _templates(settings, content.masthead.template),
        "masthead": {
            _KEYS.get(f.name, f.name): _mark(getattr(content.masthead, f.name))
            for f in fields(Masthead)
        },
        "issue": {
            "subject": _mark(content.subject),
            "preheader": _mark(content.preheader),
            "opening": _mark(content.opening),
            "corrects": _mark(content.corrects),
            "sections": _mark(
                [(it.title, [each.reference for each in it.items]) for it in content.sections]
            ),
            "language": content.language,
        },
        "items": {item.reference: _of_item(item) for item in content.items},
    }


@lru_cache(maxsize=len(PACKAGES))
def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


@lru_cache(maxsize=4)
def _code(language: str) -> str:
    """Of our own code that prints an edition, and of the words it speaks."""
    ours = Path(newsletter.__file__).parent
    files = [path for name in _CODE for path in (ours / name, *(ours / name).glob("*.py"))]
    files += (TRANSLATIONS / language).glob("*/*.mo")
    return _mark([path.read_bytes() for path in sorted(files) if path.is_file()])


def _templates(settings: Settings, look: str) -> dict[str, list[str]]:
    """Each template that a look is made of: whose it is, and its mark."""
    where = templating.folders(settings.home)
    found = templating.sources(where, (f"{look}/issue.mjml", f"{look}/issue.txt"))
    own = where[0] if len(where) > 1 else None
    return {
        name: ["home" if own and Path(path).is_relative_to(own) else "ours", _mark(source)]
        for name, (path, source) in sorted(found.items())
    }


def _of_item(item: Item) -> dict[str, str]:
    facts = asdict(item)
    named = {name for part in _PARTS.values() for name in part} | {*_NO_PART}
    text = [value for name, value in facts.items() if name not in named]
    parts = {part: [facts[name] for name in names] for part, names in _PARTS.items()}
    return {part: _mark(value) for part, value in ({"text": text} | parts).items()}


def _mark(value: object) -> str:
    raw = value.encode() if isinstance(value, str) else repr(value).encode()
    return hashlib.sha256(raw).hexdigest()[:16]


# -- what is different ------------------------------------------------------------------------


def differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What an edition was made with and another would be now, as sentences."""
    return [
        *_versions(then, now),
        *_of_templates(then["templates"], now["templates"]),
        *_of_configuration(then, now),
        *_of_items(then["items"], now["items"]),
    ]


def _versions(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    before = {"Python": then["python"], **then["packages"]}
    after = {"Python": now["python"], **now["packages"]}
    for name in _changed(before, after):
        said = _("{name} ging von {before} auf {after}.")
        yield said.format(name=name, before=before.get(name, "–"), after=after.get(name, "–"))
    if then["code"] != now["code"]:
        yield _("Unser Programm oder seine Übersetzung stellt Ausgaben jetzt anders dar.")


def _of_templates(then: Mapping[str, list[str]], now: Mapping[str, list[str]]) -> Iterator[str]:
    for name in _changed(then, now):
        if name not in now:
            yield _("Die Vorlage {name} wird nicht mehr gebraucht.").format(name=name)
        elif name not in then:
            yield _("Die Vorlage {name} kam dazu.").format(name=name)
        elif now[name][0] == "home":
            yield _("Die Vorlage {name} (eine eigene) wurde geändert.").format(name=name)
        else:
            yield _("Die mitgelieferte Vorlage {name} ist eine andere.").format(name=name)


def _of_configuration(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name in _changed(then["masthead"], now["masthead"]):
        yield _("newsletter.toml: {name} wurde geändert.").format(name=name)
    for name in _changed(then["issue"], now["issue"]):
        what = _(_ISSUE[name]) if name in _ISSUE else name
        yield _("Geändert wurde: {what}.").format(what=what)


def _of_items(
    then: Mapping[str, Mapping[str, str]], now: Mapping[str, Mapping[str, str]]
) -> Iterator[str]:
    for name in _changed(then, now):
        if name not in now:
            yield _("{reference} steht nicht mehr darin.").format(reference=name)
        elif name not in then:
            yield _("{reference} kam dazu.").format(reference=name)
        else:
            what = ", ".join(_(_WORDS[part]) for part in _changed(then[name], now[name]))
            yield _("{reference}: anders ist {what}.").format(reference=name, what=what)


def _changed(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterable[str]:
    return [name for name in {**then, **now} if then.get(name) != now.get(name)]
