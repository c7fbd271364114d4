"""What people hand in becomes clean content: Markdown, pasted Word, plain lines (pure).

``line``, ``block``      plain text, on one line or several
``markdown``, ``from_html``   canonical clean Markdown, from Markdown or from HTML
``to_html``, ``to_text``      the two forms in which readers get it
``table``, ``cell``      rows as CSV, which no spreadsheet program runs
``link``                 one address, canonical, without tracking
``compared``             what changed between two text parts: sentences struck and put in

Each cleaner is idempotent: its own output passes unchanged. None of them ever lets a
control character, a bidi override or a private-use character through, so that no text can
forge a header line or one of the slot markers of ``content``.
"""

from .characters import block, line
from .compared import Change, Piece, compared, plain
from .links import link
from .marked import markdown, to_html
from .pasted import from_html
from .spreadsheet import cell, table
from .wrapped import to_text

__all__ = [
    "Change",
    "Piece",
    "block",
    "cell",
    "compared",
    "from_html",
    "line",
    "link",
    "markdown",
    "plain",
    "table",
    "to_html",
    "to_text",
]
