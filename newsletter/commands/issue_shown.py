"""How issues look at the terminal and as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from shlex import quote
from types import MappingProxyType
from typing import Any

from newsletter import issues, rhythm
from newsletter.commands import comments, issue_document
from newsletter.commands.context import invocation, say, suggest
from newsletter.commands.document import Complaint
from newsletter.commands.reader_shown import EDITIONS
from newsletter.content import IssueContent, Item
from newsletter.dispatch.accounts import number
from newsletter.dispatch.obstacles import way_on
from newsletter.language import N_, _
from newsletter.models.colleague import Comment
from newsletter.models.delivery import DeliveryState
from newsletter.models.issue import Issue, IssueState

_BY_COMMAND = N_("Freigegeben von {who} (angefragt von {requester})")
_APPROVED = {
    "command": _BY_COMMAND,
    "link": N_("Freigegeben von {who} per Link (angefragt von {requester})"),
    "evidence": N_(
        "Freigegeben von {who} per E-Mail oder Telefon; der Nachweis ist abgelegt"
        " (angefragt von {requester})"
    ),
    None: _BY_COMMAND,
}
_DELIVERY_WORDS = {
    DeliveryState.QUEUED: N_("warten"),
    DeliveryState.CLAIMED: N_("in Arbeit"),
    DeliveryState.SENDING: N_("werden gerade übergeben"),
    DeliveryState.ACCEPTED: N_("an den Mailserver übergeben"),
    DeliveryState.DEFERRED: N_("zurückgestellt (kommen noch einmal)"),
    DeliveryState.REFUSED: N_("abgelehnt"),
    DeliveryState.UNKNOWN: N_("unklar (brauchen eine Entscheidung)"),
    DeliveryState.SKIPPED: N_("übersprungen"),
    DeliveryState.EXPIRED: N_("abgelaufen"),
    DeliveryState.FAILED: N_("ließen sich nicht schreiben"),
    DeliveryState.LEFT: N_("so belassen"),
}
_ONE_DELIVERY = _DELIVERY_WORDS | {
    DeliveryState.QUEUED: N_("wartet"),
    DeliveryState.SENDING: N_("wird gerade übergeben"),
    DeliveryState.DEFERRED: N_("zurückgestellt (kommt noch einmal)"),
    DeliveryState.UNKNOWN: N_("unklar (braucht eine Entscheidung)"),
    DeliveryState.FAILED: N_("ließ sich nicht schreiben"),
}


def heads() -> list[str]:
    """What stands above a list of issues."""
    return [_("Ausgabe"), _("Stand"), _("Versand"), _("Beiträge"), _("Betreff")]


def planned(issue: Issue) -> Iterator[str]:
    """When an issue leaves by the rhythm, and until when items are taken for it."""
    settings = invocation.settings
    it = settings.newsletter(issue.newsletter)
    dates = rhythm.dates(issue.number, it, settings.almanac)
    if dates is not None:
        when = ", ".join(filter(None, [_local(dates.leaves), dates.leaves_moved]))
        yield _("Versand nach dem Rhythmus: {when}").format(when=when)
        when = ", ".join(filter(None, [_local(dates.closes), dates.closes_moved]))
        yield _("Redaktionsschluss: {when}").format(when=when)


def row(line: issues.Line) -> list[object]:
    """One issue in a list."""
    issue = line.issue
    state = _(issues.STATE_WORDS[issue.state])
    return [issue.id, state, _local(issue.send_at), line.items, issue.subject]


def facts(line: issues.Line) -> dict[str, object]:
    """One issue in a list, as JSON."""
    issue = line.issue
    return {
        "id": issue.id,
        "newsletter": issue.newsletter,
        "number": issue.number,
        "state": issue.state.value,
        "subject": issue.subject,
        "send_at": issue.send_at.isoformat() if issue.send_at else None,
        "items": line.items,
    }


def _local(moment: datetime | None) -> str:
    return rhythm.in_words(moment, invocation.settings.zone) if moment else "–"


def document(issue: Issue, content: IssueContent) -> str:
    """The issue as ``issue edit`` reads it."""
    it = invocation.settings.newsletter(issue.newsletter, issue.number)
    return issue_document.written(issue, content, [(s.key, s.title) for s in it.sections])


def to_settle(both: issues.BothChanged, now: IssueContent) -> Complaint:
    """That somebody else changed the same, with the document to go on with."""
    from newsletter.commands import two_texts

    newsletter = invocation.settings.newsletter(now.masthead.slug, now.number)
    sections = [(section.key, section.title) for section in newsletter.sections]
    text = two_texts.of_issue(both, issue_document.titles_in(now), sections)
    return Complaint(two_texts.told(both, both.who), text)


def tell(
    issue: Issue,
    content: IssueContent,
    said: Sequence[Comment] = (),
    shared: Mapping[int, issues.Shared] = MappingProxyType({}),
) -> None:
    """An issue with its texts and items, what editors said about it, and which items stand in
    the other newsletter's issue of the same number.
    """
    stands = _("{id}  {state}, Stand {version}")
    state = _(issues.STATE_WORDS[issue.state])
    say(stands.format(id=issue.id, state=state, version=issue.version))
    if issue.send_at:
        say(_("Versand: {when}").format(when=_local(issue.send_at)))
    else:
        for line in planned(issue):
            say(line)
    say(_("Betreff: {subject}").format(subject=issue.subject))
    say(_("Vorschauzeile: {preheader}").format(preheader=issue.preheader))
    say(f"\n{issue.opening}\n")
    for section in content.sections:
        say(f"[{section.key}] {section.title}")
        for item in section.items:
            line = _("{reference}  {title} (Fassung {revision})")
            shown = {"reference": item.reference, "title": item.title, "revision": item.revision}
            say(f"  {line.format(**shown)}{_also_in(item, shared_by(item, shared))}")
    if not content.items:
        say(_("Noch kein Beitrag."))
    for line in comments.lines(said):
        say(line)
    if not content.items:
        suggest(f"issue fill {issue.id}")
    elif following := after(issue.state, issue.id):
        suggest(following)


def shared_by(item: Item, shared: Mapping[int, issues.Shared]) -> issues.Shared | None:
    """Where an item stands in the other newsletter's issue."""
    return shared.get(int(item.reference[1:]))


def _also_in(item: Item, there: issues.Shared | None) -> str:
    if there is None:
        return ""
    said = _(" – in {issue} Fassung {revision}")
    if there.revision == item.revision:
        said = _(" – unverändert gegenüber {issue}")
    return said.format(issue=there.issue_id, revision=there.revision)


def everything(
    issue: Issue,
    content: IssueContent,
    shared: Mapping[int, issues.Shared] = MappingProxyType({}),
) -> dict[str, object]:
    """An issue with its texts and items, as JSON."""
    return {
        "id": issue.id,
        "newsletter": issue.newsletter,
        "number": issue.number,
        "audience": issue.audience.value,
        "state": issue.state.value,
        "version": issue.version,
        "send_at": issue.send_at.isoformat() if issue.send_at else None,
        "content_hash": issue.content_hash,
        "subject": issue.subject,
        "preheader": issue.preheader,
        "opening": issue.opening,
        "sections": [
            {
                "key": section.key,
                "title": section.title,
                "items": [
                    {
                        "id": item.reference,
                        "revision": item.revision,
                        "title": item.title,
                        "elsewhere": _elsewhere(shared_by(item, shared)),
                    }
                    for item in section.items
                ],
            }
            for section in content.sections
        ],
    }


def _elsewhere(there: issues.Shared | None) -> dict[str, object] | None:
    return {"id": there.issue_id, "revision": there.revision} if there else None


def differences(before: IssueContent, after: IssueContent) -> list[str]:
    """What of an issue an edit changed, in words."""
    stood, stands = _parts(before), _parts(after)
    return [word for word in stands if stood[word] != stands[word]]


def _parts(content: IssueContent) -> dict[str, object]:
    return {
        _("Betreff"): content.subject,
        _("Vorschauzeile"): content.preheader,
        _("Einleitung"): content.opening,
        _("Auswahl oder Reihenfolge der Beiträge"): [
            (section.key, item.reference) for section in content.sections for item in section.items
        ],
    }


def tell_status(facts: Mapping[str, Any], planned: str = "", told: Sequence[str] = ()) -> None:
    """How an issue stands, and the next step.

    ``planned``: when it leaves, and what is to be expected then. ``told``: how far it is, what
    keeps it from going on, or what came of it.
    """
    state = next(word for key, word in issues.STATE_WORDS.items() if key == facts["state"])
    say(f"{facts['id']}  {_(state)}")
    say(_("Betreff: {subject}").format(subject=facts["subject"]))
    _tell_approval(facts)
    _tell_bytes(facts)
    if facts["when_approved"]:
        say(_when_approved(facts))
    if planned:
        say(_("Versand: {when}").format(when=planned))
    elif facts["send_at"]:
        say(_("Versand: {when}").format(when=_local(datetime.fromisoformat(facts["send_at"]))))
    if facts["recipients"] is not None:
        say(_("Empfängerinnen und Empfänger: {n}").format(n=number(facts["recipients"])))
    for name, count in facts["deliveries"].items():
        say(f"  {number(count):>9}  {delivery_words(name, count)}")
    for line in told:
        say(line)
    following = _after_status(facts)
    if facts["state"] == "scheduled" and facts["sender"] and following:
        said = _("Der Versand läuft; zusehen: newsletter {command}")
        say(said.format(command=following))
    elif following:
        suggest(following)


def _tell_bytes(facts: Mapping[str, Any]) -> None:
    """What was submitted: one hash over all editions, and how large each is."""
    if facts["content_hash"]:
        say(_("Prüfsumme: {hash}").format(hash=facts["content_hash"]))
    if facts["editions"]:
        say(_("Fassungen: {sizes}").format(sizes=", ".join(map(_sized, facts["editions"]))))


def _sized(edition: Mapping[str, Any]) -> str:
    """„die ganze Ausgabe 45 kB“."""
    kilobytes = max(1, round((edition["html_bytes"] + edition["text_bytes"]) / 1000))
    key = edition["edition"]
    return f"{_(EDITIONS[key])} {kilobytes} kB"


def _when_approved(facts: Mapping[str, Any]) -> str:
    """What somebody has planned for the moment of the approval."""
    moments = ("when_approved", "when_approved_latest")
    when, latest = (_local(datetime.fromisoformat(facts[each])) for each in moments)
    said = _("Sobald freigegeben, geplant für: {when} (spätestens freigegeben: {latest})")
    return said.format(when=when, latest=latest)


def delivery_words(state: str, count: int) -> str:
    """What became of so many deliveries, behind their number."""
    words = _ONE_DELIVERY if count == 1 else _DELIVERY_WORDS
    return _(words[DeliveryState(state)])


def _after_status(facts: Mapping[str, Any]) -> str | None:
    """What an editor can do now; nothing while somebody else is asked by letter."""
    counts, key, at_work = facts["deliveries"], facts["id"], facts["sender"]
    if DeliveryState.UNKNOWN in counts:
        return f"issue resolve {key}"
    if facts["state"] == "scheduled":
        if facts["due"]:
            return f"issue status {key} --watch" if at_work else "run"
        return None if at_work else "run"
    if facts["state"] in {"opening", "sending"} and at_work is False:
        return "run"
    if facts["state"] == "stopped" and not facts["closed_at"]:
        return "dispatch --until-empty"  # it writes the account
    if facts["state"] == "stopped" and not facts.get("corrects") and "corrections" not in facts:
        return f"issue correct {key}"
    if facts["state"] == "in_approval" and facts["asked"]:
        return None
    if facts["returned_by"] and not facts["returned_answered"]:
        return f"issue edit {key}"
    return after(facts["state"], key, facts["requested_by"] or "", facts["brake"])


_RETURNED = {
    "changes": N_("{who} wünscht Änderungen: {comment}"),
    "decline": N_("{who} hat nicht freigegeben: {comment}"),
}


def _tell_approval(facts: Mapping[str, Any]) -> None:
    requester = facts["requested_by"]
    if facts["returned_by"]:
        answer = facts["returned_answer"]
        said = _(_RETURNED[answer])
        say(said.format(who=facts["returned_by"], comment=facts["returned_comment"]))
        return
    if facts["approved_by"]:
        how = facts["approved_how"]
        say(_(_APPROVED[how]).format(who=facts["approved_by"], requester=requester))
        if facts["approved_changed"]:
            changed = _("Dabei wurden Sätze geändert; welche: newsletter issue record {id}")
            say(changed.format(id=facts["id"]))
    elif requester:
        say(_("Freigabe angefragt von {requester}").format(requester=requester))
    if facts["asked"] and facts["state"] == "in_approval":
        until = _local(datetime.fromisoformat(facts["asked_until"]))
        said = _("Gefragt ist {name}, per Link; Frist: {deadline}")
        for name in facts["waiting_for"]:
            say(said.format(name=name, deadline=until))


def after(state: str, key: str, requested_by: str = "", brake: str | None = None) -> str | None:
    """The likely next command for an issue; None when it is over."""
    approve = f"issue status {key}"  # says who is asked
    if requested_by:
        second = issues.second_person(invocation.settings, requested_by)
        approve = f"--as {quote(second)} issue approve {key}"
    return {
        "draft": f"issue check {key}",
        "in_approval": approve,
        "approved": f"issue schedule {key}",
        "scheduled": f"issue status {key}",
        "late": f"issue schedule {key} now",
        "opening": f"issue status {key} --watch",
        "sending": f"issue status {key} --watch",
        "paused": way_on(IssueState.PAUSED, key, brake),
    }.get(state)
