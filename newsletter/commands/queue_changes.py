"""``newsletter queue``: what becomes of an item besides yes and no."""

from __future__ import annotations

import typer

from newsletter.commands import stake
from newsletter.commands.asking import at_a_terminal, text
from newsletter.commands.context import give, invocation, say, suggest
from newsletter.language import _

_REFERENCE = typer.Argument(..., metavar="ID", help="Die Einreichung, zum Beispiel q12.")
_REFERENCES = typer.Argument(..., metavar="ID…", help="Einreichungen, zum Beispiel q12 q15.")
_FOR = typer.Option(
    None, "--for", metavar="SLUG", help="Nur für diesen Newsletter; mehrfach möglich."
)


def defer(
    references: list[str] = _REFERENCES,
    newsletters: list[str] = _FOR,
    until: str = typer.Option(
        None,
        "--until",
        metavar="NUMMER",
        help="Bis zur Ausgabe mit dieser Nummer, zum Beispiel 2027-02; sonst bis zur übernächsten.",
    ),
) -> None:
    """Einreichungen für eine spätere Ausgabe zurückstellen.

    Die nächste Ausgabe bleibt ohne sie, ob schon begonnen oder nicht; in die danach nimmt
    „issue fill“ sie auf. Vorher nimmt sie „queue accept“ wieder auf. Die registrierte
    Ansprechperson erfährt, dass der Beitrag später erscheint.

    \b
    Beispiel:
      newsletter queue defer q12 q15 --as redaktion
      newsletter queue defer q12 --for clusterplattform --until 2027-02 --as redaktion
    """
    from newsletter import queue
    from newsletter.commands import queue_shown

    with invocation.act() as act:
        decisions = queue.defer(act, references, newsletters or None, until)
    queue_shown.tell_decisions(decisions)
    queue_shown.tell_waits(decisions)
    suggest("queue list")
    give([queue_shown.decision(each) for each in decisions])


def ask(
    reference: str = _REFERENCE,
    question: str = typer.Argument(
        "", metavar="[FRAGE]", help="Die Frage, oder eine Datei mit ihr; „-“: Standardeingabe."
    ),
) -> None:
    """Die Ansprechperson etwas zu einer Einreichung fragen.

    Sie bekommt die Frage in einer Nachricht und antwortet auf der Statusseite, zu der ein
    Link führt; bis dahin steht die Einreichung auf „in Rückfrage“. Die Antwort zeigt
    „queue show“.

    \b
    Beispiel:
      newsletter queue ask q12 "Dürfen wir das Bild auch im Archiv zeigen?" --as redaktion
      newsletter queue ask q12 frage.txt --as redaktion
    """
    from newsletter import queue

    if not question.strip() and at_a_terminal():
        question = text(_("Frage (geht an die Ansprechperson)"))
    with invocation.act() as act:
        asked = queue.ask(act, reference, typed_or_read(question))
    facts = {"reference": asked.reference, "address": asked.to}
    say(_("{reference}: Die Frage geht an {address}.").format(**facts))
    say(_("Die Antwort zeigt: newsletter queue show {reference}").format(**facts))
    give({"id": asked.reference, "state": "question", "to": asked.to})


def typed_or_read(question: str) -> str:
    """What was typed; „-“ and the name of a file stand for what these hold."""
    import sys
    from pathlib import Path

    if question == "-":
        return sys.stdin.read()
    if invocation.over_ssh is not None:  # it names no file of the server
        return question
    if 0 < len(question) < _LONGEST_PATH and "\n" not in question and Path(question).is_file():
        return Path(question).read_text(encoding="utf-8")
    return question


_LONGEST_PATH = 250


def withdraw(
    reference: str = _REFERENCE,
    reason: str = typer.Option(
        "", "--reason", metavar="TEXT", help="Warum; geht an die Ansprechperson des Clusters."
    ),
) -> None:
    """Eine Einreichung für die Ansprechperson zurückziehen.

    Jede Ausgabe, in der sie steht und die noch nicht hinausgegangen ist, verliert ihre
    Freigabe; ein laufender Versand hält an. Die Ansprechperson bekommt eine Nachricht.

    \b
    Beispiel:
      newsletter queue withdraw q12 --reason "Die Messe wurde verkauft." --as redaktion
    """
    from newsletter import queue
    from newsletter.commands import queue_shown

    if not reason.strip() and at_a_terminal():
        reason = text(_("Grund (geht an die Ansprechperson)"))
    done = stake.act([reference], lambda act: queue.withdraw(act, reference, reason))
    said = _("{reference} ist zurückgezogen: {title}")
    say(said.format(reference=done.reference, title=done.title))
    queue_shown.tell_stopped(done.stopped)
    if done.gone_out:
        said = _("Schon erschienen in: {issues}. Dort bleibt der Beitrag stehen.")
        say(said.format(issues=", ".join(done.gone_out)))
    for issue in done.drafts:
        said = _("Noch herausnehmen: newsletter issue remove {issue} {reference}")
        say(said.format(issue=issue, reference=done.reference))
    if not done.drafts:
        suggest("queue list")
    give(
        {
            "id": done.reference,
            "state": "withdrawn",
            "stopped": {issue: state.value for issue, state in done.stopped},
            "drafts": list(done.drafts),
            "gone_out": list(done.gone_out),
        }
    )


def cancel_date(
    reference: str = _REFERENCE,
    postponed: bool = typer.Option(False, "--postponed", help="Verschoben statt abgesagt."),
    on: bool = typer.Option(False, "--on", help="Er findet doch statt."),
) -> None:
    """Einen Termin absagen oder verschieben.

    Jede Ausgabe, in der er steht und die noch nicht hinausgegangen ist, verliert ihre
    Freigabe; ein laufender Versand hält an. Neu gebaut, nennt sie die Absage. Die
    registrierte Ansprechperson bekommt eine Nachricht.

    \b
    Beispiel:
      newsletter queue cancel-date q12 --as redaktion
      newsletter queue cancel-date q12 --postponed --as redaktion
    """
    from newsletter import queue
    from newsletter.commands import queue_shown
    from newsletter.content import EventState
    from newsletter.errors import WrongUsage

    if postponed and on:
        raise WrongUsage(why=_("Bitte nur eines angeben: --postponed oder --on."))
    other = EventState.POSTPONED if postponed else EventState.CANCELLED
    to = EventState.ON if on else other
    done = stake.act([reference], lambda act: queue.cancel_date(act, reference, to))
    said = "{reference}  {state}: {title}"
    if not done.changed:
        said = _("{reference}  schon {state}: {title}")
    state = _(queue.EVENT_WORDS[done.state])
    say(said.format(reference=done.reference, state=state, title=done.title))
    queue_shown.tell_stopped(done.stopped)
    if done.gone_out:
        said = _(
            "Angekündigt wurde er in {issues}. Bitte in der nächsten Ausgabe darauf hinweisen."
        )
        say(said.format(issues=", ".join(done.gone_out)))
    for issue, __ in done.stopped:
        suggest(f"issue check {issue}")
    if not done.stopped:
        suggest(f"queue show {done.reference}")
    give(
        {
            "id": done.reference,
            "event_state": done.state.value,
            "changed": done.changed,
            "sequence": done.sequence,
            "stopped": {issue: state.value for issue, state in done.stopped},
            "gone_out": list(done.gone_out),
        }
    )


def publish(reference: str = _REFERENCE) -> None:
    """Einen Termin veröffentlichen, den keine Ausgabe mehr erreicht.

    Er muss für den öffentlichen Newsletter angenommen, seine Sperrfrist vorbei sein. Danach
    steht er für alle als Kalenderdatei bereit; die Ansprechperson erfährt es. Nach
    „queue edit“ veröffentlicht derselbe Befehl die neue Fassung.

    \b
    Beispiel:
      newsletter queue publish q12 --as redaktion
    """
    from newsletter import queue

    with invocation.act() as act:
        done = queue.publish(act, reference)
    said = (
        _("{reference} ist veröffentlicht (Fassung {revision}): {title}")
        if done.changed
        else _("{reference} war schon veröffentlicht (Fassung {revision}): {title}")
    )
    say(said.format(reference=done.reference, revision=done.revision, title=done.title))
    say(_("Kalenderdatei: {url}").format(url=done.url))
    give(
        {
            "id": done.reference,
            "newsletter": done.newsletter,
            "revision": done.revision,
            "url": done.url,
            "changed": done.changed,
        }
    )


def merge(
    reference: str = typer.Argument(..., metavar="BLEIBT", help="Die Einreichung, die bleibt."),
    others: list[str] = typer.Argument(
        ..., metavar="ANDERE…", help="Die Einreichungen, die in ihr aufgehen."
    ),
) -> None:
    """Mehrere Einreichungen zu einer zusammenführen.

    Was die erste hat, bleibt; was ihr fehlt, kommt der Reihe nach aus den anderen. Genannt
    werden alle Cluster, und jede registrierte Ansprechperson bekommt eine Nachricht.

    \b
    Beispiel:
      newsletter queue merge q12 q15 --as redaktion
    """
    from newsletter import queue
    from newsletter.commands import queue_shown

    done = stake.act([reference], lambda act: queue.merge(act, reference, others))
    queue_shown.tell_merged(done)
    suggest(f"queue show {done.reference}")
    give(
        {
            "id": done.reference,
            "revision": done.revision,
            "merged": list(done.merged),
            "filled": list(done.filled),
            "credited": list(done.credited),
            "also_wanted": list(done.also_wanted),
            "older_in": list(done.older_in),
            "stopped": {issue: state.value for issue, state in done.stopped},
        }
    )
