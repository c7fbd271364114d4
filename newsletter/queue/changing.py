"""A contributor's wish to change an item: asked for, taken over or declined."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session

from newsletter import submissions, texts
from newsletter.errors import NotFound, Refused
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.submission import CHANGE, ChangeRequest, ChangeState, Submission
from newsletter.submissions.spoken import field_name

from . import telling
from .by_contributor import tell_editors
from .lookup import title_of
from .own import Edited, edit

_WANTED = N_("{reference}: Änderungswunsch zu {title}")


class NothingWanted(NotFound):
    sentence = N_("Zu {reference} wartet kein Änderungswunsch.")


class WhyNotChanged(Refused):
    sentence = N_(
        "Zum Ablehnen gehört ein Grund, der an die Ansprechperson geht:"
        ' newsletter queue change {reference} --decline --reason "…"'
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a contributor wants changed, as an editor reads it; ``clashes``: fields that editors
    have changed since, of which the wish would win.
    """

    reference: str
    title: str
    request: ChangeRequest
    differences: Mapping[str, list[submissions.Line]]
    clashes: tuple[str, ...] = ()


def ask_own_change(
    act: Act, token: str, wanted: Mapping[str, str], comment: str, seen: int | None = None
) -> bool:
    """Change an own item, at once while nobody has looked (True), else as a wish. ``seen``: the
    revision that the form showed.

    StatusUnknown, NoMoreChanges, Invalid.
    """
    submission = submissions.by_status_token(act.session, token)
    person = telling.registered(act.session, submission)
    by = person.email if person else "web"
    asked = submissions.ask_change(act, submission, wanted, comment, by, seen)
    if asked.request is not None:
        words = _in_words(act, asked.request)
        tell_editors(act, submission, _WANTED, words, [f"queue change {submission.reference}"])
    return asked.at_once


def wanted_of(session: Session, reference: str) -> Wanted:
    """The wish that waits. NoSuchSubmission, NothingWanted."""
    submission = submissions.by_reference(session, reference)
    request = _open(session, submission)
    return Wanted(
        submission.reference,
        title_of(session, submission),
        request,
        submissions.differences(session, request),
        tuple(clash.name for clash in submissions.wished(session, request).clashes),
    )


def take_over(act: Act, reference: str) -> Edited:
    """Make the wanted change as a new revision; issues keep theirs until somebody moves them.

    What the wish does not name stays as it is now, and so do the lines of longer texts that only
    editors have changed since; where both changed the same, the wish counts. The contributor
    hears of it.
    """
    submission = submissions.by_reference(act.session, reference)
    request = _open(act.session, submission)
    facts = submissions.wished(act.session, request).facts
    done = edit(act, submission.reference, facts, submission.revision, N_("Änderungswunsch"))
    act.move(request, CHANGE, ChangeState.TAKEN_OVER, decided_at=act.now)
    telling.change_decided(act, submission, "")
    return done


def decline_change(act: Act, reference: str, reason: str) -> Submission:
    """Leave the item as it is, and tell the contributor why."""
    submission = submissions.by_reference(act.session, reference)
    request = _open(act.session, submission)
    reason = texts.block(reason)
    if not reason:
        raise WhyNotChanged(reference=submission.reference)
    act.move(request, CHANGE, ChangeState.DECLINED, why=reason, decided_at=act.now, reason=reason)
    telling.change_decided(act, submission, reason)
    return submission


def _open(session: Session, submission: Submission) -> ChangeRequest:
    request = submissions.open_change(session, submission)
    if request is None:
        raise NothingWanted(reference=submission.reference)
    return request


def _in_words(act: Act, request: ChangeRequest) -> str:
    parts = []
    for name, lines in submissions.differences(act.session, request).items():
        shown = "\n".join(f"{line.sign} {line.text}" for line in lines)
        parts.append(f"{field_name(name)}:\n{shown}")
    if request.comment:
        parts.append(_("Außerdem: {comment}").format(comment=request.comment))
    return "\n\n".join(parts)
