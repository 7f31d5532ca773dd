"""The practice partner answers as payers do: each answer is read by the product, and balances to the cent."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from app.world import build
from app.world.partner import Partner, load, save
from app.world.partner_text import read_claims, read_remits, signed_cents
from app.world.partner_writes import Reply
from tests import books
from tests.era import OTHER_PAYER, PAYER, PLAIN, Cover, bill, billed, claim, era, line, sealed

DAY = date(2026, 2, 2)
NOW = replace(PLAIN, control=77)


def kinds(replies: list[Reply]) -> list[str]:
    return [one.kind for one in replies]


def statuses(replies: list[Reply]) -> list[str]:
    """The status of every claim in 277CAs: those behind the patient level's TRN."""
    found = []
    for one in replies:
        rows = one.content.decode().split("~\n")
        found += [rows[place + 1].split("*")[1] for place, row in enumerate(rows) if row.startswith("TRN*2*")
                  and rows[place - 1].startswith("NM1*QC")]  # fmt: skip
    return found


def clps(replies: list[Reply]) -> list[list[str]]:
    """CLP01, status, charge and paid of every claim paid."""
    return [
        [said.control, said.status, said.segments[0].split("*")[3], said.segments[0].split("*")[4]]
        for one in replies
        if one.kind == "835"
        for remit in read_remits(one.content)
        for said in remit.claims
    ]


def sent(*claims: list[str], control: int = 77) -> bytes:
    return bill(*claims, dress=replace(NOW, control=control))


def taught(*remits: bytes) -> Partner:
    partner = Partner()
    for content in remits:
        partner.learn(content)
    return partner


def second_claim(control: str, cas: str, paid: str = "80", **named: str) -> list[str]:
    """A claim to the second payer, with what the first one decided about its only line."""
    rows = billed(control, "99214 100", second=Cover(), **named)
    rows[0], rows[5] = rows[0].replace("SBR*P", "SBR*S"), f"NM1*PR*2*SECOND PLAN*****PI*{OTHER_PAYER}"
    at = rows.index("SBR*S*18*GRP2******CI")
    rows[at] = "SBR*P*18*GRP1******12"
    rows.insert(at + 1, f"AMT*D*{paid}")
    rows = [row.replace(f"SECOND PLAN*****PI*{OTHER_PAYER}", f"EXAMPLE HEALTH PLAN*****PI*{PAYER}")
            if place > at else row for place, row in enumerate(rows)]  # fmt: skip
    return [*rows, f"SVD*{PAYER}*{paid}*HC:99214**1", *(f"CAS*{one}" for one in cas.split()),
            "DTP*573*D8*20260116"]  # fmt: skip


def test_a_denied_claim_that_is_corrected_is_simply_paid(house: object) -> None:
    del house
    books.practice()
    denied = era(claim("A1", line("99214", "100", cas="CO*16*100", rarc="M127"), status="4"))
    partner = taught(denied)
    books.take(bill(billed("A1", "99214 100")), denied)
    again = sent(billed("A1", "99214 100", frequency="7", original="PAYERA1"))
    replies = partner.answer(again, DAY)
    assert kinds(replies) == ["999", "277CA", "277CA", "835"]
    assert statuses(replies) == ["A1:19", "A2:20"]
    assert clps(replies) == [["A1", "1", "100", "80"]]
    books.take(again, *(one.content for one in replies))
    assert books.states() == ["posted", "posted"]
    assert books.accounts() == {1010: "80.00", 4000: "-100.00", 4100: "20.00"}
    assert books.problems() == []


def test_a_paid_claim_is_taken_back_before_its_replacement_is_paid(house: object) -> None:
    del house
    books.practice()
    paid = era(claim("A1", line("99214", "100", cas="CO*45*30")))
    partner = taught(paid)
    books.take(bill(billed("A1", "99214 100")), paid)
    again = sent(billed("A1", "99214 150", frequency="7", original="PAYERA1"))
    replies = partner.answer(again, DAY)
    assert clps(replies) == [["A1", "22", "-100", "-70"], ["A1", "1", "150", "120"]]
    books.take(again, *(one.content for one in replies))
    assert books.states() == ["posted", "posted"] and books.balance("A1") == ("0.00", "0.00")
    assert books.accounts() == {1010: "120.00", 4000: "-150.00", 4100: "30.00"}
    assert books.problems() == []


def test_a_void_takes_the_payment_back_and_the_shortage_is_carried(house: object) -> None:
    del house
    books.practice()
    paid = era(claim("A1", line("99214", "100", cas="CO*45*30")))
    partner = taught(paid)
    books.take(bill(billed("A1", "99214 100")), paid)
    again = sent(billed("A1", "99214 100", frequency="8", original="PAYERA1"))
    replies = partner.answer(again, DAY)
    assert clps(replies) == [["A1", "22", "-100", "-70"]]
    assert b"BPR*H*0*" in replies[-1].content and b"PLB*1234567893*20261231*FB:" in replies[-1].content
    other = partner.answer(sent(billed("B1", "99213 200", member="B"), control=78), DAY)
    assert b"*70~" in other[-1].content.split(b"PLB*")[1], "the next payment is lower by what was carried"


def test_the_second_payer_answers_what_the_first_one_left() -> None:
    partner = Partner()
    replies = partner.answer(sent(second_claim("A1S", "CO*45*5 PR*2*15")), DAY)
    assert clps(replies) == [["A1S", "2", "100", "15"]]
    assert b"CAS*OA*23*85~" in replies[-1].content
    deductible = partner.answer(sent(second_claim("A2S", "PR*1*20", day="20251217"), control=78), DAY)
    assert clps(deductible) == [["A2S", "2", "100", "0"]] and b"CAS*PR*1*20~" in deductible[-1].content


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (billed("A1", "100", member=""), "A6:164:IL"),
        (billed("A1", "100", frequency="7"), "A6:464"),
        (billed("A1", "100", day="20270101"), "A7:187"),
        (second_claim("A1", "CO*45*5 PR*2*14"), "A8:672"),
        ([row.replace("CLM*A1*100", "CLM*A1*101") for row in billed("A1", "100")], "A8:400"),
    ],
)
def test_a_clearinghouse_refuses_what_cannot_go_on(rows: list[str], code: str) -> None:
    replies = Partner().answer(sent(rows), DAY)
    assert kinds(replies) == ["999", "277CA"] and statuses(replies) == [code]


def test_a_bad_npi_is_refused() -> None:
    replies = Partner().answer(bill(billed("A1", "100"), npi="1234567890", dress=NOW), DAY)
    assert statuses(replies) == ["A7:562:85"]


def test_a_payer_refuses_a_reference_it_does_not_know_or_has_replaced() -> None:
    partner = taught(era(claim("A1", line("99214", "100", cas="CO*45*30"))))
    unknown = billed("A2", "100", frequency="7", original="NOBODY")
    assert statuses(partner.answer(sent(unknown), DAY)) == ["A1:19", "A7:464"]
    for number, code in ((78, "A2:20"), (79, "A7:495")):
        newer = billed(f"A{number}", "99214 100", frequency="7", original="PAYERA1")
        assert statuses(partner.answer(sent(newer, control=number), DAY))[1] == code


def test_what_is_sent_twice_is_answered_as_a_duplicate() -> None:
    partner = Partner()
    first = sent(billed("A1", "99214 100"))
    assert clps(partner.answer(first, DAY)) == [["A1", "1", "100", "80"]]
    [again] = partner.answer(first, DAY)
    assert again.kind == "TA1" and b"*R*025~" in again.content
    assert statuses(partner.answer(sent(billed("A1", "99214 100"), control=78), DAY)) == ["A3:54"]
    other = partner.answer(sent(billed("A9", "99214 100"), control=79), DAY)
    assert clps(other) == [["A9", "4", "100", "0"]] and b"CAS*CO*18*100~" in other[-1].content


def test_a_test_says_how_a_file_fares() -> None:
    partner = Partner()
    file = sent(billed("A1", "100"))
    assert kinds(partner.receive(file, DAY, "ta1")) == ["TA1"]
    [refused] = partner.receive(file, DAY, "999")
    assert b"IK5*R*5~" in refused.content and b"AK9*R*1*1*0~" in refused.content
    again = sent(billed("A1", "100"), control=78)
    assert statuses(partner.receive(again, DAY, "A7:562:85")) == ["A7:562:85"]
    third = sent(billed("A1", "100"), control=79)
    assert statuses(partner.receive(third, DAY)) == ["A1:19"]
    assert statuses(partner.accept(DAY, "A3:33:IL")) == ["A3:33:IL"] and partner.pay(DAY) == []


def test_a_cut_file_is_refused_and_a_picture_is_no_file() -> None:
    cut = re.sub(rb"SE\*\d+\*", b"SE*99*", sent(billed("A1", "100")))
    [refused] = Partner().receive(cut, DAY)
    assert b"IK5*R*4~" in refused.content
    with pytest.raises(ValueError, match="no X12"):
        Partner().receive(b"a picture", DAY)


def test_every_delimiter_is_understood() -> None:
    strange = bill(billed("A1", "99214 100"), dress=replace(NOW, signs="|>+!", line_end=""))
    assert clps(Partner().answer(strange, DAY)) == [["A1", "1", "100", "80"]]


def test_it_remembers_over_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "partner.json"
    paid = era(claim("A1", line("99214", "100", cas="CO*45*30")))
    steps = [sent(second_claim("S1", "PR*2*20")), sent(billed("A2", "100", frequency="7", original="PAYERA1"),
                                                        control=78)]  # fmt: skip
    through, kept = taught(paid), taught(paid)
    for content in steps:
        expected = [*through.receive(content, DAY), *through.accept(DAY), *through.pay(DAY)]
        found = []
        for step in (lambda p, c=content: p.receive(c, DAY), lambda p: p.accept(DAY), lambda p: p.pay(DAY)):
            found += step(kept)
            save(kept, path)
            kept = load(path)
        assert found == expected
    assert json.loads(path.read_text())["arrived"] == []


def test_a_world_is_answered_to_the_cent(tmp_path: Path) -> None:
    """Every claim of a world's 837s, sent anew: payments balance by line, by claim and in all."""
    build(tmp_path / "world", seed=7, claims=200)
    partner, answered = Partner(), 0
    for path in sorted((tmp_path / "world" / "files").glob("*837*.edi")):
        if b"*837*" not in path.read_bytes():
            continue
        for one in partner.answer(path.read_bytes(), date(2026, 12, 1)):
            if one.kind == "835":
                answered += balanced(one.content)
    assert answered > 150


def balanced(content: bytes) -> int:
    """The claims of an 835 whose payment, claims and lines add up; anything else fails."""
    rows = [row.split("*") for row in content.decode().split("~\n")]
    paid = signed_cents(next(row[2] for row in rows if row[0] == "BPR"))
    plb = sum(signed_cents(row[place]) for row in rows if row[0] == "PLB" for place in range(4, len(row), 2))
    [remit] = read_remits(content)
    assert paid == sum(one.paid for one in remit.claims) - plb
    for said in remit.claims:
        charge, left, line_paid, lines = 0, 0, 0, 0
        for row in (one.split("*") for one in said.segments):
            if row[0] == "CLP":
                charge, left = signed_cents(row[3]), signed_cents(row[3])
            elif row[0] == "SVC":
                lines += signed_cents(row[2])
                line_paid += signed_cents(row[3])
            elif row[0] == "CAS":
                left -= sum(signed_cents(row[place]) for place in range(3, len(row), 3))
        assert left == said.paid, said
        assert not lines or (lines, line_paid) == (charge, said.paid), said
    return len(remit.claims)


def test_claims_are_read_as_they_were_written() -> None:
    body = ["BHT*0019", "HL*1**20*1", "HL*2*1*22*0", *billed("A1", "99213:25 100")]
    [group] = read_claims(sealed("837", [body], NOW)).groups
    [got] = group.sets[0].claims
    [service] = got.lines
    assert (got.charge, got.frequency, service.code, service.modifiers) == (10_000, "1", "99213", ("25",))
