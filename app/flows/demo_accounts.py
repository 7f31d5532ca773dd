"""The example world's patients after some months: billed, reminded, promising, paying, disputing, held.

Made once by the verbs people use, each at the moment of its day, when the files of the world are posted. The
days are counted back from today, so that the first look finds promises due, plans running, a run to audit.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import structlog
from sqlalchemy import BigInteger, func, select, type_coerce

from app.access.queries import person_by_login
from app.accounts import queries as accounts
from app.accounts.models import Standing
from app.contacts import service_attempts, service_law
from app.contacts import service_disputes as disputes
from app.contacts import service_holds as holds
from app.contacts.lifecycle import Direction, DisputeMove, HoldKind, Reach
from app.contacts.service_promises import Promising
from app.entities import queries as entities
from app.entities.rules import Practice
from app.flows import account_acts, collection_day, import_people, patient_paid, plan_acts, returned_mail
from app.kernel import outbox
from app.kernel.clock import now
from app.kernel.db import table_of
from app.kernel.errors import Refused
from app.kernel.outbox import Claimed, Heartbeat, Job
from app.kernel.settings import settings
from app.kernel.work import Actor, Work, reading, system, work
from app.patients import queries_guarantors
from app.payments.lifecycle import Tender
from app.payments.service import Taking
from app.plans import queries as plans
from app.plans.service import Wish
from app.statements import service_make, service_print, service_release, service_runs
from app.statements.lifecycle import Outcome, RunKind
from app.statements.models import RunItem, Statement

JOB = "example_accounts"
WAITING, BEGUN = "example-accounts", "example-accounts-made"
LOOK_SECONDS = 3.0
NOON = time(18, tzinfo=UTC)
"""Ten or eleven in the morning where the example practice and its patients are."""
DOCUMENTS_MOST = 40
"""Statements of a run are drawn in the time somebody waits for the demo."""
LETTERHEAD = {
    "practice_street": "400 Example Avenue", "practice_place": "Spokane, WA 99201",
    "practice_phone": "(509) 555-0100", "practice_hours": "Monday to Friday, 8 to 5",
    "remit_street": "PO Box 100", "remit_place": "Spokane, WA 99210",
    "assistance_phone": "(509) 555-0101", "assistance_url": "https://clinic.example/help",
    "pay_url": "https://clinic.example/pay", "pay_phone": "(509) 555-0102",
}  # fmt: skip
"""What a practice says of itself on its letters, by code of the rules of law; 555-01xx rings nowhere."""
LEAST, LEAST_INSTALMENT, LAST_DUE_DAY = 4_000, 2_500, 28
HELD: dict[HoldKind, tuple[dict[str, str], str]] = {
    HoldKind.BANKRUPTCY: ({"chapter": "7", "case_number": "26-40127"}, "Letter of their attorney"),
    HoldKind.ATTORNEY: ({"attorney": "Example & Example LLP"}, "Represented; letter on file"),
    HoldKind.ASSISTANCE: ({"program": "Sliding scale"}, "Applied for financial assistance"),
}
_standing, _job, _item, _statement = table_of(Standing), table_of(Job), table_of(RunItem), table_of(Statement)
log = structlog.get_logger()
BUSY = ("queued", "running")
LAST = ("second_opinion", "anchor_audit", "odd_looks", JOB)
"""Jobs nobody has to wait for."""


def promise(people: Path) -> None:
    """Have it made, once everything that was offered is posted. people: the world's file of guarantors."""
    (settings().data / WAITING).write_bytes(people.read_bytes())


def waiting() -> bool:
    """True until the months of the example accounts are begun: no day of today may come before them."""
    return settings().mode == "demo" and (settings().data / WAITING).exists()


def look() -> None:
    """Asked for every few seconds: begins when the example world is there and its files are posted."""
    if not waiting():
        return
    with work(system("schedule")) as w:
        busy = select(func.count()).where(_job.c.state.in_(BUSY), _job.c.kind.not_in(LAST))
        if not w.db.execute(busy).scalar_one():
            w.job(JOB, "once", {}, rank=9, once=True)


def run(job: Claimed) -> None:
    """The job. Broken off in the middle it is not begun again: what was made by then stands."""
    with Heartbeat(job, always=True):
        place = settings().data / WAITING
        if place.exists():
            os.replace(place, settings().data / BEGUN)
            make(settings().data / BEGUN)
    with work(system("demo")) as w:
        outbox.finish(w.db, job)


def make(people: Path) -> None:
    """The months of every practice; the largest one has the stories."""
    with reading(system("demo")) as w:
        practices = entities.practices(w)
        owing = select(_standing.c.entity_id, func.count().label("many")).where(_standing.c.due > 0)
        owing = owing.group_by(_standing.c.entity_id)
        many: dict[int, int] = {one.entity_id: one.many for one in w.db.execute(owing)}
    for practice in practices:
        with people.open("rb") as content, work(system("demo")) as w:
            import_people.import_people(w, practice.id, content)
    if many:
        largest = max(practices, key=lambda one: many.get(one.id, 0))
        Months(largest, now().date()).live()


Act = Callable[[date], object]


@dataclass
class Months:
    """A practice and the day its stories lead up to."""

    practice: Practice
    today: date
    taken: set[int] = field(default_factory=set)

    def live(self) -> None:
        """The stories in the order of their days, each day with its job."""
        first = self.today - timedelta(161)
        with self._at(first, "manager") as w:
            letterhead(w, self.practice.id, first)
        old, statements, letters = self._owing(4), RunKind.STATEMENTS, RunKind.LETTERS
        acts: list[tuple[int, Act]] = [
            *((ago, lambda day: self._billed(day, statements, old)) for ago in (160, 128, 98)),
            *((ago, lambda day: self._billed(day, letters, old)) for ago in (66, 46, 28)),
            (44, lambda day: self._billed(day, statements)),
            *self._stories(),
            (0, lambda day: self._planned(day, statements)),
        ]
        for ago, act in sorted(acts, key=lambda one: -one[0]):
            day = self.today - timedelta(ago)
            with self._at(day, "clerk") as w:
                collection_day.whole(w, self.practice.id, day)
            try:
                act(day)
            except Refused as no:  # a guard of the day: this story does not happen
                log.warning("example_story_refused", code=no.code, days_ago=ago)

    def _stories(self) -> Iterator[tuple[int, Act]]:
        found = self._owing(12, most=60_000)
        if len(found) < 12:
            return
        late, running, broken, half, soon, wrong, bankrupt, lawyer, poor, moved, gone, paid = found
        yield 42, lambda day: self._plan(day, late, first=7)
        yield 40, lambda day: self._promise(day, broken, 8)
        yield 40, lambda day: self._promise(day, half, 10)
        yield 38, lambda day: self._plan(day, running, first=8)
        yield 36, lambda day: self._pay(day, paid, part=1)
        yield 33, lambda day: self._pay(day, half, part=2)
        yield 30, lambda day: self._pay(day, running, part=3)
        yield 28, lambda day: self._back(day, moved, "K")
        yield 24, lambda day: self._hold(day, bankrupt, HoldKind.BANKRUPTCY)
        yield 20, lambda day: self._back(day, gone, "A")
        yield 18, lambda day: self._hold(day, lawyer, HoldKind.ATTORNEY)
        yield 12, lambda day: self._hold(day, poor, HoldKind.ASSISTANCE)
        yield 9, lambda day: self._dispute(day, wrong)
        yield 3, lambda day: self._promise(day, soon, 6)

    # ------------------------------------------------------------------ who, when and about whom

    @contextmanager
    def _at(self, day: date, login: str) -> Iterator[Work]:
        moment = min(datetime.combine(day, NOON), now())
        with work(_person(login), moment=moment) as w:
            yield w

    def _owing(self, count: int, most: int = 10**9) -> list[int]:
        """Accounts that owe 40.00 or more and have no story yet, the largest first. most: cents."""
        due = type_coerce(_standing.c.due, BigInteger)
        mine = (_standing.c.entity_id == self.practice.id, due >= LEAST, due <= most)
        with reading(system("demo")) as w:
            ids = w.db.execute(select(_standing.c.account_id).where(*mine).order_by(due.desc())).scalars()
            found = [int(one) for one in ids if one not in self.taken][:count]
        self.taken.update(found)
        return found

    # ------------------------------------------------------------------ what happens

    def _planned(self, day: date, kind: RunKind) -> str:
        with self._at(day, "clerk") as w:
            return service_runs.plan(w, self.practice.public_id, kind.value)

    def _billed(self, day: date, kind: RunKind, only: Sequence[int] = ()) -> None:
        """A run that goes the whole way: planned by the clerk, signed by another, released by a third."""
        public = self._planned(day, kind)
        with self._at(day, "clerk") as w:
            row = service_runs.found(w, public)
            of = (_item.c.run_id == row.id, _item.c.outcome == Outcome.SEND.value)
            query = select(_item.c.account_id).where(*of).order_by(_item.c.account_id)
            sent = [int(one) for one in w.db.execute(query).scalars()]
            out = [one for one in sent if one not in only] if only else sent[DOCUMENTS_MOST:]
            if out:
                names = [one.public_id for one in queries_guarantors.by_ids(w, out).values()]
                service_runs.drop(w, public, names, remark="Billed later", version=row.version)
        with self._at(day, "supervisor") as w:
            self._signed(w, public)
        with self._at(day, "manager") as w:
            service_release.release(w, public, service_runs.found(w, public).version)
        with self._at(day, "manager") as w:
            while service_make.make(w, public, service_make.prepare(w, public)):
                pass
            service_print.make(w, row.id)

    def _signed(self, w: Work, public: str) -> None:
        row = service_runs.found(w, public)
        seen = (_item.c.run_id == row.id, _item.c.sampled.is_(True), _item.c.outcome == Outcome.SEND.value)
        ids = [int(one) for one in w.db.execute(select(_item.c.account_id).where(*seen)).scalars()]
        version = row.version
        for one in queries_guarantors.by_ids(w, ids).values():
            version = service_runs.mark(w, public, one.public_id, fine=True, remark="", version=version)
        if not ids:
            version = service_runs.begin_audit(w, public, version)
        service_runs.sign(w, public, row.plan_hash, version)

    def _promise(self, day: date, account_id: int, days: int) -> None:
        """They called in and promised all of it."""
        with self._at(day, "clerk") as w:
            due = accounts.standing(w, [account_id])[account_id].due
            said = Promising(amount=due, promised_on=day + timedelta(days))
            service_attempts.wrap_up(
                w, account_id, Reach.CALL, Direction.IN, result="promise", right_party=True, promise=said,
                note="Asked what it was for; will pay when the salary comes.",
            )  # fmt: skip
            account_acts.stand(w, self.practice.id, [account_id])

    def _pay(self, day: date, account_id: int, *, part: int) -> None:
        """A check over one part of so many of what is due."""
        with self._at(day, "clerk") as w:
            cents = int(accounts.standing(w, [account_id])[account_id].due) // part
            taking = Taking(
                entity_id=self.practice.id, account_id=account_id, tender=Tender.CHECK, cents=cents,
                key=f"example-{account_id}-{day}", received_on=day, reference=str(1000 + account_id % 900),
            )  # fmt: skip
            patient_paid.take(w, taking)

    def _plan(self, day: date, account_id: int, *, first: int) -> None:
        """A plan over as many months as the least instalment allows, three at most, signed at once."""
        with self._at(day, "clerk") as w:
            account = queries_guarantors.by_ids(w, [account_id])[account_id]
            due = int(accounts.standing(w, [account_id])[account_id].due)
            starts = day + timedelta(first)
            first_due = starts.replace(day=min(starts.day, LAST_DUE_DAY))
            wish = Wish(count=max(min(due // LEAST_INSTALMENT, 3), 1), first_due=first_due)
            made = plan_acts.draft(w, account.public_id, wish)
            version = plans.by_public(w, made).version
            plan_acts.activate(w, made, version, signed_on=day, witness="Clerk at the desk")

    def _back(self, day: date, account_id: int, code: str) -> None:
        """Their statement came back from the post office."""
        with self._at(day, "clerk") as w:
            query = select(_statement.c.number).where(_statement.c.account_id == account_id)
            number = w.db.execute(query.order_by(_statement.c.id.desc()).limit(1)).scalar()
            if number is not None:
                returned_mail.take_in(w, number, code, entity_id=self.practice.id)

    def _hold(self, day: date, account_id: int, kind: HoldKind) -> None:
        detail, reason = HELD[kind]
        if kind is HoldKind.BANKRUPTCY:
            detail = {**detail, "petition_on": (day - timedelta(6)).isoformat()}
        with self._at(day, "clerk") as w:
            holds.place(w, account_id, kind, reason=reason, detail=detail)
            account_acts.stand(w, self.practice.id, [account_id])

    def _dispute(self, day: date, account_id: int) -> None:
        with self._at(day, "clerk") as w:
            said = "Says the visit was covered in full and sent the plan's letter."
            public = disputes.open_dispute(w, account_id, said=said)
            disputes.move(w, public, DisputeMove.ACKNOWLEDGE, version=1)
            account_acts.stand(w, self.practice.id, [account_id])


def letterhead(w: Work, entity_id: int, day: date) -> None:
    """Fill in a practice's letterhead from a day on."""
    for code, value in LETTERHEAD.items():
        service_law.change(w, entity_id, code=code, state="", value=value, source="example world",
                           days=(day, None), reason="Letterhead")  # fmt: skip


def _person(login: str) -> Actor:
    """Somebody of the demo, as what they did then is told."""
    everything = system("demo")
    with reading(everything) as w:
        person_id = person_by_login(w, login)[0]
    return Actor(name=login, person_id=person_id, permissions=everything.permissions,
                 scope=everything.scope)  # fmt: skip
