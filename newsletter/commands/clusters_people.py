"""``newsletter clusters people|requests|link``: who may hand in, and who would like to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from newsletter.commands import moments
from newsletter.commands.context import give, invocation, say, suggest, table
from newsletter.commands.tree import Noun
from newsletter.language import _, n_

if TYPE_CHECKING:
    from newsletter.models.cluster import AccessRequest, Contributor

_SLUG = typer.Argument(..., metavar="SLUG", help="Das Kürzel des Clusters.")
_EMAIL = typer.Argument(..., metavar="E-MAIL", help="Die Adresse der Person.")
_REQUEST = typer.Argument(..., metavar="ANFRAGE", help="Die Anfrage, zum Beispiel a3.")


def mount(noun: Noun) -> None:
    """Put the commands below ``clusters``."""
    people = Noun(
        help="Ansprechpersonen: wer für ein Cluster einreichen darf.",
    )
    people.command("add")(add_person)
    people.command("remove")(remove_person)
    people.command("replace")(replace_person)
    noun.add_typer(people, name="people")
    requests = Noun(
        help="Anfragen: wer einreichen möchte und noch nicht eingetragen ist.",
    )
    requests.command("list")(list_requests)
    requests.command("grant")(grant)
    requests.command("decline")(decline)
    noun.add_typer(requests, name="requests")
    noun.command("link")(link)


def add_person(
    slug: str = _SLUG,
    email: str = _EMAIL,
    name: str = typer.Option("", "--name", metavar="TEXT", help="Wie die Person heißt."),
) -> None:
    """Eine Ansprechperson eintragen.

    \b
    Beispiel:
      newsletter clusters people add lichtwerk-havelbogen presse@lichtwerk.example \\
        --name "Änne Muster" --as redaktion
    """
    from newsletter import clusters

    with invocation.act() as act:
        person = clusters.add_person(act, slug, email, name or None)
    say(_("{person} darf für {slug} einreichen.").format(person=named(person), slug=slug))
    next_step(slug, person.email)
    give({"slug": slug, "email": person.email, "name": person.name})


def remove_person(slug: str = _SLUG, email: str = _EMAIL) -> None:
    """Eine Ansprechperson austragen; ihre Links enden sofort.

    \b
    Beispiel:
      newsletter clusters people remove lichtwerk-havelbogen presse@lichtwerk.example \\
        --as redaktion
    """
    from newsletter import clusters

    with invocation.act() as act:
        clusters.remove_person(act, slug, email)
    said = _("{email} darf für {slug} nicht mehr einreichen; die Links gelten nicht mehr.")
    say(said.format(email=email, slug=slug))
    give({"slug": slug, "email": email})


def replace_person(
    slug: str = _SLUG,
    old: str = typer.Argument(..., metavar="BISHER", help="Die Adresse, die geht."),
    new: str = typer.Argument(..., metavar="NEU", help="Die Adresse, die übernimmt."),
    name: str = typer.Option("", "--name", metavar="TEXT", help="Wie die neue Person heißt."),
) -> None:
    """Eine Ansprechperson durch eine andere ablösen.

    Die neue Person bekommt ihren Link per E-Mail und alle Nachrichten zu dem, was die bisherige
    eingereicht hat; die Links der bisherigen enden sofort.

    \b
    Beispiel:
      newsletter clusters people replace lichtwerk-havelbogen presse@lichtwerk.example \\
        neu@lichtwerk.example --name "Bela Muster" --as redaktion
    """
    from newsletter import clusters

    with invocation.act() as act:
        url = clusters.hand_over(act, slug, old, new, name or None)
    said = _("{new} übernimmt für {slug} von {old}; der persönliche Link geht an {new}.")
    say(said.format(new=new, slug=slug, old=old))
    suggest("dispatch --until-empty")
    give({"slug": slug, "from": old, "to": new, "url": url})


def link(
    slug: str = _SLUG,
    email: str = _EMAIL,
    send: bool = typer.Option(False, "--send", help="Den Link der Person per E-Mail schicken."),
    revoke: bool = typer.Option(
        False, "--revoke", help="Alle bisherigen Links der Person beenden, keinen neuen ausgeben."
    ),
) -> None:
    """Einen persönlichen Link zum Formular ausgeben; er gilt 180 Tage.

    Er wird nur jetzt gezeigt, oder mit --send nur verschickt. Frühere Links der Person gelten
    weiter, bis sie ablaufen; mit --revoke enden alle sofort.

    \b
    Beispiel:
      newsletter clusters link lichtwerk-havelbogen presse@lichtwerk.example --as redaktion
      newsletter clusters link lichtwerk-havelbogen presse@lichtwerk.example --send
      newsletter clusters link lichtwerk-havelbogen presse@lichtwerk.example --revoke
    """
    from newsletter import clusters
    from newsletter.errors import WrongUsage

    if send and revoke:
        raise WrongUsage(why=_("Bitte --send oder --revoke angeben, nicht beide."))
    if revoke:
        _revoke(slug, email)
        return

    with invocation.act() as act:
        url = (clusters.send_link if send else clusters.link)(act, slug, email)
    if send:
        said = _("Der Link geht an {email}: von selbst, wenn „newsletter run“ läuft, sonst mit:")
        say(said.format(email=email))
        say("  newsletter dispatch --until-empty")
        give({"url": url, "sent_to": email})
        return
    say(_("Der persönliche Link für {email}, nur jetzt zu sehen:").format(email=email))
    say(url)
    give({"url": url})


def _revoke(slug: str, email: str) -> None:
    from newsletter import clusters

    with invocation.act() as act:
        ended = clusters.revoke(act, slug, email)
    said = n_(
        "{n} Link von {email} gilt nicht mehr.", "{n} Links von {email} gelten nicht mehr.", ended
    )
    say(said.format(n=ended, email=email))
    give({"slug": slug, "email": email, "revoked": ended})


def list_requests(
    every: bool = typer.Option(False, "--all", help="Auch die beantworteten."),
) -> None:
    """Wer um Zugang gebeten hat.

    Geprüft ist an diesen Angaben nichts: Fragen Sie im Zweifel beim Cluster nach.

    \b
    Beispiel:
      newsletter clusters requests list --as redaktion
    """
    from newsletter import clusters

    invocation.actor()
    with invocation.look() as session:
        found = clusters.requests(session, every=every)
    table(
        [_("Anfrage"), _("Name"), _("Für"), _("Adresse"), _("Seit")],
        [[it.reference, it.name, it.organisation, it.email, _since(it)] for it in found],
    )
    for each in found:
        if each.message:
            say(f"\n{each.reference}: {each.message}")
    waiting = [each.reference for each in found if each.state == "open"]
    if waiting:
        suggest(f"clusters requests grant {waiting[0]} SLUG")
    elif not found:
        say(_("Niemand wartet auf Zugang."))
    give([_request_facts(each) for each in found])


def grant(request: str = _REQUEST, slug: str = _SLUG) -> None:
    """Zugang geben: die Person eintragen und ihr den persönlichen Link schicken.

    \b
    Beispiel:
      newsletter clusters requests grant a3 lichtwerk-havelbogen --as redaktion
    """
    from newsletter import clusters

    with invocation.act() as act:
        granted = clusters.grant(act, request, slug)
    said = _("{email} darf für {slug} einreichen; der persönliche Link geht per E-Mail hinaus.")
    say(said.format(email=granted.email, slug=slug))
    suggest("dispatch --until-empty")
    give(_request_facts(granted) | {"slug": slug})


def decline(
    request: str = _REQUEST,
    reason: str = typer.Option("", "--reason", metavar="TEXT", help="Warum nicht."),
) -> None:
    """Einen Zugang nicht geben.

    Der Grund steht im Verlauf. Eine Nachricht geht nicht hinaus, denn die Adresse hat niemand
    geprüft.

    \b
    Beispiel:
      newsletter clusters requests decline a3 --reason "Gehört zu keinem Mitgliedscluster."
    """
    from newsletter import clusters

    with invocation.act() as act:
        declined = clusters.decline(act, request, reason)
    said = _("{reference} ist abgelehnt; es geht keine Nachricht hinaus.")
    say(said.format(reference=declined.reference))
    give(_request_facts(declined))


def _since(asked: AccessRequest) -> str:
    return moments.moment(asked.asked_at)


def _request_facts(asked: AccessRequest) -> dict[str, Any]:
    return {
        "id": asked.reference,
        "state": asked.state,
        "email": asked.email,
        "name": asked.name,
        "organisation": asked.organisation,
        "message": asked.message,
        "asked_at": asked.asked_at.isoformat(),
    }


def next_step(slug: str, email: str) -> None:
    """Say how a person gets their link."""
    if email:
        said = _("Weiter: newsletter clusters link {slug} {email}")
        say(said.format(slug=slug, email=email))


def named(person: Contributor) -> str:
    """As lists show somebody."""
    return f"{person.name} <{person.email}>" if person.name else person.email
