"""What people type and paste becomes clean text, and none of it is lost."""

import re
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter import texts
from newsletter.content import SLOT_CLOSE, SLOT_OPEN

NASTY = "".join(chr(code) for code in (*range(32), *range(0x7F, 0xA0), 0x2028, 0x2029, 0x200B))
PIECES = [
    *("https://a.example/b_c?utm_source=x&d=(e)", "[x](https://a.example)", "**fett**", "*k*"),
    *("1. eins\n2. zwei", "- a\n- b", "> q", "\n\n", "\n", "| a | b |\n|---|---|\n| 1 | 2 |"),
    *("![a](b)", "&#xE000;", "&nbsp;", "<a@b.example>", "# h", "15. Januar", "• a\n• b"),
    *("[x](javascript:alert(1))", "<script>", "\ue000salutation\ue001", "{{7*7}}", "\\"),
]
typed = st.lists(
    st.one_of(
        st.sampled_from(PIECES),
        st.text(max_size=30),
        st.text(alphabet="aäß 12.)-*_#>[]()<&;:!`|\\\n\t~=+/·•✅–", max_size=30),
    ),
    max_size=7,
).map("".join)
pasted = st.lists(
    st.one_of(
        st.text(max_size=15),
        st.sampled_from(
            [
                *("<p>", "</p>", "<b>", "</b>", "<ul><li>", "</li></ul>", "<table><tr><td>"),
                *("</td><td>", "</td></tr></table>", "<a href='https://a.example/(x'>", "</a>"),
                *("<script>alert(1)</script>", "<style>p{}</style>", "<!--[if mso]>x<![endif]-->"),
                *("<h1>", "</h1>", "<br>", "<svg onload=alert(1)>", "&#xE000;", "<pre>", "<o:p>"),
                "<p style='mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>1.</span>",
            ]
        ),
    ),
    max_size=10,
).map("".join)


class Elements(HTMLParser):
    """The elements of a fragment, with whether each is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def shown(html: str) -> str:
    """The letters of a fragment, without the marks of emphasis."""
    return "".join(re.findall(r"\w", re.sub(r"<[^>]*>", "", html)))


def is_clean(html: str) -> None:
    found = Elements(html)
    allowed = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "h3", "h4", "blockquote"}
    assert found.tags <= allowed
    assert not found.open
    for name, value in found.attributes:
        assert name in {"href", "title"}
        assert re.match(r"(https?|mailto|tel):", value or "")


# -- plain text ---------------------------------------------------------------------------


@given(st.text() | typed)
def test_a_line_is_always_one_line_that_is_safe_in_a_header(text: str) -> None:
    clean = texts.line(text)
    assert not set(clean) & set(NASTY)
    assert not any(unicodedata.category(letter) in {"Cc", "Co", "Cs", "Zl"} for letter in clean)
    assert clean == clean.strip() == unicodedata.normalize("NFC", clean)
    assert texts.line(clean) == clean
    clean.encode()


@pytest.mark.parametrize("trick", ["\r\n", "\n", "\r", "\x0b", "\x85", "\u2028", "\u2029", "\x00"])
def test_no_title_can_begin_a_second_header(trick: str) -> None:
    assert "\n" not in texts.line(f"Titel{trick}Bcc: x@y.example")
    assert "Bcc: x@y.example" in texts.line(f"Titel{trick}Bcc: x@y.example")


def test_mojibake_becomes_what_was_meant() -> None:
    assert texts.line("\x84Licht\x93 \x96 f\xfcr 10 \x80") == "„Licht“ – für 10 €"


def test_invisible_letters_and_slot_markers_vanish() -> None:
    assert texts.line(f"a\u200bb\u00adc\u202ed{SLOT_OPEN}e{SLOT_CLOSE}\ufeff") == "abcde"


def test_lone_surrogates_from_json_do_no_harm() -> None:
    assert texts.line("a\ud800b") == "ab"


def test_a_family_of_emoji_stays_together() -> None:
    assert texts.line("👩‍💻 ✅") == "👩‍💻 ✅"


@given(st.text() | typed)
def test_a_block_keeps_its_lines_and_nothing_dangerous(text: str) -> None:
    clean = texts.block(text)
    assert not set(clean) & (set(NASTY) - {"\n"})
    assert "\n\n\n" not in clean
    assert texts.block(clean) == clean


# -- links --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed_url", "canonical"),
    [
        ("https://a.example/x?utm_source=p&pk_campaign=n&_hsenc=t&ref=go", "https://a.example/x?ref=go"),
        ("https://a.example/b?fbclid=1&mc_eid=ab#daten", "https://a.example/b#daten"),
        ("https://kurz.example/3xYz?gclid=Cj0", "https://kurz.example/3xYz"),
        ("https://shuttle.mobilität.example/übersicht", "https://shuttle.xn--mobilitt-6za.example/%C3%BCbersicht"),
        ("HTTPS://Straße.Example:443/%7Ea%zz", "https://xn--strae-oqa.example/%7Ea%25zz"),
        ("http://a.example:8080/?q=1&q=2", "http://a.example:8080/?q=1&q=2"),
        ("  https://a.example  ", "https://a.example"),
    ],
)  # fmt: skip
def test_a_link_becomes_canonical_and_loses_its_tracking(typed_url: str, canonical: str) -> None:
    assert texts.link(typed_url) == canonical
    assert texts.link(canonical) == canonical


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "JaVa\tscript:alert(1)", "data:text/html;base64,PHA+"),
        *("//evil.example", "/x", "#a", "ftp://a.example", "www.lichtwerk.example", ""),
        *("https:\\\\evil.example", "https://good.example@evil.example/login", "https://hier"),
        *("https://a b.example", "https://a.example:99999", "https://[x"),
        *("https://good.example\\evil", "https://" + "ä" * 300),
        "https://a.example/" + "x" * 3000,
    ],
)
def test_a_link_that_hides_or_misses_its_goal_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(ValueError, match=r"^[A-ZÄÖÜ„].*\.$"):
        texts.link(url)


@given(st.text(max_size=80) | typed)
def test_a_link_is_canonical_or_refused_whatever_is_typed(text: str) -> None:
    try:
        clean = texts.link("https://" + text)
    except ValueError:
        return
    assert clean.isascii()
    assert texts.link(clean) == clean


# -- Markdown -----------------------------------------------------------------------------


@given(typed)
@example("*\u00a0a*")
@example("1. a\n\nb\n\n2. c")
def test_cleaning_markdown_twice_changes_nothing(text: str) -> None:
    clean = texts.markdown(text)
    assert texts.markdown(clean) == clean
    assert shown(texts.to_html(clean)) == shown(texts.to_html(text))


@given(typed)
def test_html_is_clean_whatever_the_markdown_is(text: str) -> None:
    html = texts.to_html(text)
    is_clean(html)
    assert SLOT_OPEN not in html
    assert SLOT_CLOSE not in html


@given(st.text(alphabet=st.sampled_from("äbß Ω09.,;-()\n–"), max_size=120))
def test_no_letter_is_lost_between_markdown_html_and_text(text: str) -> None:
    clean = texts.markdown(text)
    letters = sorted(re.findall(r"\w", text))
    assert sorted(shown(texts.to_html(clean))) == letters
    assert sorted(re.findall(r"\w", texts.to_text(clean))) == letters


@pytest.mark.parametrize("text", ["a < b", "{{7*7}}", "<script>alert(1)</script>", "${x} %%Y%%"])
def test_what_looks_like_code_stays_literal_text(text: str) -> None:
    literal = text.replace("<", "&lt;").replace(">", "&gt;")
    assert texts.to_html(texts.markdown(text)) == f"<p>{literal}</p>"
    assert texts.to_text(texts.markdown(text)) == text
    assert texts.line(text) == texts.block(text) == text


def test_bad_links_leave_their_words() -> None:
    text = "[Link](javascript:alert(1)) [Datei](data:text/html,x) [hier](/x) [da](//evil.example)"
    assert texts.to_html(text) == "<p>Link Datei hier da</p>"


def test_a_shown_address_is_the_one_that_opens() -> None:
    html = texts.to_html("[https://bank.example](https://evil.example/x)")
    assert html == '<p><a href="https://evil.example/x">https://evil.example/x</a></p>'


def test_bare_addresses_become_links_without_the_full_stop() -> None:
    html = texts.to_html("Siehe https://a.example/b?utm_source=x. Und (https://a.example/c)!")
    assert 'href="https://a.example/b">https://a.example/b</a>. Und' in html
    assert 'href="https://a.example/c"' in html


def test_a_day_at_the_start_of_a_line_is_no_list() -> None:
    text = "15. Januar 2027: Schluss\n\n- 16. Januar\n\n1. Februar: Beginn\n\n1. eins\n2. zwei"
    html = texts.to_html(texts.markdown(text))
    assert "<p>15. Januar 2027: Schluss</p>" in html
    assert "<li>16. Januar</li>" in html
    assert "<p>1. Februar: Beginn</p>" in html
    assert "<ol>\n<li>eins</li>\n<li>zwei</li>\n</ol>" in html


def test_ticks_and_bullets_typed_by_hand_become_a_list() -> None:
    html = texts.to_html("Gesucht:\n✅ Pilotphase\n✅ Budget\n\n· eins\n\n· zwei")
    assert html.count("<li>") == 4
    assert "✅" not in html


def test_a_table_becomes_a_list_that_names_its_columns() -> None:
    text = "| Kennzahl | 2024 | 2025 |\n|---|---:|---:|\n| Betriebe | 41 | 43 |\n| Plätze | 7 |"
    assert (
        texts.markdown(text)
        == "- Kennzahl: Betriebe; 2024: 41; 2025: 43\n- Kennzahl: Plätze; 2024: 7"
    )


def test_headings_are_h3_and_h4_and_pictures_are_their_words() -> None:
    html = texts.to_html("# A\n\n### B\n\n![Ein Boot](https://a.example/b.png)")
    assert html == "<h3>A</h3>\n<h4>B</h4>\n<p>Ein Boot</p>"


def test_nothing_typed_is_swallowed_as_markdown_syntax() -> None:
    text = "Text\n---\n[Anmerkung]: siehe unten\n\n    eingerückt\n```\nein Zaun\n```"
    shown = texts.to_text(texts.markdown(text))
    for word in ("Text", "[Anmerkung]: siehe unten", "eingerückt", "ein Zaun"):
        assert word in shown


def test_an_entity_cannot_smuggle_a_slot_marker() -> None:
    for text in ("&#xE000;salutation&#xE001;", "&#57344;x", "[&#xE000;](https://a.example)"):
        assert SLOT_OPEN not in texts.markdown(text) + texts.to_html(text) + texts.to_text(text)


def test_a_wall_of_brackets_is_read_in_reasonable_time() -> None:
    for wall in ("[" * 15_000, "*a_" * 5_000, "> " * 7_000, "- " * 7_000, "<" * 15_000):
        texts.to_html(texts.markdown(wall))


# -- plain text part ----------------------------------------------------------------------


@given(typed)
def test_the_text_part_never_breaks_an_address(text: str) -> None:
    shown = texts.to_text(text, 40)
    for url in re.findall(r'href="(https?:[^"]+)"', texts.to_html(text)):
        plain = url.replace("&amp;", "&")
        rows = [row.lstrip("> ").strip() for row in shown.split("\n")]
        assert any(row.removeprefix("- ").endswith(plain) for row in rows)


def test_addresses_stand_alone_below_their_paragraph() -> None:
    text = "Mehr im [Blog](https://a.example/blog) und in der [Kurzfassung](https://a.example/k)."
    assert texts.to_text(text) == (
        "Mehr im Blog und in der Kurzfassung.\nBlog:\nhttps://a.example/blog\n"
        "Kurzfassung:\nhttps://a.example/k"
    )


def test_text_is_wrapped_with_marks_for_lists_and_quotes() -> None:
    text = "> Ohne die Börse hätten wir uns nie getroffen, sagt sie.\n\n- eins\n- zwei"
    assert texts.to_text(text, 40) == (
        "> Ohne die Börse hätten wir uns nie\n> getroffen, sagt sie.\n\n- eins\n- zwei"
    )


# -- pasted -------------------------------------------------------------------------------

FROM_WORD = """<!--[if gte mso 9]><xml><o:OfficeDocumentSettings/></xml><![endif]-->
<p class="MsoNormal" style="mso-fareast-language:DE">Das <b>Kreis&shy;werk&nbsp;Rhein</b>
hat einen &#8222;Atlas&#8220;.<o:p></o:p></p>
<p class="MsoListParagraphCxSpFirst" style="mso-list:l0 level1 lfo1"><![if !supportLists]><span
style="font-family:Symbol;mso-list:Ignore">·<span>&nbsp;&nbsp; </span></span><![endif]>37
Werkstätten<o:p></o:p></p>
<p class="MsoListParagraphCxSpMiddle" style="mso-list:l0 level2 lfo1"><span
style="mso-list:Ignore">1.<span>&nbsp; </span></span>davon neu</p>
<p class="MsoListParagraphCxSpLast" style="mso-list:l0 level1 lfo1"><span
style="mso-list:Ignore">·<span> </span></span>Suche nach Ort</p>
<p class="MsoNormal"><span style="color:red">Neu</span> bei <a
href="https://werk.example/atlas?utm_source=w">uns</a>.</p>
<table class="MsoTableGrid"><tr><td><p>Kontakt</p></td><td><p>Büro</p></td></tr></table>"""


def test_word_becomes_paragraphs_and_real_lists_without_loss() -> None:
    html = texts.to_html(texts.from_html(FROM_WORD))
    assert "<strong>Kreiswerk Rhein</strong> hat einen „Atlas“." in html
    assert "<li>Suche nach Ort</li>" in html
    assert "davon neu" in html
    assert '<a href="https://werk.example/atlas">uns</a>' in html
    assert "<p>Kontakt: Büro</p>" in html
    assert "mso" not in html


def test_what_word_hides_goes_and_what_it_hides_from_itself_stays() -> None:
    html = "a <!--[if mso]>weg<![endif]--> b <!--[if !mso]><!-->bleibt<!--<![endif]--> c"
    assert texts.from_html(html) == "a b bleibt c"


def test_rows_of_a_pasted_table_keep_their_columns() -> None:
    html = (
        "<table><tr><th>Tag</th><th>Ort</th></tr><tr><td>Montag</td><td><b>Köln</b></td></tr>"
        "<tr><td>Dienstag</td><td>Bonn</td></tr></table>"
    )
    assert texts.from_html(html) == "- Tag: Montag; Ort: **Köln**\n- Tag: Dienstag; Ort: Bonn"


def test_a_table_that_only_arranges_becomes_paragraphs() -> None:
    html = "<table><tr><td><p>eins</p><p>zwei</p></td><td><ul><li>drei</li></ul></td></tr></table>"
    assert texts.from_html(html) == "eins\n\nzwei\n\n- drei"


def test_a_pasted_attack_leaves_harmless_words() -> None:
    html = texts.to_html(
        texts.from_html(
            '<p onclick="alert(1)">Satz mit <a href="javascript:alert(1)">Link</a>.</p>'
            "<svg/onload=alert(2)><math><mtext></form><form><mglyph><style></math>"
            "<img src onerror=alert(3)><iframe src='//boese.example'></iframe>"
            "</textarea></td></tr></table><h1>Kaputt?</h1><mj-raw>x</mj-raw>{{7*7}}"
        )
    )
    is_clean(html)
    assert "Satz mit Link." in html
    assert "alert" not in html


@given(pasted)
def test_pasting_anything_gives_clean_canonical_markdown(html: str) -> None:
    clean = texts.from_html(html)
    assert texts.markdown(clean) == clean
    is_clean(texts.to_html(clean))


def test_elements_nested_without_end_do_no_harm() -> None:
    assert texts.from_html("<div>" * 20_000 + "tief & <b>unten</b>") == "tief & unten"
    assert "unten" in texts.from_html('<p style="</p></p>">' + "<b><i>" * 2_000 + "unten")
