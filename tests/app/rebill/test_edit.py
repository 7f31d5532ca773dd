"""Correcting a claim: tried as typed, kept with a version, signed when codes change, never a void."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from app.kernel.errors import NotAllowed, NotPermitted, Refused, Stale
from app.kernel.work import Actor, reading, work
from app.rebill import service, service_edit, translate
from app.rebill.lifecycle import Kind, Move, State
from app.rebill.service_edit import Edit
from tests import books, era
from tests.app.rebill import desk

AUTHORIZATION = Edit("authorization", 0, 0, "AUTH778899")
CODE = Edit("procedure", 1, 0, "99215")


@pytest.fixture
def bea(house: Any) -> Iterator[Actor]:
    with desk.in_january():
        practice = books.practice()
        books.take(era.bill(era.billed("A1", "99214 200", "93000 100")))
        lines = (era.line("99214", "200", cas="CO*197*200", control="L1"),
                 era.line("93000", "100", cas="CO*197*100", control="L2"))  # fmt: skip
        books.take(era.era(era.claim("A1", *lines), trace="T1"))
        yield desk.biller(practice.id)


def edited(actor: Actor, public: str, *edits: Edit) -> int:
    with work(actor) as w:
        return service_edit.edit(w, public, desk.row(public).version, edits)


def tried(actor: Actor, public: str, *edits: Edit) -> service_edit.Checked:
    with reading(actor) as w:
        return service_edit.preview(w, public, edits)


def shown(public: str) -> list[str]:
    return [one.shown() for one in translate.opened(desk.row(public).claim_sealed).rows]


def test_the_missing_authorization_is_added_and_the_claim_is_ready(bea: Actor) -> None:
    public = desk.opened(bea, "A1")
    assert "guard.duplicate" in desk.codes(public)
    version = edited(bea, public, AUTHORIZATION)
    assert "REF*G1*AUTH778899" in shown(public) and desk.row(public).errors == 0
    with work(bea) as w:
        service.finish(w, public, version)
    assert desk.row(public).state == State.READY.value


def test_trying_writes_nothing(bea: Actor) -> None:
    public = desk.opened(bea, "A1")
    before = desk.row(public)
    checked = tried(bea, public, AUTHORIZATION)
    assert checked.errors == 0 and not any(one["code"] == "guard.duplicate" for one in checked.problems)
    named = [(one.label, one.before, one.after) for one in checked.changes if one.field == "authorization"]
    assert named == [("Prior authorization", "", "AUTH778899")]
    assert desk.row(public) == before and len(desk.history(public)) == 1


def test_what_cannot_be_typed_is_named_and_the_rest_is_still_tried(bea: Actor) -> None:
    public = desk.opened(bea, "A1")
    checked = tried(
        bea, public, Edit("charge", 0, 0, "1"), Edit("line_charge", 1, 0, "12.345"), AUTHORIZATION
    )
    assert [one["field"] for one in checked.problems[:2]] == ["charge", "line_charge"]
    with work(bea) as w, pytest.raises(Refused) as refused:
        service_edit.edit(w, public, 1, [Edit("line_charge", 1, 0, "12.345")])
    assert refused.value.field == "line_charge" and desk.row(public).version == 1


def test_the_total_follows_the_lines(bea: Actor) -> None:
    public = desk.opened(bea, "A1")
    edited(bea, public, Edit("line_charge", 2, 0, "150.50"))
    assert str(desk.row(public).charge) == "350.50"
    assert any(one.startswith("CLM*A1R1*350.5*") for one in shown(public))
    assert str(tried(bea, public, Edit("line_charge", 1, 0, "100")).charge) == "250.50"


def test_a_change_of_codes_is_signed_by_somebody_else(bea: Actor) -> None:
    public = desk.opened(bea, "A1")
    version = edited(bea, public, CODE)
    assert desk.codes(public) == ["guard.coding_unsigned"]
    with work(bea) as w, pytest.raises(NotAllowed):
        service.finish(w, public, version)
    with work(bea) as w, pytest.raises(NotPermitted):
        service.sign_coding(w, public, version)
    with work(desk.biller(desk.entity_of(bea), "cody", 8)) as w:
        version = service.sign_coding(w, public, version)
    assert desk.row(public).coding_signed_by == "cody" and desk.row(public).errors == 0
    with work(bea) as w:
        service.finish(w, public, version)


def test_a_signature_goes_on_to_the_successor_and_its_maker_still_never_signs(bea: Actor) -> None:
    cody = desk.biller(desk.entity_of(bea), "cody", 8)
    first = desk.opened(bea, "A1")
    version = edited(bea, first, CODE)
    with work(cody) as w:
        service.sign_coding(w, first, version)
    desk.moved(first, Move.FINISH, Move.BATCH, Move.TRANSMIT, Move.REJECT)
    with work(bea) as w:
        second = service.resend(w, first)
    after = desk.row(second)
    assert (after.coding_changed, after.coding_signed_by, after.errors) == (True, "cody", 0)
    version = edited(cody, second, Edit("procedure", 1, 0, "99213"))
    assert desk.codes(second) == ["guard.coding_unsigned"]
    for maker in (bea, cody):  # one changed it before it was refused, the other since
        with work(maker) as w, pytest.raises(NotPermitted):
            service.sign_coding(w, second, version)
    with work(desk.biller(desk.entity_of(bea), "dora", 9)) as w:
        service.sign_coding(w, second, version)


def test_another_change_of_codes_takes_the_signature_off_and_a_note_does_not(bea: Actor) -> None:
    public = desk.opened(bea, "A1")
    version = edited(bea, public, CODE)
    with work(desk.biller(desk.entity_of(bea), "cody", 8)) as w:
        service.sign_coding(w, public, version)
    edited(bea, public, AUTHORIZATION)
    assert desk.row(public).coding_signed_by == "cody"
    edited(bea, public, Edit("units", 1, 0, "2"))
    assert desk.row(public).coding_signed_by == "" and desk.codes(public) == ["guard.coding_unsigned"]


def test_codes_put_back_as_they_were_need_no_signature(bea: Actor) -> None:
    public = desk.opened(bea, "A1")
    edited(bea, public, CODE, AUTHORIZATION)
    edited(bea, public, Edit("procedure", 1, 0, "99214"))
    assert desk.row(public).coding_changed is False and desk.codes(public) == []


def test_whoever_edited_an_older_version_looks_again(bea: Actor) -> None:
    public = desk.opened(bea, "A1")
    edited(bea, public, AUTHORIZATION)
    with work(bea) as w, pytest.raises(Stale):
        service_edit.edit(w, public, 1, [CODE])


def test_a_finished_claim_is_reopened_before_it_is_edited(bea: Actor) -> None:
    public = desk.opened(bea, "A1")
    version = edited(bea, public, AUTHORIZATION)
    with work(bea) as w:
        version = service.finish(w, public, version)
    with work(bea) as w, pytest.raises(NotAllowed):
        service_edit.edit(w, public, version, [CODE])
    with work(bea) as w:
        assert service.reopen(w, public, version) == version + 1
    edited(bea, public, CODE)


def test_a_void_says_what_was_sent_and_nothing_else(bea: Actor) -> None:
    public = desk.opened(bea, "A1", Kind.VOID)
    with work(bea) as w, pytest.raises(Refused) as refused:
        service_edit.edit(w, public, 1, [AUTHORIZATION])
    assert refused.value.code == "void_as_sent"
    edited(bea, public, Edit("note", 0, 0, "billed for the wrong person"))
    assert "NTE*ADD*BILLED FOR THE WRONG PERSON" in shown(public)


def of_this(public: str, code: str) -> list[str]:
    return [one["does"] for one in desk.row(public).problems if one["code"] == code]


def test_the_wrong_member_of_a_denied_claim_is_corrected_by_a_replacement(bea: Actor) -> None:
    public = desk.opened(bea, "A1")
    edited(bea, public, Edit("member_id", 0, 0, "OTHER1"))
    assert of_this(public, "rebill.other_member") == ["warn"] and desk.row(public).errors == 0
    edited(bea, public, Edit("payer_id", 0, 0, "OTHERPAYER"), Edit("payer_name", 0, 0, "OTHER PLAN"))
    assert of_this(public, "rebill.other_payer") == ["error"]


def test_a_paid_claim_of_another_policy_is_voided_first(bea: Actor) -> None:
    line = era.line("99213", "150", cas="CO*45*50", control="L1")
    books.take(era.bill(era.billed("A2", "99213 150", member="MEM0002", patient="ROE*ANN")))
    books.take(era.era(era.claim("A2", line, member="MEM0002", patient="ROE*ANN"), trace="T2"))
    public = desk.opened(bea, "A2")
    edited(bea, public, Edit("member_id", 0, 0, "OTHER1"))
    assert of_this(public, "rebill.void_first") == ["error"]


def test_a_claim_another_payer_refused_goes_to_the_right_one_as_a_new_claim(bea: Actor) -> None:
    public = desk.opened(bea, "A1", Kind.NEW)
    assert "guard.replace_instead" in desk.codes(public)
    edited(bea, public, Edit("payer_id", 0, 0, "OTHERPAYER"), Edit("payer_name", 0, 0, "OTHER PLAN"))
    assert "guard.replace_instead" not in desk.codes(public)


def test_past_the_limit_a_delay_reason_lets_it_go(bea: Actor) -> None:
    public = desk.opened(bea, "A1")
    edited(bea, public, AUTHORIZATION)
    with desk.in_november():
        assert tried(bea, public).errors == 1
        checked = tried(bea, public, Edit("delay_reason", 0, 0, "3"))
        assert checked.errors == 0 and "authorization delays" in checked.problems[0]["words"]
    assert desk.row(public).file_by < date(2026, 11, 1)


def test_the_history_names_fields_and_no_value(bea: Actor) -> None:
    public = desk.opened(bea, "A1")
    edited(bea, public, AUTHORIZATION, CODE)
    last = desk.history(public)[-1]
    assert (last.move, last.detail) == ("edit", {"fields": ["authorization", "procedure"], "coding": True})


def test_a_difference_is_told_in_words_and_in_segments(bea: Actor) -> None:
    public = desk.opened(bea, "A1")
    (one,) = [one for one in tried(bea, public, CODE).changes if one.line == 1]
    assert (one.label, one.before, one.after) == ("Procedure", "99214", "99215")
    assert one.segment_before == "SV1*HC:99214*200*UN*1***1"
