"""When issues and cut-offs fall."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import rhythm
from newsletter.almanac import Almanac
from newsletter.settings import CutOff, Rhythm

BERLIN = ZoneInfo("Europe/Berlin")
HOUSE = Almanac(BERLIN)
MONTHLY = Rhythm()  # the 15th, 10:00
TEN_DAYS = CutOff()  # 10 days, 12:00


def test_the_december_issue_leaves_on_the_fifteenth() -> None:
    leaves = rhythm.sending_time(MONTHLY, 2026, 12, HOUSE)
    assert leaves.isoformat() == "2026-12-15T10:00:00+01:00"


def test_a_free_day_moves_the_issue_to_the_next_working_day() -> None:
    assert rhythm.sending_time(MONTHLY, 2026, 11, HOUSE).date() == date(2026, 11, 16)  # a Sunday
    late = Rhythm(day=24)
    assert rhythm.sending_time(late, 2026, 12, HOUSE).date() == date(2026, 12, 28)
    easter = Rhythm(day=26)
    assert rhythm.sending_time(easter, 2027, 3, HOUSE).date() == date(2027, 3, 30)


def test_ten_o_clock_stays_ten_o_clock_when_the_clocks_change() -> None:
    winter = rhythm.sending_time(MONTHLY, 2027, 3, HOUSE).astimezone(UTC)
    summer = rhythm.sending_time(MONTHLY, 2027, 4, HOUSE).astimezone(UTC)
    assert (winter.hour, summer.hour) == (9, 8)


def test_the_cut_off_moves_back_to_a_working_day() -> None:
    leaves = rhythm.sending_time(MONTHLY, 2026, 12, HOUSE)
    # ten days before Tuesday, 15 December is a Saturday
    assert rhythm.cut_off(leaves, TEN_DAYS, HOUSE).isoformat() == "2026-12-04T12:00:00+01:00"


def test_the_cut_off_counts_calendar_days_over_a_change_of_clocks() -> None:
    leaves = datetime(2027, 4, 7, 8, 0, tzinfo=UTC)  # 10:00 in summer time
    assert rhythm.cut_off(leaves, CutOff(days=14), HOUSE).isoformat() == (
        "2027-03-24T12:00:00+01:00"
    )


@given(
    month=st.dates(date(2020, 1, 1), date(2060, 1, 1)),
    day=st.integers(1, 28),
    days=st.integers(0, 60),
)
def test_both_always_fall_on_working_days(month: date, day: int, days: int) -> None:
    leaves = rhythm.sending_time(Rhythm(day=day), month.year, month.month, HOUSE)
    closes = rhythm.cut_off(leaves, CutOff(days=days), HOUSE)
    assert HOUSE.works(leaves.date())
    assert HOUSE.works(closes.date())
    assert date(month.year, month.month, day) <= leaves.date()
    assert closes.date() <= leaves.date() - timedelta(days=days)


NOVEMBER = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def test_the_next_number_is_the_month_whose_time_is_ahead() -> None:
    assert rhythm.next_number((), MONTHLY, NOVEMBER, HOUSE) == "2026-12"
    early = datetime(2026, 11, 16, 8, 59, tzinfo=UTC)  # a minute before 10:00
    assert rhythm.next_number((), MONTHLY, early, HOUSE) == "2026-11"
    assert rhythm.next_number((), MONTHLY, early + timedelta(minutes=1), HOUSE) == "2026-12"


def test_a_taken_number_is_not_given_twice() -> None:
    taken = {"2026-12", "2027-01-s1"}
    assert rhythm.next_number(taken, MONTHLY, NOVEMBER, HOUSE) == "2027-01"


def test_a_quarterly_newsletter_skips_the_months_between() -> None:
    quarterly = Rhythm(months=(3, 6, 9, 12))
    assert rhythm.next_number({"2026-12"}, quarterly, NOVEMBER, HOUSE) == "2027-03"


def test_a_month_that_begins_in_berlin_has_begun() -> None:
    midnight = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)  # 1 December, 0:30 in Berlin
    assert rhythm.next_number((), Rhythm(day=1), midnight, HOUSE) == "2026-12"


def test_a_special_issue_has_no_time_by_the_rhythm() -> None:
    assert rhythm.planned_time("2026-12-s1", MONTHLY, HOUSE) is None
    planned = rhythm.planned_time("2026-12", MONTHLY, HOUSE)
    assert planned == rhythm.sending_time(MONTHLY, 2026, 12, HOUSE)


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-00", "26-12", "2026-12-s0", "2026-12-x", "1999-12", ""]
)
def test_what_is_no_number_is_told_from_one(text: str) -> None:
    assert not rhythm.is_number(text)
    with pytest.raises(ValueError, match="2026-12"):
        rhythm.month_name(text)


def test_a_month_has_its_name_in_both_languages() -> None:
    assert rhythm.month_name("2027-03") == "März"
    assert rhythm.month_name("2027-03-s2", "en") == "March"
    assert rhythm.year_of("2027-03-s2") == "2027"


def test_the_missing_hour_in_march_is_refused_with_a_sentence() -> None:
    with pytest.raises(ValueError, match="gibt es 02:30 Uhr nicht"):
        rhythm.on_the_clock(date(2027, 3, 28), time(2, 30), BERLIN)


def test_the_doubled_hour_in_october_means_its_first_pass() -> None:
    moment = rhythm.on_the_clock(date(2027, 10, 31), time(2, 30), BERLIN)
    assert moment.astimezone(UTC) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_a_moment_in_words_names_the_weekday() -> None:
    moment = datetime(2026, 12, 15, 9, 0, tzinfo=UTC)
    assert rhythm.in_words(moment, BERLIN) == "Dienstag, 15.12.2026, 10:00 Uhr"


def test_a_doubled_hour_in_words_says_which_is_meant() -> None:
    for moment, which in ((0, "Sommerzeit"), (1, "Winterzeit")):
        said = rhythm.in_words(datetime(2026, 10, 25, moment, 30, tzinfo=UTC), BERLIN)
        assert said == f"Sonntag, 25.10.2026, 02:30 Uhr ({which})"
    for hour in (23, 2):
        moment = datetime(2026, 10, 24 + (hour < 12), hour, 30, tzinfo=UTC)
        assert "zeit" not in rhythm.in_words(moment, BERLIN)
