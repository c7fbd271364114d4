"""Who may be asked for a yes without an account here, and who may get a test mail."""

from collections.abc import Iterator
from datetime import date
from email.utils import parseaddr
from typing import NamedTuple

from newsletter.errors import NotAllowed, Refused, WrongUsage
from newsletter.language import N_, _
from newsletter.settings import Settings


class UnknownApprover(WrongUsage):
    sentence = N_(
        "„{name}“ steht in newsletter.toml nicht unter [[approvers]], auch nicht als Vertretung."
        " Bekannt: {known}."
    )


class NoAddress(WrongUsage):
    sentence = N_(
        "Für die Vertretung „{name}“ fehlt eine Adresse. Bitte in newsletter.toml eintragen:"
        ' deputy = "{name} <name@host.example>"'
    )


class NotForTests(NotAllowed):
    sentence = N_(
        "An {addresses} geht keine Testmail: Das dürfen nur Adressen unter [[editors]],"
        " [[approvers]] und test_addresses in newsletter.toml."
    )


class Person(NamedTuple):
    """Somebody who may approve; ``email`` is empty for a deputy known by name only."""

    name: str
    email: str


def people_who_approve(settings: Settings) -> Iterator[Person]:
    """The approvers, then their deputies: "Name <address>", or the name of somebody we know."""
    for approver in settings.approvers:
        yield Person(approver.name, approver.email)
    addresses = {each.name.casefold(): each.email for each in settings.editors}
    addresses |= {each.name.casefold(): each.email for each in settings.approvers}
    for deputy in filter(None, (approver.deputy.strip() for approver in settings.approvers)):
        name, address = parseaddr(deputy) if "<" in deputy else (deputy, "")
        yield Person(name, address or addresses.get(name.casefold(), ""))


def approver(settings: Settings, name: str) -> Person:
    """The approver or deputy of this name. UnknownApprover names the known ones."""
    known = list(people_who_approve(settings))
    for person in known:
        if same_name(person.name, name):
            return person
    names = ", ".join(dict.fromkeys(person.name for person in known)) or _("niemand")
    raise UnknownApprover(name=name, known=names)


def reachable(settings: Settings, name: str) -> Person:
    """An approver or deputy to write to. UnknownApprover, NoAddress."""
    person = approver(settings, name)
    if not person.email:
        raise NoAddress(name=person.name)
    return person


class NobodyStandsIn(Refused):
    sentence = N_(
        "{name} ist zurzeit nicht da, und eine Vertretung (deputy) ist in newsletter.toml nicht"
        " eingetragen. Bitte jemand anderen fragen: --to NAME"
    )


def to_ask(settings: Settings, name: str, day: date) -> Person:
    """Whom to write to for an approval: while an approver is away, their deputy.

    UnknownApprover, NoAddress, NobodyStandsIn.
    """
    person = reachable(settings, name)
    found = next((each for each in settings.approvers if same_name(each.name, person.name)), None)
    if found is None or not found.away(day):
        return person
    deputy = parseaddr(found.deputy)[0] if "<" in found.deputy else found.deputy.strip()
    if not deputy:
        raise NobodyStandsIn(name=person.name)
    return reachable(settings, deputy)


def same_person(settings: Settings, editor: str, name: str) -> bool:
    """Whether an editor and somebody who approves are one: by name, or by address."""
    if same_name(editor, name):
        return True
    own = email_of(settings, editor)
    theirs = {p.email.casefold() for p in people_who_approve(settings) if same_name(p.name, name)}
    return own is not None and own.casefold() in theirs


def same_name(one: str, other: str) -> bool:
    """Names are the same however they are spaced and capitalised."""
    return one.casefold().split() == other.casefold().split()


def email_of(settings: Settings, editor: str) -> str | None:
    """An editor's address; None if the file names them no more."""
    return next((e.email for e in settings.editors if same_name(e.name, editor)), None)


def for_tests(settings: Settings, addresses: list[str]) -> list[str]:
    """The addresses as they are configured, each once. NotForTests if one is not."""
    allowed = {
        address.casefold(): address
        for address in (
            *(each.email for each in settings.editors),
            *(person.email for person in people_who_approve(settings)),
            *settings.test_addresses,
        )
        if address
    }
    wanted = list(dict.fromkeys(address.strip().casefold() for address in addresses))
    if strangers := [address for address in wanted if address not in allowed]:
        raise NotForTests(addresses=", ".join(strangers))
    return [allowed[address] for address in wanted]
