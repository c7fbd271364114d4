"""Both newsletters, kept byte by byte: whoever changes how they look sees what changes.

If the change is meant: make test TESTS="tests/test_letters_kept.py --snapshot-update"
"""

import re

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from newsletter import rendering
from newsletter.content import TO_ANYBODY, Slot
from tests.example_issues import HERE, of_examples
from tests.rendering_situations import BOTH, without_slots

pytestmark = pytest.mark.sqlite("a mail is no matter of the database")


class Html(SingleFileSnapshotExtension):
    _write_mode = WriteMode.TEXT
    file_extension = "html"


class Text(SingleFileSnapshotExtension):
    _write_mode = WriteMode.TEXT
    file_extension = "txt"


@pytest.mark.parametrize("slug", BOTH)
def test_a_newsletter_looks_as_it_did(slug: str, snapshot: SnapshotAssertion) -> None:
    edition = rendering.render(of_examples(slug), HERE)
    html, text = (
        without_slots(part.replace(Slot.SALUTATION.marker, TO_ANYBODY))
        for part in (edition.html, edition.text)
    )
    # a tag on each line, so that a difference can be read
    assert re.sub(r">\s*<", ">\n<", html) == snapshot(name="html", extension_class=Html)
    assert text == snapshot(name="text", extension_class=Text)
