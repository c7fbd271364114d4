"""Who of a cluster may hand in: people, their personal links, and the cluster's key.

Links and keys are 128 random bits; only their SHA-256 is kept, so they are shown once.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlmodel import Session, col

from newsletter import database, letters, rhythm
from newsletter.errors import Invalid, NewsletterError, NotFound, Problem, Refused, sentence_of
from newsletter.history import Act
from newsletter.language import N_, _, speaking
from newsletter.models.cluster import AccessLink, Cluster, ClusterKey, Contributor
from newsletter.models.submission import Submission
from subscribers.addresses import Address, parse
from subscribers.errors import NotAnAddress

from .members import get

LINK_LIFE = timedelta(days=180)  # a person who hands in twice a year keeps a working link
TOKEN_BYTES = 16


class NoSuchPerson(NotFound):
    sentence = N_(
        "„{email}“ ist bei {slug} nicht eingetragen."
        " Eintragen: newsletter clusters people add {slug} {email}"
    )


class Deactivated(Refused):
    sentence = N_(
        "Das Cluster „{slug}“ ist stillgelegt. Zurückholen: newsletter clusters add {slug}"
    )


class UnknownLink(NewsletterError):
    sentence = N_(
        "Diesen Link kennen wir nicht. Bitte prüfen Sie, ob die Adresse vollständig ist. Einen"
        " neuen persönlichen Link schicken wir Ihnen sofort: unter „Beitrag einreichen“ (/submit)."
    )
    http_status = 404


class LinkOver(NewsletterError):
    sentence = N_(
        "Dieser Link gilt nicht mehr; was Sie eingereicht haben, ist bei uns. Einen neuen"
        " persönlichen Link schicken wir Ihnen sofort: unter „Beitrag einreichen“ (/submit)."
    )
    http_status = 410


@dataclass(frozen=True, slots=True)
class Access:
    """Who stands behind a personal link."""

    contributor: Contributor
    cluster: Cluster


def sha256(secret: str) -> str:
    """What is kept of a link, a key or a status token."""
    return hashlib.sha256(secret.encode()).hexdigest()


def people_of(session: Session, cluster: Cluster) -> Sequence[Contributor]:
    """The people who may hand in for a cluster now."""
    return session.scalars(
        select(Contributor)
        .where(col(Contributor.cluster_id) == cluster.id, col(Contributor.removed_at).is_(None))
        .order_by(col(Contributor.id))
    ).all()


def add_person(act: Act, slug: str, email: str, name: str | None = None) -> Contributor:
    """Let somebody hand in for a cluster; a second time changes the name only. Invalid."""
    return register_person(act, get(act.session, slug), _address(email), name)


def register_person(act: Act, cluster: Cluster, address: Address, name: str | None) -> Contributor:
    """Add a person, or bring a removed one back."""
    found = _person(act.session, cluster, address)
    if found is None:
        found = Contributor(
            cluster_id=cluster.id or 0,
            email=address.email,
            address_key=address.key,
            created_at=act.now,
        )
        act.record("cluster", cluster.slug, "person added", detail={"email": address.email})
    elif found.removed_at is not None:
        found.removed_at = None
        act.record("cluster", cluster.slug, "person added", detail={"email": address.email})
    found.name = name or found.name
    act.session.add(found)
    act.session.flush()
    return found


def remove_person(act: Act, slug: str, email: str) -> None:
    """Take a person's right to hand in away; their links end at once. NoSuchPerson."""
    cluster = get(act.session, slug)
    person = _known(act.session, cluster, email)
    person.removed_at = act.now
    act.session.add(person)
    act.session.flush()
    _revoke_links(act, [person.id])
    act.record("cluster", cluster.slug, "person removed", detail={"email": person.email})


def hand_over(act: Act, slug: str, leaving: str, coming: str, name: str | None = None) -> str:
    """Somebody takes over from a colleague: what that one handed in, and a link by letter.

    The colleague's links end at once; the address that is written to becomes the new one, if
    it was theirs. Gives the link. NoSuchPerson, Deactivated, Invalid.
    """
    cluster = _active(act, slug)
    before = _known(act.session, cluster, leaving)
    after = register_person(act, cluster, _address(coming), name)
    if before.id == after.id:
        raise Invalid([Problem("email", _("Das ist dieselbe Person; es ändert sich nichts."))])
    act.session.execute(
        update(Submission)
        .where(col(Submission.contributor_id) == before.id)
        .values(contributor_id=after.id)
    )
    if cluster.contact_email == before.email:
        cluster.contact_email = after.email
        act.session.add(cluster)
    remove_person(act, slug, leaving)
    detail = {"from": before.email, "to": after.email}
    act.record("cluster", cluster.slug, "handed over", detail=detail)
    return send_link(act, slug, coming)


def revoke(act: Act, slug: str, email: str) -> int:
    """End every personal link of somebody, who stays registered; how many that were."""
    cluster = get(act.session, slug)
    person = _known(act.session, cluster, email)
    ended = _revoke_links(act, [person.id])
    act.record("cluster", cluster.slug, "links revoked", detail={"email": person.email})
    return ended


def want_calls(act: Act, token: str, *, wanted: bool) -> Access:
    """Whether the person behind a personal link gets calls for contributions.

    UnknownLink, LinkOver.
    """
    access = by_link(act.session, token, act.now)
    person = access.contributor
    if (person.calls_ended_at is None) is not wanted:
        person.calls_ended_at = None if wanted else act.now
        act.session.add(person)
        what = "calls wanted" if wanted else "calls ended"
        act.record("cluster", access.cluster.slug, what, detail={"email": person.email})
        act.session.flush()
    return access


def deactivate(act: Act, slug: str) -> None:
    """Nobody hands in for this cluster any more: its links and keys end at once."""
    cluster = _active(act, slug)
    cluster.deactivated_at = act.now
    act.session.add(cluster)
    act.session.flush()
    everybody = act.session.scalars(
        select(col(Contributor.id)).where(col(Contributor.cluster_id) == cluster.id)
    ).all()
    _revoke_links(act, everybody)
    _revoke_keys(act, cluster)
    act.record("cluster", cluster.slug, "deactivated")


def link(act: Act, slug: str, email: str) -> str:
    """A personal link to the form, valid for 180 days; it cannot be shown again.

    Earlier links of the person stay valid until they end. NoSuchPerson, Deactivated.
    """
    cluster = _active(act, slug)
    person = _known(act.session, cluster, email)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    act.session.add(
        AccessLink(
            contributor_id=person.id or 0,
            token_sha256=sha256(token),
            created_at=act.now,
            expires_at=act.now + LINK_LIFE,
        )
    )
    act.record("cluster", cluster.slug, "link issued", detail={"email": person.email})
    return act.settings.links.submit(token)


def send_link(act: Act, slug: str, email: str) -> str:
    """A personal link as ``link`` makes it, and a letter that brings it to the person."""
    url = link(act, slug, email)
    cluster = get(act.session, slug)
    person = _known(act.session, cluster, email)
    ends = act.now + LINK_LIFE
    with speaking(act.settings.language):
        until = rhythm.in_words(ends, act.settings.zone)
    letters.post(
        act,
        "form_link",
        person.email,
        to_name=person.name,
        expires_at=ends,
        cluster=cluster.name,
        url=url,
        until=until,
    )
    return url


def key(act: Act, slug: str) -> str:
    """A new key for the JSON endpoint; the one before ends at once. Deactivated."""
    cluster = _active(act, slug)
    _revoke_keys(act, cluster)
    secret = secrets.token_urlsafe(TOKEN_BYTES)
    act.session.add(
        ClusterKey(cluster_id=cluster.id or 0, key_sha256=sha256(secret), created_at=act.now)
    )
    act.record("cluster", cluster.slug, "key issued")
    return secret


def by_key(session: Session, secret: str) -> Cluster | None:
    """The cluster that this key belongs to, if it is in force; changing it changes no row."""
    session.flush()
    found = _BY_KEY.rows(session.connection(), {"key_sha256": sha256(secret)})
    return Cluster(**found[0]._asdict()) if found else None


_BY_KEY = database.Straight(  # it is asked with every request
    select(*Cluster.__table__.columns)  # type: ignore[attr-defined]
    .join(ClusterKey, col(ClusterKey.cluster_id) == col(Cluster.id))
    .where(
        col(ClusterKey.key_sha256) == bindparam("key_sha256"),
        col(ClusterKey.revoked_at).is_(None),
        col(Cluster.deactivated_at).is_(None),
    )
)


def by_link(session: Session, token: str, now: datetime) -> Access:
    """Who stands behind a personal link. UnknownLink, LinkOver."""
    row = session.execute(
        select(AccessLink, Contributor, Cluster)
        .join(Contributor, col(Contributor.id) == col(AccessLink.contributor_id))
        .join(Cluster, col(Cluster.id) == col(Contributor.cluster_id))
        .where(col(AccessLink.token_sha256) == sha256(token))
    ).one_or_none()
    if row is None:
        raise UnknownLink
    access_link, contributor, cluster = row
    over = access_link.revoked_at or contributor.removed_at or cluster.deactivated_at
    if over or access_link.expires_at <= now:
        raise LinkOver
    return Access(contributor, cluster)


def lapsed(session: Session, token: str, now: datetime) -> Access | None:
    """Who stood behind a link that has merely expired: what they typed is theirs still."""
    row = session.execute(
        select(Contributor, Cluster)
        .join(AccessLink, col(AccessLink.contributor_id) == col(Contributor.id))
        .join(Cluster, col(Cluster.id) == col(Contributor.cluster_id))
        .where(
            col(AccessLink.token_sha256) == sha256(token),
            col(AccessLink.revoked_at).is_(None),
            col(AccessLink.expires_at) <= now,
            col(Contributor.removed_at).is_(None),
            col(Cluster.deactivated_at).is_(None),
        )
    ).one_or_none()
    return Access(*row) if row else None


def _active(act: Act, slug: str) -> Cluster:
    cluster = get(act.session, slug)
    if cluster.deactivated_at is not None:
        raise Deactivated(slug=slug)
    return cluster


def _address(email: str) -> Address:
    try:
        return parse(email)
    except NotAnAddress as exc:
        raise Invalid([Problem("email", sentence_of(exc))]) from exc


def _person(session: Session, cluster: Cluster, address: Address) -> Contributor | None:
    return session.scalars(
        select(Contributor).where(
            col(Contributor.cluster_id) == cluster.id,
            col(Contributor.address_key) == address.key,
        )
    ).one_or_none()


def _known(session: Session, cluster: Cluster, email: str) -> Contributor:
    person = _person(session, cluster, _address(email))
    if person is None or person.removed_at is not None:
        raise NoSuchPerson(email=email, slug=cluster.slug)
    return person


def _revoke_links(act: Act, people: Sequence[int | None]) -> int:
    ended = act.session.connection().execute(
        update(AccessLink)
        .where(col(AccessLink.contributor_id).in_(people), col(AccessLink.revoked_at).is_(None))
        .values(revoked_at=act.now)
    )
    return ended.rowcount


def _revoke_keys(act: Act, cluster: Cluster) -> None:
    act.session.execute(
        update(ClusterKey)
        .where(col(ClusterKey.cluster_id) == cluster.id, col(ClusterKey.revoked_at).is_(None))
        .values(revoked_at=act.now)
    )
