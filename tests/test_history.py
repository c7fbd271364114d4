"""An act: its compare-and-swap, its history, its transaction, and who may act at all."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from newsletter import database
from newsletter.content import Audience
from newsletter.errors import ImpossibleMove, NotAllowed, Overtaken
from newsletter.history import Act, acting, editor, mark, within
from newsletter.models.event import Event
from newsletter.models.issue import ISSUE, Issue, IssueState
from newsletter.settings import FILE, Settings, load

from .conftest import ADA, BEN, Clock, type_of_act

Opened = Callable[..., AbstractContextManager[Act]]


def an_issue(act: Act) -> Issue:
    issue = Issue(
        id="clusterplattform-2026-12",
        newsletter="clusterplattform",
        audience=Audience.PUBLIC,
        number="2026-12",
        state=IssueState.DRAFT,
        subject="Betreff",
        preheader="",
        opening="",
        read_key="k",
        made_at=act.now,
        made_by=act.actor.name,
    )
    act.session.add(issue)
    act.session.flush()
    return issue


def events(act: Act) -> list[tuple[str, str | None, str | None, str | None]]:
    found = act.session.exec(select(Event).order_by(Event.id))  # type: ignore[arg-type]
    return [(e.actor, e.from_state, e.to_state, e.why) for e in found]


def test_a_part_of_an_act_is_undone_by_itself(act: Opened) -> None:
    with act() as a:
        a.record("issue", "x", "done", why="vorher")
        with pytest.raises(KeyError), within(a) as part:
            an_issue(part)
            part.record("issue", "x", "done", why="vergebens")
            raise KeyError
        with within(a) as part:
            part.record("issue", "x", "done", why="nachher")
    with act() as a:
        assert [why for *_rest, why in events(a)] == ["vorher", "nachher"]
        assert a.session.exec(select(Issue)).all() == []


def test_a_move_changes_the_row_and_leaves_a_line_of_history(act: Opened) -> None:
    with act() as a:
        issue = an_issue(a)
        a.move(issue, ISSUE, IssueState.IN_APPROVAL, why="fertig", content_hash="abc")
        assert (issue.state, issue.content_hash) == (IssueState.IN_APPROVAL, "abc")
    with act() as a:
        assert events(a) == [("redaktion", "draft", "in_approval", "fertig")]


def test_a_move_that_the_table_does_not_have_is_refused(act: Opened) -> None:
    with act() as a, pytest.raises(ImpossibleMove, match=r"draft.*sent"):
        a.move(an_issue(a), ISSUE, IssueState.SENT)


def test_of_two_who_decide_at_once_one_is_told_so(act: Opened) -> None:
    with act() as a:
        an_issue(a)
    with act() as a:
        seen = a.session.get_one(Issue, "clusterplattform-2026-12")
        a.session.expunge(seen)
    with act(BEN) as b:
        b.move(b.session.get_one(Issue, seen.id), ISSUE, IssueState.CANCELLED)
    with act() as a, pytest.raises(Overtaken):
        a.session.add(seen)  # what Ada still sees: a draft
        a.move(seen, ISSUE, IssueState.IN_APPROVAL)
    with act() as a:
        assert [event[2] for event in events(a)] == ["cancelled"]


def test_an_act_that_fails_leaves_nothing_half_done(act: Opened) -> None:
    with pytest.raises(RuntimeError), act() as a:
        an_issue(a)
        raise RuntimeError
    with act() as a:
        assert a.session.exec(select(Issue)).all() == []


def test_writers_wait_for_each_other_instead_of_failing(
    engine: Engine, settings: Settings, clock: Clock
) -> None:
    def count_up() -> None:
        for _ in range(20):
            with acting(engine, settings, ADA, clock=clock) as a:
                a.record("counter", 1, "up")

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading(engine) as session:
        assert len(session.exec(select(Event)).all()) == 80


def test_only_people_named_in_the_configuration_act(settings: Settings) -> None:
    assert editor(settings, "Redaktion", login="ada").name == "redaktion"
    with pytest.raises(NotAllowed, match="redaktion, freigabe"):
        editor(settings, "fremd", login="ada")
    with pytest.raises(NotAllowed, match="--as"):
        editor(settings, None, login="ada")


def test_a_name_bound_to_a_login_is_refused_under_another_account(home: Path) -> None:
    path = home / FILE
    text = path.read_text(encoding="utf-8").replace('login = ""', 'login = "ada"', 1)
    path.write_text(text, encoding="utf-8")
    settings = load(home, {})
    assert editor(settings, "redaktion", login="ada").proven
    assert editor(settings, None, login="ada").name == "redaktion"
    with pytest.raises(NotAllowed, match="nur unter dem Konto „ada“"):
        editor(settings, "redaktion", login="eve")
    assert not editor(settings, "freigabe", login="eve").proven


def test_whoever_acts_again_and_again_lets_others_in_between(
    settings: Settings, act: Opened
) -> None:
    """As the sender does while it fixes an audience, in a process of its own."""
    done = 0
    begun, stop = threading.Event(), threading.Event()

    def go_on() -> None:
        nonlocal done
        own = database.connect(settings.database_url)
        while not stop.is_set():
            with acting(own, settings, ADA):
                begun.set()
                stop.wait(0.02)
            done += 1
        own.dispose()

    busy = threading.Thread(target=go_on)
    busy.start()
    waited = 0
    try:
        for _ in range(10):
            begun.clear()
            assert begun.wait(10)  # it is at work just now
            before = done
            with act():
                waited += done - before
    finally:
        stop.set()
        busy.join()
    assert waited < 30  # without a line to stand in: some hundred


def test_what_is_asked_again_and_again_is_planned_once(engine: Engine) -> None:
    """To plan a statement takes a server longer than to run it."""
    for _ in range(7):
        with database.reading(engine) as session:
            session.exec(select(Event)).all()
    if engine.dialect.name == "postgresql":
        kept = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%FROM event%'"
        with database.reading(engine) as session:
            assert session.connection().exec_driver_sql(kept.replace("%", "%%")).scalar() == 1


def test_the_mark_changes_with_a_line_that_comes_late_under_a_lower_number(
    act: type_of_act, engine: Engine
) -> None:
    """On PostgreSQL two write at once, and the one with the lower number may commit last."""
    seen = []

    def look() -> None:
        with database.reading(engine) as session:
            seen.append(mark(session))

    look()
    for number in (2_500, 2_499):
        with act() as a:
            line = Event(id=number, at=a.now, actor="ada", noun="issue", key="x", what="seen")
            a.session.add(line)
        look()
    look()
    assert len(set(seen)) == 3
    assert seen[-1] == seen[-2]
