"""A posted payer opens the claim to the next one: what is told, when it waits, what makes it anew."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine

from app.denials import service_patient
from app.denials.models import Denial
from app.flows import bill_secondary, resolve
from app.intake.models import IntakeTransaction
from app.kernel.db import table_of
from app.kernel.work import reading, work
from app.payers import service as payers
from app.rebill import service_moves
from app.rebill.lifecycle import Move
from app.rebill.models import NextPayerLook
from app.rebill.service_moves import Moved
from app.worklist.models import WorklistItem
from edi.guide import second_opinion
from tests import books, era, next_payers
from tests.next_payers import Opened

_denial, _transaction, _look = table_of(Denial), table_of(IntakeTransaction), table_of(NextPayerLook)
_item = table_of(WorklistItem)
SECOND = era.Cover("SECOND HEALTH PLAN", era.OTHER_PAYER)
SECOND_COMPANY = "1666666666"
LINES = (
    era.line("99214", "150", cas="CO*45*30 PR*1*20**2*20", control="L1"),
    era.line("93000", "100", cas="CO*45*60", control="L2"),
)

pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture(autouse=True)
def january() -> Iterator[None]:
    """A few days after the remits."""
    with on(20):
        yield


@contextmanager
def on(day: int, month: int = 1) -> Iterator[None]:
    with time_machine.travel(datetime(2026, month, day, 15, tzinfo=UTC), tick=True):
        yield


def billed(control: str = "PCN0001", *lines: str, **named: Any) -> bytes:
    lines = lines or ("99214 150", "93000 100")
    given: dict[str, Any] = {"second": SECOND, "filing": "CI"} | named
    return era.bill(era.billed(control, *lines, **given))


def paid(control: str = "PCN0001", *lines: era.Line, number: str = "PAYERCN1", **named: Any) -> era.Clp:
    return era.claim(control, *(lines or LINES), number=number, **named)


def take(*files: bytes) -> None:
    books.practice()
    books.take(*files)


def known() -> list[Opened]:
    with reading(books.CLERK) as w:
        return next_payers.opened(w)


def only() -> Opened:
    (one,) = [one for one in known() if one.row.open]
    return one


def states() -> list[str]:
    return [one.row.state for one in known()]


def segments(one: Opened, *loops: str) -> list[str]:
    return [row.shown() for row in one.whole.rows if row.loop in loops]


def move(*moves: Move) -> None:
    with work(books.CLERK) as w:
        service_moves.move(w, [Moved(known()[-1].row.id, each, date(2026, 1, 20)) for each in moves])


SENT = (Move.BATCH, Move.TRANSMIT)


def flags() -> list[str]:
    return [one.kind for one in books.rows(_item, _item.c.queue == "rebill_flags")]


def every_hour() -> None:
    bill_secondary.due()
    books.settle()


# ---------------------------------------------------------------- what the next payer is told


def test_the_golden_claim_goes_to_its_second_payer_as_the_guide_says() -> None:
    take(billed(), era.era(paid(), day="20260116"))
    one = only()
    assert (one.row.state, one.row.kind, one.row.cause) == ("ready", "secondary", "primary_paid")
    assert (one.row.rank, one.row.frequency, str(one.row.expected)) == (2, "1", "40.00")
    assert segments(one, "2000B") == ["SBR*S*18*GRP2******CI"]
    assert segments(one, "2010BB") == [f"NM1*PR*2*SECOND HEALTH PLAN*****PI*{era.OTHER_PAYER}"]
    assert segments(one, "2320") == ["SBR*P*18*GRP1******CI", "AMT*D*120", "OI***Y***Y"]
    assert segments(one, "2330A")[0] == "NM1*IL*1*DOE*JANE****MI*MEM0001"
    assert segments(one, "2330B") == [f"NM1*PR*2*{era.PAYER_NAME}*****PI*{era.PAYER}", "REF*F8*PAYERCN1"]
    assert segments(one, "2430") == [
        f"SVD*{era.PAYER}*80*HC:99214**1", "CAS*CO*45*30", "CAS*PR*1*20**2*20", "DTP*573*D8*20260116",
        "AMT*EAF*40", f"SVD*{era.PAYER}*40*HC:93000**1", "CAS*CO*45*60", "DTP*573*D8*20260116",
    ]  # fmt: skip


def test_the_file_it_goes_out_in_has_no_finding() -> None:
    take(billed(), era.era(paid()))
    data = next_payers.written([only().whole])
    (claim,) = next_payers.read_back(data)
    assert not list(claim.findings) and not second_opinion(data, 60)


def test_twice_is_once() -> None:
    take(billed(), era.era(paid()), era.era(paid()))
    with work(books.CLERK) as w:
        bill_secondary.run(w, {"entity": only().row.entity_id, "claims": [only().row.claim_id]})
    assert states() == ["ready"]


def test_a_claim_with_one_payer_goes_nowhere_and_is_not_looked_at() -> None:
    take(billed(second=None), era.era(paid()))
    assert not known() and not books.rows(_look)


def test_nothing_goes_on_when_the_first_payer_left_nothing() -> None:
    line = era.line("99214", "150", cas="CO*45*30", control="L1")
    take(billed("A1", "99214 150"), era.era(paid("A1", line)))
    assert not known() and not books.rows(_look)


def test_all_to_the_deductible_is_a_claim_to_the_second_payer_with_nothing_paid() -> None:
    line = era.line("99214", "150", cas="PR*1*150", control="L1")
    take(billed("A1", "99214 150"), era.era(paid("A1", line)))
    one = only()
    assert "AMT*D*0" in segments(one, "2320")
    assert segments(one, "2430")[:2] == [f"SVD*{era.PAYER}*0*HC:99214**1", "CAS*PR*1*150"]
    assert (one.row.state, str(one.row.expected)) == ("ready", "150.00")


def test_sequestration_and_quantities_are_told_as_they_were_written() -> None:
    line = era.line("99214", "150", cas="CO*45*30**253*2.4 PR*2*24*1", control="L1")
    take(billed("A1", "99214 150"), era.era(paid("A1", line)))
    assert segments(only(), "2430")[1:3] == ["CAS*CO*45*30**253*2.4", "CAS*PR*2*24*1"]


def test_a_payer_that_answers_for_the_claim_as_a_whole_is_told_at_that_level_only() -> None:
    whole = era.claim("A1", charge="150", cas="CO*45*30 PR*2*24", number="PAYERCN1")
    take(billed("A1", "99214 150"), era.era(whole, day="20260116"))
    one = only()
    assert segments(one, "2320") == [
        "SBR*P*18*GRP1******CI", "CAS*CO*45*30", "CAS*PR*2*24", "AMT*D*96", "AMT*EAF*24", "OI***Y***Y"
    ]  # fmt: skip
    assert "DTP*573*D8*20260116" in segments(one, "2330B") and not segments(one, "2430")


def test_a_payer_without_a_member_number_waits_for_a_person_who_reads_why() -> None:
    bill = billed("A1", "99214 150").replace(b"NM1*IL*1*DOE*JANE****MI*SMEM0001", b"NM1*IL*1*DOE*JANE")
    line = era.line("99214", "150", cas="PR*1*150", control="L1")
    take(bill, era.era(paid("A1", line)))
    one = only()
    assert one.row.state == "draft" and one.row.errors
    assert any("member" in str(each["words"]).lower() for each in one.row.problems) or (
        "member" in one.row.reason.lower()
    )


def test_two_entities_each_bill_their_own() -> None:
    books.practice()
    books.practice("Other Clinic", "1999999984", "888877770")
    other = era.bill(era.billed("B1", "99214 150", second=SECOND, patient="ROE*ANN", member="M2"),
                     npi="1999999984", tax_id="888877770")  # fmt: skip
    line = era.line("99214", "150", cas="PR*1*150", control="L1")
    theirs = era.era(paid("B1", line, patient="ROE*ANN", member="M2"), trace="EFT2", npi="1999999984")
    theirs = theirs.replace(era.TAX_ID.encode(), b"888877770")
    books.take(billed(), other, era.era(paid()), theirs)
    assert sorted(one.claim for one in known()) == ["B1", "PCN0001"]
    assert len({one.row.entity_id for one in known()}) == 2


# ---------------------------------------------------------------- forwarded by the first payer (R837-26)


def test_a_forwarded_claim_waits_and_then_is_billed_by_us() -> None:
    take(billed(), era.era(paid(status="19", crossed_to="SECOND HEALTH PLAN")))
    (waits,) = books.rows(_look)
    assert not known() and (waits.due_on, waits.reason) == (date(2026, 2, 15), "crossover")
    with on(14, month=2):
        every_hour()
        assert not known()
    with on(16, month=2):
        every_hour()
        assert states() == ["ready"] and not books.rows(_look)


def test_the_remark_that_it_was_forwarded_says_the_same() -> None:
    remit = era.era(paid()).replace(b"SVC*HC:99214", b"MOA***MA18~\nSVC*HC:99214", 1)
    take(billed(), counted(remit))
    assert not known() and books.rows(_look)[0].reason == "crossover"


def counted(remit: bytes) -> bytes:
    """The same remit with one segment more in its count."""
    head, _, tail = remit.partition(b"\nSE*")
    count, star, rest = tail.partition(b"*")
    return head + b"\nSE*" + str(int(count) + 1).encode() + star + rest


def test_how_long_it_waits_is_a_term() -> None:
    practice = books.practice()
    with work(books.CLERK) as w:
        payers.change_terms(w, practice.id, terms={"crossover_wait_days": 3}, effective_from=date(2026, 1, 1))
    books.take(billed(), era.era(paid(status="19", crossed_to="SECOND HEALTH PLAN")))
    assert states() == ["ready"]


def test_the_remit_of_the_payer_it_was_forwarded_to_ends_the_wait() -> None:
    take(billed(), era.era(paid(status="19", crossed_to="SECOND HEALTH PLAN")), second_answer())
    assert not known()
    with on(16, month=2):
        every_hour()
        assert not known() and not books.rows(_look)


def second_answer(trace: str = "EFT9", day: str = "20260118", number: str = "SECONDCN1") -> bytes:
    """The second payer pays what was left."""
    lines = (
        era.line("99214", "150", cas="OA*23*110", control="L1"),
        era.line("93000", "100", cas="OA*23*100", control="L2"),
    )
    clp = era.claim("PCN0001", *lines, number=number, status="2", filing="CI")
    return era.era(clp, trace=trace, payer=SECOND_COMPANY, payer_name="SECOND HEALTH PLAN", day=day)


def test_a_payer_the_claim_never_named_waits_for_a_person() -> None:
    take(billed(second=None), era.era(paid(status="19", crossed_to="SOMEBODY ELSE")))
    with on(16, month=2):
        every_hour()
        one = only()
        assert one.row.state == "draft" and one.row.errors


# ---------------------------------------------------------------- refused patient money (R835-24)


REFUSED = era.line("99214", "150", cas="PR*204*150", control="L1", rarc="N130")


def test_refused_patient_money_goes_on_when_a_person_moved_it_and_comes_back_with_it() -> None:
    take(billed("A1", "99214 150"), era.era(paid("A1", REFUSED)))
    assert not known()
    (case,) = books.rows(_denial)
    with work(books.CLERK) as w:
        service_patient.move(w, case.public_id, version=case.version, reason="not covered by the first")
    books.settle()
    assert (states(), str(only().row.expected)) == (["ready"], "150.00")
    (case,) = books.rows(_denial)
    with work(books.CLERK) as w:
        service_patient.bring_back(w, case.public_id, version=case.version, reason="moved too early")
    books.settle()
    assert states() == ["superseded"]


# ---------------------------------------------------------------- reversal, correction, undo


def corrected() -> bytes:
    """The golden reversal and correction: the second line is bundled now."""
    again = (LINES[0], era.line("93000", "100", cas="CO*97*100", control="L2", rarc="M15"))
    back = era.reversal("PCN0001", *LINES, number="PAYERCN1")
    anew = era.claim("PCN0001", *again, number="PAYERCN1A", original="PAYERCN1")
    return era.era(back, anew, trace="NOPAY0002", day="20260119", plb="FB:NOPAY0002*-40")


def test_a_correction_makes_the_unsent_claim_anew_of_the_latest_answer() -> None:
    take(billed(), era.era(paid()))
    books.take(corrected())
    assert states() == ["superseded", "ready"]
    one = only()
    assert segments(one, "2330B")[1:] == ["REF*T4*Y", "REF*F8*PAYERCN1A"] or set(
        segments(one, "2330B")[1:]
    ) == {"REF*F8*PAYERCN1A", "REF*T4*Y"}
    assert "AMT*D*80" in segments(one, "2320")
    assert segments(one, "2430")[5:7] == [f"SVD*{era.PAYER}*0*HC:93000**1", "CAS*CO*97*100"]
    assert one.row.previous_id == known()[0].row.id


def test_a_sent_claim_waits_for_its_answer_and_is_then_replaced() -> None:
    take(billed(), era.era(paid()))
    move(*SENT)
    books.take(corrected())
    assert states() == ["transmitted"] and flags() == ["answer_changed"]
    move(Move.ANSWER)
    books.take(second_answer())
    one = only()
    assert (one.row.state, one.row.frequency, one.row.original_reference) == ("ready", "7", "SECONDCN1")
    assert "REF*F8*SECONDCN1" in segments(one, "2300")


def test_a_takeback_without_correction_withdraws_it() -> None:
    take(billed(), era.era(paid()))
    back = era.reversal("PCN0001", *LINES, number="PAYERCN1")
    books.take(era.era(back, trace="EFT2", day="20260119", plb="FB:EFT2*-120"))
    assert states() == ["superseded"] and not flags()


def remit() -> str:
    return str(books.rows(_transaction, _transaction.c.trace == "EFT0001")[0].public_id)


def undo() -> None:
    with work(books.CLERK) as w:
        resolve.undo(w, remit(), reason="wrong file")


def test_an_undone_posting_withdraws_what_rests_on_it_at_once_and_a_replay_makes_it_anew() -> None:
    take(billed(), era.era(paid()))
    undo()
    assert states() == ["superseded"]
    books.settle()
    assert states() == ["superseded"]
    with work(books.CLERK) as w:
        resolve.replay(w, remit(), reason="right after all")
    books.settle()
    assert states() == ["superseded", "ready"]


def test_what_is_away_when_its_posting_is_undone_is_looked_at_by_a_person() -> None:
    take(billed(), era.era(paid()))
    move(*SENT)
    undo()
    assert states() == ["transmitted"] and flags() == ["posting_undone"]


# ---------------------------------------------------------------- another system bills, a third payer


def billed_elsewhere() -> bytes:
    """The practice's own system sends the golden claim on to the second payer."""
    claim = era.billed("PCN0001", "99214 150", "93000 100", filing="CI")
    claim[0] = "SBR*S*18*GRP2******CI"
    return era.bill(claim)


def test_ours_gives_way_to_the_file_of_the_practices_own_system() -> None:
    take(billed(), era.era(paid()))
    books.take(billed_elsewhere(), name="monday")
    (one,) = known()
    assert (one.row.state, one.row.reason) == ("superseded", "Billed by monday1.edi")


def test_what_we_sent_as_well_is_an_item_billed_twice() -> None:
    take(billed(), era.era(paid()))
    move(*SENT)
    books.take(billed_elsewhere())
    assert states() == ["transmitted"] and flags() == ["double_billed"]


def test_nothing_is_opened_when_the_other_system_was_first() -> None:
    take(billed(), billed_elsewhere(), era.era(paid()))
    assert not known()


def test_the_third_payer_is_told_what_both_before_it_decided() -> None:
    third = ["SBR*T*18*GRP3******CI", "OI***Y***Y", "NM1*IL*1*DOE*JANE****MI*TMEM0001",
             "NM1*PR*2*THIRD HEALTH PLAN*****PI*THIRD01"]  # fmt: skip
    claim = era.billed("PCN0001", "99214 150", "93000 100", second=SECOND, filing="CI")
    at = claim.index("LX*1")
    lines = (
        era.line("99214", "150", cas="OA*23*110 PR*1*15", control="L1"),
        era.line("93000", "100", cas="OA*23*100", control="L2"),
    )
    clp = era.claim("PCN0001", *lines, number="SECONDCN1", status="2", filing="CI")
    answer = era.era(clp, trace="EFT9", payer=SECOND_COMPANY, payer_name="SECOND HEALTH PLAN", day="20260118")
    take(era.bill([*claim[:at], *third, *claim[at:]]), era.era(paid()))
    move(*SENT, Move.ANSWER)
    books.take(answer)
    one = only()
    assert (one.row.rank, str(one.row.expected)) == (3, "15.00")
    assert segments(one, "2000B") == ["SBR*T*18*GRP3******CI"]
    assert [text for text in segments(one, "2320") if text.startswith(("SBR", "AMT"))] == [
        "SBR*P*18*GRP1******CI", "AMT*D*120", "SBR*S*18*GRP2******CI", "AMT*D*25"
    ]  # fmt: skip
    assert "CAS*OA*23*110" in segments(one, "2430")
    assert {"SVD*" + era.OTHER_PAYER + "*25*HC:99214**1"} <= set(segments(one, "2430"))
