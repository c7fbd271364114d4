"""What an approver changes on the page: sentences of an issue, made into a new edition.

A change of an item is a revision by the approver, which this issue pins and no other one.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from newsletter import submissions, texts
from newsletter.content import IssueContent, Item, Section
from newsletter.errors import Invalid, Problem
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.issue import Issue, Placement
from newsletter.settings import Settings
from newsletter.submissions.joining import join
from newsletter.submissions.preparing import rules_of

WORDS = {"subject": N_("Betreff"), "preheader": N_("Vorschauzeile"), "opening": N_("Begrüßung")}
FIELDS = {
    "title": N_("Titel"),
    "teaser": N_("Kurztext"),
    "body": N_("Text"),
    "challenge": N_("Herausforderung"),
    "solution": N_("Lösung"),
    "result": N_("Ergebnis"),
    "quote": N_("Zitat"),
}
_ALWAYS = ("title", "teaser", "body")  # the others only where something stands
LONGEST = {"subject": 150, "preheader": 300, "opening": 5_000}  # characters
ISSUE = "issue"
_KEY = re.compile(rf"(?:{'|'.join(WORDS)})|q\d{{1,9}}\.(?:{'|'.join(FIELDS)})")


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words that may be changed; ``key`` names them on the page: "subject", "q12.title"."""

    key: str
    text: str

    @property
    def where(self) -> str:
        """The item they stand in, or the issue."""
        return self.key.rpartition(".")[0] or ISSUE

    @property
    def field(self) -> str:
        """What they are of it."""
        return self.key.rpartition(".")[2]

    @property
    def label(self) -> str:
        """What people call that."""
        return _({**WORDS, **FIELDS}[self.field])

    @property
    def mark(self) -> str:
        """By which a page knows whether somebody has touched them."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Changed:
    """Words as they stood, and as the approver wants them."""

    where: str
    field: str
    before: str
    after: str

    @property
    def label(self) -> str:
        """Where they stand, as people call it."""
        name = _({**WORDS, **FIELDS}[self.field])
        return name if self.where == ISSUE else f"{self.where}, {name}"


def is_key(name: str) -> bool:
    """Whether a field of the page is one of an issue's words."""
    return _KEY.fullmatch(name) is not None


def sentences_of(content: IssueContent) -> list[Sentence]:
    """All words of an issue that its approver may change, in reading order."""
    found = [Sentence(name, getattr(content, name)) for name in WORDS]
    for item in content.items:
        found += [Sentence(f"{item.reference}.{name}", text) for name, text in _texts(item)]
    return found


def _texts(item: Item) -> Iterator[tuple[str, str]]:
    for name in FIELDS:
        text = getattr(item, name) or ""
        if text or name in _ALWAYS:
            yield name, text


def touched(typed: Mapping[str, str], marks: Mapping[str, str]) -> dict[str, str]:
    """What of a page's words is not as the page brought it; ``marks`` came with it."""
    return {
        key: text
        for key, text in typed.items()
        if is_key(key) and Sentence(key, _unix(text)).mark != marks.get(key)
    }


def changes_in(
    session: Session,
    settings: Settings,
    content: IssueContent,
    typed: Mapping[str, str],
    now: datetime,
) -> list[Changed]:
    """What was typed, clean, where it differs from what stands. Invalid names the keys.

    Words that are not in the issue any more are left out.
    """
    wanted = [
        (it, _unix(typed[it.key]))
        for it in sentences_of(content)
        if it.key in typed and _unix(typed[it.key]).strip() != it.text.strip()
    ]
    problems: list[Problem] = []
    clean: dict[str, str] = {}
    for it, text in wanted:
        if it.where == ISSUE:
            clean[it.key] = _clean(it, text, problems)
    for item in content.items:
        own = {it.field: text for it, text in wanted if it.where == item.reference}
        if own:
            clean |= _clean_item(session, settings, item, own, now, problems)
    if problems:
        raise Invalid(problems)
    return [
        Changed(it.where, it.field, it.text, clean[it.key])
        for it, __ in wanted
        if clean[it.key] != it.text
    ]


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n")


def _clean(it: Sentence, text: str, problems: list[Problem]) -> str:
    clean = texts.markdown(text) if it.field == "opening" else texts.line(text)
    if it.field == "subject" and not clean:
        problems.append(Problem(it.key, _("Der Betreff fehlt.")))
    if len(clean) > LONGEST[it.field]:
        wrong = _("Bitte höchstens {most} Zeichen.").format(most=LONGEST[it.field])
        problems.append(Problem(it.key, wrong))
    return clean


def _clean_item(
    session: Session,
    settings: Settings,
    item: Item,
    own: Mapping[str, str],
    now: datetime,
    problems: list[Problem],
) -> dict[str, str]:
    rules = rules_of(settings, now, contributed=False, new=False)
    try:
        facts = submissions.understood(_facts(session, item, own), rules)
    except Invalid as wrong:
        problems += [Problem(f"{item.reference}.{it.field}", it.message) for it in wrong.problems]
        return {f"{item.reference}.{name}": "" for name in own}
    return {f"{item.reference}.{name}": getattr(facts, name) or "" for name in own}


def _facts(session: Session, item: Item, own: Mapping[str, str]) -> dict[str, Any]:
    """The revision that stands in the issue, with these words."""
    submission = submissions.by_reference(session, item.reference)
    facts = {**submissions.facts_of(session, submission, item.revision), **own}
    return {name: value for name, value in facts.items() if value != ""}


def reworder(changes: Sequence[Changed]) -> Callable[[IssueContent], IssueContent]:
    """What makes these changes in an issue's content (pure)."""

    def reworded(content: IssueContent) -> IssueContent:
        words = _after(changes, ISSUE)
        sections = tuple(_reworded(section, changes) for section in content.sections)
        return replace(content, sections=sections, **words)

    return reworded


def _reworded(section: Section, changes: Sequence[Changed]) -> Section:
    items = (replace(it, **_after(changes, it.reference)) for it in section.items)
    return replace(section, items=tuple(items))


def _after(changes: Sequence[Changed], where: str) -> dict[str, Any]:
    """What an item, or the issue, says otherwise then; a story's empty box is none."""
    found = {each.field: each.after for each in changes if each.where == where}
    return {
        name: text if text or name in (*_ALWAYS, *WORDS) else None for name, text in found.items()
    }


def write(
    act: Act, issue: Issue, content: IssueContent, changes: Sequence[Changed], by: str
) -> None:
    """Make the changes of items as revisions by the approver, and let this issue pin them.

    Those of the issue's own words are the caller's, with the move that approves it.
    """
    why = _("bei der Freigabe von {issue} geändert").format(issue=issue.id)
    for item in content.items:
        if own := _after(changes, item.reference):
            submission = submissions.by_reference(act.session, item.reference)
            newest = submission.revision
            facts = _facts(act.session, item, {name: text or "" for name, text in own.items()})
            made = submissions.revise(act, submission, facts, by=signed(by), why=why)
            place = act.session.get_one(Placement, (issue.id, submission.id))
            place.revision = made.number
            act.session.add(place)
            if newest != item.revision:
                both = _with_newer(act.session, item, newest, made.number)
                submissions.revise(act, submission, both, by=signed(by), why=why)
    act.session.flush()


def _with_newer(session: Session, item: Item, newest: int, made: int) -> dict[str, Any]:
    """What editors have written since, which this issue does not show, joined with the
    approver's change; where both changed the same, as the editors have it.
    """
    submission = submissions.by_reference(session, item.reference)
    was, editors, approver = (
        submissions.facts_of(session, submission, number)
        for number in (item.revision, newest, made)
    )
    return join(was, editors, approver).facts


def signed(by: str) -> str:
    """An approver's name, as who made a revision: never taken for a contributor's address."""
    return _("{name} (Freigabe)").format(name=by.replace("@", " at "))


def own_words(changes: Sequence[Changed]) -> dict[str, str]:
    """The issue's own words as they shall read."""
    return _after(changes, ISSUE)


def as_json(changes: Sequence[Changed]) -> list[dict[str, str]]:
    """Changes as a request for approval keeps them."""
    return [asdict(each) for each in changes]


def told(changes: Iterable[Mapping[str, Any]]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Kept changes for a letter: where, and what goes and comes there, sentence by sentence."""
    found = []
    for each in changes:
        change = Changed(**each)
        lines = [
            (texts.plain(it.gone), texts.plain(it.new))
            for it in texts.compared(change.before, change.after)
        ]
        found.append((change.label, lines or [(change.before, change.after)]))
    return found


def as_wishes(changes: Sequence[Changed]) -> str:
    """Changes in words, for who does not approve but would like them."""
    lines = [f"{each.label}:\n{each.after}" for each in changes]
    return "\n\n".join([_("Vorgeschlagen ist:"), *lines]) if lines else ""
