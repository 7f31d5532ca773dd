"""A file gets into a folder whole and under its name, and nothing that lies there is written over."""

import os
from pathlib import Path

import pytest

from app.gateways.folder import FolderWay, checked
from app.gateways.handing import Outcome, Seen
from app.kernel.errors import Refused
from app.kernel.settings import settings
from tests.conftest import House

DATA, NAME = b"ISA*00*" * 1_000, "A-20261122-000000001.837"


def test_a_file_lies_there_whole_and_alone(house: House) -> None:
    way = FolderWay("payer/in")
    assert way.send(NAME, DATA).outcome is Outcome.ARRIVED
    folder = settings().outgoing / "payer" / "in"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {NAME: DATA}
    assert way.look(NAME, DATA).seen is Seen.SAME
    assert way.look("other.837", DATA).seen is Seen.ABSENT
    assert way.send(NAME, DATA).outcome is Outcome.ARRIVED, "the same again is the same"


def test_nothing_is_written_over(house: House) -> None:
    way = FolderWay("payer")
    way.send(NAME, DATA)
    handed = way.send(NAME, b"something else")
    assert (handed.outcome, handed.code) == (Outcome.NOT_SENT, "taken")
    assert (settings().outgoing / "payer" / NAME).read_bytes() == DATA
    assert way.look(NAME, b"something else").seen is Seen.OTHER


def test_a_leftover_of_an_earlier_try_is_begun_anew(house: House) -> None:
    folder = settings().outgoing / "payer"
    folder.mkdir(parents=True)
    (folder / f"{NAME}.part").write_bytes(b"half")
    assert FolderWay("payer").send(NAME, DATA).outcome is Outcome.ARRIVED
    assert [path.name for path in folder.iterdir()] == [NAME]


def test_a_leftover_that_leads_elsewhere_is_not_followed(house: House, tmp_path: Path) -> None:
    folder = settings().outgoing / "payer"
    folder.mkdir(parents=True)
    (tmp_path / "precious").write_text("keep")
    (folder / f"{NAME}.part").symlink_to(tmp_path / "precious")
    assert FolderWay("payer").send(NAME, DATA).outcome is Outcome.NOT_SENT
    assert (tmp_path / "precious").read_text() == "keep"


def test_where_there_is_no_folder_nothing_is_sent(house: House) -> None:
    settings().outgoing.mkdir(parents=True)
    (settings().outgoing / "payer").write_text("a file")
    handed = FolderWay("payer").send(NAME, DATA)
    assert (handed.outcome, handed.code) == (Outcome.NOT_SENT, "place")
    assert FolderWay("payer").try_out().outcome is Outcome.NOT_SENT
    assert FolderWay("other").try_out().outcome is Outcome.ARRIVED


@pytest.mark.parametrize("place", ["", "/etc", "..", "a/../../b", "a//b", ".hidden", "a\nb", "a/", "x " * 40])
def test_a_place_outside_is_refused(house: House, place: str) -> None:
    with pytest.raises(Refused):
        checked(place)


def test_a_link_out_of_the_folder_is_refused(house: House, tmp_path: Path) -> None:
    settings().outgoing.mkdir(parents=True)
    os.symlink(tmp_path, settings().outgoing / "payer")
    with pytest.raises(Refused):
        checked("payer")
    assert FolderWay("payer").send(NAME, DATA).outcome is Outcome.NOT_SENT
