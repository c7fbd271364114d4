"""The road of an item at the command line of a home that speaks English."""

import pytest

from newsletter.language import WEEKDAYS
from tests.command_situations import Newsletter, newsletter

__all__ = ["newsletter"]

ITEM = """---
kind: date
title: Forum
teaser: A day out.
targets: clusterplattform
starts_at: 2027-03-16 9:30
online: yes
---
Bring a friend.
"""


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSLETTER_LANGUAGE", "en")


def test_an_editor_can_work_in_english(newsletter: Newsletter) -> None:
    added = newsletter("queue", "add", "-", "--source", "BMWE", typed=ITEM)
    assert added.out == "q1 has been added.\nNext: newsletter queue accept q1\n"
    assert "q1  accepted for clusterplattform: Forum" in newsletter("queue", "accept", "q1").out
    assert "Start: Tuesday, 16 March 2027, 09:30" in newsletter("queue", "show", "q1").out
    listed = newsletter("queue", "list", "--plain").out
    assert "Kind: Event\nFrom: BMWE\nTitle: Forum\n" in listed
    assert "Status: clusterplattform accepted\n" in listed
    made = newsletter("issue", "new", "clusterplattform", "--number", "2027-01")
    assert "has been created" in made.out
    assert "q1 → termine" in newsletter("issue", "fill", "clusterplattform-2027-01").out
    assert "identity not proven" in newsletter("log", "submission", "q1").out


def test_what_a_home_says_in_english_holds_no_german(newsletter: Newsletter) -> None:
    newsletter("queue", "add", "-", "--source", "BMWE", typed=ITEM)
    newsletter("queue", "accept", "q1")
    said = newsletter("queue", "show", "q1").out + newsletter("queue", "list").out
    said += newsletter("log").out + newsletter("queue", "decline", "q1").err
    for word in ("für", "Uhr", "angenommen", "Termin", "Fassung", "nicht", *WEEKDAYS):
        assert word not in said


def test_an_english_document_goes_out_and_comes_back(newsletter: Newsletter) -> None:
    newsletter("queue", "add", "-", "--source", "BMWE", typed=ITEM)
    shown = newsletter("queue", "show", "q1", "--document").out
    assert "starts_at: 2027-03-16 09:30" in shown
    assert "online: yes" in shown
    edited = newsletter("queue", "edit", "q1", "-", typed=shown.replace("Forum", "Big forum"))
    assert "q1 now has version 2." in edited.out
    assert (
        newsletter("queue", "show", "q1", "--json").json["starts_at"] == "2027-03-16 08:30:00+00:00"
    )


def test_an_order_is_read_under_the_heading_of_either_language(newsletter: Newsletter) -> None:
    newsletter("issue", "new", "clusterplattform", "--number", "2027-01")
    key = "clusterplattform-2027-01"
    shown = newsletter("issue", "show", key, "--document").out
    assert "=== Order ===" in shown
    other = shown.replace("=== Order ===", "=== Reihenfolge ===")
    assert newsletter("issue", "edit", key, "-", typed=other).code == 0


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("online: maybe", "Line 2: online: Please say yes or no, not “maybe”."),
        ("starts_at: 31.02.2027", "Line 2: starts_at: There is no 2027-02-31."),
        ("nothing", "Line 2: This is not a fact of the form “name: value”"),
    ],
)
def test_bad_input_is_answered_at_its_line_in_english(
    newsletter: Newsletter, line: str, complaint: str
) -> None:
    done = newsletter("queue", "add", "-", typed=f"---\n{line}\n---\n")
    assert complaint in done.err
    assert "Your text, with remarks" in done.err


def test_the_log_says_why_in_the_language_of_who_reads_it(
    newsletter: Newsletter, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsletter("queue", "add", "-", "--source", "BMWE", typed=ITEM)
    newsletter("queue", "accept", "q1")
    newsletter("undo")
    assert newsletter("log", "--plain").out.count("Why: undone\n") == 2
    monkeypatch.setenv("NEWSLETTER_LANGUAGE", "de")
    assert newsletter("log", "--plain").out.count("Warum: rückgängig gemacht\n") == 2
