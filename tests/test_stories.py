"""The stock: stories that may be shown again, under terms, with their company's yes."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from newsletter import issues, queue, stories
from newsletter.content import Kind
from newsletter.errors import Invalid, NotFound, Refused
from newsletter.evidence import Evidence
from newsletter.models.issue import IssueState
from tests.command_situations import Newsletter, newsletter
from tests.conftest import ADA, BEN
from tests.desk_situations import Desk, desk, fair, news
from tests.issue_situations import DECEMBER, findings, set_state
from tests.test_filling import Ruled, order, ruled

__all__ = ["desk", "newsletter", "ruled"]

YES = Evidence("zusage.eml", b"Ja, gern.")
MAY = "clusterplattform-2027-05"


def story(**more: object) -> dict[str, object]:
    return news(kind="success_story", title="Boje mit Gedächtnis", result="Zehnmal genauer") | more


def terms(**more: object) -> stories.Terms:
    facts: dict[str, object] = {
        "terms": "Newsletter und Website",
        "approved_by": "Dr. Erika Beispiel",
        "approved_on": date(2026, 11, 20),
        "evidence": YES,
    }
    return stories.Terms(**(facts | more))  # type: ignore[arg-type]


def gone_out(desk: Desk, slug: str = "clusterplattform") -> str:
    key = desk.approved(slug)
    set_state(desk, key, IssueState.STOPPED)
    return key


def test_a_story_is_kept_found_and_shown_again(
    newsletter: Newsletter, desk: Desk, tmp_path: Path
) -> None:
    desk.cluster(slug="boje", name="Meeressensorik Boddenkante", land="DE-MV", field="Maritimes")
    reference = desk.hand_in(story(), "boje")
    desk.accept(reference)
    desk.accepted(story(title="Der Kratzerscanner"))
    gone_out(desk)
    yes = tmp_path / "zusage.eml"
    yes.write_bytes(YES.data)
    add = (
        "--terms",
        "Newsletter und Website",
        "--evidence",
        str(yes),
        "--approved-by",
        "Dr. Erika B.",
    )
    kept = newsletter("stories", "add", reference, *add, "--again-after", "01.03.2099")
    assert "q1 liegt im Vorrat, in Fassung 1. Wieder nach dem 01.03.2099." in kept.out
    newsletter("stories", "add", "q2", *add, "--until", "2098-12-31")
    for words, found in (
        (("boje", "GEDÄCHTNIS"), ["q1"]),
        (("--land", "Mecklenburg-Vorpommern"), ["q1"]),
        (("--field", "marit"), ["q1"]),
        (("--cluster", "lichtwerk"), ["q2"]),
        (("--kind", "news"), []),
        (("--usable",), ["q2"]),
        ((), ["q1", "q2"]),
    ):
        listed = newsletter("stories", "list", *words, "--json", as_="").json
        assert [each["id"] for each in listed] == found, words
    shown = newsletter("stories", "show", "q1", "--save-evidence", str(tmp_path / "her.eml")).out
    assert "Erschienen in clusterplattform-2026-12: http://127.0.0.1:8000/archive/" in shown
    assert "soll erst nach dem 01.03.2099 wieder erscheinen" in shown
    assert (tmp_path / "her.eml").read_bytes() == YES.data
    assert "in den Vorrat gelegt (Fassung 1)" in newsletter("queue", "show", "q1").out

    january, may = desk.new(number="2099-01"), desk.new(number="2099-05")
    early = newsletter("stories", "use", "q1", january)
    assert (early.code, "erst nach dem 01.03.2099" in early.err) == (1, True)
    desk.do(queue.edit, reference, story(title="Neu gefasst"), 1)
    used = newsletter("stories", "use", "q1", may)
    assert "q1 steht in Fassung 1 unter erfolge." in used.out
    assert order(desk, may) == [("erfolge", 1, 1)]  # what the company agreed to
    assert "Erschienen in clusterplattform-2026-12" in used.out
    assert "Fassung 2" not in newsletter("issue", "check", may).out  # no reason to take that
    newsletter("issue", "add", may, "q1")
    assert "zugesagt ist Fassung 1, in" in " ".join(newsletter("issue", "check", may).out.split())
    assert newsletter("undo", may).code == 0
    assert "Fassung 1; inzwischen gibt es Fassung 2" in newsletter("stories", "show", "q1").out
    over = newsletter("stories", "use", "q2", may)
    assert "Das Nutzungsrecht an q2 endete am 31.12.2098" in over.err
    assert "steht schon in" in newsletter("stories", "use", "q1", may).err
    members = desk.new("go-cluster")
    assert newsletter("stories", "use", "q1", members).code == 0  # it is accepted for both
    assert newsletter("undo").code == 0
    assert order(desk, members) == []

    assert newsletter("stories", "remove", "q1").code == 1  # why?
    assert newsletter("stories", "remove", "q1", "--reason", "Firma widerrief").code == 0
    assert "genommen: Firma widerrief" in newsletter("issue", "check", may).out
    assert "q1 liegt wieder im Vorrat" in newsletter("undo").out
    piped = ("--terms", "Ja", "--evidence", "-", "--approved-by", "Dr. B.")
    newsletter("stories", "add", "q1", *piped, typed="Ja, weiterhin.")
    assert newsletter("stories", "show", "q1", "--json").json["evidence"] == "standard input"
    renewed = newsletter("undo", "q1")
    assert (renewed.code, "stories add q1" in renewed.err) == (1, True)
    assert "q2 liegt nicht mehr im Vorrat" in newsletter("undo", "q2").out
    assert "Zusage zur Nutzung erneuert" in newsletter("log", "story", "q1").out


def test_what_was_not_accepted_for_a_newsletter_does_not_come_from_stock_either(
    desk: Desk,
) -> None:
    reference = desk.accepted(story(targets=["go-cluster"]))
    desk.do(stories.keep, reference, terms())
    with pytest.raises(Refused, match="nur für Mitglieder"):
        desk.do(issues.use, desk.new(), reference)
    withdrawn = desk.accepted(story(title="Weg"))
    desk.do(stories.keep, withdrawn, terms())
    desk.do(queue.withdraw, withdrawn, "Irrtum")
    with pytest.raises(Refused, match="zurückgezogen"):
        desk.do(issues.use, DECEMBER, withdrawn)
    found = desk.look(
        lambda act: stories.search(act.session, act.settings, stories.Query(), act.now)
    )
    assert [each.item.reference for each in found] == [reference]


def test_terms_that_run_out_before_the_sending_stop_the_issue(desk: Desk) -> None:
    reference = desk.accepted(story())
    desk.do(stories.keep, reference, terms(until=date(2026, 12, 31)))
    desk.new()
    desk.do(issues.use, DECEMBER, reference)
    assert "unusable" not in findings(desk)
    desk.do(stories.keep, reference, terms(until=date(2026, 12, 10)))
    assert findings(desk)["unusable"] == "error"  # it leaves on the 15th
    desk.do(stories.keep, reference, terms(until=date(2026, 12, 31)))
    desk.do(issues.request, DECEMBER, "geprüft")
    desk.clock.forward(days=60)
    held = desk.look(
        lambda act: issues.ready_to_send(
            act.session, act.settings, issues.find(act.session, DECEMBER), act.now
        )
    )
    assert "terms" in {finding.check for finding in held}


def test_what_is_taken_out_of_stock_stops_the_issue_that_would_show_it_again(desk: Desk) -> None:
    reference = desk.accepted(story())
    gone_out(desk)
    sister = desk.approved("go-cluster")  # of the same month: no second time
    desk.do(stories.keep, reference, terms())
    desk.new(number="2027-05")
    desk.do(issues.use, MAY, reference)
    desk.do(issues.request, MAY, "geprüft")
    desk.do(issues.approve, MAY, who=BEN)
    done = desk.do(stories.drop, reference, "Firma widerrief")
    assert done.stopped == ((MAY, IssueState.DRAFT),)
    assert desk.issue(sister).state is IssueState.APPROVED


def test_fill_takes_from_stock_what_a_section_lacks(ruled: Ruled) -> None:
    desk = ruled(erfolge="minimum = 3")
    seen, fresh, third = (desk.accepted(story(title=f"Geschichte {n}")) for n in range(3))
    gone_out(desk)
    desk.do(issues.cancel, desk.new())
    assert [number for _, number, _ in order(desk, DECEMBER)] == [1, 2, 3]
    later = desk.accepted(story(title="Nie gezeigt"))
    for each in (seen, later):
        desk.do(stories.keep, each, terms(again_after=date(2027, 2, 1)))
    desk.do(stories.keep, fresh, terms())  # shown a month ago, and no day was agreed
    desk.new(number="2027-05")
    proposal = desk.do(issues.fill, MAY)
    assert [(each.reference, each.why) for each in proposal.placed] == [
        (later, "aus dem Vorrat, noch nie erschienen"),
        (seen, f"aus dem Vorrat, zuletzt in {DECEMBER}"),
    ]
    assert proposal.left_out == ()
    assert desk.do(issues.fill, MAY).placed == ()
    desk.new(number="2027-06")
    for title in ("Neu", "Auch neu", "Ganz neu"):
        desk.accepted(story(title=title))
    unseen = desk.accepted(story(title="Für später"))
    desk.do(stories.keep, unseen, terms())
    june = desk.do(issues.fill, "clusterplattform-2027-06")
    assert [left.reference for left in june.left_out] == [unseen]
    assert f"stories use {unseen} clusterplattform-2027-06" in june.left_out[0].why
    assert third not in {each.reference for each in june.placed}


def test_terms_are_asked_for_whole_and_every_mistake_is_named(
    newsletter: Newsletter, desk: Desk, tmp_path: Path
) -> None:
    reference = desk.accepted(story())
    wrong = terms(terms=" ", approved_by="", approved_on=date(2027, 1, 1), until=date(2026, 11, 1))
    with pytest.raises(Invalid) as told:
        desk.do(stories.keep, reference, wrong)
    fields = [problem.field for problem in told.value.problems]
    assert fields == ["terms", "approved-by", "approved-on", "until"]
    never = terms(until=date(2027, 1, 1), again_after=date(2027, 2, 1))
    with pytest.raises(Invalid, match="schon zu Ende"):
        desk.do(stories.keep, reference, never)
    with pytest.raises(Refused, match="ist leer"):
        desk.do(stories.keep, reference, terms(evidence=Evidence("leer.eml", b"")))
    dated = desk.accepted(fair(desk.clock() + timedelta(days=50)))
    with pytest.raises(Refused, match="ist ein Termin"):
        desk.do(stories.keep, dated, terms())
    with pytest.raises(NotFound, match="q1 liegt nicht im Vorrat"):
        desk.do(stories.drop, reference, "x", who=ADA)
    words = ("stories", "add", reference, "--terms", "Ja", "--evidence", str(tmp_path / "fehlt"))
    assert "lässt sich nicht lesen" in newsletter(*words).err
    (tmp_path / "ja.txt").write_text("Ja")
    day = newsletter(*words[:-1], str(tmp_path / "ja.txt"), "--until", "31.2.2027")
    assert (day.code, "„31.2.2027“ ist kein Tag" in day.err) == (2, True)
    assert "Der Vorrat ist leer" in newsletter("stories", "list").out
    assert "findet sich dazu nichts" in newsletter("stories", "list", "nichts").out
    assert "Land „XY“ gibt es nicht" in newsletter("stories", "list", "--land", "XY").err
    assert f"„x“ gibt es nicht. Möglich: {', '.join(Kind)}" in (
        newsletter("stories", "list", "--kind", "x").err
    )
