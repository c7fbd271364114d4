"""The order of an issue's items while somebody moves them; written back in one go."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter.history import Act
from newsletter.models.issue import Issue, Placement

TEXTS = ("subject", "preheader", "opening")  # an issue's own


@dataclass
class Board:
    """Sections with the items in them, by submission id, and the revision each place pins."""

    session: Session
    issue: Issue
    places: dict[int, Placement]
    order: dict[str, list[int]] = field(default_factory=dict)
    pins: dict[int, int] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)  # how the issue stood, as JSON

    @classmethod
    def of(cls, act: Act, issue: Issue) -> "Board":
        """The board as it stands in the database."""
        return cls.read(act.session, issue)

    @classmethod
    def read(cls, session: Session, issue: Issue) -> "Board":
        """The same, to be looked at only."""
        standing = select(Placement).where(col(Placement.issue_id) == issue.id)
        rows = session.scalars(
            standing.order_by(col(Placement.position), col(Placement.submission_id))
        ).all()
        board = cls(session, issue, {row.submission_id: row for row in rows})
        for row in rows:
            board.put(row.submission_id, row.section, row.revision)
        board.before = board.standing()
        return board

    def standing(self) -> dict[str, Any]:
        """The issue's texts and places as JSON, for the history: ``stand_as`` takes it."""
        texts = {name: getattr(self.issue, name) for name in TEXTS}
        order = [
            [section, [[number, self.pins[number]] for number in ids]]
            for section, ids in self.order.items()
        ]
        return texts | {"order": order}

    def stand_as(self, before: Mapping[str, Any]) -> None:
        """Give every item the place and revision that ``standing`` once said."""
        self.clear()
        for section, places in before["order"]:
            for number, revision in places:
                self.put(number, section, revision)

    def __contains__(self, submission_id: int) -> bool:
        return submission_id in self.pins

    def section_of(self, submission_id: int) -> str:
        return next(key for key, ids in self.order.items() if submission_id in ids)

    def put(self, submission_id: int, section: str, revision: int, at: int | None = None) -> None:
        """Give an item a place in a section: the ``at``-th (from 1), or the last."""
        self.take_out(submission_id)
        ids = self.order.setdefault(section, [])
        ids.insert(len(ids) if at is None else max(at - 1, 0), submission_id)
        self.pins[submission_id] = revision

    def take_out(self, submission_id: int) -> None:
        if self.pins.pop(submission_id, None) is not None:
            self.order[self.section_of(submission_id)].remove(submission_id)

    def exchange(self, one: int, other: int, pins: Mapping[int, int]) -> None:
        """Give each the other's place; without one, the other is left without."""
        becomes = {one: other, other: one}
        for ids in self.order.values():
            ids[:] = [becomes.get(each, each) for each in ids]
        self.pins = {each: pins[each] for ids in self.order.values() for each in ids}

    def clear(self) -> None:
        self.order.clear()
        self.pins.clear()

    def write(self) -> bool:
        """Make the database show the board; says whether anything was different."""
        touched = [self._remove(gone) for gone in self.places.keys() - self.pins.keys()]
        for section, ids in self.order.items():
            for position, submission_id in enumerate(ids, 1):
                if self._set(submission_id, section, position):
                    touched.append(submission_id)
        self.session.flush()
        return bool(touched)

    def _remove(self, submission_id: int) -> int:
        self.session.delete(self.places[submission_id])
        return submission_id

    def _set(self, submission_id: int, section: str, position: int) -> bool:
        wanted = (self.pins[submission_id], section, position)
        row = self.places.get(submission_id)
        if row is None:
            row = Placement(
                issue_id=self.issue.id,
                submission_id=submission_id,
                revision=self.pins[submission_id],
                newsletter=self.issue.newsletter,
                audience=self.issue.audience,
                section=section,
                position=position,
            )
            self.session.add(row)
            return True
        if (row.revision, row.section, row.position) == wanted:
            return False
        row.revision, row.section, row.position = wanted
        return True
