"""An issue's content becomes an edition: what readers see in both parts, in every program."""

import re
import subprocess
import sys
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter import rendering, templating
from newsletter.content import EventState, Item, Kind, Origin, Section, Slot, When
from newsletter.texts.characters import clean
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
    own_templates,
    picture,
    rendered,
    squeezed,
    story,
    without_slots,
    words,
)


def soup(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def of_item(html: str, reference: str) -> str:
    """What stands from an item's heading to the next heading of that level or above."""
    heading = soup(html).find(id=reference)
    assert isinstance(heading, Tag)
    rest = "".join(str(each) for each in heading.next_siblings)
    return str(heading) + re.split(r"<h[123]|<hr", rest)[0]


# -- the same items in both parts ---------------------------------------------------------


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
def test_both_parts_lead_to_the_same_addresses(slug: str) -> None:
    edition = rendered(*[news(n, picture=picture()) for n in range(401, 409)], slug=slug)
    in_html = {a["href"] for a in soup(edition.html).find_all("a")}
    in_text = set(
        re.findall(rf"^(?:https?://\S+|{Slot.UNSUBSCRIBE.marker})$", edition.text, re.MULTILINE)
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
    assert f'href="{Slot.UNSUBSCRIBE.marker}"' in edition.html
    assert f"\n{Slot.UNSUBSCRIBE.marker}\n" in edition.text
    for part in (edition.html, edition.text):
        assert part.count(Slot.SALUTATION.marker) == 1
        assert part.count(Slot.UNSUBSCRIBE.marker) == 1
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
    for part in (words(rendered(event()).html), rendered(event()).text):
        assert "Wo: Alte Schleiferei, Musterhavel und online" in part
        assert re.search(r"Anmeldung bis: Montag, 1. März 2027(?!,)", part)
    at_noon = event(register_by=at(2027, 3, 1, 12), location=None)
    assert "Wo: online" in rendered(at_noon).text
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


def test_a_cluster_is_named_with_land_and_label_and_a_source_by_its_name() -> None:
    edition = rendered(news(401), news(402, origin=MINISTRY))
    assert "Lichtwerk Musterhavel e. V. · Brandenburg, Berlin · Silber-Label" in edition.text
    assert "\nBundesministerium für Muster\n" in edition.text


def test_everybody_an_item_is_from_is_named() -> None:
    both = news(more_origins=(Origin("Ernährungsnetz Börderand", ("DE-ST",)),))
    assert "Silber-Label / Ernährungsnetz Börderand · Sachsen-Anhalt" in words(rendered(both).html)


# -- pictures -----------------------------------------------------------------------------


def test_a_picture_comes_with_size_alternative_text_and_credit() -> None:
    edition = rendered(news(picture=picture()))
    img = soup(edition.html).find("img")
    assert isinstance(img, Tag)
    assert (img["width"], img["height"]) == ("552", "368")  # 600 × 400, fitted into the column
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
    assert rendering.credit(picture(credit="© Agentur Muster")) == "© Agentur Muster"
    assert rendering.credit(picture(credit="Foto: Kim Beispiel")) == "Foto: Kim Beispiel"


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


# -- nothing that people type breaks an issue ---------------------------------------------

# What a cleaned text may hold; whether cleaning works is the texts room's business.
anything = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60).map(clean)
nasty = st.sampled_from(
    [
        "a < b & c > d",
        "<script>alert(1)</script>",
        "{{7*7}} {% raw %} {# #}",
        "</mj-text></mj-column><mj-foo>",
        "<!--[if mso]><b>",
        "<p>unclosed",
        "&lt;b&gt; &amp;amp; &#0;",
        "\"'`><img src=x onerror=alert(1)>",
        "]]> <![CDATA[ x ]]>",
        "C:\\neu\\u{e000}",
        "=?utf-8?q?=0D=0ABcc:?=",
        "👩‍💻 e\u0301 \u00ad ﷽",
        ".\r\n.",
    ]
).map(clean)
typed = st.one_of(nasty, anything)


@st.composite
def typed_items(draw: st.DrawFn) -> Item:
    return news(
        kind=draw(st.sampled_from(Kind)),
        title=draw(typed),
        teaser=draw(typed),
        body=draw(typed),
        link=draw(st.sampled_from([None, "https://x.example/?a=1&b=%22#c"])),
        origin=Origin(draw(typed), ("DE-XX",), draw(typed)),
        location=draw(typed),
        picture=picture(alt=draw(typed), credit=draw(typed)),
        challenge=draw(typed),
        solution=draw(typed),
        result=draw(typed),
        language=draw(st.sampled_from(["de", "en"])),
        when=draw(st.sampled_from([None, TWO_DAYS])),
    )


@settings(max_examples=120, deadline=None)
@given(typed_items(), typed, typed)
def test_whatever_is_typed_is_rendered_and_stands_there_literally(
    item: Item, subject: str, preheader: str
) -> None:
    edition = rendered(item, subject=subject, preheader=preheader)
    html, text = squeezed(words(edition.html)), squeezed(edition.text)
    for said in (item.title, item.teaser, item.origin.name, item.location, item.challenge):
        assert squeezed(said or "") in html
        assert squeezed(said or "") in text
    assert squeezed(preheader) in html
    document = soup(edition.html)
    img = document.find("img")
    assert isinstance(img, Tag)
    assert squeezed(str(img["alt"])) == squeezed(item.picture.alt if item.picture else "")
    assert isinstance(document.title, Tag)
    assert squeezed(document.title.get_text()) == squeezed(subject)
    assert not document.find_all(["script", "mj-foo", "b", "iframe", "form", "object"])
    assert not [each for each in document.find_all(True) if "onerror" in each.attrs]
    assert len(document.find_all("img")) == 1


@pytest.mark.parametrize("slot", Slot)
def test_nobody_can_type_a_slot(slot: Slot) -> None:
    forged = f"Titel {slot.marker}"
    edition = rendered(news(title=forged, teaser=forged, body=forged, link=None), opening=forged)
    assert edition.html.count(slot.marker) == 1
    assert edition.text.count(slot.marker) == 1


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


# -- every mail program, every eye --------------------------------------------------------

COLOUR = re.compile(r"(?<![-\w])color:\s*#([0-9a-f]{6})", re.IGNORECASE)
GROUND = re.compile(r"background(?:-color)?:\s*#([0-9a-f]{6})", re.IGNORECASE)


def contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        parts = (int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4))
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def worst_contrast(html: str) -> float:
    """Of all text, from inline styles alone: that is all GMX and WEB.DE leave (TR-09)."""
    document = soup(re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL))
    worst = 21.0
    for words_ in document.body.find_all(string=True):  # type: ignore[union-attr]
        if type(words_) is not next(iter(document.title.strings)).__class__ or not words_.strip():  # type: ignore[union-attr]
            continue
        styles = [str(each.get("style", "")) for each in words_.parents]
        ink = next(m[1] for style in styles if (m := COLOUR.search(style)))
        ground = next(m[1] for style in styles if (m := GROUND.search(style)))
        worst = min(worst, contrast(ink, ground))
    return worst


def in_the_dark(html: str) -> str:
    """The page as a program shows it that honours prefers-color-scheme."""
    rules = re.search(r"@media \(prefers-color-scheme: ?dark\) ?\{(.*?\})\s*\}", html, re.DOTALL)
    assert rules
    document = soup(html)
    for selectors, declared in re.findall(r"([^{}]+)\{([^{}]*)\}", rules[1]):
        plain = declared.replace("!important", "").strip()
        for found in document.select(selectors.strip()):
            found["style"] = f"{plain};{found.get('style', '')}"
    return str(document)


@pytest.mark.parametrize("slug", BOTH)
def test_text_can_be_read_in_light_and_in_the_dark(slug: str) -> None:
    html = rendered(
        *[news(n, picture=picture()) for n in range(401, 407)], event(), story(), slug=slug
    ).html
    assert worst_contrast(html) >= 4.5
    assert worst_contrast(in_the_dark(html)) >= 4.5
    assert in_the_dark(html) != html


@pytest.mark.parametrize("slug", BOTH)
def test_the_look_does_not_hang_on_style_sheets(slug: str) -> None:
    html = re.sub(r"<style.*?</style>", "", rendered(slug=slug).html, flags=re.DOTALL)
    document = soup(html)
    for link in document.find_all("a"):
        assert "color:" in link["style"]
        assert "underline" in link["style"]
    for heading in document.find_all(["h1", "h3"]):
        assert "font-size" in heading["style"]
    assert "font-family:Arial" in html
    assert re.search(r"<td[^>]*padding: ?0 24px", html)


def test_no_text_is_smaller_than_fourteen_pixels() -> None:
    html = rendered(news(picture=picture()), event(), story()).html
    sizes = {int(size) for size in re.findall(r"font-size:\s*(\d+)px", html)}
    assert {size for size in sizes if size > 1} <= {14, 16, 18, 19, 20, 28}  # 0, 1: MJML's gaps


@pytest.mark.parametrize("slug", BOTH)
def test_headings_go_down_one_step_at_a_time(slug: str) -> None:
    body = "# Erstens\n\nText\n\n## Zweitens\n\nText"
    items = [news(n, link=None, body=body) for n in range(401, 408)]
    html = rendered(*items, story(420), slug=slug, opening=f"{body}").html
    levels = [int(each.name[1]) for each in soup(html).find_all(re.compile(r"^h[1-6]$"))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


@pytest.mark.parametrize("slug", BOTH)
def test_the_mail_is_made_of_what_mail_programs_know(slug: str) -> None:
    html = rendered(slug=slug).html
    document = soup(html)
    for table in document.find_all("table"):
        assert table["role"] == "presentation"
    for forbidden in (
        "script",
        "form",
        "iframe",
        "object",
        "embed",
        "video",
        "base",
        "link",
        "svg",
    ):
        assert not document.find(forbidden)
    assert "@import" not in html
    for style in document.find_all("style"):
        assert len(style.get_text().encode()) <= 8_192
    assert not re.search(r"\{\{|\{%|TODO|lorem|href=\"#\"", html, re.IGNORECASE)
    assert not re.search(r"display: ?none|visibility: ?hidden", html)  # PR-07: nothing hidden


@pytest.mark.parametrize("slug", BOTH)
def test_nothing_is_fetched_from_strangers(slug: str) -> None:
    html = rendered(*[news(n, picture=picture()) for n in (401, 402)], slug=slug).html
    addresses = re.findall(
        r"(?:https?:)?//([^/\"'\s<>)]+)", re.sub(r'xmlns[:\w]*="[^"]*"', "", html)
    )
    assert set(addresses) == {"newsletter.cluster.example", "lichtwerk.example"}
    assert {img["src"] for img in soup(html).find_all("img")} == {f"{BASE}/media/urkunde.jpg"}


def test_twenty_items_with_pictures_stay_below_what_gmail_cuts_off() -> None:
    teaser = "Positiv bewertet wurden Betreuung, Strategie und das Angebot. " * 9
    items = [news(n, picture=picture(), teaser=teaser) for n in range(401, 417)]
    html = rendered(*items, event(420), event(421), story(422), story(423)).html
    assert len(html.encode()) <= 80 * 1024


# -- templates ----------------------------------------------------------------------------


def test_a_third_newsletter_needs_only_a_folder_of_its_own(tmp_path: Path) -> None:
    where = own_templates(
        tmp_path,
        issue_mjml='{% extends "blocks/issue.mjml" %}'
        '{% from "go-cluster/theme.mjml" import light, dark %}'
        "{% block masthead %}<mj-section><mj-column><mj-text><h1>{{ masthead.name }}</h1>"
        "</mj-text></mj-column></mj-section>{% endblock %}",
        issue_txt='{% extends "blocks/issue.txt" %}',
    )
    content = issue(news(), masthead=masthead(template="dritter", name="Der dritte Newsletter"))
    edition = rendering.render(content, where)
    assert "Der dritte Newsletter" in words(edition.html)
    assert "Der dritte Newsletter, Ausgabe Dezember 2026" in edition.text


@pytest.mark.parametrize(
    ("mjml", "what"),
    [
        ("<mjml><mj-body><mj-foo>x</mj-foo></mj-body></mjml>", "mj-foo"),
        ("<mjml><mj-body><mj-hero>x</mj-hero></mj-body></mjml>", "mj-hero"),
        ('<mjml><mj-body><mj-image src="x" /></mj-body></mjml>', "alt"),
        ("<mjml><mj-body>{{ nichts }}</mj-body></mjml>", "nichts"),
        ("<mjml><mj-body>{% if %}</mj-body></mjml>", "Expected"),
        ("<mjml><mj-body>", "dritter/issue.mjml"),
    ],
)
def test_a_broken_template_is_named_with_its_fault(mjml: str, what: str, tmp_path: Path) -> None:
    where = own_templates(tmp_path, issue_mjml=mjml, issue_txt="")
    with pytest.raises(templating.BrokenTemplate, match=what):
        rendering.render(issue(masthead=masthead(template="dritter")), where)


def test_a_missing_template_folder_is_named() -> None:
    content = issue(masthead=masthead(template="gibt-es-nicht"))
    with pytest.raises(templating.BrokenTemplate, match="gibt-es-nicht"):
        rendering.render(content, templating.folders(None))
