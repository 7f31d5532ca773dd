"""Whoever decides on what somebody else has changed meanwhile is refused: no verb loses an update (C6)."""

import ast
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import NamedTuple

import pytest
from sqlalchemy import Table

from app.claims.models import Claim
from app.denials import service as denials
from app.denials.lifecycle import Move
from app.denials.models import Denial
from app.flows import resolve
from app.intake.models import IntakeTransaction
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, Stale
from app.kernel.work import Work, work
from app.remits.models import RemitClaim
from app.worklist import service as worklist
from app.worklist.models import WorklistItem
from tests import books, tree
from tests.conftest import House
from tests.era import bill, billed, claim, era, line

_claim, _clp, _transaction = table_of(Claim), table_of(RemitClaim), table_of(IntakeTransaction)
_denial, _item = table_of(Denial), table_of(WorklistItem)
Change = Callable[[Work, str, int], object]


class Verb(NamedTuple):
    """What is changed, and how: the record is the first one of a table in this state."""

    table: Table
    state: str
    change: Change


def claim_of(control: str) -> str:
    return str(books.rows(_claim, _claim.c.control == control)[0].public_id)


def halves() -> list[tuple[str, int]]:
    return [(claim_of("A1"), 40_00), (claim_of("A2"), 40_00)]


VERBS: dict[str, Verb] = {
    "flows.resolve.link": Verb(
        _clp, "parked", lambda w, key, v: resolve.link(w, key, claim_of("A2"), version=v)
    ),
    "flows.resolve.accept": Verb(
        _clp, "parked", lambda w, key, v: resolve.accept(w, key, reason="payer's error", version=v)
    ),
    "flows.resolve.not_ours": Verb(
        _clp, "parked", lambda w, key, v: resolve.not_ours(w, key, reason="not ours", version=v)
    ),
    "flows.resolve.split": Verb(_clp, "parked", lambda w, key, v: resolve.split(w, key, halves(), version=v)),
    "flows.resolve.undo": Verb(
        _transaction, "posted", lambda w, key, v: resolve.undo(w, key, reason="wrong", version=v)
    ),
    "flows.resolve.replay": Verb(
        _transaction, "held", lambda w, key, v: resolve.replay(w, key, reason="fixed", version=v)
    ),
    "flows.resolve.release": Verb(
        _transaction, "held", lambda w, key, v: resolve.release(w, key, reason="counted", version=v)
    ),
    "denials.service.advance": Verb(
        _denial, "new", lambda w, key, v: denials.advance(w, key, Move.TRIAGE, version=v)
    ),
    "denials.service.assign": Verb(
        _denial, "new", lambda w, key, v: denials.assign(w, key, owner_id=None, version=v)
    ),
    "worklist.service.assign": Verb(
        _item, "open", lambda w, key, v: worklist.assign(w, key, owner_id=None, version=v)
    ),
    "worklist.service.finish": Verb(
        _item, "open", lambda w, key, v: worklist.finish(w, key, outcome="done", version=v)
    ),
}
INSIDE = {
    *("remits.service_resolve.lock", "intake.service.move", "denials.service_acts.act_on_one"),
    *("denials.service_moved.bring_back", "claims.service_rejections.assign"),
    "claims.service_rejections.finish",
    "rebill.service_batches.locked",
    "plans.service_writes.held",
    *(
        "patients.service_reach.held",
        "statements.service_runs.locked",
        "statements.service_release.may_release",
    ),
    *(f"flows.people_acts.{verb}" for verb in ("add_address", "change", "confidential", "confirm")),
    *(f"flows.returned_mail.{verb}" for verb in ("find", "reject", "resume", "search", "verify")),
    *(
        f"flows.plan_acts.{verb}"
        for verb in ("activate", "add", "authorise", "cancel", "change", "re_establish", "write")
    ),
    "flows.make_documents.take_up",
    "payments.service.locked",
    *(
        f"flows.patient_paid.{verb}"
        for verb in (
            "apply",
            "take_off",
            "identify",
            "clear_review",
            "reverse",
            "waive_fee",
        )
    ),
    *("flows.payment_desk.reverse", "flows.payment_desk.identify", "flows.small_balances.take_back"),
    *("rebill.service.load", "rebill.service_moves.bump"),
}
"""Steps of verbs that are tested, and verbs that only hand the version on to one that is."""
ELSEWHERE = {
    **dict.fromkeys(
        (
            *(
                f"contacts.service_returned.{verb}"
                for verb in ("find", "reject", "resume", "search", "verify")
            ),
            *(f"patients.service_people.{verb}" for verb in ("change", "confidential", "confirm")),
            *(
                f"patients.service_reach.{verb}"
                for verb in ("add_address", "add_point", "end_point", "mark_mail")
            ),
            *(f"statements.service_editions.{verb}" for verb in ("approve", "change", "retire")),
            *(f"statements.service_policies.{verb}" for verb in ("approve", "change", "retire")),
            *(f"statements.service_release.{verb}" for verb in ("release", "take_up")),
            *(
                f"statements.service_runs.{verb}"
                for verb in ("begin_audit", "cancel", "drop", "mark", "reopen", "sign")
            ),
            "statements.service_print.hand_over",
        ),
        "tests/faults/test_stale_accounts.py",
    ),
    "statements.service_email.decide": "tests/app/statements/test_email.py",
    **dict.fromkeys(
        (
            *(f"payments.service_apply.{verb}" for verb in ("apply", "take_off", "identify", "clear_review")),
            *(f"payments.service_reverse.{verb}" for verb in ("reverse", "waive_fee")),
            "payments.service_cards.revoke",
        ),
        "tests/app/payments/test_stale.py",
    ),
    "payments.service_small.take_back": "tests/app/payments/test_small.py",
    "access.service_roles.decide": "tests/app/access/test_roles.py",
    "claims.service_silent.suppress": "tests/app/claims/test_silent.py",
    "claims.service_silent.track": "tests/app/claims/test_silent.py",
    "contacts.service_holds.lift": "tests/app/contacts/test_holds.py",
    "contacts.service_promises.withdraw": "tests/app/contacts/test_promises.py",
    "contacts.service_disputes.move": "tests/app/contacts/test_disputes.py",
    "denials.service_patient.bring_back": "tests/app/denials/test_service_patient.py",
    "denials.service_patient.move": "tests/app/denials/test_service_patient.py",
    "denials.service_writeoff.decide": "tests/faults/test_desk_faults.py",
    "denials.service_writeoff.request": "tests/faults/test_desk_faults.py",
    "hooks.service.change": "tests/app/hooks/test_webhooks.py",
    **dict.fromkeys(
        (
            "rebill.service.cancel",
            "rebill.service.finish",
            "rebill.service.reopen",
            "rebill.service.sign_coding",
            "rebill.service_edit.edit",
            "rebill.service_holds.hold",
            "rebill.service_holds.lift",
            "rebill.service_owner.assign",
        ),
        "tests/app/rebill/test_races.py",
    ),
    **dict.fromkeys(
        (
            "plans.service.activate",
            "plans.service.cancel",
            "plans.service_change.add",
            "plans.service_change.change",
            "plans.service_change.re_establish",
            "plans.service_agreement.write",
            "plans.service_autopay.authorise",
            "plans.service_autopay.stop",
        ),
        "tests/app/plans/test_races.py",
    ),
    "rebill.service_batches.cancel": "tests/app/rebill/test_release.py",
    "rebill.service_batches.retry": "tests/app/rebill/test_release.py",
    "rebill.service_receivers.change": "tests/app/rebill/test_receivers.py",
    "rebill.service_receivers.confirm_key": "tests/app/rebill/test_receivers.py",
    "rebill.service_receivers.end_route": "tests/app/rebill/test_receivers.py",
    "rebill.service_receivers.route": "tests/app/rebill/test_receivers.py",
    "rebill.service_receivers.switch": "tests/app/rebill/test_receivers.py",
    "rebill.service_sending.confirm_upload": "tests/app/rebill/test_release.py",
    "rebill.service_sending.settle_unknown": "tests/app/rebill/test_release.py",
    "rebill.service_sending.take": "tests/app/rebill/test_release.py",
    "remits.service_keyed.save": "tests/app/remits/test_keyed.py",
    "remits.service_keyed.second": "tests/app/remits/test_keyed.py",
    "remits.service_keyed.submit": "tests/app/remits/test_keyed.py",
    "underpayments.service_work.advance": "tests/app/underpayments/test_working.py",
}
"""Verbs whose second writer is refused in a test of their own."""
NOT_RACED = {
    "access.service_emergency.judge", "denials.service_next.wrap", "flows.resolve.post_seen",
    "payers.service.change_class", "remits.service_keyed.discard", "underpayments.service_work.assign",
}  # fmt: skip
"""Verbs that check the version (or the plan) with no race of their own yet; this only grows shorter."""


@pytest.fixture
def busy(house: House) -> House:
    """A house with one of everything that people change: parked, held, posted, denied."""
    books.practice()
    bills = bill(
        billed("A1", "99214 200"),
        billed("A2", "99214 80", patient="ROE*JOHN", member="M2"),
        billed("A3", "99214 90", patient="POE*EDGAR", member="M3"),
    )
    answers = (
        claim("A1", line("99214", "200", "0", "CO*197*200")),
        claim("A3", line("99214", "90", "79", "CO*45*10"), paid="80", patient="POE*EDGAR"),
    )
    held = era(claim("A2", line("99214", "80")), trace="T2", paid="79")
    books.take(bills, era(*answers, trace="T1"), held)
    return house


def record(verb: Verb) -> tuple[str, int]:
    """(public id, version) of what a verb will change; of the remit when transactions are meant."""
    found = books.rows(verb.table, verb.table.c.state == verb.state)
    if verb.table is _transaction:
        found = [row for row in found if row.kind == "835"]
    return found[0].public_id, found[0].version


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_of_two_people_who_saw_the_same_only_the_first_decides(busy: House, verb: Verb) -> None:
    key, version = record(verb)
    together = Barrier(2)

    def decide(_: int) -> str:
        together.wait()
        try:
            with work(books.CLERK) as w:
                verb.change(w, key, version)
        except (Stale, NotAllowed) as refused:
            return refused.code
        return "done"

    with ThreadPoolExecutor(2) as people:
        answers = sorted(people.map(decide, range(2)))
    assert answers.count("done") == 1, answers
    with pytest.raises((Stale, NotAllowed)), work(books.CLERK) as w:
        verb.change(w, key, version)
    assert books.problems() == []


def test_a_version_that_never_was_is_refused_by_every_verb(busy: House) -> None:
    for name, verb in VERBS.items():
        key, version = record(verb)
        with pytest.raises(Stale), work(books.CLERK) as w:
            verb.change(w, key, version + 1)
        assert record(verb) == (key, version), name


def test_every_verb_that_takes_a_version_is_in_this_file() -> None:
    found = set()
    for path in tree.python("app"):
        if path.stem.startswith("service") or path.parent.name == "flows":
            for node in tree.parsed(path).body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    names = [each.arg for each in [*node.args.args, *node.args.kwonlyargs]]
                    if "version" in names:
                        found.add(".".join([*Path(*path.parts[1:]).with_suffix("").parts, node.name]))
    assert found - INSIDE - NOT_RACED - set(ELSEWHERE) == set(VERBS)
    assert found >= NOT_RACED | set(ELSEWHERE) | INSIDE


def test_a_verb_proven_elsewhere_is_refused_there() -> None:
    for verb, place in ELSEWHERE.items():
        text = Path(place).read_text(encoding="utf-8")
        assert verb.rpartition(".")[2] in text, (verb, place)
        assert "Stale" in text or "409" in text, place
