"""What MJML does not allow is refused in a template: our renderer would take it in silence."""

from collections.abc import Iterator

import mjml
import pytest

from newsletter.rendering import grammar, markup
from tests.peer_programs import PEERS, asked

pytestmark = pytest.mark.sqlite("markup is no matter of the database")

HEAD = "<mjml><mj-head>{}</mj-head><mj-body></mj-body></mjml>"
COLUMN = "<mjml><mj-body><mj-section>\n<mj-column>\n{}\n</mj-column></mj-section></mj-body></mjml>"


def said(source: str) -> list[str]:
    return [each.why for each in markup.mistakes(source)]


REFUSED = {
    "<mj-txt>x</mj-txt>": "<mj-txt> ist nicht vorgesehen. Gemeint vielleicht: <mj-text>",
    '<mj-text paddin="0">x</mj-text>': "<mj-text> kennt kein Attribut „paddin“."
    " Gemeint vielleicht: padding",
    '<mj-text\n  onclick="x">x</mj-text>': "<mj-text> kennt kein Attribut „onclick“.",
    '<mj-text font-size="1em">x</mj-text>': 'font-size="1em" geht bei <mj-text> nicht;'
    " möglich: 16px",
    '<mj-text line-height="x">x</mj-text>': 'line-height="x" geht bei <mj-text> nicht;'
    " möglich: 16px, 16%, 1.5",
    '<mj-text padding="1px 2px 3px 4px 5px">x</mj-text>': "möglich: 16px, 16%",
    '<mj-text color="dunkelblau">x</mj-text>': "möglich: #1c2733, rgb(28,39,51)",
    '<mj-text align="middle">x</mj-text>': "möglich: left, right, center, justify",
    '<mj-table cellpadding="eins"><tr><td>x</td></tr></mj-table>': "möglich: ganze Zahlen",
    '<mj-image src="x" />': "Ein <mj-image> hat kein alt.",
    '<mj-text background-color="#fff">x</mj-text>': "Aus „background-color“ macht unser MJML bei"
    " <mj-text> nichts",
    "<mj-section><mj-column></mj-column></mj-section>": "<mj-section> darf nicht in <mj-column>"
    " stehen, nur in <mj-body> oder <mj-wrapper>.",
    "<mj-text><mj-image alt='' /></mj-text>": "<mj-image> darf nicht in <mj-text> stehen, nur in"
    " <mj-column>.",
    "<p>x</p>": "<p> darf nicht unmittelbar in <mj-column> stehen",
    "Hallo": "Der Text „Hallo“ steht unmittelbar in <mj-column>",
}


@pytest.mark.parametrize(("wrong", "why"), REFUSED.items())
def test_what_mjml_does_not_allow_is_refused_with_its_line(wrong: str, why: str) -> None:
    (mistake,) = markup.mistakes(COLUMN.format(f"<mj-text>gut</mj-text>\n{wrong}"))
    assert why in mistake.why
    assert mistake.line in wrong.splitlines()


def test_all_mistakes_are_named_and_not_only_the_first() -> None:
    wrong = COLUMN.format('<mj-text colour="#fff" heigth="1px">x</mj-text><mj-foo /><mj-text />')
    colour, height, foo = said(wrong)
    assert "Gemeint vielleicht: color" in colour
    assert "„heigth“" in height
    assert "<mj-foo>" in foo
    assert "„css“" in said(HEAD.format("<mj-style css='x'>a > b</mj-style>"))[0]
    assert "<mj-all> darf nicht in <mj-head> stehen, nur in <mj-attributes>." in said(
        HEAD.format('<mj-all color="red" />')
    )
    assert said(COLUMN.format("<mj-text>")) == ["<mj-text> wird nicht beendet."]
    assert said(COLUMN.format("</mj-text>")) == ["</mj-text> beendet nichts."]
    assert said(COLUMN.format("<mj-text><b>x</mj-text>")) == ["<b> wird nicht beendet."]
    assert "kein gültiges MJML (" in said(COLUMN.format('<mj-text color="red>x</mj-text>'))[0]


RIGHT = """<mjml lang="de" dir="ltr"><mj-head><mj-title>x</mj-title><!-- <mj-foo> -->
<mj-attributes><mj-all color="red" /><mj-class name="a" padding="0" /><mj-text padding="0" />
</mj-attributes><mj-style>p > a { color: red }</mj-style><mj-raw><meta name="x" /></mj-raw>
</mj-head><mj-body width="600px"><mj-wrapper><mj-section full-width="full-width"><mj-group>
<mj-column padding-top="12.5px"><mj-text mj-class="a" css-class="b" letter-spacing="-1px"
line-height="1.5" padding="0 24px">a <b>b</b><br /></mj-text><mj-image alt="" src="x" height="auto"
/><mj-divider border-width="1px" /><mj-button href="x">x</mj-button></mj-column></mj-group>
</mj-section></mj-wrapper></mj-body></mjml>"""


def test_what_is_right_is_taken() -> None:
    assert said(RIGHT) == []


def test_the_official_validator_says_the_same() -> None:
    """Of the same documents; what it takes and our renderer ignores, we alone refuse."""
    ours_alone = ("src=", "<mj-text><mj-image", "background-color=")
    wrong = [each for each in REFUSED if "<" in each and not any(it in each for it in ours_alone)]
    documents = [RIGHT, *(COLUMN.format(each) for each in wrong)]
    right, *judged = asked("check_mjml.mjs", of=documents)
    assert right["errors"] == []
    assert [each for each, it in zip(wrong, judged, strict=True) if not it["errors"]] == []
    facts = asked("mjml_facts.mjs", *grammar.KNOWN_TAGS)
    assert facts == grammar.facts(), (
        f"newsletter/rendering/mjml.json is old; {PEERS.name}/mjml_facts.mjs writes it anew"
    )


def alternatives(kind: str) -> list[str]:
    if kind.startswith("enum"):
        return kind.removeprefix("enum(").rstrip(")").split(",")
    values = {"color": "#123456", "unit": "17px", "boolean": "true", "integer": "7"}
    known = [value for name, value in values.items() if kind.startswith(name)]
    return known or ["3px solid red", "https://x.example/q", "center"]


LEAVES = {
    "mj-image": '<mj-image src="https://x.example/a.png" href="https://x.example"{} />',
    "mj-divider": "<mj-divider{} />",
    "mj-spacer": "<mj-spacer{} />",
    "mj-table": "<mj-table{}><tr><td>x</td></tr></mj-table>",
    "mj-button": '<mj-button href="https://x.example"{}>x</mj-button>',
}


def drawn(tag: str, given: str) -> str:
    """A document in which one tag has an attribute."""

    def of(each: str, more: str = "") -> str:
        return more + (given if each == tag else "")

    leaf = LEAVES.get(tag, "<mj-text{}>x</mj-text>").format(
        of(tag) if tag in LEAVES else of("mj-text")
    )
    padding = ' padding="1px"'
    column = f"<mj-column{of('mj-column', padding)}>{leaf}</mj-column>"
    column = f"<mj-group{of('mj-group')}>{column}</mj-group>" if tag == "mj-group" else column
    picture = ' background-url="https://x.example/b.png"' if "background" in given else ""
    section = f"<mj-section{of('mj-section', picture)}>{column}</mj-section>"
    wrapper = f"<mj-wrapper{of('mj-wrapper', picture)}>{section}{section}</mj-wrapper>"
    inside = wrapper if tag == "mj-wrapper" else section
    html: str = mjml.mjml2html(f"<mjml><mj-body{of('mj-body')}>{inside}</mj-body></mjml>", fonts={})
    return html


def ignored(tag: str) -> Iterator[str]:
    attributes = grammar.facts()["tags"][tag]["attributes"]
    for name, kind in attributes.items():
        plain = drawn(tag, ' background-nothing=""' if "background" in name else "")
        if all(drawn(tag, f' {name}="{value}"') == plain for value in alternatives(kind)):
            yield name


def test_what_the_renderer_makes_nothing_of_is_known() -> None:
    """If a new version makes something of it, it may be used."""
    drawing = ["mj-body", "mj-wrapper", "mj-section", "mj-column", "mj-group", "mj-text", *LEAVES]
    found = {tag: frozenset(ignored(tag)) for tag in drawing}
    assert {tag: names for tag, names in found.items() if names} == grammar.IGNORED
