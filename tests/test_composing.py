"""Copies are made from shared pieces, quickly; that may change no byte, and let nothing slip."""

from datetime import UTC, datetime

from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.content import Edition, Slot
from newsletter.dispatch import body
from newsletter.dispatch import message as composing
from newsletter.dispatch.message import (
    Envelope,
    Mailing,
    Message,
    Recipient,
    Uncomposable,
    compose,
    lint,
)

EDITION = Edition(
    variant="full",
    subject="Förderrunde gestartet",
    sender="Clusterplattform Deutschland <newsletter@cluster.example>",
    list_id="oeffentlich.newsletter.cluster.example",
    html=f'<p>{Slot.SALUTATION.marker}</p>\n<a href="{Slot.UNSUBSCRIBE.marker}">weg</a>\n',
    text=f"{Slot.SALUTATION.marker}\n\nAbbestellen:\n{Slot.UNSUBSCRIBE.marker}\n",
)
MAILING = Mailing("redaktion@cluster.example", "Clusterplattform Deutschland")
WHEN = datetime(2026, 12, 15, 9, 0, tzinfo=UTC)
ADA = ("ada@leser.example", "d17.4f2a@cluster.example", "https://news.example/unsubscribe/v1.k")

# What is usual, what is just too long, and what would be somebody's header line.
NASTY = ["", "\r\nBcc: x@y.example", "\n", "\0", ">", " ", "=?", "ä", "x" * 400, "x" * 1000]
SALUTATIONS = st.text(st.characters(exclude_categories=["Cs"]), max_size=90)


def facts(usual: str) -> st.SearchStrategy[str]:
    nasty = st.sampled_from(NASTY)
    return st.one_of(
        st.just(usual),
        st.builds(lambda what, at: usual[:at] + what + usual[at:], nasty, st.integers(0, 60)),
    )


def copy_of(
    edition: Edition, address: str, message_id: str, url: str, greeting: str = "Guten Tag,"
) -> Message:
    envelope = Envelope("weg@cluster.example", message_id, WHEN)
    return compose(edition, Recipient(address, None, greeting, url), envelope, MAILING)


def forgotten() -> None:
    """What copies share has to be encoded anew."""
    for kept in (composing._shared, body.shared, composing._date):
        kept.cache_clear()


@given(*map(facts, ADA), SALUTATIONS)
@example(*ADA, "Guten Tag,")
@example(ADA[0], ADA[1], "http://127.0.0.1:8000/unsubscribe/x", "Guten Tag,")
@example(ADA[0], ADA[1], "http://127.0.0.1.evil.example/unsubscribe/x", "Guten Tag,")
@example(ADA[0], ADA[1], "http://localhost@evil.example/", "Guten Tag,")
@example(ADA[0], ADA[1], ADA[2] + "=?utf-8?q?x?=", "Guten Tag,")
@example(ADA[0], ADA[1], ADA[2] + "x" * 1000, "Guten Tag,")
@example(ADA[0], "x" * 300 + ADA[1], ADA[2], "Guten Tag,")
@example(ADA[0] + ".x" * 150, ADA[1], ADA[2], "Guten Tag,")
def test_a_copy_passes_the_whole_lint_or_is_not_made(
    address: str, message_id: str, url: str, greeting: str
) -> None:
    try:
        made = copy_of(EDITION, address, message_id, url, greeting)
    except Uncomposable:
        return
    lint(made.data)
    assert made.rcpt == address
    assert len(address) <= 254
    assert len(message_id) <= 250


PIECES = ["Größe ", "x" * 75, "x" * 76, "\n", ".", "\n.", "=", Slot.SALUTATION.marker]


@given(st.lists(st.sampled_from(PIECES), max_size=8), SALUTATIONS, st.integers(0, 99))
@example([".", Slot.SALUTATION.marker], "Guten Tag,", 1)
@example(["x" * 75, Slot.SALUTATION.marker, "."], ".", 1)
def test_a_copy_among_many_is_the_one_that_is_made_alone(
    pieces: list[str], greeting: str, number: int
) -> None:
    text = "".join(pieces)
    edition = Edition(
        variant="full",
        subject=EDITION.subject,
        sender=EDITION.sender,
        list_id=EDITION.list_id,
        html=EDITION.html + text,
        text=EDITION.text + text,
    )
    greeting = "".join(c for c in greeting if c.isprintable() and c not in "\ue000\ue001")
    own = (f"leser{number}@leser.example", f"d{number}@cluster.example", ADA[2] + str(number))
    copy_of(edition, *ADA)
    among_many = copy_of(edition, *own, greeting)
    forgotten()
    assert among_many == copy_of(edition, *own, greeting)
    doubled = among_many.data.startswith(b".") or b"\n." in among_many.data
    assert among_many.dotted or not doubled, "a line begins with a dot, and nobody would double it"
