"""Which days are free in this house: the Länder whose holidays count, and days of its own."""

import re
from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from newsletter.almanac import Almanac
from newsletter.content import LAENDER
from newsletter.language import _

from .parts import Part


def _land(value: str) -> str:
    """„BE“ or „DE-BE“, as people write it."""
    short = value.strip().upper().removeprefix("DE-")
    if f"DE-{short}" not in LAENDER:
        known = ", ".join(key.removeprefix("DE-") for key in LAENDER)
        why = _("das Land „{land}“ gibt es nicht; möglich: {known}")
        raise ValueError(why.format(land=value, known=known))
    return short


def _yearly(value: str) -> str:
    """A day of each year: „24.12.“."""
    found = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.", value.strip())
    try:
        day = date(2024, int(found[2]), int(found[1])) if found else None  # has a 29 February
    except ValueError:
        day = None
    if day is None:
        raise ValueError(_("„{day}“ ist kein Tag (Form: 24.12.)").format(day=value))
    return f"{day.day}.{day.month}."


class FreeDays(Part):
    """Which days are free besides weekends and the holidays of the whole country."""

    laender: tuple[Annotated[str, AfterValidator(_land)], ...] = ()  # one that holds in any counts
    also: tuple[Annotated[str, AfterValidator(_yearly)], ...] = Field(
        default=("24.12.", "31.12."), max_length=50
    )

    def almanac(self, zone: ZoneInfo) -> Almanac:
        """As the pure rooms know it."""
        days = (tuple(map(int, day.split(".")[:2])) for day in self.also)
        return Almanac(zone, self.laender, tuple((month, day) for day, month in days))
