"""One cause, one set: what it would open is shown, opened with one correction, and undone as a whole."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.denials import service_acts
from app.denials.lifecycle import Move as Step
from app.denials.models import Denial
from app.denials.rules_acts import Act, Wanted
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound, NotPermitted, Refused
from app.kernel.work import Actor, work
from app.rebill import queries_sets, rules_sets, service_sets, translate
from app.rebill.lifecycle import Move
from app.rebill.rules_sets import Correction
from app.rebill.service_sets import Opened, Preview
from tests import books, era
from tests.app.rebill import desk

_denial = table_of(Denial)
RIGHTS = desk.RIGHTS | {"denials.read", "denials.work"}
CONTROLS = ("A1", "A2", "A3")


@pytest.fixture
def bea(house: Any) -> Iterator[Actor]:
    with desk.in_january():
        practice = books.practice()
        who: dict[str, dict[str, Any]] = {
            one: {"member": f"MEM000{one[1]}", "patient": f"DOE{one}*JANE"} for one in CONTROLS
        }
        books.take(era.bill(*(era.billed(one, "99214 300", **who[one]) for one in CONTROLS)))
        books.take(*(desk.denied(one, cas="CO*4*300", rarc="", **who[one]) for one in CONTROLS))
        yield Actor(name="bea", person_id=7, permissions=RIGHTS, scope=frozenset({practice.id}))


def denials() -> list[str]:
    return [row.public_id for row in sorted(books.rows(_denial), key=lambda one: one.id)]


def states() -> list[str]:
    return [row.state for row in sorted(books.rows(_denial), key=lambda one: one.id)]


def look(actor: Actor, correction: Correction | None = None) -> Preview:
    with work(actor) as w:
        return service_sets.preview(w, denials(), correction)


def opened(actor: Actor, correction: Correction | None = None) -> Opened:
    with work(actor) as w:
        return service_sets.open_set(w, denials(), correction)


def test_a_set_is_shown_with_count_and_dollars_before_anything_is_opened(bea: Actor) -> None:
    found = look(bea)
    assert (found.claims, found.denials, str(found.charge)) == (3, 3, "900.00")
    assert [one.control for one in found.samples] == list(CONTROLS) and not found.blocked
    assert {one.kind for one in found.samples} == {"replacement"} and found.expected > 0
    assert not books.rows(desk.REBILL) and states() == ["new"] * 3


def test_it_opens_one_claim_each_and_prepares_their_denials(bea: Actor) -> None:
    made = opened(bea)
    assert (made.claims, made.blocked) == (3, ())
    assert {row.state for row in books.rows(desk.REBILL)} == {"draft"} and states() == ["rebill_prep"] * 3


def test_one_correction_is_made_in_all_of_them_and_signed_by_another(bea: Actor) -> None:
    opened(bea, Correction("modifier", "25", "99214"))
    for row in books.rows(desk.REBILL):
        lines = [one.shown() for one in translate.opened(row.claim_sealed).rows if one.id == "SV1"]
        assert lines == ["SV1*HC:99214:25*300*UN*1***1"] and row.coding_changed
    assert {code for row in books.rows(desk.REBILL) for code in desk.codes(row.public_id)} >= {
        "guard.coding_unsigned"
    }
    assert "guard.duplicate" not in desk.codes(books.rows(desk.REBILL)[0].public_id)


def test_without_a_correction_each_says_that_nothing_differs(bea: Actor) -> None:
    found = look(bea)
    assert found.with_errors == 3 and "Nothing differs" in " ".join(found.samples[0].problems)
    assert look(bea, Correction("authorization", "AUTH1")).with_errors == 0


def test_what_stands_against_a_claim_is_said_and_the_others_open(bea: Actor) -> None:
    first = books.rows(_denial, _denial.c.public_id == denials()[0])[0]
    with work(bea) as w:
        appeal = Wanted(act=Act.MOVE, move=Step.DRAFT_APPEAL, reason="it was right")
        service_acts.act_on_one(w, first.public_id, first.version, appeal)
    found = look(bea)
    assert found.claims == 2
    ((blocked),) = found.blocked
    assert (blocked.denial, "appeal" in blocked.words) == (first.public_id, True)
    assert opened(bea).claims == 2 and states() == ["appeal_draft", "rebill_prep", "rebill_prep"]


def test_a_procedure_no_line_has_is_said(bea: Actor) -> None:
    found = look(bea, Correction("modifier", "25", "99999"))
    assert found.claims == 0 and {one.words for one in found.blocked} == {"No line has the procedure 99999."}


def test_opening_the_same_set_again_opens_nothing(bea: Actor) -> None:
    opened(bea)
    again = opened(bea)
    assert (again.public_id, again.claims, len(again.blocked)) == ("", 0, 3)


def test_a_set_is_undone_as_a_whole_while_it_is_unsent(bea: Actor) -> None:
    made = opened(bea)
    with work(bea) as w:
        assert service_sets.undo_set(w, made.public_id) == (3, 0)
    assert {row.state for row in books.rows(desk.REBILL)} == {"cancelled"} and states() == ["triaged"] * 3
    with pytest.raises(NotAllowed), work(bea) as w:
        service_sets.undo_set(w, made.public_id)
    assert opened(bea).claims == 3


def test_what_was_sent_or_changed_since_is_left(bea: Actor) -> None:
    made = opened(bea)
    with work(bea) as w:
        publics = queries_sets.one(w, made.public_id).publics
    desk.moved(publics[0], Move.FINISH, Move.BATCH, Move.TRANSMIT)
    desk.moved(publics[1], Move.FINISH)
    with work(bea) as w:
        assert service_sets.undo_set(w, made.public_id) == (1, 2)
        assert dict(queries_sets.one(w, made.public_id).states) == {
            "cancelled": 1, "ready": 1, "transmitted": 1,
        }  # fmt: skip
    assert sorted(states()) == ["rebill_prep", "rebilled", "triaged"]


def test_a_set_is_closed_to_others(bea: Actor, house: Any) -> None:
    made = opened(bea)
    other = books.practice("Other Clinic", "1992999999", "998877665")
    ola = Actor(name="ola", person_id=8, permissions=RIGHTS, scope=frozenset({other.id}))
    with pytest.raises(NotFound), work(ola) as w:
        service_sets.undo_set(w, made.public_id)
    with pytest.raises(NotFound), work(ola) as w:
        service_sets.preview(w, denials())
    reader = Actor(name="rae", person_id=9, permissions=frozenset({"rebill.read"}), scope=bea.scope)
    with pytest.raises(NotPermitted), work(reader) as w:
        service_sets.open_set(w, denials())


@pytest.mark.parametrize(
    ("field", "value", "procedure"),
    [("member_id", "X", ""), ("modifier", "", ""), ("authorization", "X", "99214"), ("", "X", "")],
)
def test_a_correction_that_cannot_be_one_is_refused(field: str, value: str, procedure: str) -> None:
    with pytest.raises(Refused):
        rules_sets.read(field, value, procedure)


def test_nothing_typed_is_no_correction() -> None:
    assert rules_sets.read("", "", "") is None
