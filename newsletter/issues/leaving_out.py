"""An issue of the rhythm that does not appear: nobody begins it, no item waits for it."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlmodel import col

from newsletter import history, numbers, rhythm
from newsletter.errors import Refused, WrongUsage
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.issue import GONE_OUT, ISSUE, Issue, IssueState, Placement
from newsletter.models.left_out import LeftOut

from .begin import anew
from .change import STATE_WORDS

SKIPPED, UNSKIPPED = "left out", "not left out any more"


class LeftOutAlready(Refused):
    sentence = N_("{issue} fällt schon aus: „{why}“.")


class NotLeftOut(Refused):
    sentence = N_("{issue} fällt nicht aus.")


class IsBegun(Refused):
    sentence = N_("{issue} ist {state}. Bitte zuerst absagen: newsletter issue cancel {issue}")


class IsOver(Refused):
    sentence = N_("{issue} ist schon {state}.")


class TimeIsOver(Refused):
    sentence = N_("Die Zeit von {issue} ist schon vorbei ({when}).")


def skip(act: Act, slug: str, number: str, why: str) -> str:
    """Leave an issue of the rhythm out, for a reason; its id. An empty draft is cancelled.

    WrongUsage if the rhythm knows no such number or the reason is empty; Refused if it is begun,
    over, or left out already.
    """
    leaves = _by_rhythm(act, slug, number)
    why = " ".join(why.split())
    key = f"{slug}-{number}"
    if not why:
        raise WrongUsage(why=_("Bitte sagen, warum: --reason TEXT"))
    if reason := numbers.left_out(act.session, slug).get(number):
        raise LeftOutAlready(issue=key, why=reason)
    issue = act.session.get(Issue, key)
    if issue is None and leaves < act.now:
        raise TimeIsOver(issue=key, when=rhythm.in_words(leaves, act.settings.zone))
    cancelled = _cancelled(act, issue, why) if issue else False
    row = LeftOut(newsletter=slug, number=number, why=why, made_at=act.now, made_by=act.actor.name)
    act.session.add(row)
    act.session.flush()
    act.record(ISSUE.noun, key, SKIPPED, why=why, detail={"cancelled": cancelled})
    return key


def unskip(act: Act, slug: str, number: str) -> str:
    """Let an issue appear that was left out; its id. A draft cancelled for that is back, empty."""
    key = f"{slug}-{number}"
    act.settings.newsletter(slug)
    row = act.session.get(LeftOut, (slug, number))
    if row is None:
        raise NotLeftOut(issue=key)
    act.session.delete(row)
    act.session.flush()
    issue = act.session.get(Issue, key)
    if (
        issue is not None
        and issue.state is IssueState.CANCELLED
        and _was_cancelled_for_it(act, key)
    ):
        anew(act, slug, number)
    act.record(ISSUE.noun, key, UNSKIPPED)
    return key


def _by_rhythm(act: Act, slug: str, number: str) -> datetime:
    it = act.settings.newsletter(slug)
    leaves = rhythm.planned_time(number, it.rhythm, act.settings.almanac)
    if leaves is None or number not in rhythm.numbers_of(int(number[:4]), it.rhythm):
        why = _("Der Rhythmus von {newsletter} kennt keine Ausgabe „{number}“ (Form: 2026-12).")
        raise WrongUsage(why=why.format(newsletter=slug, number=number))
    return leaves


def _cancelled(act: Act, issue: Issue, why: str) -> bool:
    """Whether a draft was cancelled: one in which nothing stands."""
    placed = exists().where(col(Placement.issue_id) == issue.id)
    if issue.state is IssueState.CANCELLED:
        return False
    if issue.state is IssueState.DRAFT and not act.session.scalar(select(placed)):
        act.move(issue, ISSUE, IssueState.CANCELLED, why=why)
        return True
    if issue.state in GONE_OUT:
        raise IsOver(issue=issue.id, state=_(STATE_WORDS[issue.state]))
    raise IsBegun(issue=issue.id, state=_(STATE_WORDS[issue.state]))


def _was_cancelled_for_it(act: Act, key: str) -> bool:
    skipped = [e for e in history.recorded(act.session, [(ISSUE.noun, key)]) if e.what == SKIPPED]
    return bool(skipped and (skipped[-1].detail or {}).get("cancelled"))
