"""The editors' queue: their own items, what waits, and the decision about each.

``own``     add, edit                ``decide``  accept, decline, newsletter by newsletter
``listing`` list_, show              ``telling`` the letter about a decline
"""

from newsletter.invalidation import invalidate_issues

from .decide import CLEARANCE_WORDS, STATE_WORDS, Decision, accept, decline
from .listing import Entry, Shown, list_, show
from .own import Edited, add, edit

__all__ = [
    "CLEARANCE_WORDS",
    "STATE_WORDS",
    "Decision",
    "Edited",
    "Entry",
    "Shown",
    "accept",
    "add",
    "decline",
    "edit",
    "invalidate_issues",
    "list_",
    "show",
]
