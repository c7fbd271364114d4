"""The other editions of an issue that readers may choose: text only, dates only (pure)."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ..content import Edition, IssueContent, Item, Kind, Variant
from ..language import _, n_, speaking
from . import issue_name, render


def others(content: IssueContent, full: Edition, where: tuple[Path, ...]) -> Iterator[Edition]:
    """What is approved together with the ``full`` edition. BrokenTemplate as ``render``."""
    yield as_text(full)
    only_dates = dates_of(content)
    if only_dates is not None:
        yield replace(render(only_dates, where), variant=Variant.DATES.value)


def as_text(full: Edition) -> Edition:
    """The same words without an HTML part, and so without pictures."""
    return replace(full, variant=Variant.TEXT.value, html="", pictures=(), speaks=full.language)


def dates_of(content: IssueContent) -> IssueContent | None:
    """An issue's dates and nothing else; None if it has none.

    A correction has always something to say to who had the first issue's dates: its note. A
    letter stays whole.
    """
    if content.corrects and content.corrects.letter:
        return content
    sections = tuple(
        replace(section, items=dates)
        for section in content.sections
        if (dates := tuple(it for it in section.items if it.kind is Kind.DATE))
    )
    if not sections:
        return replace(content, sections=()) if content.corrects else None
    with speaking(content.language):
        return _introduced(replace(content, sections=sections))


def _introduced(content: IssueContent) -> IssueContent:
    """With a subject, a first line and an opening that promise dates and nothing else."""
    return replace(
        content,
        subject=_("Termine: {subject}").format(subject=content.subject),
        preheader=_counted(content.items),
        opening=_opening(content),
    )


def _counted(items: tuple[Item, ...]) -> str:
    said = n_("Ein Termin: {title}", "{n} Termine, zuerst: {title}", len(items))
    return said.format(n=len(items), title=items[0].title)


def _opening(content: IssueContent) -> str:
    said = _("hier sind die Termine aus der {issue}.")
    if content.read_url:
        said = _(
            "hier sind die Termine aus der {issue}. Was sonst darin steht, zeigt"
            " [die ganze Ausgabe im Browser]({url})."
        )
    return said.format(issue=issue_name(content.number), url=content.read_url)
