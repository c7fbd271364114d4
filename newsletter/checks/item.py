"""What is wrong with one item."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from newsletter.content import Audience, EventState, Finding, Item, Kind, Level, PictureUse, When
from newsletter.language import N_, _
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
        mend = _("Bitte ändern: newsletter queue edit {item}").format(item=item.reference)
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
        wrong = _("Der Termin ist seit {when} vorbei.").format(when=in_words(end, facts.zone))
        yield _found("past-date", Level.ERROR, item, wrong, _correct(item, facts))
    elif end <= facts.leaves:
        # The rhythm may still be overruled by an earlier time.
        level = Level.ERROR if facts.fixed else Level.WARNING
        wrong = _("Der Termin endet am {end}, versendet wird erst am {leaves}.")
        leaves = in_words(facts.leaves, facts.zone)
        wrong = wrong.format(end=in_words(end, facts.zone), leaves=leaves)
        yield _found("past-date", level, item, wrong, _correct(item, facts))


def _take_out(item: Item, facts: Facts) -> str:
    """Nothing for an item that stands in no issue."""
    if not facts.issue_id:
        return ""
    mend = _("Bitte herausnehmen: newsletter issue remove {issue} {item}")
    return mend.format(issue=facts.issue_id, item=item.reference)


def _correct(item: Item, facts: Facts) -> str:
    mend = _("Bitte berichtigen: newsletter queue edit {item}")
    if facts.issue_id:
        mend = _(
            "Bitte herausnehmen: newsletter issue remove {issue} {item}"
            " (oder berichtigen: newsletter queue edit {item})"
        )
    return mend.format(issue=facts.issue_id, item=item.reference)


def _registration(item: Item, facts: Facts) -> Iterator[Finding]:
    if item.register_by and item.register_by <= facts.leaves:
        last = in_words(item.register_by, facts.zone)
        wrong = _("Der Anmeldeschluss ({last}) ist beim Versand vorbei.").format(last=last)
        yield _found("registration-over", Level.WARNING, item, wrong)


def _event_state(item: Item, facts: Facts) -> Iterator[Finding]:
    if item.event_state is not EventState.ON:
        cancelled = item.event_state is EventState.CANCELLED
        wrong = _("Der Termin ist abgesagt.") if cancelled else _("Der Termin ist verschoben.")
        yield _found("event-state", Level.WARNING, item, wrong, _take_out(item, facts))


def _embargo(item: Item, facts: Facts) -> Iterator[Finding]:
    if item.embargo_until is None or item.embargo_until <= facts.now:
        return
    until = in_words(item.embargo_until, facts.zone)
    if not facts.issue_id and facts.send_at is None:  # no sending yet
        wrong = _("Die Sperrfrist endet am {until}. Von selbst kommt der Beitrag erst dann hinein.")
        yield _found("embargo", Level.WARNING, item, wrong.format(until=until), "")
    elif item.embargo_until > facts.leaves:
        wrong = _("Die Sperrfrist endet am {until}, also nach dem Versand.").format(until=until)
        yield _found("embargo", Level.ERROR, item, wrong, _take_out(item, facts))
    elif not facts.fixed:
        wrong = _("Die Sperrfrist endet am {until}. Früher wird die Ausgabe nicht versendet.")
        yield _found("embargo", Level.HINT, item, wrong.format(until=until), "")


def _audience(item: Item, facts: Facts) -> Iterator[Finding]:
    if item.reach is Audience.MEMBERS and facts.audience is Audience.PUBLIC:
        wrong = _("Der Beitrag ist nur für Mitglieder bestimmt, die Ausgabe ist öffentlich.")
        yield _found("audience", Level.ERROR, item, wrong, _take_out(item, facts))


def _unusable(item: Item, facts: Facts) -> Iterator[Finding]:
    if why := facts.unusable.get(item.reference):
        yield _found("unusable", Level.ERROR, item, why, _take_out(item, facts))


def _newer(item: Item, facts: Facts) -> Iterator[Finding]:
    newest = facts.newer.get(item.reference, item.revision)
    if item.reference in facts.agreed:  # that text stays, whatever was edited since
        yield from _not_agreed(item, facts)
    elif newest > item.revision:
        wrong = _(
            "In der Ausgabe steht Fassung {here}, inzwischen gibt es Fassung {newest}."
            " Die neue nehmen: newsletter issue add {issue} {item}"
        )
        names = {"issue": facts.issue_id, "item": item.reference}
        wrong = wrong.format(here=item.revision, newest=newest, **names)
        yield _found("newer-revision", Level.WARNING, item, wrong, "")


def _not_agreed(item: Item, facts: Facts) -> Iterator[Finding]:
    agreed = facts.agreed[item.reference]
    if agreed != item.revision:
        wrong = _(
            "Für den Vorrat zugesagt ist Fassung {agreed}, in der Ausgabe steht Fassung {here}."
            " Eine Zusage zur neuesten ablegen: newsletter stories add {item}"
        )
        wrong = wrong.format(agreed=agreed, here=item.revision, item=item.reference)
        yield _found("agreed-revision", Level.WARNING, item, wrong, "")


def _wish(item: Item, facts: Facts) -> Iterator[Finding]:
    if item.reference in facts.wished:
        wrong = _("Die Ansprechperson wünscht eine Änderung: newsletter queue change {item}")
        yield _found("wish", Level.WARNING, item, wrong.format(item=item.reference), "")
    elif (until := facts.objections.get(item.reference)) and until > facts.now:
        wrong = _("Die Ansprechperson kann bis {until} sagen, was an der Bearbeitung nicht stimmt.")
        wrong = wrong.format(until=in_words(until, facts.zone))
        yield _found("objections", Level.HINT, item, wrong, "")


def _picture(item: Item, facts: Facts) -> Iterator[Finding]:
    if item.picture is None:
        return
    if wrong := facts.harmed.get(item.reference):
        mend = _(
            "Bitte aus der Sicherung zurückholen, oder ein anderes Bild nehmen (oder keines):"
            " newsletter queue edit {reference}"
        ).format(reference=item.reference)
        yield _found("picture-file", Level.ERROR, item, wrong, mend)
    if not item.picture.decorative:
        yield from _alt_text(item, item.picture)
    if not item.picture.credit:
        wrong = _("Dem Bild fehlt der Bildnachweis (§ 13 UrhG).")
        yield _found("picture-credit", Level.WARNING, item, wrong)


def _alt_text(item: Item, picture: PictureUse) -> Iterator[Finding]:
    alt = (picture.alt or "").strip()
    if not alt:
        wrong = _("Dem Bild fehlt der Alternativtext: Was ist zu sehen? (Oder: schmückend.)")
        yield _found("alt-text", Level.ERROR, item, wrong)
    elif _FILE_NAME.fullmatch(alt):
        wrong = _("Der Alternativtext „{alt}“ ist ein Dateiname und sagt nicht, was zu sehen ist.")
        yield _found("alt-text", Level.HINT, item, wrong.format(alt=alt))
    elif len(alt) < SHORTEST_ALT:
        wrong = _("Der Alternativtext „{alt}“ ist sehr kurz; beschreibt er, was zu sehen ist?")
        yield _found("alt-text", Level.HINT, item, wrong.format(alt=alt))
    elif len(alt) > LONGEST_ALT:
        wrong = _("Der Alternativtext hat {length} Zeichen; mehr als {most} liest niemand vor.")
        wrong = wrong.format(length=len(alt), most=LONGEST_ALT)
        yield _found("alt-text", Level.WARNING, item, wrong)


def _texts(item: Item) -> Iterator[tuple[str, str]]:
    yield _("Titel"), item.title
    yield _("Teaser"), item.teaser
    yield from _markdown(item)
    yield _("Ort"), item.location or ""
    if item.picture:
        yield _("Alternativtext"), item.picture.alt or ""
        yield _("Bildnachweis"), item.picture.credit or ""


def _markdown(item: Item) -> Iterator[tuple[str, str]]:
    yield _("Text"), item.body
    yield _("Herausforderung"), item.challenge or ""
    yield _("Lösung"), item.solution or ""
    yield _("Ergebnis"), item.result or ""
    yield _("Zitat"), item.quote or ""


def _placeholder(item: Item, _facts: Facts) -> Iterator[Finding]:
    for name, text in _texts(item):
        if left := placeholder(text):
            wrong = _("{field}: Hier steht noch der Platzhalter „{left}“.")
            yield _found("placeholder", Level.ERROR, item, wrong.format(field=name, left=left))


def _links(item: Item, _facts: Facts) -> Iterator[Finding]:
    if item.link and (why := wrong_with(item.link)):
        wrong = _("Der Link „{address}“ geht nicht: {why}").format(address=item.link, why=why)
        yield _found("link", Level.ERROR, item, wrong)
    for name, text in _markdown(item):
        yield from _links_in(item, name, text)


def _links_in(item: Item, name: str, text: str) -> Iterator[Finding]:
    used, halves = links(text)
    for half in halves:
        wrong = _(
            "{field}: „{half}“ sieht nach einem missglückten Link aus."
            " So geht es: [Worte](https://…). newsletter queue edit {item}"
        ).format(field=name, half=half, item=item.reference)
        yield _found("link", Level.ERROR, item, wrong, "")
    for address, words in used:
        if why := wrong_with(address):
            wrong = _("{field}: Der Link „{address}“ geht nicht: {why}")
            wrong = wrong.format(field=name, address=address, why=why)
            yield _found("link", Level.ERROR, item, wrong)
        elif says_nothing(words):
            wrong = _("{field}: Der Linktext „{words}“ sagt allein nichts, etwa beim Vorlesen.")
            yield _found("link-text", Level.HINT, item, wrong.format(field=name, words=words))


# (field, hint from, warning from), in characters
LIMITS: tuple[tuple[str, str, int, int], ...] = (
    ("title", N_("Der Titel"), 80, 110),
    ("teaser", N_("Der Teaser"), 500, 700),
    ("body", N_("Der Text"), 3_000, 5_000),
    ("challenge", N_("Die Herausforderung"), 600, 900),
    ("solution", N_("Die Lösung"), 600, 900),
    ("result", N_("Das Ergebnis"), 600, 900),
    ("quote", N_("Das Zitat"), 600, 900),
)


def _lengths(item: Item, _facts: Facts) -> Iterator[Finding]:
    for field, name, hint, warning in LIMITS:
        length = len(getattr(item, field) or "")
        if length > hint:
            level = Level.WARNING if length > warning else Level.HINT
            wrong = _("{field} hat {length} Zeichen; gut sind höchstens {most}.")
            wrong = wrong.format(field=_(name), length=length, most=hint)
            yield _found(f"{field}-length", level, item, wrong)


def _story(item: Item, _facts: Facts) -> Iterator[Finding]:
    told = item.result or len(item.body) > 400  # a narrative needs no boxes (DOMAIN §1.2)
    if item.kind is Kind.SUCCESS_STORY and not told:
        wrong = _("Der Erfolgsgeschichte fehlt ein Ergebnis.")
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
    _wish,
    _lengths,
    _story,
)
