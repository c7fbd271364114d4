"""What an address is that we can deliver to, and when two are the same reader's."""

import unicodedata

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from subscribers.addresses import Address, hashed, mailbox, masked, parse
from subscribers.errors import NotAnAddress

SECRET = "s" * 43


def test_an_address_is_sent_to_as_typed_and_compared_in_lower_case() -> None:
    assert parse("Ada.Leser@Post.Example") == Address(
        "Ada.Leser@post.example", "ada.leser@post.example"
    )


def test_spaces_around_an_address_do_not_matter() -> None:
    assert parse("  ada@post.example \n").email == "ada@post.example"


def test_an_umlaut_domain_and_its_xn_form_are_one_reader_reached_in_ascii() -> None:
    readable, encoded = parse("Info@Müller.example"), parse("info@xn--mller-kva.example")
    assert readable.email == encoded.email == "info@xn--mller-kva.example"
    assert readable.key == encoded.key == "info@müller.example"


def test_a_decomposed_umlaut_is_the_same_umlaut() -> None:
    decomposed = unicodedata.normalize("NFD", "info@müller.example")
    assert parse(decomposed) == parse("info@müller.example")


def test_an_umlaut_before_the_at_sign_is_refused_with_the_reason_and_the_cure() -> None:
    with pytest.raises(NotAnAddress, match=r"Umlaute .* ohne Umlaute vor dem @"):
        parse("müller@post.example")


def test_a_local_part_of_65_characters_is_refused() -> None:
    assert parse("a" * 64 + "@post.example")
    with pytest.raises(NotAnAddress, match="länger als 64"):
        parse("a" * 65 + "@post.example")


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("", "Bitte geben Sie eine"),
        ("ada", "hat die Form"),
        ("@post.example", "hat die Form"),
        ("ada@", "hat die Form"),
        ("Ada <ada@post.example>", "genau eine"),
        ("ada@post.example, ben@post.example", "genau eine"),
        ("ada@@post.example", "genau eine"),
        ("ada@localhost", "nach dem @"),
        ("ada@post..example", "nach dem @"),
        ("ada@[127.0.0.1]", "nach dem @"),
        ("ada..b@post.example", "Vor dem @"),
        ('"ada"@post.example', "Vor dem @"),
        ("ada@post.example\r\nBcc: x@y.example", "genau eine"),
        ("ada\x00@post.example", "Vor dem @"),
    ],
)
def test_what_is_no_address_is_refused_with_a_german_sentence(typed: str, word: str) -> None:
    with pytest.raises(NotAnAddress, match=word):
        parse(typed)


@given(st.text(max_size=80) | st.emails())
def test_whatever_is_typed_there_is_a_safe_ascii_address_or_a_refusal(typed: str) -> None:
    try:
        address = parse(typed)
    except NotAnAddress:
        return
    assert address.email.isascii()
    assert address.email.isprintable()
    assert not set(address.email) & set(' <>,;"')
    assert parse(address.email) == address
    assert parse(address.key).key == address.key


_LABEL = st.from_regex(r"[a-z0-9_.+-]{1,9}", fullmatch=True)
_DOMAIN = st.lists(st.from_regex(r"[a-z0-9-]{1,7}", fullmatch=True), min_size=1, max_size=3)
_TOP = st.sampled_from(["example", "de", "local", "test", "invalid", "x", "c0m", "arpa"])


@given(_LABEL, _DOMAIN, _TOP)
def test_the_short_way_for_plain_addresses_decides_as_the_library_does(
    local: str, domain: list[str], top: str
) -> None:
    typed = f"{local}@{'.'.join(domain)}.{top}"
    try:
        found = validate_email(typed, strict=True, allow_smtputf8=False, check_deliverability=False)
    except EmailNotValidError:
        with pytest.raises(NotAnAddress):
            parse(typed)
    else:
        assert parse(typed) == Address(found.ascii_email or "", found.normalized.lower())


def test_a_keyed_hash_needs_the_key() -> None:
    first = hashed("ada@post.example", SECRET)
    assert len(first) == 64
    assert first == hashed("ada@post.example", SECRET)
    assert first != hashed("ada@post.example", "t" * 43)
    assert first != hashed("ben@post.example", SECRET)


@pytest.mark.parametrize(
    ("key", "box"),
    [
        ("ada@post.example", "ada@post.example"),
        ("ada+news@post.example", "ada@post.example"),
        ("a.d.a+x@gmail.com", "ada@gmail.com"),
        ("a.da@googlemail.com", "ada@gmail.com"),
        ("a.da@post.example", "a.da@post.example"),
        ("+x@post.example", "+x@post.example"),
    ],
)
def test_limits_see_through_tags_and_gmail_dots(key: str, box: str) -> None:
    assert mailbox(key) == box


def test_a_masked_address_is_recognised_by_its_owner_only() -> None:
    assert masked("maria@post.example") == "m***@p***.example"
