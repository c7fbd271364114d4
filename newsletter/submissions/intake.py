"""The one verb by which an item comes in, and the one by which it changes.

A form, the JSON endpoint and an editor hand over the same facts: the Submission JSON.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select, update
from sqlmodel import col

from newsletter import database, letters
from newsletter.clusters.access import sha256
from newsletter.errors import Invalid, Overtaken, Problem
from newsletter.history import Act, require_pause
from newsletter.language import _, n_
from newsletter.models.cluster import Cluster, Contributor
from newsletter.models.submission import Revision, Submission, Via

from . import rows, twins
from .preparing import Checked, Ready, checked, ready, rules_of, slot

# What a calendar entry shows; a change of one of these raises its SEQUENCE (CF-02).
_IN_CALENDAR = (
    *("title", "teaser", "link", "location", "online", "register_by"),
    *("starts_at", "ends_at", "starts_on", "ends_on"),
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the person who handed in gets: the reference, and the way to the status page."""

    reference: str
    submission_id: int
    status_token: str | None
    status_url: str | None


def receive(
    act: Act,
    facts: Mapping[str, object] | Ready,
    *,
    cluster: Cluster | None,
    source: str | None = None,
    contributor: Contributor | None = None,
    via: Via,
    by: str,
    told: bool = True,
) -> Receipt:
    """Take in one item: clean it, store it with its clearances, confirm it by letter.

    Either ``cluster`` or ``source`` says who it is from. The letter goes to ``contributor``,
    else to the cluster's registered contact, never to an address in the facts, and to nobody
    for an editor's own item. Invalid names every problem, TooMany the quota that is used up;
    then nothing is stored.

    ``facts`` may have been made ``ready`` before the act, for the same people: what takes long
    is done then. Unless ``told``, the caller posts its letter (``confirm``).
    """
    # Who writes a mail has confirmed nothing; an editor files it, and asks.
    contributed = via not in {Via.EDITOR, Via.MAIL}
    if not isinstance(facts, Ready):
        item = _checked(act, facts, cluster, contributed)
        facts = ready(
            act.session, act.settings, item, cluster=cluster, contributor=contributor, via=via
        )
    if contributed and cluster:
        _require_room(act, cluster)
    token, clean = facts.status_token, facts.checked.facts
    number = rows.write_submission(
        act,
        clean,
        cluster_id=cluster.id if cluster else None,
        source=source,
        contributor_id=contributor.id if contributor else None,
        via=via,
        status_token_sha256=sha256(token) if token else None,
    )
    with database.unanswered(act.session):
        rows.write_revision(act, facts.checked, number, by)
        rows.ask_clearances(act, number, clean.targets)
        twins.remember(act, number, twins.traits_of(clean, act.settings.zone), clean.kind)
        act.record("submission", number, "received", detail={"via": via.value, "by": by})
        if told:
            confirm(act, facts, [number])
    url = act.settings.links.status(token) if token else None
    return Receipt(f"q{number}", number, token, url)


def confirm(act: Act, item: Ready, numbers: Sequence[int]) -> None:
    """Post its letter, with its number and those of further days, as they stand in it."""
    if item.letter is None or item.to is None:
        return
    words = item.letter
    for place, number in enumerate(numbers):
        words = words.filled(slot(place), str(number))
    newsletter = item.checked.facts.targets[0]
    letters.enter(
        act, "received", item.to.email, words, to_name=item.to.name, newsletter=newsletter
    )


def _require_room(act: Act, cluster: Cluster) -> None:
    most = act.settings.intake.submissions_per_day
    if act.settings.links.loopback:
        return
    last_of_day = act.session.scalars(
        select(col(Submission.received_at))
        .where(col(Submission.cluster_id) == cluster.id, col(Submission.via) != Via.EDITOR)
        .order_by(col(Submission.id).desc())
        .offset(most - 1)
        .limit(1)
    ).first()
    require_pause(last_of_day, act.now, n_("{n} Beitrag", "{n} Beiträge", most).format(n=most))


def revise(
    act: Act,
    submission: Submission,
    facts: Mapping[str, object],
    *,
    by: str,
    why: str | None = None,
) -> Revision:
    """A new revision from complete facts; issues keep the revision they pinned.

    ``targets`` are checked and change nothing here: that is the queue's decision. The rights
    stand as confirmed unless the facts take them back. Invalid; Overtaken when somebody else
    was faster.
    """
    before = act.session.get_one(Revision, (submission.id, submission.revision))
    given = {"rights_confirmed": before.rights_confirmed, **facts}
    cluster = act.session.get(Cluster, submission.cluster_id) if submission.cluster_id else None
    item = _checked(act, given, cluster, contributed=False, new=False)
    if item.facts.kind is not submission.kind:
        raise Invalid([Problem("kind", _("Die Art eines Beitrags lässt sich nicht ändern."))])
    _count_up(act, submission)
    after = _revision(act, submission, replace(item, given=facts), by)
    if submission.uid and any(
        getattr(before, name) != getattr(after, name) for name in _IN_CALENDAR
    ):
        submission.sequence += 1
        act.session.add(submission)
    act.session.flush()
    detail = {"revision": after.number}
    act.record("submission", submission.id, "revised", why=why, detail=detail)
    return after


def _revision(act: Act, submission: Submission, item: Checked, by: str) -> Revision:
    known = submission.id or 0
    values = rows.revision_of(act, item, known, submission.revision, by)
    revision = Revision(**values)
    act.session.add(revision)
    traits = twins.traits_of(item.facts, act.settings.zone)
    twins.remember_anew(act, known, traits, submission.kind)
    return revision


def _checked(
    act: Act,
    given: Mapping[str, object],
    cluster: Cluster | None,
    contributed: bool,
    new: bool = True,
) -> Checked:
    rules = rules_of(act.settings, act.now, contributed=contributed, new=new)
    return checked(act.session, rules, given, cluster)


def _count_up(act: Act, submission: Submission) -> None:
    """Claim the next revision number; the loser of a race is told."""
    number = submission.revision
    done = act.session.connection().execute(
        update(Submission)
        .where(col(Submission.id) == submission.id, col(Submission.revision) == number)
        .values(revision=number + 1)
    )
    if done.rowcount != 1:
        raise Overtaken(noun=_("Einreichung"), key=submission.reference)
    act.session.refresh(submission)
