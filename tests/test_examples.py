"""The examples: whole, invented, and never out of date."""

import csv
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.demo.relative import WEEKDAYS, expanded
from newsletter.templating import shipped

BERLIN = ZoneInfo("Europe/Berlin")
EXAMPLES = shipped("examples")
LISTS = ("subscribers-go-cluster.csv", "subscribers-clusterplattform.csv")


def read(name: str) -> Any:
    return json.loads((EXAMPLES / name).read_text(encoding="utf-8"))


def rows(name: str) -> list[dict[str, str]]:
    with (EXAMPLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_relative_date_is_the_weekday_of_that_week_in_german_time() -> None:
    sunday = date(2026, 11, 22)
    when = {"weeks": 21, "weekday": "tuesday", "at": "14:00"}
    assert expanded(when, sunday, BERLIN) == "2027-04-13T14:00:00+02:00"
    assert expanded({"weeks": 1, "weekday": "tuesday"}, sunday, BERLIN) == "2026-11-24"
    assert expanded({"a": [when], "b": 1}, sunday, BERLIN)["b"] == 1


@given(
    st.dates(date(2024, 1, 1), date(2090, 1, 1)),
    st.integers(1, 60),
    st.sampled_from(WEEKDAYS),
)
def test_a_date_of_a_coming_week_lies_ahead(today: date, weeks: int, weekday: str) -> None:
    day = date.fromisoformat(expanded({"weeks": weeks, "weekday": weekday}, today, BERLIN))
    assert day > today
    assert WEEKDAYS[day.weekday()] == weekday


@given(st.dates(date(2024, 1, 1), date(2090, 1, 1)))
def test_every_date_in_the_examples_lies_ahead_on_any_day(today: date) -> None:
    for item in expanded(read("submissions.json"), today, BERLIN):
        starts, ends = item.get("starts_at"), item.get("ends_at")
        if starts:
            assert starts > today.isoformat()
            assert ends is None or datetime.fromisoformat(ends) >= datetime.fromisoformat(starts)
        assert item.get("register_by", starts) == starts or item["register_by"] < starts


def test_the_examples_show_every_kind_of_item() -> None:
    items = read("submissions.json")
    assert 12 <= len(items) <= 16
    assert {item["kind"] for item in items} == {"news", "date", "success_story"}
    assert any(item["targets"] == ["go-cluster"] for item in items), "a members-only one"
    assert any("embargo_until" in item for item in items)
    assert any(item.get("language") == "en" for item in items)
    assert any(item.get("via") == "form" for item in items)
    assert any("source" in item for item in items)
    assert any(item.get("online") and item.get("location") for item in items), "a hybrid one"
    assert any("at" not in item.get("starts_at", {"at": 0}) for item in items), "a whole day"


def test_every_item_comes_from_a_cluster_of_the_register_or_a_source() -> None:
    slugs = {cluster["slug"] for cluster in read("clusters.json")}
    for item in read("submissions.json"):
        assert ("source" in item) != (item.get("cluster") in slugs)
        if "picture" in item:
            assert (EXAMPLES / item["picture"]).is_file()
            assert item["image_alt"]
            assert item["image_credit"]


def test_a_month_of_thirty_items_is_as_mixed_as_months_are() -> None:
    backlog = read("backlog.json")
    assert len(backlog) + len(read("submissions.json")) == 30
    slugs = {cluster["slug"] for cluster in read("clusters.json")}
    assert {item["cluster"] for item in backlog} <= slugs
    done = [item["editor"]["does"] for item in backlog]
    assert set(done) == {"accept", "decline", "ask", "defer", "merge"}
    assert sum(bool(item.get("late")) for item in backlog) == 2
    assert sum("embargo_until" in item for item in backlog) == 2


@pytest.mark.parametrize("name", LISTS)
def test_every_example_reader_is_invented_and_has_evidence(name: str) -> None:
    readers = rows(name)
    assert len({row["email"] for row in readers}) == len(readers)
    for row in readers:
        assert row["email"].endswith(".example")
        assert row["email"].isascii()
        assert row["evidence"]
        assert datetime.fromisoformat(row["consented_at"]) < datetime.now(UTC)


def test_some_readers_are_on_both_lists_and_most_are_not() -> None:
    members, public = ({row["email"] for row in rows(name)} for name in LISTS)
    assert len(members) == 25
    assert len(public) == 40
    assert 0 < len(members & public) < 10


def test_no_example_points_to_a_real_host() -> None:
    for path in [*EXAMPLES.glob("*.json"), *EXAMPLES.glob("*.csv")]:
        text = path.read_text(encoding="utf-8")
        hosts = re.findall(r"https?://([^/\"\\)?#\s]+)|@([\w.-]+)", text)
        assert hosts
        for host in (a or b for a, b in hosts):
            assert host.endswith(".example"), f"{path.name}: {host}"


def test_the_pictures_are_small_enough_for_a_repository() -> None:
    pictures = list(Path(EXAMPLES / "pictures").iterdir())
    assert pictures
    assert all(picture.stat().st_size < 120_000 for picture in pictures)
