"""Feeds as other people's programs read them: any text, valid by the rules of each format."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import defusedxml.ElementTree
import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.feeds import Author, Entry, Feed, atom, json_feed
from newsletter.feeds.entry import Category
from newsletter.texts.characters import clean
from tests.feed_situations import wrong_in

pytestmark = pytest.mark.sqlite("pure")

SINCE = datetime(2026, 12, 15, 9, 0, tzinfo=UTC)
AT = "https://newsletter.cluster.example/archive/clusterplattform"


def entry(title: str = "Licht & <Messen>", html: str = "<p>Ein <b>Text</b>.</p>") -> Entry:
    return Entry(
        id="tag:newsletter.cluster.example,2026:q7",
        url=f"{AT}/items/q7",
        title=title,
        summary=title,
        html=html,
        published_at=SINCE,
        updated_at=SINCE + timedelta(days=3),
        authors=(Author("Lichtwerk", "https://lichtwerk.example"), Author("Boje")),
        language="en",
        categories=(Category("DE-BB", "Brandenburg"),),
        link="https://lichtwerk.example/?a=1&b=2",
        picture=f"{AT}/bild.jpg",
        calendar="https://newsletter.cluster.example/dates/x.ics",
    )


def feed(*entries: Entry, **changes: Any) -> Feed:
    facts: dict[str, Any] = {
        "id": "tag:newsletter.cluster.example,2026:feed",
        "title": "Clusterplattform Deutschland",
        "subtitle": "Der Newsletter der Cluster",
        "home": f"{AT}/",
        "here": f"{AT}/feed.atom",
        "publisher": Author("Geschäftsstelle", "https://newsletter.cluster.example/"),
        "updated_at": SINCE,
        "entries": entries,
    }
    return Feed(**facts | changes)


def parsed(content: bytes) -> Any:
    defusedxml.ElementTree.fromstring(content)
    found = feedparser.parse(content, response_headers={"content-type": "application/atom+xml"})
    assert not found.bozo, found.bozo_exception
    assert found.version == "atom10"
    return found


@given(st.text(max_size=120))
def test_any_text_is_read_back_and_breaks_no_feed(text: str) -> None:
    found = parsed(atom(feed(entry(text, "<p>ü</p>"))))
    assert found.entries[0].title == clean(text).strip()
    made = json.loads(json_feed(feed(entry(text))))
    assert wrong_in(made) == []
    assert made["items"][0].get("title", "") == clean(text)


def test_an_atom_feed_says_all_that_the_standard_wants() -> None:
    older = f"{AT}/feed.atom?page=2"
    content = atom(feed(entry(), older=older, last=older, first=f"{AT}/feed.atom"))
    found = parsed(content)
    its, (item,) = found.feed, found.entries
    assert (its.id, its.title) == (
        "tag:newsletter.cluster.example,2026:feed",
        "Clusterplattform Deutschland",
    )
    assert its.author == "Geschäftsstelle"
    assert {link.rel: link.href for link in its.links} == {
        "self": f"{AT}/feed.atom",
        "alternate": f"{AT}/",
        "first": f"{AT}/feed.atom",
        "next": older,
        "last": older,
    }
    assert (item.title, item.content[0].value) == (
        "Licht & <Messen>",
        "<p>Ein <b>Text</b>.</p>",
    )
    assert item.title_detail.type == "text/plain"
    assert item.content[0].language == "en"
    assert (item.published, item.updated) == ("2026-12-15T09:00:00Z", "2026-12-18T09:00:00Z")
    assert [author.name for author in item.authors] == ["Lichtwerk", "Boje"]
    assert [(tag.term, tag.label) for tag in item.tags] == [("DE-BB", "Brandenburg")]
    assert {link.rel for link in item.links} == {"alternate", "related"}
    assert content.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns=')
    assert b'xml:lang="de"' in content
    assert content == atom(feed(entry(), older=older, last=older, first=f"{AT}/feed.atom"))


def test_a_json_feed_says_what_its_standard_wants_and_nothing_empty() -> None:
    made = json.loads(json_feed(feed(entry(), here=f"{AT}/feed.json")))
    assert wrong_in(made) == []
    (item,) = made["items"]
    assert item["content_html"] == "<p>Ein <b>Text</b>.</p>"
    assert item["attachments"][0]["mime_type"] == "text/calendar"
    assert item["tags"] == ["Brandenburg"]
    assert "next_url" not in made
    assert json.loads(json_feed(feed()))["items"] == []
    assert parsed(atom(feed())).entries == []


def test_the_judge_of_json_feeds_sees_what_is_wrong() -> None:
    good = json.loads(json_feed(feed(entry())))
    for wrong in (
        good | {"version": "1.1"},
        good | {"title": ""},
        good | {"authors": "Boje"},
        good | {"items": [good["items"][0] | {"id": 7}]},
        good | {"items": [{"id": "x"}]},
        good | {"items": [good["items"][0] | {"date_published": "gestern"}]},
        good | {"items": [good["items"][0]] * 2},
    ):
        assert wrong_in(wrong)
