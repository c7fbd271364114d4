"""An issue as an editor assembles it: one item of each kind, or as many as a test wants."""

import hashlib
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bs4 import BeautifulSoup

from newsletter import rendering, templating
from newsletter.content import (
    Audience,
    Edition,
    Imprint,
    IssueContent,
    Item,
    Kind,
    Masthead,
    Origin,
    PictureUse,
    Section,
    Slot,
    When,
)

BERLIN = ZoneInfo("Europe/Berlin")
BASE = "https://newsletter.cluster.example"
BOTH = ("clusterplattform", "go-cluster")

LICHTWERK = Origin("Lichtwerk Musterhavel e. V.", ("DE-BB", "DE-BE"), "silver")
MINISTRY = Origin("Bundesministerium für Muster", is_cluster=False)
IMPRINT = Imprint(
    name="Geschäftsstelle Muster",
    address=("Musterstraße 12", "10623 Berlin"),
    representative="Kim Beispiel",
    email="info@cluster.example",
    phone="+49 30 5550100",
    authority="Im Auftrag eines Bundesministeriums",
    responsible="Kim Beispiel, Musterstraße 12, 10623 Berlin",
)


def masthead(slug: str = "clusterplattform", **changes: Any) -> Masthead:
    public = slug == "clusterplattform"
    it = Masthead(
        slug=slug,
        name="Clusterplattform Deutschland" if public else "go-cluster",
        audience=Audience.PUBLIC if public else Audience.MEMBERS,
        template=slug,
        sender_name="Clusterplattform Deutschland" if public else "go-cluster",
        sender_address=f"newsletter@{slug}.example",
        reply_to=f"redaktion@{slug}.example",
        list_id=f"{slug}.newsletter.example",
        imprint=IMPRINT,
        privacy_url=f"{BASE}/datenschutz",
        accessibility_url=f"{BASE}/barrierefreiheit",
        home_url=BASE,
        description="Der Newsletter der Cluster",
    )
    return replace(it, **changes)


def picture(name: str = "urkunde", **changes: Any) -> PictureUse:
    digest = hashlib.sha256(name.encode()).hexdigest()
    it = PictureUse(
        url=f"{BASE}/media/{name}.jpg",
        width=600,
        height=400,
        alt="Drei Personen halten eine Urkunde",
        credit="Lichtwerk/Kim Beispiel",
        sha256=digest,
    )
    return replace(it, **changes)


def news(number: int = 401, **changes: Any) -> Item:
    it = Item(
        reference=f"q{number}",
        revision=1,
        kind=Kind.NEWS,
        title=f"Lichtwerk {number}: Silber-Label erneut bestätigt",
        teaser="Positiv bewertet wurden die Betreuung der Mitglieder und die Strategie.",
        body="Hervorgehoben wurden:\n\n- die Betreuung,\n- die Strategie.",
        origin=LICHTWERK,
        link=f"https://lichtwerk.example/aktuelles/{number}",
    )
    return replace(it, **changes)


def event(number: int = 402, **changes: Any) -> Item:
    it = replace(
        news(number),
        kind=Kind.DATE,
        title="Fachtagung „Licht & Messen“",
        when=When(
            datetime(2027, 3, 16, 9, 30, tzinfo=BERLIN), datetime(2027, 3, 16, 17, 0, tzinfo=BERLIN)
        ),
        location="Alte Schleiferei, Musterhavel",
        online=True,
        register_by=datetime(2027, 3, 1, 23, 59, 59, tzinfo=BERLIN),
    )
    return replace(it, **changes)


def story(number: int = 403, **changes: Any) -> Item:
    it = replace(
        news(number),
        kind=Kind.SUCCESS_STORY,
        title="Greifer aus dem Schieferland füllt Joghurt",
        challenge="Glasbecher brechen.",
        solution="Ein Formgreifer mit Silikonfingern.",
        result="Bruchquote von 2,7 % auf 0,2 % gesenkt.",
    )
    return replace(it, **changes)


def issue(*items: Item, slug: str = "clusterplattform", **changes: Any) -> IssueContent:
    """All items in one section; without items, one of each kind in its own."""
    sections = (
        (Section("alles", "Aus den Clustern", items),)
        if items
        else (
            Section("cluster", "Aus den Clustern", (news(picture=picture()),)),
            Section("termine", "Termine", (event(),)),
            Section("erfolge", "Erfolgsgeschichten", (story(),)),
        )
    )
    it = IssueContent(
        issue_id=f"{slug}-2026-12",
        number="2026-12",
        subject="Neues aus den Clustern im Dezember",
        preheader="Eine Tagung, ein Label und ein Greifer",
        opening="mit dieser Ausgabe blicken wir auf ein Jahr mit vielen Begegnungen zurück.",
        sections=sections,
        masthead=masthead(slug),
    )
    return replace(it, **changes)


def rendered(*items: Item, slug: str = "clusterplattform", **changes: Any) -> Edition:
    return rendering.render(issue(*items, slug=slug, **changes), templating.folders(None))


def without_slots(part: str) -> str:
    for slot in Slot:
        part = part.replace(slot.marker, f"{BASE}/{slot.value}")
    return part


def words(html: str) -> str:
    """What a reader sees of HTML, on one line, no word divided."""
    body = BeautifulSoup(html, "html.parser").body
    assert body
    return " ".join(body.get_text(" ").replace("\u00ad", "").split())


def squeezed(text: str) -> str:
    """Without white space: where lines break does not matter."""
    return "".join(text.split())


def own_templates(folder: Path, **files: str) -> tuple[Path, ...]:
    """A home's template folder ``dritter`` before the shipped ones."""
    own = folder / "templates" / "dritter"
    own.mkdir(parents=True)
    for name, text in files.items():
        (own / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return templating.folders(folder)


TWO_DAYS = When(date(2027, 3, 16), date(2027, 3, 18))


def soup(html: str) -> BeautifulSoup:
    """HTML, to look things up in."""
    return BeautifulSoup(html, "html.parser")
