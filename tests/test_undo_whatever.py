"""Taking back the last thing somebody did, whatever it was; or being told why that cannot be."""

from datetime import timedelta
from pathlib import Path

import pytest

from newsletter import undoing
from newsletter.commands.log import DONE
from newsletter.models.issue import ISSUE
from newsletter.models.submission import EVENT
from newsletter.undoing.deeds import TAKEN_BACK
from tests.command_situations import Newsletter, newsletter
from tests.conftest import Clock
from tests.desk_situations import Desk, desk, fair, news
from tests.test_commands_queue import run_at_a_terminal

__all__ = ["desk", "newsletter"]

KEY = "clusterplattform-2026-12"
# What contributors, readers, the approver's page, the scheduler and the sender write.
NO_EDITORS_DEED = {
    *("adopted", "alarmed", "asked", "calls ended", "calls wanted", "change wanted", "closed"),
    *("contributors told", "no target any more", "picture uploaded", "question answered"),
    *("recovered", "said besides", "trouble", "well", "put back"),
    *("reminded", "told of a thin issue", "told of no approval", "told of the cut-off"),
}


def as_it_stands(newsletter: Newsletter) -> dict[str, object]:
    shown = newsletter("issue", "show", KEY, "--json").json
    return {name: shown[name] for name in ("subject", "preheader", "opening", "sections", "state")}


def test_an_issue_is_taken_back_step_by_step_as_it_was(newsletter: Newsletter, desk: Desk) -> None:
    first, second = desk.accepted(), desk.accepted(news(title="Zweite Meldung vom See"))
    desk.clock.forward(minutes=1)
    newsletter("issue", "new", "clusterplattform", "--number", "2026-12")
    stood = [as_it_stands(newsletter)]
    newsletter("issue", "fill", KEY)
    stood.append(as_it_stands(newsletter))
    newsletter("issue", "move", KEY, second, "--before", first)
    stood.append(as_it_stands(newsletter))
    document = newsletter("issue", "show", KEY, "--document").out
    newsletter("issue", "edit", KEY, "-", typed=document.replace("Ausgabe", "Heft"))
    stood.append(as_it_stands(newsletter))
    newsletter("issue", "remove", KEY, first)
    newsletter("issue", "test", KEY, "redaktion@go-cluster.example")  # changes nothing
    while stood:
        done = newsletter("undo")
        assert done.code == 0, done.err
        assert f"Als Nächstes: newsletter issue show {KEY}" in done.out
        assert as_it_stands(newsletter) == stood.pop()
    assert "zurückgenommen" in newsletter("log", "issue", KEY).out
    newsletter("issue", "skip", "clusterplattform", "2099-08", "--reason", "Sommerpause")
    assert "fällt nicht mehr aus" in newsletter("undo").out
    begun = newsletter("undo")
    assert "newsletter issue new clusterplattform --number 2026-12" in begun.out
    assert newsletter("issue", "status", KEY, "--json").json["state"] == "cancelled"
    # what was decided before comes last
    assert {each["state"] for each in newsletter("undo", "--json").json} == {"asked"}


def test_request_approval_and_time_are_taken_back_and_what_falls_is_said(
    newsletter: Newsletter, desk: Desk
) -> None:
    desk.accepted()
    newsletter("issue", "new", "clusterplattform", "--number", "2026-12")
    newsletter("issue", "fill", KEY)
    newsletter("issue", "request", KEY, "--accept-warnings", "geprüft")
    assert "kein Link aus ihr" in newsletter("undo", KEY).out
    newsletter("issue", "request", KEY, "--accept-warnings", "geprüft")
    newsletter("issue", "approve", KEY, as_="freigabe")
    assert "inzwischen freigegeben" in newsletter("undo").err
    newsletter("issue", "schedule", KEY, "2099-12-15T10:00")
    newsletter("issue", "schedule", KEY, "2099-12-16T10:00")
    assert "15.12.2099, 10:00 Uhr" in newsletter("undo").out
    assert "nicht mehr geplant" in newsletter("undo").out
    newsletter("issue", "schedule", KEY, "2099-12-17T10:00")
    newsletter("issue", "unschedule", KEY)
    assert "17.12.2099, 10:00 Uhr" in newsletter("undo").out
    taken = newsletter("undo", as_="freigabe")
    lost = f"Achtung: Das hebt die Freigabe von {KEY} durch freigabe auf; der Versand Donnerstag,"
    assert taken.out.startswith(lost)
    assert newsletter("issue", "status", KEY, "--json").json["state"] == "draft"
    # the request fell with the approval: what is left is what was done before
    assert "geändert: gefüllt" in newsletter("undo", KEY).out
    newsletter("issue", "cancel", KEY)
    kept = newsletter("undo")
    assert kept.code == 1
    assert "issue new clusterplattform --number 2026-12" in kept.err


def test_nobody_takes_back_what_somebody_else_has_built_on(
    newsletter: Newsletter, desk: Desk
) -> None:
    first = desk.accepted()
    newsletter("issue", "new", "clusterplattform", "--number", "2026-12")
    newsletter("issue", "add", KEY, first)
    newsletter("issue", "remove", KEY, first, as_="freigabe")
    refused = newsletter("undo", KEY)
    assert refused.code == 1
    assert "danach noch geändert, von freigabe" in refused.err
    assert newsletter("undo", KEY, as_="freigabe").code == 0
    assert newsletter("undo", KEY).code == 0


def test_what_fell_is_not_taken_back_from_whoever_did_it_anew(
    newsletter: Newsletter, desk: Desk
) -> None:
    first = desk.accepted()
    newsletter("issue", "new", "clusterplattform", "--number", "2026-12")
    newsletter("issue", "add", KEY, first)
    newsletter("issue", "request", KEY, "--accept-warnings", "geprüft", as_="freigabe")
    newsletter("issue", "edit", KEY, "-", typed=_reworded(newsletter))  # the request falls
    newsletter("issue", "request", KEY, "--accept-warnings", "geprüft")
    nothing = newsletter("undo", KEY, as_="freigabe")
    assert (nothing.code, "nichts getan" in nothing.err) == (1, True)
    newsletter("issue", "approve", KEY, as_="freigabe")
    newsletter("issue", "schedule", KEY, "2099-12-15T10:00")
    newsletter("issue", "schedule", KEY, "2099-12-16T10:00", as_="freigabe")
    assert "danach noch geändert, von freigabe" in newsletter("undo").err
    assert newsletter("issue", "status", KEY, "--json").json["state"] == "scheduled"


def _reworded(newsletter: Newsletter) -> str:
    shown = newsletter("issue", "show", KEY, "--document").out
    return shown.replace("subject: ", "subject: Neu: ", 1)


def test_an_items_text_and_date_are_taken_back_and_what_cannot_be_says_why(
    newsletter: Newsletter, desk: Desk, clock: Clock
) -> None:
    reference = desk.hand_in(fair(clock() + timedelta(days=30)))
    document = newsletter("queue", "show", reference, "--document").out
    newsletter("queue", "edit", reference, "-", typed=document.replace("Messen", "Prüfen"))
    assert "Prüfen" in newsletter("queue", "show", reference).out
    assert "als Fassung 3" in newsletter("undo").out
    assert newsletter("queue", "show", reference, "--document").out == document.replace(
        "revision: 1", "revision: 3"
    )
    newsletter("queue", "assign", reference, "freigabe")
    newsletter("queue", "comment", reference, "Bitte anrufen.")
    assert "Kommentar steht nicht mehr dort" in newsletter("undo").out
    assert "Bitte anrufen" not in newsletter("queue", "show", reference).out.partition("Verlauf")[0]
    assert f"{reference} ist wieder bei niemandem" in newsletter("undo").out
    newsletter("queue", "cancel-date", reference)
    assert "wieder „findet statt“" in newsletter("undo", reference).out
    own = newsletter(
        "queue", "add", "-", "--source", "BMWE", "--json", typed='{"kind": "news", "title":'
        ' "Aufruf zur Skizze", "teaser": "Bis März.", "targets": ["clusterplattform"]}',
    ).json["id"]  # fmt: skip
    assert newsletter("undo", "--json").json == [{"id": own, "state": "withdrawn"}]

    newsletter("clusters", "people", "add", "lichtwerk", "neu@lichtwerk.example")
    stays = newsletter("undo")
    assert stays.code == 1
    assert "clusters people remove lichtwerk neu@lichtwerk.example" in stays.err
    assert newsletter("undo", "q99").code == 1
    assert "an clusterplattform-2026-12" in _nothing_at(newsletter)


def _nothing_at(newsletter: Newsletter) -> str:
    newsletter("issue", "new", "clusterplattform", "--number", "2026-12")
    return newsletter("undo", KEY, as_="freigabe").err


def test_whatever_is_recorded_can_be_taken_back_or_says_why_not() -> None:
    """Whoever adds a verb gives its line of history a place in the room ``undoing``."""
    known = {word for __, word in (*undoing.BACK, *undoing.STAYS)}
    assert DONE.keys() <= known | undoing.NO_DEED | NO_EDITORS_DEED
    assert not undoing.BACK.keys() & undoing.STAYS.keys()
    assert TAKEN_BACK in undoing.NO_DEED
    by_itself = {"opening", "late", "sent", "draft"}
    states = {(ISSUE.noun, state.value) for state in ISSUE.arrows if state not in by_itself}
    states |= {(EVENT.noun, state.value) for state in EVENT.arrows}
    assert states <= undoing.BACK.keys() | undoing.STAYS.keys()


@pytest.mark.sqlite("what a person answers reaches no database")
def test_what_voids_an_approval_asks_at_a_terminal_and_a_no_leaves_it_whole(
    newsletter: Newsletter, desk: Desk, home: Path
) -> None:
    desk.accepted()
    newsletter("issue", "new", "clusterplattform", "--number", "2026-12")
    newsletter("issue", "fill", KEY)
    newsletter("issue", "request", KEY, "--accept-warnings", "geprüft")
    newsletter("issue", "approve", KEY, as_="freigabe")
    lost = f"Das hebt die Freigabe von {KEY} durch freigabe auf."
    words = ("queue", "withdraw", "q1", "--reason", "Verkauft.")
    code, said = run_at_a_terminal(home, home, *words, answers="n\n")
    assert code == 1
    assert lost in said
    assert "Nichts geändert" in said
    assert newsletter("issue", "status", KEY, "--json").json["state"] == "approved"
    code, said = run_at_a_terminal(home, home, *words, answers="j\n")
    assert (code, lost in said, "ist zurückgezogen" in said) == (0, True, True)
    assert newsletter("issue", "status", KEY, "--json").json["state"] == "draft"
