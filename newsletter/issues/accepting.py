"""Why a kind of warning about an issue is in order: one reason each, for as long as it is true.

A reason counts while the findings of its kind, and the texts that they are about, are those it
was given for.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter import texts
from newsletter.content import Finding, IssueContent
from newsletter.errors import Invalid, Problem, Refused
from newsletter.history import Act
from newsletter.language import N_, _, speaking, spoken
from newsletter.models.issue import Issue, IssueState, WarningReason
from newsletter.settings import Settings

from .change import STATE_WORDS
from .contents import Built, build
from .register import find
from .sound import NotYet

ACCEPTED, REOPENED = "warning accepted", "warning open again"  # lines of the history
LONGEST = 1_000  # characters of a reason
_REFERENCE = re.compile(r"\bq\d+\b")


class NoSuchWarning(Refused):
    sentence = N_("{issue} hat keine Warnung „{check}“. Zu begründen ist: {known}.")


class MustBeMended(Refused):
    sentence = N_(
        "„{check}“ ist ein Fehler; der lässt sich nicht begründen, nur beheben:"
        " newsletter issue check {issue}"
    )


class NeedsNoReason(Refused):
    sentence = N_("„{check}“ ist ein Hinweis; er braucht keine Begründung.")


def accept(act: Act, key: str, check: str, text: str) -> Built:
    """Say why the warnings of one kind are in order; without a text that is taken back.

    The issue must be a draft (NotYet). NoSuchWarning, MustBeMended, NeedsNoReason, Invalid.
    """
    issue = find(act.session, key)
    if issue.state is not IssueState.DRAFT:
        mend = _("Warnungen begründet man, solange die Ausgabe ein Entwurf ist.")
        raise NotYet(issue=issue.id, state=_(STATE_WORDS[issue.state]), mend=mend)
    check, text = check.strip().lower(), texts.block(text)
    if len(text) > LONGEST:
        raise Invalid(
            [Problem("accept", _("Bitte höchstens {most} Zeichen.").format(most=LONGEST))]
        )
    built = build(act.session, act.settings, issue, act.now)
    before = act.session.get(WarningReason, (issue.id, check))
    if not text:
        _take_back(act, issue, built, check, before)
        return built
    _require_warning(issue, built, check)
    kept = as_kept(act.session, act.settings, issue, built, act.now)
    act.session.merge(
        WarningReason(
            issue_id=issue.id,
            kind=check,
            mark=_mark(kept.warnings, kept.content, check),
            reason=text,
            given_by=act.actor.name,
            given_at=act.now,
        )
    )
    act.record("issue", issue.id, ACCEPTED, why=text, detail={"check": check})
    return built


def _take_back(
    act: Act, issue: Issue, built: Built, check: str, before: WarningReason | None
) -> None:
    if before is None:
        _require_warning(issue, built, check)
        return
    act.session.delete(before)
    act.record("issue", issue.id, REOPENED, detail={"check": check})


def _require_warning(issue: Issue, built: Built, check: str) -> None:
    if any(each.check == check for each in built.warnings):
        return
    if any(each.check == check for each in built.errors):
        raise MustBeMended(issue=issue.id, check=check)
    if any(each.check == check for each in built.findings):
        raise NeedsNoReason(check=check)
    known = ", ".join(kinds(built.warnings)) or _("nichts")
    raise NoSuchWarning(issue=issue.id, check=check, known=known)


def kinds(findings: Iterable[Finding]) -> list[str]:
    """The kinds of findings, each once, in their order."""
    return list(dict.fromkeys(each.check for each in findings))


def as_kept(
    session: Session, settings: Settings, issue: Issue, built: Built, now: datetime
) -> Built:
    """The same findings as the home says them: whoever reads or compares them later speaks that."""
    if spoken() == settings.language:
        return built
    with speaking(settings.language):
        return build(session, settings, issue, now)


def reasons_of(session: Session, issue: Issue, built: Built) -> dict[str, WarningReason]:
    """The reasons that still count, by kind of warning; ``built`` is ``as_kept``."""
    given = session.scalars(select(WarningReason).where(col(WarningReason.issue_id) == issue.id))
    return {
        each.kind: each
        for each in given
        if each.mark == _mark(built.warnings, built.content, each.kind)
    }


def with_reasons(
    built: Built, given: Mapping[str, WarningReason], general: str | None, by: str
) -> list[dict[str, Any]]:
    """The warnings, each with why it is in order and who says so; as JSON takes it."""
    found = []
    for each in built.warnings:
        own = given.get(each.check)
        found.append(
            {
                "check": each.check,
                "where": each.where,
                "text": each.text,
                "reason": own.reason if own else general,
                "by": own.given_by if own else by,
            }
        )
    return found


def carried(
    built: Built, before: Iterable[Mapping[str, Any]], why: str, by: str
) -> list[dict[str, Any]]:
    """The warnings as ``with_reasons``: those of ``before`` with theirs, new ones with ``why``."""
    known = {(each["check"], each["where"], each["text"]): dict(each) for each in before}
    return [
        known.get((each.check, each.where, each.text))
        or {"check": each.check, "where": each.where, "text": each.text, "reason": why, "by": by}
        for each in built.warnings
    ]


def _mark(warnings: Sequence[Finding], content: IssueContent, check: str) -> str:
    """What a reason is bound to: the findings of its kind, and the texts they are about."""
    found = sorted(
        [each.where, each.text, *_about(each, content)] for each in warnings if each.check == check
    )
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()


def _about(finding: Finding, content: IssueContent) -> list[str]:
    """The words of the issue that a finding is about, and the revisions of the items it names."""
    words = {"subject-length": content.subject, "preheader-length": content.preheader}
    named = set(_REFERENCE.findall(f"{finding.where} {finding.text}"))
    items = [f"{it.reference}/{it.revision}" for it in content.items if it.reference in named]
    return [words.get(finding.check, ""), *items]
