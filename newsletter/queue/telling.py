"""Telling a contributor what became of an item."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter import clusters, letters, submissions
from newsletter.history import PUBLIC, Act
from newsletter.language import _, speaking
from newsletter.models.cluster import Cluster, Contributor
from newsletter.models.delivery import Letter
from newsletter.models.event import Event
from newsletter.models.issue import PUBLIC_FROM, Issue
from newsletter.models.submission import SUBMISSION, USABLE, ClearanceState, Submission, Via

from .lookup import clearances_of, title_of

UNDO_WITHIN = timedelta(minutes=10)  # so long the letter about a decision waits
TOLD = "told"


def declined(act: Act, submission: Submission, newsletters: Sequence[str], reason: str) -> None:
    """Post the letter about a decline, with its reason, to the registered person."""
    if newsletters:
        facts = _decline_facts(act, submission, newsletters, reason)
        _tell_later(act, submission, "declined", newsletters, facts)


def held_over(act: Act, submission: Submission, newsletters: Sequence[str]) -> None:
    """Post the letter that an item waits for a later issue."""
    if newsletters:
        facts = {"names": [_name(act, slug) for slug in newsletters]}
        _tell_later(act, submission, "held_over", newsletters, facts)


def keep_true(act: Act, submission: Submission, why: str = "overtaken") -> None:
    """Write letters about decisions anew that wait, as the decisions stand now.

    One that nothing is left of is taken back, for the reason ``why``. To be called whenever
    a decision about an item changes.
    """
    for told, letter in told_of(act.session, submission):
        if letter.state not in letters.WAITING:
            continue
        names = (told.detail or {}).get("newsletters")
        stands = [
            each
            for each in clearances_of(act.session, submission)
            if each.state == letter.name and (names is None or each.newsletter in names)
        ]
        if not stands or submission.state not in USABLE:
            letters.take_back(act, letter, why)
            continue
        slugs = [each.newsletter for each in stands]
        facts: dict[str, Any] = {"names": [_name(act, slug) for slug in slugs]}
        if letter.name == ClearanceState.DECLINED:
            facts = _decline_facts(act, submission, slugs, stands[0].reason or "")
        letters.write_anew(act, letter, **_about(act, submission), **facts)


def told_of(session: Session, submission: Submission) -> list[tuple[Event, Letter]]:
    """Each letter about a decision on this item, with the line of history that posted it."""
    told = select(Event).where(
        col(Event.noun) == SUBMISSION.noun,
        col(Event.key) == str(submission.id),
        col(Event.what) == TOLD,
    )
    events = {(it.detail or {}).get("letter"): it for it in session.scalars(told)}
    posted = select(Letter).where(col(Letter.id).in_(events)).order_by(col(Letter.id))
    fresh = session.scalars(posted, execution_options={"populate_existing": True})
    return [(events[letter.id], letter) for letter in fresh]


def _decline_facts(
    act: Act, submission: Submission, newsletters: Sequence[str], reason: str
) -> dict[str, Any]:
    return {
        "reason": reason,
        "names": [_name(act, slug) for slug in newsletters],
        "accepted": _names(act, submission, ClearanceState.ACCEPTED),
        "open": _names(act, submission, ClearanceState.ASKED, ClearanceState.HELD_OVER),
    }


def withdrawn(act: Act, submission: Submission, reason: str, holding: Sequence[Issue]) -> None:
    """Post the letter that an item was taken back, and which issues have gone out with it."""
    facts = {"reason": reason, "gone_out": _gone_out(act, holding)}
    _tell(act, submission, "withdrawn", own=act.actor == PUBLIC, **facts)


def date_changed(
    act: Act, submission: Submission, holding: Sequence[Issue], words: str = ""
) -> None:
    """Post the letter that a date is cancelled, postponed or on again; ``words``: as they said."""
    facts = {"gone_out": _gone_out(act, holding), "words": words}
    _tell(act, submission, "date_changed", state=submission.event_state, **facts)


def change_decided(act: Act, submission: Submission, reason: str) -> None:
    """Post what became of a wish for changes: taken over, or why not."""
    _tell(act, submission, "change_decided", reason=reason)


def question(act: Act, submission: Submission, text: str) -> None:
    """Post a question; the status page takes the answer."""
    _tell(act, submission, "question", question=text)


def published(act: Act, submission: Submission, url: str) -> None:
    """Post the letter that a date is published, and where calendars find it."""
    _tell(act, submission, "published", url=url)


def merged(act: Act, submission: Submission, kept: Submission, names: Sequence[str]) -> None:
    """Post the letter that an item took others in (``kept`` itself), or went into ``kept``.

    It leads to the one that stays: either cluster may ask for a change of it.
    """
    _tell(
        act,
        submission,
        "merged",
        stays=submission.id == kept.id,
        kept=kept.reference,
        kept_title=title_of(act.session, kept),
        names=names,
        status_url=submissions.status_url(act, kept),
    )


def _gone_out(act: Act, holding: Sequence[Issue]) -> list[str]:
    with speaking(act.settings.language):
        said = _("{newsletter}, Ausgabe {number}")
    return [
        said.format(newsletter=_name(act, issue.newsletter), number=issue.number)
        for issue in holding
        if issue.state in PUBLIC_FROM
    ]


def _tell_later(
    act: Act, submission: Submission, name: str, newsletters: Sequence[str], facts: dict[str, Any]
) -> None:
    """A letter about a decision waits, so that an undo really undoes."""
    letter = _tell(act, submission, name, **facts)
    if letter is not None:
        letter.not_before = act.now + UNDO_WITHIN
        act.session.add(letter)
        act.session.flush()
        detail = {"letter": letter.id, "newsletters": list(newsletters)}
        act.record(SUBMISSION.noun, submission.id, TOLD, detail=detail)


def _tell(act: Act, submission: Submission, name: str, **facts: Any) -> Letter | None:
    person = registered(act.session, submission)
    if person is None:
        return None
    facts = _about(act, submission) | facts
    return letters.post(act, name, person.email, to_name=person.name, **facts)


def _about(act: Act, submission: Submission) -> dict[str, Any]:
    return {
        "reference": submission.reference,
        "title": title_of(act.session, submission),
        "status_url": submissions.status_url(act, submission),
    }


def registered(session: Session, submission: Submission) -> Contributor | None:
    """Who hears of a decision: the person who handed in, else the cluster's contact.

    Nobody for an editor's own item; never an address that a submission names.
    """
    if submission.via is Via.EDITOR or submission.cluster_id is None:
        return None
    if submission.contributor_id is not None:
        person = session.get_one(Contributor, submission.contributor_id)
        if person.removed_at is None:
            return person
    cluster = session.get_one(Cluster, submission.cluster_id)
    people = clusters.people_of(session, cluster)
    contact = (person for person in people if person.email == cluster.contact_email)
    return next(contact, people[0] if people else None)


def _name(act: Act, slug: str) -> str:
    known = act.settings.newsletters
    with speaking(act.settings.language):  # as the letter does, whatever the terminal speaks
        return _("„{name}“").format(name=known[slug].name) if slug in known else slug


def _names(act: Act, submission: Submission, *states: ClearanceState) -> list[str]:
    clearances = clearances_of(act.session, submission)
    return [_name(act, each.newsletter) for each in clearances if each.state in states]
