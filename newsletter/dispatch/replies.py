"""What a mail server's reply means, and what can come of carrying one message (pure).

The stage decides first, then the three-digit code, then the enhanced code (BO-01, BO-02): a
no before RCPT is about us, and nobody is refused for it.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """How far a conversation had come."""

    CONNECT = "connect"
    TLS = "tls"
    EHLO = "ehlo"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"  # the text is on its way; its final dot is not
    DOT = "dot"  # the final dot may have been handed over


@dataclass(frozen=True, slots=True)
class Receipt:
    """The relay has taken the message."""

    reply: str
    relay: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """A temporary no, or the connection was lost before the final dot."""

    stage: Stage
    reply: str
    relay: str
    code: int | None = None  # None: no reply came


@dataclass(frozen=True, slots=True)
class Refused:
    """A permanent no to this message for this reader; it is never tried again (BO-04)."""

    stage: Stage
    reply: str
    relay: str
    code: int
    about_content: bool = False  # rather than about the reader


@dataclass(frozen=True, slots=True)
class Unknown:
    """The final dot went out and no answer came back; a person decides."""

    stage: Stage
    reply: str
    relay: str


Outcome = Receipt | Deferred | Refused | Unknown


class Verdict(StrEnum):
    """What a negative reply means."""

    DEFER = "defer"
    REFUSE = "refuse"
    REFUSE_CONTENT = "refuse_content"  # refused, but several in a row stop the run
    STOP = "stop"  # about us: stop the run, refuse nobody


_ABOUT_US = frozenset({Stage.CONNECT, Stage.TLS, Stage.EHLO, Stage.AUTH, Stage.MAIL})
_RCPT = frozenset({Stage.RCPT})
_ANY = frozenset(Stage)

# (stages, code, enhanced code, verdict); the first row that fits. "-": no enhanced code.
_RULES: tuple[tuple[frozenset[Stage], str, str, Verdict], ...] = (
    (_ABOUT_US, r".*", r".*", Verdict.STOP),
    (_ANY, r"4..", r".*", Verdict.DEFER),  # the code wins: "421 5.7.32" is temporary
    (_ANY, r"5..", r"5\.3\.4", Verdict.STOP),  # too large for the relay, for every reader
    (_ANY, r"500|50[2-4]|530|535|538|555", r".*", Verdict.STOP),  # our mistake
    (_ANY, r"501|554", r"5\.5\.\d+", Verdict.STOP),  # but "550 5.5.0" means: no such mailbox
    (_ANY, r"552", r"-|5\.2\.2|5\.5\.3", Verdict.DEFER),  # full, or too many: soft, though 5xx
    # our signature, our host name, our form
    (_ANY, r"5..", r"5\.7\.(2[0-9]|3[0-2]|40|515)|5\.6\.\d+", Verdict.STOP),
    (_ANY, r"5..", r"5\.7\.\d+", Verdict.REFUSE_CONTENT),
    (_ANY, r"5..", r"5\.[12]\.\d+", Verdict.REFUSE),
    (_RCPT, r"5..", r".*", Verdict.REFUSE),
    (_ANY, r"5..", r".*", Verdict.REFUSE_CONTENT),
    (_ANY, r".*", r".*", Verdict.STOP),  # no negative reply that RFC 5321 knows
)
# The relay takes nothing from us for others; many say it at RCPT, and some without any detail.
_NO_RELAY = re.compile(
    r"relay(ing)?( access)?( is)? (denied|prohibited|not (permitted|allowed|authori[sz]ed))"
    r"|(unable|cannot|not|allowed|permitted|authori[sz]ed)( to)? relay|rcpthosts"
    r"|authentication( is)? required|not authenticated",
    re.IGNORECASE,
)
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")


def verdict(stage: Stage, code: int, text: str) -> Verdict:
    """What this reply to this stage means. ``text`` is the reply without its code."""
    found = _ENHANCED.match(text)
    enhanced = found[0] if found else "-"
    if stage is Stage.RCPT and denies_relaying(code, text, enhanced):
        return Verdict.DEFER  # nobody is refused for it; several in a row stop the run
    return next(
        means
        for stages, codes, details, means in _RULES
        if stage in stages and re.fullmatch(codes, str(code)) and re.fullmatch(details, enhanced)
    )


def denies_relaying(code: int, text: str, enhanced: str = "-") -> bool:
    """A permanent no that is not about a mailbox: we may not send over this relay at all."""
    about_mailbox = enhanced.startswith(("5.1.", "5.2."))
    return code >= 500 and not about_mailbox and _NO_RELAY.search(text) is not None


_LONGEST = 2_000  # GMX and WEB.DE put the reason into the last of many lines (BO-02)


def shown(code: int | None, text: str) -> str:
    """A reply as the ledger keeps it: all lines, no controls, no broken characters."""
    whole = f"{code} {text}" if code is not None and code > 0 else text
    if whole.isascii() and whole.isprintable():
        return whole[:_LONGEST]
    legible = whole.encode("utf-8", "replace").decode("utf-8")
    return "".join(c if c.isprintable() or c == "\n" else " " for c in legible)[:_LONGEST]
