"""The gallery: every block of every newsletter with the nastiest texts, by day and by night.

A page shows each block by itself, cut out of the mail with all that stands around it, beside
its night and its phone; the whole mails lie beside the page.
"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from newsletter import rendering, templating
from newsletter.content import TO_ANYBODY, IssueContent, Slot
from newsletter.errors import unreadable
from newsletter.language import _
from newsletter.settings import Settings

from . import making, night, specimens
from .checking import masthead_of

PAGE = "index.html"
_PAGE_TEMPLATE = "gallery/gallery.html"
_BLOCK = re.compile(r"^(?:block-[\w-]+|item-q\d+)$")
_ONCE = {"block-section"}  # there are several; the items stand for them


@dataclass(frozen=True, slots=True)
class Shown:
    """A block, cut out: what it shows, and its page by day and by night."""

    name: str  # its class
    title: str
    day: str
    night: str


@dataclass(frozen=True, slots=True)
class Look:
    """A newsletter's blocks and its whole mail."""

    name: str
    mail: str  # names of the files beside the page
    text_file: str
    blocks: tuple[Shown, ...]
    text: str


def write(settings: Settings, folder: Path) -> list[Path]:
    """The page and the mails, into a folder; what was written, the page first.

    BrokenTemplate, NotWritten.
    """
    where = templating.folders(settings.home)
    looks, files = [], dict[str, str]()
    for name in making.newsletters(settings.home):
        look, html = _look(settings, where, name)
        looks.append(look)
        files |= {look.mail: html, look.text_file: look.text}
    files = {PAGE: templating.rendered(where, _PAGE_TEMPLATE, {"looks": looks})} | files
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, content in files.items():
            (folder / file).write_text(content, encoding="utf-8")
        for picture in (templating.shipped("examples") / "pictures").iterdir():
            shutil.copyfile(picture, folder / picture.name)
    except OSError as problem:
        why = unreadable(problem)
        raise making.NotWritten(path=problem.filename or folder, why=why) from problem
    return [folder / file for file in files]


def _look(settings: Settings, where: tuple[Path, ...], name: str) -> tuple[Look, str]:
    content = specimens.nastiest(masthead_of(settings, name), settings.language)
    made = rendering.render(content, where)
    home = content.masthead.home_url
    html = _filled(made.html, content).replace(f'src="{home}/', 'src="')
    day = _blocks(night.by_day(html))
    dark = _blocks(night.by_night(html))
    titles = _titles(content)
    blocks = tuple(
        Shown(it, titles.get(it, it.partition("-")[2]), page, dark[it])
        for it, page in day.items()
        if it in dark
    )
    text = _filled(made.text, content)
    return Look(name, f"{name}.html", f"{name}.txt", blocks, text), html


def _filled(part: str, content: IssueContent) -> str:
    """With words for everybody in the slots."""
    said = {Slot.SALUTATION: _(TO_ANYBODY)}
    for slot in Slot:
        part = part.replace(slot.marker, said.get(slot, f"{content.masthead.home_url}/"))
    return part


def _titles(content: IssueContent) -> dict[str, str]:
    those = specimens.specimens(content.masthead.home_url)
    items = {f"item-{it.item.reference}": _(specimens.SHOWS[it.name]) for it in those}
    return items | {f"block-{name}": _(said) for name, said in specimens.BLOCKS.items()}


def _blocks(html: str) -> dict[str, str]:
    """Each block by itself as a page of its own, by its class, in reading order."""
    page = BeautifulSoup(html, "html.parser")
    found: dict[str, str] = {}
    for element in page.find_all(class_=_BLOCK):
        name = next(each for each in element.get_attribute_list("class") if _BLOCK.match(each))
        if name not in found and name not in _ONCE:
            found[name] = "".join(_alone(element))
    return found


def _alone(element: Tag) -> Iterator[str]:
    """An element with the tags that enclose it, and nothing that stands beside these."""
    around = [each for each in element.parents if each.name != "[document]"][::-1]
    head = element.find_previous("head")
    yield "<!DOCTYPE html>"
    for each in around:
        yield _opening(each)
        if each.name == "html" and head is not None:
            yield str(head)
    yield str(element)
    for each in reversed(around):
        yield f"</{each.name}>"


def _opening(element: Tag) -> str:
    bare = BeautifulSoup("", "html.parser").new_tag(element.name)
    bare.attrs = element.attrs
    return str(bare).removesuffix(f"</{element.name}>")
