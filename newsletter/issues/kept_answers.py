"""What other people's servers said when they were last asked about an issue (``looking_around``).

It is kept in the database, so that the preview, the desk and an approver's page show the same
findings as the terminal, without asking anybody.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, select
from sqlmodel import Session, col

from newsletter import checks, database
from newsletter.content import IssueContent
from newsletter.models.probe import Probe
from newsletter.settings import Settings

_KEPT = timedelta(days=7)


def said_about(
    session: Session, settings: Settings, content: IssueContent, now: datetime
) -> tuple[dict[str, str], dict[str, str]]:
    """What is known: of pages by address, of the sender's domain by „spf“, „dkim“, „dmarc“."""
    if settings.links.loopback:
        return {}, {}
    addresses, named = pages(content, settings), names(*domains(content, settings))
    answers = {
        each.what: each.answer
        for each in known(session, {*addresses, *named}).values()
        if now - each.asked_at < _KEPT
    }
    records = {name.partition(" ")[0]: answers[name] for name in named if name in answers}
    return {each: answers[each] for each in addresses if each in answers}, records


def pages(content: IssueContent, settings: Settings) -> set[str]:
    """The addresses that may be asked for: none that nobody can own, none without TLS."""
    if not settings.checks.links:
        return set()
    asked = checks.addresses(content)
    return {each for each in asked if each.startswith("https:") and not checks.reserved(each)}


def domains(content: IssueContent, settings: Settings) -> tuple[str, str]:
    """The sender's, and that of the envelope."""
    sender = content.masthead.sender_address
    envelope = settings.sending.bounce_address or sender
    return _domain(sender), _domain(envelope)


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def names(sender: str, envelope: str) -> tuple[str, ...]:
    """Under which the answers about a domain are kept; none about one that nobody can own."""
    if checks.reserved(sender) or checks.reserved(envelope):
        return ()
    return (f"spf {envelope}", f"dkim {sender}", f"dmarc {sender}")


def known(session: Session, whats: set[str]) -> dict[str, Probe]:
    """The last answers to these questions."""
    found = session.scalars(select(Probe).where(col(Probe.what).in_(whats)))
    return {each.what: each for each in found}


def keep(engine: Engine, answers: Mapping[str, str], now: datetime) -> None:
    """Keep answers, and forget those of last week."""
    with database.writing(engine, durable=False) as session:
        session.execute(delete(Probe).where(col(Probe.asked_at) <= now - _KEPT))
        for what, answer in answers.items():
            session.merge(Probe(what=what, answer=str(answer), asked_at=now))
