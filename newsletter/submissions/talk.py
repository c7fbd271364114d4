"""Questions to a contributor and the answers: lines of the history, shown on the status page."""

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlmodel import Session, col

from newsletter import editors, texts
from newsletter.clusters.access import TOKEN_BYTES, sha256
from newsletter.errors import Invalid, NotFound, Problem, Refused
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.event import Event
from newsletter.models.submission import (
    SUBMISSION,
    Revision,
    StatusLink,
    Submission,
    SubmissionState,
)
from newsletter.settings import Settings

ASKED, ANSWERED = "question asked", "question answered"
LONGEST = 5_000  # characters of an answer


class StatusUnknown(NotFound):
    sentence = N_(
        "Diese Statusseite gibt es nicht. Bitte prüfen Sie, ob die Adresse vollständig ist;"
        " sie steht in der Bestätigung, die Sie nach dem Einreichen bekommen haben."
    )


class NothingAsked(Refused):
    sentence = N_(
        "Zu {reference} ist keine Rückfrage offen; vielleicht wurde sie schon beantwortet."
        " Möchten Sie noch etwas sagen? Schreiben Sie der Redaktion."
    )


class DecidedMeanwhile(NothingAsked):
    sentence = N_(
        "Über {reference} ist inzwischen entschieden, die Rückfrage hat sich erledigt."
        " Möchten Sie noch etwas sagen? Schreiben Sie der Redaktion."
    )


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the conversation about an item."""

    at: datetime
    by_editors: bool
    text: str


def by_status_token(session: Session, token: str) -> Submission:
    """The submission whose status page has this address. StatusUnknown."""
    hashed = sha256(token)
    linked = select(StatusLink.submission_id).where(  # type: ignore[call-overload]
        col(StatusLink.token_sha256) == hashed
    )
    found = session.scalars(
        select(Submission).where(
            or_(col(Submission.status_token_sha256) == hashed, col(Submission.id).in_(linked))
        )
    ).one_or_none()
    if found is None:
        raise StatusUnknown
    return found


def is_status_token(submission: Submission, token: str) -> bool:
    """Whether this is the token of the first address of the item's status page."""
    return submission.status_token_sha256 == sha256(token)


def status_url(act: Act, submission: Submission) -> str:
    """The address of the status page that letters and the cluster's own page give.

    It is the same each time, beside the first one that only whoever handed in was told. Its
    token can be told again by the home's secret, and stands nowhere: where its row is taken
    away, or another secret is the newest, it is made anew.
    """
    if known := known_status_url(act.session, act.settings, submission):
        return known
    newest = act.settings.secrets[-1]
    token = token_of(newest, _seed(submission, act.now))
    act.session.add(
        StatusLink(token_sha256=sha256(token), submission_id=submission.id or 0, made_at=act.now)
    )
    act.session.flush()
    return act.settings.links.status(token)


def known_status_url(session: Session, settings: Settings, submission: Submission) -> str | None:
    """The address that ``status_url`` gives; None, as long as it has to be made."""
    made = session.scalars(
        select(StatusLink)
        .where(col(StatusLink.submission_id) == submission.id)
        .order_by(col(StatusLink.made_at).desc())
        .limit(1)
    ).first()
    if made is None:
        return None
    token = token_of(settings.secrets[-1], _seed(submission, made.made_at))
    return settings.links.status(token) if sha256(token) == made.token_sha256 else None


def token_of(secret: str, seed: str) -> str:
    """A status page's token, 128 bits: nobody makes it from its seed without the secret (pure)."""
    made = hmac.digest(secret.encode(), b"newsletter.status-token.v1\0" + seed.encode(), "sha256")
    return base64.urlsafe_b64encode(made[:TOKEN_BYTES]).rstrip(b"=").decode()


def _seed(submission: Submission, made_at: datetime) -> str:
    return f"{submission.reference} {made_at.timestamp():.6f}"


def answer(act: Act, token: str, text: str) -> Submission:
    """What a contributor says to a question; the item is in review again, the editors are told.

    The same answer sent twice is one answer. StatusUnknown, NothingAsked, Invalid.
    """
    submission = by_status_token(act.session, token)
    clean = texts.block(text[: 10 * LONGEST])
    if submission.state is not SubmissionState.QUESTION:
        if clean and _last_said(act.session, submission) == (ANSWERED, clean):
            return submission  # the button pressed twice
        decided = submission.state is SubmissionState.DECIDED
        raise (DecidedMeanwhile if decided else NothingAsked)(reference=submission.reference)
    if not clean:
        raise Invalid([Problem("answer", _("Bitte schreiben Sie eine Antwort."))])
    if len(clean) > LONGEST:
        wrong = _("Die Antwort hat {n} Zeichen; höchstens {most} gehen. Bitte kürzen.")
        raise Invalid([Problem("answer", wrong.format(n=len(clean), most=LONGEST))])
    asked = [said.text for said in talk_of(act.session, submission) if said.by_editors]
    act.record(SUBMISSION.noun, submission.id, ANSWERED, why=clean)
    act.move(submission, SUBMISSION, SubmissionState.IN_REVIEW)
    editors.tell(
        act,
        "answers",
        "answered",
        reference=submission.reference,
        title=act.session.get_one(Revision, (submission.id, submission.revision)).title,
        question=asked[-1] if asked else "",
        answer=clean,
    )
    return submission


def _last_said(session: Session, submission: Submission) -> tuple[str, str] | None:
    said = talk_of(session, submission)
    return (ASKED if said[-1].by_editors else ANSWERED, said[-1].text) if said else None


def talk_of(session: Session, submission: Submission) -> Sequence[Said]:
    """What was asked and answered, the oldest first."""
    lines = session.scalars(
        select(Event)
        .where(
            col(Event.noun) == SUBMISSION.noun,
            col(Event.key) == str(submission.id),
            col(Event.what).in_((ASKED, ANSWERED)),
        )
        .order_by(col(Event.id))
    )
    return [Said(each.at, each.what == ASKED, each.why or "") for each in lines]
