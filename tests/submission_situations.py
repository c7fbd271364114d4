"""What contributors hand in, as tests have it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from newsletter import clusters, submissions
from newsletter.content import Item
from newsletter.history import Act
from newsletter.models.submission import (
    Via,
)
from newsletter.submissions import Receipt
from tests.conftest import type_of_act
from tests.intake_situations import BOJE, registered

TODAY = date(2026, 11, 23)


@pytest.fixture
def desk(act: type_of_act) -> Iterator[Act]:
    """An act with a register of two clusters."""
    with act() as a:
        registered(a)
        registered(a, BOJE)
        yield a


def handed_in(a: Act, facts: dict[str, Any], slug: str = "lichtwerk") -> Receipt:
    cluster = clusters.get(a.session, slug)
    return submissions.receive(a, facts, cluster=cluster, via=Via.API, by=f"api:{slug}")


def item(a: Act, receipt: Receipt) -> Item:
    row = submissions.by_reference(a.session, receipt.reference)
    return submissions.item_of(a.session, a.settings, row, None, TODAY)
