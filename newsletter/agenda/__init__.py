"""What is due, for whom, and what to type next; and when issues fall.

``facts``  what is known at one moment        ``fetching``  reads them, in one transaction
``lines``  facts -> entries, most urgent first (pure); ``of_issues`` those about issues
``calendar`` the issues of a year, for the terminal and for people's own calendars
"""

from .calendar import Planned, calendar, milestones
from .entry import Entry, Urgency
from .facts import Facts
from .fetching import fetch
from .lines import entries

__all__ = [
    "Entry",
    "Facts",
    "Planned",
    "Urgency",
    "calendar",
    "entries",
    "fetch",
    "milestones",
]
