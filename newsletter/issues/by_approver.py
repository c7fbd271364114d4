"""A yes to an issue in which the approver has changed sentences: to the new bytes, once seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from newsletter import checks, texts
from newsletter.content import Edition, Finding, IssueContent, content_hash
from newsletter.errors import Refused
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.issue import Approval, How, Issue
from newsletter.settings import Settings

from . import accepting, made_with, rewording
from .approval import NotWhatWasAsked, decided, editions, keep, require_in_time
from .awaiting import Outcome
from .contents import build
from .neutral import html_of, text_of
from .rewording import Changed
from .sound import require_sound


class NotAsShown(Refused):
    sentence = N_(
        "So, mit Ihren Änderungen, haben Sie die Ausgabe noch nicht gesehen. Bitte sehen Sie die"
        " neue Fassung an und geben Sie sie dann frei."
    )


class ChangedByAnother(NotAsShown):
    sentence = N_(
        "Inzwischen hat jemand anderes, der auch gefragt ist, Sätze geändert. Bitte sehen Sie die"
        " neue Fassung an und geben Sie sie dann frei."
    )


@dataclass(frozen=True, slots=True)
class Reworded:
    """The issue as it would leave with an approver's changes; nothing of it is kept yet."""

    edition: Edition
    content: IssueContent
    html: str
    text: str
    content_hash: str
    findings: Sequence[Finding]
    changes: Sequence[Changed]
    differences: Sequence[texts.Change]  # of the mail, as people read it
    others: tuple[Edition, ...] = ()  # what else readers may choose; the same yes is to them

    @property
    def sound(self) -> bool:
        """Whether it could be approved."""
        return not checks.errors(self.findings)


def proposed(
    session: Session,
    settings: Settings,
    issue: Issue,
    before: Edition,
    changes: Sequence[Changed],
    now: datetime,
) -> Reworded:
    """Render an issue with these changes; ``before`` is the edition without them."""
    built = build(session, settings, issue, now, reworded=rewording.reworder(changes))
    if built.edition is None:  # the template is broken
        require_sound(issue, built)
    edition, *others = editions(built)
    text = text_of(edition)
    return Reworded(
        edition=edition,
        content=built.content,
        html=html_of(edition),
        text=text,
        content_hash=content_hash(editions(built)),
        findings=built.findings,
        changes=changes,
        differences=texts.compared(text_of(before), text),
        others=tuple(others),
    )


def approve(
    act: Act,
    issue: Issue,
    approval: Approval,
    by: str,
    changes: Sequence[Changed],
    seen: str,
    **facts: Any,
) -> Outcome | None:
    """Make the changes, and approve the edition they result in, whose hash is ``seen``.

    ``facts`` are kept with the yes. The editors keep the last word: what they had planned for
    this moment lapses. Lapsed, NotWhatWasAsked if the issue is not what was asked for,
    HasErrors, NotAsShown.
    """
    require_in_time(act, issue, approval)
    before = build(act.session, act.settings, issue, act.now)
    asked = approval.content_hash
    if content_hash(editions(before)) != asked:
        raise NotWhatWasAsked(issue=issue.id)
    rewording.write(act, issue, before.content, changes, by)
    for name, text in rewording.own_words(changes).items():
        setattr(issue, name, text)
    act.session.flush()
    built = build(act.session, act.settings, issue, act.now)
    require_sound(issue, built)
    new = content_hash(editions(built))
    if new != seen:
        raise NotAsShown
    keep(act, issue, editions(built), new)
    made_with.note(act, issue, built.content, new)
    why = _("bei der Freigabe entstanden")
    return decided(
        act,
        issue,
        approval,
        by,
        How.LINK,
        changed=True,
        content_hash=new,
        asked_hash=asked,
        changes=rewording.as_json(changes),
        warnings=accepting.carried(built, approval.warnings or (), why, by),
        **facts,
    )
