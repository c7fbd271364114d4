"""``newsletter issue audience``: who gets an issue, who got it, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from newsletter.commands import moments, reader_shown
from newsletter.commands.context import give, invocation, say, suggest, table
from newsletter.language import N_, _, n_

if TYPE_CHECKING:
    from newsletter.dispatch.ledger import Copy
    from newsletter.models.delivery import DeliveryState
    from newsletter.models.issue import Issue
    from newsletter.readers import Relation

_ISSUE = typer.Argument(
    ..., metavar="AUSGABE", help="Die Ausgabe, zum Beispiel clusterplattform-2026-12."
)


def audience(
    key: str = _ISSUE,
    why: str = typer.Option(
        None, "--why", metavar="ADRESSE", help="Warum diese Person sie bekam, oder warum nicht."
    ),
    export: Path = typer.Option(
        None,
        "--export",
        metavar="DATEI",
        help="Adresse für Adresse in eine neue Datei, die auf .csv oder .json endet.",
    ),
    state: str = typer.Option(
        None,
        "--state",
        metavar="STAND",
        help="Nur die Adressen in diesem Stand, mit der Antwort des Mailservers: refused …",
    ),
) -> None:
    """Wer eine Ausgabe bekommt oder bekam: die Summen, eine Person, oder alle in eine Datei.

    --why, --state und --export zeigen Personen; wer das tut, steht im Protokoll. Die Datei darf nur
    lesen, wer sie geschrieben hat.

    \b
    Beispiel:
      newsletter issue audience clusterplattform-2026-12
      newsletter issue audience clusterplattform-2026-12 --why maria@firma.example --as redaktion
      newsletter issue audience clusterplattform-2026-12 --state refused --as redaktion
      newsletter issue audience clusterplattform-2026-12 --export liste.csv --as redaktion
    """
    from newsletter.errors import WrongUsage

    if sum(option is not None for option in (why, state, export)) > 1:
        raise WrongUsage(why=_("Bitte nur eins von --why, --state und --export."))
    if state is not None:
        _in_state(key, state)
    elif export is not None:
        _export(key, export)
    elif why is not None:
        _why(key, why)
    else:
        _sums(key)


# -- the sums -------------------------------------------------------------------------------


def _sums(key: str) -> None:
    from newsletter import issues
    from newsletter.dispatch import accounts, ledger

    with invocation.look() as session:
        issue = issues.find(session, key)
        sums = ledger.by_reason(session, issue)
        listening = ledger.listening(session, issue)
    say(f"{issue.id}  {_(issues.STATE_WORDS[issue.state])}")
    say(_("Newsletter: {name}").format(name=_name(issue)))
    say(_fixed(issue, listening))
    if issue.recipients is not None:
        say(accounts.sentence(issue.recipients, sums))
        suggest(f"issue audience {issue.id} --why {_('ADRESSE')}")
    give(_facts(issue) | {"listening": listening} | accounts.facts(sums))


def _facts(issue: Issue) -> dict[str, Any]:
    return {
        "id": issue.id,
        "newsletter": issue.newsletter,
        "state": issue.state.value,
        "recipients": issue.recipients,
        "fixed_at": issue.opened_at.isoformat() if issue.opened_at else None,
        "closed_at": issue.closed_at.isoformat() if issue.closed_at else None,
    }


def _name(issue: Issue) -> str:
    from newsletter import readers

    return readers.name_of(invocation.settings, issue.newsletter)


def _fixed(issue: Issue, listening: int) -> str:
    """When the list was fixed, or that it is not."""
    from newsletter.dispatch.accounts import number

    if issue.opened_at is None:
        said = n_(
            "Die Empfängerliste steht fest, sobald der Versand beginnt. Jetzt ist es {n} Adresse.",
            "Die Empfängerliste steht fest, sobald der Versand beginnt. Jetzt sind es {n}"
            " Adressen.",
            listening,
        )
        return said.format(n=number(listening))
    when = moments.moment(issue.opened_at)
    if issue.recipients is None:
        return _("Die Empfängerliste wird seit {when} festgelegt.").format(when=when)
    said = n_(
        "Empfängerliste: {n} Adresse, festgelegt am {when}",
        "Empfängerliste: {n} Adressen, festgelegt am {when}",
        issue.recipients,
    )
    return said.format(n=number(issue.recipients), when=when)


# -- one person -----------------------------------------------------------------------------


def _why(key: str, address: str) -> None:
    from newsletter import issues, readers
    from newsletter.dispatch import corrected, ledger

    with invocation.act() as act:
        issue = issues.find(act.session, key)
        asked = (act.session, act.settings, issue.newsletter, address, issue.opened_at)
        theirs = readers.relation(*asked)
        person = theirs.person
        copy = ledger.copy_of(act.session, issue.id, person.id) if person and person.id else None
        meant = corrected.is_meant(act.session, issue, person.id if person else None)
        detail = {"person": person.public_id} if person else None
        act.record("issue", issue.id, "asked about a person", detail=detail)
    if person is None:
        say(_nobody(theirs))
    else:
        say(f"{theirs.email}  {person.name or ''}".rstrip())
        say(_fate(issue, copy) if copy else _not_on_the_list(issue, theirs, meant=meant))
        for line in _words(copy) if copy else ():
            say(f"  {line}")
        _relation(issue, theirs)
        say(_fixed_then(issue))
    give(_facts(issue) | _of_person(theirs, copy))


def _nobody(theirs: Relation) -> str:
    if theirs.erased:
        said = _(
            "{email} wurde gelöscht: Wer dahinter stand und was diese Person bekam, ist nicht mehr"
            " gespeichert. In den Summen zählt sie weiter mit."
        )
    else:
        said = _("{email} ist hier nicht gespeichert, und auch nicht als gelöscht vermerkt.")
    return said.format(email=theirs.email)


_FATES = {
    "queued": N_("{issue} wartet für diese Adresse auf den Versand."),
    "claimed": N_("{issue} wird für diese Adresse gerade fertig gemacht."),
    "sending": N_("{issue} wird für diese Adresse gerade übergeben."),
    "accepted": N_("{issue} wurde am {when} an den Mailserver übergeben."),
    "deferred": N_("{issue} wurde vorerst nicht angenommen; nächster Versuch am {next}."),
    "refused": N_("{issue} wurde am {when} vom Mailserver abgelehnt."),
    "unknown": N_("Ob {issue} ankam, ist unklar. Entscheiden: newsletter issue resolve {issue}"),
    "left": N_("Ob {issue} ankam, blieb unklar; so wurde es am {when} belassen."),
    "expired": N_("{issue} wurde am {when} nach vielen Versuchen aufgegeben."),
    "failed": N_("{issue} ließ sich für diese Adresse nicht schreiben: {why}"),
    "skipped": N_("{issue} wurde am {when} für diese Adresse übersprungen: {why}"),
}
_SKIPPED = {
    "unsubscribed": N_("Die Person hatte sich inzwischen abgemeldet."),
    "suppressed": N_("Die Adresse war inzwischen gesperrt."),
    "bounced": N_("Die Adresse war inzwischen unzustellbar."),
    "complained": N_("Die Person hatte sich beschwert."),
    "left_register": N_("Die Person war aus dem Mitgliederverzeichnis ausgeschieden."),
    "erased": N_("Die Person wurde inzwischen gelöscht."),
    "paused": N_("Die Person hatte das Abonnement inzwischen pausiert."),
    "restricted": N_("Die Verarbeitung war inzwischen eingeschränkt."),
    "no_dates": N_("Die Person möchte nur Termine, und die Ausgabe enthält keine."),
    "stopped": N_("Der Versand wurde abgebrochen."),
}
_AFTERWARDS = {
    "bounced": N_("Danach kam sie als unzustellbar zurück."),
    "complained": N_("Danach kam eine Beschwerde."),
}


def _fate(issue: Issue, copy: Copy) -> str:
    when = moments.moment(copy.settled_at) if copy.settled_at else ""
    following = moments.moment(copy.not_before) if copy.not_before else ""
    why = _(_SKIPPED.get(copy.why or "", copy.why or ""))
    said = _(_FATES[copy.state.value])
    return said.format(issue=issue.id, when=when, next=following, why=why)


def _words(copy: Copy) -> list[str]:
    """What else is known of a copy."""
    known = [_("Fassung: {edition}").format(edition=_(reader_shown.EDITIONS[copy.edition]))]
    if copy.afterwards:
        known.append(_(_AFTERWARDS[copy.afterwards.value]))
    if copy.attempts:
        known.append(_("Versuche: {n}").format(n=copy.attempts))
    if copy.resent_at:
        when = moments.moment(copy.resent_at)
        known.append(_("Noch einmal gesendet, weil jemand so entschied: {when}").format(when=when))
    if copy.relay:
        known.append(_("Mailserver: {relay}").format(relay=copy.relay))
    if copy.reply:
        known.append(_("Antwort: {reply}").format(reply=" ".join(copy.reply.split())))
    known.append(f"Message-ID: <{copy.message_id}>")
    return known


_OBSTACLES = {
    None: N_("{issue} ging nicht an diese Adresse. Warum, ist nicht gespeichert."),
    "not_yet": N_(
        "{issue} ging nicht an diese Adresse: Sie wurde erst danach für „{newsletter}“ eingetragen."
    ),
    "not_subscribed": N_(
        "{issue} geht nicht an diese Adresse: Sie hat „{newsletter}“ nie abonniert."
    ),
    "pending": N_("{issue} geht nicht an diese Adresse: Die Anmeldung war nicht bestätigt."),
    "expired": N_("{issue} geht nicht an diese Adresse: Die Anmeldung wurde nie bestätigt."),
    "paused": N_("{issue} geht nicht an diese Adresse: Das Abonnement war pausiert."),
    "restricted": N_("{issue} geht nicht an diese Adresse: Die Verarbeitung war eingeschränkt."),
    "suppressed": N_("{issue} geht nicht an diese Adresse: Sie war gesperrt."),
    "ended": N_("{issue} geht nicht an diese Adresse: Das Abonnement war beendet."),
}


def _not_on_the_list(issue: Issue, theirs: Relation, *, meant: bool) -> str:
    if not meant:
        said = _(
            "{issue} geht nicht an diese Adresse: Die Korrektur ist für andere aus der Abrechnung"
            " von {first}."
        )
        return said.format(issue=issue.id, first=issue.corrects_id)
    if issue.recipients is None and theirs.obstacle is None:
        said = _("{issue} geht an diese Adresse, wenn sich bis zum Versand nichts ändert.")
    else:
        said = _(_OBSTACLES.get(theirs.obstacle, _OBSTACLES["ended"]))
    return said.format(issue=issue.id, newsletter=_name(issue))


def _relation(issue: Issue, theirs: Relation) -> None:
    """The subscription with its evidence: the reason why anything is written to them."""
    one = theirs.subscription
    if one is None:
        return
    said = _("{newsletter}: {state} seit {when}")
    state, since = _(reader_shown.STATES[one.state.value]), moments.moment(one.since)
    say(said.format(newsletter=_name(issue), state=state, when=since))
    lines = [reader_shown.evidence(line) for line in theirs.evidence]
    if lines:
        table(reader_shown.evidence_heads(), lines)
    else:
        say(_("Ein Nachweis der Einwilligung ist nicht gespeichert."))


def _fixed_then(issue: Issue) -> str:
    if issue.opened_at is None:
        return _("Die Empfängerliste steht fest, sobald der Versand beginnt.")
    when = moments.moment(issue.opened_at)
    return _("Die Empfängerliste wurde am {when} festgelegt.").format(when=when)


def _of_person(theirs: Relation, copy: Copy | None) -> dict[str, Any]:
    one = theirs.subscription
    return {
        "email": theirs.email,
        "known": theirs.person is not None,
        "erased": theirs.erased,
        "on_the_list": copy is not None,
        "obstacle": None if copy else theirs.obstacle,
        "delivery": reader_shown.plain(copy._asdict()) if copy else None,
        "subscription": reader_shown.plain(
            {"state": one.state, "since": one.since, "evidence": theirs.evidence}
        )
        if one
        else None,
    }


# -- those in a state -----------------------------------------------------------------------

_SHOWN = 100  # at the terminal; JSON has all


def _in_state(key: str, given: str) -> None:
    from itertools import islice

    from newsletter import issues
    from newsletter.commands.issue_shown import after
    from newsletter.dispatch import ledger

    state = _state(given)
    with invocation.act() as act:
        issue = issues.find(act.session, key)
        count = ledger.sums(act.session, issue.id).get(state, 0)
        found = ledger.copies(act.session, issue.id, state)
        rows = list(found if invocation.json else islice(found, _SHOWN))
        act.record("issue", issue.id, "listed", detail={"state": state.value, "rows": count})
    _tell_in_state(issue, state, rows, count)
    if following := after(issue.state.value, issue.id):
        suggest(following)
    told = {"email", "name", "why", "settled_at", "attempts", "relay", "reply"}
    addresses = [
        reader_shown.plain({name: value for name, value in row._asdict().items() if name in told})
        for row in rows
    ]
    give(_facts(issue) | {"listed": state.value, "addresses": addresses})


def _tell_in_state(issue: Issue, state: DeliveryState, rows: list[Copy], count: int) -> None:
    from newsletter.commands.issue_shown import delivery_words
    from newsletter.dispatch.accounts import number

    words = delivery_words(state, count)
    say(_("{issue}: {n} {words}").format(issue=issue.id, n=number(count), words=words))
    if not rows:
        return
    table([_("Adresse"), _("Antwort oder Grund")], [_said_of(row) for row in rows])
    if count > len(rows):
        said = _("… und {n} weitere; alle mit --json oder --export DATEI.")
        say(said.format(n=number(count - len(rows))))
    if state == "refused":
        say(_("Woher eine Adresse stammt, zeigt: newsletter subscribers show ADRESSE"))


def _said_of(row: Copy) -> list[object]:
    return [row.email or _("(gelöschte Person)"), row.reply or _(_SKIPPED.get(row.why or "", "–"))]


def _state(given: str) -> DeliveryState:
    """WrongUsage for a word that is none."""
    from newsletter.errors import WrongUsage
    from newsletter.models.delivery import DeliveryState

    try:
        return DeliveryState(given.strip().lower())
    except ValueError:
        said = _("„{given}“ ist kein Stand. Es gibt: {known}")
        raise WrongUsage(why=said.format(given=given, known=", ".join(DeliveryState))) from None


# -- everybody, into a file -----------------------------------------------------------------


def _export(key: str, file: Path) -> None:
    from newsletter import issues
    from newsletter.commands.address_list import Kind, written
    from newsletter.dispatch import accounts, ledger
    from newsletter.errors import Refused

    kind = Kind.of(file)
    actor = invocation.actor()
    with invocation.look() as session:
        issue = issues.find(session, key)
        if issue.recipients is None and issue.opened_at is None:
            why = _("{issue} hat noch keine Empfängerliste; sie entsteht mit dem Versand.")
            raise Refused(why=why.format(issue=issue.id))
        with written(file) as out:
            with invocation.act(actor) as act:  # before the first address is out
                act.record("issue", issue.id, "exported", detail={"rows": issue.recipients})
            head = _facts(issue) | accounts.facts(ledger.by_reason(session, issue))
            rows = kind.write(out, head, ledger.copies(session, issue.id), invocation.settings.zone)
    said = n_(
        "{n} Adresse steht in {file}; lesen darf sie nur Ihr Konto auf diesem Rechner.",
        "{n} Adressen stehen in {file}; lesen darf sie nur Ihr Konto auf diesem Rechner.",
        rows,
    )
    say(said.format(n=accounts.number(rows), file=file))
    say(_("Bitte löschen Sie die Datei, sobald sie nicht mehr gebraucht wird."))
    give(head | {"file": str(file), "rows": rows})
