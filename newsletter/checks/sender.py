"""Who sends: imprint, addresses, names that the wide net must know."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from newsletter.content import Finding, IssueContent, Level
from newsletter.language import N_, _

from .facts import Facts
from .names import found
from .slips import NO_ANSWER

_NAMED = 8  # names at most are said one by one
# Names nobody can own (RFC 2606, RFC 6761): good for rehearsals, useless to readers.
_RESERVED = re.compile(
    r"(?:^|[.@])(?:example|test|invalid|localhost|example\.(?:com|net|org))$", re.IGNORECASE
)


def reserved(name: str) -> bool:
    """Whether a host, or an address of mail or web at it, is a name that nobody can own."""
    return bool(_RESERVED.search(_host(name) if "//" in name else name))


def imprint(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    its = content.masthead.imprint
    needed = {
        "name": its.name,
        "address": "".join(its.address),
        "representative": its.representative,
        "email": its.email,
        "phone": its.phone,  # the second fast contact that DDG §5 wants
        "responsible": its.responsible,
    }
    where = f"newsletter.toml, [newsletters.{content.masthead.slug}.imprint]"
    missing = [name for name, value in needed.items() if not value.strip()]
    if missing:
        wrong = _("Im Impressum fehlt: {missing}.").format(missing=", ".join(missing))
        mend = _("Bitte ergänzen: {where}").format(where=where)
        yield found("imprint", facts.demand, "issue", wrong, mend)
    if re.search(r"\bPostfach\b", " ".join(its.address)):
        wrong = _("Das Impressum braucht eine ladungsfähige Anschrift, kein Postfach.")
        mend = _("Bitte ändern: {where}").format(where=where)
        yield found("imprint", facts.demand, "issue", wrong, mend)


def privacy(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    for key, value in (
        ("privacy_url", content.masthead.privacy_url),
        ("accessibility_url", content.masthead.accessibility_url),
    ):
        if not value:
            wrong = _("newsletter.toml: {key} fehlt.").format(key=key)
            yield found(key.replace("_", "-"), facts.demand, "issue", wrong)


def reserved_names(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    masthead = content.masthead
    ours = {
        _("Absender"): masthead.sender_address,
        _("Antwortadresse"): masthead.reply_to,
        _("List-Id"): masthead.list_id,
        _("Impressum"): masthead.imprint.email,
        _("Datenschutz"): urlsplit(masthead.privacy_url).hostname or "",
        _("Barrierefreiheit"): urlsplit(masthead.accessibility_url).hostname or "",
    }
    named = [name for name, host in ours.items() if reserved(host)]
    named += [it.reference for it in content.items if it.link and reserved(_host(it.link))]
    if named:
        wrong = _("Unter Namen, die es im Netz nicht gibt (.example und ähnliche): {names}.")
        mend = _("Vor dem echten Versand bitte in newsletter.toml und in den Beiträgen ändern.")
        more = len(named) - _NAMED
        if more > 1:
            last = _("{last} und {n} weitere").format(last=named[_NAMED - 1], n=more)
            named[_NAMED - 1 :] = [last]
        wrong = wrong.format(names=", ".join(named))
        yield found("reserved-name", facts.demand, "issue", wrong, mend)


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:  # the check "link" names it
        return ""


def base_address(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    if facts.loopback:
        said = _("Links und Bilder führen auf {address}, also nur auf diesen Rechner.")
        said = said.format(address=content.masthead.home_url)
        mend = _("Vor dem echten Versand bitte base_url in newsletter.toml setzen.")
        yield found("base-address", Level.HINT, "issue", said, mend)


def domains(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    """One house: envelope and list bear the sender's domain (AU-02, HD-06); somebody reads
    answers (MF-06).
    """
    masthead = content.masthead
    sender, slug = masthead.sender_address, masthead.slug
    other = _("{what} ({its}) gehört nicht zur Domain des Absenders ({sender}).")
    if facts.envelope and not _one_house(facts.envelope, sender):
        wrong = other.format(what="bounce_address", its=facts.envelope, sender=sender)
        mend = _("Postfächer vergleichen beide: newsletter.toml, [sending]")
        yield found("sender-domain", Level.HINT, "issue", wrong, mend)
    mend = _("Bitte ändern: {where}").format(where=f"newsletter.toml, [newsletters.{slug}]")
    if not _one_house(masthead.list_id, sender):
        wrong = other.format(what="list_id", its=masthead.list_id, sender=sender)
        yield found("sender-domain", Level.HINT, "issue", wrong, mend)
    if NO_ANSWER.search((masthead.reply_to or sender).partition("@")[0]):
        wrong = _("Antworten gehen an {address}; sie müssen gelesen werden (auch Abmeldungen).")
        wrong = wrong.format(address=masthead.reply_to or sender)
        yield found("sender-domain", Level.HINT, "issue", wrong, mend)


_RECORDS = (
    (
        "spf",
        N_('Zu veröffentlichen: {envelope} TXT "v=spf1 {allowed} -all"'),
    ),
    (
        "dkim",
        N_(
            'Zu veröffentlichen: NAME._domainkey.{sender} TXT "v=DKIM1; k=rsa; p=…"; Name und'
            " Schlüssel nennt, wer den Mailserver betreibt."
        ),
    ),
    (
        "dmarc",
        N_(
            "Zu veröffentlichen: _dmarc.{sender} TXT"
            ' "v=DMARC1; p=none; rua=mailto:postmaster@{sender}"'
        ),
    ),
)
_RECORD = {
    "missing": N_("Für {domain} steht kein {name} im DNS; große Postfachanbieter weisen uns ab."),
    "twice": N_("Für {domain} steht mehr als ein {name} im DNS; dann gilt keiner."),
}


def records(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    """What the DNS said when somebody last asked (AU-01, AU-08, AU-09)."""
    sender = content.masthead.sender_address.rpartition("@")[2]
    envelope = facts.envelope.rpartition("@")[2] or sender
    for name, line in _RECORDS:
        if wrong := _RECORD.get(facts.records.get(name, "")):
            domain = envelope if name == "spf" else sender
            allowed = f"a:{facts.relay}" if facts.relay else "mx"
            mend = _(line).format(sender=sender, envelope=envelope, allowed=allowed)
            said = _(wrong).format(domain=domain, name=name.upper())
            yield found(name, Level.WARNING, "issue", said, mend)


def _one_house(one: str, other: str) -> bool:
    """Whether two names end in one domain; its last two labels stand for the organisation."""
    return _organisation(one) == _organisation(other)


def _organisation(name: str) -> list[str]:
    return name.rpartition("@")[2].casefold().rstrip(".").split(".")[-2:]
