"""An issue rendered: nothing breaks it, and every mail program can show it."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from bs4 import Tag
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter import rendering, templating
from newsletter.content import Callout, Corrected, Item, Kind, Logo, Origin, Slot
from newsletter.texts.characters import clean
from tests.rendering_situations import (
    BASE,
    BOTH,
    TWO_DAYS,
    event,
    issue,
    masthead,
    news,
    own_templates,
    picture,
    rendered,
    soup,
    squeezed,
    story,
    words,
)

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
        quote=draw(typed),
        language=draw(st.sampled_from(["de", "en"])),
        when=draw(st.sampled_from([None, TWO_DAYS])),
    )


@settings(max_examples=120, deadline=None)
@given(typed_items(), typed, typed)
def test_whatever_is_typed_is_rendered_and_stands_there_literally(
    item: Item, subject: str, preheader: str
) -> None:
    as_typed = masthead(typography=False)
    edition = rendered(item, subject=subject, preheader=preheader, masthead=as_typed)
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
    honest = rendered()
    assert edition.html.count(slot.marker) == honest.html.count(slot.marker)
    assert edition.text.count(slot.marker) == honest.text.count(slot.marker)


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


def everything(slug: str) -> str:
    """An issue with every block that there is."""
    items = [news(n, picture=picture() if n % 2 else None) for n in range(401, 407)]
    dates = [event(calendar_url=f"{BASE}/dates/1.ics", picture=picture()), event(409)]
    content = issue(
        *items,
        *dates,
        story(quote="„Das hilft.“ Kim Beispiel"),
        slug=slug,
        read_url=f"{BASE}/read/x",
        dates_url=f"{BASE}/archive/x/dates.ics",
        calendar_url=f"{BASE}/archive/x/calendar.ics",
        corrects=Corrected("2026-11", None, "Der Ort war falsch."),
        logos=(Logo(f"{BASE}/logos/x/m.png", 160, 40, "Ein Ministerium", "", "0" * 64),),
        masthead=masthead(slug, callout=Callout("", "", "", f"{BASE}/submit")),
    )
    html = rendering.render(content, templating.folders(None)).html
    shown = {it for tag in soup(html).find_all(class_=True) for it in tag["class"]}
    assert shown >= {f"block-{name}" for name in BLOCKS}
    return html


BLOCKS = (
    *("preheader", "masthead", "correction", "opening", "contents", "section", "calendar"),
    *("callout", "logos", "footer"),
)


@pytest.mark.parametrize("slug", BOTH)
def test_text_can_be_read_in_light_and_in_the_dark(slug: str) -> None:
    html = everything(slug)
    assert worst_contrast(html) >= 4.5
    assert worst_contrast(in_the_dark(html)) >= 4.5
    assert in_the_dark(html) != html


def declared(tag: Tag) -> dict[str, str]:
    """An element's own style."""
    pairs = (part.partition(":") for part in str(tag.get("style", "")).split(";") if part)
    return {name.strip(): value.strip() for name, _colon, value in pairs}


@pytest.mark.parametrize("slug", BOTH)
def test_the_look_does_not_hang_on_style_sheets(slug: str) -> None:
    html = everything(slug)
    sheet = '<!--[if mso]><style type="text/css">td,p,div,li,h1,h2,h3,h4{'
    assert f"{sheet}mso-line-height-rule:exactly;}}" in html  # nobody but Word knows it
    html = re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL)
    document = soup(html)
    for link in document.find_all("a"):
        assert "color:" in link["style"]
        assert "underline" in link["style"] or "button" in link.parent["class"]
    for heading in document.find_all(["h1", "h2", "h3", "h4"]):
        assert {"margin", "font-size", "line-height"} <= set(declared(heading))
    for cell in document.select("td.text"):
        assert {"font-family", "font-size", "line-height", "color"} <= set(declared(cell))
    for block, ground in ((".button", "background-color"), (".tint", "background-color")):
        assert document.select(block)
        for each in document.select(block):
            assert {ground, "background"} & set(declared(each))
    for cell in document.select(".pad, .box, .button"):
        assert declared(cell)["padding"]
    for side in document.select("td.side"):
        assert "24px" in declared(side)["padding"]


def test_no_text_is_smaller_than_fourteen_pixels() -> None:
    html = rendered(news(picture=picture()), event(), story()).html
    sizes = {int(size) for size in re.findall(r"font-size:\s*(\d+)px", html)}
    assert min(size for size in sizes if size > 1) == 14  # 0, 1: MJML's gaps


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


@pytest.mark.parametrize("slug", BOTH)
def test_twenty_long_items_with_pictures_stay_below_what_gmail_cuts_off(slug: str) -> None:
    teaser = ("Positiv bewertet wurden Betreuung, Strategie und das Angebot. " * 10)[:600]
    items = [
        *(news(n, picture=picture(), teaser=teaser) for n in range(401, 413)),
        *(event(n, teaser=teaser, calendar_url=f"{BASE}/dates/{n}.ics") for n in range(413, 418)),
        *(story(n, picture=picture(), teaser=teaser) for n in range(418, 421)),
    ]
    urls = ("dates_url", "calendar_url", "read_url")
    more = {name: f"{BASE}/archive/{slug}/2026-12/{name}" for name in urls}
    asks = Callout("", "", "", f"{BASE}/submit")
    edition = rendered(*items, slug=slug, masthead=masthead(slug, callout=asks), **more)
    assert len(edition.html.encode()) <= 80_000


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
        (
            '<mjml><mj-body><mj-section><mj-column><mj-image src="x" />'
            "</mj-column></mj-section></mj-body></mjml>",
            "alt",
        ),
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
