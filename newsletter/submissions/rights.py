"""Whether an item that stands in an issue may still be shown, as far as rights go (pure)."""

from newsletter.models.submission import Revision, Submission, Via


def taken_back(submission: Submission, newest: Revision, confirmed_then: bool) -> bool:
    """Whether an item is without the rights that it needs.

    A contributor's item always needs them. An editor's own needs them while the issue shows a
    revision for which they were confirmed (``confirmed_then``): with that came its picture.
    """
    if newest.rights_confirmed:
        return False
    return submission.via is not Via.EDITOR or confirmed_then
