"""What a zip may hold: more is refused at once with a sentence, and what is right inside it posts (F4)."""

import io
import zipfile

import pytest

from app.intake.models import IntakeFile
from app.kernel import limits
from app.kernel.db import table_of
from tests import books
from tests.conftest import House
from tests.era import bill, billed

ONE_DATABASE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)
BILL = bill(billed("A1", "100"))


def packed(**members: bytes) -> bytes:
    """A zip of these members."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


@ONE_DATABASE
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (packed(bomb=b"0" * 20_000_000), "times its size"),
        (packed(**{f"m{number}": b"x" for number in range(limits.ARCHIVE_MEMBERS + 1)}), "are allowed"),
        (packed(a=BILL)[:-30] + b"\0" * 30, "ISA"),
    ],
)
def test_an_archive_beyond_the_limits_or_damaged_is_refused_with_the_reason(
    house: House, content: bytes, words: str
) -> None:
    books.practice()
    books.take(content, name="archive")
    refused = [row for row in books.rows(table_of(IntakeFile)) if row.state == "refused"]
    assert len(refused) == 1
    assert words in refused[0].reason


@ONE_DATABASE
def test_archives_in_archives_are_opened_so_far_and_no_further(house: House) -> None:
    books.practice()
    books.take(packed(outer=packed(a=BILL)), name="two deep")
    assert books.balance("A1") == ("100.00", "0.00")
    books.take(packed(x=packed(y=packed(z=bill(billed("B2", "200"))))), name="three deep")
    assert any("archives deep" in (row.reason or "") for row in books.rows(table_of(IntakeFile)))
