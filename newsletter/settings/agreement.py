"""What each part of newsletter.toml cannot see by itself: whether the parts go together."""

from collections.abc import Iterator
from typing import Any

from newsletter.language import _

from .parts import PROVIDERS, Relay, Sending

Loc = tuple[int | str, ...]


def disagreements(
    relays: tuple[Relay, ...], newsletters: tuple[str, ...], sending: Sending
) -> list[dict[str, Any]]:
    """Mistakes in the form that pydantic gives them: where, and a sentence."""
    found = [*_relays(relays, newsletters), *_providers(sending)]
    return [
        {"type": "value_error", "loc": loc, "ctx": {"error": said}, "msg": said}
        for loc, said in found
    ]


def _relays(relays: tuple[Relay, ...], newsletters: tuple[str, ...]) -> Iterator[tuple[Loc, str]]:
    names: set[str] = set()
    for place, relay in enumerate(relays):
        if relay.name in names:
            said = _("zwei Mailserver heißen „{name}“; bitte jedem einen eigenen Namen geben")
            yield ("relays", place, "name"), said.format(name=relay.name)
        names.add(relay.name)
        for slug in relay.newsletters:
            if slug not in newsletters:
                said = _("den Newsletter „{slug}“ gibt es nicht; bekannt: {known}")
                said = said.format(slug=slug, known=", ".join(newsletters))
                yield ("relays", place, "newsletters"), said
    for slug in newsletters:
        if not any(relay.takes(slug) for relay in relays):
            said = _("kein Mailserver nimmt ihn; bitte unter [[relays]] bei newsletters nennen")
            yield ("newsletters", slug), said


def _providers(sending: Sending) -> Iterator[tuple[Loc, str]]:
    for name, provider in sending.providers.items():
        where: Loc = ("sending", "providers", name)
        if name not in PROVIDERS and not (provider.domains or provider.mx):
            said = _(
                "diesen Anbieter kennen wir nicht ({known}); bitte mit domains oder mx sagen,"
                " welche Adressen zu ihm gehören"
            )
            yield where, said.format(known=", ".join(PROVIDERS))
        if provider.per_minute is None and provider.connections is None:
            yield where, _("hier fehlt eine Grenze: per_minute oder connections")
