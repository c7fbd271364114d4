"""Nothing unapproved leaves: asked before an issue opens and before each claim of the sender."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from newsletter import invalidation, pictures, rendering, stories, submissions
from newsletter.content import (
    Audience,
    Edition,
    EventState,
    Finding,
    Item,
    Level,
    Origin,
    Variant,
    content_hash,
)
from newsletter.history import Act
from newsletter.language import _, speaking
from newsletter.models.cluster import Picture
from newsletter.models.issue import (
    Approval,
    ApprovalState,
    EditionRow,
    Issue,
    IssueState,
    Placement,
)
from newsletter.models.story import Story
from newsletter.models.submission import USABLE, Clearance, ClearanceState, Revision, Submission
from newsletter.rhythm import in_words
from newsletter.settings import Settings
from newsletter.texts.typography import letters


def ready_to_send(
    session: Session, settings: Settings, issue: Issue, now: datetime
) -> list[Finding]:
    """Why this issue must not go out now; empty if it may.

    The stored bytes are those that were approved; sender, List-Id and audience are still the
    configured ones; every item is still accepted, wanted and past its embargo.
    """
    editions = editions_of(session, issue)
    return [
        *_bytes(session, issue, editions),
        *_configuration(settings, issue, editions),
        *_items(session, settings, issue, editions, now),
    ]


def hold_back(act: Act, issue: Issue, findings: Sequence[Finding]) -> None:
    """Take an issue that is not ready out of the sender's way, with the reasons in its history.

    A scheduled one becomes a draft again, one that is being sent is paused; one that somebody
    has stopped meanwhile is left alone.
    """
    if issue.state not in invalidation.AWAITED | {IssueState.SENDING}:
        return
    why = "; ".join(f"{finding.where}: {finding.text}" for finding in findings)
    alarm = {"alarm": [finding.check for finding in findings]}
    invalidation.take_back(act, issue, why, detail=alarm)


def editions_of(session: Session, issue: Issue) -> Sequence[EditionRow]:
    """The stored editions that the issue's content hash is over."""
    return session.scalars(
        select(EditionRow)
        .where(
            col(EditionRow.issue_id) == issue.id,
            col(EditionRow.content_hash) == issue.content_hash,
        )
        .order_by(col(EditionRow.variant))
    ).all()


def stored(session: Session, issue: Issue, content_hash: str) -> EditionRow | None:
    """The whole edition of an issue as somebody was asked about it, then."""
    return session.scalars(
        select(EditionRow).where(
            col(EditionRow.issue_id) == issue.id,
            col(EditionRow.content_hash) == content_hash,
            col(EditionRow.variant) == Variant.FULL,
        )
    ).first()


def as_edition(row: EditionRow) -> Edition:
    """A stored edition as the pure rooms know it."""
    return row.frozen()


def as_approved(rows: Sequence[EditionRow]) -> bool:
    """Whether stored editions of one build are the bytes of their content hash still, but for
    what a take-down took out of them.
    """
    kept = {row.blanked_hash or row.content_hash for row in rows}
    return kept == {content_hash(map(as_edition, rows))}


def full_of(rows: Iterable[EditionRow]) -> EditionRow | None:
    """The whole one of an issue's editions; None: none is stored."""
    return next((row for row in rows if row.variant == Variant.FULL), None)


def _found(check: str, text: str, where: str = "issue") -> Finding:
    return Finding(check, Level.ERROR, where, text)


def _bytes(session: Session, issue: Issue, editions: Sequence[EditionRow]) -> Iterator[Finding]:
    if not editions or content_hash(map(as_edition, editions)) != issue.content_hash:
        wrong = _(
            "Die gespeicherte Versandfassung ist nicht die freigegebene."
            " Bitte neu anfragen: newsletter issue request {issue}"
        )
        yield _found("content-hash", wrong.format(issue=issue.id))
    approved = select(col(Approval.id)).where(
        col(Approval.issue_id) == issue.id,
        col(Approval.content_hash) == issue.content_hash,
        col(Approval.state) == ApprovalState.APPROVED,
    )
    if session.scalars(approved).first() is None:
        wrong = _(
            "Diese Versandfassung hat niemand freigegeben."
            " Bitte neu anfragen: newsletter issue request {issue}"
        )
        yield _found("approval", wrong.format(issue=issue.id))


def _configuration(
    settings: Settings, issue: Issue, editions: Sequence[EditionRow]
) -> Iterator[Finding]:
    if issue.newsletter not in settings.newsletters:
        wrong = _(
            "Den Newsletter „{newsletter}“ gab es nicht in newsletter.toml, als dieser Versand"
            " gestartet wurde. Steht er jetzt dort, bitte newsletter run neu starten."
        )
        yield _found("newsletter", wrong.format(newsletter=issue.newsletter))
        return
    masthead = settings.masthead(issue.newsletter)
    facts = [("audience", issue.audience.value, masthead.audience.value)]
    for edition in editions:
        facts.append(("sender", edition.sender, masthead.sender))
        facts.append(("list-id", edition.list_id, masthead.list_id))
    for check, approved, configured in facts:
        if approved != configured:
            wrong = _(
                "{key}: Freigegeben wurde mit „{approved}“, in newsletter.toml steht"
                " „{configured}“."
            )
            wrong = wrong.format(key=check, approved=approved, configured=configured)
            yield _found(check, wrong)


class _Held(NamedTuple):
    """An item that stands in the issue, as it is now, and what was approved of it."""

    submission: Submission
    newest: Revision
    clearance: Clearance | None
    picture: Picture | None
    title: str
    confirmed_then: bool
    shown: Revision
    story: Story | None


def _held(session: Session, issue: Issue) -> Iterator[_Held]:
    pinned, newest = aliased(Revision), aliased(Revision)
    rows = session.execute(
        select(
            *(Submission, newest, Clearance, Picture),
            *(col(pinned.title), col(pinned.rights_confirmed), pinned, Story),
        )
        .select_from(Placement)
        .join(Submission, col(Submission.id) == Placement.submission_id)
        .join(
            newest,
            (col(newest.submission_id) == Submission.id)
            & (col(newest.number) == Submission.revision),
        )
        .join(
            pinned,
            (col(pinned.submission_id) == Submission.id)
            & (col(pinned.number) == Placement.revision),
        )
        .outerjoin(Picture, col(Picture.id) == pinned.picture_id)
        .outerjoin(
            Clearance,
            (col(Clearance.submission_id) == Submission.id)
            & (col(Clearance.newsletter) == issue.newsletter),
        )
        .outerjoin(Story, col(Story.submission_id) == Submission.id)
        .where(col(Placement.issue_id) == issue.id)
        .execution_options(populate_existing=True)  # what it is now, not when it was first read
    )
    return (_Held(*row) for row in rows)


def _items(
    session: Session,
    settings: Settings,
    issue: Issue,
    editions: Sequence[EditionRow],
    now: datetime,
) -> Iterator[Finding]:
    standing = list(_held(session, issue))
    kept = [held.story.submission_id for held in standing if held.story]
    day = now.astimezone(settings.zone).date()
    over = stories.refusals(session, kept, issue.number, day) if kept else {}
    for held in standing:
        reference = held.submission.reference
        for check, text in _objections(issue, held):
            yield _found(check, text, reference)
        if held.newest.embargo_until and held.newest.embargo_until > now:
            wrong = _("Die Sperrfrist endet erst am {until}.")
            wrong = wrong.format(until=in_words(held.newest.embargo_until, settings.zone))
            yield _found("embargo", wrong, reference)
        if why := over.get(held.submission.id or 0):
            yield _found("terms", why, reference)
        if harm := _harm(settings, held.picture, editions):
            yield _found("picture-file", harm, reference)
        if issue.state is IssueState.SCHEDULED and _is_over(held.shown, settings, now):
            wrong = _(
                "Der Termin ist inzwischen vorbei."
                " Bitte herausnehmen: newsletter issue remove {issue} {item}"
            )
            yield _found("past-date", wrong.format(issue=issue.id, item=reference), reference)
        if not _takes_place_as_approved(held, editions):
            wrong = _("Der Termin wurde abgesagt oder verschoben.")
            yield _found("event-state", wrong, reference)


def _is_over(shown: Revision, settings: Settings, now: datetime) -> bool:
    """Only asked before an issue opens: no date may pause one that is half sent."""
    last, day = shown.ends_at or shown.starts_at, shown.ends_on or shown.starts_on
    today = now.astimezone(settings.zone).date()
    return bool((last and last <= now) or (day and day < today))


def _objections(issue: Issue, held: _Held) -> Iterator[tuple[str, str]]:
    if held.submission.state not in USABLE:
        yield "unusable", _("Der Beitrag wurde zurückgezogen oder zusammengeführt.")
    if held.clearance is None or held.clearance.state is not ClearanceState.ACCEPTED:
        wrong = _("Der Beitrag ist für {newsletter} nicht angenommen.")
        yield "clearance", wrong.format(newsletter=issue.newsletter)
    if issue.audience is Audience.PUBLIC and held.submission.reach is Audience.MEMBERS:
        yield "audience", _("Der Beitrag ist nur für Mitglieder bestimmt, die Ausgabe öffentlich.")
    if why := submissions.lacking_rights(held.submission, held.newest, held.confirmed_then):
        yield "rights", why


def _harm(settings: Settings, it: Picture | None, editions: Sequence[EditionRow]) -> str | None:
    """What happened to an item's picture since somebody said yes to its bytes."""
    if it is None:
        return None
    full = full_of(editions)  # only it has every picture
    if full is not None and it.sha256 not in full.pictures:
        return _("Das Bild ist nicht mehr das freigegebene.")
    return pictures.harm(settings, it.key, pictures.mail_file(it), it.sha256)


def _takes_place_as_approved(held: _Held, editions: Sequence[EditionRow]) -> bool:
    """A date that is off may go out if the approved bytes say so: „Abgesagt: <title>“."""
    state = held.submission.event_state
    if state in {None, EventState.ON}:
        return True
    item = Item("", 1, held.submission.kind, held.title, "", "", Origin(""), event_state=state)
    return all(_says(as_edition(row), item) for row in editions)


def _says(edition: Edition, item: Item) -> bool:
    with speaking(edition.language):
        said = rendering.heading(item) + item.title
    return letters(said) in letters(edition.text)
