"""A home's own template with a mistake: every command and page says file, line and what."""

import logging
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from newsletter import schedule, templating
from newsletter.models.issue import IssueState
from newsletter.settings import Settings, load
from newsletter.web.app import create_app
from tests.archive_situations import approved, joins
from tests.command_situations import Newsletter, newsletter
from tests.desk_situations import Desk, desk
from tests.preview_situations import own
from tests.smtp_server import Recording

__all__ = ["desk", "newsletter"]

pytestmark = pytest.mark.sqlite("what a template lacks is no matter of the database")

COLUMN = "{% block masthead %}<mj-section><mj-column>"
END = "</mj-column></mj-section>{% endblock %}"
# what stands in line 3 of the newsletter's own template, and what an editor is told
MISTAKES = {
    "syntax": ("{% if %}", "kein gültiges Jinja"),
    "never closed": ("{% block masthead %}", "kein gültiges Jinja"),
    "unknown name": ("{% block masthead %}{{ gibtsnicht }}{% endblock %}", "„gibtsnicht“ gibt es"),
    "unknown field": ("{% block masthead %}{{ content.nichts }}{% endblock %}", "„nichts“ gibt es"),
    "missing part": (
        '{% block masthead %}{% include "fehlt.mjml" %}{% endblock %}',
        "„fehlt.mjml“",
    ),
    "sum": ("{% block masthead %}{{ 1 // 0 }}{% endblock %}", "ZeroDivisionError"),
    "wrong call": ("{% block masthead %}{{ wrapped(5) }}{% endblock %}", "AttributeError"),
    "unknown tag": (f"{COLUMN}<mj-foo>x</mj-foo>{END}", "<mj-foo> ist nicht vorgesehen"),
    "picture": (f'{COLUMN}<mj-image src="x" />{END}', "kein alt"),
    "ended wrongly": (f"{COLUMN}<mj-text><p>x</mj-text>{END}", "<p> wird nicht beendet."),
    "cut off": (f'{COLUMN}<mj-text color="red>x</mj-text>{END}', "kein gültiges MJML"),
    "never ended": (COLUMN + "{% endblock %}", "<mj-column> wird nicht beendet."),
}
FIRST_LINES = (
    '{% extends "blocks/issue.mjml" %}\n'
    '{% from "clusterplattform/theme.mjml" import light, dark %}\n'
)


def in_one_line(said: str) -> str:
    """A sentence as it was before it was broken to the width of the page."""
    return " ".join(said.split())


@pytest.fixture
def key(desk: Desk) -> str:
    desk.accepted()
    return desk.filled()


@pytest.mark.parametrize(("mistake", "what"), MISTAKES.values(), ids=MISTAKES.keys())
def test_every_command_that_builds_says_file_line_and_what(
    key: str, home: Path, newsletter: Newsletter, mistake: str, what: str
) -> None:
    path = own(home, "clusterplattform/issue.mjml", f"{FIRST_LINES}{mistake}\n")
    for words in (
        ("check", key),
        ("request", key, "--accept-warnings", "geprüft"),
        ("test", key, "redaktion@go-cluster.example"),
    ):
        done = newsletter("issue", *words)
        said = in_one_line(done.out + done.err)
        assert done.code == 1, said
        assert what in said
        assert f"{path}, Zeile 3: " in said, said
        assert "Bitte die Vorlage berichtigen" in said
        assert "Traceback" not in said


def test_a_mistake_in_a_part_is_told_where_the_part_lies(
    key: str, home: Path, newsletter: Newsletter
) -> None:
    shipped = (templating.shipped("templates") / "blocks/item.txt").read_text(encoding="utf-8")
    path = own(home, "blocks/item.txt", shipped.replace("item.teaser", "item.einleitung"))
    line = next(n for n, it in enumerate(shipped.splitlines(), 1) if "item.teaser" in it)
    said = in_one_line(newsletter("issue", "check", key).out)
    assert f"{path}, Zeile {line}: „einleitung“ gibt es hier nicht" in said


def test_a_template_in_another_encoding_or_that_includes_itself_is_named(
    key: str, home: Path, newsletter: Newsletter
) -> None:
    path = own(home, "blocks/item.txt", "Zeile\nGrüße".encode("latin-1"))
    said = in_one_line(newsletter("issue", "check", key).out)
    assert f"{path}, Zeile 2: Die Datei ist nicht in UTF-8" in said
    path.unlink()
    path = own(home, "clusterplattform/issue.txt", '\n{% include "clusterplattform/issue.txt" %}')
    said = in_one_line(newsletter("issue", "check", key).out)
    assert f"{path}, Zeile 2: Die Vorlage bindet sich selbst ein." in said


def test_a_mended_template_is_good_again(key: str, home: Path, newsletter: Newsletter) -> None:
    path = own(home, "clusterplattform/issue.txt", "{{ nichts }}")
    assert newsletter("issue", "check", key).code == 1
    path.unlink()
    assert newsletter("issue", "check", key).code == 0


def test_a_letter_with_a_mistake_refuses_the_verb_that_posts_it(
    desk: Desk, home: Path, newsletter: Newsletter
) -> None:
    reference = desk.hand_in()
    path = own(home, "letters/declined/body.txt", "Guten Tag,\n{{ grund }}")
    done = newsletter("queue", "decline", reference, "--reason", "Passt leider nicht.")
    assert (done.code, "Traceback" in done.err) == (1, False)
    assert f"{path}, Zeile 2: „grund“ gibt es hier nicht." in done.err
    shown = newsletter("queue", "show", reference, "--json").json
    assert shown["state"] == "received"  # nothing half-done stays


def test_the_sender_goes_on_with_our_letter_where_the_homes_has_a_mistake(
    desk: Desk, home: Path, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    path = own(home, "letters/account/body.txt", "{{ nichts }}")
    key = approved(desk)
    joins(desk, "ada")
    with Recording() as relay:
        for _round in range(2):
            named = load(home, {"NEWSLETTER_RELAY": relay.url})
            sent = schedule.send_what_is_due(engine, named, clock=desk.clock)
            assert sent.trouble is None
    assert desk.issue(key).state is IssueState.SENT
    editors = [each for each in relay.messages if each.rcpt == "redaktion@go-cluster.example"]
    assert any(key.encode() in each.data for each in editors)
    assert f"{path}, Zeile 1: „nichts“ gibt es hier nicht." in caplog.text


def test_a_page_with_a_mistake_is_our_error_page_and_the_log_says_where(
    home: Path, settings: Settings, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    broken = '{% extends "web/base.html" %}\n{% block main %}\n{{ nichts }}{% endblock %}'
    path = own(home, "web/start.html", broken)
    web = TestClient(create_app(settings, engine), base_url=settings.base_url)
    with caplog.at_level(logging.ERROR, "newsletter.web"):
        answer = web.get("/")
    assert answer.status_code == 500
    assert "Bei uns ist etwas schiefgegangen" in answer.text
    assert str(home) not in answer.text
    assert f"{path}, Zeile 3: „nichts“ gibt es hier nicht." in caplog.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    own(home, "web/base.html", "{{ auch_nichts }}")  # which our error page extends
    answer = web.get("/gibt-es-nicht")
    assert answer.status_code == 404
    assert "Diese Seite gibt es nicht" in answer.text
