"""The ways to a personal link for who has none: by typing one's address, or by asking.

What these verbs do depends on the address; what they give back never does (WB-07).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import func, select
from sqlmodel import Session, col

from newsletter import editors, texts
from newsletter.errors import Invalid, NotFound, Problem, Refused, sentence_of
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.cluster import (
    ACCESS_REQUEST,
    AccessRequest,
    Cluster,
    Contributor,
    RequestState,
)
from subscribers import addresses, limits
from subscribers.addresses import Address, parse
from subscribers.errors import NotAnAddress

from .access import add_person, send_link
from .members import get

_A_DAY = timedelta(days=1)
LINKS_A_DAY = 3  # letters with a link to one mailbox
REQUESTS_A_DAY = 60  # from everywhere: a flood must not fill the database
LONGEST = {"name": 200, "organisation": 200, "message": 2_000}  # characters


class NoSuchRequest(NotFound):
    sentence = N_(
        "Eine Anfrage „{key}“ gibt es nicht. Die offenen zeigt: newsletter clusters requests list"
    )


class AlreadyAnswered(Refused):
    sentence = N_("Über die Anfrage {reference} ist schon entschieden.")


class WhyDeclined(Refused):
    sentence = N_(
        "Zum Ablehnen gehört ein Grund; er steht im Verlauf:"
        ' newsletter clusters requests decline {reference} --reason "…"'
    )


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody typed who asks for access."""

    email: str
    name: str
    organisation: str
    message: str = ""


def checked_address(email: str) -> Address:
    """The typed address. Invalid says what to mend."""
    try:
        return parse(email)
    except NotAnAddress as exc:
        raise Invalid([Problem("email", sentence_of(exc))]) from exc


def send_links(act: Act, email: str, network: str | None = None) -> None:
    """Post a fresh personal link for each cluster that this address may hand in for.

    At most ``LINKS_A_DAY`` to one mailbox. Nothing tells whether there was one. Invalid.
    """
    address = checked_address(email)
    if not _may_try(act, "form link", address, LINKS_A_DAY, network):
        return
    for slug, person in _known(act.session, address):
        send_link(act, slug, person)


def request_access(act: Act, wish: Wish, network: str | None = None) -> None:
    """Put a wish for access before the editors; who is registered gets a link instead.

    A second wish of the same mailbox on one day changes nothing. Invalid names every field.
    """
    address, clean = understood_wish(wish)
    if not _may_try(act, "access", address, 1, network):
        return
    everywhere = [limits.Limit("access requests", REQUESTS_A_DAY, _A_DAY)]
    if not limits.take(act.session, act.now, act.settings.hash_key, everywhere):
        return
    known = _known(act.session, address)
    for slug, person in known:
        send_link(act, slug, person)
    if not known and not _waits_already(act.session, address):
        _store(act, address, clean)


def requests(session: Session, *, every: bool = False) -> Sequence[AccessRequest]:
    """Who asks for access, the oldest first; ``every``: those that are answered, too."""
    found = select(AccessRequest).order_by(col(AccessRequest.id))
    if not every:
        found = found.where(col(AccessRequest.state) == RequestState.OPEN)
    return session.scalars(found).all()


def grant(act: Act, reference: str, slug: str) -> AccessRequest:
    """Register who asked for a cluster, and post their personal link.

    NoSuchRequest, AlreadyAnswered, NoSuchCluster, Deactivated.
    """
    asked = _open(act.session, reference)
    cluster = get(act.session, slug)
    act.move(
        asked,
        ACCESS_REQUEST,
        RequestState.GRANTED,
        detail={"cluster": slug},
        decided_at=act.now,
        cluster_id=cluster.id,
    )
    add_person(act, slug, asked.email, asked.name)
    send_link(act, slug, asked.email)
    return asked


def decline(act: Act, reference: str, reason: str) -> AccessRequest:
    """Say no. No letter goes out: nobody has checked the address (promise 7)."""
    asked = _open(act.session, reference)
    reason = texts.block(reason)
    if not reason:
        raise WhyDeclined(reference=asked.reference)
    act.move(asked, ACCESS_REQUEST, RequestState.DECLINED, why=reason, decided_at=act.now)
    return asked


def _may_try(act: Act, what: str, address: Address, most: int, network: str | None) -> bool:
    mailbox = addresses.mailbox(address.key)
    counted = [limits.Limit(f"{what} {mailbox}", most, _A_DAY)]
    if network:  # counted apart from sign-ups, so that one does not use up the other
        nets = limits.of_network(network)
        counted += [replace(each, what=f"{what} {each.what}") for each in nets]
    return limits.take(act.session, act.now, act.settings.hash_key, counted)


def _known(session: Session, address: Address) -> list[tuple[str, str]]:
    """Slug and registered address of each cluster that an address may hand in for."""
    found = session.execute(
        select(col(Cluster.slug), col(Contributor.email))
        .join(Contributor, col(Contributor.cluster_id) == col(Cluster.id))
        .where(
            col(Contributor.address_key) == address.key,
            col(Contributor.removed_at).is_(None),
            col(Cluster.deactivated_at).is_(None),
        )
        .order_by(col(Cluster.slug))
    )
    return [(slug, email) for slug, email in found]


def understood_wish(wish: Wish) -> tuple[Address, Wish]:
    """The address and the clean wish. Invalid names every field."""
    problems: list[Problem] = []
    address: Address | None = None
    try:
        address = checked_address(wish.email)
    except Invalid as wrong:
        problems += wrong.problems
    clean = Wish(
        wish.email, texts.line(wish.name), texts.line(wish.organisation), texts.block(wish.message)
    )
    if not clean.name:
        problems.append(Problem("name", _("Bitte geben Sie Ihren Namen an.")))
    if not clean.organisation:
        said = _("Bitte geben Sie an, für welches Cluster Sie einreichen möchten.")
        problems.append(Problem("organisation", said))
    for name, most in LONGEST.items():
        if len(getattr(clean, name)) > most:
            said = _("Bitte kürzen: höchstens {most} Zeichen.").format(most=most)
            problems.append(Problem(name, said))
    if problems or address is None:
        raise Invalid(problems)
    return address, clean


def _waits_already(session: Session, address: Address) -> bool:
    mine = select(func.count()).where(
        col(AccessRequest.address_key) == address.key,
        col(AccessRequest.state) == RequestState.OPEN,
    )
    return bool(session.scalar(mine))


def _store(act: Act, address: Address, wish: Wish) -> None:
    first = not requests(act.session)  # of those that wait: one letter for a whole flood
    asked = AccessRequest(
        state=RequestState.OPEN,
        email=address.email,
        address_key=address.key,
        name=wish.name,
        organisation=wish.organisation,
        message=wish.message,
        asked_at=act.now,
    )
    act.session.add(asked)
    act.session.flush()
    act.record(ACCESS_REQUEST.noun, asked.id, "asked")
    if first:
        editors.tell(act, "items", "access_request", asked=asked)


def _open(session: Session, reference: str) -> AccessRequest:
    number = reference.strip().lower().removeprefix("a")
    found = session.get(AccessRequest, int(number)) if number.isdecimal() else None
    if found is None:
        raise NoSuchRequest(key=reference)
    if found.state is not RequestState.OPEN:
        raise AlreadyAnswered(reference=found.reference)
    return found
