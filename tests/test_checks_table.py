"""Each check by its name: something that trips it, and the same without."""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from newsletter import checks
from newsletter.checks import NAMES, Before, Facts, Recent, spam
from newsletter.checks.twins import traits
from newsletter.content import (
    Audience,
    Corrected,
    EventState,
    Finding,
    IssueContent,
    Item,
    Kind,
    When,
)
from newsletter.settings import SectionSettings
from tests.check_situations import (
    FACTS,
    FAIR,
    NEWS,
    NOW,
    OUT_IN_THE_WORLD,
    PICTURE,
    SENDING,
    built,
    december,
)

__all__ = ["built", "december"]

pytestmark = pytest.mark.sqlite("the checks are pure")

ROOM = Path(checks.__file__).parent
DOCUMENT = ROOM.parents[1] / "docs" / "checks.md"
ELSEWHERE = {"template", "content-hash", "built-anew"}  # findings of other rooms
EVENING = replace(FAIR, reference="q3", title="Ein Abend", link=None, when=When(date(2027, 4, 20)))
STORY = replace(NEWS, kind=Kind.SUCCESS_STORY, result="Die Prüfung dauert nur noch einen Tag.")


@dataclass(frozen=True)
class Bench:
    """Checks one thing at a time; what is not said is sound."""

    december: Callable[..., IssueContent]
    built: tuple[IssueContent, Facts]

    def item(self, item: Item = NEWS, facts: Facts = FACTS, **changes: Any) -> list[Finding]:
        return checks.check_item(replace(item, **changes), facts)

    def issue(self, *items: Item, facts: Facts = FACTS, **changes: Any) -> list[Finding]:
        return checks.check_issue(self.december(*(items or (NEWS,)), **changes), facts)

    def masthead(self, facts: Facts = OUT_IN_THE_WORLD, **changes: Any) -> list[Finding]:
        content = self.december(NEWS)
        masthead = replace(content.masthead, **changes)
        return checks.check_issue(replace(content, masthead=masthead), facts)

    def told(self, **records: str) -> list[Finding]:
        return self.issue(facts=replace(OUT_IN_THE_WORLD, records=records))

    def mail(self, old: str = "", new: str = "", part: str = "html") -> list[Finding]:
        content, facts = self.built
        assert facts.edition
        text = getattr(facts.edition, part)
        assert old in text
        edition = replace(facts.edition, **{part: text.replace(old, new) if old else text + new})
        return checks.check_issue(content, replace(facts, edition=edition))


@pytest.fixture
def bench(december: Callable[..., IssueContent], built: tuple[IssueContent, Facts]) -> Bench:
    return Bench(december, built)


def before(**changes: Any) -> Facts:
    told = Before("clusterplattform-2026-11", "Der Betreff vom November", "Die Vorschau von damals")
    return replace(FACTS, before=replace(told, **changes))


def recent(*items: Item) -> Facts:
    return replace(
        FACTS,
        recent=[
            Recent("clusterplattform-2026-11", it.reference, it.kind, traits(it, FACTS.zone))
            for it in items
        ],
    )


def section(**limits: Any) -> Facts:
    return replace(FACTS, sections=[SectionSettings(key="cluster", title="Cluster", **limits)])


def timed(start: datetime, **more: Any) -> dict[str, Any]:
    return {"when": When(start, start + timedelta(hours=2)), **more}


MARCH = datetime(2027, 3, 16, 9, 0, tzinfo=UTC)  # a Tuesday
Row = tuple[Callable[[Bench], list[Finding]], Callable[[Bench], list[Finding]]]

LENGTHS = (
    *(("title", 80), ("teaser", 500), ("body", 3_000)),
    *(("challenge", 600), ("solution", 600), ("result", 600), ("quote", 600)),
)


def at_most(field: str, most: int) -> Row:
    return (
        lambda b: b.item(STORY, **{field: "x" * (most + 1)}),
        lambda b: b.item(STORY, **{field: "x" * most}),
    )


ROWS: dict[str, Row] = {
    # -- what stands in the issue
    "empty": (
        lambda b: checks.check_issue(b.december(), FACTS),
        lambda b: b.issue(NEWS),
    ),
    "unchanged": (
        lambda b: b.issue(
            facts=replace(FACTS, unchanged=True), corrects=Corrected("2026-11", NOW, "Der Ort")
        ),
        lambda b: b.issue(facts=FACTS, corrects=Corrected("2026-11", NOW, "Der Ort")),
    ),
    "items": (
        lambda b: b.issue(*[replace(NEWS, reference=f"q{n}") for n in range(13)]),
        lambda b: b.issue(*[replace(NEWS, reference=f"q{n}") for n in range(12)]),
    ),
    "section-minimum": (
        lambda b: b.issue(facts=section(minimum=2)),
        lambda b: b.issue(facts=section(minimum=1)),
    ),
    "section-maximum": (
        lambda b: b.issue(NEWS, FAIR, facts=section(maximum=1)),
        lambda b: b.issue(NEWS, FAIR, facts=section(maximum=2)),
    ),
    "per-cluster": (
        lambda b: b.issue(NEWS, FAIR, facts=replace(FACTS, per_cluster=1)),
        lambda b: b.issue(NEWS, FAIR, facts=replace(FACTS, per_cluster=2)),
    ),
    "audience": (
        lambda b: b.issue(facts=replace(FACTS, audience=Audience.MEMBERS)),
        lambda b: b.issue(facts=replace(FACTS, audience=Audience.PUBLIC)),
    ),
    "language": (
        lambda b: b.issue(replace(NEWS, language="en")),
        lambda b: b.issue(NEWS),
    ),
    "duplicate": (
        lambda b: b.issue(
            NEWS,
            replace(NEWS, reference="q3", link=None, title=f"Das {NEWS.title}"),
        ),
        lambda b: b.issue(NEWS, FAIR, EVENING),
    ),
    "repeated": (
        lambda b: b.issue(NEWS, facts=recent(NEWS)),
        lambda b: b.issue(NEWS, facts=recent(FAIR)),
    ),
    "send-time": (
        lambda b: b.issue(facts=replace(FACTS, send_at=NOW - timedelta(hours=1), fixed=True)),
        lambda b: b.issue(facts=replace(FACTS, fixed=True)),
    ),
    # -- subject and preheader
    "subject": (lambda b: b.issue(subject=" "), lambda b: b.issue(subject="Neues aus Clustern")),
    "subject-length": (lambda b: b.issue(subject="x" * 51), lambda b: b.issue(subject="x" * 50)),
    "subject-repeated": (
        lambda b: b.issue(subject="der Betreff vom  November!", facts=before()),
        lambda b: b.issue(subject="Der Betreff vom Dezember", facts=before()),
    ),
    "subject-style": (
        lambda b: b.issue(subject="Re: Ihre Anfrage"),
        lambda b: b.issue(subject="BMWE fördert; EU-Rat tagt: Neues im Dezember?"),
    ),
    "preheader-length": (
        lambda b: b.issue(preheader="x" * 39),
        lambda b: b.issue(preheader="x" * 40),
    ),
    "preheader-repeated": (
        lambda b: b.issue(subject="Neues im Dezember", preheader="Neues im Dezember: neun Texte"),
        lambda b: b.issue(subject="Neues im Dezember", preheader="Neun Texte", facts=before()),
    ),
    # -- may it stand there, and is it the newest?
    "embargo": (
        lambda b: b.item(embargo_until=SENDING + timedelta(minutes=1)),
        lambda b: b.item(embargo_until=NOW),
    ),
    "unusable": (
        lambda b: b.item(facts=replace(FACTS, unusable={"q1": "Zurückgezogen."})),
        lambda b: b.item(facts=replace(FACTS, unusable={"q2": "Zurückgezogen."})),
    ),
    "event-state": (
        lambda b: b.item(FAIR, event_state=EventState.POSTPONED),
        lambda b: b.item(FAIR, event_state=EventState.ON),
    ),
    "newer-revision": (
        lambda b: b.item(facts=replace(FACTS, newer={"q1": 2})),
        lambda b: b.item(facts=replace(FACTS, newer={"q1": 1})),
    ),
    "agreed-revision": (
        lambda b: b.item(STORY, facts=replace(FACTS, agreed={"q1": 2})),
        lambda b: b.item(STORY, facts=replace(FACTS, agreed={"q1": 1})),
    ),
    "wish": (
        lambda b: b.item(facts=replace(FACTS, wished=["q1"])),
        lambda b: b.item(facts=replace(FACTS, wished=["q2"])),
    ),
    "objections": (
        lambda b: b.item(facts=replace(FACTS, objections={"q1": NOW + timedelta(days=1)})),
        lambda b: b.item(facts=replace(FACTS, objections={"q1": NOW})),
    ),
    # -- dates
    "past-date": (
        lambda b: b.item(FAIR, when=When(NOW - timedelta(days=2))),
        lambda b: b.item(FAIR, when=When(SENDING + timedelta(days=2))),
    ),
    "date-order": (
        lambda b: b.item(FAIR, when=When(date(2027, 3, 16), date(2027, 3, 15))),
        lambda b: b.item(FAIR, when=When(date(2027, 3, 16), date(2027, 3, 16))),
    ),
    "date-sequence": (
        lambda b: b.issue(EVENING, FAIR),
        lambda b: b.issue(FAIR, EVENING),
    ),
    "registration-over": (
        lambda b: b.item(FAIR, register_by=SENDING),
        lambda b: b.item(FAIR, register_by=SENDING + timedelta(days=1)),
    ),
    "registration-late": (
        lambda b: b.item(FAIR, **timed(MARCH), register_by=MARCH + timedelta(days=1)),
        lambda b: b.item(FAIR, **timed(MARCH), register_by=MARCH - timedelta(days=1)),
    ),
    "title-date": (
        lambda b: b.item(FAIR, **timed(MARCH), title="Kabinentag am 19. September"),
        lambda b: b.item(FAIR, **timed(MARCH), title="Kabinentag am 16.03.2027"),
    ),
    "weekday": (
        lambda b: b.item(body="Wir treffen uns am Montag, dem 16. März 2027, in Musterhavel."),
        lambda b: b.item(body="Wir treffen uns am Dienstag, 16.\u00a0März 2027, um 9 Uhr."),
    ),
    # -- pictures
    "picture-file": (
        lambda b: b.item(picture=PICTURE, facts=replace(FACTS, harmed={"q1": "Sie fehlt."})),
        lambda b: b.item(picture=PICTURE),
    ),
    "picture-credit": (
        lambda b: b.item(picture=replace(PICTURE, credit="")),
        lambda b: b.item(picture=PICTURE),
    ),
    "alt-text": (
        lambda b: b.item(picture=replace(PICTURE, alt="IMG_2231.JPG")),
        lambda b: b.item(picture=PICTURE),
    ),
    # -- links
    "link": (
        lambda b: b.item(body="Mehr im [Bericht] (https://a.example/b)."),
        lambda b: b.item(body="Mehr im [Bericht](https://a.example/b)."),
    ),
    "link-https": (
        lambda b: b.item(link="http://www.lichtwerk.example/x"),
        lambda b: b.item(link="https://www.lichtwerk.example/x"),
    ),
    "link-host": (
        lambda b: b.item(body="[Der Bericht](https://192.0.2.7/bericht)"),
        lambda b: b.item(body="[Der Bericht](https://a.example/192.0.2.7)"),
    ),
    "link-shortener": (
        lambda b: b.item(link="https://bit.ly/3xYz"),
        lambda b: b.item(link="https://orbit.ly/3xYz"),
    ),
    "link-shown": (
        lambda b: b.issue(opening="[www.lichtwerk.example](https://boese.example/lichtwerk)"),
        lambda b: b.issue(opening="[lichtwerk.example/x](https://www.lichtwerk.example/y)"),
    ),
    "link-unreachable": (
        lambda b: b.issue(facts=replace(FACTS, reach={NEWS.link or "": "gone"})),
        lambda b: b.issue(facts=replace(FACTS, reach={NEWS.link or "": "there"})),
    ),
    "link-text": (
        lambda b: b.item(body="Zur Anmeldung [hier](https://a.example/x)."),
        lambda b: b.item(body="Zur [Anmeldung](https://a.example/x)."),
    ),
    "link-tracking": (
        lambda b: b.item(link="https://a.example/x?id=7&utm_source=partner"),
        lambda b: b.item(link="https://a.example/x?id=7&ref=go-cluster"),
    ),
    # -- words
    "placeholder": (
        lambda b: b.item(teaser="Zitat folgt: [Zitat folgt]"),
        lambda b: b.item(teaser="Sie sagte: [sic]"),
    ),
    **{f"{field}-length": at_most(field, most) for field, most in LENGTHS},
    "title-style": (
        lambda b: b.item(title="WELTWEIT EINZIGARTIG: Leichtbau aus dem Weserwinkel"),
        lambda b: b.item(title="MINT-Cluster: BMWE und ECCP laden ein!"),
    ),
    "story-incomplete": (lambda b: b.item(STORY, result=""), lambda b: b.item(STORY)),
    "numbers": (
        lambda b: b.item(
            title="Sechs „go-cluster“-Mitglieder ausgezeichnet",
            body="Die vier ausgezeichneten Netzwerke kommen aus Bayern.",
        ),
        lambda b: b.item(
            title="Sechs „go-cluster“-Mitglieder ausgezeichnet",
            body="Die 6 ausgezeichneten Netzwerke, darunter vier aus Bayern, wurden geehrt.",
        ),
    ),
    "quotes": (
        lambda b: b.item(title="„go-cluster\u201d: Förderung verlängert"),
        lambda b: b.item(title="„go-cluster“: Förderung verlängert"),
    ),
    "gender": (
        lambda b: b.item(body="Alle Anwender*innen und PartnerInnen profitieren."),
        lambda b: b.item(body="Anwenderinnen und Anwender auf LinkedIn, 3*in der Woche."),
    ),
    "typing": (
        lambda b: b.item(body="Ausgezeichnet wurde der SpitzenclusterSilicon Havel."),
        lambda b: b.item(body="Das MedTech-Ring-Team traf AeroKontor auf www.AeroKontor.example."),
    ),
    "list-missing": (
        lambda b: b.item(body="Gut.\n\nMehr zu den ausgezeichneten Clustern:"),
        lambda b: b.item(body="Gut.\n\nMehr zu den ausgezeichneten Clustern:\n\n- Havelbogen"),
    ),
    # -- who sends it
    "imprint": (
        lambda b: b.masthead(imprint=replace(b.december().masthead.imprint, phone="")),
        lambda b: b.masthead(),
    ),
    "privacy-url": (lambda b: b.masthead(privacy_url=""), lambda b: b.masthead()),
    "accessibility-url": (lambda b: b.masthead(accessibility_url=""), lambda b: b.masthead()),
    "reserved-name": (
        lambda b: b.masthead(),
        lambda b: checks.check_issue(real(b.december(replace(NEWS, link=None))), OUT_IN_THE_WORLD),
    ),
    "base-address": (lambda b: b.issue(), lambda b: b.issue(facts=OUT_IN_THE_WORLD)),
    "sender-domain": (
        lambda b: b.masthead(list_id="liste.anderswo.example.net"),
        lambda b: b.masthead(),
    ),
    "spf": (lambda b: b.told(spf="missing"), lambda b: b.told(spf="there")),
    "dkim": (lambda b: b.told(dkim="missing"), lambda b: b.told(dkim="there")),
    "dmarc": (lambda b: b.told(dmarc="twice"), lambda b: b.told()),
    # -- the mail that is made of it
    "unsubscribe": (lambda b: b.mail("unsubscribe", ""), lambda b: b.mail()),
    "size": (lambda b: b.mail(new=" " * 80_000), lambda b: b.mail()),
    "style-size": (
        lambda b: b.mail("</head>", f"<style>{'p{margin:0}' * 800}</style></head>"),
        lambda b: b.mail(),
    ),
    "left-over": (lambda b: b.mail(new="{{ content.title }}"), lambda b: b.mail()),
    "foreign-host": (
        lambda b: b.mail(new='<img src="https://pixel.tracker.example/x.gif">'),
        lambda b: b.mail(),
    ),
    "forbidden-element": (lambda b: b.mail(new="<iframe></iframe>"), lambda b: b.mail()),
    "headings": (lambda b: b.mail("h3", "h4"), lambda b: b.mail()),
    "mail-language": (lambda b: b.mail('lang="de"', ""), lambda b: b.mail()),
    "table-role": (
        lambda b: b.mail(new="<table><tr><td>x</td></tr></table>"),
        lambda b: b.mail(new="<table><tr><th>Jahr</th></tr></table>"),
    ),
    "spam-score": (
        lambda b: [*spam.findings(spam.Spam({"GTUBE": 1000.0, "MAILING_LIST_MULTI": -1.0}))],
        lambda b: [*spam.findings(spam.Spam({"HTML_MESSAGE": 0.9, "MAILING_LIST_MULTI": -1.0}))],
    ),
    "css-support": (
        lambda b: b.mail("<td", '<td style="display:flex"'),
        lambda b: b.mail("<td", '<td style="padding:0"'),
    ),
    "css-support-old": (
        lambda b: checks.check_issue(
            b.built[0], replace(b.built[1], now=NOW + timedelta(days=800))
        ),
        lambda b: checks.check_issue(*b.built),
    ),
    "contrast": (
        lambda b: b.mail(new='<p style="color:#999;background-color:#eee">schwach</p>'),
        lambda b: b.mail(new='<p style="color:#222;background-color:#eee">deutlich</p>'),
    ),
}


def real(content: IssueContent) -> IssueContent:
    """The same under names that somebody may own."""
    its, host = content.masthead, "cluster-newsletter.org"
    masthead = replace(
        its,
        sender_address=f"post@{host}",
        reply_to=f"post@{host}",
        list_id=f"liste.{host}",
        imprint=replace(its.imprint, email=f"post@{host}"),
        privacy_url=f"https://{host}/datenschutz",
        accessibility_url=f"https://{host}/barrierefreiheit",
    )
    return replace(content, masthead=masthead)


def test_each_check_is_tripped_and_is_not(bench: Bench) -> None:
    wrong = {name: why for name in sorted(ROWS) if (why := _wrong_with(name, bench))}
    assert wrong == {}


def _wrong_with(name: str, bench: Bench) -> str:
    trips, passes = ROWS[name]
    tripped = [each for each in trips(bench) if each.check == name]
    for each in tripped:
        if each.level not in NAMES[name]:
            return f"it is no {each.level}"
        if each.text != f"{each.wrong} {each.mend}".strip():
            return f"how to mend it is no part of „{each.text}“"
        if "{" in each.text and name not in {"placeholder", "left-over"}:
            return f"a fact is missing in „{each.text}“"
    if not tripped:
        return "nothing trips it"
    return "; ".join(each.text for each in passes(bench) if each.check == name)


def test_no_check_is_without_its_row_its_place_in_the_list_and_its_lines_to_read() -> None:
    assert set(ROWS) == set(NAMES) - ELSEWHERE
    assert _said_in_the_code() - {"field-length"} <= set(NAMES)
    documented = re.findall(r"^\| `([a-z-]+)` \| ([^|]+) \|", DOCUMENT.read_text(), re.MULTILINE)
    levels = {name: set(said.strip().split(", ")) for name, said in documented}
    assert len(levels) == len(documented)
    assert levels == {name: {each.value for each in said} for name, said in NAMES.items()}


def _said_in_the_code() -> set[str]:
    """The names that findings are made with."""
    names: set[str] = set()
    for file in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "found":
                first = node.args[0]
                names |= {str(first.value)} if isinstance(first, ast.Constant) else set()
    return names


@pytest.mark.parametrize(
    ("title", "body", "contradicts"),
    [
        ("Zehn Start-ups gesucht", "Gesucht werden zwölf Start-ups aus der Region.", True),
        ("Zehn Start-ups gesucht", "Gesucht werden zehn, davon zwei Start-ups je Land.", False),
        ("Drei Tage Licht", "An vier Tagen geht es um Licht, in zwei Wochen mehr.", False),
        ("Was zählt", "Drei Punkte zählen:\n\n- Licht\n- Luft", True),
        ("Was zählt", "Drei Punkte zählen:\n\n- Licht\n- Luft\n- Liebe", False),
        ("Was zählt", "So war es 2024:\n\n- Licht\n- Luft", False),
        ("Halle 4: 15 Prozent mehr", "In Halle 3 waren es 12 Prozent, 1.234 Gäste.", False),
    ],
)
def test_numbers_are_compared_with_what_they_count(
    title: str, body: str, contradicts: bool
) -> None:
    found = checks.check_item(replace(NEWS, title=title, body=body), FACTS)
    assert any(each.check == "numbers" for each in found) is contradicts


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("am Mittwoch, 16.12.2026", None),
        ("am Mi., 16.12.", None),
        ("am Montag, 16.12.", "Mittwoch"),
        ("on Monday, 16 March 2027", "Dienstag"),
        ("on Tuesday, March 16, 2027", None),
        ("bis 31. Februar 2027", "gibt es nicht"),
        ("am 29. Februar", "gibt es nicht"),
        ("von Montag bis 16. März", None),
        ("Version 2.3. und Nr. 4.5.2027.1", None),
        ("am 1. Mai und freitags", None),
    ],
)
def test_a_weekday_is_that_of_its_date(text: str, wrong: str | None) -> None:
    found = [f.text for f in checks.check_item(replace(NEWS, teaser=text), FACTS)]
    assert len(found) == bool(wrong)
    assert all(wrong in each for each in found if wrong)


def test_the_bytes_of_a_mail_are_counted_by_block_and_item_and_none_is_lost(bench: Bench) -> None:
    facts = bench.built[1]
    assert facts.edition
    html = (
        '<html><body><div class="x block-section"><h2>ä</h2>'
        '<table class="item-q1"><tr><td>eins<img src="x"><br></td></tr></table>'
        '<div class="item-q2 y"><p>zwei</div></div>\n<!-- <p> --><div class="block-footer">'
        "fuß</div></body></html>"
    )
    counted = checks.sizes(replace(facts.edition, html=html))
    assert sum(counted.values()) == len(html.encode())
    assert counted["footer"] == len('<div class="block-footer">fuß</div>'.encode())
    assert counted["q2"] == len('<div class="item-q2 y"><p>zwei</div>')
    assert list(counted.values()) == sorted(counted.values(), reverse=True)
