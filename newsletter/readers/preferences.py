"""What a reader settles on their own page: which edition, a rest, their name, their goodbye.

The link in each mail shows the page for a day (WB-05). Later it still knows whose it is, and
has a fresh one posted to that person, and to nobody else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter import letters, rhythm
from newsletter.errors import Invalid, Problem, sentence_of
from newsletter.history import Act
from newsletter.language import LANGUAGES, N_, _, dated, speaking
from newsletter.settings import Settings
from subscribers import addresses, choices, lifecycle, limits
from subscribers.addresses import masked
from subscribers.errors import NotAnAddress
from subscribers.models import (
    EditionChoice,
    EndReason,
    Subscriber,
    Subscription,
)

from .lists import BadCell, named
from .tickets import PREFERENCES_WITHIN, name_of, preferences_in, preferences_url
from .verbs import leave

CHANNEL = "preferences"
PAUSES = {"1": 1, "3": 3, "6": 6}  # months
_EDITIONS = {
    EditionChoice.FULL: N_("die ganze Ausgabe"),
    EditionChoice.TEXT: N_("nur Text"),
    EditionChoice.DATES: N_("nur Termine"),
}
_MONTH = 30  # days
GOES_ON, AS_IT_IS = "no", "as-it-is"


@dataclass(frozen=True, slots=True)
class Read:
    """One newsletter that a person reads, and how they want it."""

    slug: str
    newsletter: str  # its name
    edition: EditionChoice
    paused_until: datetime | None


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the page shows. ``stale``: the link is older than a day, and shows nothing."""

    stale: bool
    masked: str = ""
    name: str = ""
    language: str = ""
    reads: tuple[Read, ...] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    """What a person has changed, in words for them."""

    said: tuple[str, ...]


def wishes(session: Session, settings: Settings, token: str, now: datetime) -> Wishes:
    """How things stand for whom a link belongs to. BadLink for a wrong signature."""
    public_id, until = preferences_in(settings, token)
    if until <= now:
        return Wishes(stale=True)
    person = _person(session, public_id)
    if person is None or person.email is None:
        return Wishes(stale=False)
    reads = tuple(
        Read(it.newsletter, name_of(settings, it.newsletter), it.edition, it.paused_until)
        for it in _reads(session, person)
    )
    return Wishes(False, masked(person.email), person.name or "", person.language, reads)


def settle(act: Act, token: str, given: Mapping[str, str]) -> Settled:
    """Change what was given: ``edition-<slug>``, ``pause-<slug>``, ``name``, ``language``.

    What is missing stays. Invalid names each field that is wrong; then nothing is changed.
    """
    person = _of_link(act, token)
    if person is None:
        return Settled(())
    theirs = _reads(act.session, person)
    wanted = [_wanted(it, given) for it in theirs]
    name, language = _name(given), given.get("language", person.language)
    problems = [each for each in wanted if isinstance(each, Problem)]
    problems += [name] if isinstance(name, Problem) else []
    if language not in {*LANGUAGES, person.language}:
        problems.append(Problem("language", _("Diese Sprache gibt es hier nicht.")))
    if problems or isinstance(name, Problem):
        raise Invalid(problems)
    said = []
    for it, wish in zip(theirs, wanted, strict=True):
        if isinstance(wish, _Wanted):
            said += _changed(act, it, wish)
    said += _called(act, person, name, language)
    return Settled(tuple(said))


def leave_some(act: Act, token: str, newsletters: Sequence[str] | None = None) -> list[str]:
    """End some of a person's subscriptions (None: all) at once; gives the newsletters' names."""
    person = _of_link(act, token)
    if person is None:
        return []
    return [
        name_of(act.settings, it.newsletter)
        for it in _reads(act.session, person)
        if newsletters is None or it.newsletter in newsletters
        if leave(act, person, it.newsletter, EndReason.PERSON, CHANNEL)
    ]


def ask_link(act: Act, email: str, network: str | None = None) -> None:
    """Somebody typed an address: post its reader a fresh link; the answer is the same for all.

    Invalid if it is no address.
    """
    try:
        key = addresses.parse(email).key
    except NotAnAddress as exc:
        raise Invalid([Problem("email", sentence_of(exc))]) from exc
    counted = [limits.of_mailbox(addresses.mailbox(key), CHANNEL)]
    if network:
        counted += limits.of_network(network)
    if limits.take(act.session, act.now, act.settings.hash_key, counted):
        _post(act, lifecycle.find(act.session, key))


def ask_link_again(act: Act, token: str) -> None:
    """The reader of an old mail asks for a fresh link; it goes to the address we know."""
    public_id, __ = preferences_in(act.settings, token)
    person = _person(act.session, public_id)
    if person is None or person.address_key is None:
        return
    counted = [limits.of_mailbox(addresses.mailbox(person.address_key), CHANNEL)]
    if limits.take(act.session, act.now, act.settings.hash_key, counted):
        _post(act, person)


def resume_due(act: Act, newsletters: Sequence[str]) -> int:
    """Who wanted to rest until now gets the next issue again; gives how many."""
    return choices.resume_due(act.session, act.now, newsletters)


# -- one change ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Wanted:
    edition: EditionChoice
    months: int | None  # to rest; 0: go on; None: as it is


def _wanted(it: Subscription, given: Mapping[str, str]) -> _Wanted | Problem:
    edition = given.get(f"edition-{it.newsletter}", it.edition.value)
    pause = given.get(f"pause-{it.newsletter}", AS_IT_IS)
    if edition not in set(EditionChoice):
        return Problem(f"edition-{it.newsletter}", _("Bitte wählen Sie eine der drei Fassungen."))
    if pause not in {GOES_ON, AS_IT_IS, *PAUSES}:
        return Problem(f"pause-{it.newsletter}", _("Bitte wählen Sie eine der Pausen."))
    months = None if pause == AS_IT_IS else PAUSES.get(pause, 0)
    return _Wanted(EditionChoice(edition), months)


def _name(given: Mapping[str, str]) -> str | Problem | None:
    try:
        return named(given["name"]) if "name" in given else None
    except BadCell as wrong:
        return Problem("name", str(wrong))


def _changed(act: Act, it: Subscription, wish: _Wanted) -> list[str]:
    said = []
    name = name_of(act.settings, it.newsletter)
    if choices.choose(act.session, act.now, it, wish.edition, CHANNEL):
        told = _("„{newsletter}“ kommt ab der nächsten Ausgabe so: {edition}.")
        said.append(told.format(newsletter=name, edition=edition_name(wish.edition)))
    if wish.months:
        until = _after(act, wish.months)
        if choices.pause(act.session, act.now, it, until, CHANNEL):
            told = _("„{newsletter}“ macht Pause; ab {day} kommt der Newsletter von selbst wieder.")
            said.append(told.format(newsletter=name, day=dated(until)))
    elif wish.months == 0 and choices.resume(act.session, act.now, it, CHANNEL):
        told = _("„{newsletter}“ kommt wieder, ab der nächsten Ausgabe.")
        said.append(told.format(newsletter=name))
    return said


def _after(act: Act, months: int) -> datetime:
    """The beginning of a day so many months from now."""
    today = act.now.astimezone(act.settings.zone)
    later = today + timedelta(days=_MONTH * months)
    return later.replace(hour=0, minute=0, second=0, microsecond=0)


def edition_name(edition: EditionChoice) -> str:
    """What people call it."""
    return _(_EDITIONS[edition])


def _called(act: Act, person: Subscriber, name: str | None, language: str) -> list[str]:
    changed = [
        key
        for key, value in (("name", name), ("language", language))
        if (key != "name" or name is not None) and (getattr(person, key) or "") != value
    ]
    if name is not None:
        person.name = name or None
    person.language = language
    act.session.add(person)
    act.session.flush()
    if changed:
        act.record("subscriber", person.public_id, "edited", detail={"fields": changed})
    words = {"name": _("Ihr Name ist gespeichert."), "language": _("Ihre Sprache ist gespeichert.")}
    return [words[key] for key in changed]


# -- whose link it is -----------------------------------------------------------------------


def _of_link(act: Act, token: str) -> Subscriber | None:
    """The person, while the link is fresh."""
    public_id, until = preferences_in(act.settings, token)
    return _person(act.session, public_id) if until > act.now else None


def _person(session: Session, public_id: str) -> Subscriber | None:
    its = select(Subscriber).where(col(Subscriber.public_id) == public_id)
    return session.scalars(its).one_or_none()


def _reads(session: Session, person: Subscriber) -> list[Subscription]:
    theirs = lifecycle.subscriptions_of(session, person)
    return [it for it in theirs if it.state in choices.READS]


def _post(act: Act, person: Subscriber | None) -> None:
    """Only to who reads something; a stranger's address gets no mail from here."""
    theirs = _reads(act.session, person) if person else []
    if person is None or person.email is None or not theirs:
        return
    it = theirs[0]
    until = act.now + PREFERENCES_WITHIN
    language = person.language if person.language in LANGUAGES else act.settings.language
    with speaking(language):
        said_until = rhythm.in_words(until, act.settings.zone)
    letters.post(
        act,
        "preferences",
        person.email,
        newsletter=it.newsletter,
        expires_at=until,
        subscription_id=it.id,
        language=language,
        url=preferences_url(act.settings, person.public_id, act.now),
        until=said_until,
    )
