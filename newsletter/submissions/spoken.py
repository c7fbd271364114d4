"""An item as its contributor sees it again: in the letter and on the status page (pure)."""

from datetime import date, datetime

from newsletter.content import Kind
from newsletter.rhythm import in_words
from newsletter.settings import Settings

from .facts import Facts

KINDS = {
    Kind.NEWS: "Meldung",
    Kind.DATE: "Termin",
    Kind.SUCCESS_STORY: "Erfolgsgeschichte",
}
_WEEKDAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")


def lines(facts: Facts, settings: Settings, *, with_picture: bool) -> list[tuple[str, str]]:
    """What was handed in, but for the body, as labelled lines; empty fields leave none."""
    named = [settings.newsletter(slug).name for slug in facts.targets]
    found = [
        ("Art", KINDS[facts.kind]),
        ("Titel", facts.title),
        ("Teaser", facts.teaser),
        ("Beginn", _when(facts.starts, settings)),
        ("Ende", _when(facts.ends, settings)),
        ("Ort", facts.location or ""),
        ("Online", "ja" if facts.online else ""),
        ("Anmeldung bis", _when(facts.register_by, settings)),
        ("Herausforderung", facts.challenge or ""),
        ("Lösung", facts.solution or ""),
        ("Ergebnis", facts.result or ""),
        ("Link", facts.link or ""),
        ("Bild", _picture(facts) if with_picture else ""),
        ("Bildnachweis", (facts.image_credit or "") if with_picture else ""),
        ("Soll erscheinen in", ", ".join(named)),
        ("Vorher nirgends zeigen", _when(facts.embargo_until, settings)),
        ("Rechte bestätigt", "ja" if facts.rights_confirmed else ""),
        ("Ansprechperson", facts.contact_name or ""),
        ("E-Mail für Rückfragen", facts.contact_email or ""),
    ]
    return [(label, text) for label, text in found if text]


def _when(moment: datetime | date | None, settings: Settings) -> str:
    if isinstance(moment, datetime):
        return in_words(moment, settings.zone)
    return f"{_WEEKDAYS[moment.weekday()]}, {moment:%d.%m.%Y}" if moment else ""


def _picture(facts: Facts) -> str:
    if facts.image_decorative:
        return "nur schmückend"
    return facts.image_alt or "noch ohne Bildbeschreibung"
