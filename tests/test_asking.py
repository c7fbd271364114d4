"""A question to a contributor: by letter, answered on the status page."""

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlmodel import col

from newsletter import queue
from newsletter.errors import Refused
from newsletter.models.delivery import Letter
from newsletter.models.submission import Submission, SubmissionState
from tests.command_situations import Newsletter, newsletter
from tests.desk_situations import Desk, desk, news
from tests.web_situations import following as browser

__all__ = ["browser", "desk", "newsletter"]  # the fixtures

QUESTION = "Dürfen wir das Bild zeigen?\nUnd wer ist darauf zu sehen?"


def state(desk: Desk, reference: str) -> SubmissionState:
    found = desk.look(lambda act: act.session.get_one(Submission, int(reference[1:])))
    return SubmissionState(found.state)


def page_in(desk: Desk, name: str) -> str:
    """The path of the status page that the newest letter of this name leads to."""
    newest = select(Letter).where(col(Letter.name) == name).order_by(col(Letter.id).desc())
    letter = desk.look(lambda act: act.session.scalars(newest).first())
    assert letter.to_email == "presse@lichtwerk.example"
    (path,) = set(re.findall(r"http://127\.0\.0\.1:8000(/s/\S+)", letter.text))
    return str(path)


def test_a_question_is_answered_on_the_page_its_letter_leads_to(
    desk: Desk, browser: TestClient
) -> None:
    reference = desk.hand_in()
    desk.do(queue.ask, reference, QUESTION)
    assert state(desk, reference) is SubmissionState.QUESTION
    path = page_in(desk, "question")
    shown = browser.get(path)
    assert "Und wer ist darauf zu sehen?" in shown.text
    assert 'name="answer"' in shown.text
    answered = browser.post(path, data={"answer": "Ja. <b>Frau Muster</b>."})
    assert answered.status_code == 200
    assert "Danke, Ihre Antwort ist bei der Redaktion." in answered.text
    assert "Ja. &lt;b&gt;Frau Muster&lt;/b&gt;." in answered.text
    assert 'name="answer"' not in answered.text
    assert state(desk, reference) is SubmissionState.IN_REVIEW


def test_the_first_letters_address_keeps_working(desk: Desk, browser: TestClient) -> None:
    reference = desk.hand_in()
    desk.do(queue.ask, reference, QUESTION)
    assert page_in(desk, "received") != page_in(desk, "question")
    browser.post(page_in(desk, "received"), data={"answer": "Ja."})
    assert state(desk, reference) is SubmissionState.IN_REVIEW


def test_looking_at_the_question_answers_nothing(desk: Desk, browser: TestClient) -> None:
    reference = desk.hand_in()
    desk.do(queue.ask, reference, QUESTION)
    path = page_in(desk, "question")
    browser.get(path)
    browser.head(path)
    elsewhere = {"Sec-Fetch-Site": "cross-site", "Origin": "https://fremd.example"}
    assert browser.post(path, data={"answer": "Ja."}, headers=elsewhere).status_code == 403
    assert state(desk, reference) is SubmissionState.QUESTION


@pytest.mark.parametrize("typed", ["", " \n ", "a" * 5_001])
def test_an_empty_or_endless_answer_comes_back_with_what_was_typed(
    desk: Desk, browser: TestClient, typed: str
) -> None:
    reference = desk.hand_in()
    desk.do(queue.ask, reference, QUESTION)
    back = browser.post(page_in(desk, "question"), data={"answer": typed})
    assert back.status_code == 422
    assert "<title>Fehler: " in back.text
    assert "answer-wrong" in back.text
    assert typed.strip() in back.text
    assert state(desk, reference) is SubmissionState.QUESTION


def test_an_answer_is_taken_once(desk: Desk, browser: TestClient) -> None:
    desk.do(queue.ask, desk.hand_in(), QUESTION)
    path = page_in(desk, "question")
    for _ in "pressed twice":
        assert browser.post(path, data={"answer": "Ja."}).status_code == 200
    assert browser.get(path).text.count("<dd>Ja.</dd>") == 1
    again = browser.post(path, data={"answer": "Nein, doch nicht."})
    assert again.status_code == 409
    assert "keine Rückfrage offen; vielleicht wurde sie schon beantwortet" in again.text
    assert "<blockquote>Nein, doch nicht.</blockquote>" in again.text  # nothing typed is lost
    assert "Nein, doch nicht." not in browser.get(path).text
    assert browser.post("/s/erfunden", data={"answer": "Ja."}).status_code == 404


def test_an_answer_after_the_decision_is_told_so_and_kept(desk: Desk, browser: TestClient) -> None:
    reference = desk.hand_in()
    desk.do(queue.ask, reference, QUESTION)
    path = page_in(desk, "question")
    desk.accept(reference)
    assert 'name="answer"' not in browser.get(path).text
    late = browser.post(path, data={"answer": "Frau Muster."})
    assert late.status_code == 409
    assert "Über q1 ist inzwischen entschieden, die Rückfrage hat sich erledigt." in late.text
    assert "<blockquote>Frau Muster.</blockquote>" in late.text
    assert state(desk, reference) is SubmissionState.DECIDED


def test_editors_read_the_answer_with_the_item(
    newsletter: Newsletter, desk: Desk, browser: TestClient, tmp_path: Path
) -> None:
    reference = desk.hand_in()
    file = tmp_path / "frage.txt"
    file.write_text(QUESTION, encoding="utf-8")
    done = newsletter("queue", "ask", reference, str(file))
    assert done.code == 0, done.err
    assert "Die Frage geht an presse@lichtwerk.example." in done.out
    browser.post(page_in(desk, "question"), data={"answer": "Ja, gern."})
    shown = newsletter("queue", "show", reference, as_="").out
    assert "wer ist darauf zu sehen?" in shown
    assert "Antwort bekommen (Ja, gern.)" in shown
    again = newsletter("queue", "ask", reference, "Sicher?", "--json").json
    assert again == {"id": reference, "state": "question", "to": "presse@lichtwerk.example"}


def test_there_must_be_something_to_ask_and_somebody(newsletter: Newsletter, desk: Desk) -> None:
    reference = desk.hand_in()
    assert 'queue ask q1 "…"' in newsletter("queue", "ask", reference).err
    desk.accept(reference)
    with pytest.raises(Refused, match="entschieden"):
        desk.do(queue.ask, reference, "Noch etwas?")
    own = desk.do(queue.add, news(), source="BMWE").reference
    with pytest.raises(Refused, match="keine Ansprechperson"):
        desk.do(queue.ask, own, "Wer sind Sie?")


def test_an_item_may_be_decided_while_its_question_is_open(desk: Desk) -> None:
    reference = desk.hand_in()
    desk.do(queue.ask, reference, QUESTION)
    desk.accept(reference)
    assert state(desk, reference) is SubmissionState.DECIDED
