"""A file that somebody brings along: what it is, its bytes say and not its name."""

from newsletter.language import N_, _

from .calendars import of_calendar
from .documents import of_document
from .found import Found, Setting, Unusable

LARGEST_FILE = 5_000_000  # bytes
_LARGEST_CALENDAR = 1_000_000
# What people bring as well: how it begins, and what to do about it.
_OTHERS = (
    (
        b"%PDF",
        N_(
            "Aus einem PDF lesen wir nichts. Bitte bringen Sie die Word-Datei mit, aus der es"
            " entstanden ist, oder kopieren Sie den Text ins Feld."
        ),
    ),
    (
        b"\xd0\xcf\x11\xe0",
        N_(
            "Das ist eine Datei aus einem älteren Word. Bitte öffnen Sie sie und speichern Sie sie"
            " als .docx."
        ),
    ),
    (b"{\\rtf", N_("Das ist eine RTF-Datei. Bitte öffnen und als .docx speichern.")),
    (b"\xff\xd8", N_("Das ist ein Bild. Bilder laden Sie weiter unten unter „Bild“ hoch.")),
    (b"\x89PNG", N_("Das ist ein Bild. Bilder laden Sie weiter unten unter „Bild“ hoch.")),
)
_NEITHER = N_(
    "Diese Datei lesen wir nicht. Es gehen Word-Dateien (.docx) und Kalenderdateien (.ics)."
)


def of_file(raw: bytes, setting: Setting) -> list[Found]:
    """The items in a Word document or a calendar file; Unusable says what else it is."""
    if not raw.strip():
        raise Unusable(why=_("Die Datei ist leer."))
    if len(raw) > LARGEST_FILE:
        why = _("Die Datei ist größer als {most} MB. Bilder bitte einzeln hochladen.")
        raise Unusable(why=why.format(most=LARGEST_FILE // 1_000_000))
    if raw.startswith(b"PK"):
        return [of_document(raw)]
    if b"BEGIN:VCALENDAR" in raw[:4_000].upper():
        if len(raw) > _LARGEST_CALENDAR:
            why = _("Der Kalender ist zu groß. Bitte einen einzelnen Termin exportieren.")
            raise Unusable(why=why)
        return of_calendar(raw, setting)
    for head, why in _OTHERS:
        if raw.startswith(head):
            raise Unusable(why=_(why))
    raise Unusable(why=_(_NEITHER))
