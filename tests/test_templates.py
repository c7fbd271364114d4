"""What an editor does with templates: makes, takes over, checks, looks at and compares them."""

import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from newsletter.looks import making, night, specimens
from tests.command_situations import Newsletter, newsletter
from tests.preview_situations import own
from tests.rendering_situations import masthead, soup

__all__ = ["newsletter"]

pytestmark = pytest.mark.sqlite("what a template holds is no matter of the database")


# -- new and copy ----------------------------------------------------------------------------


def test_a_new_newsletters_folder_teaches_and_passes_the_check(
    newsletter: Newsletter, home: Path
) -> None:
    done = newsletter("template", "new", "regionalpost", "--like", "go-cluster", as_="")
    assert done.code == 0
    folder = home / "templates/regionalpost"
    for name in ("issue.mjml", "issue.txt", "theme.mjml"):
        assert (folder / name).read_text("utf-8").startswith("{#- ")
    issue = (folder / "issue.mjml").read_text("utf-8")
    assert '"regionalpost/theme.mjml"' in issue
    assert '"go-cluster/' not in issue
    assert f"cat {folder}/newsletter.toml >> {home}/newsletter.toml" in done.words
    assert done.out.endswith("Als Nächstes: newsletter template check regionalpost\n")
    checked = newsletter("template", "check", "regionalpost", "--json", as_="")
    assert checked.code == 0
    assert checked.json == {"templates": 3, "newsletters": ["regionalpost"], "faults": []}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("new", "Regional Post"), 2, "„Regional Post“ geht nicht als Name"),
        (("new", "../regional"), 2, "geht nicht als Name"),
        (("new", "go-cluster"), 1, "go-cluster gibt es schon; es wurde nichts verändert."),
        (("new", "letters"), 1, "letters gibt es schon"),
        (("new", "post", "--like", "clusterplatform"), 1, "Gemeint vielleicht: clusterplattform"),
        (("new", "post", "--like", "../templates"), 1, "Die Vorlage „../templates“ gibt es nicht."),
        (("copy", "blocks/isue.mjml"), 1, "Gemeint vielleicht: blocks/issue.mjml"),
        (("copy", "../newsletter.toml"), 1, "„../newsletter.toml“ gibt es nicht."),
        (("check", "clusterplatform"), 1, "Gemeint vielleicht: clusterplattform"),
        (("diff", "blocks/issue.mjml"), 1, "„blocks/issue.mjml“ gibt es nicht."),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_left_behind(
    newsletter: Newsletter, home: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    done = newsletter("template", *words, as_="")
    assert done.code == code
    assert said in done.err
    assert not (home / "templates").exists()


def test_a_template_is_taken_over_once(newsletter: Newsletter, home: Path) -> None:
    assert newsletter("template", "copy", "blocks/issue.txt", as_="").code == 0
    path = own(home, "blocks/issue.txt", "meins")
    again = newsletter("template", "copy", "blocks/issue.txt", as_="")
    assert (again.code, path.read_text()) == (1, "meins")
    assert f"{path} gibt es schon; es wurde nichts verändert." in again.err


# -- check -----------------------------------------------------------------------------------


def test_every_mistake_is_named_with_its_file_and_line(newsletter: Newsletter, home: Path) -> None:
    newsletter("template", "new", "regionalpost", as_="")
    issue = home / "templates/regionalpost/issue.mjml"
    text = issue.read_text("utf-8")
    wrong = '<mj-section paddin="0"><mj-column>\n<mj-text colour="red">x</mj-text>\n'
    wrong += "<mj-foo>y</mj-foo></mj-column></mj-section>\n"
    wrong += '<mj-section><mj-column><mj-text heigth="1">{{ list.sections() }}</mj-text>\n'
    wrong += "</mj-column></mj-section>\n{% endblock %}"
    text = text.replace("{% endblock %}", wrong, 1)
    issue.write_text(text, "utf-8")
    first = next(n for n, line in enumerate(text.splitlines(), 1) if "paddin=" in line)
    web = own(home, "web/start.html", '{% extends "web/bass.html" %}\n\n{% if %}')
    part = own(home, "web/confirm.html", '{% extends "web/bass.html" %}')
    letter = own(home, "letters/declined/body.txt", "Guten Tag,\n{{ grund }}\n{{ it.title }}")
    done = newsletter("template", "check", as_="")
    assert done.code == 1
    lines = done.out.splitlines()
    for line, said in (
        (
            f"{issue}, Zeile {first}",
            "<mj-section> kennt kein Attribut „paddin“. Gemeint vielleicht",
        ),
        (f"{issue}, Zeile {first + 1}", "<mj-text> kennt kein Attribut „colour“."),
        (f"{issue}, Zeile {first + 2}", "<mj-foo> ist nicht vorgesehen."),
        (f"{issue}, Zeile {first + 3}", "<mj-text> kennt kein Attribut „heigth“."),
        (f"{web}, Zeile 3", "So ist es kein gültiges Jinja"),
        (f"{part}, Zeile 1", "Die Vorlage „web/bass.html“ gibt es nicht."),
    ):
        assert any(it.startswith(f"Fehler: {line}: {said}") for it in lines), done.out
    assert f"Warnung: {letter}, Zeile 2: „grund“ kennt keine unserer Vorlagen" in done.out
    assert "„title“" not in done.out
    assert "clusterplattform, go-cluster, regionalpost" in done.out

    block = own(home, "blocks/date.mjml", "\n{% if %}")  # which issues in English use, too
    said = newsletter("template", "check", as_="").out
    assert said.count(f"{block}") == said.count(f"Fehler: {block}, Zeile 2: So ist es kein") == 1


def test_colours_that_nobody_can_read_are_found_by_day_and_by_night(
    newsletter: Newsletter, home: Path
) -> None:
    newsletter("template", "new", "regionalpost", as_="")
    theme = home / "templates/regionalpost/theme.mjml"
    fine = theme.read_text("utf-8")
    light, dark = fine.split("{% set dark", 1)

    def with_ink(part: str) -> str:
        return re.sub(r'"ink": "#\w+"', '"ink": "#808890"', part)

    theme.write_text(f"{with_ink(light)}{{% set dark{with_ink(dark)}", "utf-8")
    said = newsletter("template", "check", "regionalpost", as_="").out
    by_night = said.count("Bei Nacht: Zu schwacher Kontrast")
    assert said.count("Zu schwacher Kontrast") > by_night > 0


def test_a_template_without_imprint_or_goodbye_is_an_error(
    newsletter: Newsletter, home: Path
) -> None:
    newsletter("template", "new", "regionalpost", as_="")
    own(home, "regionalpost/issue.txt", "{{ masthead.name }}\n")
    done = newsletter("template", "check", "regionalpost", "--json", as_="")
    assert done.code == 1
    errors = {it["check"]: it["text"] for it in done.json["faults"] if it["level"] == "error"}
    goodbye = "Im Textteil fehlt der Link zum Abmelden. Es entsteht mit {{ part.footer() }}."
    assert errors["unsubscribe"] == goodbye
    assert "Im Textteil fehlt vom Impressum" in errors["imprint"]
    assert {it["where"] for it in done.json["faults"]} == {
        str(home / "templates/regionalpost/issue.txt")
    }
    (home / "templates/regionalpost/issue.txt").unlink()
    own(home, "regionalpost/issue.txt", '{% extends "blocks/issue.txt" %}')
    issue = home / "templates/regionalpost/issue.mjml"
    text = issue.read_text("utf-8").replace("{{ foot.subscription() }}", "Tschüss")
    issue.write_text(text.replace("</h2>", "</h3>"), "utf-8")
    line = next(n for n, it in enumerate(text.splitlines(), 1) if "</h2>" in it)
    said = newsletter("template", "check", "regionalpost", as_="").out
    assert said.startswith(f"Fehler: {issue}, Zeile {line}: </h3> beendet nichts.\n")
    assert "Zeile" not in said.partition("\n")[2]  # once, whatever the mail's language
    issue.write_text(text, "utf-8")
    line = next(n for n, it in enumerate(text.splitlines(), 1) if "block footer" in it)
    said = newsletter("template", "check", "regionalpost", as_="").out
    assert f"{issue}, Zeile {line}: Im HTML-Teil fehlt der Link zum Abmelden. Es entsteht" in said
    assert "{{ foot.subscription() }}" in said


# -- gallery ---------------------------------------------------------------------------------


def test_the_gallery_shows_every_block_by_day_and_by_night(
    newsletter: Newsletter, tmp_path: Path
) -> None:
    folder = tmp_path / "galerie"
    done = newsletter("template", "gallery", "--write", str(folder), as_="")
    assert done.code == 0, done.err
    page = soup((folder / "index.html").read_text("utf-8"))
    those = specimens.specimens("")
    assert {it.name for it in those} == specimens.SHOWS.keys()
    for slug in ("clusterplattform", "go-cluster"):
        for each in those:
            heading = page.find(id=f"{slug}-item-{each.item.reference}")
            assert heading is not None, each.name
            row = heading.find_next("div")
            assert row is not None
            day, dark, _phone = [str(it["srcdoc"]) for it in row.find_all("iframe")]
            shown = soup(day).find_all("h3")
            assert [it["id"] for it in shown] == [each.item.reference]
            assert day != dark
            assert "prefers-color-scheme: dark" not in day + dark
        assert page.find(id=f"{slug}-block-masthead")
        mail = soup((folder / f"{slug}.html").read_text("utf-8"))
        for img in mail.find_all("img"):
            gone = "gibt-es-nicht" in str(img["src"])
            assert (folder / unquote(str(img["src"]))).is_file() is not gone
        text = (folder / f"{slug}.txt").read_text("utf-8")
        assert "Sehr geehrte Damen und Herren," in text
        assert not re.search("[\ue000-\uf8ff]", text)
    assert f"Bitte im Browser öffnen: {folder}/index.html" in done.out
    (tmp_path / "datei").write_text("x")
    refused = newsletter("template", "gallery", "--write", str(tmp_path / "datei"), as_="")
    assert refused.code == 1
    assert "lässt sich nicht schreiben" in refused.err


def test_night_is_what_a_program_with_a_dark_theme_shows() -> None:
    html = (
        "<html><head><style>.a { color: red } @media (prefers-color-scheme: dark) {"
        " .a { color: blue !important; } } .b { color: green }</style></head>"
        '<body><p class="a" style="color: red">x</p><p class="b">y</p></body></html>'
    )
    dark = soup(night.by_night(html))
    assert [str(p["style"]).rstrip("; ") for p in dark.find_all("p")] == [
        "color: blue !important",
        "color: green",
    ]
    assert "blue" not in night.by_day(html)
    assert ".b" in night.by_day(html)


def test_the_nastiest_issue_holds_what_the_name_says() -> None:
    content = specimens.nastiest(masthead())
    assert len(content.items) == 20
    titles = [it.title for it in content.items]
    assert max(map(len, titles)) == 300
    assert max(len(word) for title in titles for word in title.split()) >= 40


# -- diff ------------------------------------------------------------------------------------


def test_after_an_upgrade_the_difference_says_who_changed_what(
    newsletter: Newsletter, home: Path
) -> None:
    assert "keine eigenen Vorlagen" in newsletter("template", "diff", as_="").out
    newsletter("template", "new", "regionalpost", as_="")
    for name in ("blocks/issue.txt", "blocks/item.txt", "web/start.html", "web/error.html"):
        newsletter("template", "copy", name, as_="")
    record = home / "templates" / making.RECORD
    known = json.loads(record.read_text("utf-8"))
    for name in ("blocks/issue.txt", "blocks/item.txt"):  # as if ours had been another then
        known[name] |= {"text": known[name]["text"] + "damals\n", "version": "0.0.9"}
    record.write_text(json.dumps(known), "utf-8")
    own(home, "blocks/issue.txt", known["blocks/issue.txt"]["text"])
    own(home, "blocks/item.txt", known["blocks/item.txt"]["text"] + "meins\n")
    own(home, "web/error.html", known["web/error.html"]["text"] + "meins\n")
    own(home, "web/unsere.css", "p {}")
    own(home, "letters/declined/body.txt", "anders\n")
    facts = newsletter("template", "diff", "--json", as_="").json["files"]
    found = {it["file"]: (it["standing"], it["needless"]) for it in facts}
    assert found == {
        "blocks/issue.txt": ("behind", True),
        "blocks/item.txt": ("both", False),
        "letters/declined/body.txt": ("differs", False),
        "regionalpost/issue.mjml": ("same", False),
        "regionalpost/issue.txt": ("same", False),
        "regionalpost/theme.mjml": ("same", False),
        "web/error.html": ("changed", False),
        "web/start.html": ("same", True),
        "web/unsere.css": ("own", False),
    }
    said = newsletter("template", "diff", "blocks/item.txt", as_="").out
    assert "blocks/item.txt: von Ihnen geändert, und unsere inzwischen auch" in said
    assert "(übernommen von Version 0.0.9)" in said
    mine, theirs = said.split("Was wir seither geändert haben:")
    assert "+meins" in mine
    assert "-damals" in theirs
    assert "\x1b[" not in said
    behind = newsletter("template", "diff", "blocks/issue.txt", as_="").out
    assert f"Kann weg, dann gilt unsere: rm {home}/templates/blocks/issue.txt" in behind
