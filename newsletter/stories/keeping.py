"""Keeping an item in stock, and taking it out."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter import invalidation, submissions, texts
from newsletter.content import Kind
from newsletter.errors import Invalid, NotFound, Problem, Refused
from newsletter.evidence import Evidence
from newsletter.history import Act
from newsletter.language import N_, _, dated
from newsletter.models.issue import Issue, IssueState, Placement
from newsletter.models.story import STORY, Story, StoryState
from newsletter.models.submission import USABLE, Submission
from newsletter.queue.lookup import newest_of, number_of

from .standing import shown_before

# lines of the history
KEPT, RENEWED, FORGOTTEN = "kept in stock", "terms renewed", "not in stock any more"


class NoneInStock(NotFound):
    sentence = N_(
        "{item} liegt nicht im Vorrat. Hineinlegen: newsletter stories add {item}"
        " --terms TEXT --approved-by NAME --approved-on TAG --evidence DATEI"
    )


class NotToKeep(Refused):
    sentence = N_("{item} wurde zurückgezogen, zusammengeführt oder noch nicht eingereicht.")


class DatePasses(Refused):
    sentence = N_("{item} ist ein Termin; in den Vorrat kommen nur Meldungen und Geschichten.")


class WhyTakenOut(Refused):
    sentence = N_(
        "Warum soll {item} nicht mehr erscheinen? Der Grund steht im Verlauf:"
        ' newsletter stories remove {item} --reason "…"'
    )


@dataclass(frozen=True, slots=True)
class Terms:
    """Where and how it may be shown again, and who of the company agreed, when, how we know."""

    terms: str
    approved_by: str
    approved_on: date
    evidence: Evidence
    until: date | None = None  # the last day
    again_after: date | None = None


def keep(act: Act, reference: str, terms: Terms) -> Story:
    """Put an item in stock, or renew the terms of one that is there.

    The yes is to the newest revision: that text is shown, whatever is edited afterwards.
    Invalid names what is wrong with the terms by the options' names. NotToKeep, DatePasses.
    """
    submission = submissions.by_reference(act.session, reference)
    _require_fit(submission)
    terms = _understood(act, submission, terms)
    standing = act.session.get(Story, number_of(submission))
    if standing is None:
        story = Story(
            submission_id=number_of(submission),
            state=StoryState.IN_STOCK,
            **_row(act, submission, terms),
        )
        act.session.add(story)
        act.session.flush()
        act.record(STORY.noun, story.submission_id, KEPT, detail=_told(story))
        return story
    if standing.state is StoryState.TAKEN_OUT:
        act.move(standing, STORY, StoryState.IN_STOCK)
    for name, value in _row(act, submission, terms).items():
        setattr(standing, name, value)
    standing.reason = None
    act.session.flush()
    act.record(STORY.noun, standing.submission_id, RENEWED, detail=_told(standing))
    return standing


@dataclass(frozen=True, slots=True)
class Dropped:
    """What was taken out of stock, and which issues that showed it again had to be stopped."""

    reference: str
    stopped: tuple[tuple[str, IssueState], ...]


def drop(act: Act, reference: str, reason: str) -> Dropped:
    """Take an item out of stock: it is not shown again. What has gone out stays.

    Issues that were to show it again lose their approval, one that is being sent is paused; one
    that shows it for the first time is left alone. NoneInStock, WhyTakenOut.
    """
    submission = submissions.by_reference(act.session, reference)
    story = require(act.session, submission)
    if not (reason := texts.block(reason)):
        raise WhyTakenOut(item=submission.reference)
    act.move(story, STORY, StoryState.TAKEN_OUT, why=reason, reason=reason)
    why = _("{item} wurde aus dem Vorrat genommen: {reason}")
    why = why.format(item=submission.reference, reason=reason)
    stopped = _showing_again(act, story.submission_id)
    for issue in stopped:
        invalidation.take_back(act, issue, why, detail={"alarm": why})
    return Dropped(submission.reference, tuple((it.id, it.state) for it in stopped))


def _showing_again(act: Act, number: int) -> list[Issue]:
    """The issues approved or being sent that show an item which readers had in another month."""
    ahead = invalidation.AWAITED | {IssueState.SENDING}
    holding = (
        select(Issue)
        .join(Placement, col(Placement.issue_id) == Issue.id)
        .where(col(Placement.submission_id) == number, col(Issue.state).in_(ahead))
        .order_by(col(Issue.id))
        .with_for_update()
    )
    issues = act.session.scalars(holding).all()
    return [it for it in issues if shown_before(act.session, [number], it.number)]


def put_back(act: Act, reference: str) -> Story:
    """Put what was taken out back in stock, under the terms that it had. NotToKeep."""
    submission = submissions.by_reference(act.session, reference)
    _require_fit(submission)
    story = act.session.get_one(Story, submission.id)
    act.move(story, STORY, StoryState.IN_STOCK, reason=None)
    return story


def forget(act: Act, reference: str) -> None:
    """Take an item out as if it had never been in; the history keeps its terms. NoneInStock."""
    story = require(act.session, submissions.by_reference(act.session, reference))
    act.session.delete(story)
    act.session.flush()
    act.record(STORY.noun, story.submission_id, FORGOTTEN)


def require(session: Session, submission: Submission) -> Story:
    """The item's terms, while it is in stock. NoneInStock."""
    story = session.get(Story, submission.id)
    if story is None or story.state is not StoryState.IN_STOCK:
        raise NoneInStock(item=submission.reference)
    return story


def _require_fit(submission: Submission) -> None:
    if submission.state not in USABLE:
        raise NotToKeep(item=submission.reference)
    if submission.kind is Kind.DATE:
        raise DatePasses(item=submission.reference)


def _understood(act: Act, submission: Submission, terms: Terms) -> Terms:
    """The terms cleaned; Invalid names every mistake. Who agreed may stand in the item itself."""
    terms.evidence.require_sound()
    said = newest_of(act.session, submission).approved_by or ""
    terms = replace(
        terms,
        terms=texts.line(terms.terms),
        approved_by=texts.line(terms.approved_by or said)[:200],
        evidence=Evidence(texts.line(terms.evidence.name)[:255] or "–", terms.evidence.data),
    )
    if problems := _problems(terms, act.now.astimezone(act.settings.zone).date()):
        raise Invalid(problems)
    return terms


def _problems(terms: Terms, today: date) -> list[Problem]:
    wrong: list[Problem] = []
    if not terms.terms:
        missing = _("Wo und wie darf der Beitrag wieder erscheinen? Bitte in Worten angeben.")
        wrong.append(Problem("terms", missing))
    if not terms.approved_by:
        wrong.append(Problem("approved-by", _("Wer im Unternehmen hat zugestimmt?")))
    if terms.approved_on > today:
        said = _("Der {day} liegt noch vor uns.").format(day=dated(terms.approved_on))
        wrong.append(Problem("approved-on", said))
    if terms.until is not None and terms.until < today:
        said = _("Der {day} ist schon vorbei.").format(day=dated(terms.until))
        wrong.append(Problem("until", said))
    elif terms.until is not None and terms.again_after and terms.again_after >= terms.until:
        said = _("Danach ist die Nutzung schon zu Ende ({day}).").format(day=dated(terms.until))
        wrong.append(Problem("again-after", said))
    return wrong


def _row(act: Act, submission: Submission, terms: Terms) -> dict[str, Any]:
    return {
        "revision": submission.revision,
        "terms": terms.terms,
        "until": terms.until,
        "again_after": terms.again_after,
        "approved_by": terms.approved_by,
        "approved_on": terms.approved_on,
        "evidence_name": terms.evidence.name,
        "evidence": terms.evidence.data,
        "kept_at": act.now,
        "kept_by": act.actor.name,
    }


def _told(story: Story) -> dict[str, object]:
    """What the history keeps of the terms: the row is written over when they are renewed."""
    days = {"until": story.until, "again_after": story.again_after}
    return {
        "revision": story.revision,
        "terms": story.terms,
        "approved_by": story.approved_by,
        "approved_on": story.approved_on.isoformat(),
        "evidence": story.evidence_name,
        **{name: day.isoformat() for name, day in days.items() if day},
    }
