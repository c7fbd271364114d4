"""The examples at a fixed date, behind a stage without network: what the screenshots show."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from playwright.sync_api import Browser, BrowserContext, Route
from sqlalchemy import Engine

from newsletter import clusters, database, home_folder, issues, pictures, queue, readers
from newsletter import submissions as handed_in
from newsletter.demo.relative import expanded
from newsletter.history import Act, Actor, acting
from newsletter.issues import neutral
from newsletter.models.submission import Via
from newsletter.settings import FILE, Settings, load
from newsletter.templating import shipped
from newsletter.web.app import create_app
from tests.approval_situations import ERIKA, asked
from tests.archive_situations import sending, stored
from tests.conftest import ADA, BEN, Clock
from tests.desk_situations import Desk

BASE = "http://127.0.0.1:8000"  # as a home is made; no port is opened
_PASSED_ON = ("content-type", "content-security-policy")
PUBLIC, MEMBERS = "clusterplattform", "go-cluster"
WRITES = "lichtwerk-havelbogen"  # the cluster whose form is shown
TODAY = date(2026, 11, 23)
_MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
_BEFORE = ("2026-09", "2026-10")  # two small issues


@dataclass
class Stage:
    """A home with three issues of the public newsletter and one for members."""

    settings: Settings
    engine: Engine
    client: TestClient
    clock: Clock
    keys: dict[str, str] = field(default_factory=dict)  # the newest issue, by newsletter
    form: str = ""
    status: str = ""
    approval: str = ""
    unsubscribe: str = ""

    def act(self, who: Actor = ADA) -> AbstractContextManager[Act]:
        return acting(self.engine, self.settings, who, clock=self.clock, durable=False)

    @property
    def desk(self) -> Desk:
        return Desk(self.act, self.clock)

    def mail(self, slug: str) -> str:
        """The newest issue's HTML, slots filled with words for everybody."""
        return neutral.html_of(issues.as_edition(stored(self.desk, self.keys[slug])))

    def read(self) -> str:
        """The path of the members' view."""
        return f"/read/{self.desk.issue(self.keys[MEMBERS]).read_key}"


@contextmanager
def built(folder: Path) -> Iterator[Stage]:
    """Play the example's year up to Monday, 23 November 2026."""
    home_folder.make(folder, {})
    file = folder / FILE
    text = file.read_text(encoding="utf-8")
    erika = f'[[approvers]]\nname = "{ERIKA}"\nemail = "erika@ministerium.example"\n\n[approval]'
    file.write_text(text.replace("\n[approval]", f"\n{erika}", 1), encoding="utf-8")
    settings = load(folder, {})
    engine = database.connect(settings.database_url)
    clock = Clock(datetime(2026, 9, 14, 8, 0, tzinfo=UTC))
    with TestClient(create_app(settings, engine, clock), base_url=BASE) as client:
        stage = Stage(settings, engine, client, clock)
        _play(stage)
        yield stage
    engine.dispose()


def _play(stage: Stage) -> None:
    zone = stage.settings.zone
    items = expanded(json.loads(_example("submissions.json").read_text("utf-8")), TODAY, zone)
    with stage.act() as act:
        clusters.import_file(act, _example("clusters.json"))
        readers.import_csv(act, _example("subscribers-clusterplattform.csv").read_bytes(), PUBLIC)
    for number in _BEFORE:
        _hand_in(stage, [items.pop(0)])
        _send(stage, PUBLIC, number)
        stage.clock.forward(days=28)
    stage.clock.moment = _MORNING
    _hand_in(stage, items)
    for slug in (MEMBERS, PUBLIC):
        stage.keys[slug] = _send(stage, slug, "2026-12")
    _ask(stage)
    with stage.act() as act:
        people = clusters.people_of(act.session, clusters.get(act.session, WRITES))
        stage.form = clusters.link(act, WRITES, people[0].email).removeprefix(BASE)
        readers.add(act, PUBLIC, "liest@leser.example", "Liste vom 5. Januar 2026")
        person = readers.known(act, "liest@leser.example")
        goodbye = readers.unsubscribe_url(act.settings, person.public_id, PUBLIC)
    stage.unsubscribe = goodbye.removeprefix(BASE)


def _ask(stage: Stage) -> None:
    """A members' issue with an item under an embargo waits for its approver."""
    key = stage.desk.new(MEMBERS, "2027-02")
    dark = [left.reference for left in stage.desk.do(issues.fill, key).left_out]
    stage.desk.do(issues.add, key, dark)
    stage.desk.do(_with_a_known_key, key)
    stage.approval = f"/approval/{asked(stage.desk, key, ERIKA)}"


def _with_a_known_key(act: Act, key: str) -> None:
    """The key is part of what is hashed, and the page shows the hash."""
    issue = issues.find(act.session, key)
    issue.read_key = "k" * 43
    act.session.add(issue)


def _hand_in(stage: Stage, items: list[dict[str, Any]]) -> None:
    """Take items in as their clusters hand them in, and accept them."""
    references = []
    for item in items:
        facts = {k: v for k, v in item.items() if k not in {"cluster", "source", "picture", "via"}}
        with stage.act() as act:
            if "source" in item:
                references.append(queue.add(act, facts, source=item["source"]).reference)
                continue
            cluster = clusters.get(act.session, item["cluster"])
            if "picture" in item:
                prepared = pictures.prepare(_example(item["picture"]).read_bytes())
                kept = pictures.keep(act, prepared, cluster_id=cluster.id, by=cluster.slug)
                facts["image"] = kept.key
            receipt = handed_in.receive(act, facts, cluster=cluster, via=Via.API, by=cluster.slug)
            references.append(receipt.reference)
            stage.status = stage.status or f"/s/{receipt.status_token}"
    with stage.act() as act:
        queue.accept(act, references)


def _send(stage: Stage, slug: str, number: str) -> str:
    """Fill, approve and send an issue of what waits."""
    desk = stage.desk
    key = desk.new(slug, number)
    desk.do(issues.fill, key)
    desk.do(issues.request, key, "geprüft")
    desk.do(issues.approve, key, who=BEN)
    desk.do(issues.schedule, key, stage.clock())
    return sending(desk, key)


def _example(name: str) -> Path:
    return shipped("examples") / name


@contextmanager
def visitor(
    browser: Browser, stage: Stage, *, images: bool = True, **options: Any
) -> Iterator[BrowserContext]:
    """Somebody's browser; the application answers in this process, nothing else is fetched."""

    def answer(route: Route) -> None:
        request = route.request
        wanted = images or request.resource_type != "image"
        if not (wanted and request.url.startswith(f"{BASE}/")):
            route.abort()
            return
        got = stage.client.request(
            request.method,
            request.url,
            content=request.post_data_buffer,
            headers={**request.headers, "sec-fetch-site": "same-origin"},
        )
        kept = {name: got.headers[name] for name in _PASSED_ON if name in got.headers}
        route.fulfill(status=got.status_code, headers=kept, body=got.content)

    context = browser.new_context(base_url=BASE, locale="de-DE", **options)
    context.route("**/*", answer)
    yield context
    context.close()
