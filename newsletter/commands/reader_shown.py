"""How a person's subscription and its evidence look at the terminal and as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from newsletter.commands import moments
from newsletter.language import N_, _

STATES = {
    "pending": N_("wartet auf Bestätigung"),
    "active": N_("aktiv"),
    "paused": N_("pausiert"),
    "restricted": N_("eingeschränkt"),
    "expired": N_("nicht bestätigt"),
    "ended": N_("beendet"),
}
_EVENTS = {
    "signed_up": N_("angemeldet"),
    "confirm_sent": N_("Bestätigung angefragt"),
    "confirmed": N_("bestätigt"),
    "imported": N_("übernommen"),
    "ended": N_("beendet"),
    "expired": N_("nicht bestätigt"),
    "paused": N_("pausiert"),
    "resumed": N_("wieder aufgenommen"),
    "restricted": N_("eingeschränkt"),
    "unrestricted": N_("nicht mehr eingeschränkt"),
    "chosen": N_("Fassung gewählt"),
}
EDITIONS = {"full": N_("die ganze Ausgabe"), "text": N_("nur Text"), "dates": N_("nur Termine")}


def wanted(one: dict[str, Any]) -> str:
    """Which edition a person gets, and how long they rest."""
    chosen, until = one["edition"], one["paused_until"]
    edition = _(EDITIONS[chosen])
    if until is None:
        return _("Fassung: {edition}").format(edition=edition)
    said = _("Fassung: {edition}; Pause bis {when}")
    return said.format(edition=edition, when=moments.moment(until))


def evidence_heads() -> list[str]:
    """What stands above lines of evidence."""
    return [_("Wann"), _("Was"), _("Weg"), _("Wer"), _("Nachweis")]


def evidence(line: dict[str, Any]) -> list[object]:
    """One line of evidence, for a table."""
    event = line["event"]
    when = moments.moment(line["at"])
    return [when, _(_EVENTS[event]), line["channel"], line["by"], _proof(line)]


def _proof(line: dict[str, Any]) -> str | None:
    """What an import brought along, or the wording that was agreed to."""
    told = line["evidence"] or line["wording"]
    if line["event"] == "chosen":
        return _(EDITIONS[told])
    if line["event"] == "paused":
        return _("bis {when}").format(when=moments.moment(datetime.fromisoformat(told)))
    if line["consented_at"] is None:
        return str(told) if told else None
    day = moments.moment(line["consented_at"])
    return _("{told} (Einwilligung vom {when})").format(told=told, when=day)


def plain(facts: Any) -> Any:
    """For JSON: moments as ISO 8601 says."""
    if isinstance(facts, dict):
        return {key: plain(value) for key, value in facts.items()}
    if isinstance(facts, list):
        return [plain(one) for one in facts]
    return facts.isoformat() if hasattr(facts, "isoformat") else facts
