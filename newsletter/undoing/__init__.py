"""Taking back the last thing an editor did, whatever it was; or saying why that cannot be.

``deeds``   which acts an editor did, and which of them still stand
``back``    how each kind is taken back, by the verbs that everybody uses
            (``on_items``, ``on_issues``)
``stays``   what cannot be taken back, why, and what can be done instead

A verb that writes a new line of history needs a place in ``back.BACK``, in ``stays.STAYS``, or
in ``deeds.NO_DEED``; a test names those that have none.
"""

from .back import BACK, foreseen, undo
from .deeds import NO_DEED, Deed, Undone
from .stays import STAYS

__all__ = ["BACK", "NO_DEED", "STAYS", "Deed", "Undone", "foreseen", "undo"]
