"""What stands at the end of an issue: a word to the readers, and who stands behind it."""

from datetime import date
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from newsletter.language import _

from .parts import Line, Part
from .site import Address


class CalloutSettings(Part):
    """„Haben Sie selbst etwas zu berichten?“ with a button; what is not said is in our words."""

    show: bool | None = None  # None: only where members are the readers
    title: Line = ""
    text: Line = ""
    button: Line = ""
    link: Address = ""  # "": the form for contributions


class LogoSettings(Part):
    """A logo as a PNG file below ``logos/`` in the home, and the days on which it is printed."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    file: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.png$")]
    name: Annotated[Line, Field(min_length=2)]  # read aloud, and shown without pictures
    link: Address = ""
    from_: date | None = Field(default=None, alias="from")
    to: date | None = None  # the last day

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_ and self.to and self.to < self.from_:
            raise ValueError(_("„to“ liegt vor „from“"))
        return self

    def holds(self, day: date) -> bool:
        """Whether it is printed in an issue that leaves on this day."""
        return (self.from_ or day) <= day <= (self.to or day)
