"""Two people at the same issue at the same moment: one wins, the other is told, nothing is half."""

import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import col, select

from newsletter import issues
from newsletter.errors import NewsletterError
from newsletter.history import PUBLIC, Act, Actor
from newsletter.issues import Answer, Plan
from newsletter.models.event import Event
from newsletter.models.issue import ApprovalState, Issue, IssueState
from newsletter.settings import Editor, Settings, load
from newsletter.web.app import create_app
from tests import databases
from tests.approval_situations import ERIKA, asked, letters, requests, with_approver
from tests.command_situations import Newsletter, newsletter
from tests.conftest import BEN, Clock, type_of_act
from tests.desk_situations import Desk, desk
from tests.web_situations import OURS

__all__ = ["desk", "newsletter"]

CARLA = Actor("carla", "carla")


@pytest.fixture
def settings(home: Path) -> Settings:
    settings = with_approver(load(home, {}))
    carla = Editor(name="carla", email="carla@go-cluster.example")
    return settings.model_copy(update={"editors": (*settings.editors, carla)})


@pytest.fixture
def key(desk: Desk) -> str:
    desk.accepted()
    return desk.filled()


def at_once(act: type_of_act, *steps: tuple[Actor, Callable[[Act], object]]) -> list[str]:
    """Each step as an act of somebody's, begun at the same moment; what each was told."""
    start = threading.Barrier(len(steps))
    told = [""] * len(steps)

    def one(n: int, who: Actor, step: Callable[[Act], object]) -> None:
        start.wait()
        try:
            with act(who) as a:
                step(a)
        except NewsletterError as error:
            told[n] = str(error)

    threads = [threading.Thread(target=one, args=(n, *step)) for n, step in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def new_subject(seen: Issue, subject: str = "Neuer Betreff") -> Callable[[Act], object]:
    """What ``issue edit`` does once the document is typed."""

    def step(act: Act) -> object:
        issues.require_as_seen(act, seen)
        plan = Plan(subject, seen.preheader, seen.opening, (("programm", ("q1",)),))
        return issues.edit(act, seen.id, plan, seen.version)

    return step


def one_of(told: Sequence[str], *sentences: str) -> str:
    """That exactly one was refused, with one of these sentences; which."""
    (refused,) = filter(None, told)
    (known,) = [each for each in sentences if each in refused]
    return known


@pytest.mark.postgresql("on SQLite the file has one writer, whatever we do")
def test_an_act_begins_when_the_one_before_it_has_ended(
    engine: Engine, settings: Settings, act: type_of_act
) -> None:
    """What was checked is still so when it is written; no race decides whether we notice."""
    found = databases.behind(settings.database_url)
    assert found is not None
    server, name = found
    seen: list[str | None] = []

    def second() -> None:
        with act(CARLA) as a:
            seen.extend(a.session.scalars(select(col(Event.what))))

    thread = threading.Thread(target=second)
    with act() as first:
        first.record("issue", "x", "first")
        first.session.flush()
        thread.start()
        while not seen and not server.run(WAITS_ITS_TURN.format(name)):
            assert thread.is_alive(), "the second act has seen none of the first, and is over"
    thread.join()
    assert seen == ["first"]


WAITS_ITS_TURN = """
SELECT 1 FROM pg_stat_activity WHERE datname = '{}' AND wait_event_type = 'Lock'
"""


@pytest.mark.parametrize("again", range(4))
def test_an_approval_and_an_edit_at_once(
    desk: Desk, key: str, act: type_of_act, again: int
) -> None:
    desk.do(issues.request, key, "geprüft")
    seen = desk.issue(key)
    told = at_once(act, (BEN, lambda a: issues.approve(a, key)), (CARLA, new_subject(seen)))
    won = one_of(told, "ist inzwischen freigegeben", "ist Entwurf")
    issue, (request,) = desk.issue(key), requests(desk)
    if won == "ist inzwischen freigegeben":
        assert "Es wurde nichts geändert" in told[1]
        assert (issue.state, request.state) == (IssueState.APPROVED, ApprovalState.APPROVED)
        assert (issue.subject, issue.version) == (seen.subject, seen.version)
    else:
        assert "newsletter issue request" in told[0]
        assert (issue.state, request.state) == (IssueState.DRAFT, ApprovalState.VOID)
        assert issue.subject == "Neuer Betreff"


@pytest.mark.parametrize("again", range(4))
def test_an_approval_by_link_and_an_edit_at_once(
    desk: Desk, key: str, act: type_of_act, again: int
) -> None:
    token = asked(desk, key)
    seen = desk.issue(key)

    def yes(a: Act) -> object:
        return issues.decide(a, token, Answer.APPROVE, ERIKA)

    told = at_once(act, (PUBLIC, yes), (CARLA, new_subject(seen)))
    won = one_of(told, "ist inzwischen freigegeben", "nicht mehr entscheiden")
    approved = won == "ist inzwischen freigegeben"
    assert desk.issue(key).state is (IssueState.APPROVED if approved else IssueState.DRAFT)
    assert len(letters(desk, "approval_answer")) == approved


def test_two_editors_approve_at_once(desk: Desk, key: str, act: type_of_act) -> None:
    desk.do(issues.request, key, "geprüft")
    told = at_once(act, *((who, lambda a: issues.approve(a, key)) for who in (BEN, CARLA)))
    one_of(told, "ist freigegeben. Hier gibt es nichts freizugeben.")
    (request,) = requests(desk)
    assert request.decided_by in {"freigabe", "carla"}
    assert desk.issue(key).state is IssueState.APPROVED


def test_two_editors_edit_at_once(desk: Desk, key: str, act: type_of_act) -> None:
    seen = desk.issue(key)
    told = at_once(act, (BEN, new_subject(seen, "Bens")), (CARLA, new_subject(seen, "Carlas")))
    one_of(told, "Dort und bei Ihnen anders: Betreff.")
    assert desk.issue(key).version == seen.version + 1


def test_an_approval_given_while_somebody_types_is_not_lost_unheard(
    newsletter: Newsletter, desk: Desk, key: str, home: Path
) -> None:
    newsletter("issue", "request", key, "--accept-warnings", "geprüft")
    document = newsletter("issue", "show", key, "--document").out
    typed = document.replace("subject: ", "subject: Anders: ")
    command = [sys.executable, "-m", "cli", "--home", str(home), "--as", "redaktion"]
    typing = subprocess.Popen(
        [*command, "issue", "edit", key, "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert typing.stdout
    assert "die Anfrage verfällt" in typing.stdout.readline()
    assert newsletter("issue", "approve", key, as_="freigabe").code == 0
    _, said = typing.communicate(typed, timeout=30)
    assert typing.returncode == 1
    assert f"{key} ist inzwischen freigegeben" in said
    shown = newsletter("issue", "show", key, "--json").json
    assert (shown["state"], "Anders" in shown["subject"]) == ("approved", False)
    again = newsletter("issue", "edit", key, "-", typed=typed)
    assert again.code == 0, again.err
    assert f"Das hebt die Freigabe von {key} durch freigabe auf." in again.out
    assert "wieder ein Entwurf" in again.out


def test_whoever_asked_cannot_approve_and_is_told_how(newsletter: Newsletter, key: str) -> None:
    newsletter("issue", "request", key, "--accept-warnings", "geprüft")
    own = newsletter("issue", "approve", key)
    assert own.code == 1
    assert "redaktion hat die Freigabe" in own.err
    assert f"newsletter --as freigabe issue approve {key}" in own.err
    assert newsletter("issue", "approve", key, as_="freigabe").code == 0
    twice = newsletter("issue", "approve", key, as_="freigabe")
    assert (twice.code, "ist freigegeben. Hier gibt es nichts freizugeben." in twice.err) == (
        1,
        True,
    )


def test_a_version_that_is_gone_is_approved_by_no_command(
    newsletter: Newsletter, key: str, home: Path
) -> None:
    newsletter("issue", "request", key, "--accept-warnings", "geprüft")
    file = home / "newsletter.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('sender_name = "', 'sender_name = "Neues '), encoding="utf-8")
    done = newsletter("issue", "approve", key, as_="freigabe")
    assert done.code == 1
    assert f"{key} ist nicht mehr das, was zur Freigabe vorgelegt wurde" in done.err
    assert f"newsletter issue request {key}" in done.err
    assert newsletter("issue", "status", key, "--json").json["state"] == "in_approval"


def test_a_comment_is_never_lost_by_a_link(
    desk: Desk, key: str, settings: Settings, engine: Engine, clock: Clock
) -> None:
    link = f"/approval/{asked(desk, key)}"
    said = {"answer": "approve", "name": "Redaktion", "comment": "Auf Seite zwei fehlt ein Wort."}
    app = create_app(settings, engine, clock)
    with TestClient(app, base_url="http://127.0.0.1:8000", headers=OURS) as browser:
        own = browser.post(link, data=said)
        assert own.status_code == 403
        assert 'aria-describedby="name-message"' in own.text
        assert "selbst angefragt" in own.text
        assert f">{said['comment']}</textarea>" in own.text
        browser.post(link, data=said | {"name": ERIKA, "comment": ""})
        late = browser.post(link, data=said | {"name": "Max Muster"})
        assert late.status_code == 409
        assert f"{ERIKA} hat diese Ausgabe" in late.text
        assert "Ihr Kommentar wurde nicht gespeichert" in late.text
        assert said["comment"] in late.text
        assert said["comment"] not in browser.get(link).text
