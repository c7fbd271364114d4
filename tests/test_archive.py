"""Who may see which issue, and that the page is what was approved."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from newsletter import archive, issues
from newsletter.archive import NotAsApproved, NotHere, Shown
from newsletter.content import content_hash
from newsletter.models.issue import ISSUE, IssueState
from newsletter.settings import Settings, load
from tests.archive_situations import (
    MEMBERS,
    NOT_YET,
    PUBLIC,
    approved,
    gone_out,
    opening,
    sending,
    stored,
    unframed,
)
from tests.conftest import BEN
from tests.desk_situations import Desk, desk, news

__all__ = ["desk"]


def numbers(desk: Desk, settings: Settings, slug: str = PUBLIC) -> list[str]:
    listed = desk.look(lambda act: archive.list_(act.session, settings, slug, act.now))
    return [entry.number for entry in listed]


def shown(desk: Desk, settings: Settings, slug: str = PUBLIC, number: str = "2026-12") -> Shown:
    found: Shown = desk.look(lambda act: archive.show(act.session, settings, slug, number, act.now))
    return found


def by_key(desk: Desk, settings: Settings, key: str) -> Shown:
    read_key = desk.issue(key).read_key
    found: Shown = desk.look(
        lambda act: archive.show_by_key(act.session, settings, read_key, act.now)
    )
    return found


def nowhere(desk: Desk, settings: Settings, key: str) -> bool:
    """No list and no address shows the issue."""
    issue = desk.issue(key)
    with pytest.raises(NotHere):
        by_key(desk, settings, key)
    with pytest.raises(NotHere):
        shown(desk, settings, issue.newsletter, issue.number)
    if issue.newsletter == PUBLIC:
        assert numbers(desk, settings) == []
    return True


def flipped(home: Path, slug: str, old: str, new: str) -> Settings:
    """The configuration after somebody changed a newsletter's audience by hand."""
    file = home / "newsletter.toml"
    before, head, rest = file.read_text(encoding="utf-8").partition(f"[newsletters.{slug}]\n")
    rest = rest.replace(f'audience = "{old}"', f'audience = "{new}"', 1)
    rest = rest.replace("open_sign_up = true", "open_sign_up = false", 1)
    file.write_text(before + head + rest, encoding="utf-8")
    return load(home, {})


# -- when ---------------------------------------------------------------------------------


def test_nothing_is_shown_before_its_sending_begins(desk: Desk, settings: Settings) -> None:
    seen = set()

    def look() -> None:
        seen.add(desk.issue(key).state)
        assert nowhere(desk, settings, key)

    reference = desk.hand_in(news(targets=[PUBLIC]))
    desk.accept(reference)
    key = desk.new(PUBLIC, "2026-12")
    desk.do(issues.fill, key)
    look()
    desk.do(issues.request, key, "geprüft")
    look()
    desk.do(issues.approve, key, who=BEN)
    look()
    desk.do(issues.schedule, key)
    look()
    opening(desk, key)
    look()
    assert seen == NOT_YET


def test_an_issue_is_shown_while_it_is_sent_paused_and_afterwards(
    desk: Desk, settings: Settings
) -> None:
    key = gone_out(desk)
    for state in (None, IssueState.PAUSED, IssueState.SENDING, IssueState.SENT):
        if state:
            desk.do(lambda act, to=state: act.move(issues.find(act.session, key), ISSUE, to))
        assert numbers(desk, settings) == ["2026-12"]
        assert by_key(desk, settings, key).html == shown(desk, settings).html


def test_an_issue_that_was_stopped_halfway_stays_and_one_that_never_left_stays_dark(
    desk: Desk, settings: Settings
) -> None:
    halfway, never = gone_out(desk), opening(desk, approved(desk, number="2027-01"))
    for key in (halfway, never):
        desk.do(
            lambda act, key=key: act.move(
                issues.find(act.session, key), ISSUE, IssueState.STOPPED, why="Irrtum"
            )
        )
    assert numbers(desk, settings) == ["2026-12"]
    with pytest.raises(NotHere):
        by_key(desk, settings, never)


def test_a_cancelled_issue_is_nowhere(desk: Desk, settings: Settings) -> None:
    key = approved(desk)
    desk.do(issues.cancel, key)
    assert nowhere(desk, settings, key)


def test_an_embargo_darkens_the_issue_until_its_end(
    desk: Desk, settings: Settings, engine: Engine
) -> None:
    """It was moved while the issue opened: the sender pauses it, the archive waits too."""
    key = gone_out(desk)
    until = desk.clock() + timedelta(days=2)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE revision SET embargo_until = :until"),
            {"until": until.replace(tzinfo=None).isoformat(" ")},
        )
    assert nowhere(desk, settings, key)
    desk.clock.forward(days=2, seconds=1)
    assert numbers(desk, settings) == ["2026-12"]
    assert by_key(desk, settings, key)


# -- who ----------------------------------------------------------------------------------


def test_a_members_issue_is_shown_to_who_has_its_key_and_to_nobody_else(
    desk: Desk, settings: Settings
) -> None:
    key = gone_out(desk, MEMBERS)
    seen = by_key(desk, settings, key)
    assert (seen.issue_id, seen.public) == (key, False)
    for look in (numbers, shown):
        with pytest.raises(NotHere):
            look(desk, settings, MEMBERS)
    with pytest.raises(NotHere):
        desk.look(lambda act: archive.show_by_key(act.session, settings, "a" * 43, act.now))


def test_a_members_newsletter_made_public_later_shows_none_of_its_old_issues(
    desk: Desk, home: Path, settings: Settings
) -> None:
    key = gone_out(desk, MEMBERS)
    changed = flipped(home, MEMBERS, "members", "public")
    assert numbers(desk, changed, MEMBERS) == []
    with pytest.raises(NotHere):
        shown(desk, changed, MEMBERS)
    assert not by_key(desk, changed, key).public


def test_a_public_newsletter_made_members_only_has_no_archive_any_more(
    desk: Desk, home: Path, settings: Settings
) -> None:
    key = gone_out(desk)
    changed = flipped(home, PUBLIC, "public", "members")
    for look in (numbers, shown):
        with pytest.raises(NotHere):
            look(desk, changed)
    assert not by_key(desk, changed, key).public


@pytest.mark.parametrize("slug", ["", "gibt-es-nicht", "go-cluster", "CLUSTERPLATTFORM", "../x"])
def test_there_is_no_archive_of_anything_else(desk: Desk, settings: Settings, slug: str) -> None:
    gone_out(desk)
    with pytest.raises(NotHere):
        numbers(desk, settings, slug)
    with pytest.raises(NotHere):
        shown(desk, settings, slug)


# -- what ---------------------------------------------------------------------------------


def test_the_newest_issue_stands_first_and_each_knows_its_neighbours(
    desk: Desk, settings: Settings
) -> None:
    for number in ("2026-11", "2026-12", "2026-12-s1"):
        gone_out(desk, number=number)
        desk.clock.forward(days=1)
    assert numbers(desk, settings) == ["2026-12-s1", "2026-12", "2026-11"]
    middle = shown(desk, settings, number="2026-12")
    assert middle.older is not None
    assert middle.newer is not None
    assert (middle.older.number, middle.newer.number) == ("2026-11", "2026-12-s1")
    assert shown(desk, settings, number="2026-12-s1").newer is None
    assert shown(desk, settings, number="2026-11").older is None


@pytest.mark.parametrize("slug", [PUBLIC, MEMBERS])
def test_slots_apart_the_page_is_the_approved_edition_byte_for_byte(
    desk: Desk, settings: Settings, slug: str
) -> None:
    key = gone_out(desk, slug)
    edition = issues.as_edition(stored(desk, key))
    html = by_key(desk, settings, key).html
    assert unframed(html) == edition.html
    rows = desk.look(lambda act: issues.editions_of(act.session, issues.find(act.session, key)))
    assert content_hash(map(issues.as_edition, rows)) == desk.issue(key).content_hash
    assert "\ue000" not in html


@pytest.mark.parametrize("column", ["html", "subject", "text", "sender"])
def test_a_byte_changed_after_the_approval_is_not_shown(
    desk: Desk, settings: Settings, engine: Engine, column: str
) -> None:
    key = gone_out(desk)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE edition SET {column} = {column} || ' '"))
    for look in (lambda: shown(desk, settings), lambda: by_key(desk, settings, key)):
        with pytest.raises(NotAsApproved):
            look()


def test_an_item_withdrawn_after_the_sending_stays_in_the_issue(
    desk: Desk, settings: Settings, engine: Engine
) -> None:
    gone_out(desk, title="Schon verschickt")
    with engine.begin() as connection:
        connection.execute(text("UPDATE submission SET state = 'withdrawn'"))
    assert "Schon verschickt" in shown(desk, settings).html


def test_the_issues_own_view_is_its_link_and_the_same_for_all(
    desk: Desk, settings: Settings
) -> None:
    """HT-12, in both parts; the address is among the approved bytes."""
    public, members = sending(desk, approved(desk)), sending(desk, approved(desk, MEMBERS))
    links = {
        public: settings.links.archive(PUBLIC, "2026-12"),
        members: settings.links.read(desk.issue(members).read_key),
    }
    for key, link in links.items():
        edition = stored(desk, key)
        assert f'href="{link}"' in edition.html
        assert f"Im Browser ansehen:\n{link}\n" in edition.text
    assert "/read/" not in stored(desk, public).html + stored(desk, public).text
    assert "/archive/" not in stored(desk, members).html + stored(desk, members).text


@given(
    st.text("<>/abdehoy!- "),
    st.sampled_from(["<html><head></head><body>%s</body></html>", "%s", "<head></head>%s"]),
)
def test_a_frame_can_always_be_taken_off_again(content: str, document: str) -> None:
    html = document.replace("%s", content)
    page = archive.framed(html, head="<i>k</i>", before="<i>v</i>", after="<i>n</i>")
    for part in "kvn":
        page = page.replace(f"<!--Rahmen--><i>{part}</i><!--/Rahmen-->", "", 1)
    assert page == html
