"""Looking at what was handed in: as an item of an issue, or as its contributor sees it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, tuple_
from sqlmodel import Session, col

from newsletter import clusters, pictures, texts
from newsletter.content import EventState, Item, Origin, PictureUse, When
from newsletter.errors import NotFound
from newsletter.language import N_, _
from newsletter.models.cluster import Cluster, Picture
from newsletter.models.submission import (
    Clearance,
    ClearanceState,
    Credit,
    Revision,
    Submission,
    SubmissionState,
)
from newsletter.settings import Settings

from .facts import Facts
from .road import Decision, decisions_of
from .spoken import for_all_of, lines
from .talk import Said, by_status_token, talk_of


class NoSuchSubmission(NotFound):
    sentence = N_("Eine Einreichung „{key}“ gibt es nicht. Alle zeigt: newsletter queue list")


class NoSuchRevision(NotFound):
    sentence = N_("Von {reference} die Fassung „{number}“ gibt es nicht.")


def by_reference(session: Session, reference: str) -> Submission:
    """The submission that people call q412; „Q412“ and „412“ will do. NoSuchSubmission."""
    number = re.fullmatch(r"[qQ]?0*(\d{1,9})", reference.strip())
    found = session.get(Submission, int(number[1])) if number else None
    if found is None:
        raise NoSuchSubmission(key=reference)
    return found


def revision_of(session: Session, submission: Submission, number: int | None = None) -> Revision:
    """A revision, the newest without a number."""
    wanted = number or submission.revision
    found = session.get(Revision, (submission.id, wanted))
    if found is None:
        raise NoSuchRevision(reference=submission.reference, number=wanted)
    return found


# -- as an item -----------------------------------------------------------------------------


def item_of(
    session: Session,
    settings: Settings,
    submission: Submission,
    revision: int | None,
    today: date,
) -> Item:
    """One revision ready to be shown, the newest without a number."""
    wanted = (submission.id or 0, revision)
    return items_of(session, settings, [wanted], today)[submission.id or 0]


def items_of(
    session: Session,
    settings: Settings,
    wanted: Sequence[tuple[int, int | None]],
    today: date,
) -> dict[int, Item]:
    """Items by submission id, from pairs of submission id and revision (None: the newest).

    A handful of statements, however many items.
    """
    ids = [submission_id for submission_id, _revision in wanted]
    found = _by_id(session, Submission, ids)
    pairs = [(each, number or found[each].revision) for each, number in wanted if each in found]
    revisions = session.scalars(
        select(Revision).where(tuple_(col(Revision.submission_id), col(Revision.number)).in_(pairs))
    ).all()
    credits_ = session.scalars(select(Credit).where(col(Credit.submission_id).in_(ids))).all()
    member_ids = {each.cluster_id for each in found.values()} | {
        credit.cluster_id for credit in credits_
    }
    members = _by_id(session, Cluster, member_ids)
    shown = _by_id(session, Picture, {each.picture_id for each in revisions})
    more: dict[int, list[Origin]] = {}
    for credit in credits_:
        origin = clusters.origin_of(members[credit.cluster_id], today)
        more.setdefault(credit.submission_id, []).append(origin)
    return {
        each.submission_id: _item(
            found[each.submission_id],
            each,
            _origin(found[each.submission_id], members, today),
            _use(settings, shown, each),
            tuple(more.get(each.submission_id, ())),
        )
        for each in revisions
    }


def _by_id(session: Session, kind: type[Any], ids: Iterable[int | None]) -> dict[int, Any]:
    wanted = [each for each in set(ids) if each is not None]
    if not wanted:
        return {}
    return {row.id: row for row in session.scalars(select(kind).where(kind.id.in_(wanted)))}


def _origin(submission: Submission, members: Mapping[int, Cluster], today: date) -> Origin:
    if submission.cluster_id is None:
        return Origin(name=submission.source or "", is_cluster=False)
    return clusters.origin_of(members[submission.cluster_id], today)


def _use(settings: Settings, shown: Mapping[int, Picture], revision: Revision) -> PictureUse | None:
    if revision.picture_id is None:
        return None
    return pictures.use(settings, shown[revision.picture_id], revision)


def _item(
    submission: Submission,
    revision: Revision,
    origin: Origin,
    picture: PictureUse | None,
    more_origins: tuple[Origin, ...],
) -> Item:
    starts = revision.starts_at or revision.starts_on
    return Item(
        reference=submission.reference,
        revision=revision.number,
        kind=submission.kind,
        title=revision.title,
        teaser=revision.teaser,
        body=revision.body,
        origin=origin,
        link=revision.link,
        language=revision.language,
        picture=picture,
        when=When(starts, revision.ends_at or revision.ends_on) if starts else None,
        location=revision.location,
        online=revision.online,
        register_by=revision.register_by,
        event_state=submission.event_state or EventState.ON,
        uid=submission.uid,
        sequence=submission.sequence,
        challenge=revision.challenge,
        solution=revision.solution,
        result=revision.result,
        quote=revision.quote,
        embargo_until=revision.embargo_until,
        reach=submission.reach,
        more_origins=more_origins,
    )


# -- as facts -------------------------------------------------------------------------------


def facts_of(session: Session, submission: Submission, number: int | None = None) -> dict[str, Any]:
    """A revision as Submission JSON: what ``revise`` takes, and an editor's document shows.

    Fields without a value are left out.
    """
    revision = revision_of(session, submission, number)
    picture = session.get(Picture, revision.picture_id) if revision.picture_id else None
    asked = session.scalars(
        select(Clearance.newsletter)  # type: ignore[call-overload]
        .where(col(Clearance.submission_id) == submission.id)
        .order_by(col(Clearance.newsletter))
    ).all()
    same = ("title", "teaser", "body", "link", "language", "contact_name", "contact_email")
    more = ("image_credit", "rights_confirmed", "location", "online", "challenge", "solution")
    rest = ("result", "quote", "approved_by", "persons_shown", "wish_issue", "urgent_because")
    found = {
        "kind": submission.kind.value,
        **{name: getattr(revision, name) for name in (*same, *more, *rest)},
        "targets": list(asked),
        "embargo_until": _iso(revision.embargo_until),
        "image": picture.key if picture else None,
        "image_alt": _("schmückend") if revision.image_decorative else revision.image_alt,
        "starts_at": _iso(revision.starts_at or revision.starts_on),
        "ends_at": _iso(revision.ends_at or revision.ends_on),
        "register_by": _iso(revision.register_by),
        "current_until": _iso(revision.current_until),
    }
    return {name: value for name, value in found.items() if value not in (None, "", False)}


def _iso(moment: date | None) -> str | None:
    return moment.isoformat() if moment else None


# -- as its contributor sees it -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Summary:
    """One line of what a cluster has handed in."""

    reference: str
    kind: str
    title: str
    state: SubmissionState
    received_at: datetime
    newsletters: dict[str, ClearanceState]


@dataclass(frozen=True, slots=True)
class Status:
    """The status page: reference, what was handed in, and what became of it."""

    reference: str
    state: SubmissionState
    received_at: datetime
    title: str
    lines: list[tuple[str, str]]
    body_html: str
    picture: PictureUse | None
    decisions: tuple[Decision, ...]
    talk: tuple[Said, ...] = ()
    event_state: EventState | None = None  # of a date
    uid: str | None = None  # of a date
    common: bool = False  # several clusters are named in it


def own(
    session: Session,
    cluster: Cluster,
    only: int | None = None,
    *,
    older_than: int | None = None,
    most: int | None = None,
) -> list[Summary]:
    """What a cluster has handed in, the newest first; ``only`` one of them, by its id.

    ``older_than`` an item with this id, and ``most`` of them, to turn pages.
    """
    theirs = [col(Submission.cluster_id) == cluster.id]
    if only is not None:
        theirs.append(col(Submission.id) == only)
    if older_than is not None:
        theirs.append(col(Submission.id) < older_than)
    rows = session.execute(
        select(Submission, col(Revision.title))
        .join(
            Revision,
            (col(Revision.submission_id) == col(Submission.id))
            & (col(Revision.number) == col(Submission.revision)),
        )
        .where(*theirs)
        .order_by(col(Submission.id).desc())
        .limit(most)
    ).all()
    if rows and most is not None:
        theirs.append(col(Submission.id) >= rows[-1][0].id)
    states: dict[int, dict[str, ClearanceState]] = {}
    for clearance in session.scalars(
        select(Clearance)
        .join(Submission, col(Submission.id) == col(Clearance.submission_id))
        .where(*theirs)
    ):
        states.setdefault(clearance.submission_id, {})[clearance.newsletter] = clearance.state
    return [
        Summary(
            each.reference,
            each.kind.value,
            title,
            each.state,
            each.received_at,
            states.get(each.id or 0, {}),
        )
        for each, title in rows
    ]


def status_of(session: Session, settings: Settings, token: str, today: date) -> Status:
    """What the status page shows to whoever has its address. NotFound."""
    submission = by_status_token(session, token)
    item = item_of(session, settings, submission, None, today)
    revision = revision_of(session, submission)
    return Status(
        reference=submission.reference,
        state=submission.state,
        received_at=submission.received_at,
        title=item.title,
        lines=for_all_of(
            1 + len(item.more_origins),
            lines(
                as_facts(session, submission, revision),
                settings,
                with_picture=item.picture is not None,
            ),
        ),
        body_html=texts.to_html(item.body),
        picture=item.picture,
        decisions=decisions_of(session, settings, submission),
        talk=tuple(talk_of(session, submission)),
        event_state=submission.event_state,
        uid=submission.uid,
        common=bool(item.more_origins),
    )


def as_facts(session: Session, submission: Submission, revision: Revision) -> Facts:
    """A revision as it was taken in, but for its picture's key."""
    asked = session.scalars(
        select(Clearance.newsletter).where(col(Clearance.submission_id) == submission.id)  # type: ignore[call-overload]
    ).all()
    same = (name for name in Facts.__dataclass_fields__ if hasattr(revision, name))
    return Facts(
        kind=submission.kind,
        targets=tuple(asked),
        starts=revision.starts_at or revision.starts_on,
        ends=revision.ends_at or revision.ends_on,
        **{name: getattr(revision, name) for name in same},
    )
