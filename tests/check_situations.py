"""Items, issues and editions that have nothing wrong but what a test does to them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from newsletter import checks, rendering, templating
from newsletter.checks import Facts
from newsletter.content import (
    Finding,
    IssueContent,
    Item,
    Kind,
    Origin,
    PictureUse,
    Section,
    When,
)
from newsletter.settings import Settings

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SENDING = datetime(2026, 12, 15, 9, 0, tzinfo=UTC)
FACTS = Facts(NOW, ZoneInfo("Europe/Berlin"), send_at=SENDING, loopback=True)
OUT_IN_THE_WORLD = replace(FACTS, loopback=False)

NEWS = Item(
    reference="q1",
    revision=1,
    kind=Kind.NEWS,
    title="Lichtwerk Havelbogen: Silber-Label erneut bestätigt",
    teaser="Das Clustermanagement ist zum dritten Mal mit dem Silber-Label ausgezeichnet worden.",
    body="Hervorgehoben wurde die [Strategie](https://www.lichtwerk.example/licht).",
    origin=Origin("Lichtwerk Havelbogen e. V.", ("DE-BB",), "silver"),
    link="https://www.lichtwerk.example/label",
)
PICTURE = PictureUse(
    url="http://127.0.0.1:8000/media/abc/mail.jpg",
    width=600,
    height=400,
    alt="Drei Personen halten eine Urkunde in die Kamera",
    credit="Kim Beispiel",
    sha256="0" * 64,
)
FAIR = replace(
    NEWS,
    reference="q2",
    kind=Kind.DATE,
    title="Fachtagung „Licht & Messen 2027“",
    when=When(datetime(2027, 3, 16, 8, 30, tzinfo=UTC), datetime(2027, 3, 17, 15, 0, tzinfo=UTC)),
    location="Musterhavel",
    link="https://www.lichtwerk.example/messen",
)


def found(item: Item, facts: Facts = FACTS) -> dict[str, Finding]:
    return {finding.check: finding for finding in checks.check_item(item, facts)}


@pytest.fixture
def december(settings: Settings) -> Callable[..., IssueContent]:
    """The December issue of the public newsletter as ``init`` configures it."""

    def made(*items: Item, **changes: Any) -> IssueContent:
        content = IssueContent(
            issue_id="clusterplattform-2026-12",
            number="2026-12",
            subject="Clusterplattform Deutschland: Ausgabe Dezember 2026",
            preheader=settings.newsletters["clusterplattform"].preheader,
            opening="willkommen zur Ausgabe Dezember 2026.",
            sections=(Section("cluster", "Aus den Clustern", items),),
            masthead=settings.masthead("clusterplattform"),
        )
        return replace(content, **changes)

    return made


def issue_findings(content: IssueContent, facts: Facts = FACTS) -> dict[str, Finding]:
    return {finding.check: finding for finding in checks.check_issue(content, facts)}


@pytest.fixture
def built(december: Callable[..., IssueContent], settings: Settings) -> tuple[IssueContent, Facts]:
    content = december(NEWS, replace(FAIR, picture=PICTURE))
    edition = rendering.render(content, templating.folders(settings.home))
    return content, replace(FACTS, edition=edition)
