"""The code lists are complete, dated, and answer for a day."""

import pytest

from edi.codes import RETIRED_CARC, known, lookup, rows
from edi.findings import CATALOG, found
from edi.x835.checks import allowed_groups, needs_remark


@pytest.mark.parametrize(
    ("name", "count"), [("carc", 281), ("rarc", 263), ("plb", 41), ("category", 48), ("status", 190)]
)
def test_every_list_is_shipped_whole(name: str, count: int) -> None:
    assert len(rows(name)) == count
    assert all(row["effective_from"] == "" and row["effective_to"] == "" for row in rows(name))


def test_a_code_is_looked_up_for_a_day() -> None:
    row = lookup("carc", "45", "2026-01-16")
    assert row is not None and row["category"] == "contractual"
    assert lookup("carc", "ZZ9") is None


def test_a_retired_reason_points_to_reasons_that_are_in_force() -> None:
    assert all(code in known("carc") for codes in RETIRED_CARC.values() for code in codes)


def test_the_rules_of_the_guide_come_from_the_list() -> None:
    assert allowed_groups()["45"] == {"CO", "PR"}
    assert allowed_groups()["23"] == {"OA"}
    assert allowed_groups()["278"] == {"CO", "PI"}
    assert needs_remark() >= {
        "16", "96", "129", "148", "201", "226", "227", "234", "237", "250", "251", "252", "267", "A1", "P1",
    }  # fmt: skip


def test_every_finding_is_a_sentence_and_says_what_it_does() -> None:
    for code, (does, sentence) in CATALOG.items():
        assert does in ("refuse", "hold", "park", "warn", "ignore", "note")
        assert sentence.endswith((".", "{value}"))
        finding = found(code, 1, 0, value="7\x00" + "x" * 500)
        assert "{value}" not in finding.text
        assert len(finding.value) <= 80
        assert "\x00" not in finding.text
