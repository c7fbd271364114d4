"""An item as a document: the Submission JSON with explanations, and back."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from newsletter.errors import Invalid, NewsletterError, Problem
from newsletter.language import N_, _
from newsletter.rhythm import on_the_clock

from .document import FENCE, Document, fact

# (what is explained above the fields, their names); body is the text below
_GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (N_("Art: news (Meldung), date (Termin) oder success_story (Erfolgsgeschichte)"), ("kind",)),
    (N_("Titel: eine Zeile, gut sind bis 80 Zeichen"), ("title",)),
    (N_("Teaser: ein Absatz, gut sind bis 500 Zeichen; weitere Zeilen einrücken"), ("teaser",)),
    (N_("Link: mehr dazu, mit https://"), ("link",)),
    (N_("Wo soll es erscheinen? Kürzel der Newsletter, mit Komma getrennt"), ("targets",)),
    (N_("Sprache: de oder en"), ("language",)),
    (N_("Sperrfrist: vorher nirgends zeigen, zum Beispiel 18.01.2027 11:00"), ("embargo_until",)),
    (
        N_(
            "Bild: eine Datei (JPEG, PNG) oder die id eines Bildes; image_alt: was zu sehen ist"
            " („schmückend“, wenn es nichts sagt); image_credit: wer es gemacht hat;"
            " rights_confirmed: ja, wenn die Rechte für Newsletter, Web und Archiv vorliegen"
        ),
        ("image", "image_alt", "image_credit", "rights_confirmed"),
    ),
    (
        N_("Nur Termine: 16.03.2027 9:30, oder nur der Tag für ganztägig"),
        ("starts_at", "ends_at", "location", "online", "register_by"),
    ),
    (N_("Nur Erfolgsgeschichten"), ("challenge", "solution", "result", "quote", "approved_by")),
    (
        N_(
            "Nur für die Redaktion, erscheint nicht: Ansprechperson, wer auf dem Bild ist,"
            " gewünschte Ausgabe (2027-01), warum es jetzt hinein muss, bis wann es aktuell"
            " ist (18.01.2027)"
        ),
        (
            *("contact_name", "contact_email", "persons_shown"),
            *("wish_issue", "urgent_because", "current_until"),
        ),
    ),
)
FIELDS = tuple(name for __, names in _GROUPS for name in names)
_YES = {"ja", "j", "yes", "true", "x", "1"}
_NO = {"nein", "n", "no", "false", "", "0"}
_MOMENTS = ("embargo_until", "starts_at", "ends_at", "register_by", "current_until")
_GERMAN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:,?\s+(\d{1,2})[:.](\d{2})(?:\s*Uhr)?)?")


def written(facts: Mapping[str, object], zone: ZoneInfo, *above: str) -> str:
    """The document; ``above`` are lines before the facts (comments, or facts of their own)."""
    first = _("Zeilen mit # erklären nur. Was leer bleibt, gilt als nicht angegeben.")
    lines = [FENCE, f"# {first}"]
    lines += above
    for explained, names in _GROUPS:
        lines += ["", f"# {_(explained)}"]
        lines += [fact(name, shown(name, facts.get(name), zone)) for name in names]
    return "\n".join([*lines, FENCE, str(facts.get("body", "")), ""])


def numbered(reference: str, revision: int, facts: Mapping[str, object], zone: ZoneInfo) -> str:
    """The document of an item, with the revision that it is made from."""
    above = "# " + _("{reference}; revision bitte nicht ändern").format(reference=reference)
    return written(facts, zone, above, f"revision: {revision}")


def shown(name: str, value: object, zone: ZoneInfo) -> str:
    """A fact as the document has it."""
    if isinstance(value, bool):
        return _("ja") if value else _("nein")
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    if name in _MOMENTS and isinstance(value, str) and value:
        return _as_people_write_it(value, zone)
    return "" if value is None else str(value)


def _as_people_write_it(value: str, zone: ZoneInfo) -> str:
    if "T" not in value:
        return _("{typed:%d.%m.%Y}").format(typed=date.fromisoformat(value))
    moment = datetime.fromisoformat(value)
    spoken = _("{typed:%d.%m.%Y %H:%M}").format(typed=moment.astimezone(zone))
    # Seconds, and the second pass of autumn's doubled hour, only ISO can tell.
    said = _moment(spoken, zone)
    return spoken if said and datetime.fromisoformat(said) == moment else value


def facts_in(
    document: Document, zone: ZoneInfo, unread: list[Problem] | None = None
) -> dict[str, object]:
    """The Submission JSON that a document says. Invalid names values that are none; with
    ``unread`` they are left out and go there, for ``with_unread`` to tell.
    """
    if document.json is not None:
        return dict(document.json)
    facts: dict[str, object] = {"body": document.body, "body_format": "markdown"}
    problems = unread if unread is not None else []
    for name, value in document.values.items():
        try:
            if (said := _value(name, value, zone)) is not None:
                facts[name] = said
        except ValueError as error:
            problems.append(Problem(name, str(error)))
    if problems and unread is None:
        raise Invalid(problems)
    return facts


@contextmanager
def with_unread(unread: Sequence[Problem]) -> Iterator[None]:
    """Tell all mistakes at once: the values that are none, and what is wrong with the rest.

    To be opened within the act, so that nothing is stored even if the rest is sound.
    """
    told = {problem.field for problem in unread}
    try:
        yield
    except NewsletterError as wrong:
        if not unread:
            raise
        found = wrong.problems if isinstance(wrong, Invalid) else ()
        more = (problem for problem in found if problem.field not in told)
        raise Invalid([*unread, *more]) from wrong
    if unread:
        raise Invalid(unread)


def _value(name: str, value: str, zone: ZoneInfo) -> object:
    if name == "targets":
        return [slug for slug in re.split(r"[,;\s]+", value) if slug]
    if name in {"online", "rights_confirmed"}:
        return _yes_or_no(value)
    if name in _MOMENTS:
        return _moment(value, zone)
    if name == "teaser":
        value = " ".join(value.split())
    return value or None


def _yes_or_no(value: str) -> bool:
    said = value.casefold()
    if said not in _YES | _NO:
        raise ValueError(_("Bitte ja oder nein angeben, nicht „{value}“.").format(value=value))
    return said in _YES


def _moment(value: str, zone: ZoneInfo) -> str | None:
    """A day or a moment as people write it, as JSON takes it: with its offset."""
    if not value:
        return None
    if german := _GERMAN.fullmatch(value):
        day = _day(*german.groups()[:3])
        if german[4] is None:
            return day.isoformat()
        return on_the_clock(day, _clock(german[4], german[5]), zone).isoformat()
    if local := re.fullmatch(r"(\d{4}-\d\d-\d\d)[T ](\d\d?):(\d\d)(?::00)?", value):
        day = _day(*reversed(local[1].split("-")))
        return on_the_clock(day, _clock(local[2], local[3]), zone).isoformat()
    return value


def _day(day: str, month: str, year: str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError as exc:
        wrong = _("Den {day}.{month}.{year} gibt es nicht.")
        raise ValueError(wrong.format(day=day, month=month, year=year)) from exc


def _clock(hour: str, minute: str) -> time:
    try:
        return time(int(hour), int(minute))
    except ValueError as exc:
        wrong = _("{hour}:{minute} ist keine Uhrzeit.")
        raise ValueError(wrong.format(hour=hour, minute=minute)) from exc
