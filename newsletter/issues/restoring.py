"""An issue as it stood before a change, for whoever takes the change back."""

from collections.abc import Mapping
from typing import Any

from newsletter.history import Act
from newsletter.models.correction import Correction
from newsletter.models.issue import Issue
from newsletter.models.submission import Submission

from .assemble import require_accepted
from .board import TEXTS, Board
from .change import changed, opened

PUT_BACK = "put back"


def put_back(act: Act, key: str, before: Mapping[str, Any], what: str = PUT_BACK) -> Issue:
    """Give an issue the texts, places and revisions that a line of its history remembers.

    It is a change like any other: what was approved is approved no more. Refused if an item
    that comes back may not stand in it any more (declined meanwhile, withdrawn).
    """
    issue = opened(act, key)
    board = Board.of(act, issue)
    now = board.before
    board.stand_as(before)
    for number in board.pins.keys() - board.places.keys():
        require_accepted(act, issue, act.session.get_one(Submission, number))
    board.write()
    changed(act, issue, what, before=now)
    for name in TEXTS:
        setattr(issue, name, before[name])
    its = act.session.get(Correction, issue.id)
    if its and "note" in before:
        its.note = before["note"]
    act.session.add(issue)
    act.session.flush()
    return issue
