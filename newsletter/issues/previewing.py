"""An issue as somebody looks at it who works on it: what would leave now, and what is wrong."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter.content import Edition, Finding, IssueContent, Item, Level, content_hash
from newsletter.errors import NotFound, Refused
from newsletter.language import N_, _
from newsletter.models.issue import EDITABLE, EditionRow, Issue, IssueState
from newsletter.settings import Settings

from .approval import editions
from .contents import Built, build
from .guard import as_approved, as_edition, editions_of, full_of, ready_to_send
from .register import OVER, find

_APPROVED = frozenset({IssueState.APPROVED, IssueState.SCHEDULED, IssueState.LATE})


class NoneOpen(NotFound):
    sentence = N_("Gerade entsteht keine Ausgabe. Eine beginnen: newsletter issue new SLUG")


class WhichOne(Refused):
    sentence = N_("Welche Ausgabe? Bitte angeben; gerade entstehen: {known}.")


@dataclass(frozen=True, slots=True)
class Preview:
    """``edition`` is the stored one (``stored``), or just built; None: a template is broken."""

    issue: Issue
    content: IssueContent
    edition: Edition | None
    stored: bool
    findings: Sequence[Finding]
    others: tuple[Edition, ...] = ()  # what else readers may choose: text only, dates only

    @property
    def editions(self) -> tuple[Edition, ...]:
        """All of them, the full one first; none if a template is broken."""
        return (self.edition, *self.others) if self.edition else ()

    @property
    def closed(self) -> bool:
        """Nothing can be mended any more."""
        return self.issue.state not in EDITABLE

    def embargoed(self, now: datetime) -> list[Item]:
        """The items that nobody else may see yet."""
        items = self.content.items
        return [it for it in items if it.embargo_until and it.embargo_until > now]


def preview(session: Session, settings: Settings, key: str, now: datetime) -> Preview:
    """An issue as it would leave: as it stands, or the stored bytes once it was submitted.

    NotFound, Ambiguous.
    """
    issue = find(session, key)
    rows = editions_of(session, issue)
    built = build(session, settings, issue, now)
    full = full_of(rows)
    stored = as_edition(full) if full else None
    if stored is None:
        found = built.findings
        return Preview(issue, built.content, built.edition, False, found, built.others)
    others = tuple(as_edition(row) for row in reversed(rows) if row is not full)
    findings = [*_as_approved(session, settings, issue, rows, built, now)]
    if issue.state in EDITABLE:  # what has left cannot be mended any more
        findings += built.findings
    return Preview(issue, built.content, stored, True, _each_once(findings), others)


def only_open(session: Session) -> str:
    """The one issue that somebody works on. NoneOpen, WhichOne."""
    ahead = select(col(Issue.id)).where(col(Issue.state).not_in(OVER)).order_by(col(Issue.id))
    keys = session.scalars(ahead).all()
    if not keys:
        raise NoneOpen
    if len(keys) > 1:
        raise WhichOne(known=", ".join(keys))
    return keys[0]


def _as_approved(
    session: Session,
    settings: Settings,
    issue: Issue,
    rows: Sequence[EditionRow],
    built: Built,
    now: datetime,
) -> Iterator[Finding]:
    """What keeps the stored bytes from leaving, or makes them older than the issue."""
    if issue.state in _APPROVED:
        yield from ready_to_send(session, settings, issue, issue.send_at or now)
    elif not as_approved(rows):
        text = _("Die gespeicherte Versandfassung ist nicht die vorgelegte.")
        yield Finding("content-hash", Level.ERROR, "issue", text)
    fresh = editions(built)
    if issue.state in EDITABLE and fresh and content_hash(fresh) != issue.content_hash:
        text = _(
            "Neu gebaut sähe die Ausgabe anders aus: Vorlagen, Einstellungen oder Daten haben sich"
            " geändert. Soll das hinein: newsletter issue request {issue}"
        ).format(issue=issue.id)
        yield Finding("built-anew", Level.WARNING, "issue", text)


def _each_once(findings: Iterable[Finding]) -> list[Finding]:
    """The gravest first; of two about the same, the first."""
    order = list(Level)
    once = {(each.check, each.where, each.text): each for each in findings}
    return sorted(once.values(), key=lambda each: order.index(each.level))
