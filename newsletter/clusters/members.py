"""Looking up who is a member."""

import unicodedata
from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter.content import Origin
from newsletter.errors import NotFound
from newsletter.language import N_
from newsletter.models.cluster import Cluster


class NoSuchCluster(NotFound):
    sentence = N_("Das Cluster „{slug}“ gibt es nicht. Bekannte zeigt: newsletter clusters list")


def all_(session: Session) -> Sequence[Cluster]:
    """Every cluster by name, the deactivated ones too."""
    return sorted(session.scalars(select(Cluster)), key=_as_in_a_register)


def _as_in_a_register(cluster: Cluster) -> tuple[str, str]:
    """Ä like A, small like capital (DIN 5007-1); no database sorts like another one."""
    parts = unicodedata.normalize("NFKD", cluster.name.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part)), cluster.slug


def get(session: Session, slug: str) -> Cluster:
    """The cluster with this slug. NoSuchCluster otherwise."""
    found = find(session, slug)
    if found is None:
        raise NoSuchCluster(slug=slug)
    return found


def find(session: Session, slug: str) -> Cluster | None:
    """The cluster with this slug, or None."""
    return session.scalars(select(Cluster).where(col(Cluster.slug) == slug)).one_or_none()


def origin_of(cluster: Cluster, today: date) -> Origin:
    """The cluster as an item shows it: with its label only while that is valid."""
    expired = cluster.label_until is not None and cluster.label_until < today
    return Origin(
        name=cluster.name,
        laender=tuple(cluster.laender),
        label=None if expired or cluster.label is None else cluster.label.value,
        website=cluster.website,
        fields=tuple(cluster.fields),
    )
