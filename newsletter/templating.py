"""Where templates lie, and the one way to open them: escaped, strict, overlaid by the home.

A home's own ``templates/`` comes first, ours second, so an upgrade replaces nothing that
somebody changed. Autoescape is on for everything but ``.txt``: Jinja2's own
``select_autoescape`` leaves ``.mjml`` and ``.j2`` unescaped (STANDARDS TR-12).

A home's template may hold any mistake: ``BrokenTemplate`` says which file, which line and what.
"""

import re
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    UndefinedError,
    meta,
    nodes,
)

from .errors import NewsletterError, Refused, unreadable
from .language import N_, _, n_, speaking, spoken

_PACKAGE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """The folder ``name`` ("templates", "examples") as shipped: in the checkout or installed."""
    installed = _PACKAGE.parent / f"newsletter_{name}"
    return installed if installed.is_dir() else _PACKAGE.parent / name


def folders(home: Path | None) -> tuple[Path, ...]:
    """Where templates are looked for, in this order; a home without its own has one place."""
    ours = shipped("templates")
    own = home / "templates" if home else None
    return (own, ours) if own and own.is_dir() else (ours,)


class BrokenTemplate(Refused):
    """A template cannot be used: never the fault of an item. ``place`` is file and line."""

    sentence: ClassVar[str] = N_(
        "{place}: {why} Bitte die Vorlage berichtigen; wird eine eigene gelöscht, gilt wieder die"
        " mitgelieferte."
    )
    http_status: ClassVar[int] = 500


class _Overlaid(FileSystemLoader):
    """Notices too when a home gets a template of its own that we shipped one of."""

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        source, path, unchanged = super().get_source(environment, template)
        before = [Path(at, template) for at in self.searchpath]
        before = before[: before.index(Path(path))]
        return source, path, lambda: unchanged() and not any(it.is_file() for it in before)


@lru_cache(maxsize=8)
def environment(where: Sequence[Path]) -> Environment:
    """One strict, escaping environment per tuple of folders; it speaks the language of the moment.

    ``{{ _("…") }}`` and ``{% trans %}`` take their facts as ``%(name)s``; ``spoken()`` is the
    language for ``lang=""``.
    """
    pages = Environment(
        loader=_Overlaid(list(where)),
        autoescape=lambda name: name is None or not name.endswith(".txt"),  # noqa: S701
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        extensions=["jinja2.ext.i18n"],
    )
    pages.policies["ext.i18n.trimmed"] = True
    # most of what a letter wraps is the same in the next one
    pages.filters["wordwrap"] = lru_cache(maxsize=256, typed=True)(pages.filters["wordwrap"])
    pages.install_gettext_callables(_, n_, newstyle=True)  # type: ignore[attr-defined]
    pages.globals["spoken"] = spoken
    return pages


def rendered(
    where: Sequence[Path], name: str, facts: Mapping[str, Any], *, language: str | None = None
) -> str:
    """The template ``name``, filled, in this language (else the one spoken now).

    BrokenTemplate for whatever is wrong with a template, in the language spoken now: who mends
    it need not speak that of the mail.
    """
    try:
        with speaking(language or spoken()):
            return environment(where).get_template(name).render(facts)
    except NewsletterError:
        raise
    except Exception as problem:
        fault = _fault(where, name, problem)
        if fault is None:  # a mistake of ours in a function that the template calls
            raise
        raise fault from problem


def faults(where: Sequence[Path], name: str) -> list[BrokenTemplate]:
    """What is wrong with a template without filling it: its language, and what it names."""
    pages = environment(where)
    try:
        pages.get_template(name)
        source = pages.loader.get_source(pages, name)[0] if pages.loader else ""
        tree = pages.parse(source, name)
    except Exception as problem:
        if fault := _fault(where, name, problem):
            return [fault]
        raise
    known = set(pages.list_templates())
    return [
        BrokenTemplate(place=_at(_path_of(where, name), line), why=_why(TemplateNotFound(wanted)))
        for line, wanted in _named(tree)
        if wanted not in known
    ]


def _named(tree: nodes.Template) -> Iterator[tuple[int, str]]:
    """The templates that one extends, imports and includes, each with its line."""
    kinds = nodes.Extends, nodes.Import, nodes.FromImport, nodes.Include
    for it in tree.find_all(kinds):
        wanted: nodes.Expr = getattr(it, "template")  # noqa: B009 - each of them has one
        if isinstance(wanted, nodes.Const):
            yield it.lineno, wanted.value


def broken_at(where: Sequence[Path], name: str, line: str, why: str) -> BrokenTemplate:
    """What is wrong with a line that the template ``name`` gave, at the line it comes from.

    The line is looked for in the template and all that it extends, imports and includes; if
    it is none of theirs, the template itself is named.
    """
    lines = [
        (path, number, each.strip())
        for __, path, source in _family(where, name)
        for number, each in enumerate(source.splitlines(), 1)
    ]
    for alike in _likeness, _kinship:
        weight, path, number = max(
            ((alike(source, line.strip()), path, number) for path, number, source in lines),
            key=lambda it: it[0],
        )
        if weight:
            return BrokenTemplate(place=_at(path, number), why=why)
    return BrokenTemplate(place=_path_of(where, name), why=why)


def sources(where: Sequence[Path], names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Path and source of these templates and of all that they name, by name."""
    return {name: (path, source) for each in names for name, path, source in _family(where, each)}


def _fault(where: Sequence[Path], name: str, problem: Exception) -> BrokenTemplate | None:
    if isinstance(problem, TemplateSyntaxError):
        place = _at(problem.filename or _path_of(where, problem.name or name), problem.lineno)
        why = _("So ist es kein gültiges Jinja ({why}).").format(why=problem.message)
        return BrokenTemplate(place=place, why=why)
    if isinstance(problem, UnicodeDecodeError):
        place = _undecodable(where, problem) or _path_of(where, name)
        return BrokenTemplate(place=place, why=_("Die Datei ist nicht in UTF-8 gespeichert."))
    if isinstance(problem, OSError) and problem.filename:
        why = _("Die Datei lässt sich nicht lesen ({why}).").format(why=unreadable(problem))
        return BrokenTemplate(place=problem.filename, why=why)
    frames = traceback.extract_tb(problem.__traceback__)
    inside = [it for it in frames if any(Path(it.filename).is_relative_to(at) for at in where)]
    if not isinstance(problem, TemplateError) and not (
        inside and (inside[-1] is frames[-1] or not _is_ours(inside[-1].filename))
    ):
        return None
    place = _at(inside[-1].filename, inside[-1].lineno) if inside else _path_of(where, name)
    return BrokenTemplate(place=place, why=_why(problem))


_NOT_THERE = re.compile(r"(?:.* has no (?:attribute|element) )?'?(?P<it>[^']+)'?(?: is undefined)?")


def _why(problem: Exception) -> str:
    if isinstance(problem, TemplateNotFound):
        return _("Die Vorlage „{name}“ gibt es nicht.").format(name=problem.name)
    if isinstance(problem, UndefinedError):
        found = _NOT_THERE.fullmatch(str(problem))
        name = found["it"] if found else str(problem)
        return _("„{name}“ gibt es hier nicht.").format(name=name)
    if isinstance(problem, RecursionError):
        return _("Die Vorlage bindet sich selbst ein.")
    why = f"{type(problem).__name__}: {problem}"
    return _("Das lässt sich nicht ausrechnen ({why}).").format(why=why)


def _is_ours(path: str) -> bool:
    return Path(path).is_relative_to(shipped("templates"))


def _at(path: str | Path, line: int | None) -> str:
    return _("{path}, Zeile {line}").format(path=path, line=line) if line else str(path)


def _path_of(where: Sequence[Path], name: str) -> str:
    """Where a template lies; its name alone, if it lies nowhere."""
    lies = (str(at / name) for at in where if (at / name).is_file())
    return next(lies, None) or _("Vorlage „{name}“").format(name=name)


def _undecodable(where: Sequence[Path], problem: UnicodeDecodeError) -> str | None:
    for path in (path for at in where for path in at.rglob("*") if path.is_file()):
        if path.read_bytes() == problem.object:
            return _at(path, problem.object[: problem.start].count(b"\n") + 1)
    return None


def _family(where: Sequence[Path], name: str) -> Iterator[tuple[str, str, str]]:
    """Name, path and source of a template and of all that it names."""
    pages = environment(where)
    waiting, seen = [name], set[str]()
    while waiting:
        each = waiting.pop()
        if each in seen or pages.loader is None:
            continue
        seen.add(each)
        source, path, _changed = pages.loader.get_source(pages, each)
        yield each, path or each, source
        waiting += filter(None, meta.find_referenced_templates(pages.parse(source)))


_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}")


def _likeness(source: str, line: str) -> int:
    """How many letters of a template's line are found in the line it gave; 0: it did not."""
    fixed = _JINJA.split(source)
    weight = sum(len(each.strip()) for each in fixed)
    return weight if weight > 3 and re.fullmatch(".*".join(map(re.escape, fixed)), line) else 0


def _kinship(source: str, line: str) -> int:
    """The same for a template's line that gave several, since what it calls did: the first of
    them begins as it does, the last one ends so.
    """
    first, *rest = _JINJA.split(source)
    if not rest:
        return 0
    begins, ends = line.startswith(first), line.endswith(rest[-1])
    weight = max(begins * len(first.strip()), ends * len(rest[-1].strip()))
    return weight if weight > 3 else 0
