"""What mail programs do not know has something in its place, in both newsletters."""

import pytest

from newsletter.checks import mail_clients
from newsletter.checks.features import used
from tests.rendering_situations import BOTH, event, news, picture, rendered, story

PROGRAMS = {"Outlook (Word)", "Outlook.com", "Gmail", "Apple Mail", "GMX", "WEB.DE", "Thunderbird"}
BODY = "## Zwischentitel\n\n> Ein Zitat\n\n1. eins\n2. **zwei**\n\n- *drei*\n- [vier](https://a.example)"


@pytest.mark.parametrize("slug", BOTH)
def test_nothing_in_our_newsletters_is_without_a_fallback(slug: str) -> None:
    items = [news(n, picture=picture(), body=BODY, link=None) for n in range(401, 407)]
    quote = "Ein Zitat. Kim Beispiel"
    edition = rendered(
        *items, event(410), story(411, quote=quote), news(412, language="en"), slug=slug
    )
    assert set(mail_clients.table().clients) > PROGRAMS
    assert "css-border-radius" in used(edition.html)  # Word has square corners
    assert mail_clients.unsupported(edition.html) == {}


@pytest.mark.parametrize(
    ("html", "feature"),
    [
        ('<p style="display: inline-flex">', "css-display-flex"),
        ('<p style="color:var(--x)">', "css-variables"),
        ('<p style="width:calc(1px + 2vw)">', "css-unit-calc"),
        ("<style>a::before { content: 'x' }</style>", "css-pseudo-element-before"),
        ("<style>@font-face { src: url(x) }</style>", "css-at-font-face"),
        ("<style>@media (hover) { .a { gap: 4px } }</style>", "css-at-media-hover"),
        ("<section>", "html-semantics"),
        ('<img src="https://a.example/x.webp?y=.png">', "image-webp"),
        ("<svg>", "html-svg"),
    ],
)
def test_what_a_program_does_not_know_is_found_and_named(html: str, feature: str) -> None:
    found = mail_clients.unsupported(html)
    assert found[feature]


def test_what_only_word_reads_and_what_nobody_has_tried_is_left_out() -> None:
    html = '<!--[if mso]><p style="display:flex"><![endif]--><p style="mso-x:y;new-thing:1">'
    assert mail_clients.unsupported(html) == {}
