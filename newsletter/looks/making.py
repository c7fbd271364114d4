"""A home's own templates: a newsletter's folder made anew, one of our files taken over.

What was taken over is written down in ``templates/.origin.json``: which of our files it was, as
it read then, and from which version, so that ``comparing`` can tell after an upgrade what has
changed since, on which side.
"""

import difflib
import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from newsletter import settings, templating
from newsletter.errors import NotFound, Refused, WrongUsage, unreadable
from newsletter.language import N_, _

RECORD = ".origin.json"
CONFIGURATION = "newsletter.toml"
_NAME = re.compile(r"[a-z0-9-]+")
_HIDDEN = {"home", "demo"}  # of ours: no templates that a home could change


class WrongName(WrongUsage):
    sentence = N_(
        "„{name}“ geht nicht als Name: bitte nur Kleinbuchstaben, Ziffern und Bindestriche."
    )


class ThereAlready(Refused):
    sentence = N_("{path} gibt es schon; es wurde nichts verändert.")


class NoSuchTemplate(NotFound):
    sentence = N_("Die Vorlage „{name}“ gibt es nicht.{nearest}")


class NotWritten(Refused):
    sentence = N_("{path} lässt sich nicht schreiben: {why}")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a home's file comes from: our file, as it read then, and in which version."""

    of: str  # "clusterplattform/issue.mjml"
    version: str
    text: str
    renamed: str = ""  # the folder that its names lead to since: "dritter"
    above: str = ""  # what was written above it


def new(home: Path, name: str, like: str) -> list[Path]:
    """Make the folder of another newsletter, composed as ``like``; the files, as written.

    With them lies what newsletter.toml needs (``CONFIGURATION``). WrongName, ThereAlready,
    NoSuchTemplate, NotWritten.
    """
    if not _NAME.fullmatch(name):
        raise WrongName(name=name)
    folder = home / "templates" / name
    for taken in (folder, templating.shipped("templates") / name):
        if taken.exists():
            raise ThereAlready(path=taken)
    sources = dict(_files_of(home, like))
    if not sources:
        raise NoSuchTemplate(name=like, nearest=perhaps(like, newsletters(home)))
    texts: dict[str, str] = {}
    record = origins(home)
    for file, path in sources.items():
        text, above = path.read_text(encoding="utf-8"), _above(file, name)
        texts[f"{name}/{file}"] = above + renamed(text, like, name)
        if path.is_relative_to(templating.shipped("templates")):
            origin = Origin(f"{like}/{file}", _version(), text, name, above)
            record[f"{name}/{file}"] = origin
    texts[f"{name}/{CONFIGURATION}"] = _configuration(name, like)
    return _write(home, texts, record)


def copy(home: Path, file: str) -> Path:
    """Take over one of our templates, to change it. NoSuchTemplate, ThereAlready, NotWritten."""
    known = ours()
    if file not in known:
        raise NoSuchTemplate(name=file, nearest=perhaps(file, known))
    there = home / "templates" / file
    if there.exists():
        raise ThereAlready(path=there)
    text = known[file].read_text(encoding="utf-8")
    record = origins(home) | {file: Origin(file, _version(), text)}
    return _write(home, {file: text}, record)[0]


def ours() -> dict[str, Path]:
    """Our own templates by name, those that a home may put its own in place of."""
    return files(templating.shipped("templates"), _HIDDEN)


def own(home: Path) -> dict[str, Path]:
    """The home's own templates by name."""
    return files(home / "templates", set())


def files(folder: Path, without: set[str]) -> dict[str, Path]:
    """What lies below a folder, by name; nothing hidden, and no configuration."""
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*"))}
    return {
        name: path
        for name, path in found.items()
        if path.is_file()
        and not any(part.startswith(".") for part in Path(name).parts)
        and path.suffix != ".toml"
        and name.partition("/")[0] not in without
    }


def newsletters(home: Path) -> list[str]:
    """The folders that an issue can be made with, ours and the home's own."""
    found = {
        path.parent.name for at in templating.folders(home) for path in at.glob("*/issue.mjml")
    }
    return sorted(found - {"blocks"})


def origins(home: Path) -> dict[str, Origin]:
    """What is known of where the home's files come from, by name."""
    try:
        read = json.loads((home / "templates" / RECORD).read_text(encoding="utf-8"))
        return {name: Origin(**facts) for name, facts in read.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}  # a record that nobody can read tells nothing


def renamed(text: str, like: str, name: str) -> str:
    """A template whose names lead to the files of another folder."""
    return re.sub(rf"""(["']){re.escape(like)}/""", rf"\g<1>{name}/", text)


def _files_of(home: Path, like: str) -> Iterator[tuple[str, Path]]:
    """The files of a newsletter's folder, the home's own before ours."""
    if like not in newsletters(home):
        return
    for at in reversed(templating.folders(home)):
        yield from files(at / like, set()).items()


def _write(home: Path, texts: Mapping[str, str], record: Mapping[str, Origin]) -> list[Path]:
    """All of it, or an error and nothing."""
    folder = home / "templates"
    made: list[Path] = []
    try:
        for name, text in texts.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            with (folder / name).open("x", encoding="utf-8") as out:
                made.append(folder / name)
                out.write(text)
        facts = {name: asdict(origin) for name, origin in sorted(record.items())}
        said = json.dumps(facts, ensure_ascii=False, indent=1) + "\n"
        (folder / RECORD).write_text(said, encoding="utf-8")
    except OSError as problem:
        for path in made:
            path.unlink(missing_ok=True)
        raise NotWritten(path=problem.filename, why=unreadable(problem)) from problem
    return made


def _version() -> str:
    try:
        return version("cluster-newsletter")
    except PackageNotFoundError:
        return ""


def perhaps(name: str, known: Mapping[str, object] | list[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return _(" Gemeint vielleicht: {it}").format(it=near[0]) if near else ""


# -- what is written above, and what newsletter.toml needs ------------------------------------

_TEACHES = {
    "issue.mjml": N_(
        "Der Aufbau der Ausgabe: nimmt die Bausteine aus blocks/ und füllt, was hier zwischen block"
        " und endblock steht. Welche es gibt und wie sie aussehen: newsletter template gallery."
        " Ein Baustein soll für alle Newsletter anders werden: newsletter template copy"
        " blocks/DATEI. Nach jeder Änderung: newsletter template check {name}"
    ),
    "theme.mjml": N_(
        "Farben bei Tag (light) und bei Nacht (dark), Schriftgrößen, Abstände. Die Namen bleiben,"
        " die Werte gehören Ihnen; newsletter template check {name} rechnet den Kontrast nach."
    ),
    "issue.txt": N_(
        "Der Textteil, für alle, die kein HTML lesen. Er sagt dasselbe wie issue.mjml."
    ),
}


def _above(file: str, name: str) -> str:
    said = _(_TEACHES.get(file, "")).format(name=name)
    if not said:
        return ""
    return "{#- " + textwrap.fill(said, 96, subsequent_indent="    ") + " -#}\n"


def _configuration(name: str, like: str) -> str:
    """What newsletter.toml needs for it: as the shipped one says of ``like``, in its name."""
    pattern = templating.shipped("templates") / "home" / settings.FILE
    parts = re.split(r"(?m)^# -{20,}\n", pattern.read_text(encoding="utf-8"))
    about = [part for part in parts if part.startswith("[newsletters.")]
    mine = next((it for it in about if it.startswith(f"[newsletters.{like}]")), about[-1])
    slug = re.match(r"\[newsletters\.([\w-]+)", mine)
    mine = mine.replace(f"[newsletters.{slug[1] if slug else like}", f"[newsletters.{name}")
    for key, value in (("name", name), ("template", name), ("sender_name", name)):
        mine = re.sub(rf'(?m)^{key} = "[^"]*"', f'{key} = "{value}"', mine, count=1)
    mine = re.sub(r'(?m)^list_id = "[^".]*\.', f'list_id = "{name}.', mine, count=1)
    return f"\n# {'-' * 87}\n{mine.rstrip()}\n"
