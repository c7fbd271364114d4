"""What the desk offers for cropping a picture, and what size would come out; pure."""

from newsletter.errors import NewsletterError
from newsletter.language import N_, _
from newsletter.queue import PLACES, SHAPES, Shows, box_of, comes_out, crop_of

FREE = ""  # the answer that asks for per cents
_SAID = {
    "center": N_("die Mitte"),
    "top": N_("was oben ist"),
    "bottom": N_("was unten ist"),
    "left": N_("was links ist"),
    "right": N_("was rechts ist"),
}
Choices = list[tuple[str, str, str]]


def outcome(shown: Shows, text: str, keep: str = "") -> str:
    """The size in the newsletter, or why it does not go."""
    try:
        width, height = comes_out(shown, crop_of(text, keep))
    except NewsletterError as error:
        return str(error)
    return _("wird {width} × {height}").format(width=width, height=height)


def shapes(shown: Shows) -> Choices:
    """The shapes, with the size that comes out; the last one is free."""
    offered = [(str(n), f"{it:<5} {outcome(shown, it)}", it) for n, it in enumerate(SHAPES, 1)]
    free = _("frei  in Prozent, was an jedem Rand wegfällt")
    return [*offered, (str(len(offered) + 1), free, FREE)]


def places(shown: Shows, shape: str) -> Choices:
    """What may be kept: up or down where height goes, left or right where width goes."""
    left, __, right, __ = box_of(shown, crop_of(shape))
    across = right - left < shown.size[0]
    fitting = [
        it for it, point in PLACES.items() if point[1 if across else 0] == PLACES["center"][0]
    ]
    offered = [(str(n), _(_SAID[it]), it) for n, it in enumerate(fitting, 1)]
    free = _("eine Stelle, in Prozent von links und von oben")
    return [*offered, (str(len(offered) + 1), free, FREE)]
