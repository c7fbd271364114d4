"""Items that try a template: one ordinary one of each kind, and the nastiest we have met (pure).

``specimens.json`` holds them as a cluster would hand them in, with what a submission cannot
say besides: who it is from, whether a date takes place, what file its picture is.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from newsletter.content import (
    Callout,
    EventState,
    IssueContent,
    Item,
    Kind,
    Logo,
    Masthead,
    Origin,
    PictureUse,
    Section,
    When,
)
from newsletter.language import N_, _

# What each of them shows, for the gallery.
SHOWS = {
    "plain": N_("Meldung ohne Bild"),
    "picture": N_("Meldung mit Bild, Cluster mit langem Namen und drei Ländern"),
    "picture-gone": N_("Bild, das es nicht mehr gibt"),
    "long-title": N_("Titel mit 300 Zeichen"),
    "long-word": N_("Wörter und Adressen ohne Trennstelle"),
    "emoji": N_("Emoji und seltene Zeichen"),
    "right-to-left": N_("Namen, die von rechts nach links laufen"),
    "english": N_("Englischer Beitrag"),
    "markup": N_("Spitze Klammern und Jinja im Text"),
    "huge-teaser": N_("Sehr langer Anreißer"),
    "whole-text": N_("Ganzer Text mit Liste, Zitat und Link"),
    "source": N_("Meldung einer Quelle, ohne Anreißer"),
    "date": N_("Termin mit Ort, Ende und Anmeldeschluss"),
    "date-online": N_("Termin, der nur online stattfindet"),
    "date-days": N_("Ganze Tage über den Jahreswechsel"),
    "date-cancelled": N_("Abgesagter Termin"),
    "date-postponed": N_("Verschobener Termin mit sehr langem Ort"),
    "story": N_("Erfolgsgeschichte mit Bild und Zitat"),
    "story-no-quote": N_("Erfolgsgeschichte ohne Zitat, zwei Beteiligte"),
    "story-one-box": N_("Erfolgsgeschichte mit einem Feld"),
}
# The blocks that are no item, by the class of their outermost element.
BLOCKS = {
    "preheader": N_("Vorspann"),
    "masthead": N_("Kopf"),
    "opening": N_("Begrüßung"),
    "agenda": N_("Termine auf einen Blick"),
    "contents": N_("Inhalt"),
    "calendar": N_("Kalender"),
    "callout": N_("Aufruf an die Leserinnen und Leser"),
    "logos": N_("Logos"),
    "footer": N_("Fuß: Abonnement und Impressum"),
}
_ORDINARY = ("plain", "picture", "date", "story")


@dataclass(frozen=True, slots=True)
class Specimen:
    """An item and its name in ``SHOWS``."""

    name: str
    item: Item


@lru_cache(maxsize=1)
def _written() -> Mapping[str, Any]:
    read: dict[str, Any] = json.loads(
        Path(__file__).with_name("specimens.json").read_text(encoding="utf-8")
    )
    return read


def specimens(home_url: str) -> tuple[Specimen, ...]:
    """All of them, in the order of the file; their pictures lie below ``home_url``."""
    written = _written()
    origins = {name: [_origin(it) for it in those] for name, those in written["origins"].items()}
    return tuple(
        Specimen(each["id"], item(each, f"q{n}", origins[each.get("origin", "usual")], home_url))
        for n, each in enumerate(written["items"], 401)
    )


def _origin(given: Mapping[str, Any]) -> Origin:
    return Origin(**{**given, "laender": tuple(given.get("laender", ()))})


def item(
    given: Mapping[str, Any], reference: str, origins: Sequence[Origin], home_url: str
) -> Item:
    """What the JSON of a submission becomes when it is shown; its texts are taken as clean."""
    first, *more = origins
    when = _when(given)
    return Item(
        reference=reference,
        revision=1,
        kind=Kind(given["kind"]),
        title=given["title"],
        teaser=given["teaser"],
        body=given.get("body", ""),
        origin=first,
        link=given.get("link"),
        more_origins=tuple(more),
        language=given.get("language", "de"),
        picture=_picture(given, home_url) if "picture" in given else None,
        when=when,
        location=given.get("location"),
        online=given.get("online", False),
        register_by=_moment(given.get("register_by")),
        event_state=EventState(given.get("event_state", "on")),
        uid=f"{reference}@go-cluster.example" if when else None,
        calendar_url=f"{home_url}/dates/{reference}.ics" if when else "",
        challenge=given.get("challenge"),
        solution=given.get("solution"),
        result=given.get("result"),
        quote=given.get("quote"),
    )


def _picture(given: Mapping[str, Any], home_url: str) -> PictureUse:
    return PictureUse(
        url=f"{home_url}/{given['picture']}",
        width=1200,
        height=800,
        alt=given["image_alt"],
        credit=given["image_credit"],
        sha256=sha256(given["picture"].encode()).hexdigest(),
    )


def _moment(given: str | None) -> datetime | None:
    return datetime.fromisoformat(given) if given else None


def _when(given: Mapping[str, Any]) -> When | None:
    starts, ends = given.get("starts_at"), given.get("ends_at")
    if starts is None:
        return None
    return When(_day_or_moment(starts), _day_or_moment(ends) if ends else None)


def _day_or_moment(said: str) -> datetime | date:
    return datetime.fromisoformat(said) if "T" in said else date.fromisoformat(said)


# -- issues of them --------------------------------------------------------------------------


def ordinary(masthead: Masthead, language: str = "de") -> IssueContent:
    """A short issue as there are most: one item of each kind."""
    chosen = [it.item for it in specimens(masthead.home_url) if it.name in _ORDINARY]
    return issue(masthead, chosen, language)


def nastiest(masthead: Masthead, language: str = "de") -> IssueContent:
    """A long issue of everything that ever spoiled one."""
    everything = [it.item for it in specimens(masthead.home_url)]
    opening = _(
        "ein **Grußwort** mit [einem Link](https://www.go-cluster.example/gruss), der sagt, wohin"
        " er führt:\n\n- ein Punkt,\n- noch einer.\n\nViel Freude beim Lesen!"
    )
    home = masthead.home_url
    called = Callout(
        _("Haben Sie selbst etwas zu berichten?"),
        _("Meldungen, Termine und Erfolge nehmen wir bis zum Redaktionsschluss gern entgegen."),
        _("Beitrag einreichen"),
        f"{home}/submit",
    )
    return replace(
        issue(replace(masthead, callout=called), everything, language),
        opening=opening,
        logos=(
            _logo(home, "wabenplatte.jpg", _("Logo des Ministeriums"), 160, 80),
            _logo(home, "linse-im-ringlicht.jpg", _("Logo des Programms"), 90, 60),
        ),
        read_url=f"{masthead.home_url}/read/muster",
        dates_url=f"{masthead.home_url}/dates.ics",
        calendar_url=f"{masthead.home_url}/calendar.ics",
    )


def _logo(home_url: str, file: str, alt: str, width: int, height: int) -> Logo:
    digest = sha256(file.encode()).hexdigest()
    return Logo(
        f"{home_url}/{file}", width, height, alt, "https://www.ministerium.example/", digest
    )


def issue(masthead: Masthead, items: Sequence[Item], language: str = "de") -> IssueContent:
    """An issue of these items, each kind in a section of its own."""
    return IssueContent(
        issue_id=f"{masthead.slug}-2026-12",
        number="2026-12",
        subject=_("{name}: Ausgabe Dezember 2026").format(name=masthead.name),
        preheader=_("Ein Greifer, ein Label und eine Tagung mit Werkstattbesuch"),
        opening=_("willkommen zu einer Ausgabe, an der sich zeigt, wie alles aussieht."),
        sections=tuple(_sections(items)),
        masthead=masthead,
        language=language,
    )


_SECTIONS = (
    ("cluster", N_("Aus den Clustern"), Kind.NEWS),
    ("erfolge", N_("ClusterERFOLGE"), Kind.SUCCESS_STORY),
    ("termine", N_("Termine"), Kind.DATE),
)


def _sections(items: Sequence[Item]) -> Iterator[Section]:
    for key, title, kind in _SECTIONS:
        found = [each for each in items if each.kind is kind]
        yield Section(key, _(title), tuple(sorted(found, key=_start)))


def _start(item: Item) -> str:
    """Dates stand by their day; what has none, as it came."""
    return item.when.starts.isoformat() if item.when else ""
