"""An item as its contributor sees it again: in the letter and on the status page (pure)."""

from datetime import date, datetime

from newsletter.content import Kind
from newsletter.language import N_, _, dated, weekday
from newsletter.rhythm import in_words, month_name, year_of
from newsletter.settings import Settings

from .facts import Facts

KINDS = {
    Kind.NEWS: N_("Meldung"),
    Kind.DATE: N_("Termin"),
    Kind.SUCCESS_STORY: N_("Erfolgsgeschichte"),
}


def lines(facts: Facts, settings: Settings, *, with_picture: bool) -> list[tuple[str, str]]:
    """What was handed in, but for the body, as labelled lines; empty fields leave none."""
    named = [settings.newsletter(slug).name for slug in facts.targets]
    found = [
        (_("Art"), _(KINDS[facts.kind])),
        (_("Titel"), facts.title),
        (_("Kurztext"), facts.teaser),
        (_("Beginn"), when_said(facts.starts, settings)),
        (_("Ende"), when_said(facts.ends, settings)),
        (_("Ort"), facts.location or ""),
        (_("Online"), _("ja") if facts.online else ""),
        (_("Anmeldung bis"), when_said(facts.register_by, settings)),
        (_("Herausforderung"), facts.challenge or ""),
        (_("Lösung"), facts.solution or ""),
        (_("Ergebnis"), facts.result or ""),
        (_("Zitat"), facts.quote or ""),
        (_("Zugestimmt hat"), facts.approved_by or ""),
        (_("Link"), facts.link or ""),
        (_("Bild"), _picture(facts) if with_picture else ""),
        (_("Bildnachweis"), (facts.image_credit or "") if with_picture else ""),
        (_("Zu sehen sind"), (facts.persons_shown or "") if with_picture else ""),
        (_("Soll erscheinen in"), ", ".join(named)),
        (_("Wunschausgabe"), issue_said(facts.wish_issue)),
        (_("Muss jetzt hinein, weil"), facts.urgent_because or ""),
        (_("Aktuell bis"), when_said(facts.current_until, settings)),
        (_("Vorher nirgends zeigen"), when_said(facts.embargo_until, settings)),
        (_("Rechte bestätigt"), _("ja") if facts.rights_confirmed else ""),
        (_("Ansprechperson"), facts.contact_name or ""),
        (_("E-Mail für Rückfragen"), facts.contact_email or ""),
    ]
    return [(label, text) for label, text in found if text]


# What one cluster tells the editors and not another one that is named in its item.
_TOLD_TO_EDITORS = (
    *(N_("Zugestimmt hat"), N_("Zu sehen sind"), N_("Ansprechperson"), N_("E-Mail für Rückfragen")),
)


def for_all_of(clusters: int, said: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The lines of an item's own page, which every cluster that is named in it may open."""
    if clusters == 1:
        return said
    private = {_(label) for label in _TOLD_TO_EDITORS}
    return [(label, text) for label, text in said if label not in private]


# Lines that only editors see.
_BESIDES = (
    *(N_("Art"), N_("Zugestimmt hat"), N_("Zu sehen sind"), N_("Soll erscheinen in")),
    *(N_("Wunschausgabe"), N_("Muss jetzt hinein, weil"), N_("Aktuell bis")),
    *(N_("Vorher nirgends zeigen"), N_("Rechte bestätigt"), N_("Ansprechperson")),
    *(N_("E-Mail für Rückfragen"),),
)


def readers_see(facts: Facts, settings: Settings) -> dict[str, str]:
    """What of an item readers get, field by field, as people call them; empty ones are left out."""
    besides = {_(label) for label in _BESIDES}
    said = lines(facts, settings, with_picture=bool(facts.image_alt or facts.image_decorative))
    found = {label: text for label, text in said if label not in besides}
    return found | ({_("Text"): facts.body} if facts.body else {})


def issue_said(number: str | None) -> str:
    """„Ausgabe Januar 2027“ for 2027-01."""
    if not number:
        return ""
    said = _("Ausgabe {month} {year}")
    return said.format(month=month_name(number), year=year_of(number))


def when_said(moment: datetime | date | None, settings: Settings) -> str:
    """„Dienstag, 16.03.2027, 9.30 Uhr“, or the day alone; "" for nothing."""
    if isinstance(moment, datetime):
        return in_words(moment, settings.zone)
    if moment is None:
        return ""
    return _("{weekday}, {date}").format(weekday=weekday(moment), date=dated(moment))


def _picture(facts: Facts) -> str:
    if facts.image_decorative:
        return _("nur schmückend")
    return facts.image_alt or _("noch ohne Bildbeschreibung")


_FIELDS = {
    "title": N_("Titel"),
    "teaser": N_("Kurztext"),
    "body": N_("Text"),
    "link": N_("Link"),
    "location": N_("Ort"),
    "challenge": N_("Herausforderung"),
    "solution": N_("Lösung"),
    "result": N_("Ergebnis"),
    "quote": N_("Zitat"),
    "starts_at": N_("Beginn"),
    "ends_at": N_("Ende"),
    "online": N_("Online"),
    "register_by": N_("Anmeldung bis"),
    "embargo_until": N_("Vorher nirgends zeigen"),
    "image": N_("Bild"),
    "image_alt": N_("Bildbeschreibung"),
    "image_credit": N_("Bildnachweis"),
    "language": N_("Sprache"),
    "targets": N_("Soll erscheinen in"),
    "approved_by": N_("Zugestimmt hat"),
    "persons_shown": N_("Zu sehen sind"),
    "wish_issue": N_("Wunschausgabe"),
    "urgent_because": N_("Muss jetzt hinein, weil"),
    "current_until": N_("Aktuell bis"),
    "rights_confirmed": N_("Rechte bestätigt"),
    "contact_name": N_("Ansprechperson"),
    "contact_email": N_("E-Mail für Rückfragen"),
}


def field_name(name: str) -> str:
    """What people call a field."""
    return _(_FIELDS[name]) if name in _FIELDS else name
