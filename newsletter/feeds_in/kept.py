"""Something that was found, as JSON and back (pure)."""

from datetime import date, datetime
from typing import Any

from newsletter.brought import Found
from newsletter.content import EventState, Kind
from newsletter.submissions.rows import storable

_WORDS = ("title", "teaser", "body", "location")


def as_kept(found: Found) -> dict[str, Any]:
    """What is kept of it; ``of_kept`` reads it again."""
    words = {name: getattr(found, name) for name in _WORDS}
    kept: dict[str, Any] = storable(
        {
            **words,
            "kind": found.kind.value,
            "link": found.link,
            "starts": found.starts.isoformat() if found.starts else None,
            "ends": found.ends.isoformat() if found.ends else None,
            "more_days": [day.isoformat() for day in found.more_days],
            "online": found.online,
            "state": found.state.value,
        }
    )
    return kept


def of_kept(kept: dict[str, Any]) -> Found:
    """What was kept."""
    return Found(
        kind=Kind(kept["kind"]),
        link=kept["link"],
        starts=_when(kept["starts"]),
        ends=_when(kept["ends"]),
        more_days=tuple(map(date.fromisoformat, kept["more_days"])),
        online=kept["online"],
        state=EventState(kept["state"]),
        **{name: kept[name] for name in _WORDS},
    )


def _when(text: str | None) -> datetime | date | None:
    if text is None:
        return None
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
