"""Test mails: an issue as it stands now, to somebody who works on it."""

from collections.abc import Sequence
from datetime import timedelta

from newsletter import letters
from newsletter.content import Variant, content_hash
from newsletter.errors import Refused
from newsletter.history import Act
from newsletter.language import N_
from newsletter.models.delivery import Letter

from .approval import editions
from .change import opened
from .contents import build
from .neutral import html_of, text_of
from .people import for_tests
from .sound import HasErrors, listed

TEST_MARK = "[TEST] "
_KEEPS = timedelta(days=2)  # an older one would show what the issue was


class NoSuchEdition(Refused):
    sentence = N_("{issue} enthält keinen Termin, also gibt es keine Fassung „nur Termine“.")


def post_test(
    act: Act, key: str, addresses: Sequence[str], variant: Variant = Variant.FULL
) -> list[Letter]:
    """Post an issue as it stands to editors, approvers and test addresses, marked [TEST]; in the
    edition that readers may choose.

    A letter, so it has no list headers and its goodbye leads to our start page. Findings do
    not stop it, but for a broken template (HasErrors). NoSuchEdition; NotForTests for any other
    address; NotEditable once the issue is on its way.
    """
    issue = opened(act, key)
    wanted = for_tests(act.settings, list(addresses))
    built = build(act.session, act.settings, issue, act.now)
    if built.edition is None:
        raise HasErrors(issue=issue.id, findings=listed(built.errors))
    edition = next((each for each in editions(built) if each.variant == variant), None)
    if edition is None:
        raise NoSuchEdition(issue=issue.id)
    ways = act.settings.links.home(), act.settings.links.preferences()
    words = letters.Words(
        TEST_MARK + edition.subject,
        text_of(edition, *ways),
        html_of(edition, *ways),
    )
    more = {"newsletter": issue.newsletter, "expires_at": act.now + _KEEPS}
    posted = [letters.put(act, "test", address, words, **more) for address in wanted]
    made = {"content_hash": content_hash(editions(built)), "mails": len(posted)}
    act.record("issue", issue.id, "tested", detail=made)
    return posted
