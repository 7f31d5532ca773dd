"""What the law of a state asks a letter to say is said from its day on, in the reader's language."""

from datetime import date
from pathlib import Path

import pytest

import letters
from letters import legal
from letters.catalog import LetterError

ON = date(2026, 3, 1)


def test_a_state_says_its_paragraphs_in_both_languages() -> None:
    said = letters.notices("IL", ON, "statement")
    assert [one["head"] for one in said] == ["Illinois"]
    assert "screen you" in said[0]["words"]
    assert "seguro público" in letters.notices("IL", ON, "statement", "es")[0]["words"]


def test_a_paragraph_is_said_from_the_day_of_its_law_and_only_where_it_belongs() -> None:
    assert not letters.notices("IL", date(2024, 6, 30), "statement")
    assert letters.notices("IL", date(2024, 7, 1), "statement")
    assert not letters.notices("IL", ON, "receipt")
    assert not letters.notices("TX", ON, "statement")
    assert not letters.notices("", ON, "statement")


def test_every_paragraph_belongs_to_letters_there_are() -> None:
    for one in letters.NOTICES:
        assert set(one.letters) <= set(letters.LETTERS)
        assert one.source


@pytest.mark.parametrize(
    "broken",
    [
        "rows = 1",
        '[[rows]]\neffective_from = "soon"\nletters = []\nsource = "x"\nhead = {en="a", es="b"}\n'
        'words = {en="a", es="b"}',
        '[[rows]]\neffective_from = 2026-01-01\nletters = []\nsource = "x"\nhead = {en="a", es="b"}\n'
        'words = {en="a"}',
    ],
)
def test_a_broken_notice_stops_the_start(tmp_path: Path, broken: str) -> None:
    (tmp_path / "notices" / "collection").mkdir(parents=True)
    (tmp_path / "notices" / "collection" / "IL.toml").write_text(broken)
    with pytest.raises(LetterError, match=r"collection/IL\.toml"):
        legal.load(tmp_path)
