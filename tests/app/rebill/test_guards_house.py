"""The guards on real files: what 999, 277CA, 835 and the desk left behind decides what may go."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from app.claims.models import ClaimVersion
from app.denials.lifecycle import State as DenialState
from app.denials.models import Denial
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed
from app.kernel.ids import public_id
from app.kernel.work import Actor, work
from app.rebill import queries_claims, service, service_check, service_edit, service_guards, translate
from app.rebill.lifecycle import Cause, Kind, Move, Proof
from app.rebill.models import FilingProof
from app.rebill.rules import New
from app.rebill.service_edit import Edit
from tests import answers, books, era
from tests.app.rebill import desk

_denial, _version, _proof = table_of(Denial), table_of(ClaimVersion), table_of(FilingProof)
BILL = era.bill(era.billed("A1", "99214 300", second=era.Cover()), dress=era.Dress(control=4711))
INSTITUTIONAL = Path("tests/fixtures/x837/pass/linuxforheal_x12_institutional_claim.edi")


@pytest.fixture
def bea(house: Any) -> Iterator[Actor]:
    with desk.in_january():
        practice = books.practice()
        books.take(BILL)
        yield desk.biller(practice.id)


def forwarded() -> bytes:
    line = era.line("99214", "300", cas="CO*45*100 PR*2*40", control="L1")
    return era.era(era.claim("A1", line, status="19", crossed_to="SECOND PLAN"), trace="T1")


def to_second(actor: Actor) -> str:
    """A claim to the second payer, made as the consequence of a posting makes it."""
    (claim,) = books.rows(desk.CLAIM)
    whole = translate.opened(desk.row(desk.opened(actor, "A1")).base_sealed, translate.BASE)
    new = New(claim_id=claim.id, kind=Kind.SECONDARY, rank=2, cause=Cause.PRIMARY_PAID, whole=whole)
    with work(actor) as w:
        return service.open_new(w, desk.entity_of(actor), new)


def test_a_refused_file_lets_its_claims_go_again(bea: Actor) -> None:
    books.take(answers.taken(4711, "0001 R 5"))
    with work(bea) as w:
        assert service.proposal(w, desk.public("A1")).kind is Kind.NEW
    public = desk.opened(bea, "A1", Kind.NEW, cause=Cause.REJECTION)
    assert desk.row(public).errors == 0, desk.row(public).problems


def test_a_claim_taken_by_the_payer_is_not_sent_again_before_its_answer(bea: Actor) -> None:
    books.take(answers.report("A1 A2:20"))
    public = desk.opened(bea, "A1", Kind.NEW)
    assert "guard.not_final" in desk.codes(public)


def test_a_draft_is_free_once_the_payer_rejects_what_it_waits_for(bea: Actor) -> None:
    public = desk.opened(bea, "A1", Kind.NEW)
    assert desk.row(public).errors == 2
    books.take(answers.report("A1 A7:562:85"))
    with work(books.CLERK) as w:
        assert service_check.look_again(w, [desk.row(public).id]) == 1
    assert desk.row(public).errors == 0


def test_an_open_appeal_refuses_the_opening_and_later_the_finishing(bea: Actor) -> None:
    books.take(desk.denied())
    public = desk.opened(bea, "A1")
    with work(bea) as w:
        version = service_edit.edit(w, public, 1, [Edit("authorization", 0, 0, "AUTH1")])
    (case,) = books.rows(_denial)
    with work(books.CLERK) as w:
        w.db.execute(update(_denial).values(state=DenialState.APPEAL_SENT.value))
    with work(bea) as w, pytest.raises(NotAllowed) as refused:
        service.finish(w, public, version)
    assert refused.value.code == "guard.open_appeal" and case.public_id in refused.value.message
    with work(bea) as w:
        service.cancel(w, public, version, "the appeal goes first")
    with pytest.raises(NotAllowed) as refused:
        desk.opened(bea, "A1")
    assert refused.value.code == "open_appeal"


def test_a_claim_the_first_payer_forwarded_waits_30_days_for_the_second(bea: Actor) -> None:
    books.take(forwarded())
    public = to_second(bea)
    blocked = next(one for one in desk.row(public).problems if one["code"] == "guard.crossed_over")
    assert "Feb 15, 2026" in blocked["unblock"]
    with desk.in_november(), work(books.CLERK) as w:
        found = service_guards.blocks(w, [desk.row(public).id])[desk.row(public).id]
    assert "crossed_over" not in [one.code for one in found]


def test_a_proof_of_filing_in_time_lets_a_late_claim_go(bea: Actor) -> None:
    books.take(desk.denied())
    public = desk.opened(bea, "A1")
    row = desk.row(public)
    with desk.in_november():
        with work(books.CLERK) as w:
            blocks = service_guards.blocks(w, [row.id])[row.id]
            assert [one.code for one in blocks if one.hard and one.until] == ["filing_limit"]
            w.db.execute(
                insert(_proof).values(
                    public_id=public_id(), entity_id=row.entity_id, claim_id=row.claim_id,
                    payer_id=row.payer_id, kind=Proof.PAYER_ACCEPTED.value, day=date(2025, 12, 22),
                    source_id=1, recorded_at=w.now,
                )
            )  # fmt: skip
        with work(books.CLERK) as w:
            blocks = service_guards.blocks(w, [row.id])[row.id]
    assert [one.hard for one in blocks if one.code == "filing_limit"] == [False]


def test_the_claim_to_the_second_payer_is_warned_when_the_first_is_corrected(bea: Actor) -> None:
    books.take(desk.denied())
    public = to_second(bea)
    assert "guard.earlier_payer" in desk.codes(public)


def test_what_was_sent_and_answered_once_is_not_sent_again_unchanged(bea: Actor) -> None:
    books.take(desk.denied())
    first = desk.opened(bea, "A1")
    with work(bea) as w:
        service_edit.edit(w, first, 1, [Edit("authorization", 0, 0, "AUTH1")])
    desk.moved(first, *desk.SENT, Move.ANSWER)
    second = desk.opened(bea, "A1")
    with work(bea) as w:
        service_edit.edit(w, second, 1, [Edit("authorization", 0, 0, "AUTH1")])
    assert "guard.duplicate" in desk.codes(second)
    with work(bea) as w:
        service_edit.edit(w, second, 2, [Edit("authorization", 0, 0, "AUTH2")])
    assert "guard.duplicate" not in desk.codes(second)


def test_a_hospital_says_in_one_condition_code_why_its_bill_changed(house: Any) -> None:
    with desk.in_january():
        practice = books.practice("Jones Hospital", npi="9876540809", tax_id="567891234")
        books.take(INSTITUTIONAL.read_bytes().replace(b"*T*:", b"*P*:").replace(b"*MB", b"*MA"))
        actor = desk.biller(practice.id)
        (claim,) = books.rows(desk.CLAIM)
        refused = era.claim(claim.control, charge="89.93", cas="CO*16*89.93", number="DCN1", filing="MA",
                            patient="DOE*JON", member="030005074A")  # fmt: skip
        books.take(era.era(refused, trace="H1", npi="9876540809"))
        with work(actor) as w:
            proposed = service.proposal(w, claim.public_id)
        assert (proposed.kind, proposed.condition) == (Kind.REPLACEMENT, True)
        public = desk.opened(actor, claim.control)
        assert desk.row(public).form == "I" and "out.reason_missing" in desk.codes(public)
        with work(actor) as w:
            dearer = service_edit.preview(w, public, [Edit("line_charge", 1, 0, "99.93")])
        said = [one["unblock"] for one in dearer.problems if one["code"] == "out.reason_missing"]
        assert said == ["Give condition code D1: the charges changed."]
        with work(actor) as w:
            service_edit.edit(w, public, 1, [Edit("condition", 0, 0, "D1")])
        assert "out.reason_missing" not in desk.codes(public)
        assert translate.said(translate.opened(desk.row(public).claim_sealed)).conditions == ("D1",)


def test_facts_of_a_claim_out_of_scope_are_not_told(bea: Actor) -> None:
    (claim,) = books.rows(desk.CLAIM)
    stranger = Actor(name="eve", permissions=bea.permissions, scope=frozenset({99}))
    with work(stranger) as w:
        assert queries_claims.facts_of(w, [claim.id]) == {}
        assert service_guards.blocks(w, [1]) == {}
