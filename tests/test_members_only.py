"""A members-only item cannot be brought into a public issue: not by a command, not by SQL,
not by a change of the configuration. Each attempt fails loudly."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from newsletter import issues, queue
from newsletter.content import Audience
from newsletter.errors import Refused
from newsletter.history import acting
from newsletter.models.issue import IssueState
from newsletter.settings import Settings, load
from tests import databases
from tests.command_situations import Newsletter, newsletter
from tests.conftest import ADA, BEN
from tests.desk_situations import Desk, desk, news

__all__ = ["desk", "newsletter"]

PUBLIC, MEMBERS = "clusterplattform-2026-12", "go-cluster-2026-12"


@dataclass
class Case:
    """An item for members, accepted there, beside a public item; both issues are drafts."""

    inside: str
    outside: str

    @property
    def number(self) -> int:
        return int(self.inside[1:])


@pytest.fixture
def case(desk: Desk) -> Case:
    inside = desk.hand_in(news(title="Nur für Mitglieder", targets=["go-cluster"]))
    outside = desk.hand_in(news(targets=["clusterplattform"]))
    desk.accept(inside, outside)
    for slug in ("clusterplattform", "go-cluster"):
        key = desk.new(slug, "2026-12")
        desk.do(issues.fill, key)
    return Case(inside, outside)


# -- by command ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ("queue", "accept", "INSIDE", "--for", "clusterplattform"),
        ("issue", "add", PUBLIC, "INSIDE"),
        ("issue", "add", PUBLIC, "INSIDE", "--section", "cluster", "--position", "1"),
        ("issue", "move", PUBLIC, "INSIDE", "--to", "1"),
    ],
)
def test_no_command_brings_it_in(
    case: Case, newsletter: Newsletter, words: tuple[str, ...]
) -> None:
    done = newsletter(*(case.inside if word == "INSIDE" else word for word in words))
    assert done.code == 1
    assert case.inside in done.err
    assert case.inside not in newsletter("issue", "show", PUBLIC, "--json").out


def test_filling_leaves_it_out(case: Case, newsletter: Newsletter) -> None:
    assert newsletter("issue", "fill", PUBLIC).code == 0
    assert case.inside not in newsletter("issue", "show", PUBLIC, "--json").out


def test_the_document_of_an_issue_refuses_it(
    case: Case, newsletter: Newsletter, tmp_path: Path
) -> None:
    document = newsletter("issue", "show", PUBLIC, "--document").out
    line = next(n for n, each in enumerate(document.splitlines(), 1) if case.outside in each)
    file = tmp_path / "ausgabe.md"
    file.write_text(document.replace(f"- {case.outside}", f"- {case.inside} x\n- {case.outside}"))
    done = newsletter("issue", "edit", PUBLIC, str(file))
    assert done.code == 1
    assert f"Zeile {line}, {case.inside}: {case.inside} ist nur für Mitglieder" in done.err
    assert case.inside not in newsletter("issue", "show", PUBLIC, "--json").out


def test_the_document_of_an_item_does_not_widen_it(
    case: Case, newsletter: Newsletter, tmp_path: Path
) -> None:
    file = tmp_path / "beitrag.md"
    document = newsletter("queue", "show", case.inside, "--document").out
    file.write_text(
        document.replace("targets: go-cluster", "targets: go-cluster, clusterplattform")
    )
    done = newsletter("queue", "edit", case.inside, str(file))
    assert done.code == 1
    assert "entscheidet, wer ihn eingereicht hat" in done.err


# -- by SQL -------------------------------------------------------------------------------

_PLACE = (
    "INSERT INTO placement (issue_id, submission_id, revision, newsletter, audience, clearance,"
    " section, position) VALUES ('{issue}', {item}, 1, '{newsletter}', '{audience}', 'accepted',"
    " 'cluster', 9)"
)
_CLEAR = (
    "INSERT INTO clearance (submission_id, newsletter, audience, reach, state)"
    " VALUES ({item}, 'clusterplattform', '{audience}', '{reach}', 'accepted')"
)


@pytest.mark.parametrize(
    "statement",
    [
        _PLACE.format(
            issue=PUBLIC, item="{item}", newsletter="clusterplattform", audience="public"
        ),
        _PLACE.format(
            issue=PUBLIC, item="{item}", newsletter="clusterplattform", audience="members"
        ),
        _PLACE.format(issue=PUBLIC, item="{item}", newsletter="go-cluster", audience="members"),
        "UPDATE placement SET issue_id = 'clusterplattform-2026-12' WHERE submission_id = {item}",
        "UPDATE placement SET audience = 'public' WHERE submission_id = {item}",
        _CLEAR.format(item="{item}", audience="public", reach="members"),
        _CLEAR.format(item="{item}", audience="public", reach="public"),
        "UPDATE clearance SET audience = 'public' WHERE submission_id = {item}",
        "UPDATE clearance SET reach = 'public' WHERE submission_id = {item}",
        "UPDATE clearance SET newsletter = 'clusterplattform', audience = 'public'"
        " WHERE submission_id = {item}",
        "UPDATE submission SET reach = 'public' WHERE id = {item}",
        "UPDATE issue SET audience = 'public' WHERE id = 'go-cluster-2026-12'",
        "UPDATE issue SET newsletter = 'clusterplattform' WHERE id = 'go-cluster-2026-12'",
        "UPDATE placement SET clearance = 'asked' WHERE submission_id = {item}",
        "UPDATE clearance SET state = 'declined', reason = 'x' WHERE submission_id = {item}",
    ],
)
def test_no_sql_brings_it_in(case: Case, engine: Engine, statement: str) -> None:
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text(statement.format(item=case.number)))


def test_a_reach_smuggled_in_beside_its_key_is_seen_before_sending(
    case: Case, desk: Desk, settings: Settings
) -> None:
    """Even with foreign keys switched off, the last look before the sending sees it."""
    key = PUBLIC
    desk.do(issues.request, key, "geprüft")
    desk.do(issues.approve, key, who=BEN)
    desk.do(issues.schedule, key)
    smuggled = f"UPDATE submission SET reach = 'members' WHERE id = {case.outside[1:]}"
    databases.without_keys(settings, smuggled)
    with desk.act() as act:
        found = issues.ready_to_send(
            act.session, act.settings, issues.find(act.session, key), act.now
        )
    assert "audience" in {finding.check for finding in found}


# -- by a change of the configuration after approval --------------------------------------


def rewritten(home: Path, pattern: str, new: str) -> Settings:
    """The home's configuration with a change that somebody made by hand."""
    file = home / "newsletter.toml"
    changed, count = re.subn(pattern, new, file.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert count, pattern
    file.write_text(changed, encoding="utf-8")
    return load(home, {})


CHANGES = {
    # the members' newsletter is declared public
    "audience": (r'(\[newsletters\.go-cluster\].*?audience = )"members"', r'\1"public"'),
    # the two newsletters change names: the members' issue would go to the public list
    "names": (
        r"newsletters\.(go-cluster|clusterplattform)\b",
        lambda m: f"newsletters.{'clusterplattform' if m[1] == 'go-cluster' else 'go-cluster'}",
    ),
    # the members' newsletter takes the public one's sender and list
    "list": (r'list_id = "mitglieder\.', 'list_id = "oeffentlich.'),
    "sender": (r'sender_address = "newsletter@go-cluster', 'sender_address = "x@go-cluster'),
    "gone": (r"newsletters\.go-cluster\b", "newsletters.mitglieder"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_no_change_of_the_configuration_lets_an_approved_issue_leave(
    case: Case, desk: Desk, engine: Engine, home: Path, change: str
) -> None:
    desk.do(issues.request, MEMBERS, "geprüft")
    desk.do(issues.approve, MEMBERS, who=BEN)
    desk.do(issues.schedule, MEMBERS)
    pattern, new = CHANGES[change]
    settings = rewritten(home, pattern, new)  # type: ignore[arg-type]
    with acting(engine, settings, ADA, clock=desk.clock) as act:
        issue = issues.find(act.session, MEMBERS)
        found = issues.ready_to_send(act.session, settings, issue, act.now)
        assert found
        issues.hold_back(act, issue, found)
    with desk.act() as act:
        assert issues.find(act.session, MEMBERS).state is IssueState.DRAFT


def test_a_change_of_the_configuration_refuses_every_step_on_the_way(
    case: Case, desk: Desk, engine: Engine, home: Path
) -> None:
    desk.do(issues.request, MEMBERS, "geprüft")
    settings = rewritten(home, *CHANGES["audience"])  # type: ignore[arg-type]
    with (
        pytest.raises(Refused, match="audience"),
        acting(engine, settings, BEN, clock=desk.clock) as act,
    ):
        issues.approve(act, MEMBERS)
    with (
        pytest.raises(Refused, match="nur für Mitglieder"),
        acting(engine, settings, ADA, clock=desk.clock) as act,
    ):
        queue.accept(act, [case.inside])
    with acting(engine, settings, ADA, clock=desk.clock) as act:
        issue = issues.new(act, "go-cluster", "2027-01")
        assert issue.audience is Audience.PUBLIC
        assert not issues.fill(act, issue.id).placed
        with pytest.raises(Refused):
            issues.add(act, issue.id, [case.inside])
