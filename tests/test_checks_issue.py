"""What would embarrass us in an issue and its mail, found before a reader sees it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from newsletter import checks
from newsletter.checks import Facts
from newsletter.content import Audience, IssueContent, Level
from tests.check_situations import (
    FACTS,
    FAIR,
    NEWS,
    OUT_IN_THE_WORLD,
    built,
    december,
    issue_findings,
)

__all__ = ["built", "december"]

pytestmark = pytest.mark.sqlite("the checks are pure")


def test_an_issue_as_init_configures_it_has_only_hints(
    december: Callable[..., IssueContent],
) -> None:
    assert {f.level for f in issue_findings(december(NEWS, FAIR)).values()} == {Level.HINT}


def test_the_same_issue_sent_into_the_world_needs_real_names(
    december: Callable[..., IssueContent],
) -> None:
    finding = issue_findings(december(NEWS), OUT_IN_THE_WORLD)["reserved-name"]
    assert finding.level is Level.ERROR
    assert "Absender" in finding.text
    assert "q1" in finding.text


def test_an_empty_issue_is_an_error(december: Callable[..., IssueContent]) -> None:
    assert "issue fill clusterplattform-2026-12" in issue_findings(december())["empty"].text


@pytest.mark.parametrize(
    ("length", "level"),
    [(50, None), (51, Level.HINT), (61, Level.WARNING), (76, Level.WARNING), (151, Level.ERROR)],
)
def test_long_subjects(
    december: Callable[..., IssueContent], length: int, level: Level | None
) -> None:
    finding = issue_findings(december(NEWS, subject="x" * length)).get("subject-length")
    assert (finding.level if finding else None) is level


def test_a_subject_is_needed(december: Callable[..., IssueContent]) -> None:
    assert issue_findings(december(NEWS, subject=" "))["subject"].level is Level.ERROR


@pytest.mark.parametrize("text", ["{month}", "Ausgabe TODO", "{{ monat }}"])
def test_placeholders_of_an_issue_are_errors(
    december: Callable[..., IssueContent], text: str
) -> None:
    for field in ("subject", "preheader", "opening"):
        content = december(NEWS, **{field: text})
        assert issue_findings(content)["placeholder"].level is Level.ERROR


def test_a_broken_link_in_the_opening_is_an_error(december: Callable[..., IssueContent]) -> None:
    content = december(NEWS, opening="Mehr [hier](htp://a.example) und [da] (https://b.example)")
    texts = [f.text for f in checks.check_issue(content, FACTS) if f.check == "link"]
    assert len(texts) == 2


def test_a_newsletter_whose_audience_was_changed_is_an_error(
    december: Callable[..., IssueContent],
) -> None:
    facts = replace(FACTS, audience=Audience.MEMBERS)
    inside = replace(NEWS, reach=Audience.MEMBERS)
    found = checks.check_issue(december(inside), facts)
    assert {f.where for f in found if f.check == "audience"} == {"issue", "q1"}


def test_an_imprint_with_gaps_is_an_error_out_in_the_world(
    december: Callable[..., IssueContent],
) -> None:
    content = december(NEWS)
    bare = replace(content.masthead.imprint, phone="", address=("Postfach 12", "10623 Berlin"))
    content = replace(content, masthead=replace(content.masthead, imprint=bare))
    out = [f for f in checks.check_issue(content, OUT_IN_THE_WORLD) if f.check == "imprint"]
    assert [f.level for f in out] == [Level.ERROR, Level.ERROR]
    assert issue_findings(content)["imprint"].level is Level.HINT


def test_twins_are_named(december: Callable[..., IssueContent]) -> None:
    finding = issue_findings(december(NEWS, FAIR, replace(NEWS, reference="q3")))["duplicate"]
    assert "q1 und q3" in finding.text


def test_too_many_items_are_named(december: Callable[..., IssueContent]) -> None:
    items = [replace(NEWS, reference=f"q{n}", title=f"Titel {n}", link=None) for n in range(21)]
    assert issue_findings(december(*items[:13]))["items"].level is Level.HINT
    assert issue_findings(december(*items))["items"].level is Level.WARNING


def test_the_gravest_finding_stands_first(december: Callable[..., IssueContent]) -> None:
    levels = [f.level for f in checks.check_issue(december(replace(NEWS, title="TODO")), FACTS)]
    assert levels == sorted(levels, key=[Level.ERROR, Level.WARNING, Level.HINT].index)


# -- the mail that is made of it -----------------------------------------------------------


def test_the_shipped_templates_make_a_sound_edition(built: tuple[IssueContent, Facts]) -> None:
    assert {f.level for f in checks.check_issue(*built)} == {Level.HINT}


@pytest.mark.parametrize("part", ["html", "text"])
def test_an_edition_without_goodbye_link_is_an_error(
    built: tuple[IssueContent, Facts], part: str
) -> None:
    content, facts = built
    assert facts.edition
    bare = getattr(facts.edition, part).replace("unsubscribe", "")
    facts = replace(facts, edition=replace(facts.edition, **{part: bare}))
    assert issue_findings(content, facts)["unsubscribe"].level is Level.ERROR


@pytest.mark.parametrize("part", ["html", "text"])
def test_an_edition_without_imprint_is_an_error(
    built: tuple[IssueContent, Facts], part: str
) -> None:
    content, facts = built
    assert facts.edition
    bare = getattr(facts.edition, part).replace("Erika", "Frau")
    facts = replace(facts, edition=replace(facts.edition, **{part: bare}))
    assert issue_findings(content, facts)["imprint"].level is Level.ERROR


@pytest.mark.parametrize(
    ("length", "level"),
    [(80_000, None), (80_001, Level.HINT), (92_160, Level.WARNING), (100_001, Level.ERROR)],
)
def test_a_heavy_edition_is_named(
    built: tuple[IssueContent, Facts], length: int, level: Level | None
) -> None:
    content, facts = built
    assert facts.edition
    html = facts.edition.html
    heavy = html + " " * (length - len(html.encode()))
    facts = replace(facts, edition=replace(facts.edition, html=heavy))
    finding = issue_findings(content, facts).get("size")
    assert (finding.level if finding else None) is level


@pytest.mark.parametrize(
    ("more", "check"),
    [
        ('<a href="#">x</a>', "left-over"),
        ("{{ content.title }}", "left-over"),
        ('<img src="https://pixel.tracker.example/x.gif">', "foreign-host"),
        ("<style>p{background:url(https://fonts.tracker.example/a)}</style>", "foreign-host"),
    ],
)
def test_what_a_broken_template_leaves_is_an_error(
    built: tuple[IssueContent, Facts], more: str, check: str
) -> None:
    content, facts = built
    assert facts.edition
    facts = replace(facts, edition=replace(facts.edition, html=facts.edition.html + more))
    assert issue_findings(content, facts)[check].level is Level.ERROR
