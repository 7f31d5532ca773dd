"""The file of guarantors of a world: read without a finding, about its own patients."""

import csv
from datetime import date
from pathlib import Path

from app.patients.rules_people_file import PersonRow, headings, read_row
from app.world import build, households
from app.world.people import patient

AGREED = date(2026, 1, 5)


def rows(place: Path) -> list[list[str]]:
    with place.open(encoding="utf-8", newline="") as source:
        return list(csv.reader(source))


def test_every_row_of_the_file_is_taken(tmp_path: Path) -> None:
    found = rows(households.write(tmp_path, seed=7, patients=200, agreed=AGREED))
    places = headings(found[0])
    read = [read_row(number, cells, places) for number, cells in enumerate(found[1:], 2)]
    assert len(read) == 200
    assert [one for one in read if not isinstance(one, PersonRow)] == []


def test_children_have_a_parent_and_adults_answer_for_themselves() -> None:
    for number in range(400):
        who = patient(7, number)
        row = households.household(7, who, agreed=AGREED)
        assert row["relation"] == ("parent" if who.child else "self")
        assert (row["first"] == who.first) is not who.child or row["relation"] == "parent"
        assert date.fromisoformat(row["birth"]) <= who.birth


def test_people_are_reached_in_different_ways() -> None:
    made = [households.household(7, patient(7, number), agreed=AGREED) for number in range(400)]
    assert {row["language"] for row in made} == {"en", "es"}
    for name in ("phone", "mobile", "email", "consent_statement", "consent_sms"):
        have = sum(1 for row in made if row[name])
        assert 20 < have < 380, name


def test_a_world_brings_its_file_of_guarantors(tmp_path: Path) -> None:
    truth = build(tmp_path / "world", seed=7, claims=20)
    assert len(rows(truth.folder / "people" / "guarantors.csv")) == 1 + 12
