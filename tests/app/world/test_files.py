"""The files are what a clearinghouse would send: counts, controls and order are right but for faults."""

import csv
from collections import Counter, defaultdict
from pathlib import Path

from app.world import Truth
from app.world.people import npi
from app.world.prices import COLUMNS
from app.world.x12 import amount, cas_segments, full_amount
from tests.app.world.clerk import cents, segments_of

CUT = {"cut_file", "cut_then_complete"}


def whole_files(world: Truth) -> list[list[list[str]]]:
    """Segments of every X12 file that was not cut."""
    return [
        segments_of((world.folder / "files" / row["file"]).read_bytes().decode("ascii"))
        for row in world.rows("files")
        if row["fault"] not in CUT and row["outcome"] != "refused"
    ]


def test_counts_and_control_numbers_agree(world: Truth) -> None:
    for rows in whole_files(world):
        assert rows[0][0] == "ISA"
        assert rows[-1] == ["IEA", "1", rows[0][13]]
        assert rows[-2] == ["GE", str(sum(row[0] == "ST" for row in rows)), rows[1][6]]
        starts = [place for place, row in enumerate(rows) if row[0] == "ST"]
        ends = [place for place, row in enumerate(rows) if row[0] == "SE"]
        for start, end in zip(starts, ends, strict=True):
            assert rows[end][1:] == [str(end - start + 1), rows[start][2]]


def test_the_isa_has_106_characters(world: Truth) -> None:
    for row in world.rows("files"):
        text = (world.folder / "files" / row["file"]).read_bytes().decode("ascii")
        if row["outcome"] != "refused":
            assert text[3] * 16 == "".join(mark for mark in text[:105] if mark == text[3])
            assert text.split(text[105])[0] == text[:105]


def test_no_control_number_is_used_twice_but_by_copies(world: Truth) -> None:
    used: Counter[str] = Counter()
    for row in world.rows("files"):
        if row["outcome"] in ("posted", "held") and row["fault"] not in CUT:
            text = (world.folder / "files" / row["file"]).read_bytes().decode("ascii")
            used[text[90:99]] += 1
    assert set(used.values()) == {1}


def test_the_charge_of_a_claim_is_the_sum_of_its_lines(world: Truth) -> None:
    for rows in whole_files(world):
        if rows[1][1] != "HC":
            continue
        charged: dict[str, int] = {}
        lines: Counter[str] = Counter()
        control = ""
        for row in rows:
            if row[0] == "CLM":
                control = row[1]
                charged[control] = cents(row[2])
            elif row[0] == "SV1":
                lines[control] += cents(row[2])
            elif row[0] == "SV2":
                lines[control] += cents(row[3])
        assert charged == dict(lines)


def test_what_a_second_payer_is_told_about_the_first_balances(world: Truth) -> None:
    told = 0
    for rows in whole_files(world):
        paid: int | None = None
        adjusted = charge = 0
        for row in [*rows, ["CLM", "", "0"]]:
            if row[0] == "CLM":
                if paid is not None:
                    assert charge == paid + adjusted
                    told += 1
                charge, paid, adjusted = cents(row[2]) if len(row) > 2 else 0, None, 0
            elif row[:2] == ["AMT", "D"]:
                paid = cents(row[2])
            elif row[0] == "CAS" and rows[1][1] == "HC":
                adjusted += sum(cents(row[place + 1]) for place in range(2, len(row), 3))
    assert told


def test_patient_responsibility_is_the_sum_of_pr_but_where_a_fault_says_so(world: Truth) -> None:
    wrong = Counter(row["file"] for row in world.rows("exceptions") if row["code"] == "patient_share_differs")
    for row in world.rows("files"):
        if row["kind"] != "835" or row["outcome"] != "posted" or row["fault"]:
            continue
        rows = segments_of((world.folder / "files" / row["file"]).read_bytes().decode("ascii"))
        shares: dict[int, list[int]] = defaultdict(lambda: [0, 0])
        place = 0
        for number, segment in enumerate(rows):
            if segment[0] == "CLP":
                place = number
                shares[place][0] = cents(segment[5]) if segment[2] != "22" else 0
            elif segment[:2] == ["CAS", "PR"] and rows[place][2] != "22":
                shares[place][1] += sum(int(cents_or_more(segment[n + 1])) for n in range(2, len(segment), 3))
        odd = sum(said != summed for said, summed in shares.values())
        assert odd <= wrong[row["file"]] + int(row["parked"])


def cents_or_more(text: str) -> int:
    """Cents, leaving out what a fault wrote behind the second decimal."""
    whole, _, part = text.partition(".")
    return cents(f"{whole}.{part[:2]}" if part else whole)


def test_causes_sort_before_effects(world: Truth) -> None:
    names = [row["file"] for row in world.rows("files")]
    for row in world.rows("files"):
        assert not row["after"] or (row["after"] in names and row["after"] < row["file"])
        if row["outcome"] == "superseded":
            assert any(name > row["file"] and name[:15] == row["file"][:15] for name in names)


def test_a_bank_statement_adds_up_and_names_every_deposit(world: Truth) -> None:
    deposits: dict[str, Counter[tuple[str, int]]] = defaultdict(Counter)
    for row in world.rows("deposits"):
        deposits[row["day"].replace("-", "")][row["trace"], cents(row["amount"])] += 1
    seen = set()
    for path in sorted((world.folder / "bank").iterdir()):
        found: Counter[tuple[str, int]] = Counter()
        lines = path.read_text(encoding="ascii").splitlines()
        group = account = records = 0
        for place, line in enumerate(lines):
            fields = line.rstrip("/").split(",")
            if fields[0] == "03":
                account, records = sum(int(fields[n]) for n in (4, 8, 12)), 0
                assert int(fields[4]) + int(fields[12]) == int(fields[8])
            records += 1
            if fields[0] == "16":
                account += int(fields[2])
                trace = fields[5] or lines[place + 1].split("*")[2]
                found[trace, int(fields[2])] += 1
            elif fields[0] == "49":
                assert fields[1:] == [str(account), str(records)]
                group += account
            elif fields[0] == "98":
                assert (fields[1], fields[3]) == (str(group), str(place))
            elif fields[0] == "99":
                assert fields[1:] == [str(group), "1", str(len(lines))]
        assert found == deposits[path.name[:8]]
        seen.add(path.name[:8])
    assert seen == set(deposits)


def test_every_payment_with_money_reaches_the_bank_once(world: Truth) -> None:
    banked = Counter(row["trace"] for row in world.rows("deposits"))
    paid = Counter(
        row["trace"]
        for row in world.rows("transactions")
        if row["paid"] != "0.00" and not row["trace"].startswith("TEST")
    )
    assert set(banked) == set(paid)
    assert set(banked.values()) == {1}


def test_fees_cover_every_billed_code_and_are_never_above_the_charge(world: Truth) -> None:
    with (world.folder / "fees" / "fees.csv").open(encoding="ascii", newline="") as source:
        reader = csv.DictReader(source)
        rows = list(reader)
        assert tuple(reader.fieldnames or ()) == COLUMNS
    assert {row["code_type"] for row in rows} == {"HC", "NU", "DRG"}
    assert all(row["effective_from"] < row["effective_to"] for row in rows)
    keys = [tuple(row[name] for name in COLUMNS if name not in ("allowed", "effective_to")) for row in rows]
    assert len(keys) == len(set(keys))


def test_npis_have_a_right_check_digit() -> None:
    for number in (0, 23_456_789, 99_999_999):
        digits = "80840" + npi(number)
        doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
        assert sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def test_amounts_are_written_without_needless_zeros() -> None:
    assert [amount(cents) for cents in (0, 8000, 8050, 8005, -5)] == ["0", "80", "80.5", "80.05", "-0.05"]
    assert [full_amount(cents) for cents in (0, 8050, -5)] == ["0.00", "80.50", "-0.05"]


def test_a_seventh_reason_starts_a_second_segment() -> None:
    cas = tuple(("CO", str(code), 100) for code in range(7))
    assert [segment.count("**") for segment in cas_segments(cas)] == [5, 0]


def test_folder_holds_nothing_else(world: Truth) -> None:
    assert sorted(path.name for path in Path(world.folder).iterdir()) == [
        "bank",
        "fees",
        "files",
        "people",
        "truth",
    ]
    assert {path.name for path in (world.folder / "files").iterdir()} == {
        row["file"] for row in world.rows("files")
    }
