"""Clusters that hand in, and issues at every step: a builder's tongue for desk tests."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from newsletter import clusters, issues, queue, submissions
from newsletter.history import Act, Actor, acting
from newsletter.models.issue import Issue
from newsletter.models.submission import Via
from newsletter.settings import Settings
from tests.conftest import ADA, BEN, Clock, type_of_act

LICHTWERK = {
    "slug": "lichtwerk",
    "name": "Lichtwerk Havelbogen e. V.",
    "land": "DE-BB",
    "field": "Optik",
    "label": "silver",
    "website": "https://www.lichtwerk.example",
    "contact_email": "presse@lichtwerk.example",
}
BOTH = ["go-cluster", "clusterplattform"]


def news(**changes: Any) -> dict[str, object]:
    """A clean item of news, as JSON."""
    return {
        "kind": "news",
        "title": "Lichtwerk Havelbogen: Silber-Label erneut bestätigt",
        "teaser": "Das Clustermanagement ist zum dritten Mal ausgezeichnet worden.",
        "body": "Hervorgehoben wurde die Strategie „Licht 2030“.",
        "link": "https://www.lichtwerk.example/label",
        "targets": BOTH,
        "rights_confirmed": True,
    } | changes


def fair(start: datetime, **changes: Any) -> dict[str, object]:
    """A clean date, as JSON."""
    return (
        news(
            kind="date",
            title="Fachtagung „Licht & Messen“",
            link="https://www.lichtwerk.example/messen",
            starts_at=start.isoformat(),
            ends_at=(start + timedelta(hours=6)).isoformat(),
            location="Alte Schleiferei, Musterhavel",
        )
        | changes
    )


@dataclass
class Desk:
    """Everything an editor's day needs, each step an act of its own."""

    act: type_of_act
    clock: Clock

    def cluster(self, **changes: Any) -> str:
        with self.act() as act:
            clusters.add(act, LICHTWERK | changes)
        return str(changes.get("slug", LICHTWERK["slug"]))

    def hand_in(self, facts: dict[str, object] | None = None, slug: str = "lichtwerk") -> str:
        """What a cluster hands in over the API; returns the reference."""
        with self.act() as act:
            receipt = submissions.receive(
                act,
                facts or news(),
                cluster=clusters.get(act.session, slug),
                via=Via.API,
                by=slug,
            )
        return receipt.reference

    def accept(self, *references: str, newsletters: list[str] | None = None) -> None:
        with self.act() as act:
            queue.accept(act, references, newsletters)

    def accepted(self, facts: dict[str, object] | None = None) -> str:
        reference = self.hand_in(facts)
        self.accept(reference)
        return reference

    def new(self, slug: str = "clusterplattform", number: str | None = None) -> str:
        with self.act() as act:
            return issues.new(act, slug, number, also=True).id

    def filled(self, slug: str = "clusterplattform") -> str:
        key = self.new(slug)
        with self.act() as act:
            issues.fill(act, key)
        return key

    def requested(self, slug: str = "clusterplattform") -> str:
        key = self.filled(slug)
        with self.act() as act:
            issues.request(act, key, "geprüft")
        return key

    def approved(self, slug: str = "clusterplattform") -> str:
        key = self.requested(slug)
        with self.act(BEN) as act:
            issues.approve(act, key)
        return key

    def scheduled(self, slug: str = "clusterplattform") -> str:
        key = self.approved(slug)
        with self.act() as act:
            issues.schedule(act, key)
        return key

    def issue(self, key: str) -> Issue:
        with self.act() as act:
            return issues.find(act.session, key)

    def do(self, verb: Callable[..., Any], *given: Any, who: Any = ADA, **named: Any) -> Any:
        """One verb as one act."""
        with self.act(who) as act:
            return verb(act, *given, **named)

    def look(self, read: Callable[[Act], Any]) -> Any:
        with self.act() as act:
            return read(act)


@pytest.fixture
def desk(engine: Engine, settings: Settings, clock: Clock) -> Desk:
    """A desk with one member cluster. Its acts do not wait for the disk: no test pulls a plug."""

    def opened(who: Actor = ADA) -> AbstractContextManager[Act]:
        return acting(engine, settings, who, clock=clock, durable=False)

    made = Desk(opened, clock)
    made.cluster()
    return made
