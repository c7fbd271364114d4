"""Both newsletters before SpamAssassin's local rules, and an editor who asks it."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from newsletter.dispatch import spam_filter
from newsletter.dispatch.message import compose
from tests.command_situations import Newsletter, newsletter
from tests.desk_situations import Desk, desk, news
from tests.rendering_situations import BOTH, event, picture, rendered, story
from tests.rendering_situations import news as item
from tests.test_message import ADA, ENVELOPE, MAILING

__all__ = ["desk", "newsletter"]

pytestmark = pytest.mark.sqlite("the database has no part in it")

GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
PATIENT = 90


def as_sent(slug: str) -> bytes:
    items = [item(n, picture=picture(f"bild{n}")) for n in range(401, 406)]
    edition = rendered(*items, event(410), story(411), slug=slug)
    envelope = replace(ENVELOPE, message_id=f"{slug}@cluster.example")
    return compose(edition, ADA, envelope, MAILING).data


def test_neither_newsletter_has_a_point_of_spam() -> None:
    assert spam_filter.installed(), "make spamassassin"
    judged = spam_filter.judged([as_sent(slug) for slug in BOTH], PATIENT)
    assert set(judged) == {f"<{slug}@cluster.example>" for slug in BOTH}
    for spam in judged.values():
        assert "HTML_MESSAGE" in spam.rules
        assert spam.points < 1.0, spam.rules


def test_an_editor_who_asks_is_told_the_rules(desk: Desk, newsletter: Newsletter) -> None:
    desk.accepted(news(teaser=f"Ein Text, an dem jeder Spamfilter Anstoß nimmt: {GTUBE}"))
    key = desk.filled()
    assert "SpamAssassin" not in newsletter("issue", "check", key).out
    done = newsletter("issue", "check", key, "--spam", "--json")
    (said,) = [each for each in done.json["findings"] if each["check"] == "spam-score"]
    assert said["level"] == "hint"
    assert "GTUBE 1000.0" in said["text"]


def test_without_a_filter_it_is_said_where_one_is_to_be_had(
    desk: Desk, newsletter: Newsletter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.accepted()
    key = desk.filled()
    monkeypatch.setenv("PATH", str(tmp_path))
    done = newsletter("issue", "check", key, "--spam")
    assert done.code == 0
    assert "apt-get install spamassassin" in done.err
    broken = tmp_path / "spamassassin"
    broken.write_text("#!/bin/sh\nexit 70\n", encoding="utf-8")
    broken.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin")
    assert "nicht geantwortet" in newsletter("issue", "check", key, "--spam").err
