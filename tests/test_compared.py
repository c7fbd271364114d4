"""What changed between two mails, as people read it."""

import textwrap

from hypothesis import given
from hypothesis import strategies as st

from newsletter import texts

FIRST = """\
Aus den Clustern
================

Lichtwerk: Silber-Label
-----------------------
Wann: Dienstag, 15. März 2027, 9:30 Uhr
Wo: Berlin

Am Dienstag, den 15. März 2027, lädt der Cluster zum Tag der offenen Tür nach
Berlin ein. Es gibt z. B. Kuchen. Anmeldung ist nötig.

Wird gestrichen
---------------
Dieser Beitrag geht.
"""


def shown(before: str, after: str) -> list[tuple[str, str, str]]:
    return [
        (it.where, texts.plain(it.gone), texts.plain(it.new))
        for it in texts.compared(before, after)
    ]


def test_a_changed_sentence_is_struck_and_put_in_below_its_heading() -> None:
    after = FIRST.replace("15. März", "16. März").replace(" Anmeldung ist nötig.", "")
    date, sentence, dropped = texts.compared(FIRST, after)
    assert (date.where, texts.plain(date.gone)) == (
        "Lichtwerk: Silber-Label",
        "Wann: Dienstag, 15. März 2027, 9:30 Uhr",
    )
    assert [piece.text for piece in sentence.new if piece.changed] == ["16."]
    assert texts.plain(sentence.new).startswith("Am Dienstag, den 16. März 2027, lädt")
    assert (texts.plain(dropped.gone), dropped.new) == ("Anmeldung ist nötig.", ())


def test_the_line_below_a_heading_is_no_words_however_long_it_is() -> None:
    def mail(title: str) -> str:
        return f"{title}\n{'-' * len(title)}\nMechatronikring Schieferland e. V. · Thüringen\n"

    short = "Mechatronikring Schieferland: Neues Testfeld eröffnet"
    long = "Mechatronikring Schieferland: Neues Testfeld für Roboter eröffnet"
    assert shown(mail(short), mail(long)) == [(long, short, long)]


def test_items_that_go_and_come_stand_below_their_own_titles() -> None:
    after = FIRST.replace("Wird gestrichen", "Neu").replace("Dieser Beitrag geht.", "Er kommt!")
    assert shown(FIRST, after) == [
        ("Neu", "Wird gestrichen", "Neu"),
        ("Neu", "Dieser Beitrag geht.", "Er kommt!"),
    ]
    (gone,) = shown(FIRST, FIRST[: FIRST.index("Wird gestrichen")])
    assert gone == ("Wird gestrichen", "Wird gestrichen Dieser Beitrag geht.", "")


SOME = ["der", "Tag.", "am", "3.", "März", "z.", "B.", "Köln", "ist!", "https://a.example/x"]
paragraphs = st.lists(st.lists(st.sampled_from(SOME), min_size=1, max_size=20), max_size=5)


@given(paragraphs, paragraphs)
def test_how_lines_break_does_not_count_and_nothing_is_hidden(
    before: list[list[str]], after: list[list[str]]
) -> None:
    old, new = ("\n\n".join(" ".join(each) for each in side) for side in (before, after))
    assert texts.compared(old, _wrapped(old)) == []
    changes = texts.compared(old, new)
    assert changes or old.split() == new.split()
    for change in changes:
        assert texts.plain(change.gone) in " ".join(old.split())
        assert texts.plain(change.new) in " ".join(new.split())


def _wrapped(text: str) -> str:
    return "\n\n".join(
        textwrap.fill(each, 72, break_long_words=False, break_on_hyphens=False)
        for each in text.split("\n\n")
    )
