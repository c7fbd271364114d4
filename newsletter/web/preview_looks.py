"""How somebody wants to see a mail: which edition, how wide, by night, without what many drop.

A look stands in an address, so it works by links alone; ``LOOKS`` are those that one should
have seen before a mail leaves, each with the name of its picture.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from fastapi import Request

from newsletter.content import Variant
from newsletter.language import N_

WIDTHS = (600, 360)  # CSS pixels: a mail program's pane, a phone
NARROW = 320  # the narrowest that a mail must bear (WCAG 1.4.10)
COLUMNS = 76  # of the text part
VIEWS = {"mail": N_("Mail"), "all": N_("Alle"), "text": N_("Text"), "source": N_("Quelltext")}
EDITIONS = {
    Variant.FULL: N_("Ganze Ausgabe"),
    Variant.TEXT: N_("Nur Text"),
    Variant.DATES: N_("Nur Termine"),
}


@dataclass(frozen=True, slots=True)
class Look:
    """How somebody wants to see it."""

    view: str = "mail"
    dark: bool = False
    images: bool = True
    styles: bool = True
    narrow: bool = False
    edition: str = Variant.FULL.value

    @classmethod
    def asked(cls, request: Request) -> "Look":
        """As the address says; what it does not know, it leaves."""
        given = request.query_params
        view, edition = given.get("view", ""), given.get("edition", "")
        return cls(
            view if view in VIEWS else "mail",
            "dark" in given,
            "bare" not in given,
            "plain" not in given,
            given.get("width") == str(NARROW),
            edition if edition in EDITIONS else Variant.FULL.value,
        )

    @property
    def widths(self) -> tuple[int, ...]:
        """How wide the mail is shown, side by side."""
        return (NARROW,) if self.narrow else WIDTHS

    def query(self, **changes: object) -> str:
        """The end of an address that shows it so, with these changes; empty for the plain look.

        What is no part of a look goes into the address as it is.
        """
        own = {name: value for name, value in changes.items() if name in Look.__slots__}
        it = replace(self, **own)  # type: ignore[arg-type]
        pairs: dict[str, object] = {}
        pairs |= {} if it.view == "mail" else {"view": it.view}
        pairs |= {"dark": 1} if it.dark else {}
        pairs |= {} if it.images else {"bare": 1}
        pairs |= {} if it.styles else {"plain": 1}
        pairs |= {"width": NARROW} if it.narrow else {}
        pairs |= {} if it.edition == Variant.FULL else {"edition": it.edition}
        pairs |= {name: value for name, value in changes.items() if name not in own}
        return f"?{urlencode(pairs)}" if pairs else ""


@dataclass(frozen=True, slots=True)
class Shown:
    """One look at one width. ``name`` is its picture's."""

    name: str
    words: str  # marked
    width: int
    look: Look

    @property
    def page(self) -> Look:
        """The look of the page that shows it."""
        return replace(self.look, narrow=self.width == NARROW)


LOOKS = (
    Shown("600-light", N_("600 Pixel breit, hell"), 600, Look()),
    Shown("600-dark", N_("600 Pixel breit, dunkel"), 600, Look(dark=True)),
    Shown("360-light", N_("360 Pixel breit, hell"), 360, Look()),
    Shown("360-dark", N_("360 Pixel breit, dunkel"), 360, Look(dark=True)),
    Shown("320-light", N_("320 Pixel breit, hell"), 320, Look()),
    Shown("600-no-images", N_("600 Pixel breit, ohne Bilder"), 600, Look(images=False)),
    Shown("360-no-images", N_("360 Pixel breit, ohne Bilder"), 360, Look(images=False)),
    Shown(
        "600-no-styles",
        N_("600 Pixel breit, ohne Stilvorlage wie bei GMX und WEB.DE"),
        600,
        Look(styles=False),
    ),
    Shown(
        "360-no-styles",
        N_("360 Pixel breit, ohne Stilvorlage wie bei GMX und WEB.DE"),
        360,
        Look(styles=False),
    ),
    Shown("text", N_("Textteil, 76 Zeichen breit"), 640, Look(view="text")),
)


def looks_of(edition: str) -> Iterable[Shown]:
    """All looks at one edition; of what has no HTML part only the text."""
    its = [replace(it, look=replace(it.look, edition=edition)) for it in LOOKS]
    return [it for it in its if it.look.view == "text" or edition != Variant.TEXT]


_SCHEME = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)")
_BOTH = re.compile(r'(<meta name="(?:supported-)?color-schemes?" content=")light dark(")')
_STYLE = re.compile(r"<style\b.*?</style\s*>", re.DOTALL | re.IGNORECASE)


def drawn(html: str, look: Look) -> str:
    """A mail's document by day or by night, whatever the machine prefers; with its style sheets,
    or without, as some mail programs show it. Its pictures are its frame's matter.
    """
    wanted = "dark" if look.dark else "light"
    html = _SCHEME.sub(lambda it: f"({'min' if it[1] == wanted else 'max'}-width:0)", html)
    html = _BOTH.sub(rf"\g<1>{wanted}\g<2>", html)
    return html if look.styles else _STYLE.sub("", html)
