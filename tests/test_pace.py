"""How fast, when again, and when to stop."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.dispatch import pace
from newsletter.dispatch.pace import Brake, Limit, Pace
from newsletter.settings import Sending

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def test_without_limits_nothing_waits() -> None:
    at_once = Pace(pace.limits_of(Sending()))
    for _ in range(1000):
        at_once.went(NOON, NOON)
    assert at_once.wait(NOON) == timedelta(0)


def test_a_relay_that_takes_thirty_a_minute_gets_thirty_a_minute() -> None:
    slow = Pace(pace.limits_of(Sending(per_minute=30)))
    booked = [slow.book(NOON) for _ in range(30)]
    assert booked == [NOON + number * 2 * SECOND for number in range(30)]  # no burst (BO-14)
    assert slow.wait(NOON) == MINUTE
    assert slow.wait(NOON + 59 * SECOND) == SECOND
    assert slow.wait(NOON + MINUTE) == timedelta(0)


def test_letters_go_at_once_while_there_is_room() -> None:
    kept = Pace(pace.limits_of(Sending(per_minute=30)))
    assert kept.book(NOON) == NOON
    assert [kept.book(NOON, spread=False) for _letter in range(29)] == [NOON] * 29
    assert kept.book(NOON, spread=False) == NOON + MINUTE


def test_a_letter_is_at_most_one_copy_behind() -> None:
    kept = Pace(pace.limits_of(Sending(per_minute=30)))
    now = NOON
    for _copy in range(100):
        now = kept.book(now)
    assert kept.wait(now, spread=False) <= 2 * SECOND


def test_a_message_waits_for_the_oldest_of_its_span_and_no_longer() -> None:
    kept = Pace([Limit(2, MINUTE)], [NOON, NOON + 30 * SECOND])
    assert kept.wait(NOON + 40 * SECOND) == 20 * SECOND


def test_what_went_out_before_a_restart_counts() -> None:
    before = [NOON - 30 * SECOND] * 30
    assert Pace([Limit(30, MINUTE)], before).wait(NOON) == 30 * SECOND


@pytest.mark.parametrize(
    ("sending", "limit"),
    [
        (Sending(per_second=3), Limit(3, SECOND)),
        (Sending(per_second=0.5), Limit(1, 2 * SECOND)),
        (Sending(per_minute=30), Limit(30, MINUTE)),
        (Sending(per_hour=0.25), Limit(1, 4 * HOUR)),
    ],
)
def test_a_rate_is_a_number_in_a_span(sending: Sending, limit: Limit) -> None:
    assert pace.limits_of(sending) == (limit,)


@given(
    st.lists(
        st.tuples(st.floats(0, 5), st.floats(0, 1), st.booleans(), st.booleans()), max_size=80
    ),
    st.integers(1, 7),
    st.integers(5, 20),
)
def test_no_span_ever_holds_more_than_its_limit(
    messages: list[tuple[float, float, bool, bool]], per_second: int, per_minute: int
) -> None:
    limits = [Limit(per_second, SECOND), Limit(per_minute, MINUTE)]
    kept, now, went = Pace(limits), NOON, []
    for pause, answer, letter, restart in messages:
        booked = kept.book(now + timedelta(seconds=pause), spread=not letter)
        now = booked + timedelta(seconds=answer)
        kept.went(booked, now)
        went.append(now)
        if restart:
            kept = Pace(limits, went[-per_minute:])
    for limit in limits:
        for moment in went:
            assert sum(moment <= m < moment + limit.span for m in went) <= limit.count


@pytest.mark.parametrize(
    ("sending", "rows"),
    [
        (Sending(), 500),
        (Sending(per_second=100), 500),
        (Sending(per_second=2), 10),
        (Sending(per_minute=30), 2),
        (Sending(per_hour=10), 1),
    ],
)
def test_a_slow_pace_claims_few_rows_so_that_letters_do_not_wait(
    sending: Sending, rows: int
) -> None:
    assert pace.batch_size(pace.limits_of(sending)) == rows


@pytest.mark.parametrize(
    ("attempt", "minutes"),
    [(1, 5), (2, 15), (3, 30), (4, 60), (5, 120), (6, 180), (7, 240), (8, 240), (100, 240)],
)
def test_a_deferred_message_comes_again_later_and_later(attempt: int, minutes: int) -> None:
    waits = [pace.retry_at(attempt, NOON, Random(seed)) - NOON for seed in range(200)]
    assert min(waits) >= 0.8 * minutes * MINUTE
    assert max(waits) <= 1.2 * minutes * MINUTE
    assert len(set(waits)) > 100  # not all at the same moment


def test_a_relay_that_is_away_is_left_alone_longer_and_longer() -> None:
    waits = [pace.relay_again_after(times) for times in range(1, 12)]
    assert waits == sorted(waits)
    assert waits[0] == 15 * SECOND
    assert waits[-1] == 15 * MINUTE


def test_three_failures_of_a_kind_in_a_row_stop_the_run() -> None:
    brake = Brake()
    assert [brake.felt("unknown") for _ in range(3)] == [False, False, True]


def test_a_good_message_or_another_kind_releases_the_brake() -> None:
    brake = Brake()
    felt = [brake.felt(k) for k in ("unknown", "unknown", None, "unknown", "unknown", "content")]
    assert not any(felt)
    assert not any(brake.felt(None) for _ in range(5))


def test_several_connections_share_one_pace() -> None:
    shared = Pace([Limit(2, MINUTE)])
    booked = [shared.book(NOON) for _connection in range(5)]
    assert booked == [NOON + number * 30 * SECOND for number in range(5)]


def test_a_moment_that_was_not_used_is_free_again() -> None:
    kept = Pace([Limit(1, MINUTE)])
    kept.give_back(kept.book(NOON, spread=False))
    assert kept.book(NOON, spread=False) == NOON


@pytest.mark.parametrize(
    ("sending", "minutes"),
    [
        (Sending(per_minute=30), 160.4),
        (Sending(per_minute=30, per_second=5), 160.4),
        (Sending(per_hour=600, per_minute=30), 481.2),
        (Sending(), None),
    ],
)
def test_how_long_an_issue_takes_can_be_told_before(
    sending: Sending, minutes: float | None
) -> None:
    took = pace.duration(4812, pace.limits_of(sending))
    assert took == (None if minutes is None else minutes * MINUTE)


@pytest.mark.parametrize(
    ("seconds", "claims", "rows"),
    [
        (500.0, 1, 50),  # a relay that takes one a second: few rows, so that letters pass
        (5.0, 1, 200),
        (0.5, 1, 1000),
        (0.25, 1, 1000),  # twice as many at most
        (0.001, 5, 4000),
    ],
)
def test_a_claim_is_two_seconds_worth(seconds: float, claims: int, rows: int) -> None:
    amount = pace.Amount()
    for _claim in range(claims):
        amount.took(amount.rows, seconds)
    assert amount.rows == rows


def test_on_a_slow_disk_an_audience_is_fixed_in_smaller_steps() -> None:
    amount = pace.Amount(0.02, first=250, most=500)
    amount.took(250, 0.1)
    assert amount.rows == 50
    for _step in range(5):
        amount.took(amount.rows, 0.001)
    assert amount.rows == 500


def test_a_claim_that_was_not_full_says_nothing_of_the_rate() -> None:
    amount = pace.Amount()
    amount.took(3, 60.0)
    assert amount.rows == 500


def test_a_late_answer_puts_the_next_one_off() -> None:
    kept = Pace([Limit(1, MINUTE)])
    booked = kept.book(NOON)
    kept.went(booked, NOON + 10 * SECOND)
    assert kept.book(NOON + MINUTE) == NOON + 70 * SECOND


def test_relays_with_limits_of_their_own_take_their_sum() -> None:
    thirty, sixty = Sending(per_minute=30), Sending(per_minute=60)
    both = pace.limits_over(Sending(), [thirty, sixty])
    assert pace.duration(900, both) == 10 * MINUTE
    assert pace.duration(900, pace.limits_over(thirty, [thirty, sixty])) == 30 * MINUTE
    assert pace.limits_over(Sending(), [thirty, Sending()]) == ()  # one takes any number


def test_a_clock_that_is_put_back_holds_nothing_up() -> None:
    keeping = Pace([Limit(2, MINUTE)])
    for moment in (NOON, NOON + SECOND):
        pace.Booking([keeping], moment, spread=False).went(moment)
    earlier = NOON - HOUR
    wait = pace.Booking([keeping], earlier, spread=False).wait
    assert wait == 59  # as if the clock had not been touched
