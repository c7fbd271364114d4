"""Whatever is sent to the JSON endpoint gets an answer that /openapi.json describes.

schemathesis draws requests from the description, fitting ones and others; `make fuzz` draws
thousands. What it sends is not ours to choose, so the shares below are low.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, given
from schemathesis.checks import CHECKS, not_a_server_error
from schemathesis.generation import GenerationMode
from sqlalchemy import Engine

from newsletter import clusters
from newsletter.demo.site import address_of, reserved, serving
from newsletter.settings import Settings
from newsletter.web.app import create_app
from tests.conftest import Clock, type_of_act
from tests.intake_situations import NEWS, registered
from tests.submission_situations import handed_in

THOROUGH = hypothesis.settings().max_examples > 100  # make fuzz
EXAMPLES = 1_000 if THOROUGH else 15  # of an operation, in each mode
PROMISED = [
    *("status_code_conformance", "content_type_conformance"),
    *("response_headers_conformance", "response_schema_conformance"),
]


@dataclass
class Endpoint:
    """The endpoint as a member's system meets it, and what it has answered."""

    schema: Any
    key: str
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)

    def operations(self) -> list[Any]:
        return [found.ok() for found in self.schema.get_all_operations()]

    def try_out(self, operation: Any, mode: GenerationMode) -> None:
        """Send what is drawn; every answer is one that the description names."""
        drawn = operation.as_strategy(generation_mode=mode)

        @given(case=drawn)
        @hypothesis.settings(
            max_examples=EXAMPLES, database=None, suppress_health_check=list(HealthCheck)
        )
        def one(case: Any) -> None:
            answer = case.call(headers={"Authorization": f"Bearer {self.key}"})
            self.answers[operation.label, answer.status_code] += 1
            checks = [not_a_server_error, *(CHECKS.get_one(name) for name in PROMISED)]
            case.validate_response(answer, checks=checks)

        one()


@pytest.fixture
def endpoint(
    settings: Settings, engine: Engine, clock: Clock, act: type_of_act
) -> Iterator[Endpoint]:
    with act() as a:
        registered(a)
        key = clusters.key(a, "lichtwerk")
        handed_in(a, NEWS)
    with reserved() as listener, serving(create_app(settings, engine, clock), listener):
        found = schemathesis.openapi.from_url(f"{address_of(listener)}/openapi.json")
        yield Endpoint(found, key)


@pytest.mark.sqlite("what is drawn is about HTTP; the database is the same behind it")
@pytest.mark.hypothesis
def test_every_answer_is_one_that_is_described(endpoint: Endpoint) -> None:
    assert len(endpoint.operations()) == 5
    for operation in endpoint.operations():
        for mode in GenerationMode:
            endpoint.try_out(operation, mode)
    sent = endpoint.answers.total()
    done = sum(n for (_label, status), n in endpoint.answers.items() if status < 300)
    print(sent, "requests,", done, "done;", dict(sorted(endpoint.answers.items())))
    assert {label for label, status in endpoint.answers if status == 201} == {
        "POST /api/v1/submissions",
        "POST /api/v1/images",
    }
    if THOROUGH:
        assert sent >= 2_000
        assert done >= 500


def test_every_kind_of_answer_is_described_as_a_problem(endpoint: Endpoint) -> None:
    for operation in endpoint.operations():
        described = operation.definition.raw["responses"]
        expected = {"400", "401", "404", "405", "421", "422", "429", "500", "503"}
        if "/public/" in operation.path:  # without a key
            expected -= {"401"}
        if operation.method.upper() == "POST":
            expected |= {"409", "413", "415"}
        refusals = {status for status in described if status >= "400"}
        assert refusals == expected
        for status in refusals:
            (kind,) = described[status]["content"]
            assert kind == "application/problem+json"
            assert described[status]["content"][kind]["example"]["status"] == int(status)
