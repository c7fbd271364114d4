"""A Markdown source before it is parsed: what people typed, turned into what they meant."""

import html
import re

from .characters import clean

# A line that opens with one of these is an item of a list that somebody made by hand.
_BULLET = r"(?:[•·▪▫◦‣⁃●○■□✓✔✅☑➔➜➤►▶👉]\ufe0f? *|[–—] +)"
_RUN_OF_BULLETS = re.compile(rf"^ *{_BULLET}\S.*(?:\n+ *{_BULLET}\S.*)+$", re.MULTILINE)
_TABLE = re.compile(r"^ *\|.*\n *\|[ :|-]+\|? *(?:\n *\|.*)*$", re.MULTILINE)
_DEEP_QUOTE = re.compile(r"^((?: *>){3})[ >]*", re.MULTILINE)
_CELLS = re.compile(r"(?<!\\)\|")
_NUMBERED = re.compile(r"^([ >]*)([-*+] +)?(\d{1,9})([.)])(?=\s|$)")
_ENTITY = re.compile(r"(?<!\\)&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def tidied(text: str) -> str:
    """Clean characters, plain spaces, real lists, true numbers."""
    resolved = _ENTITY.sub(lambda found: html.unescape(found[0]), clean(text))
    plain = re.sub(r"[^\S\n]", " ", clean(resolved).expandtabs(4))
    plain = _DEEP_QUOTE.sub(r"\1", plain)
    listed = _TABLE.sub(_table_as_list, _RUN_OF_BULLETS.sub(_real_list, plain))
    return _with_true_numbers(listed)


def _real_list(found: re.Match[str]) -> str:
    rows = (row.strip() for row in found[0].split("\n") if row.strip())
    return "\n" + "\n".join(re.sub(rf"^{_BULLET}", "- ", row) for row in rows) + "\n"


def _table_as_list(found: re.Match[str]) -> str:
    """Each row becomes an item: „Kopf: Zelle; Kopf: Zelle“. A mail has no room for columns."""
    heads, _, *rows = (
        [cell.strip() for cell in _CELLS.split(row.strip().strip("|"))]
        for row in found[0].split("\n")
    )
    if not rows:
        return found[0].split("\n")[0].replace("|", " ")
    return "\n" + "\n".join(f"- {_row(heads, row)}" for row in rows) + "\n"


def _row(heads: list[str], row: list[str]) -> str:
    named = [*heads, *[""] * (len(row) - len(heads))]
    pairs = zip(named, row, strict=False)
    return "; ".join(f"{head}: {cell}" if head else cell for head, cell in pairs if cell)


def _with_true_numbers(text: str) -> str:
    """„15. Januar“ at the start of a line is no list that begins with 15.

    HTML would count such a list 1, 2, 3. So only what counts from 1 without a gap stays a
    list, and a list that follows another starts anew; every other number is text.
    """
    rows = text.split("\n")
    marks = _marks_of_lists(rows)
    return "\n".join(
        _NUMBERED.sub(rf"\g<1>\g<2>\g<3>{marks.get(number, _TEXT)}", row, count=1)
        for number, row in enumerate(rows)
    )


_TEXT = r"\\\g<4>"


def _marks_of_lists(rows: list[str]) -> dict[int, str]:
    """The rows of all lists that count 1, 2, 3 …, each with „.“ or „)“ after its number."""
    open_: dict[str, list[int]] = {}  # by what stands before the number
    done: list[tuple[list[int], bool]] = []  # a list, and whether one goes directly before it
    after_blank = False
    for position, row in enumerate(rows):
        found = _NUMBERED.match(row)
        if found and not found[2]:
            lead = found[1]
            open_ = {before: run for before, run in open_.items() if len(before) <= len(lead)}
            if found[3] == "1":
                done.append(([position], len(open_.get(lead, ())) > 1))
                open_[lead] = done[-1][0]
            elif lead in open_ and found[3] == str(len(open_[lead]) + 1):
                open_[lead].append(position)
            else:
                open_.pop(lead, None)
        elif row.strip() and after_blank and not row.startswith(" "):
            open_ = {}
        after_blank = not row.strip()
    marks: dict[int, str] = {}
    mark = "."
    for run, follows in done:
        if len(run) > 1:
            mark = ")" if follows and mark == "." else "."
            marks |= dict.fromkeys(run, mark)
    return marks
