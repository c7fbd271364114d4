"""A copied home does not send: the original could send the same once more."""

import asyncio
import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from newsletter import database, readers
from newsletter.database import DatabaseAway
from newsletter.dispatch import engine as sender
from newsletter.dispatch import home_guard, ledger
from newsletter.dispatch.home_guard import (
    MARK_FILE,
    AnotherHome,
    NothingToAdopt,
    NotThisHome,
    Place,
)
from newsletter.history import SYSTEM, Act, acting
from newsletter.models.delivery import Delivery, DeliveryState, Letter, Sender
from newsletter.models.event import Event
from newsletter.models.issue import Issue, IssueState
from newsletter.settings import Relay, Settings, load
from subscribers.models import Subscriber, Subscription, SubscriptionState
from tests import databases
from tests.command_situations import typing
from tests.conftest import Clock, type_of_act
from tests.databases import copied
from tests.dispatch_situations import at_work, opened, posted, quiet_home, scheduled
from tests.dispatch_situations import readers as people
from tests.smtp_server import Recording, Scripted

__all__ = ["quiet_home"]  # the fixture

D = DeliveryState


def mark_of(home: Path) -> int:
    return int(json.loads((home / MARK_FILE).read_text())["claim"])


def send(engine: Engine, settings: Settings, url: str) -> sender.Sent:
    here = settings.model_copy(update={"relays": (Relay(url=url),)})
    return asyncio.run(sender.run(engine, here, asyncio.Event(), until_empty=True))


@pytest.fixture
def sent_before(act: type_of_act, engine: Engine, settings: Settings) -> Settings:
    """A home that has sent an issue, and has another that is half sent."""
    with act() as a:
        opened(a, "ada", "ben", "cleo")
    with Scripted() as relay:
        send(engine, settings, relay.url)
    with act() as a:
        opened(a, number="2027-01")
        posted(a)
    return settings


# -- who may send ---------------------------------------------------------------------------


def test_a_new_home_may_send_and_remembers_where_it_stands(
    act: type_of_act, settings: Settings
) -> None:
    with act() as a:
        assert home_guard.enter(a) == 0
        row = a.session.get_one(Sender, 1)
        here = Place.here(settings.home, a.session)
        assert (row.home, row.machine, row.boot) == (here.home, here.machine, here.boot)
        assert here.shared or row.home == str(settings.home)
        assert mark_of(settings.home) == 0
        home_guard.require_own_home(a.session, a.settings.home)


def test_a_copy_in_another_folder_does_not_send(sent_before: Settings, tmp_path: Path) -> None:
    copy = copied(sent_before, tmp_path / "kopie")
    engine = database.connect(copy.database_url)
    with Recording() as relay:
        with pytest.raises(NotThisHome) as refused:
            send(engine, copy, relay.url)
        assert relay.messages == []
    engine.dispose()
    assert "newsletter db adopt --reason" in str(refused.value)
    assert refused.value.exit_code == 1


@pytest.mark.sqlite("homes may share a server's database, and each steers what goes out")
def test_in_a_copy_nothing_is_held_or_decided_that_goes_out_from_the_original(
    sent_before: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    copy = copied(sent_before, tmp_path / "kopie")
    said = typing(copy.home, monkeypatch, capsys, "issue")
    issue = "clusterplattform-2027-01"
    for words in (("pause",), ("resume",), ("stop",), ("resolve",), ("resolve", "--resend")):
        refused = said(words[0], issue, *words[1:])
        assert (refused.code, refused.out) == (1, "")
        assert "newsletter db adopt --reason" in refused.err
    assert said("status", issue, "--json").json["state"] == "sending"
    here = typing(sent_before.home, monkeypatch, capsys, "issue")
    assert here("pause", issue).code == 0


@pytest.mark.postgresql("homes share a database, not a file")
def test_each_home_of_one_database_may_steer(
    sent_before: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copytree(sent_before.home, tmp_path / "zweiter", ignore=lambda *_: [MARK_FILE])
    second = typing(tmp_path / "zweiter", monkeypatch, capsys, "issue")
    assert second("pause", "clusterplattform-2027-01").code == 0


@pytest.mark.sqlite("a server's database is where it is, whoever works with it")
def test_a_copy_on_another_machine_does_not_send(act: type_of_act, sent_before: Settings) -> None:
    with pytest.raises(NotThisHome, match="anderen Rechner"), act() as a:
        here = Place.here(sent_before.home, a.session)
        home_guard.enter(a, replace(here, machine="ein anderer"))


@pytest.mark.postgresql("homes share a database, not a file")
def test_two_homes_of_one_database_take_turns_and_send_nothing_twice(
    sent_before: Settings, engine: Engine, tmp_path: Path
) -> None:
    shutil.copytree(sent_before.home, tmp_path / "zweiter", ignore=lambda *_: [MARK_FILE])
    second = load(tmp_path / "zweiter", {})
    with Scripted() as relay:
        with home_guard.only_sender(sent_before.home, engine), pytest.raises(AnotherHome):
            send(engine, second, relay.url)
        send(engine, second, relay.url)
        send(engine, sent_before, relay.url)
        assert len(relay.script.messages) == 4  # three copies and the letter, once


@pytest.mark.postgresql("the lock is a connection of the server")
def test_a_sender_whose_lock_is_gone_claims_nothing_before_it_has_asked_again(
    sent_before: Settings, engine: Engine
) -> None:
    with home_guard.only_sender(sent_before.home, engine) as still_ours:
        still_ours()
        found = databases.behind(sent_before.database_url)
        assert found is not None
        found[0].cut_off(found[1])
        with pytest.raises(DatabaseAway):
            still_ours()


def test_a_database_from_a_backup_does_not_send(
    sent_before: Settings, engine: Engine, tmp_path: Path
) -> None:
    """In the same folder, on the same machine: only the mark tells."""
    restore = databases.backed_up(sent_before, tmp_path / "backup")
    with Scripted() as relay:
        send(engine, sent_before, relay.url)
        engine.dispose()
        restore()
        with pytest.raises(NotThisHome, match="älter als der letzte Versand"):
            send(engine, sent_before, relay.url)
        assert len(relay.script.messages) == 4  # three copies and the letter, once


def test_a_fresh_database_beside_an_old_mark_does_not_send(
    act: type_of_act, settings: Settings
) -> None:
    home_guard.write_mark(settings.home, 12)
    with pytest.raises(NotThisHome), act() as a:
        home_guard.enter(a)


@pytest.mark.sqlite("a home that is new to a server's database has no mark yet")
@pytest.mark.parametrize("content", [None, "", "{}", "kaputt", '{"claim": "x"}'])
def test_without_a_legible_mark_nothing_is_sent(
    act: type_of_act, sent_before: Settings, content: str | None
) -> None:
    mark = sent_before.home / MARK_FILE
    if content is None:
        mark.unlink()
    else:
        mark.write_text(content)
    with pytest.raises(NotThisHome, match=MARK_FILE), act() as a:
        home_guard.enter(a)


def test_a_crash_between_the_claim_and_its_mark_does_not_lock_the_home(
    act: type_of_act, settings: Settings
) -> None:
    with act() as a:
        at_work(a)
        opened(a, "ada")
        assert ledger.claim(a, 1) is not None  # and then the plug is pulled
    with act() as a:
        assert home_guard.enter(a) == 0


def test_a_restart_of_the_machine_is_noticed(act: type_of_act, settings: Settings) -> None:
    with act() as a:
        here = Place.here(settings.home, a.session)
        home_guard.enter(a, here)
        opened(a, "ada", "ben")
        ledger.claim(a, 1)
    with act() as a:
        assert home_guard.enter(a, replace(here, boot="ein neuer Start")) == 1
        assert a.session.get_one(Sender, 1).boot == "ein neuer Start"
        assert _told(a, "recovered").detail == {"unknown": 1}


def test_the_web_works_in_a_home_that_does_not_send(sent_before: Settings, tmp_path: Path) -> None:
    from fastapi.testclient import TestClient

    from newsletter.web.app import create_app

    copy = copied(sent_before, tmp_path / "kopie")
    engine = database.connect(copy.database_url)
    client = TestClient(create_app(copy, engine), base_url=copy.base_url)
    assert client.get("/healthz").status_code == 200
    engine.dispose()


# -- taking a copy over ---------------------------------------------------------------------


def _told(a: Act, what: str) -> Event:
    return a.session.scalars(select(Event).where(col(Event.what) == what)).one()


def test_an_adopted_copy_calls_unknown_what_the_original_may_have_sent(
    sent_before: Settings, tmp_path: Path
) -> None:
    copy = copied(sent_before, tmp_path / "kopie")
    engine = database.connect(copy.database_url)
    with acting(engine, copy, SYSTEM) as a:
        done = home_guard.adopt(a, "Umzug auf den neuen Server")
        assert done.unknown == 4  # three copies of the second issue and a letter
        told = _told(a, "adopted")
        assert told.why == "Umzug auf den neuen Server"
        states = Counter(a.session.scalars(select(col(Delivery.state))))
        assert states == {D.ACCEPTED: 3, D.UNKNOWN: 3}
        second = a.session.get_one(Issue, "clusterplattform-2027-01")
        assert second.state is IssueState.SENT
        assert second.account == {"unknown": 3}
    with Recording() as relay:
        assert send(engine, copy, relay.url) == sender.Sent()
        assert relay.messages == []
    engine.dispose()


def test_an_adopted_copy_goes_on_counting_where_the_original_was(
    sent_before: Settings, tmp_path: Path
) -> None:
    (sent_before.home / MARK_FILE).write_text('{"claim": 40}')
    copy = copied(sent_before, tmp_path / "kopie")
    engine = database.connect(copy.database_url)
    with acting(engine, copy, SYSTEM) as a:
        home_guard.adopt(a, "Umzug")
    with acting(engine, copy, SYSTEM) as a:
        posted(a, "neu@leser.example")
    with Recording() as relay:
        send(engine, copy, relay.url)
    assert [m.rcpt for m in relay.messages] == ["neu@leser.example"]
    assert mark_of(copy.home) == 41
    engine.dispose()


def test_who_left_after_the_backup_gets_nothing_after_it_was_restored(
    act: type_of_act, settings: Settings, engine: Engine, tmp_path: Path
) -> None:
    with act() as a:
        at_work(a)
        people(a.session, "ada", "ben")
    restore = databases.backed_up(settings, tmp_path / "backup")
    with act() as a:
        readers.unsubscribe_address(a, "ben@leser.example", None)
        posted(a)
    with Scripted() as relay:
        send(engine, settings, relay.url)
    engine.dispose()
    restore()
    with act() as a:
        assert home_guard.adopt(a, "Sicherung zurückgespielt").goodbyes > 0
        ben = a.session.scalars(
            select(col(Subscription.state))
            .join(Subscriber, col(Subscriber.id) == col(Subscription.subscriber_id))
            .where(col(Subscriber.email) == "ben@leser.example")
        ).one()
        assert ben is SubscriptionState.ENDED
        assert opened(a).recipients == 1


def test_an_issue_that_was_being_opened_is_accounted_for_as_a_whole(
    act: type_of_act, settings: Settings, tmp_path: Path
) -> None:
    with act() as a:
        at_work(a)
        people(a.session, "ada", "ben", "cleo")
        issue = scheduled(a)
        ledger.open_issue(a, issue)
        ledger.fill_audience(a, issue.id, at_once=1)
    copy = copied(settings, tmp_path / "kopie")
    engine = database.connect(copy.database_url)
    with acting(engine, copy, SYSTEM) as a:
        assert home_guard.adopt(a, "Umzug").unknown == 3
        issue = a.session.scalars(select(Issue)).one()
        assert issue.state is IssueState.SENT
        assert issue.recipients == 3
    engine.dispose()


def test_an_issue_whose_time_has_passed_waits_for_a_yes(
    act: type_of_act, settings: Settings, clock: Clock, tmp_path: Path
) -> None:
    with act() as a:
        at_work(a)
        people(a.session, "ada")
        past = scheduled(a, "2026-12").id
        scheduled(a, "2036-12", send_at=a.now.replace(year=2036))
    copy = copied(settings, tmp_path / "kopie")
    engine = database.connect(copy.database_url)
    clock.forward(minutes=1)
    with acting(engine, copy, SYSTEM, clock=clock) as a:
        assert home_guard.adopt(a, "Umzug").late == (past,)
        states = {issue.number: issue.state for issue in a.session.scalars(select(Issue))}
        assert states == {"2026-12": IssueState.LATE, "2036-12": IssueState.SCHEDULED}
    engine.dispose()


def test_a_letter_of_an_adopted_home_is_repeated_once(
    sent_before: Settings, clock: Clock, tmp_path: Path
) -> None:
    copy = copied(sent_before, tmp_path / "kopie")
    engine = database.connect(copy.database_url)
    with acting(engine, copy, SYSTEM, clock=clock) as a:
        home_guard.adopt(a, "Umzug")
    clock.forward(minutes=15)
    with acting(engine, copy, SYSTEM, clock=clock) as a:
        ledger.wake(a)
        assert a.session.scalars(select(col(Letter.state))).one() is D.QUEUED
    engine.dispose()


def test_a_home_that_may_send_has_nothing_to_adopt(
    act: type_of_act, sent_before: Settings, engine: Engine
) -> None:
    with pytest.raises(NothingToAdopt), act() as a:
        home_guard.adopt(a, "zur Sicherheit")
    with Recording() as relay:
        send(engine, sent_before, relay.url)
    assert len(relay.messages) == 4
