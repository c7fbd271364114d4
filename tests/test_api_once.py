"""Sent twice, done once; pages of one's own; quotas; and docs/api.md as it stands there."""

import asyncio
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fastapi import Request
from fastapi.testclient import TestClient
from sqlalchemy import Connection, Engine, event, func, select
from sqlmodel import col

from newsletter import database, queue
from newsletter.database import DatabaseAway
from newsletter.demo.site import address_of, reserved, serving
from newsletter.history import Act
from newsletter.models.answer import KeptAnswer
from newsletter.models.cluster import Picture
from newsletter.models.delivery import Letter
from newsletter.models.event import Event
from newsletter.models.submission import Submission
from newsletter.settings import Intake, Settings
from newsletter.web.app import create_app
from newsletter.web.together import together
from tests.conftest import ADA, Clock, type_of_act
from tests.intake_situations import DATE, NEWS, jpeg
from tests.test_web_api import IMAGES, SUBMISSIONS, refused
from tests.web_situations import api, at_once, keys, system

__all__ = ["api", "keys"]  # the fixtures

DOCS = (Path(__file__).resolve().parent.parent / "docs" / "api.md").read_text(encoding="utf-8")
KEY = {"Idempotency-Key": "meldung-1"}


def count(engine: Engine, kind: Any) -> int:
    with database.reading(engine) as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0


def test_the_same_request_again_gets_the_same_answer_and_changes_nothing(
    api: TestClient, engine: Engine, settings: Settings, clock: Clock, keys: dict[str, str]
) -> None:
    first = api.post(SUBMISSIONS, json=NEWS, headers=KEY)
    clock.forward(hours=23)
    swapped = dict(reversed(NEWS.items()))
    again = api.post(SUBMISSIONS, json=swapped, headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert api.get(again.json()["status_url"]).status_code == 200
    assert (count(engine, Submission), count(engine, Letter)) == (1, 1)
    with engine.connect() as connection:  # the status page's address is written down nowhere
        rows = str(connection.execute(select(KeptAnswer)).all())
    assert first.json()["status_url"].rpartition("/")[2] not in rows
    # a signing key that came meanwhile changes nothing
    (settings.home / "secret").write_text("y" * 43 + "\n" + "".join(settings.secrets))
    other = system(settings, engine, clock, keys["lichtwerk"])
    assert other.post(SUBMISSIONS, json=NEWS, headers=KEY).json() == first.json()


def test_a_key_stands_for_one_request_of_one_cluster_for_one_day(
    api: TestClient, engine: Engine, clock: Clock, keys: dict[str, str]
) -> None:
    api.post(SUBMISSIONS, json=NEWS, headers=KEY)
    document = refused(api.post(SUBMISSIONS, json=DATE, headers=KEY), 422)
    assert document["errors"][0]["field"] == "Idempotency-Key"
    assert "neuen" in document["errors"][0]["message"]
    raw = KEY | {"Content-Type": "image/jpeg"}
    refused(api.post(IMAGES, content=jpeg(), headers=raw), 422)
    other = KEY | {"Authorization": f"Bearer {keys['boje']}"}
    assert api.post(SUBMISSIONS, json=DATE, headers=other).json()["id"] == "q2"
    clock.forward(hours=25)
    assert api.post(SUBMISSIONS, json=DATE, headers=KEY).json()["id"] == "q3"
    assert count(engine, KeptAnswer) == 1


@pytest.mark.parametrize("key", ["", "mit leer", "ä".encode(), "x" * 201])
def test_what_is_no_key_is_told(api: TestClient, engine: Engine, key: str | bytes) -> None:
    answer = api.post(SUBMISSIONS, json=NEWS, headers={"Idempotency-Key": key})
    assert refused(answer, 422)["errors"][0]["field"] == "Idempotency-Key"
    assert count(engine, Submission) == 0


def test_a_refusal_is_not_kept_so_that_it_can_be_mended(api: TestClient) -> None:
    refused(api.post(SUBMISSIONS, json=NEWS | {"title": ""}, headers=KEY), 422)
    assert api.post(SUBMISSIONS, json=NEWS, headers=KEY).status_code == 201


def test_a_picture_sent_twice_is_one_picture(api: TestClient, engine: Engine) -> None:
    raw = KEY | {"Content-Type": "image/jpeg"}
    first = api.post(IMAGES, content=jpeg(), headers=raw)
    form = {"file": ("x.jpg", jpeg(), "image/jpeg")}
    assert api.post(IMAGES, files=form, headers=KEY).json() == first.json()
    assert count(engine, Picture) == 1
    refused(api.post(IMAGES, content=jpeg(700), headers=raw), 422)


def test_twenty_at_once_are_one_item(api: TestClient, engine: Engine) -> None:
    answers = at_once(20, lambda _: api.post(SUBMISSIONS, json=NEWS, headers=KEY))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert (count(engine, Submission), count(engine, Letter)) == (1, 1)


def test_of_many_at_once_each_is_taken_or_refused_by_itself(
    settings: Settings, engine: Engine, clock: Clock, keys: dict[str, str]
) -> None:
    public = {"base_url": "https://newsletter.example", "intake": Intake(submissions_per_day=3)}
    with system(settings.model_copy(update=public), engine, clock, keys["lichtwerk"]) as api:
        answers = at_once(8, lambda n: api.post(SUBMISSIONS, json=NEWS | {"title": f"Labor {n}"}))
        assert sorted(answer.status_code for answer in answers) == [201] * 3 + [429] * 5
        stored = {each["id"]: each["title"] for each in api.get(SUBMISSIONS).json()}
    with database.reading(engine) as session:
        subjects = set(session.scalars(select(col(Letter.subject))))
    assert subjects == {f"{number} ist eingegangen: {title}" for number, title in stored.items()}
    assert len(stored) == 3


@pytest.mark.sqlite("it takes back a whole act when the disk is full")
def test_nobody_hears_yes_of_what_a_full_disk_has_taken_back(
    settings: Settings, engine: Engine, clock: Clock
) -> None:
    def fill(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    def work(size: int, act: Act) -> int:
        act.record("cluster", size, "seen", detail={"long": "x" * size})
        return size

    async def three() -> list[Any]:
        request = Request({"type": "http", "app": create_app(settings, engine, clock)})
        works = (together(request, partial(work, size)) for size in (10, 100_000, 11))
        return await asyncio.gather(*works, return_exceptions=True)

    event.listen(engine, "begin", fill)
    said = asyncio.run(three())
    assert [type(each) for each in said] == [DatabaseAway] * 3, said
    assert "kein Platz mehr" in str(said[0])
    assert count(engine, Event) == 0


def test_ones_own_items_come_in_pages_and_with_what_was_decided(
    api: TestClient, act: type_of_act
) -> None:
    for number in range(5):
        api.post(SUBMISSIONS, json=NEWS | {"title": f"Meldung {number}"})
    newest = api.get(SUBMISSIONS, params={"limit": 2}).json()
    assert [each["id"] for each in newest] == ["q5", "q4"]
    assert newest[0]["newsletters"] == {"go-cluster": "asked", "clusterplattform": "asked"}
    older = api.get(SUBMISSIONS, params={"limit": 9, "before": "q4"}).json()
    assert [each["id"] for each in older] == ["q3", "q2", "q1"]
    for wrong, said in (
        ({"limit": 0}, "mindestens 1."),
        ({"limit": 9999}, "höchstens 1000."),
        ({"limit": "x"}, "eine ganze Zahl"),
        ({"before": "4"}, "passt nicht"),
    ):
        (problem,) = refused(api.get(SUBMISSIONS, params=wrong), 422)["errors"]
        assert problem["field"] == next(iter(wrong))
        assert said in problem["message"]
    with act(ADA) as a:
        queue.decline(a, ["q1"], reason="Schon im November erschienen.", newsletters=["go-cluster"])
    whole = api.get(f"{SUBMISSIONS}/q1").json()
    declined = {each["newsletter"]: each for each in whole["decisions"]}["go-cluster"]
    assert (declined["status"], declined["published_in"]) == ("declined", [])
    assert declined["reason"] == "Schon im November erschienen."


def test_a_day_has_room_for_so_many(
    settings: Settings, engine: Engine, clock: Clock, keys: dict[str, str]
) -> None:
    quotas = Intake(submissions_per_day=2, pictures_per_day=1)
    public = {"base_url": "https://newsletter.example", "intake": quotas}
    api = system(settings.model_copy(update=public), engine, clock, keys["lichtwerk"])
    kind = {"Content-Type": "image/jpeg"}
    assert api.post(IMAGES, content=jpeg(), headers=kind).status_code == 201
    assert "1 Bild" in refused(api.post(IMAGES, content=jpeg(), headers=kind), 429)["detail"]
    for number in range(2):
        assert api.post(SUBMISSIONS, json=NEWS | {"title": f"M {number}"}).status_code == 201
        clock.forward(hours=1)
    answer = api.post(SUBMISSIONS, json=NEWS)
    assert "2 Beiträge" in refused(answer, 429)["detail"]
    assert answer.headers["retry-after"] == str(22 * 3600)
    other = {"Authorization": f"Bearer {keys['boje']}"}
    assert api.post(SUBMISSIONS, json=NEWS, headers=other).status_code == 201
    clock.forward(hours=22)
    assert api.post(SUBMISSIONS, json=NEWS).status_code == 201


@pytest.mark.sqlite("the examples are about HTTP")
def test_the_examples_of_the_documentation_run_as_they_stand(
    settings: Settings, engine: Engine, clock: Clock, keys: dict[str, str], tmp_path: Path
) -> None:
    blocks = re.findall(r"```(sh|python)\n(.*?)```", DOCS, re.DOTALL)
    assert [kind for kind, _text in blocks] == ["sh", "python", "sh", "sh"]
    (tmp_path / "messlabor.jpg").write_bytes(jpeg())
    with reserved() as listener, serving(create_app(settings, engine, clock), listener):
        for kind, text in blocks:
            words = [sys.executable, "-c"] if kind == "python" else ["bash", "-euc"]
            known = {"NEWSLETTER": address_of(listener), "KEY": keys["lichtwerk"]}
            done = subprocess.run(
                [*words, text],
                cwd=tmp_path,
                env=os.environ | known,
                capture_output=True,
                text=True,
                timeout=30,
            )
            assert (done.returncode, done.stderr) == (0, "")
            handed_in = "q1" in done.stdout or "q2" in done.stdout
            assert handed_in or '"newsletter":"clusterplattform"' in done.stdout
    with database.reading(engine) as session:
        kinds = session.scalars(select(col(Submission.kind)).order_by(col(Submission.id)))
        assert [kind.value for kind in kinds] == ["news", "date"]
