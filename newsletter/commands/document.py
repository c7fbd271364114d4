"""A document that people edit: facts on top, a text below; problems come back at their line.

    ---
    # a line that explains
    kind: news
    title: Lichtwerk Havelbogen: Silber-Label erneut bestätigt
    teaser: Ein Absatz,
      der eingerückt weitergeht.
    ---
    Der Text, in Markdown.

A line that begins with ``#!`` tells a problem; it is ours, and reading drops it.
"""

import json
import re
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import typer

from newsletter.commands import texteditor
from newsletter.commands.asking import at_a_terminal, yes
from newsletter.commands.context import invocation, warn
from newsletter.errors import Invalid, NewsletterError, Problem, Refused, unreadable
from newsletter.language import N_, _

T = TypeVar("T")

FENCE = "---"
COMPLAINT = "#!"
_FIELD = re.compile(r"([A-Za-z_]+)\s*:(.*)")
LONGEST = 1_000_000  # characters; nobody types more


class NothingToRead(Refused):
    sentence = N_(
        "Ohne Terminal bitte eine Datei angeben, oder „-“ für die Standardeingabe:"
        " newsletter {command} DATEI"
    )


class NothingToReadOverSsh(Refused):
    sentence = N_(
        "Ohne Terminal bitte „-“ angeben und die eigene Datei durchleiten:"
        " ssh … {command} - < datei. Mit Terminal: ssh -t … {command}"
    )


class Unreadable(Refused):
    sentence = N_("{file} ist nicht lesbar: {why}")


class Kept(Refused):
    sentence = N_("{why}\nIhr Text liegt mit Anmerkungen (Zeilen mit #!) in {file}")


class KeptToEdit(Kept):
    sentence = N_(
        "{why}\nIhr Text liegt mit Anmerkungen (Zeilen mit #!) in {file}\n"
        "Danach: newsletter {command} {file}"
    )


class KeptAsTyped(Refused):
    """What went wrong, with the exit code that it has without a text to keep."""

    sentence = N_("{why}\nIhr Text liegt in {file}")

    def __init__(self, why: NewsletterError, file: Path) -> None:
        super().__init__(why=why, file=file)
        self.exit_code = why.exit_code  # type: ignore[misc]


@dataclass(slots=True)
class Document:
    """What was read, and the line (from 1) at which each thing stands."""

    values: dict[str, str] = field(default_factory=dict)
    body: str = ""
    json: dict[str, object] | None = None  # it was JSON instead
    lines: dict[str, int] = field(default_factory=dict)


def read(text: str) -> Document:
    """Take a document apart. Invalid if the lines on top are no facts."""
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        return Document(json=_read_json(text))
    lines = without_complaints(text).split("\n")
    start = next((n for n, line in enumerate(lines) if line.strip()), len(lines))
    if start == len(lines) or lines[start].strip() != FENCE:
        wrong = _("Am Anfang steht eine Zeile mit ---, darunter Angaben.")
        raise Invalid([Problem("line 1", wrong)])
    end = next((n for n, line in enumerate(lines) if n > start and line.rstrip() == FENCE), None)
    if end is None:
        wrong = _("Nach den Angaben fehlt die Zeile mit ---.")
        raise Invalid([Problem(f"line {start + 1}", wrong)])
    document = Document(body="\n".join(lines[end + 1 :]))
    document.lines["body"] = end + 2
    _read_facts(document, lines[start + 1 : end], start + 2)
    return document


def _read_json(text: str) -> dict[str, object]:
    try:
        found = json.loads(text.removeprefix("\ufeff"))
    except ValueError as exc:
        number = getattr(exc, "lineno", 1)
        wrong = _("So ist es kein JSON ({why}).").format(why=exc)
        raise Invalid([Problem(f"line {number}", wrong)]) from exc
    if not isinstance(found, dict):
        raise Invalid([Problem("line 1", _("Erwartet wird ein Objekt: {…}."))])
    return found


def without_complaints(text: str) -> str:
    """The document as it was typed, with plain line ends."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(line for line in text.split("\n") if not line.startswith(COMPLAINT))


def _read_facts(document: Document, lines: Sequence[str], first: int) -> None:
    problems: list[Problem] = []
    key = ""
    for number, line in enumerate(lines, first):
        if line[:1] in {" ", "\t"} and key:
            document.values[key] += "\n" + line.strip()
        elif not line.strip():
            if key:
                document.values[key] += "\n"
        elif line.startswith("#"):
            key = ""
        elif found := _FIELD.fullmatch(line):
            key = found[1].lower()
            if key in document.values:
                wrong = _("„{name}“ steht schon weiter oben.").format(name=key)
                problems.append(Problem(f"line {number}", wrong))
            document.values[key] = found[2].strip()
            document.lines[key] = number
        else:
            wrong = _("Das ist keine Angabe der Form „name: Wert“ (Fortsetzungen bitte einrücken).")
            problems.append(Problem(f"line {number}", wrong))
    if problems:
        raise Invalid(problems)
    document.values = {name: value.strip() for name, value in document.values.items()}


def fact(name: str, value: object) -> str:
    """One fact as a document shows it; further lines are indented."""
    lines = str("" if value is None else value).splitlines() or [""]
    return "\n".join(
        [f"{name}: {lines[0]}".rstrip(), *(f"  {line}".rstrip() for line in lines[1:])]
    )


# -- problems -----------------------------------------------------------------------------


def line_of(problem: Problem, lines: Mapping[str, int]) -> int | None:
    """Where a problem stands: at its field, or at the line that it names."""
    named = re.fullmatch(r"line (\d+)", problem.field)
    return int(named[1]) if named else lines.get(problem.field)


def annotated(text: str, problems: Sequence[Problem], lines: Mapping[str, int]) -> str:
    """The document with every problem above its line; what has no line stands on top."""
    remarks: dict[int, list[str]] = {}
    for problem in problems:
        at = line_of(problem, lines)
        remark = problem.message if at else f"{problem.field}: {problem.message}"
        remarks.setdefault(at or 1, []).append(f"{COMPLAINT} {' '.join(remark.split())}")
    typed = without_complaints(text).split("\n")
    told = [each for n, line in enumerate(typed, 1) for each in (*remarks.pop(n, ()), line)]
    told += [each for rest in remarks.values() for each in rest]
    return "\n".join(told)


def in_words(problems: Sequence[Problem], lines: Mapping[str, int]) -> str:
    """Problems as lines for the terminal."""
    return "\n".join(_in_words(problem, line_of(problem, lines)) for problem in problems)


def _in_words(problem: Problem, line: int | None) -> str:
    if problem.field.startswith("line "):
        said = problem.message
    else:
        said = f"{problem.field}: {problem.message}"
    return _("Zeile {line}, {problem}").format(line=line, problem=said) if line else said


# -- from file, standard input or editor --------------------------------------------------


def carry(
    command: str,
    file: str | None,
    pattern: Callable[[], str],
    take: Callable[[Document], T],
    lines_of: Callable[[Document], Mapping[str, int]] = lambda document: document.lines,
) -> T | None:
    """Get a document and hand it over; None if an editor left it unchanged.

    What cannot be taken is kept in a file that is named, with its problems as comments; at a
    terminal the editor opens again if the person wants. Until it is taken, what was typed lies
    in a file, whatever happens meanwhile.
    """
    draft = _draft(command)
    typed = _given(file) if file else _opened(command, pattern, draft)
    if typed is None:
        return None
    while True:
        try:
            with nullcontext() if file and file != "-" else _kept(typed, draft):
                taken = _taken(typed, take, lines_of)
        except Complaint as complaint:
            _keep(draft, complaint.text)
            if file == "-" and invocation.over_ssh is not None:
                print(complaint.text, end="")  # they cannot look into the draft
            if file or not _again(str(complaint), draft):
                kind = KeptToEdit if " edit " in command else Kept
                raise kind(why=complaint, file=draft, command=command) from complaint
            typed = texteditor.opened(complaint.text, draft)
        else:
            _forget(draft)
            _forget(Path(file or "-"))
            return taken


def _forget(file: Path) -> None:
    """A text of ours that was kept is no longer needed once it is taken; others' files stay."""
    if file.resolve().parent == (invocation.settings.home / "drafts").resolve():
        file.unlink(missing_ok=True)


def _opened(command: str, pattern: Callable[[], str], draft: Path) -> str | None:
    """What a person makes of the pattern; None if they leave it as it is."""
    if not at_a_terminal():
        over_ssh = invocation.over_ssh is not None
        raise (NothingToReadOverSsh if over_ssh else NothingToRead)(command=command)
    blank = pattern()
    typed = texteditor.opened(blank, draft)
    if without_complaints(typed).strip() != without_complaints(blank).strip():
        return typed
    draft.unlink(missing_ok=True)
    return None


@contextmanager
def _kept(typed: str, draft: Path) -> Iterator[None]:
    """What was typed lies in the draft whatever goes wrong, and the person hears where."""
    try:
        yield
    except Complaint:
        raise
    except NewsletterError as error:
        raise KeptAsTyped(why=error, file=_keep(draft, typed)) from error
    except BaseException:
        warn(_("Ihr Text liegt in {file}").format(file=_keep(draft, typed)))
        raise


class Complaint(Exception):
    """What is wrong, in words; ``text`` is the document with its remarks, to go on with."""

    def __init__(self, words: str, text: str) -> None:
        super().__init__(words)
        self.text = text


def _taken(
    typed: str, take: Callable[[Document], T], lines_of: Callable[[Document], Mapping[str, int]]
) -> T:
    lines: Mapping[str, int] = {}
    try:
        document = read(typed)
        lines = lines_of(document)
        return take(document)
    except Invalid as wrong:
        problems = wrong.problems
        words = in_words(problems, lines)
        raise Complaint(words, annotated(typed, problems, lines)) from wrong


def _again(words: str, draft: Path) -> bool:
    if not at_a_terminal():
        return False
    warn(words)
    try:
        return yes(_("Noch einmal öffnen?"), default=True)
    except typer.Abort:
        warn(_("Ihr Text liegt in {file}").format(file=draft))
        raise


def _given(file: str) -> str:
    try:
        if file == "-":
            return sys.stdin.read(LONGEST)
        return Path(file).read_text(encoding="utf-8-sig")[:LONGEST]
    except UnicodeDecodeError as exc:
        raise Unreadable(file=file, why=_("es ist kein Text in UTF-8.")) from exc
    except OSError as exc:
        raise Unreadable(file=file, why=unreadable(exc)) from exc


def _draft(command: str) -> Path:
    name = re.sub(r"[^a-z0-9]+", "-", command.lower()).strip("-")
    folder = invocation.settings.home / "drafts"
    folder.mkdir(exist_ok=True)
    when = f"{datetime.now():%Y%m%d-%H%M%S}"  # noqa: DTZ005  (a file's name)
    return folder / f"{name}-{when}-{secrets.token_hex(2)}.md"  # two may begin in one second


def _keep(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
