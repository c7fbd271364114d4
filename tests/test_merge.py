"""One item of several that say the same."""

import html
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from newsletter import issues, queue, submissions
from newsletter.errors import Refused, WrongUsage
from newsletter.models.delivery import Letter
from newsletter.models.issue import IssueState
from newsletter.models.submission import Submission, SubmissionState
from tests.command_situations import Newsletter, newsletter
from tests.desk_situations import BOTH, Desk, desk, fair, news

__all__ = ["desk", "newsletter"]

BARE = {"body": "", "link": None}


@pytest.fixture
def boje(desk: Desk) -> str:
    return desk.cluster(slug="boje", name="Boje e. V.", contact_email="team@boje.example")


def facts(desk: Desk, reference: str) -> dict[str, object]:
    found: dict[str, object] = desk.look(
        lambda act: submissions.facts_of(
            act.session, submissions.by_reference(act.session, reference)
        )
    )
    return found


def test_the_kept_item_takes_what_it_lacks_and_keeps_what_it_has(desk: Desk, boje: str) -> None:
    kept = desk.hand_in(news(title="Der erste Titel", **BARE))
    other = desk.hand_in(news(title="Der zweite Titel"), boje)
    done = desk.do(queue.merge, kept, [other])
    assert set(done.filled) == {"body", "link"}
    now = facts(desk, kept)
    assert (now["title"], now["link"]) == ("Der erste Titel", news()["link"])
    assert done.revision == 2
    gone = desk.look(lambda act: act.session.get_one(Submission, int(other[1:])))
    assert (gone.state, gone.merged_into_id) == (SubmissionState.MERGED, int(kept[1:]))


def test_both_clusters_are_credited_in_the_issue(desk: Desk, boje: str) -> None:
    kept, other = desk.hand_in(), desk.hand_in(slug=boje)
    assert desk.do(queue.merge, kept, [other]).credited == ("Boje e. V.",)
    desk.accept(kept)
    key = desk.filled()
    built = desk.look(lambda act: issues.check(act.session, act.settings, key, act.now))
    assert built.edition is not None
    for part in (built.edition.text, built.edition.html):
        assert "Lichtwerk Havelbogen e. V." in " ".join(html.unescape(part).split())
        assert "Boje e. V." in " ".join(html.unescape(part).split())


def test_both_contributors_are_told(desk: Desk, boje: str) -> None:
    kept, other = desk.hand_in(), desk.hand_in(slug=boje)
    desk.do(queue.merge, kept, [other])
    told = desk.look(
        lambda act: act.session.scalars(select(Letter).where(col(Letter.name) == "merged")).all()
    )
    assert [letter.to_email for letter in told] == ["presse@lichtwerk.example", "team@boje.example"]
    assert "Ihrer bleibt" in " ".join(told[0].text.split())
    assert f"({kept})" in told[1].text
    assert ".." not in told[1].text
    for letter in told:
        assert "Boje e. V." in letter.html


def test_of_two_embargoes_the_later_one_holds(desk: Desk) -> None:
    soon, late = (desk.clock() + timedelta(days=days) for days in (2, 9))
    kept = desk.hand_in(news(embargo_until=soon.isoformat()))
    other = desk.hand_in(news(embargo_until=late.isoformat()))
    desk.do(queue.merge, kept, [other])
    assert facts(desk, kept)["embargo_until"] == late.isoformat()


def test_members_words_do_not_become_public_by_merging(desk: Desk) -> None:
    public, members = desk.hand_in(news(**BARE)), desk.hand_in(news(targets=["go-cluster"]))
    with pytest.raises(Refused, match=f"newsletter queue merge {members} {public}"):
        desk.do(queue.merge, public, [members])
    done = desk.do(queue.merge, members, [public])
    assert done.also_wanted == ()


def test_what_stands_in_an_issue_or_is_gone_is_not_merged_away(desk: Desk) -> None:
    placed = desk.accepted()
    key = desk.filled()
    kept = desk.hand_in()
    with pytest.raises(Refused, match=f"newsletter issue remove {key} {placed}"):
        desk.do(queue.merge, kept, [placed])
    desk.do(issues.remove, key, [placed])
    desk.do(queue.merge, kept, [placed])
    with pytest.raises(Refused, match="aufgegangen"):
        desk.do(queue.merge, kept, [placed])


def test_only_like_things_are_merged(desk: Desk) -> None:
    reference = desk.hand_in()
    date = desk.hand_in(fair(desk.clock() + timedelta(days=30)))
    with pytest.raises(Refused, match="derselben Art"):
        desk.do(queue.merge, reference, [date])
    with pytest.raises(WrongUsage, match="mit sich selbst"):
        desk.do(queue.merge, reference, [reference])


def test_an_approved_issue_keeps_the_text_it_was_approved_with(desk: Desk, boje: str) -> None:
    kept = desk.accepted(news(**BARE))
    key = desk.approved()
    other = desk.hand_in(slug=boje)
    assert desk.do(queue.merge, kept, [other]).older_in == (key,)
    desk.do(issues.schedule, key)
    assert desk.issue(key).state is IssueState.SCHEDULED


def test_merge_says_what_it_did(newsletter: Newsletter, desk: Desk, boje: str) -> None:
    desk.hand_in(news(targets=["clusterplattform"], **BARE))
    desk.hand_in(news(targets=BOTH), boje)
    done = newsletter("queue", "merge", "q1", "q2")
    assert done.code == 0, done.err
    assert "q2 in q1 zusammengeführt" in done.out
    assert "Außerdem genannt: Boje e. V." in done.out
    assert "newsletter queue accept q1 --for go-cluster" in done.out
    listed = newsletter("queue", "list", "--json", as_="").json
    assert [each["id"] for each in listed] == ["q1"]
    assert newsletter("queue", "merge", "q1", "q2", "--json").code == 1
