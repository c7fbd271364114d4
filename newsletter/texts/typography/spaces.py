"""Where a line must not break: no-break spaces, and the ones that are missing in „z.B.“."""

import re
from collections.abc import Sequence

from . import measures

_NB = "\u00a0"
# Abbreviations of two parts and more; typed without a space they get one.
_SHORT = (
    *("z. B.", "d. h.", "u. a.", "u. ä.", "u. Ä.", "o. ä.", "o. Ä.", "z. T.", "v. a.", "u. U."),
    *("i. A.", "i. d. R.", "i. V. m.", "i. S. d.", "u. v. m.", "s. o.", "s. u.", "m. E."),
    *("z. Zt.", "a. a. O.", "e. V.", "n. Chr.", "v. Chr.", "h. c.", "o. g.", "z. Hd.", "i. H. v."),
)


def _pattern_of(short: str) -> str:
    head, *rest = short.split(" ")
    first = f"[{head[0]}{head[0].upper()}]{re.escape(head[1:])}"
    return r"(?: |\u00a0|\u202f)?".join([first, *map(re.escape, rest)])


_LONGEST_FIRST = sorted(_SHORT, key=len, reverse=True)
_ABBREVIATION = re.compile(
    rf"(?<![\w.])(?:{'|'.join(_pattern_of(each) for each in _LONGEST_FIRST)})(?!\w)"
)
_PERCENT = re.compile(r"(?<=\d)(?=[%€](?!\w))")
_NAMED = (
    r"Nr\.|Nrn\.|S\.|Abs\.|Art\.|Kap\.|Bd\.|Ziff\.|Abb\.|Tab\.|Tel\.|ca\.|rd\.|mind\.|max\.|min\."
    r"|§|§§|Halle|Raum|Seite|Kapitel|Platz|Gleis|Teil|Phase|Modul|Stufe|Band|Heft|Artikel|Absatz"
)
_BEFORE_NUMBER = re.compile(rf"(?<!\w)({_NAMED}) (?=\d)")
_TITLED = re.compile(
    r"(?<!\w)((?:Prof|Dr|Dipl\.-[A-Z][a-z]+|Ing|med|rer|nat|phil|St|Hr|Fr|vgl|Mr|Mrs|Ms)\.)"
    r" (?=\w)"
)
_INITIAL = re.compile(rf"(?<![\w.{_NB}])([A-ZÄÖÜ]\.) (?=[A-ZÄÖÜ])")
_DAY_MONTH = re.compile(
    rf"(?<![\d.,])\d{{1,2}}\.[ {_NB}](?:{measures.MONTHS})(?!\w)(?: (?=\d{{4}}(?!\d)))?"
)
_DAY_IN_DIGITS = re.compile(rf"(?<![\d.,])\d{{1,2}}\.[ {_NB}]\d{{1,2}}\.(?: (?=\d{{4}}(?!\d)))?")
_ORDINAL = re.compile(r"(?<![\w.,:])(\d{1,3}\.) (?=[^\W\d_])")
_AMOUNT = re.compile(rf"(?<=\d) (?=(?:{measures.UNITS})(?!\w))")
_MONEY = re.compile(
    rf"(?<=\d)([ {_NB}])(Mio\.|Mrd\.|Tsd\.|Millionen|Milliarden|million|billion)"
    r" (?=€|\$|EUR|Euro|US-Dollar|Dollar)"
)
_THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3})((?: \d{3})+)(?!\d)(?![.,]\d)")
_TOWN = re.compile(r"(?<![\d.,])(\d{5}) (?=[A-ZÄÖÜ])")
_DOTS = re.compile(r"(?<=\w) (?=…)")
_ENGLISH_DATE = re.compile(
    rf"(?<![\d.,])(\d{{1,2}}(?:st|nd|rd|th)?) (?=(?:{measures.ENGLISH_MONTHS})(?!\w))"
    rf"|(?<!\w)((?:{measures.ENGLISH_MONTHS})) (?=\d{{1,2}}(?!\d))"
)
_ENGLISH_NAMED = re.compile(
    r"(?<!\w)((?:No|Nos|p|pp|vol|ca|approx|Fig|hall|Hall|room|Room)\.?) (?=\d)"
)


def german(text: str) -> str:
    """No line break within abbreviations, dates, amounts, names with a title."""
    text = _ABBREVIATION.sub(_spread, text)
    text = _PERCENT.sub(_NB, text)
    text = _bound(text, (_BEFORE_NUMBER, _TITLED, _INITIAL, _ORDINAL, _TOWN))
    for rule in (_DAY_MONTH, _DAY_IN_DIGITS, _THOUSANDS):
        text = rule.sub(_together, text)
    return _shared(text)


def english(text: str) -> str:
    """The same in English: dates, amounts, names with a title."""
    text = _bound(text, (_TITLED, _INITIAL, _ENGLISH_NAMED))
    text = _ENGLISH_DATE.sub(lambda it: f"{it[1] or it[2]}{_NB}", text)
    return _shared(text)


def _shared(text: str) -> str:
    text = _MONEY.sub(rf"\1\2{_NB}", _AMOUNT.sub(_NB, text))
    return _DOTS.sub(_NB, text)


def _bound(text: str, rules: Sequence[re.Pattern[str]]) -> str:
    for rule in rules:
        text = rule.sub(rf"\1{_NB}", text)
    return text


def _spread(found: re.Match[str]) -> str:
    return re.sub(r"\.[ \u00a0\u202f]?(?=\w)", f".{_NB}", found[0])


def _together(found: re.Match[str]) -> str:
    return found[0].replace(" ", _NB)
