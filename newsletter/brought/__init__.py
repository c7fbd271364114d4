"""What people bring along instead of typing it, read as items (pure).

``of_file``      a Word document or a calendar file
``of_calendar``  iCalendar
``of_page``      a web page: what it says of itself for search engines and other sites
``of_source``    a member's feed: RSS, Atom, iCalendar, or the dates on a page

All of it comes from outside: whatever cannot be read is said in one sentence (``Unusable``), and
nothing that was found is more than a proposal that somebody looks at.
"""

from .calendars import of_calendar
from .feeds import Source, of_source
from .files import LARGEST_FILE, of_file
from .found import Found, Setting, Unusable, day_of
from .pages import of_page

__all__ = [
    "LARGEST_FILE",
    "Found",
    "Setting",
    "Source",
    "Unusable",
    "day_of",
    "of_calendar",
    "of_file",
    "of_page",
    "of_source",
]
