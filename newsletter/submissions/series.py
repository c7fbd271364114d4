"""A date on several days: an item for each, and one letter for all of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from sqlmodel import Session

from newsletter.history import Act
from newsletter.language import dated, speaking, weekday
from newsletter.models.cluster import Cluster, Contributor
from newsletter.models.submission import Via
from newsletter.settings import Settings

from .facts import Facts
from .intake import Receipt, confirm, receive
from .preparing import Ready, checked, ready, rules_of, slot


def ready_days(
    session: Session,
    settings: Settings,
    now: datetime,
    days: Sequence[Mapping[str, object]],
    cluster: Cluster,
    person: Contributor,
) -> list[Ready]:
    """What somebody hands in by form: one item, or a date on several days. Invalid.

    The first holds the letter, which names them all.
    """
    rules = rules_of(settings, now, contributed=True)
    first, *rest = [checked(session, rules, facts, cluster) for facts in days]
    prepared = partial(ready, session, settings, cluster=cluster, contributor=person, via=Via.FORM)
    others = [prepared(each, told=False) for each in rest]
    with speaking(settings.language):  # as the letter does
        further = [_said(settings, place, each) for place, each in enumerate(others, 1)]
    return [prepared(first, further=further), *others]


def receive_days(act: Act, days: Sequence[Ready], cluster: Cluster, person: Contributor) -> Receipt:
    """Take in what ``ready_days`` has made ready; gives the first. TooMany: nothing is stored.

    Each day is an item with its own number and status page, since any may be cancelled by
    itself.
    """
    receipts = [
        receive(
            act,
            each,
            cluster=cluster,
            contributor=person,
            via=Via.FORM,
            by=person.email,
            told=False,
        )
        for each in days
    ]
    confirm(act, days[0], [receipt.submission_id for receipt in receipts])
    return receipts[0]


def _said(settings: Settings, place: int, item: Ready) -> tuple[str, str, str]:
    words = _day_in_words(settings, item.checked.facts)
    return words, f"q{slot(place)}", settings.links.status(item.status_token or "")


def _day_in_words(settings: Settings, facts: Facts) -> str:
    starts = facts.starts
    day = starts.astimezone(settings.zone).date() if isinstance(starts, datetime) else starts
    return f"{weekday(day)}, {dated(day)}" if day else ""
