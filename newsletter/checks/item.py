"""What is wrong with one item."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from newsletter.content import Audience, EventState, Finding, Item, Kind, Level, PictureUse, When
from newsletter.rhythm import in_words

from .facts import Facts
from .words import links, placeholder, says_nothing, wrong_with

_FILE_NAME = re.compile(r"\S+\.(?:jpe?g|png|gif|webp|tiff?|heic|bmp)", re.IGNORECASE)
SHORTEST_ALT, LONGEST_ALT = 10, 250


def findings(item: Item, facts: Facts) -> Iterator[Finding]:
    """Everything that is wrong with an item."""
    for check in _CHECKS:
        yield from check(item, facts)


def _found(check: str, level: Level, item: Item, wrong: str, mend: str | None = None) -> Finding:
    if mend is None:
        mend = f"Bitte ändern: newsletter queue edit {item.reference}"
    return Finding(check, level, item.reference, f"{wrong} {mend}".rstrip())


def over(when: When, zone: ZoneInfo) -> datetime:
    """The moment at which a date is over; a whole day lasts to its midnight."""
    last = when.ends or when.starts
    if isinstance(last, datetime):
        return last
    return datetime.combine(last + timedelta(days=1), time(), zone)


def _past_date(item: Item, facts: Facts) -> Iterator[Finding]:
    if item.when is None:
        return
    end = over(item.when, facts.zone)
    if end <= facts.now:
        wrong = f"Der Termin ist seit {in_words(end, facts.zone)} vorbei."
        yield _found("past-date", Level.ERROR, item, wrong, _correct(item, facts))
    elif end <= facts.leaves:
        # The rhythm may still be overruled by an earlier time.
        level = Level.ERROR if facts.fixed else Level.WARNING
        wrong = (
            f"Der Termin endet am {in_words(end, facts.zone)},"
            f" versendet wird erst am {in_words(facts.leaves, facts.zone)}."
        )
        yield _found("past-date", level, item, wrong, _correct(item, facts))


def _take_out(item: Item, facts: Facts) -> str:
    """Nothing for an item that stands in no issue."""
    if not facts.issue_id:
        return ""
    return f"Bitte herausnehmen: newsletter issue remove {facts.issue_id} {item.reference}"


def _correct(item: Item, facts: Facts) -> str:
    correct = f"berichtigen: newsletter queue edit {item.reference}"
    out = _take_out(item, facts)
    return f"{out} (oder {correct})" if out else f"Bitte {correct}"


def _registration(item: Item, facts: Facts) -> Iterator[Finding]:
    if item.register_by and item.register_by <= facts.leaves:
        last = in_words(item.register_by, facts.zone)
        wrong = f"Der Anmeldeschluss ({last}) ist beim Versand vorbei."
        yield _found("registration-over", Level.WARNING, item, wrong)


def _event_state(item: Item, facts: Facts) -> Iterator[Finding]:
    if item.event_state is not EventState.ON:
        word = "abgesagt" if item.event_state is EventState.CANCELLED else "verschoben"
        yield _found(
            "event-state", Level.WARNING, item, f"Der Termin ist {word}.", _take_out(item, facts)
        )


def _embargo(item: Item, facts: Facts) -> Iterator[Finding]:
    if item.embargo_until is None or item.embargo_until <= facts.now:
        return
    until = in_words(item.embargo_until, facts.zone)
    if item.embargo_until > facts.leaves:
        wrong = f"Die Sperrfrist endet am {until}, also nach dem Versand."
        yield _found("embargo", Level.ERROR, item, wrong, _take_out(item, facts))
    elif not facts.fixed:
        wrong = f"Die Sperrfrist endet am {until}."
        yield _found("embargo", Level.HINT, item, wrong, "Früher wird die Ausgabe nicht versendet.")


def _audience(item: Item, facts: Facts) -> Iterator[Finding]:
    if item.reach is Audience.MEMBERS and facts.audience is Audience.PUBLIC:
        wrong = "Der Beitrag ist nur für Mitglieder bestimmt, die Ausgabe ist öffentlich."
        yield _found("audience", Level.ERROR, item, wrong, _take_out(item, facts))


def _unusable(item: Item, facts: Facts) -> Iterator[Finding]:
    if why := facts.unusable.get(item.reference):
        yield _found("unusable", Level.ERROR, item, why, _take_out(item, facts))


def _newer(item: Item, facts: Facts) -> Iterator[Finding]:
    newest = facts.newer.get(item.reference, item.revision)
    if newest > item.revision:
        wrong = (
            f"In der Ausgabe steht Fassung {item.revision}, inzwischen gibt es Fassung {newest}."
        )
        mend = f"Die neue nehmen: newsletter issue add {facts.issue_id} {item.reference}"
        yield _found("newer-revision", Level.WARNING, item, wrong, mend)


def _picture(item: Item, _facts: Facts) -> Iterator[Finding]:
    if item.picture is None:
        return
    if not item.picture.decorative:
        yield from _alt_text(item, item.picture)
    if not item.picture.credit:
        wrong = "Dem Bild fehlt der Bildnachweis (§ 13 UrhG)."
        yield _found("picture-credit", Level.WARNING, item, wrong)


def _alt_text(item: Item, picture: PictureUse) -> Iterator[Finding]:
    alt = (picture.alt or "").strip()
    if not alt:
        wrong = "Dem Bild fehlt der Alternativtext: Was ist zu sehen? (Oder: schmückend.)"
        yield _found("alt-text", Level.ERROR, item, wrong)
    elif _FILE_NAME.fullmatch(alt):
        wrong = f"Der Alternativtext „{alt}“ ist ein Dateiname und sagt nicht, was zu sehen ist."
        yield _found("alt-text", Level.HINT, item, wrong)
    elif len(alt) < SHORTEST_ALT:
        wrong = f"Der Alternativtext „{alt}“ ist sehr kurz; beschreibt er, was zu sehen ist?"
        yield _found("alt-text", Level.HINT, item, wrong)
    elif len(alt) > LONGEST_ALT:
        wrong = (
            f"Der Alternativtext hat {len(alt)} Zeichen; mehr als {LONGEST_ALT} liest niemand vor."
        )
        yield _found("alt-text", Level.WARNING, item, wrong)


def _texts(item: Item) -> Iterator[tuple[str, str]]:
    yield "Titel", item.title
    yield "Teaser", item.teaser
    yield "Text", item.body
    yield "Ort", item.location or ""
    yield "Herausforderung", item.challenge or ""
    yield "Lösung", item.solution or ""
    yield "Ergebnis", item.result or ""
    if item.picture:
        yield "Alternativtext", item.picture.alt or ""
        yield "Bildnachweis", item.picture.credit or ""


def _placeholder(item: Item, _facts: Facts) -> Iterator[Finding]:
    for name, text in _texts(item):
        if left := placeholder(text):
            wrong = f"{name}: Hier steht noch der Platzhalter „{left}“."
            yield _found("placeholder", Level.ERROR, item, wrong)


def _links(item: Item, _facts: Facts) -> Iterator[Finding]:
    if item.link and (why := wrong_with(item.link)):
        yield _found("link", Level.ERROR, item, f"Der Link „{item.link}“ geht nicht: {why}")
    for name, text in _texts(item):
        if name in {"Text", "Herausforderung", "Lösung", "Ergebnis"}:
            yield from _links_in(item, name, text)


def _links_in(item: Item, name: str, text: str) -> Iterator[Finding]:
    used, halves = links(text)
    for half in halves:
        wrong = f"{name}: „{half}“ sieht nach einem missglückten Link aus."
        mend = f"So geht es: [Worte](https://…). newsletter queue edit {item.reference}"
        yield _found("link", Level.ERROR, item, wrong, mend)
    for address, words in used:
        if why := wrong_with(address):
            yield _found(
                "link", Level.ERROR, item, f"{name}: Der Link „{address}“ geht nicht: {why}"
            )
        elif says_nothing(words):
            wrong = f"{name}: Der Linktext „{words}“ sagt allein nichts, etwa beim Vorlesen."
            yield _found("link-text", Level.HINT, item, wrong)


# (field, hint from, warning from), in characters
_LIMITS: tuple[tuple[str, str, int, int], ...] = (
    ("title", "Der Titel", 80, 110),
    ("teaser", "Der Teaser", 500, 700),
    ("body", "Der Text", 3_000, 5_000),
    ("challenge", "Die Herausforderung", 600, 900),
    ("solution", "Die Lösung", 600, 900),
    ("result", "Das Ergebnis", 600, 900),
)


def _lengths(item: Item, _facts: Facts) -> Iterator[Finding]:
    for field, name, hint, warning in _LIMITS:
        length = len(getattr(item, field) or "")
        if length > hint:
            level = Level.WARNING if length > warning else Level.HINT
            wrong = f"{name} hat {length} Zeichen; gut sind höchstens {hint}."
            yield _found(f"{field}-length", level, item, wrong)


def _story(item: Item, _facts: Facts) -> Iterator[Finding]:
    told = item.result or len(item.body) > 400  # a narrative needs no boxes (DOMAIN §1.2)
    if item.kind is Kind.SUCCESS_STORY and not told:
        wrong = "Der Erfolgsgeschichte fehlt ein Ergebnis."
        yield _found("story-incomplete", Level.HINT, item, wrong)


_CHECKS: tuple[Callable[[Item, Facts], Iterator[Finding]], ...] = (
    _past_date,
    _embargo,
    _audience,
    _unusable,
    _event_state,
    _registration,
    _placeholder,
    _picture,
    _links,
    _newer,
    _lengths,
    _story,
)
