"""Our own 999 and TA1: what they say of a file is what became of it (README section 1)."""

import io
from dataclasses import replace
from typing import Any

from app.documents import service as documents
from app.intake import service_replies
from app.intake.models import IntakeReply
from app.kernel.db import table_of
from app.kernel.work import reading, work
from edi.envelope import scan_file
from edi.guide import second_opinion
from edi.x999.reader import GroupAnswer, read
from edi.xta1.reader import InterchangeAnswer
from edi.xta1.reader import read as read_ta1
from tests import books
from tests.conftest import House
from tests.era import PLAIN, bill, billed, claim, era, line, payment, sealed

_reply = table_of(IntakeReply)
GOOD = claim("A1", line("99213", "100", cas="CO*45*20"))


def made(content: bytes) -> list[tuple[Any, bytes]]:
    """Take a file in and let its answers be written, twice: once is enough. (row, bytes) of each."""
    [offered] = books.take(content)
    for _ in range(2):
        with work(books.CLERK) as w:
            service_replies.make(w, offered.file_no)
    with reading(books.CLERK) as w:
        rows = books.rows(_reply, _reply.c.file_no == offered.file_no)
        return [(row, documents.read_range(w, row.document_no, 0, row.size)) for row in rows]


def groups(data: bytes) -> list[GroupAnswer]:
    stream = io.BytesIO(data)
    return [read(stream, span) for span in scan_file(stream).transactions]


def the_999(content: bytes) -> GroupAnswer:
    [(row, data)] = made(content)
    assert row.kind == "999"
    [one] = groups(data)
    assert row.status == one.status
    return one


def the_ta1(content: bytes) -> InterchangeAnswer:
    [(_row, data)] = [one for one in made(content) if one[0].kind == "TA1"]
    [answer] = read_ta1(scan_file(io.BytesIO(data)).interchanges[0])
    return answer


def test_a_remit_without_fault_is_accepted(house: House) -> None:
    books.practice()
    books.take(bill(billed("A1", "99213 100")))
    one = the_999(era(GOOD))
    assert (one.functional_id, one.version, one.status) == ("HP", "005010X221A1", "A")
    assert (one.included, one.received, one.accepted) == ("1", "1", "1")
    assert [(each.st01, each.status, each.codes, each.errors) for each in one.sets] == [("835", "A", [], [])]


def test_a_remit_that_does_not_balance_is_rejected(house: House) -> None:
    books.practice()
    one = the_999(era(GOOD, paid="81"))
    assert (one.status, one.sets[0].status, one.accepted) == ("R", "R", "0")
    assert one.sets[0].codes == ["5"]
    assert one.sets[0].errors and one.sets[0].errors[0].code


def test_a_parked_claim_is_an_error_and_named(house: House) -> None:
    books.practice()
    books.take(bill(billed("A1", "99213 100")))
    one = the_999(era(claim("A1", line("99213", "100", paid="80", cas="CO*45*19")), trace="ODD"))
    assert (one.status, one.sets[0].status) == ("E", "E")
    assert "CLP01:A1" in {error.business for error in one.sets[0].errors}


def test_one_bad_transaction_of_two_is_rejected_alone(house: House) -> None:
    books.practice()
    books.take(bill(billed("A1", "99213 100")))
    bad = payment(claim("A2", line("99213", "50", cas="CO*45*10")), trace="B", paid="99")
    one = the_999(sealed("835", [payment(GOOD, trace="A"), bad]))
    assert (one.status, one.received, one.accepted) == ("P", "2", "1")
    assert [each.status for each in one.sets] == ["A", "R"]


def test_wrong_counts_have_their_own_codes(house: House) -> None:
    books.practice()
    one = the_999(era(GOOD).replace(b"SE*", b"SE*9"))
    assert (one.sets[0].status, one.sets[0].codes) == ("R", ["4"])


def test_an_unknown_practice_is_no_fault_of_the_file(house: House) -> None:
    assert the_999(era(GOOD)).status == "A"


def test_a_file_that_ends_too_early_gets_a_ta1_and_no_999(house: House) -> None:
    books.practice()
    content = era(GOOD)
    answer = the_ta1(content[: content.index(b"GE*")])
    assert (answer.status, answer.note) == ("R", "023")
    assert len(made(content[: content.index(b"IEA*")])) == 1


def test_a_ta1_is_written_when_it_is_asked_for(house: House) -> None:
    books.practice()
    asking = era(GOOD).replace(b"*0*P*:", b"*1*P*:")
    answer = the_ta1(asking)
    assert (answer.status, answer.note) == ("A", "000")
    assert answer.control == scan_file(io.BytesIO(asking)).interchanges[0].control


def test_answers_go_back_to_the_sender_under_numbers_without_gaps(house: House) -> None:
    books.practice()
    numbers = []
    for count in range(3):
        [(row, data)] = made(era(GOOD, trace=f"T{count}", dress=replace(PLAIN, control=500 + count)))
        [isa] = scan_file(io.BytesIO(data)).interchanges
        assert (isa.sender, isa.receiver) == ("CLINIC", "PAYER")
        numbers.append((row.partner, row.control, int(isa.control)))
    assert numbers == [("ZZ:PAYER", 1, 1), ("ZZ:PAYER", 2, 2), ("ZZ:PAYER", 3, 3)]


def test_nobody_answers_an_answer(house: House) -> None:
    books.practice()
    [(_, data)] = made(era(GOOD))
    assert made(data) == []


def test_the_guide_has_no_objection_to_what_we_write(house: House) -> None:
    books.practice()
    books.take(bill(billed("A1", "99213 100")))
    bad = payment(claim("A2", line("99213", "50", cas="CO*45*10")), trace="B", paid="99")
    [(_, data)] = made(sealed("835", [payment(GOOD, trace="A"), bad]))
    assert [one.text for one in second_opinion(data, 60)] == []
