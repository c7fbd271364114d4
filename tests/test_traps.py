"""The traps of this very stack (STANDARDS §0), each once met and never again.

Of every trap the test shows our way past it; where it is short, also that the trap is still
there, so that a library's cure is noticed. TR-08 (DKIM) and TR-22 (iCalendar) come with their
rooms. TR-24 was found here.
"""

import email
import email.policy
import importlib.metadata
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from pathlib import Path

import mjml
import pytest
from bs4 import BeautifulSoup, Tag
from jinja2 import select_autoescape

from newsletter import letters, rendering, templating, texts
from newsletter.content import Slot
from newsletter.dispatch.message import (
    Envelope,
    Mailing,
    Message,
    Recipient,
    Uncomposable,
    compose,
    compose_letter,
    lint,
)
from newsletter.rendering import grammar
from newsletter.settings import Settings
from subscribers import addresses
from subscribers.errors import NotAnAddress
from tests.rendering_situations import (
    BOTH,
    event,
    issue,
    masthead,
    news,
    own_templates,
    picture,
    rendered,
    story,
    words,
)

WHEN = datetime(2026, 12, 15, 9, 0, tzinfo=UTC)
ENVELOPE = Envelope("rueckweg@cluster.example", "d17.4f2a@cluster.example", WHEN)
MAILING = Mailing("redaktion@cluster.example", "Clusterplattform Deutschland")
LONG_WAY_OUT = "https://newsletter.cluster.example/unsubscribe/" + "v1.k." + "Ab9_" * 21
ADA = Recipient("ada@leser.example", None, "Guten Tag,", LONG_WAY_OUT, "https://n.example/p")
CONTROLS = [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029]


def copy(**changes: str) -> Message:
    """A copy of an issue for Ada, with another subject or other facts of hers."""
    edition = rendered()
    if "subject" in changes:
        edition = replace(edition, subject=changes.pop("subject"))
    return compose(edition, replace(ADA, **changes), ENVELOPE, MAILING)  # type: ignore[arg-type]


def soup(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


# -- composing ----------------------------------------------------------------------------


def test_tr01_a_long_way_out_is_never_turned_into_encoded_words() -> None:
    trapped = EmailMessage(policy=email.policy.SMTP)
    trapped["List-Unsubscribe"] = f"<{LONG_WAY_OUT}>"
    assert b"=?utf-8?q?" in trapped.as_bytes()
    head = copy().data.split(b"\r\n\r\n")[0]
    for line in head.split(b"\r\n"):
        if line.startswith((b"List-", b"Message-ID", b"Feedback-ID")):
            assert b"=?" not in line
    assert f"\r\nList-Unsubscribe: <{LONG_WAY_OUT}>\r\n".encode() in head


def test_tr02_the_subject_that_lost_its_end_arrives_whole() -> None:
    subject = "Newsletter der Cluster – Ausgabe März 2026 für Förderpartner"
    raw = email.message_from_bytes(copy(subject=subject).data)["Subject"]
    assert str(make_header(decode_header(raw))) == subject
    with pytest.raises(Uncomposable):
        lint(copy().data.replace(b"Subject: ", b"Subject: 2026 f=?utf-8?q?=C3=BC", 1))


def test_tr03_no_encoded_word_is_longer_than_75() -> None:
    subject = "Fördermittel für Übergrößen, Prüfverfahren, Höchstsätze und Gästehäuser " * 2
    raw = copy(subject=subject).data.split(b"Subject: ")[1].split(b"\r\nList-Id")[0]
    for word in re.findall(rb"=\?\S+\?=", raw):
        assert len(word) <= 75
    assert all(len(line) <= 76 for line in raw.split(b"\r\n"))


@pytest.mark.parametrize("address", ["müller@leser.example", "info@müller.example"])
def test_tr04_an_address_beyond_ascii_never_reaches_a_header(address: str) -> None:
    trapped = EmailMessage(policy=email.policy.SMTP)
    trapped["To"] = address
    assert b"=?utf-8?q?" in trapped.as_bytes()
    with pytest.raises(Uncomposable):
        copy(address=address)
    with pytest.raises(Uncomposable):
        compose_letter(
            sender="wir <newsletter@cluster.example>",
            to=address,
            subject="x",
            text="x",
            html="x",
            envelope=ENVELOPE,
        )


def test_tr05_a_message_id_names_our_domain_and_not_our_machine(settings: Settings) -> None:
    domain = letters.sender_of(settings, "clusterplattform").sender_address.split("@")[1]
    made = {letters.message_id(settings, "clusterplattform", "letter") for _ in range(50)}
    assert len(made) == 50
    assert {each.split("@")[1] for each in made} == {domain}


@pytest.mark.parametrize("code", CONTROLS)
def test_tr06_no_control_character_reaches_a_header(code: int) -> None:
    for subject in (f"Titel{chr(code)}Bcc: x@y.example", f"Titel{chr(code)} Bcc : x@y.example"):
        with pytest.raises(Uncomposable):
            copy(subject=subject)
    with pytest.raises(Uncomposable):
        copy(salutation=f"Guten Tag{chr(code)}")
    with pytest.raises(Uncomposable):
        copy(unsubscribe_url=f"https://newsletter.cluster.example/{chr(code)}")


@pytest.mark.parametrize("subject", ["%0d%0aBcc: x@y.example", "=?utf-8?q?=0D=0ABcc:?= x"])
def test_tr06_what_only_looks_like_a_smuggled_header_is_text(subject: str) -> None:
    message = email.message_from_bytes(copy(subject=subject).data)
    assert str(make_header(decode_header(message["Subject"]))) == subject
    assert message["Bcc"] is None


@pytest.mark.parametrize("text", ["kurz", "Größe " * 2_000, "ÄÖÜ" * 500, "", "=\n.\n"])
def test_tr07_every_part_is_quoted_printable(text: str) -> None:
    message = compose_letter(
        sender="wir <newsletter@cluster.example>",
        to="ada@leser.example",
        subject="x",
        text=text,
        html=f"<p>{text}</p>",
        envelope=ENVELOPE,
    )
    for part in email.message_from_bytes(message.data).get_payload():
        assert part["Content-Transfer-Encoding"] == "quoted-printable"  # type: ignore[index]


# -- rendering ----------------------------------------------------------------------------


@pytest.mark.parametrize("slug", BOTH)
def test_tr09_what_readers_see_does_not_hang_on_style_sheets(slug: str) -> None:
    html = rendered(slug=slug).html
    bare = re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL)
    for link in soup(bare).find_all("a"):
        assert re.search(r"color: ?#", str(link["style"]))
    assert "font-family:Arial" in bare
    assert re.search(r"padding: ?0 24px", bare)
    assert html.startswith("<!DOCTYPE html>")  # premailer dropped it
    assert "<!--[if mso | IE]>" in html
    assert "@media (prefers-color-scheme" in html


def test_tr10_templates_use_tags_and_attributes_that_exist() -> None:
    html = mjml.mjml2html("<mjml><mj-body><mj-foo>weg</mj-foo></mj-body></mjml>", fonts={})
    assert "weg" in html  # the trap: no error
    sources = [
        path.read_text(encoding="utf-8")
        for path in templating.shipped("templates").glob("**/*.mjml")
    ]
    tags = [each for text in sources for each in re.findall(r"<(mj[\w-]*)([^>]*)>", text)]
    assert len(tags) > 20
    for tag, rest in tags:
        assert tag in grammar.KNOWN_TAGS
        used = set(re.findall(r'([\w-]+)="', rest))
        assert used <= grammar.allowed(tag).keys() | grammar.EVERYWHERE, tag


@pytest.mark.parametrize("slug", BOTH)
def test_tr10_no_item_is_lost_or_made_invisible(slug: str) -> None:
    items = [*(news(n) for n in range(401, 412)), event(420), story(421)]
    edition = rendered(*items, slug=slug)
    assert len(soup(edition.html).find_all("h3", id=True)) == len(items)
    for heading in soup(edition.html).find_all("h3"):
        sizes = (
            re.search(r"font-size: ?(\d+)", str(each.get("style")))
            for each in [heading, *heading.parents]
        )
        assert next(int(size[1]) for size in sizes if size) > 10


NASTY = [
    "a < b",
    "<p>unclosed",
    "</mj-text>",
    "Forschung & Transfer",
    "<!-- x",
    "]]>",
    '" onload="x',
]


@pytest.mark.parametrize("typed", NASTY)
def test_tr11_no_submission_stops_the_issue(typed: str) -> None:
    if typed == "a < b":
        with pytest.raises(ValueError, match="parse"):
            mjml.mjml2html(f"<mjml><mj-body><mj-text>{typed} <</mj-text></mj-body></mjml>")
    item = news(
        title=typed, teaser=typed, body=typed, link=None, location=typed, picture=picture(alt=typed)
    )
    edition = rendered(item, news(402))
    assert words(edition.html).count(typed) >= 3
    assert "Lichtwerk 402" in words(edition.html)


@pytest.mark.parametrize("slug", BOTH)
def test_tr12_markup_in_any_field_is_text(slug: str) -> None:
    assert select_autoescape()("issue.mjml") is False  # the trap
    mark = '<b>&"'
    story_ = story(title=mark, teaser=mark, challenge=mark, solution=mark, result=mark)
    dated = event(402, location=mark, origin=replace(news().origin, name=mark))
    edition = rendered(
        replace(story_, picture=picture(alt=mark, credit=mark)),
        *(replace(dated, reference=f"q{n}") for n in range(410, 416)),
        slug=slug,
        subject=mark,
        preheader=mark,
        opening=mark,
    )
    assert not soup(edition.html).find("b")
    assert words(edition.html).count(mark) >= 15
    assert "&amp;lt;" not in edition.html  # nor escaped twice
    assert "&lt;" not in edition.text  # the text part is no HTML


def test_tr13_language_direction_and_title_are_said() -> None:
    html = soup(rendered(subject="Betreff & Titel").html)
    assert isinstance(html.html, Tag)
    assert (html.html["lang"], html.html["dir"]) == ("de", "ltr")
    assert isinstance(html.title, Tag)
    assert html.title.get_text() == "Betreff & Titel"
    article = html.find(role="article")
    assert isinstance(article, Tag)
    assert article["aria-label"] == "Betreff & Titel"
    assert article["lang"] == "de"


@pytest.mark.parametrize("slug", BOTH)
def test_tr14_no_font_is_fetched(slug: str) -> None:
    html = rendered(slug=slug).html
    for forbidden in ("fonts.googleapis", "Ubuntu", "@import", "<link", "url("):
        assert forbidden not in html


def test_tr14_not_even_by_a_template_that_names_no_font(tmp_path: Path) -> None:
    column = "<mj-column><mj-text>x</mj-text></mj-column>"
    source = f"<mjml><mj-body><mj-section>{column}</mj-section></mj-body></mjml>"
    assert "fonts.googleapis" in mjml.mjml2html(source)
    where = own_templates(tmp_path, issue_mjml=source, issue_txt="x")
    edition = rendering.render(issue(masthead=masthead(template="dritter")), where)
    assert "googleapis" not in edition.html


def test_tr15_tr17_what_the_renderer_gets_wrong_is_refused() -> None:
    for tag in ("mj-social", "mj-hero", "mj-navbar", "mj-carousel", "mj-accordion"):
        assert tag not in grammar.KNOWN_TAGS
    assert not {"mj-html-attributes", "mj-include"} & grammar.KNOWN_TAGS


@pytest.mark.parametrize("slug", BOTH)
def test_tr16_every_picture_has_an_alternative(slug: str) -> None:
    items = [news(401, picture=picture()), news(402, picture=picture(alt=None))]
    html = soup(rendered(*items, slug=slug).html)
    assert [img.get("alt") for img in html.find_all("img")] == [picture().alt, ""]


def test_tr18_a_html_part_of_one_long_line_is_wrapped_on_the_wire() -> None:
    assert max(map(len, rendered().html.splitlines())) > 998
    assert max(map(len, copy().data.split(b"\r\n")[15:])) <= 76


@pytest.mark.parametrize("slug", BOTH)
def test_tr24_the_renderer_does_not_rewrite_attributes(slug: str) -> None:
    """It prints attribute values like Rust's ``{:?}``: found when a slot became \\u{e000}."""
    trapped = '<mjml><mj-body><mj-text><p title="\\ \u200d">x</p></mj-text></mj-body></mjml>'
    assert "\\\\ \\u{200d}" in mjml.mjml2html(trapped)
    alt = "C:\\Bilder 👩\u200d💻 e\u0327\n„zwei“ Zeilen"
    edition = rendered(news(picture=picture(alt=alt)), slug=slug, subject="Pfad C:\\neu 👩\u200d💻")
    html = soup(edition.html)
    img, article = html.find("img"), html.find(role="article")
    assert isinstance(img, Tag)
    assert isinstance(article, Tag)
    assert img["alt"] == texts.block(alt)
    assert article["aria-label"] == "Pfad C:\\neu 👩\u200d💻"
    assert f'href="{Slot.UNSUBSCRIBE.marker}"' in edition.html
    assert "\\u{" not in edition.html


# -- what comes from outside --------------------------------------------------------------


def test_tr19_addresses_are_strict_and_ascii() -> None:
    assert addresses.parse("info@müller.de").email == "info@xn--mller-kva.de"
    for refused in ("a" * 65 + "@leser.de", "müller@leser.de"):
        with pytest.raises(NotAnAddress):
            addresses.parse(refused)


@pytest.mark.parametrize(
    "typed",
    [
        "[x](javascript:alert(1))",
        "[x](JaVa\tscript:alert(1))",
        "[x](//evil.example/x)",
        "[x](/relativ)",
        "[x](data:text/html,x)",
        "[x](bitcoin:abc)",
        "![x](https://evil.example/pixel.gif)",
        "<img src=https://evil.example/pixel.gif onerror=alert(1)>",
        "<svg onload=alert(1)>",
        "<math><mtext></mtext></math>",
        "<mj-raw>x</mj-raw>",
        "<!--[if mso]><script>alert(1)</script><![endif]-->",
        '<a href="https://x.example" style="position:fixed" onclick="x()">x</a>',
    ],
)
def test_tr20_only_harmless_html_comes_from_a_text(typed: str) -> None:
    html = rendered(news(link=None, body=f"Vorher\n\n{typed}\n\nNachher")).html
    document = soup(html)
    assert not document.find_all(["script", "img", "svg", "math", "mj-raw", "iframe"])
    for link in document.find_all("a"):
        own = f"{Slot.UNSUBSCRIBE.marker}|{Slot.PREFERENCES.marker}"
        assert re.match(rf"(https?|mailto|tel):|#q|{own}", str(link["href"]))
        assert "onclick" not in link.attrs
    assert "Vorher" in words(html)
    assert "Nachher" in words(html)


@pytest.mark.parametrize("typed", ["{{7*7}}", "{% raw %}", "{#x#}", "{{ masthead.imprint }}"])
def test_tr20_template_language_in_a_text_stays_literal(typed: str) -> None:
    edition = rendered(news(title=typed, teaser=typed, body=typed, link=None))
    assert words(edition.html).count(typed) == 2  # title and teaser, which the body repeats
    assert edition.text.count(typed) == 2


def test_tr21_mjml_is_the_one_that_is_fast() -> None:
    assert importlib.metadata.version("mjml-python")
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        importlib.metadata.version("mjml")


def test_tr23_an_edition_is_encoded_once() -> None:
    edition = rendered()
    everybody = [replace(ADA, address=f"reader{n}@leser.example") for n in range(3)]
    copies = [compose(edition, reader, ENVELOPE, MAILING).data for reader in everybody]
    assert len({each.split(b"\r\n\r\n", 1)[1] for each in copies}) == 1
