"""Slips and signs as patterns: what they look for is German, what they mean says ``wording``."""

import re

OPEN, CLOSE = "„", "“"
GLUED = re.compile(r"\b[A-ZÄÖÜ]?[a-zäöüß]{6,}[A-ZÄÖÜ][a-zäöüß]{3,}\b")
GLUED_SENTENCES = re.compile(r"\b[a-zäöüß]{3,}[.,;:!?][A-ZÄÖÜ][a-zäöüß]{2,}")
LOOSE = re.compile(r"\b\w+ +[,;!?](?=\s|$)")
TWICE = re.compile(r"\b(?!sie\b|die\b|der\b|das\b)([a-zäöüß]{2,}) \1\b")
# Each begins where its piece does, never amidst: else 15,000 letters in a row take seconds.
LINK = re.compile(
    r"\]\([^()\s]*\)|https?://\S+|(?<!\S)\S+@\S+"
    r"|(?<![\w-])(?<!\w\.)(?:[\w-]+\.)+[a-z]{2,12}\b\S*"
)
WRONG_CLOSE = re.compile('„[^„“”"\n]{1,200}[”"]')
STARRED = re.compile(
    r"\b(?P<stem>[A-ZÄÖÜ][\wäöüß-]{0,80}?[a-zäöüß])"
    r"(?:[*:_·][iI]n(?P<many>nen)?|/-?[iI]n(?P<more>nen)?|(?P<inner>Innen))\b"
)
INNER_I = re.compile(r"\b(?P<stem>[A-ZÄÖÜ][a-zäöüß]+(?:er|or|ist|ent|ant|eur))In\b")
SHOUTS = re.compile(r"\b[A-ZÄÖÜ]{4,}\b[\s-]+\b[A-ZÄÖÜ]{4,}\b")
STRESSES = re.compile(r"[!?]{2,}")
REPLIES = re.compile(r"\s*(?:re|aw|wg|fwd?)\s*:", re.IGNORECASE)
EMOJI = re.compile("[\u2600-\u27bf\u2b50\u2b55\U0001f000-\U0001faff]")
NO_ANSWER = re.compile(r"(?:no|do-?not|nicht)-?_?\.?(?:reply|antworten)", re.IGNORECASE)
# How a word for a man ends, and what it ends with more where it is for many.
MANY = (("er", ""), ("eur", "e"), ("or", "en"), ("ist", "en"), ("nt", "en"), ("d", "en"))
