"""What helps somebody who is still typing: likely twins, and issues that come too late."""

from dataclasses import dataclass
from datetime import time

from fastapi import Request

from newsletter import rhythm, submissions, texts
from newsletter.clusters import Access
from newsletter.content import Kind
from newsletter.language import N_, _, dated, weekday
from newsletter.likeness import WORDS, Traits
from newsletter.rhythm import on_the_clock
from newsletter.settings import Settings
from newsletter.submissions import Early, Warned

from .pages import looking, now, settings_of
from .typed import Typed

_TOO_EARLY = {
    Early.DATE: N_(
        "Der Termin ist vorbei, bevor die nächste Ausgabe von „{newsletter}“ am {leaves} erscheint."
    ),
    Early.REGISTRATION: N_(
        "Der Anmeldeschluss ist vorbei, bevor die nächste Ausgabe von „{newsletter}“ am {leaves}"
        " erscheint."
    ),
}
_END_OF_DAY = time(23, 59)
_SHORTEST = 10  # characters of a title that can be compared


@dataclass(frozen=True, slots=True)
class Hints:
    """Sentences; nothing here stops anybody."""

    twins: tuple[str, ...]
    early: tuple[str, ...]


def hints(request: Request, access: Access, typed: Typed) -> Hints:
    """What to say about a form as it stands, finished or not.

    Of other clusters' items nobody hears anything here; „Ist es dieser?“ names one's own.
    """
    settings = settings_of(request)
    moment = now(request)
    with looking(request) as session:
        coming = submissions.coming_issues(session, settings, moment)
        kind, traits = _traits(typed)
        found = (
            submissions.similar_to(
                session, settings.zone, traits, kind, of_cluster=access.cluster.id
            )
            if len(traits.title) >= _SHORTEST or traits.link
            else ()
        )
    said = _("{reference} „{title}“, eingegangen am {when}: {why}")
    twins = tuple(
        said.format(
            reference=twin.reference,
            title=twin.title,
            when=rhythm.in_words(twin.received_at, settings.zone),
            why=", ".join(_(WORDS[reason]) for reason in twin.likeness.reasons),
        )
        for twin in found
    )
    early = _early(typed, settings, coming)
    return Hints(twins, tuple(_in_words(each, settings) for each in early))


def _traits(typed: Typed) -> tuple[Kind, Traits]:
    kind = typed.values.get("kind", "")
    days = typed.days()
    try:
        link = texts.link(typed.values.get("link", "").strip()[:2_000])
    except ValueError:
        link = None
    traits = Traits(
        title=texts.line(typed.values.get("title", "")[:500]),
        teaser=texts.line(typed.values.get("teaser", "")[:3_000]),
        link=link,
        first_day=days.get("starts_on"),
        last_day=days.get("ends_on"),
        place=texts.line(typed.values.get("location", "")[:500]) or None,
    )
    return (Kind(kind) if kind in set(Kind) else Kind.NEWS), traits


def _early(typed: Typed, settings: Settings, coming: dict[str, submissions.Coming]) -> list[Warned]:
    if typed.values.get("kind") != Kind.DATE:
        return []
    days = typed.days()
    closes = days.get("register_on")
    end_of_day = on_the_clock(closes, _END_OF_DAY, settings.zone) if closes else None
    last = days.get("ends_on") or days.get("starts_on")
    return submissions.too_early(coming, typed.targets, last, end_of_day, settings.zone)


def _in_words(warned: Warned, settings: Settings) -> str:
    leaves = warned.issue.leaves.astimezone(settings.zone)
    return _(_TOO_EARLY[warned.early]).format(
        newsletter=settings.newsletter(warned.newsletter).name,
        leaves=f"{weekday(leaves)}, {dated(leaves)}",
    )
