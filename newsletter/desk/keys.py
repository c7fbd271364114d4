"""Which key does what: the bindings, the line of keys that matter now, and the help; pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from newsletter.language import N_, _
from newsletter.models.issue import EDITABLE, IssueState
from newsletter.models.submission import USABLE, ClearanceState, SubmissionState
from newsletter.queue import Entry

from .drawn import Drawn, Span
from .looking import Shelf
from .queue_lines import LEGEND, is_open

QUEUE, ISSUE, ANY = "queue", "issue", "any"


@dataclass(frozen=True, slots=True)
class Key:
    """One key; ``command`` is what does the same at the command line."""

    key: str  # as Textual names it
    shown: str
    action: str
    label: str  # N_: in the line of keys
    where: str
    command: str = ""


KEYS = (
    Key("a", "a", "accept", N_("annehmen"), QUEUE, "queue accept ID"),
    Key("A", "A", "accept_for", N_("annehmen für …"), QUEUE, "queue accept ID --for SLUG"),
    Key("x", "x", "decline", N_("ablehnen"), QUEUE, "queue decline ID --reason TEXT"),
    Key("f", "f", "ask", N_("fragen"), QUEUE, 'queue ask ID "…"'),
    Key("z", "z", "defer", N_("zurückstellen"), QUEUE, "queue defer ID"),
    Key("e", "e", "edit", N_("bearbeiten"), ANY, "queue edit ID"),
    Key("C", "C", "crop", N_("Bild beschneiden"), ANY, "queue picture ID --crop 16:9"),
    Key("equals_sign", "=", "merge", N_("zusammenführen"), QUEUE, "queue merge ID ID"),
    Key("c", "c", "comment", N_("kommentieren"), ANY, "queue comment ID TEXT"),
    Key("t", "t", "take", N_("übernehmen, abgeben"), ANY, "queue assign ID NAME"),
    Key("p", "p", "place", N_("platzieren"), QUEUE, "issue add AUSGABE ID"),
    Key("m", "m", "move", N_("in Rubrik …"), ISSUE, "issue move AUSGABE ID --section RUBRIK"),
    Key("J,shift+down", "J", "lower", N_("tiefer"), ISSUE, "issue move AUSGABE ID --to N"),
    Key("K,shift+up", "K", "higher", N_("höher"), ISSUE, "issue move AUSGABE ID --to N"),
    Key("s", "s", "swap", N_("tauschen"), ANY, "issue swap AUSGABE ID ID"),
    Key("r", "r", "remove", N_("herausnehmen"), ANY, "issue remove AUSGABE ID"),
    Key("u", "u", "undo", N_("rückgängig"), ANY, "undo"),
    Key("b", "b", "begin", N_("beginnen"), ANY, "issue new SLUG"),
    Key("F", "F", "fill", N_("füllen"), ANY, "issue fill AUSGABE"),
    Key("E", "E", "edit_issue", N_("Texte bearbeiten"), ISSUE, "issue edit AUSGABE"),
    Key("l", "l", "letter", N_("lesen"), ANY, "issue preview AUSGABE"),
    Key("R", "R", "request", N_("Freigabe anfragen"), ANY, "issue request AUSGABE"),
    Key("G", "G", "approve", N_("freigeben"), ANY, "issue approve AUSGABE"),
    Key("S", "S", "schedule", N_("planen"), ANY, "issue schedule AUSGABE"),
    Key("n", "n", "newsletter", N_("Newsletter"), ANY),
    Key("o", "o", "other_issue", N_("andere Ausgabe"), ANY),
    Key("v", "v", "view", N_("Auswahl"), QUEUE, "queue list --state STAND"),
    Key("slash", "/", "search", N_("suchen"), QUEUE),
    Key("tab,i", "Tab", "other_pane", N_("Ausgabe ↔ Warteschlange"), ANY),
    Key("question_mark", "?", "help", N_("Hilfe"), ANY),
    Key("q,ctrl+q,ctrl+c", "q", "leave", N_("Schluss"), ANY),
)
_BY_ACTION = {key.action: key for key in KEYS}


def now(where: str, entry: Entry | None, shelf: Shelf | None, newsletter: str) -> list[Key]:
    """The keys that matter now, what is most likely wanted first."""
    ahead = [*_next_step(shelf)]
    if where == QUEUE:
        actions = [*_for_queue(entry, shelf, newsletter), *ahead]
    else:
        actions = [*ahead, *_for_issue(shelf)]
    return [_BY_ACTION[action] for action in (*actions, "other_pane", "help")]


def _for_queue(entry: Entry | None, shelf: Shelf | None, newsletter: str) -> Iterator[str]:
    if entry is None:
        return
    if is_open(entry) or entry.submission.state is SubmissionState.QUESTION:
        yield from ("accept", "decline", "ask", "defer")
    elif entry.clearances.get(newsletter) is ClearanceState.ACCEPTED:
        placed = shelf is not None and entry.submission.reference in shelf.order
        yield "remove" if placed else "place"
    if entry.submission.state in USABLE:
        yield "edit"
    yield "undo"


def _for_issue(shelf: Shelf | None) -> Iterator[str]:
    if shelf is not None and shelf.issue.state in EDITABLE and shelf.order:
        yield from ("lower", "higher", "move", "swap", "remove")


def _next_step(shelf: Shelf | None) -> Iterator[str]:
    if shelf is None:
        yield "begin"
        return
    match shelf.issue.state:
        case IssueState.DRAFT:
            yield "fill"
            if shelf.order:
                yield "request"
        case IssueState.IN_APPROVAL:
            yield from ("letter", "approve")
        case IssueState.APPROVED | IssueState.LATE:
            yield "schedule"


def line(keys: Iterable[Key], width: int) -> Drawn:
    """As many keys as fit, the help always among them."""
    *first, last = keys
    end = f"  {last.shown} {_(last.label)}"
    drawn: Drawn = []
    left = width - len(end)
    for key in first:
        label = f" {_(key.label)}  "
        if (needed := len(key.shown) + len(label)) > left:
            break
        drawn += [Span(key.shown, "mark"), Span(label)]
        left -= needed
    return [*drawn, Span(f"{last.shown}", "mark"), Span(f" {_(last.label)}")]


def explained() -> list[Drawn]:
    """The help: every key with what it does, and the command that does the same."""
    told: list[Drawn] = []
    heads = {
        QUEUE: _("In der Warteschlange"),
        ISSUE: _("In der Ausgabe"),
        ANY: _("Überall"),
    }
    for where, head in heads.items():
        told += [[Span(head, "bold")]]
        for key in KEYS:
            if key.where == where:
                label = f"{_(key.label):<26}"
                told.append([Span(f"  {key.shown:>4}  ", "mark"), Span(label), _command(key)])
        told.append([])
    told.append([Span(_("Zeichen vor und hinter den Titeln"), "bold")])
    told += [[Span(f"  {sign:>4}  ", "mark"), Span(_(word))] for sign, word in LEGEND]
    told += [
        [],
        [Span(_("Bewegen: Pfeiltasten oder j und k, Bild auf/ab, Pos1, Ende."))],
        [Span(_("Den Beitrag rollen: Leertaste und Rücktaste."))],
    ]
    return told


def _command(key: Key) -> Span:
    return Span(f"newsletter {key.command}" if key.command else "", "dim")
