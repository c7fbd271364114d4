"""What concerns one editor: items that were given to them, and what others say about these."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import and_, func, select, update
from sqlmodel import Session, col

from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.colleague import Assignment, Comment
from newsletter.models.issue import Issue
from newsletter.models.submission import Revision, Submission
from newsletter.settings import Editor, Settings

_GIVEN = N_("{who} hat Ihnen den Beitrag zugewiesen.")
_SAID = N_("{who}: „{text}“")


@dataclass(frozen=True, slots=True)
class News:
    """One thing that an editor does not know yet."""

    editor: str  # the name
    at: datetime
    about: str  # "items" or "issues"
    key: str  # q12, or an issue's id
    title: str
    said: str  # to be said by _, with ``who`` and ``text``
    who: str
    text: str
    row: Assignment | Comment


@dataclass(frozen=True, slots=True)
class Matter:
    """One item or issue as the letter tells of it."""

    key: str
    title: str
    lines: Sequence[str]
    command: str


def news(session: Session, settings: Settings) -> list[News]:
    """What editors who want letters about it have not heard yet, the oldest first.

    Of items hears whose they are; of issues hear all. Nobody hears what they did themselves.
    """
    wants = {each.name: each for each in settings.editors}
    found = [*_given(session), *_said_of_items(session), *_said_of_issues(session, settings)]
    return sorted((it for it in found if _heard(wants.get(it.editor), it)), key=lambda it: it.at)


def _heard(editor: Editor | None, it: News) -> bool:
    return editor is not None and it.about in editor.letters


def _given(session: Session) -> Iterator[News]:
    rows = session.execute(
        _newest_of(Assignment, select(Assignment, col(Revision.title))).where(
            col(Assignment.announced_at).is_(None),
            col(Assignment.editor) != col(Assignment.assigned_by),
        )
    )
    for row, title in rows:
        about = ("items", f"q{row.submission_id}", title)
        yield News(row.editor, row.assigned_at, *about, _GIVEN, row.assigned_by, "", row)


def _said_of_items(session: Session) -> Iterator[News]:
    said = select(Comment, col(Revision.title), col(Assignment.editor))
    rows = session.execute(
        _newest_of(Comment, said)
        .join(Assignment, col(Assignment.submission_id) == col(Comment.submission_id))
        .where(col(Comment.announced_at).is_(None), col(Comment.made_by) != col(Assignment.editor))
    )
    for row, title, editor in rows:
        about = ("items", f"q{row.submission_id}", title)
        yield News(editor, row.made_at, *about, _SAID, row.made_by, row.text, row)


def _newest_of(table: Any, query: Any) -> Any:
    """Joined to the newest revision of the item that a row is about."""
    newest = and_(
        col(Revision.submission_id) == col(Submission.id),
        col(Revision.number) == col(Submission.revision),
    )
    return query.join(Submission, col(Submission.id) == col(table.submission_id)).join(
        Revision, newest
    )


def _said_of_issues(session: Session, settings: Settings) -> Iterator[News]:
    rows = session.execute(
        select(Comment, col(Issue.subject))
        .join(Issue, col(Issue.id) == col(Comment.issue_id))
        .where(col(Comment.announced_at).is_(None))
    )
    for row, subject in rows:
        about = ("issues", row.issue_id, subject)
        for editor in settings.editors:
            if editor.name != row.made_by:
                yield News(editor.name, row.made_at, *about, _SAID, row.made_by, row.text, row)


def last_heard(session: Session) -> datetime | None:
    """When an editor was last told of any of this."""
    told = [
        session.scalar(select(func.max(col(each.announced_at)))) for each in (Assignment, Comment)
    ]
    return max((moment for moment in told if moment), default=None)


def mark(act: Act, told: Iterable[News]) -> None:
    """Remember that these were told."""
    for kind, key in ((Assignment, "submission_id"), (Comment, "id")):
        ids = {getattr(it.row, key) for it in told if isinstance(it.row, kind)}
        act.session.execute(
            update(kind).where(getattr(kind, key).in_(ids)).values(announced_at=act.now)
        )


def matters(told: Iterable[News]) -> list[Matter]:
    """One editor's news, by item and issue, in words."""
    by_key = sorted(told, key=lambda it: it.key)  # stable: the oldest stays first
    return [_matter(key, list(found)) for key, found in groupby(by_key, lambda it: it.key)]


def _matter(key: str, found: Sequence[News]) -> Matter:
    lines = [_(it.said).format(who=it.who, text=it.text) for it in found]
    noun = "queue" if found[0].about == "items" else "issue"
    return Matter(key, found[0].title, lines, f"{noun} show {key}")
