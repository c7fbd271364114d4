"""A request that is sent twice is done once: the header ``Idempotency-Key``.

Whoever got no answer sends the same again under the same key, and gets the answer that the
first one got; acts come one after another, so that it holds for requests at the same moment,
too. After a day the key is free. Inside (draft-ietf-httpapi-idempotency-key-header-06): another
request under a key that is taken is refused with 422.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from sqlmodel import col

from newsletter import submissions
from newsletter.errors import Invalid, Problem
from newsletter.history import Act
from newsletter.language import _
from newsletter.models.answer import KeptAnswer
from newsletter.models.cluster import Cluster
from newsletter.settings import Settings

HEADER = "Idempotency-Key"
LONGEST = 200
KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks under a key; without one nothing is remembered.

    ``seed`` is what the token of a new item's status page is made of.
    """

    cluster_id: int
    key_sha256: str | None
    asked_sha256: str
    seed: str = field(default_factory=lambda: secrets.token_urlsafe(16))


def asked(
    cluster: Cluster, key: str | None, what: str, facts: Mapping[str, object] | bytes
) -> Asked:
    """Under which key is asked for ``what``. Invalid, if that is no key."""
    if key is not None and not re.fullmatch(rf"[!-~]{{1,{LONGEST}}}", key):
        said = _("Ein Schlüssel hat 1 bis {most} Zeichen aus ASCII, ohne Leerzeichen.")
        raise Invalid([Problem(HEADER, said.format(most=LONGEST))])
    body = facts if isinstance(facts, bytes) else json.dumps(facts, sort_keys=True).encode()
    hashed = hashlib.sha256(what.encode() + b"\0" + body).hexdigest()
    return Asked(cluster.id or 0, key and hashlib.sha256(key.encode()).hexdigest(), hashed)


def earlier(act: Act, question: Asked) -> dict[str, Any] | None:
    """What was answered to this before; None, if it is new. Invalid."""
    if question.key_sha256 is None:
        return None
    act.session.connection().execute(delete(KeptAnswer).where(col(KeptAnswer.at) <= act.now - KEPT))
    kept = act.session.get(KeptAnswer, (question.cluster_id, question.key_sha256))
    if kept is None:
        return None
    if kept.asked_sha256 != question.asked_sha256:
        said = _(
            "Unter diesem Schlüssel kam in den letzten 24 Stunden schon etwas anderes."
            " Bitte nehmen Sie für jede neue Anfrage einen neuen."
        )
        raise Invalid([Problem(HEADER, said)])
    if kept.seed is None:
        return kept.answer
    return kept.answer | {"status_url": _status_url(act, kept.answer["id"], kept.seed)}


def keep(act: Act, question: Asked, answer: Mapping[str, Any], *, with_status: bool) -> None:
    """Remember an answer for a day; the status page's address is not written down."""
    if question.key_sha256 is None:
        return
    act.session.add(
        KeptAnswer(
            cluster_id=question.cluster_id,
            key_sha256=question.key_sha256,
            asked_sha256=question.asked_sha256,
            answer={name: value for name, value in answer.items() if name != "status_url"},
            seed=question.seed if with_status else None,
            at=act.now,
        )
    )


def status_token(settings: Settings, question: Asked) -> str:
    """The token of the status page of the item that is asked to be taken in: 128 bits that
    nobody knows without the home's secret, and that can be told again within the day.
    """
    return submissions.token_of(settings.secrets[-1], question.seed)


def _status_url(act: Act, reference: str, seed: str) -> str:
    """Made with the secret that was the newest then."""
    row = submissions.by_reference(act.session, reference)
    tokens = [submissions.token_of(secret, seed) for secret in reversed(act.settings.secrets)]
    whose = (each for each in tokens if submissions.is_status_token(row, each))
    return act.settings.links.status(next(whose, tokens[0]))
