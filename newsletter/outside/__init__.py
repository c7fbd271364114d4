"""The one door to other people's pages (STANDARDS WB-32): guarded, limited, polite.

``Fetcher.fetch`` reads one address. It goes to public hosts by https only, connects to the very
address that was looked at, follows three redirects and looks at each anew, and gives up after ten
seconds or two megabytes. Behind a web proxy, which resolves names itself, a list of hosts stands
in for looking at addresses. There is no way to switch any of this off.

``Fetcher.reach`` asks whether pages are there, by the same rules; ``records`` asks the DNS what
stands there about a sender's domain.

That something cannot be reached from here is never taken for its end (``NotReached``).
"""

from .door import LARGEST, SECONDS, Fetched, Fetcher
from .errors import Gone, NotOpened, NotReached, OutsideError, Unreadable
from .reach import Reach
from .records import Record, sender_records

__all__ = [
    "LARGEST",
    "SECONDS",
    "Fetched",
    "Fetcher",
    "Gone",
    "NotOpened",
    "NotReached",
    "OutsideError",
    "Reach",
    "Record",
    "Unreadable",
    "sender_records",
]
