"""The register: who is a member, and who may hand in."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from newsletter import clusters
from newsletter.clusters import LinkOver, NoSuchCluster, UnknownLink, UnreadableFile
from newsletter.clusters.access import NoSuchPerson
from newsletter.clusters.facts import rows_of
from newsletter.errors import Invalid, Refused
from newsletter.models.cluster import AccessLink, Cluster, ClusterKey, Label
from tests.conftest import Clock, type_of_act
from tests.intake_situations import BOJE, LICHTWERK, registered

CSV = """slug;name;land;field;label;label_until;website;contact_email
lichtwerk;Lichtwerk e. V.;DE-BB|Berlin;Optik|Licht;Silber;30.11.2029;https://lichtwerk.example;presse@lichtwerk.example
x y;;DE-XX;;platin;morgen;lichtwerk;jörn@boje.example
boje;Boje;;;;;;
boje;Noch einmal;;;;;;
"""


def token_of(url: str) -> str:
    return url.rpartition("/")[2]


def test_good_rows_of_a_csv_are_in_and_the_bad_ones_are_named(
    act: type_of_act, tmp_path: Path
) -> None:
    file = tmp_path / "cluster.csv"
    file.write_bytes(b"\xef\xbb\xbf" + CSV.encode())
    with act() as a:
        report = clusters.import_file(a, file)
        lichtwerk = clusters.get(a.session, "lichtwerk")
    assert report.new == ["lichtwerk", "boje"]
    assert lichtwerk.laender == ["DE-BB", "DE-BE"]
    assert lichtwerk.fields == ["Optik", "Licht"]
    assert lichtwerk.label_until == date(2029, 11, 30)
    wrong, twice = report.refused
    assert wrong.where == "Zeile 3"
    assert [p.field for p in wrong.problems] == [
        *("slug", "name", "land", "label", "label_until", "website", "contact_email")
    ]
    assert twice.where == "Zeile 5"
    assert "Zeile 4" in twice.problems[0].message


def test_the_same_file_again_changes_nothing(act: type_of_act) -> None:
    rows = rows_of(CSV, "datei")
    with act() as a:
        clusters.import_rows(a, rows)
        again = clusters.import_rows(a, rows)
    assert again.unchanged == ["lichtwerk", "boje"]
    assert not again.new
    assert not again.changed


def test_a_changed_row_updates_its_cluster_and_removes_nobody(act: type_of_act) -> None:
    with act() as a:
        cluster = registered(a)
        new = LICHTWERK | {"name": "Lichtwerk neu", "contact_email": "neu@lichtwerk.example"}
        report = clusters.import_rows(a, rows_of(f"[{_json(new)}]", "datei"))
        people = [person.email for person in clusters.people_of(a.session, cluster)]
    assert report.changed == ["lichtwerk"]
    assert people == ["presse@lichtwerk.example", "neu@lichtwerk.example"]


def _after_import(act: type_of_act, text: str) -> tuple[list[str], Cluster]:
    with act() as a:
        registered(a, LICHTWERK | {"label_until": "2029-11-30"})
        report = clusters.import_rows(a, rows_of(text, "datei"))
        return report.changed, clusters.get(a.session, "lichtwerk")


@pytest.mark.parametrize(
    "text",
    ['[{"slug": "lichtwerk", "name": "Lichtwerk neu"}]', "slug;name\nlichtwerk;Lichtwerk neu\n"],
)
def test_what_a_file_does_not_name_stays_in_the_register(act: type_of_act, text: str) -> None:
    changed, lichtwerk = _after_import(act, text)
    assert changed == ["lichtwerk"]
    assert lichtwerk.name == "Lichtwerk neu"
    assert (lichtwerk.laender, lichtwerk.fields) == (["DE-BB", "DE-BE"], ["Mikro-Nano-Opto"])
    assert (lichtwerk.label, lichtwerk.label_until) == (Label.SILVER, date(2029, 11, 30))
    assert lichtwerk.website == LICHTWERK["website"]
    assert lichtwerk.contact_email == LICHTWERK["contact_email"]


@pytest.mark.parametrize(
    "text",
    [
        '[{"slug": "lichtwerk", "name": "N", "land": [], "label": null, "website": ""}]',
        "slug;name;land;label;website\nlichtwerk;N;;;\n",
    ],
)
def test_what_a_file_leaves_empty_is_cleared(act: type_of_act, text: str) -> None:
    _, lichtwerk = _after_import(act, text)
    assert (lichtwerk.laender, lichtwerk.label, lichtwerk.website) == ([], None, None)
    assert lichtwerk.contact_email == LICHTWERK["contact_email"]


def _json(facts: object) -> str:
    import json

    return json.dumps(facts)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('[{"slug": "a",]', "Zeile 1"),
        ("slug;nom\na;b", "slug und name"),
        ("slug;name;labl\na;b;c", "„labl“"),
        ("[" * 100_000, "verschachtelt"),
    ],
)
def test_a_file_that_is_wrong_as_a_whole_is_refused(text: str, word: str) -> None:
    with pytest.raises(UnreadableFile, match=word):
        rows_of(text, "datei")


def test_a_row_with_a_stray_delimiter_is_told_so(act: type_of_act) -> None:
    with act() as a:
        report = clusters.import_rows(a, rows_of("slug,name\na,Licht, Werk\nb,Boje,\n", "datei"))
    assert report.new == ["b"]
    assert "Trennzeichen" in report.refused[0].problems[0].message


def test_a_file_in_another_encoding_or_missing_says_the_cure(
    act: type_of_act, tmp_path: Path
) -> None:
    file = tmp_path / "cluster.csv"
    file.write_bytes("slug;name\na;Börde".encode("latin-1"))
    with act() as a, pytest.raises(UnreadableFile, match="UTF-8"):
        clusters.import_file(a, file)
    with act() as a, pytest.raises(UnreadableFile, match="nicht lesbar"):
        clusters.import_file(a, tmp_path / "fehlt.csv")


def test_a_json_entry_without_slug_or_with_numbers_is_refused(act: type_of_act) -> None:
    with act() as a:
        report = clusters.import_rows(a, rows_of('[3, {"slug": "a", "name": 7}]', "datei"))
    assert [refusal.where for refusal in report.refused] == ["Eintrag 1", "Eintrag 2"]


def test_an_expired_label_is_never_shown(act: type_of_act) -> None:
    with act() as a:
        cluster = registered(a, LICHTWERK | {"label_until": "2026-11-30"})
    assert clusters.origin_of(cluster, date(2026, 11, 30)).label == "silver"
    assert clusters.origin_of(cluster, date(2026, 12, 1)).label is None


def test_a_personal_link_opens_the_form_until_it_ends(act: type_of_act, clock: Clock) -> None:
    with act() as a:
        registered(a)
        url = clusters.link(a, "lichtwerk", "presse@lichtwerk.example")
        access = clusters.by_link(a.session, token_of(url), a.now)
        assert access.cluster.slug == "lichtwerk"
        assert access.contributor.email == "presse@lichtwerk.example"
    clock.forward(days=181)
    with act() as a, pytest.raises(LinkOver, match="schicken wir Ihnen sofort"):
        clusters.by_link(a.session, token_of(url), a.now)


def test_neither_links_nor_keys_are_kept_in_the_clear(act: type_of_act) -> None:
    with act() as a:
        registered(a)
        token = token_of(clusters.link(a, "lichtwerk", "presse@lichtwerk.example"))
        key = clusters.key(a, "lichtwerk")
        a.session.flush()
        kept = [*a.session.scalars(select(AccessLink.token_sha256))]
        kept += a.session.scalars(select(ClusterKey.key_sha256))
    assert len(token) == len(key) == 22  # 128 bits
    assert all(len(each) == 64 and token not in each and key not in each for each in kept)


def test_an_unknown_link_says_whom_to_ask(act: type_of_act) -> None:
    with act() as a, pytest.raises(UnknownLink, match="/submit"):
        clusters.by_link(a.session, "x" * 22, a.now)


def test_a_removed_person_is_locked_out_at_once_and_can_come_back(act: type_of_act) -> None:
    with act() as a:
        cluster = registered(a)
        url = clusters.link(a, "lichtwerk", "presse@lichtwerk.example")
        clusters.remove_person(a, "lichtwerk", "Presse@Lichtwerk.example")
        with pytest.raises(LinkOver):
            clusters.by_link(a.session, token_of(url), a.now)
        with pytest.raises(NoSuchPerson):
            clusters.link(a, "lichtwerk", "presse@lichtwerk.example")
        clusters.add_person(a, "lichtwerk", "presse@lichtwerk.example", "Änne Muster")
        (person,) = clusters.people_of(a.session, cluster)
        assert person.name == "Änne Muster"
        with pytest.raises(LinkOver):  # the old link stays dead
            clusters.by_link(a.session, token_of(url), a.now)


def test_a_new_key_ends_the_one_before(act: type_of_act) -> None:
    with act() as a:
        registered(a)
        old = clusters.key(a, "lichtwerk")
        new = clusters.key(a, "lichtwerk")
        assert clusters.by_key(a.session, old) is None
        found = clusters.by_key(a.session, new)
        assert found is not None
        assert found.slug == "lichtwerk"


def test_a_deactivated_cluster_hands_nothing_in_until_it_is_added_again(act: type_of_act) -> None:
    with act() as a:
        registered(a)
        registered(a, BOJE)
        url = clusters.link(a, "lichtwerk", "presse@lichtwerk.example")
        key = clusters.key(a, "lichtwerk")
        clusters.deactivate(a, "lichtwerk")
        assert clusters.by_key(a.session, key) is None
        with pytest.raises(LinkOver):
            clusters.by_link(a.session, token_of(url), a.now)
        with pytest.raises(Refused, match="stillgelegt"):
            clusters.key(a, "lichtwerk")
        report = clusters.import_rows(a, rows_of(f"[{_json(LICHTWERK)}]", "datei"))
        assert "stillgelegt" in report.refused[0].problems[0].message
        assert clusters.add(a, LICHTWERK).deactivated_at is None
        assert clusters.by_key(a.session, key) is None


def test_an_address_that_nobody_can_deliver_to_is_refused(act: type_of_act) -> None:
    with act() as a:
        registered(a)
        with pytest.raises(Invalid, match="Umlaute"):
            clusters.add_person(a, "lichtwerk", "jörn@lichtwerk.example")


def test_an_unknown_cluster_is_named_with_the_way_to_the_list(act: type_of_act) -> None:
    with act() as a, pytest.raises(NoSuchCluster, match="clusters list"):
        clusters.get(a.session, "nirgends")


def test_the_register_is_in_the_order_of_a_register(act: type_of_act) -> None:
    with act() as a:
        for n, name in enumerate(("Zeta", "Äther-Netz", "arbeitskreis Licht", "Ofen", "Öko")):
            clusters.add(a, {"name": name, "slug": f"c{n}", "contact_email": "a@b.example"})
        names = [cluster.name for cluster in clusters.all_(a.session)]
        assert names == ["arbeitskreis Licht", "Äther-Netz", "Ofen", "Öko", "Zeta"]
