"""How what was done to an item is taken back."""

from sqlalchemy import delete
from sqlmodel import col

from newsletter import issues, queue, submissions
from newsletter.content import EventState
from newsletter.history import Act
from newsletter.language import _
from newsletter.models.colleague import Comment
from newsletter.models.event import Event
from newsletter.models.submission import SubmissionState
from newsletter.queue.assigning import GIVEN, GIVEN_UP
from newsletter.queue.undo import WHY, IsGone, NothingToUndo

from .deeds import About, ChangedSince, Deed, Undone, item_of, item_only


def decisions(act: Act, __: Deed, _line: Event, only: About | None) -> list[Undone]:
    """What was decided is open again."""
    found = []
    for it in queue.undo(act, item_only(only)):
        said = _("{reference}  wieder offen für {newsletter}: {title}")
        words = {"reference": it.reference, "newsletter": it.newsletter, "title": it.title}
        facts = {"newsletter": it.newsletter, "state": "asked", "letter_left": it.letter_left}
        following = f"queue show {it.reference}"
        found.append(Undone(it.reference, said.format(**words), following, facts))
    return found


def gone(act: Act, __: Deed, line: Event, only: About | None) -> list[Undone]:
    """What is withdrawn or merged stays so; ``queue.undo`` says it, and what came before."""
    try:
        queue.undo(act, item_only(only))
    except NothingToUndo:
        state = _(queue.STATE_WORDS[SubmissionState(line.to_state or "")])
        raise IsGone(reference=item_of(act.session, line).reference, state=state) from None
    raise AssertionError(line)  # it always refuses: the item is gone since


def added(act: Act, __: Deed, line: Event, _only: About | None) -> list[Undone]:
    """An editor's own item goes; its text stays."""
    item = item_of(act.session, line)
    done = queue.withdraw(act, item.reference, _(WHY))
    said = _("{id} ist zurückgezogen: {title}").format(id=item.reference, title=done.title)
    return [Undone(item.reference, said, "queue list", {"state": "withdrawn"})]


def revised(act: Act, __: Deed, line: Event, _only: About | None) -> list[Undone]:
    """The earlier text comes back, as a new revision."""
    item = item_of(act.session, line)
    made = (line.detail or {}).get("revision", 0)
    if item.revision != made:
        newest = submissions.revision_of(act.session, item)
        raise ChangedSince(id=item.reference, who=newest.made_by, log=item.reference)
    facts = submissions.facts_of(act.session, item, made - 1)
    done = queue.edit(act, item.reference, facts, item.revision, WHY)
    said = _("{id} hat wieder den Text der Fassung {before}, als Fassung {revision}.")
    said = said.format(id=item.reference, before=made - 1, revision=done.revision)
    facts = {"revision": done.revision, "older_in": list(done.older_in)}
    following = f"queue show {item.reference}"
    if done.older_in:
        following = f"issue add {done.older_in[0]} {item.reference}"
    return [Undone(item.reference, said, following, facts)]


def event(act: Act, __: Deed, line: Event, _only: About | None) -> list[Undone]:
    """It stands with the date as it stood before."""
    item = item_of(act.session, line)
    if item.event_state is None or item.event_state != line.to_state:
        raise ChangedSince(id=item.reference, who="?", log=item.reference)
    done = queue.cancel_date(act, item.reference, EventState(line.from_state or ""))
    state = _(queue.EVENT_WORDS[done.state])
    said = _("{id}  wieder „{state}“: {title}")
    said = said.format(id=item.reference, state=state, title=done.title)
    facts = {"event_state": done.state.value, "stopped": [issue for issue, __ in done.stopped]}
    return [Undone(item.reference, said, f"queue show {item.reference}", facts)]


def noted(act: Act, __: Deed, line: Event, _only: About | None) -> list[Undone]:
    """The note is gone from the archive."""
    item, detail = item_of(act.session, line), line.detail or {}
    done = issues.take_note_back(act, item.reference, notes=detail.get("notes", ()))
    said = _("{id}: Der Hinweis steht nicht mehr im Archiv: „{note}“")
    return [_note(done, said.format(id=done.reference, note=done.note))]


def note_gone(act: Act, __: Deed, line: Event, _only: About | None) -> list[Undone]:
    """The note stands in the archive again, with today's date."""
    item, detail = item_of(act.session, line), line.detail or {}
    done = issues.annotate(act, item.reference, line.why or "", *detail.get("issues", ()))
    said = _("{id}: Der Hinweis steht wieder im Archiv: „{note}“")
    return [_note(done, said.format(id=done.reference, note=done.note))]


def _note(done: issues.Noted, said: str) -> Undone:
    facts = {"note": done.note, "issues": [issue.id for issue in done.issues]}
    return Undone(done.reference, said, f"queue show {done.reference}", facts)


def assigned(act: Act, deed: Deed, _line: Event, only: About | None) -> list[Undone]:
    """Each item is whose it was."""
    found = []
    for line in deed.lines:
        if line.what not in {GIVEN, GIVEN_UP} or (only and (line.noun, line.key) not in only.keys):
            continue
        item, told = item_of(act.session, line), line.detail or {}
        done = queue.assign(act, [item.reference], told.get("before"))[0]
        if done.before != told.get("to"):
            raise ChangedSince(id=item.reference, who=done.before or "?", log=item.reference)
        whose = _("{id} ist wieder bei {name}.") if done.to else _("{id} ist wieder bei niemandem.")
        said = whose.format(id=item.reference, name=done.to)
        found.append(Undone(item.reference, said, "queue list", {"assigned_to": done.to}))
    return found


def commented(act: Act, deed: Deed, line: Event, _only: About | None) -> list[Undone]:
    """The comment is gone; what was said stays in the history."""
    name = line.key if line.noun == "issue" else item_of(act.session, line).reference
    about_it = (
        col(Comment.issue_id) == line.key
        if line.noun == "issue"
        else col(Comment.submission_id) == int(line.key)
    )
    gone = (about_it, col(Comment.made_by) == deed.who, col(Comment.made_at) == line.at)
    act.session.execute(delete(Comment).where(*gone))
    said = _("{id}: Ihr Kommentar steht nicht mehr dort; im Protokoll bleibt er.").format(id=name)
    noun = "issue" if line.noun == "issue" else "queue"
    return [Undone(name, said, f"{noun} show {name}", {"comment": None})]
