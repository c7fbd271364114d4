"""Which days are free in a house, what that moves, and how it is said."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import rhythm
from newsletter.almanac import Almanac
from newsletter.content import LAENDER
from newsletter.language import speaking
from newsletter.settings import CutOff, FreeDays, NewsletterSettings, Rhythm

BERLIN = ZoneInfo("Europe/Berlin")
HOUSE = Almanac(BERLIN)
SHORT = [key.removeprefix("DE-") for key in LAENDER]


def of(*laender: str) -> Almanac:
    return Almanac(BERLIN, laender)


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 12, 15), ""),
        (date(2026, 12, 12), "Samstag"),
        (date(2026, 12, 24), "Heiligabend"),
        (date(2026, 12, 25), "Erster Weihnachtstag"),
        (date(2026, 12, 26), "Zweiter Weihnachtstag"),  # and a Saturday
        (date(2026, 12, 31), "Silvester"),
        (date(2027, 3, 26), "Karfreitag"),
        (date(2027, 3, 29), "Ostermontag"),
        (date(2027, 5, 6), "Christi Himmelfahrt"),
        (date(2027, 5, 17), "Pfingstmontag"),
        (date(2025, 10, 3), "Tag der Deutschen Einheit"),
        (date(2027, 5, 27), ""),  # Corpus Christi: not in the whole country
    ],
)
def test_without_laender_the_holidays_of_the_whole_country_count(day: date, why: str) -> None:
    assert HOUSE.why_free(day) == why
    assert HOUSE.works(day) is (why == "")


@pytest.mark.parametrize(
    ("laender", "day", "why"),
    [
        (("BE",), date(2027, 3, 8), "Frauentag"),
        (("BE", "NW"), date(2027, 5, 27), "Fronleichnam"),  # in one of them
        (("BE",), date(2027, 5, 27), ""),
        (("SN",), date(2026, 11, 18), "Buß- und Bettag"),
        (("BY",), date(2028, 8, 15), "Mariä Himmelfahrt"),  # a Tuesday, and a rhythm's 15th
        (("TH",), date(2027, 9, 20), "Weltkindertag"),
    ],
)
def test_a_holiday_counts_if_it_holds_in_any_of_the_laender(
    laender: tuple[str, ...], day: date, why: str
) -> None:
    assert of(*laender).why_free(day) == why
    assert of(*laender).works(day) is (why == "")


def test_a_holiday_has_its_name_in_both_languages() -> None:
    with speaking("en"):
        assert HOUSE.why_free(date(2026, 12, 25)) == "Christmas Day"
        assert HOUSE.why_free(date(2026, 12, 24)) == "Christmas Eve"
        said = HOUSE.moved(date(2026, 12, 24), date(2026, 12, 28))
        assert said == "moved from 24 December 2026 (Christmas Eve)"


@given(
    day=st.dates(date(2020, 1, 1), date(2060, 1, 1)),
    laender=st.lists(st.sampled_from(SHORT), max_size=4).map(tuple),
    count=st.integers(-30, 30),
)
def test_people_work_exactly_on_days_that_no_reason_makes_free(
    day: date, laender: tuple[str, ...], count: int
) -> None:
    house = Almanac(BERLIN, laender)
    assert house.works(day) is (house.why_free(day) == "")
    assert not house.works(day) or HOUSE.works(day)  # Länder only add free days
    for moved in (house.onward(day), house.back(day)):
        assert house.works(moved)
        assert (house.moved(day, moved) == "") is house.works(day)
    assert house.back(day) <= day <= house.onward(day)
    between = house.working_days(day, count)
    step = timedelta(days=1 if count > 0 else -1)
    passed = [day + step * n for n in range(1, abs((between - day).days) + 1)]
    assert sum(map(house.works, passed)) == abs(count)


@given(
    zone=st.sampled_from(["Europe/Berlin", "Africa/Cairo", "Asia/Beirut", "America/Santiago"]),
    day=st.integers(1, 28),
    clock=st.times().map(lambda it: it.replace(second=0, microsecond=0)),
    month=st.dates(date(2024, 1, 1), date(2035, 1, 1)),
)
def test_a_time_by_the_rhythm_exists_and_is_the_clock_s_unless_spring_skips_it(
    zone: str, day: int, clock: time, month: date
) -> None:
    house = Almanac(ZoneInfo(zone))
    leaves = rhythm.sending_time(Rhythm(day=day, time=clock), month.year, month.month, house)
    there_and_back = leaves.astimezone(UTC).astimezone(house.zone)
    assert there_and_back.replace(tzinfo=None) == leaves.replace(tzinfo=None)
    late = leaves.replace(tzinfo=None) - datetime.combine(leaves.date(), clock)
    assert late in {timedelta(), timedelta(hours=1)} or leaves.hour < 2


def test_a_sending_time_in_the_skipped_hour_leaves_an_hour_later() -> None:
    # Cairo's clocks go from 0:00 to 1:00 on the last Friday of April
    cairo = Almanac(ZoneInfo("Africa/Cairo"))
    leaves = rhythm.sending_time(Rhythm(day=26, time=time(0, 30)), 2024, 4, cairo)
    assert leaves.isoformat() == "2024-04-26T01:30:00+03:00"


def with_rhythm(it: NewsletterSettings, **rhythm: object) -> NewsletterSettings:
    return it.model_copy(update={"rhythm": Rhythm(**rhythm), "cutoff": CutOff()})  # type: ignore[arg-type]


@pytest.mark.sqlite
def test_the_dates_of_an_issue_say_what_moved_them(one_newsletter: NewsletterSettings) -> None:
    dates = rhythm.dates("2026-12", with_rhythm(one_newsletter, day=25), HOUSE)
    assert dates is not None
    assert dates.leaves.date() == date(2026, 12, 28)
    assert dates.leaves_moved == "verschoben vom 25.12.2026 (Erster Weihnachtstag)"
    assert dates.closes.isoformat() == "2026-12-18T12:00:00+01:00"
    assert dates.closes_moved == ""
    # twenty days before the 28th is a Tuesday
    assert dates.drafted is not None
    assert dates.drafted.isoformat() == "2026-12-08T08:00:00+01:00"
    never = rhythm.dates("2026-12", with_rhythm(one_newsletter, draft_days=0), HOUSE)
    assert never is not None
    assert never.drafted is None
    assert never.closes_moved == "verschoben vom 05.12.2026 (Samstag)"


@pytest.fixture
def one_newsletter(settings: object) -> NewsletterSettings:
    return settings.newsletters["clusterplattform"]  # type: ignore[attr-defined,no-any-return]


def test_free_days_are_written_as_people_write_them() -> None:
    it = FreeDays(laender=("be", "DE-NW"), also=("24.12.", "02.01."))
    assert it.almanac(BERLIN) == Almanac(BERLIN, ("BE", "NW"), ((12, 24), (1, 2)))
    assert it.almanac(BERLIN).why_free(date(2029, 1, 2)) == "frei"
