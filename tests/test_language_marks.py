"""No sentence for people stands in the code without a mark that gives it a translation."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from jinja2 import nodes

from newsletter import templating
from newsletter.translations import catalogue

ROOT = catalogue.CHECKOUT
# What only German text has: letters, quotation marks, small words.
GERMAN = re.compile(
    r"[äöüßÄÖÜ„“]|\b(der|die|das|den|dem|ist|sind|nicht|kein|keine|ein|eine|und|oder|für|mit|von|bitte|wird)\b"
)
MARKS = {"_", "N_", "n_"}
# No sentences: data, patterns, and what /openapi.json tells programmers (in German).
NO_SENTENCES = {
    "newsletter/checks/counts.py",  # patterns
    "newsletter/checks/slips.py",  # patterns
    "newsletter/checks/spoken_days.py",  # patterns
    "newsletter/checks/words.py",  # patterns
    "newsletter/content.py",  # the Länder's names
    "newsletter/database/servers_words.py",  # patterns
    "newsletter/dispatch/headers.py",  # letters and what they become
    "newsletter/rendering/quotes.py",  # marks
    "newsletter/submissions/form.py",  # openapi
    "newsletter/texts/marked.py",  # patterns
    "newsletter/texts/typography/hyphens.py",  # parts of words
    "newsletter/texts/typography/measures.py",  # patterns
    "newsletter/texts/typography/protected.py",  # patterns
    "newsletter/texts/typography/quotes.py",  # the marks
    "newsletter/texts/typography/spaces.py",  # patterns
    "newsletter/web/api.py",  # openapi
    "newsletter/web/api_shapes.py",  # openapi
    "newsletter/web/public.py",  # openapi
    "newsletter/web/public_shapes.py",  # openapi
    "newsletter/web/app.py",  # openapi
}


def unmarked(path: Path) -> Iterator[tuple[int, str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    fine = {id(node) for node in _said(tree)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if id(node) not in fine and GERMAN.search(node.value):
            yield node.lineno, node.value


def unmarked_in_page(path: Path) -> Iterator[tuple[int, str]]:
    tree = templating.environment((ROOT / "templates",)).parse(path.read_text(encoding="utf-8"))
    said = {id(inner) for call in tree.find_all(nodes.Call) for inner in _said_in(call)}
    for node in tree.find_all((nodes.TemplateData, nodes.Const)):
        text = node.data if isinstance(node, nodes.TemplateData) else node.value
        if isinstance(text, str) and id(node) not in said and GERMAN.search(_prose(text)):
            yield node.lineno, text.strip()


def _prose(text: str) -> str:
    """Without styles, which have words of their own."""
    return re.sub(r"<style.*?</style>|/\*.*?\*/|\b(von|mit|den)-[a-z]+", "", text, flags=re.DOTALL)


def _said_in(call: nodes.Call) -> Iterator[nodes.Node]:
    if isinstance(call.node, nodes.Name) and call.node.name in {"_", "gettext", "ngettext"}:
        yield from call.find_all(nodes.Const)


def _said(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in MARKS:
            yield from ast.walk(node)
        elif isinstance(node, ast.Expr) or (
            isinstance(node, ast.keyword) and node.arg in catalogue.HELP_WORDS
        ):  # a docstring
            yield node.value


def test_no_sentence_in_the_code_is_without_a_mark() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text[:70]!r}"
        for pattern in catalogue.PYTHON
        for path in sorted(ROOT.glob(pattern))
        if path.relative_to(ROOT).as_posix() not in NO_SENTENCES
        for line, text in unmarked(path)
    ]
    assert found == []


def test_no_sentence_in_a_page_or_letter_is_without_a_mark() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text[:70]!r}"
        for pattern in catalogue.PAGES
        for path in sorted(ROOT.glob(pattern))
        for line, text in unmarked_in_page(path)
    ]
    assert found == []
