"""„Ist es dieser?“: likely twins among a cluster's own items, before or after it hands in.

Nobody hears of another cluster's items here, whether those are public or not.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from itsdangerous import BadData, URLSafeSerializer
from sqlmodel import Session

from newsletter import rhythm, submissions
from newsletter.history import Act
from newsletter.language import _
from newsletter.likeness import WORDS
from newsletter.models.cluster import Cluster
from newsletter.settings import Settings
from newsletter.submissions import Facts, Twin


@dataclass(frozen=True, slots=True)
class Offered:
    """A likely twin, as the form shows it."""

    reference: str
    title: str
    received: str
    why: str
    path: str  # of its status page


@dataclass(frozen=True, slots=True)
class Question:
    """„Ist es dieser?“, and what the form sends along when the answer is no."""

    twins: tuple[Offered, ...]
    seen: str


def question(act: Act, cluster: Cluster, facts: Facts, seen: str) -> Question | None:
    """What to ask before these facts are taken in; None if there is nothing new to ask.

    ``seen`` is what the form sent along.
    """
    twins = of_facts(act.session, act.settings, facts, cluster)
    if {twin.submission_id for twin in twins} <= _seen(act.settings, cluster, seen):
        return None
    token = _signing(act.settings).dumps([cluster.id, *(twin.submission_id for twin in twins)])
    return Question(tuple(_offered(act, twin) for twin in twins), str(token))


def _offered(act: Act, twin: Twin) -> Offered:
    row = submissions.by_reference(act.session, twin.reference)
    return Offered(
        twin.reference,
        twin.title,
        rhythm.in_words(twin.received_at, act.settings.zone),
        ", ".join(_(WORDS[reason]) for reason in twin.likeness.reasons),
        urlsplit(submissions.status_url(act, row)).path,
    )


def _seen(settings: Settings, cluster: Cluster, token: str) -> set[int]:
    """The twins that this cluster has been asked about; none, if the token is not ours."""
    try:
        whose, *found = _signing(settings).loads(token)
    except (BadData, TypeError, ValueError):
        return set()
    return set(found) if whose == cluster.id else set()


def _signing(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(
        list(settings.secrets),
        salt="newsletter.similar.v1",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )


def of_facts(session: Session, settings: Settings, facts: Facts, of: Cluster) -> Sequence[Twin]:
    """Likely twins of an item that comes in, among its own cluster's."""
    traits = submissions.traits_of(facts, settings.zone)
    return submissions.similar_to(session, settings.zone, traits, facts.kind, of_cluster=of.id)
