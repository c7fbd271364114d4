"""Collect what is marked, renew the catalogues, compile them: ``make catalogues``.

Help texts need no mark: docstrings of commands and ``help=`` are taken as they stand, up to
their example (``commands.tree`` says them in the same way). What Click says itself, in English, has
its German in ``de/LC_MESSAGES/messages.po``, kept by hand.
"""

import ast
import inspect
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent.parent
PYTHON = ("cli.py", "newsletter/**/*.py", "subscribers/*.py")
PAGES = ("templates/**/*.html", "templates/**/*.txt", "templates/**/*.mjml")
KEYWORDS = {"_": None, "N_": None, "gettext": None, "n_": (1, 2), "ngettext": (1, 2)}
HELP_WORDS = {"help", "epilog", "short_help", "metavar"}


def collected() -> Catalog:
    """Every message that the program can say, without a translation."""
    found = Catalog(locale="en", charset="utf-8", fuzzy=False)
    for place, message in _messages():
        found.add(message, locations=[(place, 0)])
    return found


def _messages() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    for patterns, method in ((PYTHON, "python"), (PAGES, "jinja2.ext:babel_extract")):
        for path in sorted(path for pattern in patterns for path in CHECKOUT.glob(pattern)):
            place = path.relative_to(CHECKOUT).as_posix()
            options = {"newstyle_gettext": "true", "trimmed": "true", "silent": "false"}
            with path.open("rb") as file:
                for _line, message, _comments, _context in extract(
                    method, file, KEYWORDS, options=options
                ):
                    yield place, message
            if method == "python" and ("commands" in path.parts or path.name == "cli.py"):
                yield from ((place, text) for text in _help_in(path))


def _help_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and (text := ast.get_docstring(node)):
            if "\b" in text or node.name == "newsletter":
                yield prose(text)
        elif isinstance(node, ast.keyword) and node.arg in HELP_WORDS:
            value = node.value
            if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
                yield value.value


def prose(help_text: str) -> str:
    """A command's help up to its example."""
    return inspect.cleandoc(help_text).partition("\b")[0].strip()


OURS = HERE / "en" / "LC_MESSAGES" / "newsletter.po"
CLICKS = HERE / "de" / "LC_MESSAGES" / "messages.po"


def read(file: Path) -> Catalog:
    """A catalogue as it stands."""
    with file.open("rb") as lines:
        return read_po(lines)


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as the program reads it."""
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def renew() -> list[str]:
    """Bring our catalogue up to date and compile both; the messages that lack a translation."""
    known = read(OURS) if OURS.is_file() else Catalog(locale="en")
    catalogue = collected()
    for message in catalogue:
        if message.id and (before := known.get(message.id)) is not None:
            message.string = before.string
    with OURS.open("wb") as out:
        write_po(out, catalogue, width=100, sort_output=True, omit_header=True)
    for file in (OURS, CLICKS):
        file.with_suffix(".mo").write_bytes(compiled(read(file)))
    return missing(catalogue)


def missing(catalogue: Catalog) -> list[str]:
    """The messages that have no translation, or only half of one."""
    return [str(message.id) for message in catalogue if message.id and not all(_forms(message))]


def _forms(message: Message) -> tuple[object, ...]:
    text = message.string
    return tuple(text) if isinstance(text, tuple | list) else (text,)


if __name__ == "__main__":
    lacking = renew()
    for text in lacking:
        print(text, file=sys.stderr)  # noqa: T201
    print(f"{len(lacking)} messages without a translation", file=sys.stderr)  # noqa: T201
    sys.exit(1 if lacking else 0)
