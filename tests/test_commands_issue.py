"""``newsletter issue``, as an editor types it."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from newsletter import queue, submissions
from newsletter.commands import context, issue_shown
from newsletter.history import Act
from tests.command_situations import Newsletter, newsletter
from tests.desk_situations import Desk, desk, fair, news
from tests.test_commands_queue import run_at_a_terminal

__all__ = ["desk", "newsletter"]


@pytest.fixture
def key(desk: Desk, newsletter: Newsletter) -> str:
    """A draft with a clean item of news and a date, made by commands."""
    soon = datetime.now(UTC) + timedelta(days=90)
    desk.accepted()
    desk.accepted(fair(soon.replace(microsecond=0)))
    made: str = newsletter("issue", "new", "clusterplattform", "--json").json["id"]
    assert newsletter("issue", "fill", made).code == 0
    return made


def test_the_whole_road_by_command(desk: Desk, newsletter: Newsletter) -> None:
    soon = (datetime.now(UTC) + timedelta(days=90)).replace(microsecond=0)
    desk.hand_in()
    desk.hand_in(fair(soon))
    assert newsletter("queue", "accept", "q1", "q2").code == 0
    for slug in ("clusterplattform", "go-cluster"):
        key = newsletter("issue", "new", slug, "--json").json["id"]
        assert re.fullmatch(rf"{slug}-20\d\d-\d\d", key)
        filled = newsletter("issue", "fill", key, "--json").json
        assert [placed["id"] for placed in filled["placed"]] == ["q1", "q2"]
        checked = newsletter("issue", "check", key, as_="")
        assert checked.code == 0
        assert f"newsletter issue request {key}\n" in checked.out
        asked = newsletter("issue", "request", key, "--accept-warnings", "keine")
        assert f"newsletter --as freigabe issue approve {key}" in asked.out
        refused = newsletter("issue", "approve", key)
        assert (refused.code, "zweite Person" in refused.err) == (1, True)
        approved = newsletter("issue", "approve", key, "--json", as_="freigabe").json
        planned = newsletter("issue", "schedule", key, "now")
        assert "Als Nächstes: newsletter dispatch --until-empty" in planned.out
        status = newsletter("issue", "status", key, "--json", as_="").json
        assert status["state"] == "scheduled"
        assert status["recipients"] is None
        assert status["deliveries"] == {}
        assert status["content_hash"] == approved["content_hash"]


def test_a_new_issue_names_its_cut_off(newsletter: Newsletter) -> None:
    said = newsletter("issue", "new", "clusterplattform", "--number", "2026-12").out
    assert "Versand nach dem Rhythmus: Dienstag, 15.12.2026, 10:00 Uhr" in said
    assert "Redaktionsschluss: Freitag, 04.12.2026, 12:00 Uhr" in said
    assert "Als Nächstes: newsletter issue fill clusterplattform-2026-12" in said


def test_a_short_name_means_the_only_issue_that_is_still_to_come(newsletter: Newsletter) -> None:
    for number in ("2027-01", "2027-02"):
        assert newsletter("issue", "new", "clusterplattform", "--number", number).code == 0
    both = newsletter("issue", "fill", "clusterplattform")
    assert both.code == 1
    assert "clusterplattform-2027-01, clusterplattform-2027-02" in both.err
    assert newsletter("issue", "cancel", "2027-01").code == 0
    filled = newsletter("issue", "fill", "clusterplattform", "--json").json
    assert filled["id"] == "clusterplattform-2027-02"
    gone = newsletter("issue", "status", "2027-01", "--json").json
    assert (gone["id"], gone["state"]) == ("clusterplattform-2027-01", "cancelled")
    assert newsletter("issue", "new", "go-cluster", "--number", "2027-02").code == 0
    assert "mehrere Ausgaben" in newsletter("issue", "show", "2027-02").err


def test_a_cancellation_names_the_whole_issue_before_it_asks(
    home: Path, newsletter: Newsletter
) -> None:
    newsletter("issue", "new", "clusterplattform", "--number", "2027-01")
    code, said = run_at_a_terminal(home, home, "issue", "cancel", "2027-01", answers="n\n")
    assert (code, "clusterplattform-2027-01 wirklich absagen?" in said) == (1, True), said
    assert newsletter("issue", "status", "2027-01", "--json").json["state"] == "draft"


def test_wrong_names_are_wrong_usage(newsletter: Newsletter) -> None:
    assert newsletter("issue", "new", "rundbrief").code == 2
    assert newsletter("issue", "new", "clusterplattform", "--number", "Dezember").code == 2
    assert newsletter("issue", "show", "rundbrief-2026-12").code == 1


def test_issues_are_listed_and_shown_without_asking_who(newsletter: Newsletter, key: str) -> None:
    assert key in newsletter("issue", "list", as_="").out
    listed = newsletter("issue", "list", "--newsletter", "clusterplattform", "--json", as_="").json
    assert listed[0]["items"] == 2
    shown = newsletter("issue", "show", key[:6], as_="").out
    assert "[cluster] Aus den Clustern" in shown
    assert "q1  Lichtwerk Havelbogen" in shown
    assert newsletter("issue", "show", key, "--json").json["sections"][0]["items"][0]["id"] == "q1"


def test_a_planned_issue_names_the_command_that_sends_it(newsletter: Newsletter, key: str) -> None:
    newsletter("issue", "request", key, "--accept-warnings", "geprüft")
    newsletter("issue", "approve", key, as_="freigabe")
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    planned = newsletter("issue", "schedule", key, tomorrow).out
    assert "wenn „newsletter run“ läuft" in planned


def test_a_request_and_a_plan_say_for_how_many_they_are(newsletter: Newsletter, key: str) -> None:
    asked = newsletter("issue", "request", key, "--accept-warnings", "geprüft")
    assert f"Niemand steht auf der Liste: {key}" in asked.err
    words = ("--newsletter", "clusterplattform", "--evidence", "Anmeldebogen")
    for name in ("ada", "ben", "cleo"):
        newsletter("subscribers", "add", f"{name}@leser.example", *words)
    newsletter("subscribers", "unsubscribe", "cleo@leser.example")
    newsletter("issue", "approve", key, as_="freigabe")
    planned = newsletter("issue", "schedule", key, "now")
    assert "Uhr, 2 Adressen" in planned.out
    newsletter("issue", "unschedule", key)
    newsletter("subscribers", "unsubscribe", "ben@leser.example")
    planned = newsletter("issue", "schedule", key, "now")
    assert "Uhr, 1 Adresse\n" in planned.out
    assert planned.err == ""


@pytest.mark.parametrize(("count", "words"), [(1, "1  wartet"), (39, "39  warten")])
def test_one_delivery_waits_and_many_wait(
    newsletter: Newsletter,
    key: str,
    capsys: pytest.CaptureFixture[str],
    count: int,
    words: str,
) -> None:
    facts = newsletter("issue", "status", key, "--json").json
    context.invocation.json = False
    issue_shown.tell_status(facts | {"deliveries": {"queued": count}})
    assert f"{words}\n" in capsys.readouterr().out


def test_a_check_with_errors_exits_1(newsletter: Newsletter, desk: Desk) -> None:
    key = desk.new()
    done = newsletter("issue", "check", key, as_="")
    assert done.code == 1
    assert "Fehler (1)\n  Ausgabe\n    empty: In der Ausgabe steht noch kein Beitrag.\n" in done.out
    assert f"    → Füllen: newsletter issue fill {key}\n" in done.out
    checked = newsletter("issue", "check", key, "--json", as_="")
    assert checked.code == 1
    assert checked.json["errors"] == 1
    assert newsletter("issue", "request", key, "--accept-warnings", "doch").code == 1


def test_a_check_with_warnings_exits_0_and_names_the_option(
    newsletter: Newsletter, desk: Desk, key: str
) -> None:
    desk.accepted(news(title="x" * 111, link=None))
    newsletter("issue", "fill", key)
    checked = newsletter("issue", "check", key)
    assert checked.code == 0
    assert '--accept-warnings "GRUND"' in checked.out
    done = newsletter("issue", "request", key)
    assert (done.code, "--accept-warnings" in done.err) == (1, True)
    assert newsletter("issue", "request", key, "--accept-warnings", "geht").code == 0


def test_after_an_edit_the_next_step_is_to_take_the_new_words(
    newsletter: Newsletter, desk: Desk, key: str
) -> None:
    def edit(act: Act) -> None:
        facts = submissions.facts_of(act.session, submissions.by_reference(act.session, "q1"))
        queue.edit(act, "q1", facts | {"title": "Mit einem besseren Titel"}, 1)

    desk.do(edit)
    checked = newsletter("issue", "check", key).out
    assert f"Als Nächstes: newsletter issue add {key} q1" in checked


def test_items_are_arranged(newsletter: Newsletter, key: str) -> None:
    assert newsletter("issue", "remove", key, "q2").code == 0
    assert newsletter("issue", "add", key, "q2", "--section", "programm").code == 0
    assert newsletter("issue", "move", key, "q1", "--before", "q2").code == 0
    sections = newsletter("issue", "show", key, "--json").json["sections"]
    assert [(s["key"], [i["id"] for i in s["items"]]) for s in sections] == [
        ("programm", ["q1", "q2"])
    ]
    assert newsletter("issue", "move", key, "q1").code == 2
    assert newsletter("issue", "move", key, "q9", "--to", "1").code == 1


def test_what_a_change_undoes_is_said_before(newsletter: Newsletter, key: str) -> None:
    newsletter("issue", "request", key, "--accept-warnings", "geprüft")
    newsletter("issue", "approve", key, as_="freigabe")
    done = newsletter("issue", "remove", key, "q2")
    assert done.code == 0
    warned, _, told = done.out.partition("Herausgenommen")
    assert "wieder ein Entwurf" in warned
    assert "q2" in told
    assert newsletter("issue", "status", key, "--json").json["state"] == "draft"


def test_an_issue_is_edited_as_one_document(
    newsletter: Newsletter, key: str, tmp_path: Path
) -> None:
    typed = newsletter("issue", "show", key, "--document").out
    item = next(line for line in typed.splitlines() if line.startswith("- q2"))
    typed = typed.replace(f"{item}\n", "").replace("[programm]", f"[programm] x\n{item}\n#")
    typed = re.sub("subject: .*", "subject: Ausgabe Dezember", typed)
    file = tmp_path / "ausgabe.md"
    file.write_text(typed, encoding="utf-8")
    done = newsletter("issue", "edit", key, str(file))
    assert done.code == 0, done.err
    assert "Geändert ist Betreff, Auswahl oder Reihenfolge der Beiträge." in done.out
    shown = newsletter("issue", "show", key, "--json").json
    assert shown["subject"] == "Ausgabe Dezember"
    assert shown["sections"][0]["items"][0]["id"] == "q2"
    again = newsletter("issue", "edit", key, str(file))  # all of it is there already
    assert (again.code, "Nichts geändert." in again.out) == (0, True)


def test_an_unchanged_document_changes_nothing(newsletter: Newsletter, key: str) -> None:
    newsletter("issue", "request", key, "--accept-warnings", "geprüft")
    typed = newsletter("issue", "show", key, "--document").out
    done = newsletter("issue", "edit", key, "-", typed=typed)
    assert "Nichts geändert." in done.out
    assert newsletter("issue", "status", key, "--json").json["state"] == "in_approval"


def test_problems_come_back_at_their_line(newsletter: Newsletter, key: str, home: Path) -> None:
    typed = newsletter("issue", "show", key, "--document").out
    typed += "\n[vermischtes]\n- q77 Unbekannt\n- q1 Noch einmal\nunklar\n"
    last = len(typed.splitlines())
    done = newsletter("issue", "edit", key, "-", typed=typed.replace("unklar\n", ""))
    assert done.code == 1
    assert f"Zeile {last - 3}, section vermischtes: Die Rubrik „vermischtes“" in done.err
    assert f"Zeile {last - 2}, q77:" in done.err
    assert f"Zeile {last - 1}, q1: q1 steht schon weiter oben." in done.err
    (kept,) = (home / "drafts").iterdir()
    lines = kept.read_text(encoding="utf-8").splitlines()
    assert lines[lines.index("- q77 Unbekannt") - 1].startswith("#! ")
    done = newsletter("issue", "edit", key, "-", typed=typed)
    assert f"Zeile {last}, Erwartet: „- q12 Titel“" in done.err
    done = newsletter("issue", "edit", key, "-", typed=typed.replace("=== Reihenfolge ===", ""))
    assert "=== Reihenfolge ===" in done.err


def test_times_are_said_with_their_weekday(newsletter: Newsletter, key: str) -> None:
    newsletter("issue", "request", key, "--accept-warnings", "geprüft")
    newsletter("issue", "approve", key, as_="freigabe")
    sunday = datetime.now(UTC) + timedelta(days=14)
    sunday += timedelta(days=6 - sunday.weekday())
    done = newsletter("issue", "schedule", key, f"{sunday:%Y-%m-%d}T10:00")
    assert f"Sonntag, {sunday:%d.%m.%Y}, 10:00 Uhr" in done.out
    assert "kein Werktag" in done.out
    assert newsletter("issue", "schedule", key, "irgendwann").code == 2
    assert newsletter("issue", "schedule", key, "2020-01-01T10:00").code == 1
    assert newsletter("issue", "unschedule", key, "--json").json["state"] == "approved"


def test_no_issue_falls_into_the_change_of_the_clocks(newsletter: Newsletter, key: str) -> None:
    newsletter("issue", "remove", key, "q2")  # a date that would be over by then
    newsletter("issue", "request", key, "--accept-warnings", "geprüft")
    newsletter("issue", "approve", key, as_="freigabe")
    missing = newsletter("issue", "schedule", key, "2026-03-29T02:30")
    assert missing.code == 1
    assert "Am 29.03.2026 gibt es 02:30 Uhr nicht, weil die Uhren vorgestellt" in missing.err
    assert newsletter("issue", "status", key, "--json").json["state"] == "approved"
    night = f"{last_sunday_of_october()}T02:30"
    first = newsletter("issue", "schedule", key, night)
    assert first.code == 0, first.err
    assert "02:30 Uhr (Sommerzeit)" in first.out
    assert "In dieser Nacht zeigen die Uhren 02:30 Uhr zweimal." in first.out
    assert f"newsletter issue schedule {key} {night}+01:00" in first.out
    second = newsletter("issue", "schedule", key, f"{night}+01:00")
    assert "02:30 Uhr (Winterzeit)" in second.out
    assert f"newsletter issue schedule {key} {night}+02:00" in second.out


def last_sunday_of_october() -> date:
    """The coming night in which clocks in Berlin are put back."""
    today = datetime.now(UTC).date()
    ends = [date(today.year + more, 10, 31) for more in (0, 1)]
    nights = [day - timedelta(days=(day.weekday() + 1) % 7) for day in ends]
    return next(day for day in nights if day > today)


def test_a_cancelled_issue_frees_its_items(newsletter: Newsletter, key: str) -> None:
    assert "wieder frei" in newsletter("issue", "cancel", key).out
    assert newsletter("issue", "status", key, "--json").json["state"] == "cancelled"
    assert newsletter("issue", "add", key, "q1").code == 1


@pytest.mark.parametrize(
    "words",
    [
        ("new", "clusterplattform"),
        ("fill", "KEY"),
        ("add", "KEY", "q1"),
        ("remove", "KEY", "q1"),
        ("move", "KEY", "q1", "--to", "1"),
        ("edit", "KEY", "-"),
        ("request", "KEY"),
        ("approve", "KEY"),
        ("schedule", "KEY", "now"),
        ("unschedule", "KEY"),
        ("cancel", "KEY"),
    ],
)
def test_what_decides_asks_who(newsletter: Newsletter, desk: Desk, words: tuple[str, ...]) -> None:
    key = desk.new()
    done = newsletter("issue", *(key if w == "KEY" else w for w in words), as_="niemand")
    assert done.code == 1
    assert "[[editors]]" in done.err
