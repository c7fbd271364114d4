"""What is due, for whom, and what to type next.

``facts``  what is known at one moment        ``fetching``  reads them, in one transaction
``lines``  facts -> entries, most urgent first (pure)
"""

from .facts import Facts
from .fetching import fetch
from .lines import Entry, Urgency, entries

__all__ = ["Entry", "Facts", "Urgency", "entries", "fetch"]
