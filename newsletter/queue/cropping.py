"""Which part of an item's picture stays: a shape around what matters, or less of each edge.

What is not in it is not lost: earlier revisions keep their picture, and so do the issues that
pinned them.
"""

import re
from dataclasses import dataclass

from newsletter import pictures
from newsletter.errors import Refused, WrongUsage
from newsletter.language import N_, _

from .picture import Shows

SHAPES = ("16:9", "4:3", "1:1")  # what is offered; any other goes, too
# Where the important part is, in per cent from the left and from the top.
PLACES = {
    "center": (50.0, 50.0),
    "top": (50.0, 0.0),
    "bottom": (50.0, 100.0),
    "left": (0.0, 50.0),
    "right": (100.0, 50.0),
}
_SHAPE = re.compile(r"([1-9]\d?):([1-9]\d?)", re.ASCII)
_POINT = re.compile(r"(\d{1,2}|100)\s*,\s*(\d{1,2}|100)", re.ASCII)
Box = tuple[int, int, int, int]  # left, upper, right, lower


class TooSmall(Refused):
    sentence = N_(
        "Der Ausschnitt hätte nur {width} × {height} Pixel; mindestens {least} müssen bleiben."
        " Bitte weniger abschneiden, oder ein größeres Bild nehmen."
    )


class NothingToCut(Refused):
    sentence = N_("Das Bild hat diese Form schon ({width} × {height} Pixel).")


@dataclass(frozen=True, slots=True)
class Shape:
    """As much of a picture as has this shape, around a point (per cent from left and top)."""

    wide: int
    high: int
    point: tuple[float, float] = PLACES["center"]

    def box(self, width: int, height: int) -> Box:
        """What is left of so many pixels: within the picture, and never empty."""
        across = min(width, max(1, round(height * self.wide / self.high)))
        down = min(height, max(1, round(width * self.high / self.wide)))
        left = _around(width, across, self.point[0])
        upper = _around(height, down, self.point[1])
        return left, upper, left + across, upper + down


def _around(whole: int, part: int, percent: float) -> int:
    """Where a part begins that has a point in its middle, as far as the picture reaches."""
    return min(max(round(whole * percent / 100 - part / 2), 0), whole - part)


def crop_of(text: str, keep: str = "") -> pictures.Part:
    """„16:9“ and where the important part is, or „top=20,right=10“. WrongUsage."""
    if shape := _SHAPE.fullmatch(text.strip()):
        return Shape(int(shape[1]), int(shape[2]), _point(keep.strip().lower() or "center"))
    if keep:
        only = _("--keep gilt nur zusammen mit einer Form, zum Beispiel --crop 16:9.")
        raise WrongUsage(why=only)
    return pictures.Cut.of(text)


def _point(keep: str) -> tuple[float, float]:
    if keep in PLACES:
        return PLACES[keep]
    if point := _POINT.fullmatch(keep):
        return float(point[1]), float(point[2])
    wrong = _(
        "„{keep}“ geht nicht bei --keep. Möglich: {places}, oder eine Stelle in Prozent von"
        " links und von oben, zum Beispiel 40,20."
    )
    raise WrongUsage(why=wrong.format(keep=keep, places=", ".join(PLACES)))


def box_of(shown: Shows, crop: pictures.Part) -> Box:
    """What stays of an item's picture, in its pixels. TooSmall, NothingToCut."""
    box = crop.box(*shown.size)
    width, height = box[2] - box[0], box[3] - box[1]
    if shown.size[0] - width <= 1 and shown.size[1] - height <= 1:
        raise NothingToCut(width=width, height=height)
    if width < pictures.SMALLEST[0] or height < pictures.SMALLEST[1]:
        least = "{} × {}".format(*pictures.SMALLEST)
        raise TooSmall(width=width, height=height, least=least)
    return box


def comes_out(shown: Shows, crop: pictures.Part) -> tuple[int, int]:
    """How large it will be in a mail, in CSS pixels. TooSmall, NothingToCut."""
    left, upper, right, lower = box_of(shown, crop)
    return pictures.in_mail((right - left, lower - upper))


def cut_out(shown: Shows, crop: pictures.Part) -> pictures.Prepared:
    """The part, made without the database, since this takes a while. As ``box_of``; Invalid."""
    box_of(shown, crop)
    return pictures.prepare(shown.data, crop)
