"""``newsletter log``: who did what, when, and why."""

from newsletter import queue, readers
from newsletter.history import PUBLIC, Actor
from tests.command_situations import Newsletter, newsletter
from tests.desk_situations import Desk, desk

__all__ = ["desk", "newsletter"]


def test_the_log_tells_the_story_of_an_item(newsletter: Newsletter, desk: Desk) -> None:
    desk.hand_in()
    desk.hand_in()
    desk.do(queue.decline, ["q1"], None, "Zu werblich.")
    done = newsletter("log", "submission", "q1", as_="")
    assert done.code == 0, done.err
    assert "Einreichung q1 für go-cluster" in done.out
    assert "Zu werblich." in done.out
    assert "23.11.2026 09:00" in done.out
    assert "q2" not in done.out
    first, *_, last, told = newsletter("log", "submission", "q1", "--json", as_="").json
    assert (first["what"], first["noun"], first["actor"]) == ("received", "submission", "redaktion")
    assert (last["from"], last["to"]) == ("in_review", "decided")
    assert told["what"] == "told"
    assert newsletter("log", "q1", as_="").out == done.out


def test_the_log_says_where_nothing_proves_the_name(newsletter: Newsletter, desk: Desk) -> None:
    desk.do(queue.accept, [desk.hand_in()], who=Actor("redaktion", "ada", proven=True))
    last = ("log", "--last", "1", "--plain")
    done = newsletter(*last)
    assert "redaktion (ada; belegt)" in done.out
    desk.hand_in()
    assert "redaktion (ada; Identität nicht belegt)" in newsletter(*last).out
    desk.do(lambda act: act.record("issue", "x", "made"), who=PUBLIC)
    assert "Identität" not in newsletter(*last).out


def test_the_log_of_an_issue_has_its_approvals(newsletter: Newsletter, desk: Desk) -> None:
    desk.accepted()
    key = desk.approved()
    done = newsletter("log", "issue", "clusterplattform", as_="")
    assert f"Ausgabe {key}" in done.out
    assert "zur Freigabe vorgelegt" in done.out
    facts = newsletter("log", "issue", key, "--json", as_="").json
    assert ("approval", "approved") in {(each["noun"], each["to"]) for each in facts}


def test_the_log_hides_who_a_reader_is(newsletter: Newsletter, desk: Desk) -> None:
    evidence = "Mail von Erika Beispiel, erika@leserin.example"
    desk.do(readers.add, "go-cluster", "erika@leserin.example", evidence, "Erika Beispiel")
    public_id = newsletter("subscribers", "show", "erika@leserin.example", "--json").json["id"]
    for words in (("log",), ("log", "--json"), ("log", "subscriber", public_id, "--json")):
        said = newsletter(*words, as_="").out
        assert "subscriber" in said or "Person" in said
        assert "rika" not in said
        assert not public_id or f'"{public_id}"' not in said


def test_the_last_lines_stand_at_the_end(newsletter: Newsletter, desk: Desk) -> None:
    for _ in range(3):
        desk.hand_in()
        desk.clock.forward(hours=1)
    facts = newsletter("log", "submission", "--last", "2", "--json").json
    assert [each["key"] for each in facts] == ["2", "3"]


def test_an_unknown_noun_is_wrong_usage_and_nothing_is_no_error(newsletter: Newsletter) -> None:
    done = newsletter("log", "leser")
    assert done.code == 2
    assert "Möglich: submission" in done.err
    assert "nichts im Protokoll" in newsletter("log").out
    assert newsletter("log", "submission", "q7").code == 1
