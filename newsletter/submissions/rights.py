"""Whether an item may be shown, as far as rights go (pure)."""

from newsletter.language import _
from newsletter.models.submission import Revision, Submission, Via


def taken_back(submission: Submission, newest: Revision, confirmed_then: bool) -> bool:
    """Whether an item is without the rights that it needs.

    A contributor's item always needs them. An editor's own needs them while the issue shows a
    revision for which they were confirmed (``confirmed_then``): with that came its picture.
    """
    if newest.rights_confirmed:
        return False
    return submission.via is not Via.EDITOR or confirmed_then


def lacking(submission: Submission, newest: Revision, confirmed_then: bool = False) -> str | None:
    """What to tell an editor of an item without its rights: never given, or taken back."""
    if not taken_back(submission, newest, confirmed_then):
        return None
    return _(
        "Die Rechte an Text und Bild sind nicht bestätigt; liegen sie vor, bitte eintragen"
        " (rights_confirmed: ja): newsletter queue edit {reference}."
    ).format(reference=submission.reference)
