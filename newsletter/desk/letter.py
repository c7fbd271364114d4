"""An item as it will look in the letter, and what its readers do not see; pure."""

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from newsletter import rendering, texts
from newsletter.content import Item
from newsletter.language import _, speaking
from newsletter.queue import CLEARANCE_WORDS, STATE_WORDS
from newsletter.rhythm import in_words

from .drawn import Drawn, Span
from .issue_lines import LEVELS
from .looking import Sheet

_WIDTH = 10_000  # the terminal breaks the lines


def whole(sheet: Sheet, language: str, zone: ZoneInfo) -> list[Drawn]:
    """The item as its readers see it, and below a line what only editors see."""
    return [*letter(sheet.shown.item, language), [Span("─" * 20, "dim")], *facts(sheet, zone)]


def letter(item: Item, language: str) -> list[Drawn]:
    """The item as the letter shows it: heading, date, picture, teaser or text, link."""
    with speaking(language):
        return list(_letter(item))


def _letter(item: Item) -> Iterator[Drawn]:
    yield [Span(rendering.heading(item) + item.title, "bold")]
    yield [Span(rendering.origins(item), "dim")]
    if item.when:
        yield [Span(rendering.span(item.when), "mark")]
        if where := rendering.place(item):
            yield [Span(where, "mark")]
    if item.register_by:
        until = rendering.deadline(item.register_by)
        yield [Span(_("Anmeldung bis {when}").format(when=until), "mark")]
    if item.picture and (caption := rendering.caption(item.picture)):
        yield [Span(f"[{caption}]", "dim")]
    yield []
    yield from _paragraphs(item.teaser)
    for name, text in rendering.boxes(item):
        yield [Span(name, "bold")]
        yield from _paragraphs(_flat(text))
    if rendering.in_full(item):
        yield from _paragraphs(_flat(item.body))
    if item.link:
        yield [Span(_("Mehr: {title}").format(title=item.title), "mark")]
        yield [Span(item.link, "dim")]


def _flat(markdown: str) -> str:
    return texts.to_text(markdown, _WIDTH)


def _paragraphs(text: str) -> Iterator[Drawn]:
    for line in text.strip().split("\n"):
        yield [Span(line.rstrip())]
    yield []


def facts(sheet: Sheet, zone: ZoneInfo) -> list[Drawn]:
    """What only editors see: findings, likeness, decisions, wishes, the rest of the text."""
    return list(_facts(sheet, zone))


def _facts(sheet: Sheet, zone: ZoneInfo) -> Iterator[Drawn]:
    shown = sheet.shown
    for finding in sheet.findings:
        word, role = LEVELS[finding.level]
        yield [Span(f"{_(word)}: ", role), Span(finding.text)]
    for twin in sheet.alike.twins[:2]:
        said = _("Ähnlich: {reference} „{title}“").format(
            reference=twin.reference, title=twin.title
        )
        yield [Span(said, "warn")]
    state = _(STATE_WORDS[shown.submission.state])
    yield [Span(f"{sheet.reference}, ", "bold"), Span(state)]
    for clearance in shown.clearances:
        until = f" ({clearance.held_until})" if clearance.held_until else ""
        word = _(CLEARANCE_WORDS[clearance.state])
        yield [Span(f"  {clearance.newsletter}: {word}{until}")]
    yield from _said(sheet)
    if shown.issues:
        yield [Span(_("Steht in: {issues}").format(issues=", ".join(shown.issues)))]
    for label, value in _labelled(sheet, zone):
        if value:
            yield [Span(f"{label}: ", "dim"), Span(value)]
    if shown.item.body.strip() and not rendering.in_full(shown.item):
        yield []
        yield [Span(_("Der ganze Text (nicht im Newsletter):"), "dim")]
        yield from _paragraphs(_flat(shown.item.body))


def _said(sheet: Sheet) -> Iterator[Drawn]:
    """Whose it is, and what editors said about it."""
    if sheet.assigned:
        yield [Span(_("Bearbeitet von {editor}").format(editor=sheet.assigned), "mark")]
    if sheet.comments:
        yield [Span(_("Kommentare der Redaktion:"), "bold")]
    for each in sheet.comments:
        yield [Span(f"  {each.made_by}: ", "mark"), Span(" ".join(each.text.split()))]


def _labelled(sheet: Sheet, zone: ZoneInfo) -> list[tuple[str, str]]:
    revision, item = sheet.shown.revision, sheet.shown.item
    picture = item.picture
    size = f"{picture.width} × {picture.height}" if picture else ""
    alt = (_("schmückend") if picture.decorative else picture.alt or _("fehlt")) if picture else ""
    return [
        (_("Sperrfrist"), _when(item.embargo_until, zone)),
        (_("Wunschausgabe"), revision.wish_issue or ""),
        (_("Muss jetzt hinein, weil"), revision.urgent_because or ""),
        (_("Aktuell bis"), _when(revision.current_until, zone)),
        (_("Bild"), size),
        (_("Alternativtext"), alt),
        (_("Bildnachweis"), (picture.credit or _("fehlt")) if picture else ""),
        (_("Zu sehen sind"), revision.persons_shown or ""),
        (_("Zugestimmt hat"), revision.approved_by or ""),
        (_("Kontakt"), " ".join(filter(None, (revision.contact_name, revision.contact_email)))),
        (_("Eingang"), _when(sheet.shown.submission.received_at, zone)),
    ]


def _when(moment: date | None, zone: ZoneInfo) -> str:
    if moment is None:
        return ""
    if isinstance(moment, datetime):
        return in_words(moment, zone)
    return _("{day:%d.%m.%Y}").format(day=moment)
