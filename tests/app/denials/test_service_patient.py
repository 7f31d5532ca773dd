"""What a payer refused in group PR goes to whoever owes it next, exactly, once, and back again."""

import io
from types import SimpleNamespace
from typing import Any

import pytest

from app.codes.rules import CodeBook
from app.denials import service_acts, service_documents, service_patient, service_undo, service_writeoff
from app.denials.lifecycle import Move
from app.denials.models import Denial
from app.denials.queries_figures import figures
from app.denials.rules_acts import Act, Wanted
from app.denials.rules_patient import Basis, check_waiver, is_protected, owes_next, parts
from app.flows import resolve
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotPermitted, Refused, Stale
from app.kernel.work import Actor, reading, work
from app.worklist.models import WorklistItem
from tests import books, era
from tests.app.denials.batches import a_book
from tests.app.denials.test_service_acts import person
from tests.conftest import House

_denial, _item = table_of(Denial), table_of(WorklistItem)
SHARE = era.line("99214", "200", "0", "PR*96*150 CO*45*50")


def the_case(control: str = "A1") -> Any:
    with books.looking() as line:
        claims = {row.id: row.control for row in line.execute(books.select(books._claim))}
    (row,) = [one for one in books.rows(_denial) if claims[one.claim_id] == control]
    return row


def refused(*lines: era.Line, second: bool = False, status: str = "1") -> Any:
    """A claim of one payer (or two) and what the first of them said; returns its case."""
    books.practice()
    cover = era.Cover() if second else None
    charges = [f"99214 {era.money(one.charge)}" for one in lines]
    books.take(era.bill(era.billed("A1", *charges, second=cover)))
    books.take(era.era(era.claim("A1", *lines, number="P1", status=status), trace="T1"))
    return the_case()


@pytest.fixture
def dana(house: House) -> Actor:
    return person("dana", "denial_specialist")


def moved(who: Actor, row: Any, **named: Any) -> service_patient.Asked:
    with work(who) as w:
        return service_patient.move(w, row.public_id, version=row.version, reason="Plan document", **named)


def test_exactly_the_refused_share_goes_to_the_patient_and_the_case_ends(dana: Actor) -> None:
    row = refused(SHARE)
    assert row.patient_hold and books.balance("A1") == ("150.00", "0.00")
    asked = moved(dana, row)
    assert (str(asked.cents), asked.to, asked.closed) == ("150.00", "to_patient", True)
    assert books.balance("A1") == ("0.00", "150.00")
    (entry,) = [one for one in books.entries() if one.event == "to_patient"]
    assert (int(entry.debit), int(entry.credit), int(entry.basis)) == (1110, 1100, 0)
    row = the_case()
    assert (row.state, row.outcome, row.patient_hold) == ("closed", "to_patient", False)
    assert {one.state for one in books.rows(_item, _item.c.subject_id == row.id)} == {"done"}
    assert books.problems() == []
    with reading(books.CLERK) as w:
        figure = figures(w, [row.claim_id])[row.claim_id]
    assert (str(figure.patient_responsibility), str(figure.denied)) == ("150.00", "0.00")
    assert (str(figure.payer_balance), str(figure.patient_balance)) == ("0.00", "150.00")


def test_twice_is_once(dana: Actor) -> None:
    row = refused(SHARE)
    moved(dana, row)
    with pytest.raises(Stale):
        moved(dana, row)
    with pytest.raises(Refused):
        moved(dana, the_case())
    assert books.balance("A1") == ("0.00", "150.00")


def test_the_next_payer_is_asked_before_the_patient(dana: Actor) -> None:
    row = refused(SHARE, second=True)
    asked = moved(dana, row)
    assert asked.to == "to_next_payer" and the_case().outcome == "to_next_payer"
    (entry,) = [one for one in books.entries() if one.event == "to_next_payer"]
    assert (int(entry.debit_rank), int(entry.credit_rank)) == (2, 1)
    assert books.balance("A1") == ("150.00", "0.00")
    assert books.problems() == []


def test_what_the_payer_sent_on_by_itself_has_a_next_payer_too(dana: Actor) -> None:
    assert moved(dana, refused(SHARE, status="19")).to == "to_next_payer"
    assert owes_next(1, "1", [1]) is None and owes_next(1, "1", [1, 3]) == 3


def test_nothing_outside_group_pr_is_ever_asked_of_the_patient(dana: Actor) -> None:
    row = refused(era.line("99214", "200", "0", "CO*197*200"))
    for basis in ("payer", "waiver"):
        with pytest.raises(Refused, match="RPAT-01"):
            moved(dana, row, basis=basis)
    assert books.balance("A1") == ("200.00", "0.00")


def test_beside_another_refusal_only_the_share_moves_and_the_case_goes_on(dana: Actor) -> None:
    row = refused(era.line("99214", "200", "0", "PR*96*150 CO*96*50"))
    asked = moved(dana, row)
    assert not asked.closed and books.balance("A1") == ("50.00", "150.00")
    row = the_case()
    assert (row.state, row.patient_hold) == ("triaged", False)
    with pytest.raises(Refused, match="RPAT-01"):
        moved(dana, row)
    with work(dana) as w:
        assert str(service_writeoff.writable(w, row)) == "50.00"
        tidy = Wanted(act=Act.MOVE, move=Move.CONCLUDE, reason="tidy")
        assert service_acts.act(w, {row.public_id: None}, tidy).done == 0


def test_a_reason_and_the_right_are_needed(dana: Actor) -> None:
    row = refused(SHARE)
    with work(dana) as w, pytest.raises(Refused, match="reviewed"):
        service_patient.move(w, row.public_id, version=row.version, reason="  ")
    nobody = Actor("carl", permissions=frozenset({"denials.read"}), scope=dana.scope)
    with work(nobody) as w, pytest.raises(NotPermitted):
        service_patient.move(w, row.public_id, version=row.version, reason="why not")


def test_a_waiver_stands_with_its_document(dana: Actor) -> None:
    row = refused(era.line("99214", "200", "0", "PR*96*150 CO*45*50", rarc="N859"))
    with pytest.raises(Refused, match="surprise-billing"):
        moved(dana, row)
    with pytest.raises(Refused, match="signed notice"):
        moved(dana, row, basis="waiver")
    with work(dana) as w:
        paper = service_documents.attach(
            w, row.public_id, io.BytesIO(b"%PDF-1.4 signed"), name="notice.pdf", kind="waiver"
        )
    assert moved(dana, the_case(), basis="waiver", document=paper).closed


def test_invalid_consent_bars_it_whatever_is_signed() -> None:
    book: CodeBook = a_book()
    with pytest.raises(Refused, match="N878"):
        check_waiver([book.rarc("N878")], Basis.WAIVER, document=True)
    assert is_protected(book.rarc("N864")) and not is_protected(book.rarc("N882"))


def test_who_moved_it_takes_it_back(dana: Actor) -> None:
    asked = moved(dana, refused(SHARE))
    with work(dana) as w:
        assert service_undo.undo(w, asked.act).done == 1
    row = the_case()
    assert (row.state, row.outcome, row.patient_hold) == ("new", None, True)
    assert books.balance("A1") == ("150.00", "0.00") and books.problems() == []
    assert "open" in {one.state for one in books.rows(_item, _item.c.subject_id == row.id)}
    assert moved(dana, row).closed and books.balance("A1") == ("0.00", "150.00")


def test_it_is_brought_back_later_with_a_reason(dana: Actor) -> None:
    moved(dana, refused(SHARE))
    row, erin = the_case(), person("erin", "denial_specialist")
    with work(erin) as w:
        cents = service_patient.bring_back(w, row.public_id, version=row.version, reason="Plan covers it")
    row = the_case()
    assert (str(cents), row.state, row.outcome) == ("150.00", "triaged", None)
    assert books.balance("A1") == ("150.00", "0.00") and books.problems() == []
    with work(erin) as w, pytest.raises(NotAllowed, match="Nothing"):
        service_patient.bring_back(w, row.public_id, version=row.version, reason="again")


def test_a_reversal_by_the_payer_takes_it_from_the_patient(dana: Actor) -> None:
    moved(dana, refused(SHARE))
    back = era.reversal("A1", SHARE, number="P1")
    again = era.claim("A1", era.line("99214", "200", "150", "CO*45*50"), number="P2")
    books.take(era.era(back, again, trace="T2"))
    assert books.balance("A1") == ("0.00", "0.00")
    assert the_case().outcome == "reversed" and books.problems() == []


def test_undoing_the_import_takes_the_move_with_it_and_a_replay_waits_for_review(dana: Actor) -> None:
    moved(dana, refused(SHARE))
    transaction = next(one for one in books.transactions() if one.kind == "835")
    with work(books.CLERK) as w:
        resolve.undo(w, transaction.public_id, reason="wrong file")
    assert books.balance("A1") == ("200.00", "0.00") and the_case().outcome == "posting_undone"
    assert books.problems() == []
    with work(books.CLERK) as w:
        resolve.replay(w, transaction.public_id, reason="it was right")
    books.settle()
    assert books.balance("A1") == ("150.00", "0.00") and the_case().state == "new"
    assert moved(dana, the_case()).closed and books.balance("A1") == ("0.00", "150.00")
    assert books.problems() == []


def test_undoing_the_import_after_it_was_brought_back(dana: Actor) -> None:
    asked = moved(dana, refused(SHARE))
    with work(dana) as w:
        service_undo.undo(w, asked.act)
    transaction = next(one for one in books.transactions() if one.kind == "835")
    with work(books.CLERK) as w:
        resolve.undo(w, transaction.public_id, reason="wrong file")
    assert books.balance("A1") == ("200.00", "0.00") and books.problems() == []


def test_what_stands_moved_is_no_part_any_more() -> None:
    shares = [("PR", 150_00), ("CO", 50_00), ("OA", 1), ("PR", 7)]
    rows = [
        SimpleNamespace(address=at, byte=1, element=3, claim_line_id=None, remit_claim_id=1, group_code=group,
                        cents=cents)
        for at, (group, cents) in enumerate(shares)
    ]  # fmt: skip
    assert [one.cents for one in parts(rows, {})] == [150_00, 7]
    assert [one.cents for one in parts(rows, {0: 150_00})] == [7]
