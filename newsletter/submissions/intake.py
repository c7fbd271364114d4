"""The one verb by which an item comes in, and the one by which it changes.

A form, the JSON endpoint and an editor hand over the same facts: the Submission JSON.
"""

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup
from sqlalchemy import select, update
from sqlmodel import Session, col

from newsletter import letters, texts
from newsletter.clusters import people_of
from newsletter.clusters.access import TOKEN_BYTES, sha256
from newsletter.content import Audience, EventState, Kind
from newsletter.errors import Invalid, Overtaken, Problem
from newsletter.history import Act, require_pause
from newsletter.language import _, n_
from newsletter.models.cluster import Cluster, Contributor, Picture
from newsletter.models.submission import (
    Clearance,
    ClearanceState,
    Revision,
    Submission,
    SubmissionState,
    Via,
)
from newsletter.settings import Settings

from . import twins
from .facts import Facts, Rules, understood
from .spoken import lines

# What a calendar entry shows; a change of one of these raises its SEQUENCE (CF-02).
_IN_CALENDAR = (
    *("title", "teaser", "link", "location", "online"),
    *("starts_at", "ends_at", "starts_on", "ends_on"),
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the person who handed in gets: the reference, and the way to the status page."""

    reference: str
    submission_id: int
    status_token: str | None
    status_url: str | None


def rules_of(settings: Settings, now: datetime, *, contributed: bool, new: bool = True) -> Rules:
    """What a submission is judged by in this home."""
    return Rules(
        now=now,
        zone=settings.zone,
        newsletters=tuple(settings.newsletters),
        language=settings.language,
        contributed=contributed,
        new=new,
    )


@dataclass(frozen=True, slots=True)
class Checked:
    """Facts that may be taken in: clean, with their picture, and as they were handed in."""

    facts: Facts
    picture: Picture | None
    given: Mapping[str, object]


def checked(
    session: Session,
    rules: Rules,
    given: Mapping[str, object],
    cluster: Cluster | None,
) -> Checked:
    """Clean facts and their picture. Invalid names every problem at once, the picture's too.

    Cleaning is most of the work of taking in: done before the act, it holds up nobody.
    """
    problems: list[Problem] = []
    key = given.get("image")
    picture = _picture(session, key) if isinstance(key, str) and key else None
    whose = cluster.id if cluster else None
    foreign = rules.contributed and picture and (whose is None or picture.cluster_id != whose)
    if isinstance(key, str) and key and (picture is None or foreign):
        unknown = _(
            "Dieses Bild kennen wir nicht. Bitte laden Sie es zuerst hoch (POST /api/v1/images)."
        )
        problems.append(Problem("image", unknown))
    try:
        clean = understood(given, rules)
    except Invalid as exc:
        told = [each for each in exc.problems if not (problems and each.field == "image_alt")]
        raise Invalid([*told, *problems]) from exc
    if problems:
        raise Invalid(problems)
    return Checked(clean, picture, given)


def receive(
    act: Act,
    facts: Mapping[str, object] | Checked,
    *,
    cluster: Cluster | None,
    source: str | None = None,
    contributor: Contributor | None = None,
    via: Via,
    by: str,
    status_token: str | None = None,
    told: bool = True,
) -> Receipt:
    """Take in one item: clean it, store it with its clearances, confirm it by letter.

    Either ``cluster`` or ``source`` says who it is from. The letter goes to ``contributor``,
    else to the cluster's registered contact, never to an address in the facts, and to nobody
    for an editor's own item. Invalid names every problem, TooMany the quota that is used up;
    then nothing is stored.

    ``facts`` may have been ``checked`` before; ``status_token``: 128 bits that nobody guesses.
    Unless ``told``, the caller posts the letter (``confirm``).
    """
    # Who writes a mail has confirmed nothing; an editor files it, and asks.
    contributed = via not in {Via.EDITOR, Via.MAIL}
    ready = facts if isinstance(facts, Checked) else _checked(act, facts, cluster, contributed)
    clean, picture = ready.facts, ready.picture
    if contributed and cluster:
        _require_room(act, cluster)
    made = status_token or secrets.token_urlsafe(TOKEN_BYTES)
    token = made if via is not Via.EDITOR else None
    submission = _submission(act, clean, cluster, source, contributor, via)
    submission.status_token_sha256 = sha256(token) if token else None
    act.session.add(submission)
    act.session.flush()
    _revision(act, submission, ready, by)
    _ask_clearances(act, submission, clean.targets)
    act.record("submission", submission.id, "received", detail={"via": via.value, "by": by})
    url = act.settings.links.status(token) if token else None
    act.session.flush()
    if url and cluster and told:
        confirm(act, submission, clean, picture, contributor or addressee(act, cluster), url)
    return Receipt(submission.reference, submission.id or 0, token, url)


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
    ready = _checked(act, given, cluster, contributed=False, new=False)
    if ready.facts.kind is not submission.kind:
        raise Invalid([Problem("kind", _("Die Art eines Beitrags lässt sich nicht ändern."))])
    _count_up(act, submission)
    after = _revision(act, submission, replace(ready, given=facts), by)
    if submission.uid and any(
        getattr(before, name) != getattr(after, name) for name in _IN_CALENDAR
    ):
        submission.sequence += 1
        act.session.add(submission)
    act.session.flush()
    detail = {"revision": after.number}
    act.record("submission", submission.id, "revised", why=why, detail=detail)
    return after


def _checked(
    act: Act,
    given: Mapping[str, object],
    cluster: Cluster | None,
    contributed: bool,
    new: bool = True,
) -> Checked:
    rules = rules_of(act.settings, act.now, contributed=contributed, new=new)
    return checked(act.session, rules, given, cluster)


def _picture(session: Session, key: str) -> Picture | None:
    return session.scalars(select(Picture).where(col(Picture.key) == key)).one_or_none()


def _submission(
    act: Act,
    facts: Facts,
    cluster: Cluster | None,
    source: str | None,
    contributor: Contributor | None,
    via: Via,
) -> Submission:
    is_date = facts.kind is Kind.DATE
    return Submission(
        kind=facts.kind,
        state=SubmissionState.RECEIVED,
        reach=_reach(act.settings, facts.targets),
        cluster_id=cluster.id if cluster else None,
        source=source,
        contributor_id=contributor.id if contributor else None,
        via=via,
        received_at=act.now,
        event_state=EventState.ON if is_date else None,
        uid=f"{uuid.uuid4()}@{_host(act.settings)}" if is_date else None,
    )


def _reach(settings: Settings, targets: Sequence[str]) -> Audience:
    """The widest audience that was asked for."""
    asked = {settings.newsletter(slug).audience for slug in targets}
    return Audience.PUBLIC if Audience.PUBLIC in asked else Audience.MEMBERS


def _host(settings: Settings) -> str:
    """What stands behind the @ of a calendar entry's UID: a name of ours, for life."""
    if settings.links.loopback:
        return next(iter(settings.newsletters.values())).list_id
    return urlsplit(settings.base_url).hostname or ""


def _revision(act: Act, submission: Submission, ready: Checked, by: str) -> Revision:
    facts, picture = ready.facts, ready.picture
    revision = Revision(
        submission_id=submission.id or 0,
        number=submission.revision,
        made_at=act.now,
        made_by=by,
        picture_id=picture.id if picture else None,
        starts_at=_moment(facts.starts),
        ends_at=_moment(facts.ends),
        starts_on=_day(facts.starts),
        ends_on=_day(facts.ends),
        handed_in=storable(dict(ready.given)),
        **{name: getattr(facts, name) for name in _AS_THEY_ARE},
    )
    act.session.add(revision)
    twins.remember(act, submission, revision)
    return revision


def _moment(when: datetime | date | None) -> datetime | None:
    return when if isinstance(when, datetime) else None


def _day(when: datetime | date | None) -> date | None:
    return None if isinstance(when, datetime) else when


_AS_THEY_ARE = (
    *("title", "teaser", "body", "link", "language", "contact_name", "contact_email"),
    *("embargo_until", "image_alt", "image_decorative", "image_credit", "rights_confirmed"),
    *("location", "online", "register_by", "challenge", "solution", "result"),
    *("quote", "approved_by", "persons_shown", "wish_issue", "urgent_because", "current_until"),
)


def storable(value: Any) -> Any:
    """JSON that every database takes: no NUL, no lone surrogates, nothing but plain types."""
    match value:
        case str():
            return value.replace("\0", "").encode("utf-8", "replace").decode()
        case dict():
            return {storable(str(key)): storable(each) for key, each in value.items()}
        case list() | tuple():
            return [storable(each) for each in value]
        case None | bool() | int() | float():
            return value
        case _:
            return str(value)


def _ask_clearances(act: Act, submission: Submission, targets: Sequence[str]) -> None:
    for slug in targets:
        act.session.add(
            Clearance(
                submission_id=submission.id or 0,
                newsletter=slug,
                audience=act.settings.newsletter(slug).audience,
                reach=submission.reach,
                state=ClearanceState.ASKED,
            )
        )


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


# -- the letter -----------------------------------------------------------------------------


def addressee(act: Act, cluster: Cluster) -> Contributor | None:
    """Who hears of an item that nobody of the cluster handed in personally: its contact."""
    people = people_of(act.session, cluster)
    contact = (person for person in people if person.email == cluster.contact_email)
    return next(contact, people[0] if people else None)


def confirm(
    act: Act,
    submission: Submission,
    facts: Facts,
    picture: Picture | None,
    to: Contributor | None,
    url: str,
    further: Sequence[tuple[str, str, str]] = (),
) -> None:
    """Post the letter that an item is in, with a copy. ``further`` days of the same date: each
    with its day in words, its reference and its status page.
    """
    if to is None:  # nobody is registered: the status page has to do
        return
    letters.post(
        act,
        "received",
        to.email,
        to_name=to.name,
        newsletter=facts.targets[0],
        reference=submission.reference,
        title=facts.title,
        lines=lines(facts, act.settings, with_picture=picture is not None),
        body_text=texts.to_text(facts.body),
        body_html=Markup(texts.to_html(facts.body)),  # noqa: S704  (to_html cleans)
        status_url=url,
        further=further,
    )
