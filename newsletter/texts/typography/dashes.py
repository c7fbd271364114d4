"""Dashes, the three dots, and the sign of multiplication, where it is certain that one is meant."""

import re

from . import measures

_SP = "[ \u00a0]"
_NUMBER = r"\d{1,3}(?:[.,:]\d+)*"
_BETWEEN = re.compile(rf"(?<=\S){_SP}(?:-{{1,3}}|(?P<dash>[–—])) (?=\S)")
_DOUBLED = re.compile(r"(?<=[^\W_])-{2,3}(?=[^\W_])")
_YEARS = re.compile(r"(?<![\w./:-])((?:19|20)\d\d)-(?=(?:19|20)\d\d(?![\w/-]))")
_DAYS = re.compile(rf"(?<![\w.-])(\d{{1,2}}\.)-(?=\d{{1,2}}\.{_SP}?(?:{measures.MONTHS}))")
_DATES = re.compile(
    r"(?<![\w.-])(\d{1,2}\.(?:\d{1,2}\.)?(?:\d{4})?)-(?=\d{1,2}\.\d{1,2}\.(?!\d*\.))"
)
_AMOUNTS = re.compile(rf"(?<![\w.,:/–-])({_NUMBER})-(?={_NUMBER}{_SP}?(?:{measures.UNITS})(?!\w))")
_PAGES = re.compile(rf"((?:S\.|Seiten?|§§?|pp?\.|pages){_SP}\d+)-(?=\d+(?![\w-]))")
_WEEKDAYS = re.compile(
    r"(?<![\w-])((?:Mo|Di|Mi|Do|Fr|Sa|So)\.?)-(?=(?:Mo|Di|Mi|Do|Fr|Sa|So)(?![\w-]))"
)
_RANGES = (_YEARS, _DAYS, _DATES, _AMOUNTS, _PAGES, _WEEKDAYS)
_DOTS = re.compile(r"(?<!\.)\.\.\.(?!\.)")
_TIMES = re.compile(
    rf"(?<![\w.,])(?!0x)\d+(?:[.,]\d+)?(?:{_SP}?[x×]{_SP}?\d+(?:[.,]\d+)?)+(?![\w×])"
)


def dashed(text: str) -> str:
    """„ - “ and „--“ as a dash, ranges of years, days, times, amounts with theirs, „…“, „×“."""
    text = _BETWEEN.sub(lambda found: f"\u00a0{found['dash'] or '–'} ", text)
    text = _DOUBLED.sub("–", text)
    for each in _RANGES:
        text = each.sub(r"\1–", text)
    return _TIMES.sub(_multiplied, _DOTS.sub("…", text))


def _multiplied(found: re.Match[str]) -> str:
    return re.sub(rf"{_SP}?[x×]{_SP}?", _sign, found[0])


def _sign(found: re.Match[str]) -> str:
    around = "\u00a0" if found[0][0] in " \u00a0" or found[0][-1] in " \u00a0" else ""
    return f"{around}×{around}"
