"""An issue rendered: its facts in both parts, in German and in English."""

import re
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from bs4 import Tag

from newsletter import rendering
from newsletter.content import EventState, Origin, Section, Slot, When
from newsletter.rendering import said
from tests.rendering_situations import (
    BASE,
    BERLIN,
    BOTH,
    IMPRINT,
    MINISTRY,
    TWO_DAYS,
    event,
    issue,
    masthead,
    news,
    picture,
    rendered,
    soup,
    squeezed,
    story,
    without_slots,
    words,
)


def of_item(html: str, reference: str) -> str:
    """What stands of an item."""
    (whole,) = soup(html).select(f".item-{reference}")
    return str(whole)


# -- the same items in both parts ---------------------------------------------------------

OWN_LINKS = (Slot.UNSUBSCRIBE.marker, Slot.PREFERENCES.marker)


@pytest.mark.parametrize("slug", BOTH)
def test_every_item_stands_once_in_both_parts(slug: str) -> None:
    items = [news(401), event(402), story(403), news(404), news(405)]
    edition = rendered(*items, slug=slug)
    assert len(soup(edition.html).find_all("h3")) == len(items)
    for item in items:
        assert soup(edition.html).find(id=item.reference)
        assert words(edition.html).count(item.title) == 2  # heading and link
        assert squeezed(edition.text).count(squeezed(item.title)) == 2


@pytest.mark.parametrize("slug", BOTH)
def test_all_of_an_item_and_nothing_else_stands_in_one_element(slug: str) -> None:
    items = [news(401, picture=picture()), event(402), story(403)]
    html = rendered(*items, slug=slug).html
    for item in items:
        whole = of_item(html, item.reference)
        assert f'id="{item.reference}"' in whole
        assert item.title in " ".join(soup(whole).get_text(" ").split())
        assert item.teaser in " ".join(soup(whole).get_text(" ").split())
        assert all(other.title not in whole for other in items if other is not item)
    for block in ("masthead", "opening", "section", "footer"):
        assert soup(html).select(f".block-{block}"), block


@pytest.mark.parametrize("slug", BOTH)
def test_both_parts_lead_to_the_same_addresses(slug: str) -> None:
    edition = rendered(*[news(n, picture=picture()) for n in range(401, 409)], slug=slug)
    in_html = {a["href"] for a in soup(edition.html).find_all("a")}
    in_text = set(
        re.findall(rf"^(?:https?://\S+|{'|'.join(OWN_LINKS)})$", edition.text, re.MULTILINE)
    )
    assert {href for href in in_html if not href.startswith("#")} == in_text


def test_the_text_part_has_short_lines_and_each_address_alone_on_its_own() -> None:
    long_link = "https://lichtwerk.example/" + "sehr-langer-pfad/" * 9
    item = news(
        link=None, body=f"Mehr im [Blog]({long_link}) und dann weiter.", teaser="Wort " * 99
    )
    text = without_slots(rendered(item, event(), story()).text)
    for line in text.splitlines():
        assert len(line) <= 76 or re.fullmatch(r"https?://\S+", line)
        assert "://" not in line or re.fullmatch(r"https?://\S+", line)
    assert long_link in text.splitlines()


@pytest.mark.parametrize("slug", BOTH)
def test_the_imprint_stands_in_full_in_both_parts(slug: str) -> None:
    edition = rendered(slug=slug)
    for line in IMPRINT.lines():
        assert line in words(edition.html)
        assert squeezed(line) in squeezed(edition.text)


def test_a_masthead_without_privacy_address_prints_no_empty_link() -> None:
    edition = rendered(masthead=masthead(privacy_url="", accessibility_url=""))
    assert 'href=""' not in edition.html
    assert "Datenschutz" not in edition.html + edition.text


@pytest.mark.parametrize("slug", BOTH)
def test_a_reader_finds_salutation_and_way_out_in_both_parts(slug: str) -> None:
    edition = rendered(slug=slug)
    for own in OWN_LINKS:
        assert f'href="{own}"' in edition.html
        assert f"\n{own}\n" in edition.text
    for part in (edition.html, edition.text):
        assert [part.count(slot.marker) for slot in Slot] == [1, 1, 1]
        assert not re.search("[\ue000-\uf8ff]", without_slots(part))


def test_only_the_public_newsletter_invites_to_subscribe() -> None:
    assert f"{BASE}/subscribe" in rendered(slug="clusterplattform").text
    assert "/subscribe" not in rendered(slug="go-cluster").html


def test_a_link_says_where_it_leads() -> None:
    for a in soup(rendered().html).find_all("a"):
        assert len(a.get_text(strip=True)) > 10
    assert "Mehr: Fachtagung „Licht & Messen“" in words(rendered(event()).html)


def test_a_whole_text_is_printed_only_where_no_link_leads_to_it() -> None:
    linked, alone = rendered(news()), rendered(news(link=None))
    assert "Hervorgehoben" not in linked.html + linked.text
    assert "<li" in of_item(alone.html, "q401")
    assert "- die Strategie." in alone.text


def test_a_text_that_repeats_the_teaser_is_printed_once() -> None:
    edition = rendered(news(link=None, teaser="Nur ein Satz.", body="Nur ein Satz.\n"))
    assert words(edition.html).count("Nur ein Satz.") == 1
    assert edition.text.count("Nur ein Satz.") == 1


def test_a_long_issue_opens_with_its_contents() -> None:
    six = rendered(*[news(n) for n in range(401, 407)])
    assert soup(six.html).find("a", href="#q404")
    assert "In dieser Ausgabe" in six.text
    five = rendered(*[news(n) for n in range(401, 406)])
    assert "In dieser Ausgabe" not in five.html + five.text


def test_a_section_without_items_is_not_shown() -> None:
    edition = rendered(sections=(*issue().sections, Section("leer", "Leere Rubrik", ())))
    assert "Leere Rubrik" not in edition.html + edition.text


def test_pictures_are_named_in_the_edition_in_reading_order() -> None:
    first, second = picture("erstes"), picture("zweites")
    edition = rendered(news(401, picture=first), news(402), news(403, picture=second))
    assert edition.pictures == (first.sha256, second.sha256)


# -- facts in German ----------------------------------------------------------------------


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=BERLIN)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("when", "said"),
    [
        (When(at(2027, 3, 16, 9, 30)), "Dienstag, 16. März 2027, 9:30 Uhr"),
        (
            When(at(2027, 3, 16, 9, 30), at(2027, 3, 16, 17)),
            "Dienstag, 16. März 2027, 9:30 bis 17:00 Uhr",
        ),
        (
            When(at(2027, 3, 16, 9, 30), at(2027, 3, 17, 16)),
            "Dienstag, 16. März 2027, 9:30 Uhr, bis Mittwoch, 17. März 2027, 16:00 Uhr",
        ),
        # 23:30 UTC is the next day in Berlin, summer and winter.
        (When(datetime(2027, 7, 1, 23, 30, tzinfo=UTC)), "Freitag, 2. Juli 2027, 1:30 Uhr"),
        (When(datetime(2027, 1, 1, 23, 30, tzinfo=UTC)), "Samstag, 2. Januar 2027, 0:30 Uhr"),
        # The day of the change: 1:30 UTC is 3:30 in summer time.
        (When(datetime(2027, 3, 28, 1, 30, tzinfo=UTC)), "Sonntag, 28. März 2027, 3:30 Uhr"),
        (When(date(2027, 3, 16)), "Dienstag, 16. März 2027 (ganztägig)"),
        (When(date(2027, 3, 16), date(2027, 3, 16)), "Dienstag, 16. März 2027 (ganztägig)"),
        (TWO_DAYS, "Dienstag, 16. bis Donnerstag, 18. März 2027"),
        (
            When(date(2027, 3, 30), date(2027, 4, 1)),
            "Dienstag, 30. März bis Donnerstag, 1. April 2027",
        ),
        (
            When(date(2027, 12, 31), date(2028, 1, 1)),
            "Freitag, 31. Dezember 2027 bis Samstag, 1. Januar 2028",
        ),
    ],
)
def test_a_date_is_said_as_one_says_it(when: When, said: str) -> None:
    assert rendering.span(when) == said
    edition = rendered(event(when=when))
    assert f"Wann: {said}" in words(edition.html)
    assert squeezed(f"Wann: {said}") in squeezed(edition.text)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("2026-12", "Ausgabe Dezember 2026"),
        ("2026-03-s1", "Sonderausgabe März 2026"),
        ("2026-03-s2", "Sonderausgabe März 2026 (2)"),
        ("2026-13", "Ausgabe 2026-13"),
        ("17", "Ausgabe 17"),
    ],
)
def test_an_issue_is_called_by_its_month(number: str, said: str) -> None:
    edition = rendered(number=number)
    assert said in words(edition.html)
    assert said in edition.text


def test_a_date_shows_place_and_deadline() -> None:
    for part in (words(rendered(event()).html), " ".join(rendered(event()).text.split())):
        assert "Wo: Alte Schleiferei, Musterhavel und online" in part
        assert re.search(r"Anmeldung bis: Montag, 1. März 2027(?!,)", part)
    at_noon = event(register_by=at(2027, 3, 1, 12), location=None)
    assert "Wo:            online\n" in rendered(at_noon).text
    assert "Montag, 1. März 2027, 12:00 Uhr" in rendered(at_noon).text


@pytest.mark.parametrize(
    ("state", "before", "sentence"),
    [
        (EventState.CANCELLED, "Abgesagt: ", "Dieser Termin ist abgesagt."),
        (EventState.POSTPONED, "Verschoben: ", "Dieser Termin ist verschoben."),
    ],
)
def test_a_date_that_does_not_take_place_says_so(
    state: EventState, before: str, sentence: str
) -> None:
    edition = rendered(event(event_state=state))
    for part in (words(edition.html), edition.text):
        assert f"{before}Fachtagung" in part
        assert sentence in part
    assert ("Anmeldung bis" in edition.text) is (state is EventState.POSTPONED)


def test_a_story_shows_the_boxes_that_were_filled_in() -> None:
    edition = rendered(story(solution="  ", result=None))
    for part in (words(edition.html), edition.text):
        assert "Herausforderung" in part
        assert "Lösung" not in part
        assert "Ergebnis" not in part


@pytest.mark.parametrize(
    ("typed", "words_", "speaker"),
    [
        ("Das hilft uns.", "„Das hilft uns.“", ""),
        ("„Das hilft uns.“ Kim Beispiel, Leitung", "„Das hilft uns.“", "Kim Beispiel, Leitung"),
        ('"Das hilft uns", sagt Kim Beispiel', "„Das hilft uns“", "sagt Kim Beispiel"),
        ("Das hilft uns. – Kim Beispiel", "„Das hilft uns.“", "Kim Beispiel"),
        ("Das „hilft“ uns – sehr", "Das „hilft“ uns – sehr", ""),
        ("Wir sagen - und das hilft.", "„Wir sagen – und das hilft.“", ""),
    ],
)
def test_a_quote_stands_out_with_its_speaker(typed: str, words_: str, speaker: str) -> None:
    edition = rendered(story(quote=typed))
    (quote,) = soup(edition.html).select("blockquote")
    assert squeezed(quote.get_text()) == squeezed(words_)
    after = quote.find_next_sibling("p")
    assert (after.get_text(strip=True) if after else "") == speaker
    assert f"    {words_}\n" + (f"    {speaker}\n" if speaker else "") in edition.text
    assert "“That helps.”" in rendered(story(quote="That helps.", language="en")).text


def test_a_cluster_is_named_with_land_and_label_and_a_source_by_its_name() -> None:
    edition = rendered(news(401), news(402, origin=MINISTRY))
    assert "Lichtwerk Musterhavel e. V. · Brandenburg, Berlin · Silber-Label" in edition.text
    assert "\nBundesministerium für Muster\n" in edition.text


def test_everybody_an_item_is_from_is_named() -> None:
    both = news(more_origins=(Origin("Ernährungsnetz Börderand", ("DE-ST",)),))
    assert "Silber-Label / Ernährungsnetz Börderand · Sachsen-Anhalt" in words(rendered(both).html)


# -- pictures -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slug", "size"), [("clusterplattform", ("600", "400")), ("go-cluster", ("176", "117"))]
)
def test_a_picture_comes_with_size_alternative_text_and_credit(
    slug: str, size: tuple[str, str]
) -> None:
    edition = rendered(news(picture=picture()), slug=slug)
    title, img = soup(edition.html).find_all(["h3", "img"])  # heard in this order
    assert title.name == "h3"
    assert (img["width"], img["height"]) == size
    assert img["alt"] == "Drei Personen halten eine Urkunde"
    assert "© Lichtwerk/Kim Beispiel" in words(edition.html)
    assert "Bild: Drei Personen halten eine Urkunde (© Lichtwerk/Kim Beispiel)" in edition.text


def test_a_small_picture_is_not_blown_up() -> None:
    img = soup(rendered(news(picture=picture(width=200, height=100))).html).find("img")
    assert isinstance(img, Tag)
    assert (img["width"], img["height"]) == ("200", "100")
    assert "max-width:200px" in str(img["style"]).replace(" ", "")


@pytest.mark.parametrize("changes", [{"decorative": True}, {"alt": None}, {"alt": ""}])
def test_a_picture_without_words_is_silent(changes: dict[str, object]) -> None:
    edition = rendered(news(picture=picture(**changes)))
    img = soup(edition.html).find("img")
    assert isinstance(img, Tag)
    assert img["alt"] == ""
    assert "Bild: © Lichtwerk/Kim Beispiel" in edition.text
    assert "Bild:" not in rendered(news(picture=picture(alt=None, credit=None))).text


def test_a_credit_that_already_says_what_it_is_stays() -> None:
    assert rendering.credit(picture(credit="© Agentur Muster")) == "©\xa0Agentur Muster"
    assert rendering.credit(picture(credit="Foto: Kim Beispiel")) == "Foto: Kim Beispiel"


def test_no_line_ends_between_a_sign_and_its_name() -> None:
    for length in range(30, 60):
        edition = rendered(news(picture=picture(alt="x" * length, credit="Muster")))
        assert re.search("[(]© Muster[)]", edition.text)
        assert "Musterhavel e.\xa0V.\xa0· Brandenburg, Berlin\xa0· " in soup(edition.html).text


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        (date(2027, 3, 16), None, ("März", "16", "Di")),
        (date(2027, 9, 7), date(2027, 9, 8), ("Sep.", "7–8", "Di–Mi")),
        (date(2027, 11, 30), date(2027, 12, 2), ("Nov.", "30", "bis 2. Dez.")),
        (date(2027, 2, 28), date(2027, 10, 1), ("Februar", "28", "bis 1. Oktober")),
    ],
)
def test_a_date_fits_on_its_leaf(first: date, last: date | None, shown: tuple[str, ...]) -> None:
    leaf = said.leaf(When(first, last))
    assert (leaf.month, leaf.day, leaf.weekday) == shown


# -- languages ----------------------------------------------------------------------------


def test_english_words_are_marked_as_english_and_ours_are_not() -> None:
    item = news(
        language="en",
        title="AeroKontor joins Nordic network",
        teaser="A test protocol.",
        link="https://a.example/",
    )
    html = soup(rendered(item, event()).html)
    heading = html.find(id="q401")
    assert isinstance(heading, Tag)
    english = [each.get_text() for each in html.find_all(lang="en")]
    assert "AeroKontor joins Nordic network" in english
    assert any("A test protocol." in each for each in english)
    assert not any("Mehr:" in each or "Fachtagung" in each for each in english)


def test_the_language_stands_on_the_document_and_again_inside_the_body() -> None:
    html = soup(rendered().html)
    assert isinstance(html.html, Tag)
    assert isinstance(html.body, Tag)
    assert html.html["lang"] == "de"
    assert html.html["dir"] == "ltr"
    child = html.body.find(True, recursive=False)
    assert isinstance(child, Tag)
    assert child["lang"] == "de"
    assert isinstance(html.title, Tag)
    assert html.title.get_text() == "Neues aus den Clustern im Dezember"


# -- the same content, the same bytes -----------------------------------------------------


def test_the_same_content_gives_the_same_bytes_in_another_process() -> None:
    program = (
        "from tests.rendering_situations import rendered\n"
        "from newsletter.content import content_hash\n"
        "print(content_hash([rendered()]))"
    )
    root = Path(__file__).parent.parent
    seen = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(root), "TZ": zone},
            cwd=root,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "America/Lima"))
    }
    assert len(seen) == 1
