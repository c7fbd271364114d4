"""What a contributor wants changed after handing in.

Until somebody has looked the item simply changes; later it is a wish, shown to the editors as
a difference, and nothing changes before they take it over.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter import texts
from newsletter.errors import Invalid, Problem, Refused
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.submission import (
    CHANGE,
    USABLE,
    ChangeRequest,
    ChangeState,
    Submission,
    SubmissionState,
)

from .facts import understood
from .intake import revise
from .joining import Joined, join
from .preparing import rules_of
from .reading import facts_of, revision_of

FIELDS = ("title", "teaser", "body", "link", "location", "challenge", "solution", "result")
LONGEST = 3_000  # characters of a comment


class NoMoreChanges(Refused):
    sentence = N_("{reference} ist nicht mehr in Arbeit; ändern lässt sich daran nichts.")


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of it: changed at once, or put before the editors."""

    submission: Submission
    at_once: bool
    request: ChangeRequest | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a difference: ``sign`` is "-", "+" or " "."""

    sign: str
    text: str


def ask_change(
    act: Act,
    submission: Submission,
    wanted: Mapping[str, str],
    comment: str,
    by: str,
    seen: int | None = None,
) -> Asked:
    """Change an item that nobody has looked at, or ask the editors to. A newer wish replaces.

    ``wanted`` holds fields of ``FIELDS`` as they shall read; ``comment`` is for all else.
    ``seen`` is the revision in which the contributor read them: what editors have changed since
    is no wish, and where both changed the same, the editors decide.
    Invalid names every field; NoMoreChanges.
    """
    if submission.state not in USABLE:
        raise NoMoreChanges(reference=submission.reference)
    comment = texts.block(comment)
    base = seen if seen and 1 <= seen <= submission.revision else submission.revision
    changed = _changed(act, submission, wanted, base)
    _require_something(changed, comment)
    if submission.state is SubmissionState.RECEIVED and not comment:
        both = _with(act.session, submission, changed, base)
        if not both.clashes:
            revise(act, submission, both.facts, by=by)
            return Asked(submission, at_once=True)
    standing = open_change(act.session, submission)
    if standing is not None:
        act.move(standing, CHANGE, ChangeState.REPLACED, decided_at=act.now)
    request = ChangeRequest(
        submission_id=submission.id or 0,
        revision=base,
        state=ChangeState.OPEN,
        wanted=changed,
        comment=comment,
        asked_at=act.now,
    )
    act.session.add(request)
    act.session.flush()
    act.record("submission", submission.id, "change wanted", why=comment or None)
    return Asked(submission, at_once=False, request=request)


def open_change(session: Session, submission: Submission) -> ChangeRequest | None:
    """The wish that waits for the editors."""
    return session.scalars(
        select(ChangeRequest).where(
            col(ChangeRequest.submission_id) == submission.id,
            col(ChangeRequest.state) == ChangeState.OPEN,
        )
    ).first()


def difference(before: str, after: str) -> list[Line]:
    """By lines, what goes and what comes (pure); unchanged lines stand between."""
    lines = difflib.ndiff(before.splitlines() or [""], after.splitlines() or [""])
    found = [Line(line[0], line[2:]) for line in lines if line[0] in "-+ "]
    return [line for line in found if line.text or line.sign == " "]


def differences(session: Session, request: ChangeRequest) -> dict[str, list[Line]]:
    """What taking the wish over would change of the item as it reads now, field by field."""
    now = facts_of(session, session.get_one(Submission, request.submission_id))
    after = wished(session, request).facts
    found = {
        name: difference(str(now.get(name, "")), str(after.get(name, "")))
        for name in request.wanted
    }
    return {name: lines for name, lines in found.items() if any(it.sign != " " for it in lines)}


def wished(session: Session, request: ChangeRequest) -> Joined:
    """The item as it would read: the wish, and what editors have changed since it was read."""
    submission = session.get_one(Submission, request.submission_id)
    return _with(session, submission, request.wanted, request.revision)


def _with(session: Session, submission: Submission, wanted: Mapping[str, str], seen: int) -> Joined:
    base = facts_of(session, submission, seen)
    mine = {name: text for name, text in {**base, **wanted}.items() if text != ""}
    return join(base, mine, facts_of(session, submission))


def _changed(
    act: Act, submission: Submission, wanted: Mapping[str, str], seen: int
) -> dict[str, str]:
    """The clean fields that would differ from the revision that was read. Invalid."""
    given = {name: text for name, text in wanted.items() if name in FIELDS}
    facts = {**facts_of(act.session, submission, seen), **given}
    rules = rules_of(act.settings, act.now, contributed=False, new=False)
    clean = understood({key: value for key, value in facts.items() if value != ""}, rules)
    before = revision_of(act.session, submission, seen)
    return {
        name: getattr(clean, name) or ""
        for name in given
        if (getattr(clean, name) or "") != (getattr(before, name) or "")
    }


def _require_something(changed: Mapping[str, str], comment: str) -> None:
    if len(comment) > LONGEST:
        said = _("Bitte kürzen: höchstens {most} Zeichen.").format(most=LONGEST)
        raise Invalid([Problem("comment", said)])
    if not changed and not comment:
        said = _("Noch ist nichts geändert. Bitte ändern Sie etwas, oder schreiben Sie es uns.")
        raise Invalid([Problem("comment", said)])
