"""Claims sent again in any order of acts and answers: one open submission, no gap in numbers, right books."""

import itertools
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.claims.models import ClaimVersion
from app.flows import resolve
from app.kernel.clock import today
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, Refused
from app.kernel.work import work
from app.rebill import service, service_edit, service_receivers
from app.rebill.lifecycle import Cause, How, Kind
from app.rebill.rules import New
from app.rebill.rules_edit import Edit
from tests import answers, books, rebills
from tests.conftest import House
from tests.era import claim, era, line, reversal
from tests.rebills import HELPER, ZONE

HISTORIES, STEPS = {"sqlite": 4, "postgresql": 4}, 25
"""In CI; `tests/nightly` takes more."""
CLAIMS, CENTS = 3, 100_00
_version = table_of(ClaimVersion)
_histories = itertools.count(1)
AFTER = {
    "finish": ({"draft"}, "ready"), "reopen": ({"ready"}, "draft"), "cancel": ({"draft", "ready", "rejected"},
    "cancelled"), "release": ({"ready"}, "transmitted"), "reject": ({"transmitted"}, "rejected"),
    "refuse": ({"transmitted"}, "ready"), "pay": ({"transmitted", "rejected"}, "answered"),
}  # fmt: skip
"""The model: from which states an act moves a submission, and where it stands then."""
OPEN = {"draft", "ready", "transmitted", "rejected"}


class Rebilling(RuleBasedStateMachine):
    """Three claims of 100.00 of one history; every submission of theirs has a state in the model.

    What is drawn from stands in the order it came: public ids are new in each run.
    """

    receiver = ""

    def __init__(self) -> None:
        super().__init__()
        self.name, self.numbers = f"H{next(_histories)}", itertools.count(1)
        self.controls = [f"{self.name}C{number}" for number in range(CLAIMS)]
        books.take(rebills.submitted(self.controls, number=100_000 + int(self.name[1:])))
        self.claims = {
            row.id: row.control for row in books.rows(rebills.CLAIM) if row.control in self.controls
        }
        self.state: dict[str, str] = {}
        """Public id of a submission to its state."""
        self.owner: dict[str, str] = {}
        self.paid: dict[str, tuple[str, str]] = {}
        """Claim to (trace, control number paid) while a payment stands."""

    def row(self, public: str) -> Any:
        return rebills.row(public)

    def some(self, data: Any, act: str) -> str:
        return str(data.draw(st.sampled_from(self.able(act))))

    def able(self, act: str) -> list[str]:
        return [one for one, state in self.state.items() if state in AFTER[act][0]]

    def moved(self, public: str, act: str) -> None:
        self.state[public] = AFTER[act][1]

    def day(self) -> str:
        return f"{today(ZONE):%Y%m%d}"

    @rule(data=st.data())
    def open_a_claim(self, data: Any) -> None:
        """Twice is once: who has an open submission gets no second one."""
        key = data.draw(st.sampled_from(sorted(self.claims)))
        control = self.claims[key]
        kind = Kind.REPLACEMENT if control in self.paid else Kind.NEW
        news = [New(claim_id=key, kind=kind, rank=1, cause=Cause.SILENCE)] * 2
        with work(HELPER) as w:
            made = service.open_many(w, books.rows(books.ENTITY)[0].id, news, w.now.date())
        busy = any(self.owner[one] == control and state in OPEN for one, state in self.state.items())
        assert len(made) == (0 if busy else 1), (control, busy)
        for one in made:
            self.state[one], self.owner[one] = "draft", control

    @precondition(lambda self: self.able("finish"))
    @rule(data=st.data(), text=st.sampled_from(["AUTH1", "AUTH2", ""]))
    def edit_a_draft(self, data: Any, text: str) -> None:
        public = self.some(data, "finish")
        with work(HELPER) as w:
            service_edit.edit(w, public, self.row(public).version, [Edit("authorization", 0, 0, text)])

    @precondition(lambda self: self.able("finish"))
    @rule(data=st.data())
    def finish_a_draft(self, data: Any) -> None:
        public = self.some(data, "finish")
        try:
            with work(HELPER) as w:
                service.finish(w, public, self.row(public).version)
        except NotAllowed:
            with work(HELPER) as w:
                assert [one for one in service.check_now(w, public) if one["does"] == "error"]
            return
        self.moved(public, "finish")

    @precondition(lambda self: self.able("reopen"))
    @rule(data=st.data())
    def reopen_a_ready_one(self, data: Any) -> None:
        public = self.some(data, "reopen")
        with work(HELPER) as w:
            service.reopen(w, public, self.row(public).version)
        self.moved(public, "reopen")

    @precondition(lambda self: self.able("cancel"))
    @rule(data=st.data())
    def cancel_one(self, data: Any) -> None:
        public = self.some(data, "cancel")
        with work(HELPER) as w:
            service.cancel(w, public, self.row(public).version, "not needed")
        self.moved(public, "cancel")

    @precondition(lambda self: "rejected" in self.state.values())
    @rule(data=st.data())
    def resend_a_rejected_one(self, data: Any) -> None:
        rejected = [one for one, state in self.state.items() if state == "rejected"]
        public = data.draw(st.sampled_from(rejected))
        try:
            with work(HELPER) as w:
                made = service.resend(w, public)
        except NotAllowed:
            # What it was to replace was taken back since.
            assert self.row(public).kind == "replacement" and self.owner[public] not in self.paid
            return
        self.state[public] = "superseded"
        self.state[made], self.owner[made] = "draft", self.owner[public]

    @precondition(lambda self: self.able("release"))
    @rule(data=st.data())
    def release_some(self, data: Any) -> None:
        chosen = data.draw(st.lists(st.sampled_from(self.able("release")), min_size=1, unique=True))
        try:
            rebills.release(self.receiver, *chosen)
        except Refused:
            self.read_again()  # a guard holds every one of them
            return
        for one in chosen:
            if self.row(one).batch_id is not None:
                self.moved(one, "release")
        books.settle()

    @precondition(lambda self: self.able("reject"))
    @rule(data=st.data())
    def a_claim_is_rejected(self, data: Any) -> None:
        public = self.some(data, "reject")
        books.take(answers.report(f"{self.row(public).control} A7:562:85", day=self.day()))
        self.moved(public, "reject")

    @precondition(lambda self: self.able("refuse"))
    @rule(data=st.data())
    def a_file_is_refused(self, data: Any) -> None:
        """Each claim of it that nobody answered goes out again, under another number."""
        batch = self.row(self.some(data, "refuse")).batch_id
        [sent] = books.rows(rebills.BATCH, rebills.BATCH.c.id == batch)
        waiting = {
            one: self.row(one).control for one in self.able("refuse") if self.row(one).batch_id == batch
        }
        books.take(answers.taken(sent.first_group, "0001 R 5", day=self.day()))
        for one, before in waiting.items():
            self.moved(one, "refuse")
            assert self.row(one).control != before, "a number that was sent is not sent again"

    def unpaid(self) -> list[str]:
        return [one for one in self.able("pay") if self.owner[one] not in self.paid]

    @precondition(lambda self: self.unpaid())
    @rule(data=st.data())
    def a_claim_is_paid(self, data: Any) -> None:
        public = data.draw(st.sampled_from(self.unpaid()))
        control, owner = self.row(public).control, self.owner[public]
        trace = f"{self.name}T{next(self.numbers)}"
        answer = claim(control, line("99214", "100", "100"), number=f"PN{trace}", **self.who(owner))
        books.take(era(answer, trace=trace, day=self.day()))
        self.paid[owner] = (trace, control)
        self.read_again()
        assert self.state[public] == "answered"

    @precondition(lambda self: self.paid)
    @rule(data=st.data())
    def a_payment_is_taken_back(self, data: Any) -> None:
        owner = data.draw(st.sampled_from(sorted(self.paid)))
        trace, control = self.paid.pop(owner)
        taken = reversal(control, line("99214", "100", "100"), **self.who(owner), number=f"PN{trace}")
        back = f"{self.name}B{next(self.numbers)}"
        books.take(era(taken, trace=back, day=self.day(), plb=f"FB:{back}*-100.00", paid="0"))
        self.read_again()

    @precondition(lambda self: self.paid)
    @rule(data=st.data())
    def a_posting_is_undone(self, data: Any) -> None:
        owner = data.draw(st.sampled_from(sorted(self.paid)))
        trace, _ = self.paid.pop(owner)
        [public] = [row.public_id for row in books.transactions() if row.trace == trace]
        with work(HELPER) as w:
            resolve.undo(w, public, reason="wrong practice")
        books.settle()
        self.read_again()

    def who(self, owner: str) -> dict[str, str]:
        return {"member": f"M{owner}", "patient": f"DOE*{owner}"}

    def read_again(self) -> None:
        """What money does to other submissions of a claim is not the model's; that only one is open is."""
        self.state |= {one: self.row(one).state for one in self.state}

    @invariant()
    def nothing_is_lost_and_nothing_is_twice(self) -> None:
        mine = [row for row in books.rows(rebills.REBILL) if row.public_id in self.state]
        assert {row.public_id: row.state for row in mine} == self.state
        assert max(Counter((row.claim_id, row.rank) for row in mine if row.open).values(), default=1) == 1
        sent = [row.interchange for row in rebills.batches()]
        assert sent == list(range(1, len(sent) + 1))
        assert rebills.receiver_row(self.receiver).next_interchange == len(sent) + 1
        controls = [row.control for row in books.rows(rebills.REBILL)]
        assert len(set(controls)) == len(controls)
        posted = Counter(row.control for row in books.rows(_version))
        assert set(posted.values()) <= {1}, "a version came twice"
        assert {row.control for row in mine if row.state == "transmitted"} <= set(posted)
        for owner in self.controls:
            open_cents = "0.00" if owner in self.paid else "100.00"
            assert books.balance(owner) == (open_cents, "0.00"), owner

    def teardown(self) -> None:
        assert books.problems(with_bytes=False) == []


def run(histories: int, steps: int) -> None:
    """So many histories of so many steps; the house stands already."""
    clinic = books.practice()
    with work(HELPER) as w:
        facts = rebills.facts(How.FOLDER, place="out")
        Rebilling.receiver = service_receivers.add(w, clinic.public_id, facts)
    how = settings(
        max_examples=histories,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Rebilling, settings=how)


def test_any_order_of_acts_and_answers_sends_each_claim_as_the_model_says(house: House) -> None:
    run(HISTORIES[house.kind], STEPS)
