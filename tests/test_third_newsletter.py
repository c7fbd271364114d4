"""A third newsletter needs configuration and a template folder, no code: made, filled, sent."""

from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import Engine

from newsletter import schedule
from newsletter.looks import making
from newsletter.models.issue import IssueState
from newsletter.settings import FILE, Settings, load
from tests.archive_situations import approved, joins
from tests.desk_situations import Desk, desk
from tests.smtp_server import Recording

__all__ = ["desk"]

pytestmark = pytest.mark.sqlite("what a newsletter looks like is no matter of the database")


@pytest.fixture
def settings(home: Path) -> Settings:
    """A home with a newsletter more, just as `newsletter template new` says."""
    *_templates, facts = making.new(home, "regionalpost", "go-cluster")
    with (home / FILE).open("a", encoding="utf-8") as file:
        file.write(facts.read_text(encoding="utf-8"))
    theme = home / "templates/regionalpost/theme.mjml"
    theme.write_text(theme.read_text("utf-8").replace("#17603f", "#7a1f3d"), "utf-8")
    return load(home, {})


def test_a_third_newsletter_made_by_the_command_is_sent_in_its_own_colours(
    desk: Desk, home: Path, engine: Engine
) -> None:
    key = approved(desk, "regionalpost", title="Neues aus der Region")
    joins(desk, "ada", "regionalpost")
    with Recording() as relay:
        schedule.send_what_is_due(
            engine, load(home, {"NEWSLETTER_RELAY": relay.url}), clock=desk.clock
        )
    assert desk.issue(key).state is IssueState.SENT
    (mail,) = [it for it in relay.messages if b"List-Id" in it.data]
    message = message_from_bytes(mail.data, policy=policy.default)
    assert "<regionalpost.newsletter.go-cluster.example>" in message["List-Id"]
    html = message.get_body(("html",))
    assert html is not None
    assert "Neues aus der Region" in html.get_content()
    assert "#7a1f3d" in html.get_content()
