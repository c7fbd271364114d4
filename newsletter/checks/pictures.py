"""Pictures: their file, their words, their author."""

import re
from collections.abc import Iterator

from newsletter.content import Finding, Item, Level, PictureUse
from newsletter.language import _

from .facts import Facts
from .mends import edit
from .names import found

_FILE_NAME = re.compile(r"\S+\.(?:jpe?g|png|gif|webp|tiff?|heic|bmp)", re.IGNORECASE)
SHORTEST_ALT, LONGEST_ALT = 10, 250


def picture(item: Item, facts: Facts) -> Iterator[Finding]:
    if item.picture is None:
        return
    if wrong := facts.harmed.get(item.reference):
        mend = _(
            "Bitte aus der Sicherung zurückholen, oder ein anderes Bild nehmen (oder keines):"
            " newsletter queue edit {reference}"
        ).format(reference=item.reference)
        yield found("picture-file", Level.ERROR, item.reference, wrong, mend)
    if not item.picture.decorative:
        yield from _alt_text(item, item.picture)
    if not item.picture.credit:
        wrong = _("Dem Bild fehlt der Bildnachweis (§ 13 UrhG).")
        yield found("picture-credit", Level.WARNING, item.reference, wrong, edit(item))


def _alt_text(item: Item, shown: PictureUse) -> Iterator[Finding]:
    alt = (shown.alt or "").strip()
    level = Level.HINT
    if not alt:
        level = Level.ERROR
        wrong = _("Dem Bild fehlt der Alternativtext: Was ist zu sehen? (Oder: schmückend.)")
    elif _FILE_NAME.fullmatch(alt):
        wrong = _("Der Alternativtext „{alt}“ ist ein Dateiname und sagt nicht, was zu sehen ist.")
    elif len(alt) < SHORTEST_ALT:
        wrong = _("Der Alternativtext „{alt}“ ist sehr kurz; beschreibt er, was zu sehen ist?")
    elif len(alt) > LONGEST_ALT:
        level = Level.WARNING
        wrong = _("Der Alternativtext hat {length} Zeichen; mehr als {most} liest niemand vor.")
    else:
        return
    wrong = wrong.format(alt=alt, length=len(alt), most=LONGEST_ALT)
    yield found("alt-text", level, item.reference, wrong, edit(item))
