"""How the people of a simulated quarter behave: what they do once a statement came, what a clerk notes."""

import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

from app.contacts import service_disputes, service_holds, service_promises
from app.contacts.lifecycle import HoldKind
from app.contacts.service_promises import Promising
from app.entities.rules import Practice
from app.flows import account_acts, people_acts, plan_acts, returned_mail
from app.kernel.db import table_of
from app.kernel.money import Money
from app.kernel.work import work
from app.ledger.models import LedgerEntry
from app.patients import queries_guarantors
from app.patients.rules_people import Home
from app.payments.lifecycle import Reversal
from app.plans.models import Instalment, Plan
from app.plans.service import Wish
from tests import books, paying
from tests.quarter_truth import Truth, figures
from tests.statements import CLERK

PLAN, _LINES = table_of(Plan), table_of(Instalment)
_ENTRY = table_of(LedgerEntry)
Entries = dict[int, list[Any]]
"""Ledger entries by visit."""
MANNERS = (
    "silent", "pays", "part", "crumb", "bounces", "keeps", "breaks", "plan", "defaults", "disputes", "dies",
    "bankrupt", "moves", "email", "minor", "again", "denied", "small", "cease", "attorney", "last_minute",
    "corrected", "silent", "away",
)  # fmt: skip


@dataclass
class Visit:
    """A visit: what the payer left to the patient, and whether that may be asked for."""

    control: str
    cents: int
    key: int = 0
    due: bool = False


@dataclass
class Person:
    """Somebody who answers for visits, how they behave, and what a clerk knows about their account."""

    name: str
    manner: str
    visits: list[Visit]
    truth: Truth
    account: int = 0
    public: str = ""
    paid: int = 0
    plan: bool = False
    promised: date | None = None
    moves: int = 0
    statements: list[str] = field(default_factory=list)


class Acts:
    """What people do, and the calendar it happens by. agenda: acts by day, after the morning."""

    clinic: Practice
    day: date
    dice: random.Random
    agenda: dict[date, list[Callable[[], object]]]

    corrected: Callable[[Person], None]
    """The payer changes its mind; whoever keeps the files says how."""

    def at(self, days: int, act: Callable[[], object]) -> None:
        """Something happens so many days from now, after the morning."""
        self.agenda[self.day + timedelta(days)].append(act)

    def got(self, person: Person, stage: str) -> None:
        """A document arrived: whoever it is does what they do then."""
        first, later = stage == "stmt_1", self.dice.randrange(2, 12)
        due = sum(one.cents for one in person.visits if one.due) - person.paid
        acts: dict[str, Callable[[], object]] = {
            "pays": lambda: self.pay(person, due),
            "part": lambda: self.pay(person, due * 2 // 5),
            "crumb": lambda: self.pay(person, due // 10),
            "bounces": lambda: self._bounce(person, due),
            "keeps": lambda: self._promise(person, due, keep=True),
            "breaks": lambda: self._promise(person, due, keep=False),
            "plan": lambda: self._plan(person, keep=True),
            "defaults": lambda: self._plan(person, keep=False),
            "disputes": lambda: self._dispute(person),
            "dies": lambda: self.hold(person, HoldKind.DECEASED),
            "bankrupt": lambda: self.hold(person, HoldKind.BANKRUPTCY),
            "cease": lambda: self.hold(person, HoldKind.CEASE),
            "attorney": lambda: self.hold(person, HoldKind.ATTORNEY, lifted=25),
            "moves": lambda: self._moved(person),
            "away": lambda: self._away(person),
            "corrected": lambda: self.corrected(person),
        }
        if first and person.moves == 0 and person.manner in acts:
            person.moves += 1
            self.at(later, acts[person.manner])

    def pay(self, person: Person, cents: int) -> str:
        """A check at the desk."""
        taken = paying.pay(person.account, f"{cents / 100:.2f}", key=f"{person.name}x{self.day:%Y%j}")
        person.paid += cents
        person.truth.paid(cents)
        self._cleared(person)
        return str(taken.public_id)

    def owes(self, person: Person, entries: Entries | None = None) -> int:
        """What the patient owes by the ledger for visits that may be asked for, less what is not applied."""
        rows = self._entries(person) if entries is None else entries
        due = sum(figures(rows.get(one.key, ()))["patient"] for one in person.visits if one.due)
        applied = sum(figures(rows.get(one.key, ()))["patient_paid"] for one in person.visits if one.key)
        return due - (person.paid - applied)

    def _cleared(self, person: Person) -> None:
        if self.owes(person) <= 0:
            person.truth.cleared = True

    def _bounce(self, person: Person, cents: int) -> None:
        public = self.pay(person, cents)

        def back() -> None:
            paying.bounce(public, Reversal.NSF)
            person.paid -= cents
            person.truth.bounced()

        self.at(8, back)

    def _promise(self, person: Person, cents: int, *, keep: bool) -> None:
        day = self.day + timedelta(12)
        with work(CLERK) as w:
            service_promises.promise(w, person.account, Promising(amount=Money(cents), promised_on=day))
            account_acts.stand(w, self.clinic.id, [person.account])
        person.promised = day + timedelta(5)
        person.truth.stops.add("promise")
        if keep:
            self.at(10, lambda: self._keep(person, cents))

    def _keep(self, person: Person, cents: int) -> None:
        self.pay(person, cents)
        person.promised = None
        person.truth.stops.discard("promise")

    def _plan(self, person: Person, *, keep: bool) -> None:
        first = self.day + timedelta(7)
        with work(CLERK) as w:
            wish = Wish(count=3 if person.visits[0].cents >= 75_00 else 1,
                        first_due=min(first, first.replace(day=28)))  # fmt: skip
            made = plan_acts.draft(w, person.public, wish)
        with work(CLERK) as w:
            [row] = w.db.execute(PLAN.select().where(PLAN.c.public_id == made)).all()
            plan_acts.activate(w, made, row.version, signed_on=self.day, witness="Bea at the desk")
        person.truth.stops.add("plan")
        lines = books.rows(_LINES, _LINES.c.plan_id == row.id)
        if keep:
            for one in lines:
                self.at((one.due_on - self.day).days, partial(self.pay, person, int(one.amount)))
            return
        # Two in a row missed, the second with its ten days of grace; or one that is 60 days past due.
        over = lines[1].due_on + timedelta(11) if len(lines) > 1 else lines[0].due_on + timedelta(60)
        over = min(over, lines[0].due_on + timedelta(60))

        def ends() -> None:
            person.truth.stops.discard("plan")
            person.truth.fell_back(self.day)

        self.at((over - self.day).days, ends)

    def _dispute(self, person: Person) -> None:
        with work(CLERK) as w:
            made = service_disputes.open_dispute(w, person.account, said="I was never there")
            account_acts.stand(w, self.clinic.id, [person.account])
        person.truth.stops.add("dispute")

        def resolved() -> None:
            with work(CLERK) as w:
                service_disputes.move(w, made, "acknowledge", version=1)
                service_disputes.move(w, made, "resolve", version=2, why="They were", outcome="bill_right")
                account_acts.stand(w, self.clinic.id, [person.account])
            person.truth.stops.discard("dispute")

        self.at(20, resolved)

    def hold(self, person: Person, kind: HoldKind, *, lifted: int = 0) -> None:
        """Somebody dies, files for bankruptcy, hires an attorney."""
        with work(CLERK) as w:
            made = service_holds.place(w, person.account, kind, reason="A letter came")
            account_acts.stand(w, self.clinic.id, [person.account])
        person.truth.stops.add(kind.value)

        def lift() -> None:
            with work(CLERK) as w:
                service_holds.lift(w, made, why="It is over", version=1)
                account_acts.stand(w, self.clinic.id, [person.account])
            person.truth.stops.discard(kind.value)

        if lifted:
            self.at(lifted, lift)

    def _moved(self, person: Person) -> None:
        with work(CLERK) as w:
            returned_mail.take_in(w, person.statements[-1], "K")
        person.truth.stops.add("mail")

        def found() -> None:
            with work(CLERK) as w:
                row = queries_guarantors.by_public(w, person.public)
                people_acts.add_address(w, person.public, Home("9 NEW RD", "", "OMAHA", "NE", "68102"),
                                        version=row.version)  # fmt: skip
            person.truth.stops.discard("mail")

        self.at(17, found)

    def _away(self, person: Person) -> None:
        with work(CLERK) as w:
            returned_mail.take_in(w, person.statements[-1], "W")
        person.truth.stops.add("away")
        self.agenda[self.day + timedelta(30)].insert(0, lambda: person.truth.stops.discard("away"))

    def _entries(self, person: Person | None = None) -> Entries:
        keys = [one.key for one in person.visits] if person is not None else None
        found: Entries = defaultdict(list)
        for one in books.entries() if keys is None else books.entries(_ENTRY.c.claim_id.in_(keys)):
            if one.claim_id is not None:
                found[one.claim_id].append(one)
        return found
