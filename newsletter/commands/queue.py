"""``newsletter queue``: what was handed in, and the decision about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from newsletter.commands import (
    queue_change,
    queue_changes,
    queue_list,
    queue_mail,
    queue_note,
    queue_picture,
    queue_revisions,
    queue_take_down,
    queue_together,
    stake,
)
from newsletter.commands.asking import at_a_terminal, text
from newsletter.commands.context import give, invocation, say, suggest
from newsletter.commands.tree import Noun
from newsletter.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsletter.commands.document import Document
    from newsletter.errors import Problem
    from newsletter.history import Act
    from newsletter.queue import Decision

_REFERENCE = typer.Argument(..., metavar="ID", help="Die Einreichung, zum Beispiel q12.")
_REFERENCES = typer.Argument(..., metavar="ID…", help="Einreichungen, zum Beispiel q12 q15.")
_FOR = typer.Option(
    None, "--for", metavar="SLUG", help="Nur für diesen Newsletter; mehrfach möglich."
)
_FILE = typer.Argument(
    None, metavar="[DATEI]", help="Das Dokument; „-“ liest die Standardeingabe. Sonst: EDITOR."
)


def mount(app: typer.Typer) -> None:
    """Put the commands into the tree."""
    noun = Noun(
        help="Warteschlange: was eingereicht wurde und was daraus wird.",
    )
    noun.command("add")(add)
    noun.command("list")(queue_list.list_)
    noun.command("show")(show)
    noun.command("edit")(edit)
    noun.command("accept")(accept)
    noun.command("decline")(decline)
    noun.command("ask")(queue_changes.ask)
    noun.command("defer")(queue_changes.defer)
    noun.command("merge")(queue_changes.merge)
    noun.command("withdraw")(queue_changes.withdraw)
    noun.command("take-down")(queue_take_down.take_down)
    noun.command("publish")(queue_changes.publish)
    noun.command("cancel-date")(queue_changes.cancel_date)
    noun.command("change")(queue_change.change)
    noun.command("picture")(queue_picture.picture)
    noun.command("revisions")(queue_revisions.revisions)
    noun.command("diff")(queue_revisions.diff)
    noun.command("restore")(queue_revisions.restore)
    noun.command("assign")(queue_together.assign)
    noun.command("comment")(queue_together.comment)
    app.add_typer(noun, name="queue")


def add(
    file: str = _FILE,
    source: str = typer.Option(
        None, "--source", metavar="NAME", help="Von wem, zum Beispiel BMWE oder ECCP."
    ),
    cluster: str = typer.Option(
        None, "--cluster", metavar="SLUG", help="Im Namen dieses Clusters."
    ),
    mail: str = typer.Option(
        None, "--from", metavar="MAIL", help="Eine E-Mail (.eml) für --cluster aufnehmen."
    ),
    rights: bool = typer.Option(
        False, "--rights", help="Zu --from: Die Rechte sind schriftlich bestätigt."
    ),
) -> None:
    """Einen eigenen Beitrag der Redaktion aufnehmen, oder einen aus einer E-Mail.

    Ohne Datei öffnet sich der Editor mit einem Vordruck. Die Datei ist ein solches Dokument
    oder das JSON einer Einreichung. Was nicht stimmt, steht als Anmerkung an seiner Zeile.
    Mit --from wird eine E-Mail zur Meldung des Clusters: der Betreff zum Titel, der erste Absatz
    zum Teaser, mit --rights auch das erste Bild; die Ansprechperson bekommt die Bestätigung.

    \b
    Beispiel:
      newsletter queue add aufruf.md --source BMWE --as redaktion
      newsletter queue add --from mail.eml --cluster lichtwerk-havelbogen --as redaktion
    """
    if mail:
        queue_mail.add(mail, file, source, cluster, rights=rights)
        return
    from newsletter import queue, submissions
    from newsletter.commands import item_document, queue_alike
    from newsletter.commands.document import carry

    invocation.actor()
    zone = invocation.settings.zone

    def blank() -> str:
        start = {"kind": "news", "targets": list(invocation.settings.newsletters), "language": "de"}
        return item_document.written(start, zone, *_origin_lines(source, cluster))

    def take(document: Document) -> Any:
        unread: list[Problem] = []
        facts = item_document.facts_in(document, zone, unread)
        said = {name: facts.pop(name, None) for name in ("source", "cluster", "revision")}
        with invocation.act() as act, item_document.with_unread(unread):
            _take_picture(act, facts, file)
            return queue.add(
                act,
                facts,
                source=source or _text(said["source"]),
                cluster=cluster or _text(said["cluster"]),
            )

    receipt = carry("queue add", file, blank, take)
    if receipt is None:
        say(_("Nichts eingetragen."))
        return
    say(_("{reference} ist aufgenommen.").format(reference=receipt.reference))
    with invocation.look() as session:
        added = submissions.by_reference(session, receipt.reference)
        alike = queue.alike(session, invocation.settings, added)
    suggest(queue_alike.tell(alike) or f"queue accept {receipt.reference}")
    give({"id": receipt.reference, "state": "received"} | queue_alike.facts(alike))


def _origin_lines(source: str | None, cluster: str | None) -> list[str]:
    whose = _("Von wem? Eine Quelle (BMWE, ECCP …) oder das Kürzel eines Clusters")
    return [
        "",
        f"# {whose}",
        f"source: {source or ''}".rstrip(),
        f"cluster: {cluster or ''}".rstrip(),
    ]


def _text(value: object) -> str | None:
    return str(value) if value else None


def _take_picture(act: Act, facts: dict[str, object], file: str | None) -> None:
    """``image`` may name a file, beside the document or from here; then it is taken in."""
    from pathlib import Path

    from newsletter import pictures
    from newsletter.errors import Invalid, Problem

    named = facts.get("image")
    if not isinstance(named, str) or "." not in named:
        return
    if invocation.over_ssh is not None:
        how = _("Über ssh geht kein Bild vom Server. Zum Hochladen: queue picture ID --link")
        raise Invalid([Problem("image", how)])
    folder = Path(file).parent if file and file != "-" else Path()
    found = next((path for path in (folder / named, Path(named)) if path.is_file()), None)
    if found is None:
        missing = _("Die Datei „{file}“ gibt es nicht.").format(file=named)
        raise Invalid([Problem("image", missing)])
    picture = pictures.take_in(act, found.read_bytes(), cluster_id=None, by=act.actor.name)
    facts["image"] = picture.key


def show(
    reference: str = _REFERENCE,
    document: bool = typer.Option(
        False, "--document", help="Als Dokument, wie „queue edit“ es liest."
    ),
) -> None:
    """Eine Einreichung zeigen: Inhalt, Prüfung, Verlauf.

    \b
    Beispiel:
      newsletter queue show q12
    """
    from newsletter import queue
    from newsletter.commands import queue_alike, queue_shown
    from newsletter.history import now
    from newsletter.issues import beforehand

    settings = invocation.settings
    with invocation.look() as session:
        if document:
            print(_document(session, reference), end="")
            return
        moment = now()
        shown = queue.show(session, settings, reference, moment)
        alike = queue.alike(session, settings, shown.submission)
        findings = beforehand.found(session, settings, moment, [shown.submission])
    queue_shown.tell(shown, findings, alike)
    give(queue_shown.everything(shown, findings) | queue_alike.facts(alike))


def _document(session: Any, reference: str) -> str:
    from newsletter import submissions
    from newsletter.commands import item_document

    submission = submissions.by_reference(session, reference)
    facts = submissions.facts_of(session, submission)
    newest = (submission.reference, submission.revision)
    return item_document.numbered(*newest, facts, invocation.settings.zone)


def edit(
    reference: str = _REFERENCE,
    file: str = _FILE,
    archive_only: bool = queue_note.ARCHIVE_ONLY,
    note: str = queue_note.NOTE,
    issue: str = queue_note.ISSUE,
    take_back: bool = queue_note.TAKE_BACK,
) -> None:
    """Eine Einreichung bearbeiten; es entsteht eine neue Fassung.

    Ausgaben behalten die Fassung, die sie haben; „issue check“ nennt sie. Eine spätere
    Sperrfrist oder zurückgenommene Rechte halten jede Ausgabe an, in der der Beitrag steht;
    mit den Rechten (rights_confirmed: nein) entfällt auch das Bild.

    Was erschienen ist, bleibt, wie es war. Für einen Tippfehler, der keine Mail braucht, setzt
    --archive-only einen Hinweis mit Datum an den Beitrag im Archiv; --take-back nimmt ihn weg.

    \b
    Beispiel:
      newsletter queue edit q12
      newsletter queue edit q12 --archive-only --note "Der Ort heißt Musterhavel."
      newsletter queue show q12 --document > q12.md
      newsletter queue edit q12 q12.md --as redaktion
    """
    from newsletter import queue, submissions
    from newsletter.commands import item_document, presence, queue_shown, two_texts
    from newsletter.commands.document import Complaint, carry
    from newsletter.errors import Invalid, Problem

    invocation.actor()
    if archive_only:
        queue_note.archive_only(reference, file, note, issue, take_back=take_back)
        return
    queue_note.require_archive_only(note, issue, take_back=take_back)

    def standing() -> str:
        with invocation.look() as session:
            return _document(session, reference)

    def take(document: Document) -> Any:
        unread: list[Problem] = []
        facts = item_document.facts_in(document, invocation.settings.zone, unread)
        seen = str(facts.pop("revision", ""))
        if not seen.isdecimal():
            raise Invalid([*unread, Problem("revision", _(_REVISION_MISSING))])
        for name in ("source", "cluster"):
            facts.pop(name, None)
        try:
            return stake.act([reference], lambda act: revised(act, facts, int(seen), unread))
        except queue.BothEdited as both:
            words = two_texts.told(both, ", ".join(both.met.who))
            raise Complaint(words, two_texts.document(both, invocation.settings.zone)) from both

    def revised(act: Act, facts: dict[str, object], seen: int, unread: list[Problem]) -> Any:
        with item_document.with_unread(unread):
            _take_picture(act, facts, file)
            return queue.edit(act, reference, facts, seen)

    with invocation.look() as session:
        number = submissions.by_reference(session, reference).id
    with presence.typing("submission", number, file) as others:
        edited = carry(
            f"queue edit {reference}", file, lambda: presence.told(standing(), others), take
        )
    if edited is None:
        say(_("Nichts geändert."))
        return
    queue_shown.tell_edited(edited)


_REVISION_MISSING = N_(
    "Hier steht die Fassung, von der das Dokument ausgeht;"
    " „queue show ID --document“ trägt sie ein."
)


def accept(references: list[str] = _REFERENCES, newsletters: list[str] = _FOR) -> None:
    """Einreichungen annehmen, wo gewünscht oder wo --for es sagt.

    Findet die Prüfung etwas, wird es genannt; annehmen lässt sich trotzdem.

    \b
    Beispiel:
      newsletter queue accept q12 q15 --as redaktion
      newsletter queue accept q12 --for go-cluster --as redaktion
    """
    from newsletter import queue, submissions
    from newsletter.commands import queue_shown
    from newsletter.issues import beforehand

    with invocation.act() as act:
        decisions = queue.accept(act, references, newsletters or None)
        rows = [submissions.by_reference(act.session, each) for each in references]
        findings = beforehand.before_an_issue(act.session, act.settings, act.now, rows)
        following = _next_step(act, decisions)
    queue_shown.tell_decisions(decisions)
    for finding in findings:
        say(f"{finding.where}  {_(queue_shown.LEVELS[finding.level])}: {finding.text}")
    suggest(following)
    give([queue_shown.decision(each) for each in decisions])


def _next_step(act: Act, decisions: Sequence[Decision]) -> str:
    from newsletter import issues

    slug = decisions[0].newsletter
    drafts = [line.issue.id for line in issues.list_(act.session, slug) if _is_draft(line)]
    return f"issue fill {drafts[0]}" if drafts else f"issue new {slug}"


def _is_draft(line: Any) -> bool:
    return bool(line.issue.state == "draft")


def decline(
    references: list[str] = _REFERENCES,
    newsletters: list[str] = _FOR,
    reason: str = typer.Option(
        "", "--reason", metavar="TEXT", help="Warum; geht an die Ansprechperson des Clusters."
    ),
) -> None:
    """Einreichungen ablehnen, mit einem Grund.

    Die registrierte Ansprechperson bekommt ihn in einer Nachricht.

    \b
    Beispiel:
      newsletter queue decline q12 --reason "Werblicher Text; gern ohne Preise neu." --as redaktion
    """
    from newsletter import queue
    from newsletter.commands import queue_shown

    if not reason.strip() and at_a_terminal():
        reason = text(_("Grund (geht an die Ansprechperson)"))
    with invocation.act() as act:
        decisions = queue.decline(act, references, newsletters or None, reason)
    queue_shown.tell_decisions(decisions)
    suggest("queue list")
    give([queue_shown.decision(each) for each in decisions])
