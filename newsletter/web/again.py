"""„Wieder?“: the form filled in from an item that the cluster has handed in before.

Days and deadlines are cleared, the rights are asked for anew; a year that stands in the words
is left to the writer, and named at its field.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from sqlmodel import Session

from newsletter import submissions
from newsletter.clusters import Access
from newsletter.errors import NotFound
from newsletter.language import N_, _, dated
from newsletter.settings import Settings
from newsletter.submissions import Yearly

from .pages import now, settings_of

# What may be the same again. Who agreed, who is shown and why it was urgent is asked anew.
_SAME = (
    *("kind", "title", "teaser", "body", "link", "language", "location"),
    *("challenge", "solution", "result", "quote", "image_credit"),
)
_WORDS = ("title", "teaser", "body", "link")
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")


class NotYours(NotFound):
    sentence = N_("Einen Beitrag {reference} von Ihrem Cluster gibt es nicht.")


@dataclass(frozen=True, slots=True)
class Before:
    """An earlier item as the form takes it, and what the page says of it."""

    values: dict[str, str]
    targets: list[str]
    more: dict[str, Any]


def contact(access: Access) -> dict[str, str]:
    """Who hands in, for the fields of the contact person."""
    person = access.contributor
    return {"contact_name": person.name or "", "contact_email": person.email}


def wieder(request: Request, session: Session, access: Access) -> list[tuple[Yearly, str]]:
    """What the cluster may want to hand in again, with its day in words."""
    whose = access.cluster.id
    zone = settings_of(request).zone
    found = submissions.yearly(session, zone, now(request), whose).get(whose, [])
    return [(each, dated(each.day)) for each in found]


def found_again(session: Session, settings: Settings, access: Access, reference: str) -> Before:
    """An item of this very cluster. NotYours."""
    try:
        row = submissions.by_reference(session, reference)
    except NotFound as exc:
        raise NotYours(reference=reference[:20]) from exc
    if row.cluster_id != access.cluster.id:
        raise NotYours(reference=row.reference)
    facts = submissions.facts_of(session, row)
    values = again(facts, settings.zone)
    told = years_in(values, [_year(facts.get("starts_at"), settings.zone), row.received_at.year])
    said = _("Ausgefüllt wie {reference}; eingereicht ist noch nichts.")
    if row.kind == "date":
        said = _("Ausgefüllt wie {reference}, ohne Tag und Fristen; eingereicht ist noch nichts.")
    targets = [slug for slug in facts.get("targets", ()) if slug in settings.newsletters]
    more = {"said": said.format(reference=row.reference), "noted": _noted(told)}
    return Before(values, targets, more)


def again(facts: Mapping[str, Any], zone: ZoneInfo) -> dict[str, str]:
    """Submission JSON as fields of a form, but for what was true only once (pure)."""
    values = {name: str(facts[name]) for name in _SAME if name in facts}
    if facts.get("online"):
        values["online"] = "ja"
    if "image" in facts:
        values["image_key"] = facts["image"]
        decorative = facts.get("image_alt") == _("schmückend")
        values |= {"image_decorative": "ja"} if decorative else {}
        values |= {} if decorative else {"image_alt": facts.get("image_alt") or ""}
    for at, field in (("starts_at", "starts_time"), ("ends_at", "ends_time")):
        if len(given := facts.get(at, "")) > len("2027-03-16"):
            values[field] = f"{datetime.fromisoformat(given).astimezone(zone):%H:%M}"
    return values


def years_in(values: Mapping[str, str], years: Sequence[int]) -> dict[str, list[str]]:
    """The years of then that still stand in the words, by field (pure)."""
    then = {str(year) for year in years if year}
    found = {name: sorted(then & set(_YEAR.findall(values.get(name, "")))) for name in _WORDS}
    return {name: years for name, years in found.items() if years}


def _noted(years: Mapping[str, Sequence[str]]) -> dict[str, str]:
    said = _("Hier steht noch {years}.")
    return {name: f" ⚠ {said.format(years=', '.join(each))}" for name, each in years.items()}


def _year(starts: str | None, zone: ZoneInfo) -> int:
    if not starts:
        return 0
    if len(starts) == len("2027-03-16"):
        return date.fromisoformat(starts).year
    return datetime.fromisoformat(starts).astimezone(zone).year
