"""The cases of examples/cases.json: by JSON and by form the same item, or the same refusal."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select

from newsletter import checks, clusters, database, submissions
from newsletter.models.submission import Submission
from newsletter.settings import Settings
from newsletter.templating import shipped
from newsletter.web.app import create_app
from newsletter.web.typed import SHOWN_AT
from tests.conftest import Clock, type_of_act
from tests.intake_situations import jpeg
from tests.web_situations import OURS

BERLIN = ZoneInfo("Europe/Berlin")
CASES: list[dict[str, Any]] = json.loads((shipped("examples") / "cases.json").read_text())


@dataclass
class Desk:
    """The site, with every cluster of the examples and its two ways in."""

    http: TestClient
    engine: Engine
    settings: Settings
    keys: dict[str, str]
    forms: dict[str, str]

    def by_json(self, case: dict[str, Any]) -> list[str]:
        """Hand in; the fields that were refused."""
        bearer = {"Authorization": f"Bearer {self.keys[case['cluster']]}"}
        item = dict(case["item"])
        if "picture" in case:
            file = {"file": (case["picture"], bytes_of(case["picture"]), "image/jpeg")}
            sent = self.http.post("/api/v1/images", files=file, headers=bearer)
            if sent.status_code == 422:
                return [each["field"] for each in sent.json()["errors"]]
            item["image"] = sent.json()["id"]
        sent = self.http.post("/api/v1/submissions", json=item, headers=bearer)
        assert sent.status_code in {201, 422}, sent.text
        return [each["field"] for each in sent.json().get("errors", [])]

    def by_form(self, case: dict[str, Any]) -> list[str]:
        """Hand in what a person types; the fields that were refused, as JSON names them."""
        files = {}
        if "picture" in case:
            files = {"image": (case["picture"], bytes_of(case["picture"]), "image/jpeg")}
        form = self.forms[case["cluster"]]
        typed = self.typed(case)
        answer = self.http.post(form, data=typed, files=files, headers=OURS, follow_redirects=False)
        assert answer.status_code in {303, 422}, answer.text
        if answer.status_code == 303:
            return []
        names = {SHOWN_AT.get(name, name): name for name in (*case["item"], "image", "image_alt")}
        marked = [name for name in names if f'href="#{name}"' in answer.text]
        return [names[name] for name in marked]

    def typed(self, case: dict[str, Any]) -> dict[str, Any]:
        """What the fields of the form hold; HTML is pasted, and the browser asks for its text."""
        facts = dict(case["item"])
        if facts.pop("body_format", None) == "html":
            pasted = self.http.post(
                self.forms[case["cluster"]] + "/pasted",
                content=facts["body"].encode(),
                headers=OURS | {"Content-Type": "text/html; charset=utf-8"},
            )
            assert pasted.headers["content-type"] == "text/plain; charset=utf-8"
            facts["body"] = pasted.text
        for name, shown in SHOWN_AT.items():
            if given := facts.pop(name, None):
                facts |= in_day_and_time(given, shown.removesuffix("_on"))
        return {name: "ja" if value is True else value for name, value in facts.items()}

    def stored(self) -> list[dict[str, Any]]:
        """What is there, as Submission JSON, without the picture's key; the newest last."""
        with database.reading(self.engine) as session:
            rows = session.scalars(select(Submission).order_by(Submission.id))  # type: ignore[arg-type]
            found = [submissions.facts_of(session, row) for row in rows]
        return [{k: v for k, v in each.items() if k != "image"} for each in found]

    def findings(self, reference: str) -> set[str]:
        """What an editor is told of an item."""
        now = datetime(2026, 11, 23, 9, 0, tzinfo=BERLIN)
        facts = checks.Facts(now, BERLIN, loopback=True)
        with database.reading(self.engine) as session:
            row = submissions.by_reference(session, reference)
            item = submissions.item_of(session, self.settings, row, None, now.date())
        return {finding.check for finding in checks.check_item(item, facts)}


def bytes_of(name: str) -> bytes:
    return b"GIF89a\x01\x00" if name.endswith(".gif") else jpeg(800, 500)


def in_day_and_time(given: str, name: str) -> dict[str, str]:
    if len(given) == 10:
        return {f"{name}_on": given}
    moment = datetime.fromisoformat(given).astimezone(BERLIN)
    return {f"{name}_on": f"{moment:%d.%m.%Y}", f"{name}_time": f"{moment:%H:%M}"}


@pytest.fixture(scope="module")
def _examples() -> Any:
    return json.loads((shipped("examples") / "clusters.json").read_text())


@pytest.fixture
def site(
    settings: Settings, engine: Engine, clock: Clock, act: type_of_act, _examples: Any
) -> Iterator[Desk]:
    needed = {case["cluster"] for case in CASES}
    with act() as a:
        for facts in _examples:
            if facts["slug"] in needed:
                clusters.add(a, facts)
        keys = {slug: clusters.key(a, slug) for slug in needed}
        people = {s: clusters.people_of(a.session, clusters.get(a.session, s)) for s in needed}
        forms = {
            slug: clusters.link(a, slug, found[0].email).removeprefix(settings.base_url)
            for slug, found in people.items()
        }
    app = create_app(settings, engine, clock)
    with TestClient(app, base_url=settings.base_url) as http:
        yield Desk(http, engine, settings, keys, forms)


def test_every_case_gives_by_json_and_by_form_the_same(site: Desk) -> None:
    """One site for all: each is what would be alone, and the twin among them is found."""
    references: dict[str, str] = {}
    for case in CASES:
        before = len(site.stored())
        expected = case["expect"].get("refused", [])
        assert site.by_json(case) == expected, case["id"]
        if expected:
            assert site.by_form(case) == expected, case["id"]
            assert len(site.stored()) == before, case["id"]
            continue
        one = site.stored()[-1]
        references[case["id"]] = f"q{before + 1}"
        withdrawn(site, before + 1)  # else the form would ask: is it this one?
        assert site.by_form(case) == [], case["id"]
        two = site.stored()[-1]
        assert {k: v for k, v in one.items() if v != two.get(k)} == {}, case["id"]
        contact_of_form = {"contact_name", "contact_email"}
        assert set(two) - set(one) <= contact_of_form, case["id"]
        look_into(case, one)
        assert set(case["expect"].get("findings", [])) <= site.findings(references[case["id"]])
    twin = next(case for case in CASES if "twin_of" in case["expect"])
    assert twins_of(site, references[twin["id"]], references) >= {"D01"}


def withdrawn(site: Desk, number: int) -> None:
    with site.engine.begin() as connection:
        connection.execute(
            Submission.__table__.update()  # type: ignore[attr-defined]
            .where(Submission.__table__.c.id == number)  # type: ignore[attr-defined]
            .values(state="withdrawn")
        )


def look_into(case: dict[str, Any], stored: dict[str, Any]) -> None:
    """What is special about the case stands in what was stored, or is gone."""
    for name, words in case["expect"].get("has", {}).items():
        for word in words:
            assert word in str(stored.get(name, "")), (case["id"], name, word)
    for name, words in case["expect"].get("lacks", {}).items():
        for word in words:
            assert word not in str(stored.get(name, "")), (case["id"], name, word)


def twins_of(site: Desk, reference: str, references: dict[str, str]) -> set[str]:
    with database.reading(site.engine) as session:
        row = submissions.by_reference(session, reference)
        traits = submissions.traits_of(submissions.revision_of(session, row), BERLIN)
        found = submissions.similar_to(session, BERLIN, traits, row.kind, besides=row.id)
    titles = {twin.title for twin in found}
    return {case["id"] for case in CASES if case["item"]["title"] in titles}
