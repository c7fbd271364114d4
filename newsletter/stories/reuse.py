"""May an item in stock be shown on a certain day? (pure)"""

from datetime import date

from newsletter.language import N_, _, dated
from newsletter.models.story import Story, StoryState

STATE_WORDS = {
    StoryState.IN_STOCK: N_("im Vorrat"),
    StoryState.TAKEN_OUT: N_("aus dem Vorrat genommen"),
}


def why_not(it: Story, day: date, *, shown_before: bool) -> str:
    """What keeps an item from being shown on this day; "" if nothing does.

    ``shown_before``: in an issue of another month. Only then it is shown *again*.
    """
    reference = f"q{it.submission_id}"
    if it.until is not None and it.until < day:
        said = _(
            "Das Nutzungsrecht an {item} endete am {day}. Nach einer neuen Zusage:"
            " newsletter stories add {item} --until TAG"
        )
        return said.format(item=reference, day=dated(it.until))
    if not shown_before:
        return ""
    if it.state is StoryState.TAKEN_OUT:
        said = _("{item} wurde aus dem Vorrat genommen: {reason}")
        return said.format(item=reference, reason=it.reason)
    if it.again_after is not None and it.again_after >= day:
        said = _("{item} soll erst nach dem {day} wieder erscheinen.")
        return said.format(item=reference, day=dated(it.again_after))
    return ""
