"""What the register says about a cluster, as it comes from a file or the command line (pure).

    {"slug": "lichtwerk-havelbogen", "name": "Lichtwerk Havelbogen e. V.", "land": "DE-BB",
     "field": ["Mikro-Nano-Opto"], "label": "silver", "label_until": "2029-11-30",
     "website": "https://www.lichtwerk-havelbogen.example",
     "contact_email": "presse@lichtwerk-havelbogen.example"}

``land`` and ``field`` may be one or several; in a CSV several stand in one cell, with ``|``.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from newsletter import texts
from newsletter.content import LAENDER
from newsletter.errors import Invalid, Problem, Refused, sentence_of
from newsletter.language import N_, _
from newsletter.models.cluster import Label
from subscribers.addresses import Address, parse
from subscribers.errors import NotAnAddress

COLUMNS = ("slug", "name", "land", "field", "label", "label_until", "website", "contact_email")
_BY_NAME = {name.casefold(): code for code, name in LAENDER.items()}
_LABELS = {"gold": Label.GOLD, "silver": Label.SILVER, "silber": Label.SILVER} | {
    "bronze": Label.BRONZE
}
T = TypeVar("T")
_SURPLUS = N_("Zeile")  # cells without a heading
_NOTHING = {"", "-", "–", "null", "none", "keins", N_("kein")}


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """One row of the register, understood."""

    slug: str
    name: str
    laender: tuple[str, ...]
    fields: tuple[str, ...]
    label: Label | None
    label_until: date | None
    website: str | None
    contact: Address | None


class UnreadableFile(Refused):
    """The file as a whole cannot be read; ``why`` is a sentence."""

    sentence = "{file}: {why}"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file, and where it stands: „Zeile 3“, „Eintrag 2“."""

    where: str
    facts: Mapping[str, object]


def rows_of(text: str, file: str) -> list[Row]:
    """The rows of a JSON or CSV text. UnreadableFile says what is wrong with the whole."""
    if text.lstrip("\ufeff \t\r\n").startswith(("[", "{")):
        return list(_json_rows(text.lstrip("\ufeff"), file))
    return list(_csv_rows(text.lstrip("\ufeff"), file))


def _json_rows(text: str, file: str) -> Iterator[Row]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as exc:
        why = _("Zeile {line}, Spalte {column}: kein gültiges JSON.")
        raise UnreadableFile(file=file, why=why.format(line=exc.lineno, column=exc.colno)) from exc
    except RecursionError as exc:
        raise UnreadableFile(file=file, why=_("zu tief verschachtelt.")) from exc
    entries = found if isinstance(found, list) else [found]
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict):
            entry = {}
        yield Row(_("Eintrag {number}").format(number=number), entry)


def _csv_rows(text: str, file: str) -> Iterator[Row]:
    head = text.split("\n", 1)[0]
    delimiter = ";" if head.count(";") > head.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    names = [name.strip().casefold() for name in next(reader, [])]
    if "slug" not in names or "name" not in names:
        why = _("In der ersten Zeile fehlen slug und name. Spalten: {columns}.")
        raise UnreadableFile(file=file, why=why.format(columns=", ".join(COLUMNS)))
    for name in names:
        if name and name not in COLUMNS:
            why = _("Zeile 1: die Spalte „{name}“ kennen wir nicht. Bekannt: {columns}.")
            why = why.format(name=name, columns=", ".join(COLUMNS))
            raise UnreadableFile(file=file, why=why)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as exc:
            why = _("Zeile {line}: kein gültiges CSV.").format(line=line)
            raise UnreadableFile(file=file, why=why) from exc
        if any(cell.strip() for cell in cells):
            yield Row(_("Zeile {line}").format(line=line), _named(names, cells))


def _named(names: Sequence[str], cells: Sequence[str]) -> dict[str, object]:
    padded = [*cells, *[""] * (len(names) - len(cells))]
    row: dict[str, object] = dict(zip(names, padded, strict=False))
    surplus = [*(cells[len(names) :]), row.pop("", "")]
    if any(str(cell).strip() for cell in surplus):
        row[_SURPLUS] = surplus
    return row


def understood(given: Mapping[str, object]) -> ClusterFacts:
    """The facts of one row. Invalid names every field that is wrong, and the cure."""
    problems = [_unknown(name) for name in given if name not in COLUMNS]

    def ask(name: str, read: Callable[[object], T]) -> T | None:
        try:
            return read(given.get(name))
        except ValueError as exc:
            problems.append(Problem(name, str(exc)))
            return None

    facts = ClusterFacts(
        slug=ask("slug", _slug) or "",
        name=ask("name", _name) or "",
        laender=ask("land", _laender) or (),
        fields=ask("field", _several) or (),
        label=ask("label", _label),
        label_until=ask("label_until", _day),
        website=ask("website", _website),
        contact=ask("contact_email", _contact),
    )
    if problems:
        raise Invalid(problems)
    return facts


def _unknown(name: str) -> Problem:
    if name == _SURPLUS:
        more = _("Die Zeile hat mehr Zellen als die erste. Steht ein Trennzeichen im Text?")
        return Problem(_(_SURPLUS), more)
    unknown = _("Dieses Feld kennen wir nicht. Bekannt: {names}.")
    return Problem(name, unknown.format(names=", ".join(COLUMNS)))


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        said = _("Hier wird ein Text erwartet, nicht {value!r}.")
        raise ValueError(said.format(value=value))  # noqa: TRY004
    return texts.line(value)


def _slug(value: object) -> str:
    slug = _text(value)
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,79}", slug):
        raise ValueError(
            _(
                "„{slug}“ ist kein Kürzel. Erlaubt sind kleine Buchstaben a–z, Ziffern und"
                " Bindestriche, höchstens 80, zum Beispiel lichtwerk-havelbogen."
            ).format(slug=slug)
        )
    return slug


def _name(value: object) -> str:
    name = _text(value)
    if not 1 <= len(name) <= 200:
        raise ValueError(_("Bitte den Namen des Clusters angeben, höchstens 200 Zeichen."))
    return name


def _several(value: object) -> tuple[str, ...]:
    given = value if isinstance(value, list | tuple) else re.split(r"[|;]", _text(value))
    return tuple(dict.fromkeys(each for each in map(_text, given) if each))


def _laender(value: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_land(each) for each in _several(value)))


def _land(text: str) -> str:
    code = _BY_NAME.get(text.casefold(), text.upper())
    if code not in LAENDER:
        said = _("„{text}“ ist kein Land. Möglich: {codes}.")
        raise ValueError(said.format(text=text, codes=", ".join(LAENDER)))
    return code


def _label(value: object) -> Label | None:
    text = _text(value).casefold()
    if text in _NOTHING:
        return None
    if text not in _LABELS:
        raise ValueError(
            _("„{text}“ ist kein Label. Möglich: gold, silver, bronze oder leer.").format(text=text)
        )
    return _LABELS[text]


def _day(value: object) -> date | None:
    text = _text(value)
    if text in _NOTHING:
        return None
    german = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text)
    try:
        if german:
            return date(int(german[3]), int(german[2]), int(german[1]))
        return date.fromisoformat(text)
    except ValueError as exc:
        raise ValueError(
            _("„{text}“ ist kein Tag (Form: 2029-11-30 oder 30.11.2029).").format(text=text)
        ) from exc


def _website(value: object) -> str | None:
    text = _text(value)
    return texts.link(text) if text else None


def _contact(value: object) -> Address | None:
    text = _text(value)
    if not text:
        return None
    try:
        return parse(text)
    except NotAnAddress as exc:
        raise ValueError(sentence_of(exc)) from exc
