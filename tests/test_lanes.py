"""How fast to which mailbox provider: steady, never too fast, slower when asked to."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.dispatch.pace import Connections, Lane, Limit, Operators, RelayPace, Throttle
from newsletter.dispatch.replies import Deferred, Outcome, Receipt, Stage
from newsletter.settings import Provider

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
YES = Receipt("250 Ok", "relay")
SLOWER = Deferred(Stage.RCPT, "421 4.7.0 try again later", "relay", 421)
HOLD = Deferred(Stage.DOT, "421-4.7.28 unusual rate\n4.7.28 of mail", "relay", 421)
SIXTY = Provider(per_minute=60)


def sent_in(lane: Lane, start: datetime, seconds: int, rows: int) -> list[datetime]:
    """When copies go, if all stand in the queue and come again when they were told to."""
    queue = [start] * rows
    went = []
    for second in range(seconds):
        now = start + second * SECOND
        due = [moment for moment in queue if moment <= now]
        queue = [moment for moment in queue if moment > now]
        for _row in due:
            goes, at = lane.place(now)
            if goes:
                lane.went(at, at, YES)
                went.append(at)
            else:
                queue.append(at)
    return went


def test_sixty_a_minute_are_five_every_five_seconds() -> None:
    went = sent_in(Lane(SIXTY), NOON, 61, rows=500)
    assert len([moment for moment in went if moment < NOON + MINUTE]) == 60
    assert max(went.count(moment) for moment in went) == 5


@given(
    st.floats(0.5, 400),
    st.lists(
        st.tuples(st.integers(0, 20), st.integers(1, 30), st.booleans(), st.booleans()),
        min_size=1,
        max_size=30,
    ),
)
def test_no_minute_has_more_than_its_limit_even_after_a_restart(
    rate: float, claims: list[tuple[int, int, bool, bool]]
) -> None:
    provider = Provider(per_minute=rate)
    lane, now = Lane(provider), NOON
    went: list[datetime] = []
    for pause, rows, letter, restart in claims:
        now += pause * SECOND
        if restart:
            lane = Lane(provider, [m for m in went if now - m < 2 * MINUTE])
        for _row in range(rows):
            goes, at = lane.place(now, letter=letter)
            assert at >= now
            if goes:
                went.append(at)
    whole = max(1, int(rate))
    for moment in went:
        window = [m for m in went if moment <= m < moment + MINUTE * whole / rate]
        assert len(window) <= whole


def test_a_letter_passes_a_long_queue() -> None:
    lane = Lane(SIXTY)
    moments = [lane.place(NOON)[1] for _copy in range(10_000)]
    assert max(moments) > NOON + timedelta(hours=2)
    assert lane.place(NOON, letter=True) == (False, NOON + 5 * SECOND)


def test_who_comes_after_a_queue_that_was_stopped_does_not_stand_behind_it() -> None:
    lane = Lane(SIXTY)
    for _copy in range(10_000):
        lane.place(NOON)
    went = sent_in(lane, NOON + 7 * MINUTE, 60, rows=60)
    assert len(went) == 60


def test_who_asks_us_to_slow_down_gets_half_and_it_comes_back_by_and_by() -> None:
    lane = Lane(SIXTY)
    lane.place(NOON)
    assert lane.went(NOON, NOON, SLOWER)
    assert not lane.went(NOON, NOON + SECOND, SLOWER)  # was on its way: the same complaint
    start = NOON + 2 * SECOND
    first = sent_in(lane, start, 58, rows=2000)
    assert 25 <= len(first) <= 30
    later = sent_in(lane, NOON + 7 * MINUTE, 60, rows=2000)
    assert len(later) >= 58


def test_gmail_is_left_alone_for_ten_minutes_then_gets_one_connection_then_more() -> None:
    lane = Lane(Provider(connections=5))
    lane.place(NOON)
    lane.went(NOON, NOON, HOLD)
    assert lane.place(NOON + SECOND) == (False, NOON + 10 * MINUTE)
    later = NOON + 10 * MINUTE
    assert lane.place(later) == (True, later)
    lane.busy = 1
    assert not lane.free
    lane.went(later, later, YES)
    assert lane.free
    lane.busy = 2
    assert not lane.free
    for _copy in range(8):
        lane.went(later, later, YES)
    lane.busy = 4
    assert lane.free
    lane.busy = 5
    assert not lane.free  # what is configured holds


@pytest.mark.parametrize(
    ("outcome", "changes"),
    [
        (YES, False),
        (Deferred(Stage.RCPT, "450 4.2.0 greylisted", "relay", 450), False),
        (Deferred(Stage.RCPT, "452 4.2.2 full", "relay", 452), False),
        (Deferred(Stage.DOT, "421 4.3.2 shutting down", "relay", 421), False),
        (Deferred(Stage.DOT, "421 come back later", "relay", 421), True),
        (Deferred(Stage.RCPT, "450 4.7.1 Greylisted", "relay", 450), False),
        (Deferred(Stage.RCPT, "connection lost", "relay"), False),
        (Deferred(Stage.RCPT, "451 4.7.0 too fast", "relay", 451), True),
        (Deferred(Stage.DOT, "450-first line\n4.7.650 later", "relay", 450), True),
        (SLOWER, True),
    ],
)
def test_only_what_is_about_our_rate_slows_us_down(outcome: Outcome, changes: bool) -> None:
    assert Throttle().felt(outcome, NOON) is changes


@pytest.mark.parametrize(
    ("domain", "exchangers", "limit"),
    [
        ("gmail.com", [], "gmail"),
        ("verein.example", ["aspmx.l.google.com."], "gmail"),
        ("amt.example", ["amt-example.mail.protection.outlook.com."], None),
        ("web.de", [], "post"),  # what is configured wins over what we know
        ("haus.example", ["MX1.Post.Example."], "post"),
        ("haus.example", ["notpost.example."], None),
        ("haus.example", [], None),
    ],
)
def test_an_address_belongs_to_who_runs_its_mail_servers(
    domain: str, exchangers: list[str], limit: str | None
) -> None:
    post = Provider(per_minute=60, domains=("web.de",), mx=("post.example",))
    operators = Operators({"gmail": SIXTY, "post": post})
    assert operators.limited(domain, exchangers) == limit


def test_all_others_are_limited_each_by_itself() -> None:
    operators = Operators({"default": SIXTY})
    assert operators.limited("haus.example", ["mx1.hoster.example."]) == "default:hoster.example"
    assert operators.limited("hof.example", ["mx2.hoster.example."]) == "default:hoster.example"
    assert operators.limited("hof.example") == "default:hof.example"
    assert operators.limited("gmail.com") == "default:gmail"


# -- a relay --------------------------------------------------------------------------------


def test_a_relay_without_a_limit_shows_what_it_takes() -> None:
    relay = RelayPace(())
    for second in range(30):
        assert relay.pace.wait(NOON) == timedelta(0)
        relay.felt(YES, NOON + second * SECOND)
    now = NOON + 30 * SECOND
    assert [relay.felt(SLOWER, now) for _message in range(5)] == [False] * 4 + [True]
    assert not relay.felt(SLOWER, now + SECOND)  # was on its way
    assert relay.pace.wait(now) == MINUTE
    went, moment = 0, now + MINUTE
    while (moment := relay.pace.book(moment)) < now + 2 * MINUTE:
        went += 1
    assert went == 30
    relay.recover(now + 11 * MINUTE)
    assert relay.pace.limits == ()


def test_a_relay_with_a_whim_is_not_slowed_down() -> None:
    relay = RelayPace(())
    for _message in range(50):
        relay.felt(YES, NOON)
        assert not relay.felt(SLOWER, NOON)
    assert relay.pace.limits == ()


def test_a_relay_with_a_limit_gets_half_of_it_when_it_asks() -> None:
    relay = RelayPace([Limit(60, MINUTE)])
    relay.felt(SLOWER, NOON)
    assert relay.pace.limits == (Limit(60, 2 * MINUTE),)
    relay.recover(NOON + 2 * MINUTE)
    (limit,) = relay.pace.limits
    assert limit.spacing < 1.5 * SECOND
    relay.recover(NOON + 9 * MINUTE)
    assert relay.pace.limits == (Limit(60, MINUTE),)


def test_a_relay_shows_how_many_connections_it_takes_and_is_asked_again_later() -> None:
    taken = Connections(8)
    assert [taken.free(busy, NOON) for busy in (0, 1)] == [True, False]  # the first goes alone
    assert not taken.refused(421, others=3, now=NOON)  # nobody is in: it is away
    assert taken.came()
    assert not taken.came()
    assert taken.free(7, NOON)
    assert not taken.refused(None, others=3, now=NOON)  # it does not even answer
    assert not taken.refused(535, others=3, now=NOON)
    assert not taken.refused(421, others=0, now=NOON)
    assert taken.refused(421, others=3, now=NOON)
    assert [taken.free(busy, NOON) for busy in (2, 3)] == [True, False]
    later = NOON + timedelta(minutes=10)
    assert [taken.free(busy, later) for busy in (3, 4)] == [True, False]  # one more
    taken.away()
    assert not taken.free(1, later)
