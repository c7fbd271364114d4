"""Dates on their way out, and as somebody's calendar program reads them."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import icalendar
from fastapi.testclient import TestClient

from newsletter import issues, queue, submissions
from newsletter.history import Act
from newsletter.models.submission import Submission
from tests.archive_situations import sending
from tests.conftest import BEN
from tests.desk_situations import Desk, fair

CALENDAR = "/archive/clusterplattform/calendar.ics"


def soon(desk: Desk, **changes: object) -> dict[str, object]:
    ahead = max(datetime.now(UTC), desk.clock()) + timedelta(days=56)
    return fair(ahead.replace(hour=9, minute=0, second=0, microsecond=0), **changes)


def path(desk: Desk, reference: str) -> str:
    found = desk.look(lambda act: act.session.get_one(Submission, int(reference[1:])))
    return f"/dates/{quote(found.uid, safe='')}.ics"


def event(browser: TestClient, where: str) -> icalendar.Event:
    answer = browser.get(where)
    assert answer.status_code == 200, answer.text
    (found,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    return found


def revised(act: Act, reference: str, **changes: object) -> None:
    submission = submissions.by_reference(act.session, reference)
    facts = submissions.facts_of(act.session, submission) | changes
    queue.edit(act, reference, facts, submission.revision)


def gone_out(desk: Desk, slug: str) -> str:
    """An issue whose first mails are out, with everything that was accepted."""
    return sent(desk, desk.filled(slug))


def sent(desk: Desk, key: str) -> str:
    """The issue as it stands has a yes, and its first mails are out."""
    desk.do(issues.request, key, "geprüft")
    desk.do(issues.approve, key, who=BEN)
    desk.do(issues.schedule, key)
    return sending(desk, key)


def titles(browser: TestClient, where: str = CALENDAR) -> list[str]:
    answer = browser.get(where)
    assert answer.status_code == 200, answer.text
    return [str(e["summary"]) for e in icalendar.Calendar.from_ical(answer.content).walk("VEVENT")]
