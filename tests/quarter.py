"""A quarter in the life of a small clinic, day by day: people behave as people do, and what the house sends
is held against `quarter_truth`, kept by hand from what they did.

    with quarter(seed, accounts, date(2026, 3, 2)) as clinic:
        clinic.until(date(2026, 6, 7))
"""

import hashlib
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import time_machine

from app.contacts import service_law
from app.flows import collection_day
from app.kernel.crypto import keyring
from app.kernel.work import work
from app.patients import service_reach
from app.patients.lifecycle import Channel, PointKind
from app.statements import service_release
from app.statements.rules_content import facts_of
from app.statements.service_content import LINK as SEALED_LINK
from app.statements.service_make import FACTS
from tests import books, paying, people, statements
from tests.era import Dress, bill, billed, claim, era, line, reversal
from tests.quarter_people import MANNERS, Acts, Entries, Person, Visit
from tests.quarter_truth import LETTERS, Truth, figures, line_differs
from tests.statements import BOSS, CLERK, LETTER, LINE, STATEMENT

STATEMENTS, LETTER_RUNS = 0, 2
"""Weekdays: statements go on Mondays, letters on Wednesdays."""
NOON_UTC = 17
LINK = "https://pay.clinic.example"


class Quarter(Acts):
    """The clinic, its people, the calendar of what is going to happen."""

    def __init__(self, seed: int, accounts: int, day: date, clock: time_machine.Traveller):
        self.dice, self.day, self.clock = random.Random(seed), day, clock
        self.clinic = books.practice()
        statements.letterhead(self.clinic)
        with work(BOSS) as w:
            service_law.change(w, self.clinic.id, code="link_url", state="", value=LINK, source="test",
                               days=(day, None), reason="test")  # fmt: skip
        self.people = [self._person(number) for number in range(accounts)]
        self.agenda = defaultdict(list)
        self.seen: Counter[str] = Counter()
        self.papers: dict[tuple[str, int], str] = {}
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.wrong: list[str] = []
        self._bill([one for each in self.people for one in each.visits[:1]])
        for person in self.people:
            self.at(self.dice.randrange(1, 11), partial(self._remit, person, person.visits[0]))
            if person.manner == "again":
                self.at(45, partial(self._again, person))

    def _person(self, number: int) -> Person:
        manner, name = MANNERS[number % len(MANNERS)], f"A{number:04d}"
        cents = self.dice.randrange(40_00, 280_00)
        cents = 3_00 if manner == "small" else cents
        visits = [Visit(name, cents)] + ([Visit(f"B{number:04d}", 61_00)] if manner == "again" else [])
        return Person(name, manner, visits, Truth(f"{name} {manner}"))

    # ---------------------------------------------------------------- days

    def until(self, last: date) -> None:
        """Let every day up to this one happen."""
        while self.day < last:
            self.day += timedelta(1)
            self.clock.move_to(datetime(self.day.year, self.day.month, self.day.day, NOON_UTC, tzinfo=UTC))
            self.morning()
            for act in self.agenda.pop(self.day, []):
                act()
            if self.day.weekday() == STATEMENTS:
                self.run("statements")
            if self.day.weekday() == LETTER_RUNS:
                self.run("letters")

    def morning(self) -> None:
        """The collection day, and what the clerk's calendar says of it."""
        with work(CLERK) as w:
            collection_day.whole(w, self.clinic.id, self.day)
        for one in self.people:
            one.truth.night()
            if one.promised is not None and self.day > one.promised:
                one.promised = None
                one.truth.stops.discard("promise")

    # ---------------------------------------------------------------- what comes in

    def _dress(self, name: str) -> Dress:
        return Dress(control=sum(name.encode()) * 7 + int(name[1:]), day=self.day.strftime("%Y%m%d"))

    def _bill(self, visits: list[Visit]) -> None:
        day = (self.day - timedelta(30)).strftime("%Y%m%d")
        claims = []
        for one in visits:
            who = self._who(one)
            if who.manner == "minor":
                claims.append(people.dependent(one.control, "99214 500", patient=f"DOE*T{who.name}", day=day,
                                               holder=f"DOE*{who.name}", member=f"M{who.name}"))  # fmt: skip
            else:
                claims.append(billed(one.control, "99214 500", day=day, patient=f"DOE*{who.name}",
                                     member=f"M{who.name}", birth="19800504"))  # fmt: skip
        books.take(bill(*claims, dress=self._dress(visits[0].control)))

    def _who(self, visit: Visit) -> Person:
        return next(one for one in self.people if visit in one.visits)

    def _remit(self, person: Person, visit: Visit, *, denied: int = 0) -> None:
        """The payer answers: so much is left to the patient; of a denied one a part is refused too."""
        denied = 50_00 if person.manner == "denied" else denied
        cas = f"CO*45*100 PR*1*{visit.cents / 100:.2f}" + (f" CO*16*{denied / 100:.2f}" if denied else "")
        name = f"DOE*T{person.name}" if person.manner == "minor" else f"DOE*{person.name}"
        told = claim(visit.control, line("99214", "500", cas=cas), patient=name, member=f"M{person.name}")
        books.take(era(told, trace=f"T{visit.control}", day=self.day.strftime("%Y%m%d"),
                       dress=self._dress(visit.control)))  # fmt: skip
        visit.key = paying.claim_id(visit.control)
        visit.due = person.manner not in ("denied", "minor")
        if not person.account:
            person.account = statements.accounts_of(visit.control)
            person.public = statements.public_of(person.account)
        if person.manner == "minor":
            person.truth.stops.add("minor")
        if person.manner == "email":
            self._agree(person)

    def _agree(self, person: Person) -> None:
        with work(CLERK) as w:
            text = f"{person.name.lower()}@mail.example"
            point = service_reach.add_point(w, person.public, PointKind.EMAIL, text)
            service_reach.consent(
                w, person.public, Channel.STATEMENT, True, point_public=point, proof="paper"
            )

    def corrected(self, person: Person) -> None:
        """The payer takes its answer back and leaves the patient half of it."""
        [visit] = person.visits
        of = {"patient": f"DOE*{person.name}", "member": f"M{person.name}"}
        was = line("99214", "500", cas=f"CO*45*100 PR*1*{visit.cents / 100:.2f}")
        visit.cents //= 2
        now = line("99214", "500", cas=f"CO*45*100 PR*1*{visit.cents / 100:.2f}")
        back = reversal(visit.control, was, **of)
        books.take(era(back, claim(visit.control, now, **of), trace=f"C{visit.control}",
                       day=self.day.strftime("%Y%m%d"), dress=self._dress("C0001")))  # fmt: skip
        if self.owes(person) <= 0:
            person.truth.cleared = True

    def _again(self, person: Person) -> None:
        self._bill(person.visits[1:])
        self._remit(person, person.visits[1])

    # ---------------------------------------------------------------- runs, and what is held against them

    def run(self, kind: str) -> None:
        """A run of the day goes the whole way; somebody pays between the plan and its release."""
        public = statements.planned(self.clinic, kind)
        last_minute = [one for one in self.people if one.manner == "last_minute" and one.truth.stage]
        statements.signed(public)
        for one in last_minute if kind == "statements" else ():
            if one.moves == 0 and self.owes(one) > 20_00:
                one.moves += 1
                self.pay(one, 10_00)
        with work(BOSS) as w:
            service_release.release(w, public, statements.run(public).version)
        books.settle()
        self._check(public, kind)

    def _no(self, words: str) -> None:
        self.wrong.append(f"{self.day} {words}")

    def _check(self, public: str, kind: str) -> None:
        run, items = statements.run(public), statements.items(public)
        if run.state != "made":
            self._no(f"the run is {run.state}")
        entries, by_account = self._entries(), {one.account: one for one in self.people if one.account}
        outcomes = {one.account_id: one for one in items}
        if len(outcomes) != len(items):
            self._no("an account with two lines")
        self.outcomes.update((one.outcome, one.reason) for one in items)
        table, steps = STATEMENT, ["stmt_1", "stmt_2", "stmt_3"]
        if kind == "letters":
            table, steps = LETTER, ["final_notice", "pre_collection"]
        made = books.rows(table, table.c.run_id == run.id)
        for person in self.people:
            if not person.account:
                continue
            due = self.owes(person, entries)
            item = outcomes.get(person.account)
            if kind == "statements" and due > 0 and item is None:
                self._no(f"{person.truth.name}: not looked at")
            sure = person.truth.sure(due, steps) and not person.truth.good_part
            if sure and (item is None or item.outcome != "send") and person.manner != "last_minute":
                said = (item.outcome, item.reason) if item else None
                self._no(f"{person.truth.name}: {person.truth.following} is due, the run says {said}")
        for one in made:
            self._document(kind, one, by_account[one.account_id], entries)

    def _document(self, kind: str, made: Any, person: Person, entries: Entries) -> None:
        truth, due = person.truth, self.owes(person, entries)
        self.seen[made.stage if kind == "statements" else made.letter] += 1
        self.papers[kind, made.id] = made.facts_hash
        if int(made.amount) != due or due < 5_00:
            self._no(f"{truth.name}: {made.number} asks for {made.amount}, the ledger says {due}")
        visits = [one.key for one in person.visits if one.key]
        if kind == "statements":
            lines = books.rows(LINE, LINE.c.statement_id == made.id)
            for one in lines:
                wrong = line_differs(one, figures(entries.get(one.claim_id, ())))
                if wrong:
                    self._no(f"{truth.name}: {made.number} differs in {wrong}")
            visits = [one.claim_id for one in lines]
            if sum(int(one.balance) for one in lines) != int(made.balance):
                self._no(f"{truth.name}: {made.number} has another balance than its lines")
            person.statements.append(made.number)
        elif LETTERS[made.letter] != made.stage or not made.reason:
            self._no(f"{truth.name}: {made.number} has no reason")
        if kind == "letters" and made.letter == "second_notice":
            no = "" if truth.stage == "stmt_3" and made.letter not in truth.letters else "not at its step"
            no = no or (f"stopped by {truth.stops}" if truth.stops else "")
        else:
            no = truth.may(made.stage, self.day, visits)
            truth.step(made.stage, self.day, int(made.amount), visits, statement=kind == "statements")
        if kind == "letters":
            truth.letters.append(made.letter)
        if no or made.day != self.day:
            self._no(f"{truth.name}: {made.number} ({made.stage}): {no or made.day}")
        self.got(person, made.stage)

    # ---------------------------------------------------------------- the end

    def close(self) -> None:
        """Nothing was wrong on any day; numbers have no gap, no paper changed, the books verify clean."""
        assert self.wrong == [], "\n".join(self.wrong[:12])
        for table, letter in ((STATEMENT, "S"), (LETTER, "L")):
            numbers = sorted(one.number for one in books.rows(table))
            assert numbers == [f"{letter}{number:08d}" for number in range(1, len(numbers) + 1)]
        for kind, table in (("statements", STATEMENT), ("letters", LETTER)):
            for one in books.rows(table):
                assert self.papers[kind, one.id] == one.facts_hash
        links = {one.link for one in books.rows(STATEMENT)}
        for one in books.rows(LETTER):
            said = facts_of(keyring().open(bytes(one.facts_sealed), FACTS))["facts"]["pay_link"]
            assert keyring().blind(said.rsplit("/", 1)[1], SEALED_LINK) in links, (
                "a letter's code opens nothing"
            )
        assert books.problems() == []

    def hash(self) -> str:
        """One hash over every paper in order: facts and bytes."""
        digest = hashlib.sha256()
        for table in (STATEMENT, LETTER):
            for one in books.rows(table):
                digest.update(f"{one.number} {one.facts_hash} {one.sha256}\n".encode())
        return digest.hexdigest()


@contextmanager
def quarter(seed: int, accounts: int, day: date) -> Iterator[Quarter]:
    """The clinic on the evening before its quarter begins; at the end nothing was wrong on any day."""
    noon = datetime(day.year, day.month, day.day, NOON_UTC, tzinfo=UTC)
    with time_machine.travel(noon, tick=True) as clock:
        made = Quarter(seed, accounts, day, clock)
        yield made
        made.close()
