"""Colours as mails write them, and how well one is read on another (WCAG 1.4.3)."""

import re
from functools import lru_cache

Rgb = tuple[int, int, int]
WHITE: Rgb = (255, 255, 255)
LEAST, LEAST_LARGE = 4.5, 3.0
_NAMES = {"white": WHITE, "black": (0, 0, 0)}


@lru_cache(maxsize=512)
def colour(said: str) -> Rgb | None:
    """The colour that a declaration begins with; None for none, „inherit“, „transparent“."""
    said = said.strip().lower()
    if match := re.match(r"#([0-9a-f]{6}|[0-9a-f]{3})\b", said):
        digits = match[1] if len(match[1]) == 6 else "".join(2 * each for each in match[1])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    if match := re.match(r"rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)", said):
        return int(match[1]), int(match[2]), int(match[3])
    return _NAMES.get(said.split(" ")[0])


def contrast(one: Rgb, other: Rgb) -> float:
    """Their ratio, 1 to 21, as WCAG 2 computes it."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def as_hex(rgb: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)


def _luminance(rgb: Rgb) -> float:
    red, green, blue = (_linear(each / 255) for each in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
