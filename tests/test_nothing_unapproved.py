"""A byte changed after the approval is refused where an issue is scheduled and where it leaves.

Somebody with access to the machine changes the stored edition by SQL, or a picture's file.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from newsletter import issues, pictures, schedule
from newsletter.history import Act
from newsletter.models.issue import IssueState
from newsletter.settings import Settings, load
from tests.archive_situations import joins
from tests.command_situations import Newsletter, newsletter
from tests.conftest import BEN
from tests.desk_situations import Desk, desk, news
from tests.intake_situations import jpeg
from tests.smtp_server import Recording

__all__ = ["desk", "newsletter"]

KEY = "clusterplattform-2026-12"
Tamper = Callable[[Engine, Path], None]


def sql(statement: str) -> Tamper:
    def change(engine: Engine, _picture: Path) -> None:
        with engine.begin() as connection:
            connection.execute(text(statement))

    return change


def one_byte(_engine: Engine, picture: Path) -> None:
    data = bytearray(picture.read_bytes())
    data[-3] ^= 1
    picture.write_bytes(data)


def gone(_engine: Engine, picture: Path) -> None:
    picture.unlink()


def both_file_and_row(engine: Engine, picture: Path) -> None:
    """Even who mends the row of the picture cannot mend what was approved."""
    one_byte(engine, picture)
    found = pictures._hash(picture, 1)
    sql(f"UPDATE picture SET sha256 = '{found}'")(engine, picture)


TAMPERING = {
    "html": sql("UPDATE edition SET html = replace(html, 'Silber', 'Golden')"),
    "text": sql("UPDATE edition SET text = text || ' '"),
    "subject": sql("UPDATE edition SET subject = subject || '!'"),
    "sender": sql("UPDATE edition SET sender = 'Wir <wir@anders.example>'"),
    "list-id": sql("UPDATE edition SET list_id = 'x.anders.example'"),
    "calendar": sql("UPDATE edition SET calendar = 'BEGIN:VCALENDAR'"),
    "pictures": sql("UPDATE edition SET pictures = '[]'"),
    "hash": sql(f"UPDATE issue SET content_hash = '{'0' * 64}'"),
    "picture": one_byte,
    "picture gone": gone,
    "picture and its row": both_file_and_row,
}


@pytest.fixture
def picture(desk: Desk, settings: Settings) -> Path:
    """The file of the one picture in an issue that somebody has approved."""

    def taken_in(act: Act) -> str:
        return pictures.take_in(act, jpeg(300, 200), cluster_id=1, by="presse").key

    key = desk.do(taken_in)
    about = {"image": key, "image_alt": "Drei Personen halten eine Urkunde", "image_credit": "X"}
    desk.accepted(news(**about))
    desk.approved()
    joins(desk, "ada")
    path = pictures.file_of(settings, key, "mail.jpg") or pictures.file_of(
        settings, key, "mail.png"
    )
    assert path
    return path


def send(engine: Engine, settings: Settings, desk: Desk) -> list[bytes]:
    """The copies of the issue that leave now; letters are none."""
    with Recording() as relay:
        named = load(settings.home, {"NEWSLETTER_RELAY": relay.url})
        named = named.model_copy(update={"newsletters": settings.newsletters})
        schedule.send_what_is_due(engine, named, clock=desk.clock)
    return [each.data for each in relay.messages if b"\r\nList-Id:" in each.data]


def test_an_untouched_issue_leaves(
    desk: Desk, picture: Path, engine: Engine, settings: Settings
) -> None:
    desk.do(issues.schedule, KEY, desk.clock())
    assert len(send(engine, settings, desk)) == 1


@pytest.mark.sqlite("what a sender was configured with is no matter of the database")
def test_a_sender_that_started_before_its_newsletter_was_configured_says_to_start_it_again(
    desk: Desk, picture: Path, engine: Engine, settings: Settings, newsletter: Newsletter
) -> None:
    desk.do(issues.schedule, KEY, desk.clock())
    others = {slug: it for slug, it in settings.newsletters.items() if slug not in KEY}
    before = settings.model_copy(update={"newsletters": others})
    assert send(engine, before, desk) == []
    assert "bitte newsletter run neu starten" in newsletter("log", "issue", KEY).words


@pytest.mark.parametrize("tamper", TAMPERING.values(), ids=TAMPERING.keys())
def test_who_schedules_what_was_not_approved_is_refused(
    tamper: Tamper, desk: Desk, picture: Path, engine: Engine, newsletter: Newsletter
) -> None:
    tamper(engine, picture)
    done = newsletter("issue", "schedule", KEY, "now")
    assert (done.code, desk.issue(KEY).state) == (1, IssueState.APPROVED)
    assert "Fehler" in done.err


@pytest.mark.parametrize("tamper", TAMPERING.values(), ids=TAMPERING.keys())
def test_what_was_changed_after_it_was_scheduled_does_not_leave(
    tamper: Tamper, desk: Desk, picture: Path, engine: Engine, settings: Settings
) -> None:
    desk.do(issues.schedule, KEY, desk.clock())
    tamper(engine, picture)
    assert send(engine, settings, desk) == []
    assert desk.issue(KEY).state is IssueState.DRAFT


def test_a_picture_that_is_gone_is_named_with_its_item_and_the_cure(
    desk: Desk, picture: Path, newsletter: Newsletter
) -> None:
    picture.unlink()
    done = newsletter("issue", "check", KEY, "--json")
    (wrong,) = [each for each in done.json["findings"] if each["check"] == "picture-file"]
    assert (done.code, wrong["level"], wrong["where"]) == (1, "error", "q1")
    assert f"media/{picture.parent.name}/{picture.name} fehlt" in wrong["text"]
    assert "newsletter queue edit q1" in wrong["text"]


def test_an_item_whose_picture_is_gone_stays_out_of_a_new_issue(
    desk: Desk, picture: Path, newsletter: Newsletter
) -> None:
    picture.unlink()
    newsletter("issue", "remove", KEY, "q1")
    (left,) = newsletter("issue", "fill", KEY, "--json").json["left_out"]
    assert "fehlt" in left["why"]


def test_an_approver_cannot_say_yes_to_a_picture_that_is_gone(
    desk: Desk, picture: Path, newsletter: Newsletter
) -> None:
    newsletter("issue", "remove", KEY, "q1")
    newsletter("issue", "add", KEY, "q1")
    assert newsletter("issue", "request", KEY, "--accept-warnings", "geprüft").code == 0
    picture.unlink()
    done = newsletter("issue", "approve", KEY, as_=BEN.name)
    assert (done.code, "fehlt" in done.err) == (1, True)
