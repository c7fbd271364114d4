"""What a change would undo, said in full before it is made."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter import invalidation, rhythm, submissions
from newsletter.language import _
from newsletter.models.issue import ApprovalState, Issue, IssueState, Placement
from newsletter.settings import Settings

from .register import names, standing


def at_stake(session: Session, settings: Settings, issue: Issue) -> str | None:
    """What a change of this issue would undo, as a sentence to say before; None if nothing."""
    if issue.state not in invalidation.AWAITED:
        return None
    lost = _lost(session, settings, issue)
    again = _("{issue} wird wieder ein Entwurf und braucht eine neue Freigabe.")
    return f"{lost} {again.format(issue=issue.id)}"


def at_stake_with(
    session: Session, settings: Settings, references: Collection[str]
) -> dict[str, str]:
    """Which issues would be stopped if these items changed for readers, and what that undoes."""
    numbers = [submissions.by_reference(session, each).id for each in references]
    holding = (
        select(Issue)
        .join(Placement, col(Placement.issue_id) == Issue.id)
        .where(
            col(Placement.submission_id).in_(numbers),
            col(Issue.state).in_(invalidation.AWAITED | {IssueState.SENDING}),
        )
        .order_by(col(Issue.id))
    )
    said = {it.id: _stopping(session, settings, it) for it in session.scalars(holding).unique()}
    return {issue: words for issue, words in said.items() if words}


def _stopping(session: Session, settings: Settings, issue: Issue) -> str | None:
    if issue.state is IssueState.SENDING:
        return _("Das hält den laufenden Versand von {issue} an.").format(issue=issue.id)
    return at_stake(session, settings, issue)


def _lost(session: Session, settings: Settings, issue: Issue) -> str:
    counts = standing(session, issue.id)
    said_yes = ", ".join(each.decided_by for each in counts if each.decided_by) or "?"
    if issue.state is IssueState.IN_APPROVAL:
        waiting = names([each for each in counts if each.state is ApprovalState.OPEN])
        yes = any(each.decided_by for each in counts)
        return _open(yes, waiting).format(issue=issue.id, who=", ".join(waiting), yes=said_yes)
    facts = {"issue": issue.id, "who": said_yes}
    if issue.send_at is None:
        return _("Das hebt die Freigabe von {issue} durch {who} auf.").format(**facts)
    said = _("Das hebt die Freigabe von {issue} durch {who} auf; der Versand {when} entfällt.")
    return said.format(when=rhythm.in_words(issue.send_at, settings.zone), **facts)


def _open(said_yes: bool, waiting: Sequence[str]) -> str:
    if said_yes:
        return _(
            "Die Freigabe von {issue} ist bei {who} angefragt, zugesagt hat schon: {yes};"
            " das alles verfällt."
        )
    if waiting:
        return _("Die Freigabe von {issue} ist bei {who} angefragt; die Anfrage verfällt.")
    return _("Die Freigabe von {issue} ist angefragt; die Anfrage verfällt.")
