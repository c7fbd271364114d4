"""„So erscheint es“: who hears of an edited text, when, until when, and what comes of it."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from newsletter import clusters, database, issues, pictures, queue, schedule, submissions
from newsletter.issues.objecting import until_of
from newsletter.models.delivery import Letter
from newsletter.models.submission import Via
from newsletter.settings import Settings
from newsletter.web.app import create_app
from tests.command_situations import Newsletter, newsletter
from tests.conftest import Clock
from tests.desk_situations import Desk, desk, news
from tests.intake_situations import jpeg
from tests.test_web_status import letters
from tests.web_situations import OURS

__all__ = ["desk", "newsletter"]  # the fixtures


def edited(desk: Desk, reference: str, **changes: Any) -> None:
    def edit(act: Any) -> None:
        row = submissions.by_reference(act.session, reference)
        facts = submissions.facts_of(act.session, row) | changes
        queue.edit(act, reference, facts, row.revision)

    desk.do(edit)


def told(engine: Engine) -> Sequence[Letter]:
    return letters(engine, "edited")


def test_who_handed_in_sees_the_edited_text_before_it_appears_and_may_object(
    desk: Desk, engine: Engine, settings: Settings, clock: Clock, newsletter: Newsletter
) -> None:
    as_it_came = desk.accepted(news(title="So wie es kam", link="https://www.lichtwerk.example/a"))
    reference = desk.accepted(news(body="Erster Absatz.\n\nZweiter Absatz."))
    edited(desk, reference, title="Silber-Label <b>bestätigt</b>", body="Erster Absatz.")
    key = desk.filled()
    schedule.tidy(engine, settings, clock)
    assert not told(engine)  # an editor may still be at work
    clock.forward(minutes=10)
    for _twice in range(2):
        schedule.tidy(engine, settings, clock)
    (letter,) = told(engine)
    assert letter.to_email == "presse@lichtwerk.example"
    assert f"So erscheint {reference}:" in letter.subject
    assert as_it_came not in letter.text
    assert "am Dienstag, 15.12.2026" in " ".join(letter.text.split())
    assert "Einwände bitte bis Mittwoch, 25.11.2026, 18:00 Uhr" in " ".join(letter.text.split())
    assert "- Lichtwerk Havelbogen: Silber-Label erneut bestätigt\n+ Silber-Label" in letter.text
    assert "- Zweiter Absatz." in letter.text
    assert "Link:" in letter.text.partition("So erscheint der Beitrag")[2]
    hints = newsletter("issue", "check", key).out
    assert "kann bis Mittwoch, 25.11.2026, 18:00 Uhr" in " ".join(hints.split())
    path = re.search(r"http://127.0.0.1:8000(/s/\S+)", letter.text)
    assert path
    app = create_app(settings, engine, clock)
    with TestClient(app, base_url="http://127.0.0.1:8000", headers=OURS) as browser:
        page = browser.get(path[1]).text
        assert "Einwände bitte bis Mittwoch, 25.11.2026, 18:00 Uhr" in page
        assert "Silber-Label &lt;b&gt;bestätigt&lt;/b&gt;</ins>" in page
        browser.post(f"{path[1]}/change", data={"title": "Silber-Label zum dritten Mal"})
    refused = newsletter("issue", "request", key)
    assert (refused.code, "wünscht eine Änderung" in refused.err) == (1, True)
    assert newsletter("queue", "change", reference, "--take").code == 0
    desk.do(issues.add, key, [reference])
    clock.forward(minutes=10)
    schedule.tidy(engine, settings, clock)
    again = told(engine)[-1].text.partition("So erscheint der Beitrag")
    assert "Silber-Label" not in again[0].partition("Das hat")[2]  # what was wished for is theirs
    assert "Silber-Label zum dritten Mal" in again[2]


def test_what_the_contributor_changed_or_an_editor_wrote_is_shown_to_nobody(
    desk: Desk, engine: Engine, settings: Settings, clock: Clock
) -> None:
    own = desk.hand_in()

    def better(act: Any) -> None:
        row = submissions.by_reference(act.session, own)
        submissions.ask_change(act, row, {"title": "Besser"}, "", "presse@lichtwerk.example")

    desk.do(better)
    named = settings.editors[0].model_copy(update={"name": "presse@lichtwerk.example"})
    another = settings.model_copy(update={"editors": (named,)})  # an editor with that name
    with database.reading(engine) as session:
        row = submissions.by_reference(session, own)
        assert submissions.edits_of(session, settings, row) == {}
        assert set(submissions.edits_of(session, another, row)) == {"Titel"}
    desk.accept(own)
    ours = desk.do(queue.add, news(title="Vom Ministerium"), source="BMWE").reference
    desk.accept(ours)
    edited(desk, ours, title="Vom Ministerium, neu")
    desk.filled()
    clock.forward(minutes=11)
    schedule.tidy(engine, settings, clock)
    assert not told(engine)
    # nor does a draft that should have left long ago write to anybody
    edited(desk, own, title="Zu spät")
    desk.do(issues.add, "clusterplattform-2026-12", [own])
    clock.forward(days=40)
    schedule.tidy(engine, settings, clock)
    assert not told(engine)


@pytest.mark.sqlite("pure")
def test_an_objection_is_asked_for_while_it_can_be_heeded() -> None:
    def at(day: int, hour: int) -> datetime:
        return datetime(2026, 12, day, hour, tzinfo=UTC)

    assert until_of(at(3, 9), at(15, 10), at(1, 9)) == at(3, 18)
    assert until_of(at(3, 9), at(3, 10), at(1, 9)) == at(2, 10)
    assert until_of(at(3, 9), at(2, 8), at(1, 9)) is None


@pytest.mark.sqlite("what is compared has nothing to do with the database")
def test_another_picture_under_the_same_words_is_shown(desk: Desk, settings: Settings) -> None:
    words = {"image_alt": "Das Labor", "image_credit": "Kim Beispiel"}

    def handed_in(act: Any) -> str:
        whose = clusters.get(act.session, "lichtwerk")
        theirs = pictures.take_in(act, jpeg(), cluster_id=whose.id, by="presse@lichtwerk.example")
        facts = news(image=theirs.key, **words)
        done = submissions.receive(
            act, facts, cluster=whose, via=Via.FORM, by="x@lichtwerk.example"
        )
        return str(done.reference)

    def swapped(act: Any) -> list[str]:
        said = queue.Words("Das Labor", credit="Kim Beispiel")
        queue.set_picture(act, reference, pictures.prepare(jpeg()), said)
        row = submissions.by_reference(act.session, reference)
        (found,) = submissions.edits_of(act.session, settings, row).items()
        return [found[0], *(f"{line.sign} {line.text}" for line in found[1])]

    reference = desk.do(handed_in)
    assert desk.do(swapped) == ["Bild", "- das bisherige Bild", "+ ein anderes Bild"]
