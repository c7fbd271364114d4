"""A date on several days: an item for each, and one letter for all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter.content import Kind
from newsletter.history import Act
from newsletter.language import dated, speaking, weekday
from newsletter.models.cluster import Cluster, Contributor
from newsletter.models.submission import Submission, Via
from newsletter.settings import Settings

from .facts import Facts
from .intake import Receipt, confirm, receive
from .preparing import Ready, checked, ready, rules_of, slot
from .reading import revision_of
from .talk import is_status_token, known_status_url, status_url
from .twins import traits_of


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
    for further in receipts[1:]:  # for the page of the first
        status_url(act, act.session.get_one(Submission, further.submission_id))
    return receipts[0]


@dataclass(frozen=True, slots=True)
class Day:
    """One more day of a date that was handed in: its number, its page."""

    reference: str
    said: str
    url: str


def further_days(
    session: Session, settings: Settings, submission: Submission, token: str
) -> list[Day]:
    """The other days of what was handed in with this item, for whoever handed it in: nobody else
    has the first address of its page.
    """
    if submission.contributor_id is None or not is_status_token(submission, token):
        return []
    rows = session.scalars(
        select(Submission)
        .where(
            col(Submission.contributor_id) == submission.contributor_id,
            col(Submission.received_at) == submission.received_at,
            col(Submission.kind) == Kind.DATE,
            col(Submission.id) > submission.id,
        )
        .order_by(col(Submission.id))
    )
    found = [(row, known_status_url(session, settings, row)) for row in rows]
    return [
        Day(row.reference, _first_day(session, settings, row), url) for row, url in found if url
    ]


def _first_day(session: Session, settings: Settings, row: Submission) -> str:
    day = traits_of(revision_of(session, row), settings.zone).first_day
    return f"{weekday(day)}, {dated(day)}" if day else ""


def _said(settings: Settings, place: int, item: Ready) -> tuple[str, str, str]:
    words = _day_in_words(settings, item.checked.facts)
    return words, f"q{slot(place)}", settings.links.status(item.status_token or "")


def _day_in_words(settings: Settings, facts: Facts) -> str:
    starts = facts.starts
    day = starts.astimezone(settings.zone).date() if isinstance(starts, datetime) else starts
    return f"{weekday(day)}, {dated(day)}" if day else ""
