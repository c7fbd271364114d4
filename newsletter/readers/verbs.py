"""What people and editors do with subscriptions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy import select, update
from sqlmodel import col

from newsletter import letters, rhythm
from newsletter.errors import Invalid, NotFound, Problem, Refused, sentence_of
from newsletter.history import Act
from newsletter.language import LANGUAGES, N_, _, speaking
from newsletter.models.delivery import IN_HAND, DeliveryState, Letter
from subscribers import addresses, imports, lifecycle, limits
from subscribers.addresses import Address
from subscribers.errors import NotAnAddress
from subscribers.imports import Imported, Newcomer
from subscribers.lifecycle import Confirmation, SignUp
from subscribers.models import EditionChoice, EndReason, Subscriber, Subscription
from subscribers.suppression import EVERYWHERE, suppress

from . import goodbyes
from .lists import BadCell, Frame, Refusal, Row, newcomer, read_csv, told
from .tickets import confirm_url, confirmation_in, goodbye_in, name_of, unsubscribe_url

BATCH = 500  # rows per transaction of an import: about 50 ms, so that nobody waits for it

# Completes „Die Person …“ in a list and „ada@leser.example …“ of one address.
_REFUSED = {
    Imported.UNSUBSCRIBED: N_("hat sich abgemeldet"),
    Imported.BOUNCED: N_("war nicht zustellbar"),
    Imported.COMPLAINED: N_("hat sich beschwert"),
    Imported.LEFT_REGISTER: N_("ist aus dem Mitgliederverzeichnis ausgeschieden"),
    Imported.ERASED: N_("wurde auf Wunsch gelöscht"),
    Imported.EXPIRED: N_("hat eine Anmeldung nicht bestätigt"),
    Imported.SUPPRESSED: N_("ist gesperrt"),
}


class UnknownReader(NotFound):
    sentence = N_("Unter „{key}“ ist niemand gespeichert. Ist die Adresse richtig geschrieben?")


class NoOpenSignUp(NotFound):
    """The newsletter takes nobody in by the form."""

    sentence = N_("Für „{key}“ gibt es keine offene Anmeldung.")


class CannotBeAdded(Refused):
    sentence = N_("{email} {why}. Nur eine neue Anmeldung der Person selbst ändert das.")


@dataclass(frozen=True, slots=True)
class Goodbye:
    """What a goodbye came to, and whether it changed anything."""

    slug: str
    newsletter: str  # its name
    changed: bool


@dataclass
class Report:
    """What an import came to."""

    added: int = 0
    already: int = 0
    refused: list[Refusal] = field(default_factory=list)
    ignored: tuple[str, ...] = ()


def sign_up(
    act: Act,
    newsletter: str,
    email: str,
    *,
    consented: bool,
    channel: str = "web",
    network: str | None = None,
    edition: EditionChoice = EditionChoice.FULL,
) -> None:
    """Somebody typed an address into the sign-up form.

    Whatever the address's state, the answer is the same (WB-07): nothing is given back, at
    most a letter goes to that address. Invalid names the field that a person must mend.
    """
    settings = act.settings
    configured = settings.newsletters.get(newsletter)
    if configured is None or not configured.open_sign_up:
        raise NoOpenSignUp(key=newsletter)
    address = checked(email, consented)
    counted = [limits.of_mailbox(addresses.mailbox(address.key), newsletter)]
    if network:
        counted += limits.of_network(network)
    if not limits.take(act.session, act.now, settings.hash_key, counted):
        return
    outcome, subscription = lifecycle.sign_up(
        act.session,
        act.now,
        settings.hash_key,
        address,
        newsletter,
        language=settings.language,
        wording=configured.consent,
        channel=channel,
        edition=edition,
    )
    if subscription is not None and outcome is SignUp.TO_CONFIRM:
        _ask_to_confirm(act, address.email, subscription, configured.consent)
    elif subscription is not None and outcome is SignUp.ALREADY:
        _say_already(act, address.email, subscription)


def confirm(act: Act, token: str) -> Confirmation:
    """The person pressed the button of the confirmation page (POST, never GET: PR-04)."""
    subscription_id, nonce = confirmation_in(act.settings, token)
    return lifecycle.confirm(act.session, act.now, subscription_id, nonce)[0]


def unsubscribe(act: Act, token: str, channel: str) -> Goodbye:
    """The person left, by one click or by the button; at once, and as often as they like.

    Nothing is an error but a wrong signature: who is gone or erased has left, too (WB-01).
    """
    public_id, newsletter = goodbye_in(act.settings, token)
    name = name_of(act.settings, newsletter)
    person = act.session.scalars(
        select(Subscriber).where(col(Subscriber.public_id) == public_id)
    ).one_or_none()
    if person is None:
        return Goodbye(newsletter, name, changed=False)
    return Goodbye(newsletter, name, leave(act, person, newsletter, EndReason.PERSON, channel))


def unsubscribe_address(act: Act, email: str, newsletter: str | None) -> list[Goodbye]:
    """An editor ends somebody's subscription, or all of them, because the person asked."""
    if newsletter is not None:
        act.settings.newsletter(newsletter)
    person = known(act, email)
    theirs = (
        [one.newsletter for one in lifecycle.subscriptions_of(act.session, person)]
        if newsletter is None
        else [newsletter]
    )
    left = [
        Goodbye(
            slug,
            name_of(act.settings, slug),
            leave(act, person, slug, EndReason.OPERATOR, "operator", by=act.actor.name),
        )
        for slug in theirs
    ]
    if newsletter is None and person.address_hash:
        suppress(act.session, act.now, person.address_hash, EVERYWHERE, "unsubscribed")
        goodbyes.write(act, goodbyes.What.UNSUBSCRIBE, person)
    act.record("subscriber", person.public_id, "unsubscribed", detail={"newsletters": theirs})
    return left


def erase(act: Act, email: str) -> str:
    """Forget a person (Art. 17 DSGVO); gives the public id that stays. NotFound if unknown.

    Their letters that wait are not sent any more, and none keeps the address.
    """
    person = known(act, email)
    goodbyes.write(act, goodbyes.What.ERASE, person)
    lifecycle.erase(act.session, act.now, person, "operator", act.actor.name)
    _clear_letters(act, [person.id or 0])
    act.record("subscriber", person.public_id, "erased")
    return person.public_id


def expire_pending(act: Act) -> int:
    """Forget sign-ups that nobody confirmed in time, and tries at the form older than a day."""
    forgotten = lifecycle.expire_pending(act.session, act.now)
    _clear_letters(act, forgotten)
    limits.forget_old(act.session, act.now)
    return len(forgotten)


def add(act: Act, newsletter: str, email: str, evidence: str, name: str = "") -> bool:
    """An editor adds one person with the evidence of their consent; False if they read it."""
    act.settings.newsletter(newsletter)
    given = {"email": email, "name": name, "evidence": evidence}
    try:
        one = newcomer(given, _frame(act, tuple(given), None))
    except (BadCell, NotAnAddress) as exc:
        raise Invalid([Problem(_("Eintrag"), told(exc))]) from exc
    outcome = _store(act, newsletter, [one])[0]
    if outcome in _REFUSED:
        raise CannotBeAdded(email=one.address.email, why=_(_REFUSED[outcome]))
    if outcome is Imported.ADDED:
        person = known(act, email)
        act.record("subscriber", person.public_id, "added", why=one.evidence)
    return outcome is Imported.ADDED


def import_rows(act: Act, newsletter: str, rows: Sequence[Row | Refusal], report: Report) -> None:
    """Take one batch of a list in; the good ones are subscribed, ``report`` grows."""
    good = [row for row in rows if isinstance(row, Row)]
    refused = {row.line: row for row in rows if isinstance(row, Refusal)}
    for row, outcome in zip(good, _store(act, newsletter, [r.newcomer for r in good]), strict=True):
        if outcome is Imported.ADDED:
            report.added += 1
        elif outcome is Imported.ALREADY:
            report.already += 1
        else:
            email = row.newcomer.address.email
            refused[row.line] = Refusal(row.line, email, _sentence(outcome))
    report.refused += [refused[line] for line in sorted(refused)]


def import_csv(act: Act, content: bytes, newsletter: str, evidence: str | None = None) -> Report:
    """Take a whole list in as one act: small ones, such as examples and tests.

    ``newsletter subscribers import`` goes by batches of ``BATCH`` instead, each its own act.
    """
    act.settings.newsletter(newsletter)
    sheet = read_csv(content, act.settings, evidence, act.now)
    report = Report(ignored=sheet.ignored)
    for batch in batches(sheet.rows):
        import_rows(act, newsletter, batch, report)
    record_import(act, newsletter, report, evidence)
    return report


def record_import(act: Act, newsletter: str, report: Report, evidence: str | None) -> None:
    """One line of history for a whole list."""
    act.record(
        "subscribers",
        newsletter,
        "imported",
        why=evidence,
        detail={
            "added": report.added,
            "already": report.already,
            "refused": len(report.refused),
        },
    )


def batches(rows: Iterator[Row | Refusal]) -> Iterator[list[Row | Refusal]]:
    """``BATCH`` rows at a time."""
    return iter(lambda: list(islice(rows, BATCH)), [])


def known(act: Act, email: str) -> Subscriber:
    """The person with this address. UnknownReader, or Invalid if it is no address."""
    try:
        key = addresses.parse(email).key
    except NotAnAddress as exc:
        raise Invalid([Problem(_("E-Mail"), sentence_of(exc))]) from exc
    person = lifecycle.find(act.session, key)
    if person is None:
        raise UnknownReader(key=email)
    return person


def checked(email: str, consented: bool, edition: str = EditionChoice.FULL.value) -> Address:
    """The typed address; Invalid names every field that a person must mend, at once."""
    problems = []
    address = None
    try:
        address = addresses.parse(email)
    except NotAnAddress as exc:
        problems.append(Problem("email", sentence_of(exc)))
    if not consented:
        problems.append(
            Problem(
                "newsletter", _("Bitte kreuzen Sie an, welchen Newsletter Sie erhalten möchten.")
            )
        )
    if edition not in set(EditionChoice):
        problems.append(Problem("edition", _("Bitte wählen Sie eine der drei Fassungen.")))
    if problems or address is None:
        raise Invalid(problems)
    return address


def _ask_to_confirm(act: Act, email: str, subscription: Subscription, wording: str) -> None:
    settings = act.settings
    until = act.now + lifecycle.CONFIRM_WITHIN
    person = act.session.get_one(Subscriber, subscription.subscriber_id)
    language = _language(act, person)
    with speaking(language):
        said_until = rhythm.in_words(until, settings.zone)
    letter = letters.post(
        act,
        "confirm",
        email,
        newsletter=subscription.newsletter,
        expires_at=until,
        subscription_id=subscription.id,
        language=language,
        url=confirm_url(settings, subscription),
        wording=wording,
        until=said_until,
    )
    lifecycle.confirmation_sent(act.session, act.now, subscription, letter.message_id)


def _say_already(act: Act, email: str, subscription: Subscription) -> None:
    """Who signs up for what they read already would otherwise wait for a letter in vain."""
    person = act.session.get_one(Subscriber, subscription.subscriber_id)
    letters.post(
        act,
        "already",
        email,
        newsletter=subscription.newsletter,
        expires_at=act.now + lifecycle.CONFIRM_WITHIN,
        subscription_id=subscription.id,
        language=_language(act, person),
        url=unsubscribe_url(act.settings, person.public_id, subscription.newsletter),
    )


def _language(act: Act, person: Subscriber) -> str:
    """What a letter to this person speaks: their language if we know it, else the home's."""
    return person.language if person.language in LANGUAGES else act.settings.language


def leave(
    act: Act,
    person: Subscriber,
    newsletter: str,
    why: EndReason,
    channel: str,
    by: str | None = None,
) -> bool:
    """End one subscription and write it into the journal; False if there was none to end."""
    subscription = lifecycle.subscription_of(act.session, person, newsletter)
    if subscription is None:
        return False
    if not lifecycle.end(act.session, act.now, subscription, why, channel, by):
        return False
    goodbyes.write(act, goodbyes.What.UNSUBSCRIBE, person, newsletter)
    return True


def _store(act: Act, newsletter: str, newcomers: Sequence[Newcomer]) -> list[Imported]:
    if not newcomers:
        return []
    return imports.import_many(
        act.session, act.now, act.settings.hash_key, newsletter, newcomers, act.actor.name
    )


def _sentence(outcome: Imported) -> str:
    said = _("Die Person {why}; nur eine neue Anmeldung von ihr selbst ändert das.")
    return said.format(why=_(_REFUSED[outcome]))


def _frame(act: Act, heads: tuple[str, ...], evidence: str | None) -> Frame:
    return Frame(heads, evidence, act.settings.language, act.settings.zone, act.now)


def _clear_letters(act: Act, people: Sequence[int]) -> None:
    """Keep waiting letters from going out to the forgotten, and addresses out of the others.

    What a sender has in hand at this moment cannot be called back, and keeps its address.
    """
    theirs = select(col(Subscription.id)).where(col(Subscription.subscriber_id).in_(people))
    to_them = col(Letter.subscription_id).in_(theirs)
    act.session.execute(
        update(Letter)
        .where(to_them, col(Letter.state).in_([DeliveryState.QUEUED, DeliveryState.DEFERRED]))
        .values(state=DeliveryState.SKIPPED, why="erased", settled_at=act.now, not_before=None)
    )
    act.session.execute(
        update(Letter)
        .where(to_them, col(Letter.state).not_in(IN_HAND))
        .values(to_email="", to_name=None, subject="", text="", html="")
    )
