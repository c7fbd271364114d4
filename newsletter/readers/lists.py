"""A list of readers as a CSV file: good rows, and a sentence at the line of each bad one.

    email;name;language;evidence;consented_at;edition
    ada@leser.example;Ada Leser;de;Anmeldebogen Jahrestagung 2025;12.05.2025;full

UTF-8 with or without byte order mark, separated by ``;``, ``,`` or tabs, as spreadsheet
programs write it. Only ``email`` is required; a row without evidence takes the one handed in.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from newsletter.errors import Invalid, Problem, sentence_of
from newsletter.language import _
from newsletter.settings import Settings
from subscribers.addresses import parse
from subscribers.errors import NotAnAddress
from subscribers.imports import Newcomer
from subscribers.models import EditionChoice

COLUMNS = ("email", "name", "language", "evidence", "consented_at", "edition")
LONGEST_NAME = 200
_FIRST_YEAR = 1990  # before, nobody consented to a newsletter; it is a slip
_GERMAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Row:
    """A good row and its line (from 1, the header is line 1)."""

    line: int
    newcomer: Newcomer


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not taken: its line, its address as it stands there, and why."""

    line: int
    email: str
    message: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """An opened list. ``ignored`` names columns that we have no use for."""

    ignored: tuple[str, ...]
    rows: Iterator[Row | Refusal]


@dataclass(frozen=True, slots=True)
class Frame:
    """What every row of one list needs to know."""

    heads: tuple[str, ...]
    evidence: str | None
    language: str
    zone: ZoneInfo
    now: datetime


class _Lines(Protocol):
    """What csv.reader gives."""

    line_num: int  # of the physical line read last

    def __next__(self) -> list[str]: ...


class BadCell(ValueError):
    """One cell that makes its row a bad one; the text is the sentence."""


def read_csv(content: bytes, settings: Settings, evidence: str | None, now: datetime) -> Sheet:
    """Open a list. Invalid if no row of it can be read; the rows come as they are asked for."""
    text = _decoded(content)
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(first))
    try:
        heads = tuple(head.strip().casefold() for head in next(reader, []))
    except csv.Error as exc:
        raise _unreadable(_("Die Kopfzeile ist kein CSV ({reason}).").format(reason=exc)) from exc
    _check(heads)
    frame = Frame(heads, (evidence or "").strip() or None, settings.language, settings.zone, now)
    ignored = tuple(head for head in heads if head and head not in COLUMNS)
    return Sheet(ignored, _rows(reader, frame))


def newcomer(given: Mapping[str, str], frame: Frame) -> Newcomer:
    """One row's cells by their column. BadCell or NotAnAddress says what is wrong."""
    torn = next((head for head, cell in given.items() if "\n" in cell or "\r" in cell), None)
    if torn is not None:
        several = _(
            "Das Feld {name} reicht über mehrere Zeilen; fehlt ein Anführungszeichen am Ende?"
            " Auch die Zeilen darin wurden nicht übernommen."
        )
        raise BadCell(several.format(name=torn))
    return Newcomer(
        address=parse(given.get("email", "")),
        evidence=_evidence(given.get("evidence", ""), frame),
        name=named(given.get("name", "")),
        language=_language(given.get("language", ""), frame),
        consented_at=_moment(given.get("consented_at", ""), frame),
        edition=_edition(given.get("edition", "")),
    )


def _unreadable(message: str) -> Invalid:
    return Invalid([Problem(_("Datei"), message)])


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = content.count(b"\n", 0, exc.start) + 1
        wrong = _(
            "Zeile {line} ist nicht in UTF-8 gespeichert; es wurde nichts übernommen."
            " In Excel: „Speichern unter“, Dateityp „CSV UTF-8“."
        )
        raise _unreadable(wrong.format(line=line)) from exc


def _separator(first_line: str) -> str:
    return max(",;\t", key=first_line.count)


def _check(heads: tuple[str, ...]) -> None:
    if not any(heads):
        raise _unreadable(_("Sie ist leer. Erwartet wird eine Kopfzeile mit der Spalte email."))
    if "email" not in heads:
        if any("@" in head for head in heads):
            headless = _(
                "Die erste Zeile nennt keine Spalten. Bitte eine Kopfzeile einfügen:"
                " {columns} (nur email ist nötig)."
            )
            raise _unreadable(headless.format(columns=";".join(COLUMNS)))
        lacking = _("Die Spalte email fehlt; gefunden: {found}. Bekannt sind {columns}.")
        found = ", ".join(filter(None, heads))
        raise _unreadable(lacking.format(found=found, columns=", ".join(COLUMNS)))
    twice = sorted({head for head in heads if head in COLUMNS and heads.count(head) > 1})
    if twice:
        said = _("Die Spalte {names} steht zweimal da.")
        raise _unreadable(said.format(names=", ".join(twice)))


def _rows(reader: _Lines, frame: Frame) -> Iterator[Row | Refusal]:
    line = 2
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as exc:
            yield Refusal(line, "", _("Die Zeile ist kein CSV ({reason}).").format(reason=exc))
            line = reader.line_num + 1
            continue
        if any(cell.strip() for cell in cells):
            yield _row(line, cells, frame)
        line = reader.line_num + 1


def _row(line: int, cells: list[str], frame: Frame) -> Row | Refusal:
    given = dict(zip(frame.heads, (cell.strip() for cell in cells), strict=False))
    try:
        if len(cells) > len(frame.heads) and any(cells[len(frame.heads) :]):
            raise BadCell(
                _(
                    "Die Zeile hat mehr Felder als die Kopfzeile Spalten;"
                    " ein Feld mit Trennzeichen gehört in Anführungszeichen."
                )
            )
        return Row(line, newcomer(given, frame))
    except (BadCell, NotAnAddress) as exc:
        return Refusal(line, given.get("email", "").partition("\n")[0], told(exc))


def told(wrong: BadCell | NotAnAddress) -> str:
    """The sentence about a bad row."""
    return sentence_of(wrong) if isinstance(wrong, NotAnAddress) else str(wrong)


def _evidence(cell: str, frame: Frame) -> str:
    text = cell.strip() or frame.evidence
    if text is None:
        raise BadCell(
            _(
                "Der Nachweis der Einwilligung fehlt. Bitte die Spalte evidence füllen"
                " oder --evidence TEXT für alle angeben."
            )
        )
    return text


def named(cell: str) -> str | None:
    """What a person calls themselves; None: nothing. BadCell."""
    name = unicodedata.normalize("NFC", " ".join(cell.split()))
    if len(name) > LONGEST_NAME:
        raise BadCell(_("Der Name ist länger als {most} Zeichen.").format(most=LONGEST_NAME))
    if any(unicodedata.category(letter) in {"Cc", "Cf", "Co", "Zl", "Zp"} for letter in name):
        raise BadCell(_("Der Name enthält unsichtbare Steuerzeichen."))
    return name or None


def _language(cell: str, frame: Frame) -> str:
    language = cell.lower() or frame.language
    if not re.fullmatch(r"[a-z]{2}", language):
        raise BadCell(_("Die Sprache „{cell}“ hat nicht die Form de oder en.").format(cell=cell))
    return language


def _edition(cell: str) -> EditionChoice:
    known = [each.value for each in EditionChoice]
    if cell and cell.lower() not in known:
        wrong = _("Die Fassung „{cell}“ gibt es nicht. Möglich: {names}.")
        raise BadCell(wrong.format(cell=cell, names=", ".join(known)))
    return EditionChoice(cell.lower()) if cell else EditionChoice.FULL


def _moment(cell: str, frame: Frame) -> datetime | None:
    if not cell:
        return None
    german = _GERMAN_DAY.fullmatch(cell)
    day = f"{german[3]}-{german[2]:0>2}-{german[1]:0>2}{german[4]}" if german else cell
    try:
        moment = datetime.fromisoformat(day)
    except ValueError:
        raise BadCell(
            _("consented_at „{cell}“ ist kein Tag wie 2025-05-12 oder 12.05.2025.").format(
                cell=cell
            )
        ) from None
    if moment.year < _FIRST_YEAR:
        raise BadCell(_("consented_at „{cell}“ liegt zu weit zurück.").format(cell=cell))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=frame.zone)
    if moment > frame.now:
        raise BadCell(_("consented_at „{cell}“ liegt in der Zukunft.").format(cell=cell))
    return moment
