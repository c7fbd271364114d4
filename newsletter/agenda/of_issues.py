"""What each issue that is not over still needs, and of whom (pure)."""

from collections.abc import Callable, Iterator
from shlex import quote
from textwrap import shorten

from newsletter.dispatch.accounts import number
from newsletter.dispatch.obstacles import way_on
from newsletter.dispatch.progress import finished, overdue
from newsletter.language import N_, _, n_
from newsletter.models.issue import IssueState
from newsletter.rhythm import in_words

from .entry import SENDING, Entry, Urgency, by_time
from .facts import Ahead, Facts

_COMMENT = 200  # characters of a comment; the whole is in issue status


def about_issues(facts: Facts) -> Iterator[Entry]:
    """An entry for each issue that is not over."""
    for issue in facts.ahead:
        yield _ISSUES[issue.state](facts, issue)


def _draft(facts: Facts, issue: Ahead) -> Entry:
    if not issue.items:
        said, command = _("{issue} ist begonnen und noch leer"), f"issue fill {issue.id}"
    elif issue.errors:
        said = n_(
            "{issue} ist ein Entwurf mit {n} Fehler",
            "{issue} ist ein Entwurf mit {n} Fehlern",
            issue.errors,
        )
        command = f"issue check {issue.id}"
    elif issue.wish:
        said = _(_RETURNED[issue.wish.answer])
        command = f"issue {'check' if issue.wish.answered else 'edit'} {issue.id}"
    else:
        said = _("{issue} ist fertig zusammengestellt; es fehlt die Freigabe")
        command = f"issue request {issue.id}"
    text = said.format(issue=issue.id, n=issue.errors, **_wished(issue))
    text += _planned(facts, issue)
    if issue.leaves and not issue.planned:
        when = in_words(issue.leaves, facts.zone)
        text += "; " + _("Versand: {when}").format(when=when)
    return Entry(by_time(facts, issue.leaves), "draft", text, command, issue.leaves)


_RETURNED = {
    "changes": N_("{issue}: {who} wünscht Änderungen: „{comment}“"),
    "decline": N_("{issue}: {who} hat nicht freigegeben: „{comment}“"),
}


def _wished(issue: Ahead) -> dict[str, str]:
    if issue.wish is None:
        return {}
    comment = shorten(issue.wish.comment, _COMMENT, placeholder=" …")
    return {"who": issue.wish.who, "comment": comment}


def _in_approval(facts: Facts, issue: Ahead) -> Entry:
    since = in_words(issue.requested_at or facts.now, facts.zone)
    said = _("{issue} wartet seit {since} auf die Freigabe")
    text = said.format(issue=issue.id, since=since)
    due = issue.until or issue.leaves
    if issue.until:
        text += "; " + _("Frist: {when}").format(when=in_words(issue.until, facts.zone))
    text += _planned(facts, issue)
    command = f"--as {quote(issue.second)} issue approve {issue.id}"
    if issue.asked:
        command = f"issue status {issue.id}"
    soon = by_time(facts, due)
    who = issue.asked or issue.second
    return Entry(min(soon, Urgency.SOON), "approval", text, command, due, who)


def _planned(facts: Facts, issue: Ahead) -> str:
    """What happens by itself once somebody has said yes."""
    if issue.planned is None or issue.planned_latest is None:
        return ""
    when, latest = (in_words(it, facts.zone) for it in (issue.planned, issue.planned_latest))
    said = _("ist sie bis {latest} freigegeben, geht sie von selbst hinaus: {when}")
    return "; " + said.format(latest=latest, when=when)


def _approved(facts: Facts, issue: Ahead) -> Entry:
    text = _("{issue} ist freigegeben und noch nicht geplant").format(issue=issue.id)
    urgency = min(by_time(facts, issue.leaves), Urgency.SOON)
    return Entry(urgency, "approved", text, f"issue schedule {issue.id}", issue.leaves)


def _scheduled(facts: Facts, issue: Ahead) -> Entry:
    when = in_words(issue.leaves or facts.now, facts.zone)
    if issue.leaves and overdue(issue.leaves, facts.sender, facts.now):
        text = _(_NOT_BEGUN[facts.sender]).format(issue=issue.id, when=when)
        command = f"issue status {issue.id}" if facts.sender else "run"
        return Entry(Urgency.NOW, "not-sent", text, command, issue.leaves)
    said = n_(
        "{issue} geht am {when} hinaus, an {n} Adresse",
        "{issue} geht am {when} hinaus, an {n} Adressen",
        issue.addresses,
    )
    text = said.format(issue=issue.id, when=when, n=number(issue.addresses))
    if issue.takes and issue.leaves and issue.addresses:
        text += f", {finished(issue.leaves, issue.takes, facts.zone)}"
    urgency = max(by_time(facts, issue.leaves), Urgency.SOON)
    return Entry(urgency, "scheduled", text, f"issue status {issue.id}", issue.leaves)


_NOT_BEGUN = {
    False: N_("{issue} ist fällig seit {when}; es sendet niemand"),
    None: N_("{issue} ist überfällig seit {when}; läuft „newsletter run“?"),
    True: N_("{issue} ist überfällig seit {when}; der Versand läuft"),
}


def _late(_now: Facts, issue: Ahead) -> Entry:
    said = _("{issue} ist verspätet und wartet auf ein Ja: {why}")
    text = said.format(issue=issue.id, why=_why(issue))
    return Entry(Urgency.NOW, "late", text, f"issue schedule {issue.id} now", issue.leaves)


def _paused(_now: Facts, issue: Ahead) -> Entry:
    text = _("{issue} ist angehalten: {why}").format(issue=issue.id, why=_why(issue))
    command = way_on(issue.state, issue.id, issue.reason.brake if issue.reason else None)
    return Entry(Urgency.NOW, "paused", text, command, issue.leaves)


def _why(issue: Ahead) -> str:
    return _(issue.reason.why) if issue.reason and issue.reason.why else ""


def _going_out(facts: Facts, issue: Ahead) -> Entry:
    if facts.sender is False:
        said = _("{issue} ist im Versand, aber gerade sendet niemand")
        return Entry(Urgency.NOW, "not-sent", said.format(issue=issue.id), "run", issue.leaves)
    text = _("{issue} geht gerade hinaus").format(issue=issue.id)
    return Entry(Urgency.NOW, SENDING, text, f"issue status {issue.id}", issue.leaves)


_ISSUES: dict[IssueState, Callable[[Facts, Ahead], Entry]] = {
    IssueState.DRAFT: _draft,
    IssueState.IN_APPROVAL: _in_approval,
    IssueState.APPROVED: _approved,
    IssueState.SCHEDULED: _scheduled,
    IssueState.LATE: _late,
    IssueState.OPENING: _going_out,
    IssueState.SENDING: _going_out,
    IssueState.PAUSED: _paused,
}
