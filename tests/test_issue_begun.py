"""Beginning an issue: not twice by mistake, and again after it was cancelled."""

import pytest
from sqlalchemy import select

from newsletter import agenda, issues
from newsletter.errors import Refused
from newsletter.history import Act, recorded
from newsletter.models.issue import IssueState, Placement
from tests.command_situations import Newsletter, newsletter
from tests.conftest import BEN
from tests.desk_situations import Desk, desk

__all__ = ["desk", "newsletter"]
DECEMBER, JANUARY = "clusterplattform-2026-12", "clusterplattform-2027-01"


def test_a_second_issue_is_not_begun_by_mistake(newsletter: Newsletter, desk: Desk) -> None:
    assert newsletter("issue", "new", "clusterplattform", "--number", "2026-12-s1").code == 0
    assert newsletter("issue", "new", "clusterplattform", "--json").json["id"] == DECEMBER
    again = newsletter("issue", "new", "clusterplattform")
    assert again.code == 1
    assert f"{DECEMBER} ist noch ein Entwurf" in again.err
    assert "newsletter issue new clusterplattform --also" in again.err
    assert newsletter("issue", "new", "go-cluster").code == 0  # a newsletter of its own
    also = newsletter("issue", "new", "clusterplattform", "--also", "--json")
    assert also.json["id"] == JANUARY
    assert newsletter("issue", "new", "clusterplattform", "--number", "2027-02").code == 0


def test_a_cancelled_issue_is_begun_anew_and_its_history_stays(
    newsletter: Newsletter, desk: Desk
) -> None:
    reference = desk.accepted()
    key = desk.requested()
    before = desk.issue(key)
    desk.do(issues.cancel, key)
    plain = newsletter("issue", "new", "clusterplattform")
    assert plain.code == 1
    assert "newsletter issue new clusterplattform --number 2026-12;" in plain.err
    assert newsletter("issue", "new", "clusterplattform", "--number", "2026-12").code == 0
    issue = desk.issue(key)
    assert issue.state is IssueState.DRAFT
    assert issue.content_hash is None
    assert issue.read_key != before.read_key
    assert issue.version > before.version
    assert not desk.look(lambda act: act.session.scalars(select(Placement)).all())
    lines = desk.look(lambda act: recorded(act.session, [("issue", key)]))
    assert [line.to_state for line in lines if line.to_state][-2:] == ["cancelled", "draft"]
    assert [a.reference for a in desk.do(issues.fill, key).placed] == [reference]
    desk.do(issues.request, key, "geprüft")
    desk.do(issues.approve, key, who=BEN)
    assert desk.issue(key).state is IssueState.APPROVED


def test_the_number_of_an_issue_that_was_approved_stays_taken(desk: Desk) -> None:
    desk.accepted()
    key = desk.approved()
    desk.do(issues.cancel, key)
    with pytest.raises(Refused, match="war freigegeben und wurde abgesagt"):
        desk.do(issues.new, "clusterplattform", "2026-12")
    with pytest.raises(Refused, match="--number angeben"):
        desk.do(issues.new, "clusterplattform")


def test_the_agenda_proposes_what_begins_an_issue(newsletter: Newsletter, desk: Desk) -> None:
    def command() -> str:
        def due(act: Act) -> str:
            facts = agenda.fetch(act.session, act.settings, act.now)
            entries = agenda.entries(facts)
            kinds = ("cut-off", "cut-off-over")
            lines = [e.command for e in entries if e.kind in kinds]
            return next(line for line in lines if "clusterplattform" in line)

        return str(desk.look(due))

    assert command() == "issue new clusterplattform"
    desk.do(issues.cancel, desk.new())
    assert command() == "issue new clusterplattform --number 2027-01"
    assert newsletter(*command().split()).code == 0
    desk.clock.forward(days=60)  # January's time has passed, and it is a draft
    assert command() == "issue new clusterplattform --number 2027-02"
    assert newsletter(*command().split()).code == 0


def test_filling_what_nobody_has_begun_says_how_to_begin(newsletter: Newsletter) -> None:
    refused = newsletter("issue", "fill", "clusterplattform")
    assert refused.code == 1
    assert "noch keine Ausgabe begonnen" in refused.err
    assert "newsletter issue new clusterplattform" in refused.err
    for words in (("status", "gibtsnicht"), ("fill", "gibtsnicht")):
        unknown = newsletter("issue", *words)
        assert (unknown.code, "issue new" in unknown.err) == (2, False)
        assert "„gibtsnicht“ gibt es nicht. Bekannt: go-cluster, clusterplattform." in unknown.err
    assert "newsletter issue list" in newsletter("issue", "fill", DECEMBER).err
