"""What is wrong with templates, before an issue meets it.

Each of the home's own is read (ours are by our tests); every newsletter's, the home's and ours, is
filled with an ordinary issue in both languages and with the nastiest one, and the mail that
comes out is checked as an issue's would be, its colours by day and by night.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path

from jinja2 import TemplateError, meta, nodes

from newsletter import rendering, templating
from newsletter.checks import Facts, edition
from newsletter.content import Edition, IssueContent, Level, Masthead
from newsletter.language import LANGUAGES, _, speaking
from newsletter.settings import Settings
from newsletter.templating import BrokenTemplate

from . import making, night, specimens

_READ = {".mjml", ".txt", ".html"}
_NOT_FILLED = {"letters", "web", "report"}  # each has facts of its own
# What the nastiest issue is for, and what no template can help.
_NOT_OURS = {"size"}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong: where (a file and its line, or a newsletter's folder), how grave, what."""

    check: str  # stable English name
    level: Level
    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at, and what is wrong with it, the gravest first."""

    templates: int  # the home's own that were read
    newsletters: tuple[str, ...]
    faults: tuple[Fault, ...]


def check(settings: Settings, now: datetime, name: str | None = None) -> Checked:
    """All newsletters' templates, or those of one folder. NoSuchTemplate."""
    home = settings.home
    where = templating.folders(home)
    newsletters = making.newsletters(home)
    if name is not None and name not in newsletters:
        raise making.NoSuchTemplate(name=name, nearest=making.perhaps(name, newsletters))
    looks = [name] if name else newsletters
    named = [it for it in making.own(home) if _belongs(it, name)]
    faults = [fault for each in named for fault in _read(where, each)]
    faults += _unknown_names(home, where, named)
    for each in looks:
        faults += _filled(settings, where, each, now)
    return Checked(len(named), tuple(looks), tuple(_each_once(faults)))


def _belongs(template: str, name: str | None) -> bool:
    if Path(template).suffix not in _READ:
        return False
    return name is None or template.partition("/")[0] in {name, "blocks"}


def _each_once(faults: Iterable[Fault]) -> list[Fault]:
    order = list(Level)
    once: dict[tuple[str, str], Fault] = {}
    for each in faults:
        once.setdefault((each.where, each.text), each)
    return sorted(once.values(), key=lambda each: (order.index(each.level), _place(each.where)))


def _place(where: str) -> list[str | int]:
    """Line 9 before line 31."""
    return [int(it) if it.isdecimal() else it for it in re.split(r"(\d+)", where)]


# -- reading -----------------------------------------------------------------------------------


def _read(where: tuple[Path, ...], name: str) -> list[Fault]:
    return [_broken("syntax", each) for each in templating.faults(where, name)]


def _broken(check: str, error: BrokenTemplate) -> Fault:
    return Fault(check, Level.ERROR, error.facts["place"], error.facts["why"])


def _unknown_names(home: Path, where: tuple[Path, ...], named: list[str]) -> Iterator[Fault]:
    """Names that a home's letter or page asks for and that ours, in whose place it stands, do not
    know: filled, it would refuse. A letter is not filled here: each has facts of its own.
    """
    pages = templating.environment(where)
    for name in (it for it in named if it.partition("/")[0] in _NOT_FILLED):
        path = home / "templates" / name
        try:
            tree = pages.parse(path.read_text(encoding="utf-8"))
        except (TemplateError, ValueError, OSError):  # which reading has said already
            continue
        for unknown in sorted(_names(tree) - _known_to_ours()):
            line = _line_of(tree, unknown)
            place = _("{path}, Zeile {line}").format(path=path, line=line)
            said = _("„{name}“ kennt keine unserer Vorlagen; vielleicht verschrieben.")
            yield Fault("unknown-name", Level.WARNING, place, said.format(name=unknown))


_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


@cache
def _known_to_ours() -> frozenset[str]:
    """Every name that stands in the Jinja of one of ours, and what each template may call."""
    found: set[str] = set(templating.environment(templating.folders(None)).globals)
    for name, path in making.ours().items():
        if Path(name).suffix in _READ:
            pieces = _JINJA.findall(path.read_text(encoding="utf-8"))
            found.update(re.findall(r"[A-Za-z_]\w*", " ".join(pieces)))
    return frozenset(found)


def _names(tree: nodes.Template) -> set[str]:
    attributes = {it.attr for it in tree.find_all(nodes.Getattr)}
    return attributes | meta.find_undeclared_variables(tree)


def _line_of(tree: nodes.Template, name: str) -> int:
    asked = (*tree.find_all(nodes.Getattr), *tree.find_all(nodes.Name))
    return next(
        it.lineno for it in asked if name in {getattr(it, "attr", ""), getattr(it, "name", "")}
    )


# -- filling -----------------------------------------------------------------------------------


def _filled(
    settings: Settings, where: tuple[Path, ...], look: str, now: datetime
) -> Iterator[Fault]:
    """A newsletter's templates with content: in both languages, and by night."""
    shown = masthead_of(settings, look)
    for language in LANGUAGES:
        with speaking(language):
            content = specimens.ordinary(shown, language)
        yield from _of_issue(settings, where, content, now)
    yield from _of_issue(
        settings, where, specimens.nastiest(shown, settings.language), now, dark=True
    )


def masthead_of(settings: Settings, look: str) -> Masthead:
    """The masthead of the newsletter that looks so; of the first one, if none does yet."""
    slugs = [slug for slug, it in settings.newsletters.items() if it.template == look]
    shown = settings.masthead(slugs[0] if slugs else next(iter(settings.newsletters)))
    return replace(shown, template=look)


def _of_issue(
    settings: Settings,
    where: tuple[Path, ...],
    content: IssueContent,
    now: datetime,
    *,
    dark: bool = False,
) -> Iterator[Fault]:
    wrong = rendering.mistakes(content, where)
    if wrong:
        yield from (_broken("template", each) for each in wrong)
        return
    made = rendering.render(content, where)
    yield from _of_mail(settings, where, content, made, now)
    if not dark:
        return
    by_night = replace(made, html=night.by_night(made.html))
    for fault in _of_mail(settings, where, content, by_night, now):
        if fault.check == "contrast":
            yield replace(fault, text=_("Bei Nacht: {text}").format(text=fault.text))


def _of_mail(
    settings: Settings,
    where: tuple[Path, ...],
    content: IssueContent,
    made: Edition,
    now: datetime,
) -> Iterator[Fault]:
    name = content.masthead.template
    for file, part in _parts(made):
        facts = Facts(now=now, zone=settings.zone, edition=part)
        place = next(path for at in where if (path := at / name / file).is_file())
        for it in edition.findings(content, facts):
            if it.check not in _NOT_OURS and (part.html or it.check in _IN_BOTH):
                lacks = _lacking(place, it.check)
                yield Fault(it.check, it.level, lacks[0], it.wrong + lacks[1])


_IN_BOTH = {"unsubscribe": "subscription", "imprint": "imprint"}  # and what makes it in HTML


def _parts(made: Edition) -> Iterator[tuple[str, Edition]]:
    """The file that each part of a mail comes from, and the mail with this part only."""
    yield "issue.mjml", replace(made, text="")
    yield "issue.txt", replace(made, html="")


def _lacking(file: Path, check: str) -> tuple[str, str]:
    """Where something belongs that a template lacks, and what makes it; else the file alone."""
    if check not in _IN_BOTH:
        return str(file), ""
    call, block = ("foot", "block footer") if file.suffix == ".mjml" else ("part", "footer")
    made = f"{call}.{_IN_BOTH[check] if call == 'foot' else 'footer'}()"
    said = _(" Es entsteht mit {call}.").format(call=f"{{{{ {made} }}}}")
    lines = file.read_text(encoding="utf-8").splitlines()
    at = next((n for n, each in enumerate(lines, 1) if block in each), None)
    return (_("{path}, Zeile {line}").format(path=file, line=at) if at else str(file)), said
