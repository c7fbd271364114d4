"""Both newsletters beside what the official programs make and say of them.

The same source through the official MJML: valid, and the same words, links and pictures. The
finished mails through html-validate.
"""

from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from bs4 import BeautifulSoup, Comment

from newsletter import rendering
from newsletter.content import IssueContent
from tests.example_issues import HERE, ISSUES
from tests.peer_programs import asked

pytestmark = pytest.mark.sqlite("a mail is no matter of the database")


class Judged(NamedTuple):
    """An issue, ours and theirs."""

    content: IssueContent
    html: str
    official: str
    wrong: list[str]  # what the validator of MJML says
    invalid: list[str]  # what html-validate says


def as_typed(content: IssueContent) -> IssueContent:
    """Without the typography that we set between template and HTML."""
    return replace(content, masthead=replace(content.masthead, typography=False))


@pytest.fixture(scope="module")
def mails() -> list[Judged]:
    contents = [as_typed(make(slug)) for slug, make in ISSUES]
    htmls = [rendering.render(each, HERE).html for each in contents]
    sources = [rendering.mjml(each, HERE) for each in contents]
    said: dict[str, Any] = asked("judge.mjs", of={"mjml": sources, "mails": htmls})
    return [
        Judged(content, html, drawn["html"], drawn["errors"], invalid)
        for content, html, drawn, invalid in zip(
            contents, htmls, said["mjml"], said["mails"], strict=True
        )
    ]


def test_the_official_validator_finds_nothing_wrong(mails: list[Judged]) -> None:
    assert [each.wrong for each in mails] == [[]] * len(mails)


def seen(html: str) -> dict[str, Any]:
    """What a reader gets of a page: words, links, pictures, headings, languages."""
    body = BeautifulSoup(html, "html.parser").body
    assert body is not None
    for each in body.find_all(string=lambda text: isinstance(text, Comment)):
        each.extract()
    for each in body.find_all("style"):
        each.extract()
    return {
        "words": " ".join(body.get_text(" ").split()),
        "links": [(a["href"], a.get_text(" ", strip=True)) for a in body.find_all("a")],
        "pictures": [
            tuple(img.get(it) for it in ("src", "alt", "width")) for img in body.find_all("img")
        ],
        "headings": [(it.name, it.get("id")) for it in body.find_all(["h1", "h2", "h3", "h4"])],
        "languages": [(it.name, it["lang"]) for it in body.find_all(lang=True)],
    }


def test_a_reader_sees_the_same_as_the_official_mjml_would_show(mails: list[Judged]) -> None:
    for each in mails:
        ours, theirs = seen(each.html), seen(each.official)
        assert len(ours["words"]) > 3_000
        assert len(ours["links"]) > 20
        for what, it in ours.items():
            assert it == theirs[what], f"{each.content.issue_id}: {what}"


def test_html_validate_finds_nothing_that_mail_programs_do_not_need(mails: list[Judged]) -> None:
    """tests/peers/profiles.mjs says what is let pass, and why."""
    assert [each.invalid for each in mails] == [[]] * len(mails)
