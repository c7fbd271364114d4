"""An item that is not handed in yet, as it would be shown."""

from datetime import date
from typing import Any

from newsletter import clusters, pictures
from newsletter.content import Item, When
from newsletter.models.cluster import Cluster, Picture
from newsletter.settings import Settings

from .facts import Facts

NOBODYS = "q0"  # a reference that no item has
_SAME = (
    *("kind", "title", "teaser", "body", "link", "language", "location", "online", "register_by"),
    *("challenge", "solution", "result", "quote"),
)


def item_to_be(
    facts: Facts, cluster: Cluster, picture: Picture | None, settings: Settings, today: date
) -> Item:
    """The item that these facts would become."""
    said: Any = facts  # a picture's words have the same names here as on a revision
    return Item(
        reference=NOBODYS,
        revision=1,
        origin=clusters.origin_of(cluster, today),
        picture=pictures.use(settings, picture, said) if picture else None,
        when=When(facts.starts, facts.ends) if facts.starts else None,
        **{name: getattr(facts, name) for name in _SAME},
    )
