"""Telling a contributor what became of an item."""

from collections.abc import Sequence

from sqlmodel import Session

from newsletter import clusters, letters
from newsletter.history import Act
from newsletter.models.cluster import Cluster, Contributor
from newsletter.models.submission import ClearanceState, Submission, Via

from .lookup import clearances_of, title_of


def declined(act: Act, submission: Submission, newsletters: Sequence[str], reason: str) -> None:
    """Post the letter about a decline, with its reason, to the registered people."""
    if not newsletters:
        return
    for person in registered(act.session, submission):
        letters.post(
            act,
            "declined",
            person.email,
            to_name=person.name,
            reference=submission.reference,
            title=title_of(act.session, submission),
            reason=reason,
            names=[_name(act, slug) for slug in newsletters],
            accepted=_names(act, submission, ClearanceState.ACCEPTED),
            open=_names(act, submission, ClearanceState.ASKED, ClearanceState.HELD_OVER),
        )


def registered(session: Session, submission: Submission) -> Sequence[Contributor]:
    """Who hears of a decision: the person who handed in, else the cluster's people.

    Nobody for an editor's own item; never the contact that a submission names.
    """
    if submission.via is Via.EDITOR or submission.cluster_id is None:
        return ()
    if submission.contributor_id is not None:
        person = session.get_one(Contributor, submission.contributor_id)
        if person.removed_at is None:
            return (person,)
    return clusters.people_of(session, session.get_one(Cluster, submission.cluster_id))


def _name(act: Act, slug: str) -> str:
    known = act.settings.newsletters
    return f"„{known[slug].name}“" if slug in known else slug


def _names(act: Act, submission: Submission, *states: ClearanceState) -> list[str]:
    clearances = clearances_of(act.session, submission)
    return [_name(act, each.newsletter) for each in clearances if each.state in states]
