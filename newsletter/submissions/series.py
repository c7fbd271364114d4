"""A date on several days: an item for each, and one letter for all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from newsletter.history import Act
from newsletter.language import dated, speaking, weekday
from newsletter.models.cluster import Cluster, Contributor
from newsletter.models.submission import Via

from .facts import Facts
from .intake import Checked, Receipt, checked, confirm, receive, rules_of
from .reading import by_reference


@dataclass(frozen=True, slots=True)
class _Day:
    ready: Checked
    receipt: Receipt


def receive_days(
    act: Act,
    days: Sequence[Mapping[str, object]],
    cluster: Cluster,
    person: Contributor,
) -> Receipt:
    """Take in what somebody handed in by form: one item, or a date on several days.

    Each day is an item with its own number and status page, since any may be cancelled by
    itself; the letter names them all. Gives the first one. Invalid, TooMany; then nothing is
    stored.
    """
    rules = rules_of(act.settings, act.now, contributed=True)
    taken = []
    for facts in days:
        ready = checked(act.session, rules, facts, cluster)
        receipt = receive(
            act,
            ready,
            cluster=cluster,
            contributor=person,
            via=Via.FORM,
            by=person.email,
            told=False,
        )
        taken.append(_Day(ready, receipt))
    first, *rest = taken
    submission = by_reference(act.session, first.receipt.reference)
    url = first.receipt.status_url or ""
    with speaking(act.settings.language):  # as the letter does
        further = [_said(act, each) for each in rest]
    confirm(act, submission, first.ready.facts, first.ready.picture, person, url, further)
    return first.receipt


def _said(act: Act, taken: _Day) -> tuple[str, str, str]:
    day = _day(act, taken.ready.facts)
    words = f"{weekday(day)}, {dated(day)}" if day else ""
    return words, taken.receipt.reference, taken.receipt.status_url or ""


def _day(act: Act, facts: Facts) -> date | None:
    starts = facts.starts
    return starts.astimezone(act.settings.zone).date() if isinstance(starts, datetime) else starts
