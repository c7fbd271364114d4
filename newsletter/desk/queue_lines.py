"""The queue as lines: which items, in what order of looking, and what each says; pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from newsletter.language import N_, _, n_
from newsletter.models.submission import ClearanceState, SubmissionState
from newsletter.queue import Entry

from .drawn import Drawn, Span, fitted, padded

KINDS = {"news": N_("Meldung"), "date": N_("Termin"), "success_story": N_("Erfolgsgeschichte")}
_SIGNS = {"news": N_("M"), "date": N_("T"), "success_story": N_("E")}
_TO_DECIDE = frozenset({SubmissionState.RECEIVED, SubmissionState.IN_REVIEW})
_INDENT = 8  # cells before what stands below a title
_NAME = 12  # cells that a name has at least
# What the queue may be narrowed to, in the order of the key that goes through them.
VIEWS = {
    "all": N_("alles, was wartet"),
    "new": N_("noch nicht angesehen"),
    "open": N_("zu entscheiden"),
    "accepted": N_("angenommen, ohne Platz"),
    "late": N_("nach Redaktionsschluss"),
    "date": N_("nur Termine"),
    "mine": N_("meine"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a line says besides what the queue knows of its item."""

    now: datetime
    newsletter: str  # whose issue is shown
    places: Mapping[str, tuple[str, int]]  # in that issue
    late: frozenset[str]
    twins: Mapping[str, str]  # the likeliest twin of an item
    shares: Mapping[str, int]  # how many items of whom appeared this year
    saving: Collection[str] = ()
    editor: str = ""  # who sits here


def steady(before: Sequence[Entry], after: Sequence[Entry]) -> tuple[Entry, ...]:
    """What was read anew, in the order in which it stood: nothing moves under the cursor.

    What is new stands at the end.
    """
    stood = {entry.submission.id: place for place, entry in enumerate(before)}
    return tuple(sorted(after, key=lambda entry: stood.get(entry.submission.id, len(stood))))


def narrowed(
    entries: Sequence[Entry], facts: Facts, view: str = "all", words: str = ""
) -> list[Entry]:
    """The items of a view that hold all these words in reference, title or origin."""
    wanted = words.casefold().split()
    return [each for each in entries if _in_view(each, facts, view) and _holds(each, wanted)]


def _in_view(entry: Entry, facts: Facts, view: str) -> bool:
    reference, state = entry.submission.reference, entry.submission.state
    match view:
        case "new":
            return state is SubmissionState.RECEIVED
        case "open":
            return is_open(entry)
        case "accepted":
            accepted = entry.clearances.get(facts.newsletter) is ClearanceState.ACCEPTED
            return accepted and reference not in facts.places
        case "late":
            return reference in facts.late
        case "mine":
            return entry.assigned == facts.editor
        case "date":
            return entry.submission.kind == "date"
    return True


def _holds(entry: Entry, wanted: Sequence[str]) -> bool:
    if not wanted:
        return True
    text = f"{entry.submission.reference} {entry.title} {entry.origin}".casefold()
    return all(word in text for word in wanted)


def is_open(entry: Entry) -> bool:
    """Whether an editor has to decide about it now; not while an answer is awaited."""
    return entry.submission.state in _TO_DECIDE


def following(entries: Sequence[Entry], reference: str) -> str | None:
    """Where to look after ``reference`` was dealt with: the next open item, else the next one."""
    at = next((n for n, e in enumerate(entries) if e.submission.reference == reference), -1)
    behind = [*entries[at + 1 :], *entries[: max(at, 0)]]
    opened = (each for each in behind if is_open(each))
    chosen = next(opened, None) or next(iter(entries[at + 1 :]), None)
    return chosen.submission.reference if chosen else None


def age(received_at: datetime, now: datetime) -> str:
    """„3 T“, „5 h“; how long it has been waiting."""
    waited = now - received_at
    if waited.days >= 1:
        return _("{n} T").format(n=waited.days)
    return _("{n} h").format(n=max(waited.seconds // 3600, 0))


def mark(entry: Entry, facts: Facts) -> Span:
    """One cell that says how it stands with the item, for the issue that is shown."""
    reference = entry.submission.reference
    if reference in facts.saving:
        return Span("…", "dim")
    if reference in facts.places:
        return Span("■", "good")
    if entry.submission.state is SubmissionState.QUESTION:
        return Span("?", "warn")
    state = entry.clearances.get(facts.newsletter)
    return {
        ClearanceState.ACCEPTED: Span("+", "good"),
        ClearanceState.HELD_OVER: Span("»", "dim"),
        ClearanceState.DECLINED: Span("-", "dim"),
        ClearanceState.ASKED: Span("•", "bold"),
    }.get(state, Span("·", "dim"))  # type: ignore[arg-type]


def line(entry: Entry, facts: Facts, width: int) -> Drawn:
    """One line: mark, reference, kind, title, and at its end what must not be overlooked."""
    tail = _tail(entry, facts)
    head = f" {entry.submission.reference:<4} {_(_SIGNS[entry.submission.kind])} "
    left = width - 1 - len(head) - sum(len(span.text) for span in tail)
    role = "" if is_open(entry) else "dim"
    title = Span(fitted(entry.title, left), role)
    return padded([mark(entry, facts), Span(head, "dim"), title, *tail], width)


def _tail(entry: Entry, facts: Facts) -> Drawn:
    reference = entry.submission.reference
    told = []
    if entry.embargo_until and entry.embargo_until > facts.now:
        told.append(Span(" S", "bad"))
    if reference in facts.late:
        told.append(Span(" !" if entry.urgent else " >", "warn"))
    if reference in facts.twins:
        told.append(Span(" ≈", "warn"))
    return [*told, Span(f" {age(entry.submission.received_at, facts.now):>4}", "dim")]


def second_line(entry: Entry, facts: Facts, width: int) -> Drawn:
    """Whose it is and what they wish; below the title where there is room."""
    tail: Drawn = []
    if share := facts.shares.get(entry.origin, 0):
        said = n_("{n}× dieses Jahr", "{n}× dieses Jahr", share)
        tail.append(Span(f" · {said.format(n=share)}", "dim"))
    if entry.assigned:
        tail.append(Span(f" · @{entry.assigned}", "mark"))
    if entry.wish:
        tail.append(Span(" · " + _("Wunsch: {number}").format(number=entry.wish), "dim"))
    if twin := facts.twins.get(entry.submission.reference):
        tail.append(Span(" · " + _("wie {twin}").format(twin=twin), "warn"))
    left = max(width - _INDENT - sum(len(span.text) for span in tail), _NAME)
    origin = fitted(entry.origin, min(left, len(entry.origin)))
    return padded([Span(" " * _INDENT), Span(origin, "dim"), *tail], width)


def title(entries: Sequence[Entry], shown: int, view: str, words: str) -> str:
    """What stands above the queue: how many wait, and what of them is shown."""
    waiting = sum(is_open(each) for each in entries)
    said = _("Warteschlange: {n} zu entscheiden").format(n=waiting)
    if view != "all" or words:
        narrowed_to = " ".join(filter(None, (_(VIEWS[view]), words and f"/{words}")))
        said = _("{what} ({n})").format(what=narrowed_to, n=shown) + f" · {said}"
    return said


LEGEND = (
    ("•", N_("zu entscheiden")),
    ("·", N_("für den anderen Newsletter gedacht")),
    ("?", N_("in Rückfrage")),
    ("+", N_("angenommen, noch ohne Platz")),
    ("■", N_("steht in der gezeigten Ausgabe")),
    ("»", N_("zurückgestellt")),
    ("S", N_("Sperrfrist läuft")),
    (">", N_("nach Redaktionsschluss eingegangen")),
    ("!", N_("nach Redaktionsschluss, mit Begründung")),
    ("≈", N_("ähnelt einem anderen Beitrag")),
)
