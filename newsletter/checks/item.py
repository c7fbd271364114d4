"""What is wrong with an item: may it stand there, is it the newest, is it all there?"""

from collections.abc import Callable, Iterator

from newsletter.content import Audience, EventState, Finding, Item, Kind, Level
from newsletter.language import N_, _
from newsletter.rhythm import in_words

from . import dates, linked, numbers, pictures, subject, wording
from .dates import over
from .facts import Facts
from .mends import edit, take_out
from .names import found
from .parts import texts_of
from .words import placeholder

__all__ = ["LIMITS", "findings", "over"]


def findings(item: Item, facts: Facts) -> Iterator[Finding]:
    """Everything that is wrong with an item."""
    for check in _CHECKS:
        yield from check(item, facts)


def _event_state(item: Item, facts: Facts) -> Iterator[Finding]:
    if item.event_state is not EventState.ON:
        cancelled = item.event_state is EventState.CANCELLED
        wrong = _("Der Termin ist abgesagt.") if cancelled else _("Der Termin ist verschoben.")
        mend = take_out(item, facts)
        yield found("event-state", Level.WARNING, item.reference, wrong, mend)


def _embargo(item: Item, facts: Facts) -> Iterator[Finding]:
    if item.embargo_until is None or item.embargo_until <= facts.now:
        return
    until = in_words(item.embargo_until, facts.zone)
    if not facts.issue_id and facts.send_at is None:  # no sending yet
        wrong = _("Die Sperrfrist endet am {until}. Von selbst kommt der Beitrag erst dann hinein.")
        yield found("embargo", Level.WARNING, item.reference, wrong.format(until=until))
    elif item.embargo_until > facts.leaves:
        wrong = _("Die Sperrfrist endet am {until}, also nach dem Versand.").format(until=until)
        yield found("embargo", Level.ERROR, item.reference, wrong, take_out(item, facts))
    elif not facts.fixed:
        wrong = _("Die Sperrfrist endet am {until}. Früher wird die Ausgabe nicht versendet.")
        yield found("embargo", Level.HINT, item.reference, wrong.format(until=until))


def _audience(item: Item, facts: Facts) -> Iterator[Finding]:
    if item.reach is Audience.MEMBERS and facts.audience is Audience.PUBLIC:
        wrong = _("Der Beitrag ist nur für Mitglieder bestimmt, die Ausgabe ist öffentlich.")
        yield found("audience", Level.ERROR, item.reference, wrong, take_out(item, facts))


def _unusable(item: Item, facts: Facts) -> Iterator[Finding]:
    if why := facts.unusable.get(item.reference):
        yield found("unusable", Level.ERROR, item.reference, why, take_out(item, facts))


def _newer(item: Item, facts: Facts) -> Iterator[Finding]:
    newest = facts.newer.get(item.reference, item.revision)
    if item.reference in facts.agreed:  # that text stays, whatever was edited since
        yield from _not_agreed(item, facts)
    elif newest > item.revision:
        wrong = _("In der Ausgabe steht Fassung {here}, inzwischen gibt es Fassung {newest}.")
        wrong = wrong.format(here=item.revision, newest=newest)
        mend = _("Die neue nehmen: newsletter issue add {issue} {item}")
        mend = mend.format(issue=facts.issue_id, item=item.reference)
        yield found("newer-revision", Level.WARNING, item.reference, wrong, mend)


def _not_agreed(item: Item, facts: Facts) -> Iterator[Finding]:
    agreed = facts.agreed[item.reference]
    if agreed != item.revision:
        wrong = _(
            "Für den Vorrat zugesagt ist Fassung {agreed}, in der Ausgabe steht Fassung {here}."
        ).format(agreed=agreed, here=item.revision)
        mend = _("Eine Zusage zur neuesten ablegen: newsletter stories add {item}")
        mend = mend.format(item=item.reference)
        yield found("agreed-revision", Level.WARNING, item.reference, wrong, mend)


def _wish(item: Item, facts: Facts) -> Iterator[Finding]:
    if item.reference in facts.wished:
        wrong = _("Die Ansprechperson wünscht eine Änderung.")
        mend = _("Ansehen und antworten: newsletter queue change {item}")
        mend = mend.format(item=item.reference)
        yield found("wish", Level.WARNING, item.reference, wrong, mend)
    elif (until := facts.objections.get(item.reference)) and until > facts.now:
        wrong = _("Die Ansprechperson kann bis {until} sagen, was an der Bearbeitung nicht stimmt.")
        wrong = wrong.format(until=in_words(until, facts.zone))
        yield found("objections", Level.HINT, item.reference, wrong)


def _placeholder(item: Item, _facts: Facts) -> Iterator[Finding]:
    for name, text in texts_of(item):
        if left := placeholder(text):
            wrong = _("{field}: Hier steht noch der Platzhalter „{left}“.")
            wrong = wrong.format(field=name, left=left)
            yield found("placeholder", Level.ERROR, item.reference, wrong, edit(item))


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
            yield found(f"{field}-length", level, item.reference, wrong, edit(item))


def _story(item: Item, _facts: Facts) -> Iterator[Finding]:
    told = item.result or len(item.body) > 400  # a narrative needs no boxes (DOMAIN §1.2)
    if item.kind is Kind.SUCCESS_STORY and not told:
        wrong = _("Der Erfolgsgeschichte fehlt ein Ergebnis.")
        yield found("story-incomplete", Level.HINT, item.reference, wrong, edit(item))


_CHECKS: tuple[Callable[[Item, Facts], Iterator[Finding]], ...] = (
    dates.past_date,
    dates.order,
    _embargo,
    _audience,
    _unusable,
    _event_state,
    dates.registration,
    dates.title_date,
    dates.weekdays,
    _placeholder,
    pictures.picture,
    linked.links_of,
    _newer,
    _wish,
    _lengths,
    subject.title,
    _story,
    numbers.numbers,
    wording.quotes,
    wording.typing,
    wording.gender,
    wording.list_missing,
)
