"""The names of all checks of an issue, and how grave each can be. A name never changes.

``docs/checks.md`` says of each what trips it and how to mend it; a test holds the two equal.
"""

from newsletter.content import Finding, Level

E, W, H = Level.ERROR, Level.WARNING, Level.HINT

NAMES: dict[str, tuple[Level, ...]] = {
    # what stands in the issue
    "empty": (E,),
    "unchanged": (E, W),
    "items": (W, H),
    "section-minimum": (W,),
    "section-maximum": (H,),
    "per-cluster": (H,),
    "audience": (E,),
    "language": (H,),
    "duplicate": (W, H),
    "repeated": (W, H),
    "send-time": (H,),
    # subject and preheader
    "subject": (E,),
    "subject-length": (E, W, H),
    "subject-repeated": (W,),
    "subject-style": (H,),
    "preheader-length": (W, H),
    "preheader-repeated": (H,),
    # an item: may it stand there, and is it the newest?
    "embargo": (E, W, H),
    "unusable": (E,),
    "event-state": (W,),
    "newer-revision": (W,),
    "agreed-revision": (W,),
    "wish": (W,),
    "objections": (H,),
    # dates
    "past-date": (E, W),
    "date-order": (E,),
    "date-sequence": (H,),
    "registration-over": (W,),
    "registration-late": (W,),
    "title-date": (W, H),
    "weekday": (W,),
    # pictures
    "picture-file": (E,),
    "picture-credit": (W,),
    "alt-text": (E, W, H),
    # links
    "link": (E,),
    "link-https": (W, H),
    "link-host": (W, H),
    "link-shortener": (W,),
    "link-shown": (W,),
    "link-text": (H,),
    "link-unreachable": (W,),
    "link-tracking": (H,),
    # words
    "placeholder": (E,),
    "title-length": (W, H),
    "title-style": (H,),
    "teaser-length": (W, H),
    "body-length": (W, H),
    "challenge-length": (W, H),
    "solution-length": (W, H),
    "result-length": (W, H),
    "quote-length": (W, H),
    "story-incomplete": (H,),
    "numbers": (H,),
    "quotes": (H,),
    "gender": (W, H),
    "typing": (H,),
    "list-missing": (H,),
    # who sends it
    "imprint": (E, H),
    "privacy-url": (E, H),
    "accessibility-url": (E, H),
    "reserved-name": (E, H),
    "base-address": (H,),
    "sender-domain": (H,),
    "spf": (W,),
    "dkim": (W,),
    "dmarc": (W,),
    # the mail that is made of it
    "template": (E,),
    "unsubscribe": (E,),
    "size": (E, W, H),
    "style-size": (W, H),
    "left-over": (E,),
    "foreign-host": (E,),
    "forbidden-element": (E,),
    "headings": (W,),
    "mail-language": (W,),
    "table-role": (W,),
    "contrast": (E, W),
    "css-support": (W,),
    "css-support-old": (H,),
    "spam-score": (H,),
}


def found(check: str, level: Level, where: str, wrong: str, mend: str = "") -> Finding:
    """A finding: ``wrong`` is a sentence, ``mend`` another one or a command."""
    return Finding(check, level, where, f"{wrong} {mend}".rstrip(), mend)
