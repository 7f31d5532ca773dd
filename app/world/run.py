"""One world while it is written: bills out, payments in, until every story has ended.

Every queue is bounded by the size of a file, so memory does not grow with the number of claims.
"""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from random import Random

from app.world import households
from app.world.bank import Bank, Deposit
from app.world.claims import Claims
from app.world.clearing import Clearing, Sent
from app.world.faults import BILLS, COPIES, HELD, Plan
from app.world.files import Shelf, business_day
from app.world.mishaps import Mishaps, Written, possible_copies
from app.world.paydesk import Desk, extras_for
from app.world.people import entity
from app.world.prices import Prices
from app.world.stories import Bill, Paid, Send, Story, Teller
from app.world.tables import payers
from app.world.truth import Account, Truth, dollars
from app.world.write835 import POST, Pen, Plb, Remit
from app.world.write837 import Billed, Submission

HELD_CLAIMS = 3
LATE = "unanswered"


@dataclass(slots=True)
class Thread:
    """One claim's story as it is being told; account is None until it is billed."""

    story: Story
    fault: str
    account: Account | None = None


@dataclass(slots=True)
class Waiting:
    """A step waiting for its payment; skip payments go by first."""

    send: Send
    thread: Thread
    skip: int


class World:
    """The state of one world while it is written."""

    def __init__(self, folder: Path, *, seed: int, claims: int, entities: int, start: date, days: int,
                 until: date | None, file_claims: int = 0, leaves_second: bool = False) -> None:  # fmt: skip
        self.seed, self.claims, self.start, self.days = seed, claims, start, days
        self.until = until or date.max
        # A repeatable world, not a secret.
        self.rng = Random(seed)  # nosec B311 - the same seed makes the same world
        self.entities = [entity(seed, number) for number in range(entities)]
        self.prices = Prices(start.year, (start + timedelta(days=days + 14)).year)
        self.patients = max(claims * 6 // 10, 1)
        self.source = Claims(seed, self.entities, self.prices, self.patients)
        self.teller = Teller(self.rng, self.prices, leaves_second=leaves_second)
        self.plan, self.truth, self.bank = Plan(), Truth(folder), Bank()
        self.shelf = Shelf(folder, self.truth)
        self.mishaps = Mishaps(seed, self.shelf, self.truth, Pen(seed))
        self.clearing = Clearing(seed, self.shelf, self.truth, self.until)
        # 200 to 1,000 claims a file in a large world; fewer in a small one, so that every payer pays often.
        self.bill_size = file_claims or min(max(claims // 25, 15), 1_000)
        self.pay_size = file_claims or min(max(claims // 50, 6), 600)
        self.patience = timedelta(days=28 if claims > 5_000 else 12)
        self.bills: dict[tuple[int, str, str], list[tuple[Bill, Thread]]] = {}
        self.queues: dict[tuple[int, str], list[Waiting]] = {}
        self.desks: dict[tuple[int, str], Desk] = {}
        self.due: deque[Callable[[], None]] = deque()
        self.totals: Counter[str] = Counter()

    def run(self) -> Truth:
        """Write everything and return the truth."""
        self.truth.start()
        self.prices.write(self.shelf.folder / "fees" / "fees.csv")
        # Forms are signed at the first visit; nobody agreed to anything later than the world begins.
        households.write(self.shelf.folder, seed=self.seed, patients=self.patients, agreed=self.start)
        checked = self.start
        for number in range(1, self.claims + 1):
            day = self.start + timedelta(days=(number - 1) * self.days // self.claims)
            claim = self.source.draw(self.rng, number, day)
            fault = self.plan.for_claim(self.rng, claim)
            self._advance(Thread(self.teller.tell(claim, fault), fault), None)
            if day >= checked + timedelta(days=7):
                checked = day
                self._hurry(day)
            self._work()
        self._drain()
        self.mishaps.not_x12(self.start + timedelta(days=1))
        for number, (day, text, deposits) in enumerate(self.bank.statements(), 1):
            self._statement(number, day, text, deposits)
        self.truth.finish(self._summary())
        return self.truth

    def _advance(self, thread: Thread, value: object) -> None:
        """Tell the next step of a story and queue what it asks for."""
        try:
            step = thread.story.send(value)
        except StopIteration:
            self._close(thread)
            self.totals["stories"] += 1
            return
        if isinstance(step, Bill):
            claim = step.billed.claim
            bill_key = (claim.entity.number, claim.kind, _errand(step.billed))
            bills = self.bills.setdefault(bill_key, [])
            bills.append((step, thread))
            if len(bills) == self.bill_size:
                self.due.append(partial(self._bill, bill_key))
            return
        key = (step.entity.number, step.payer.key)
        queue = self.queues.setdefault(key, [])
        queue.append(Waiting(step, thread, step.skip))
        if len(queue) == self.pay_size:
            self.due.append(partial(self._pay, key))

    def _drop(self, thread: Thread, why: str) -> None:
        """Break a story off: what would have come next is held, or lies after the last day."""
        self.plan.lost(thread.fault)
        if thread.account and not thread.account.posted:
            thread.account.fault = why
        self._close(thread)

    def _close(self, thread: Thread) -> None:
        if thread.account:
            self.truth.close(thread.account)
            self.totals["claims"] += 1
            thread.account = None

    def _work(self) -> None:
        while self.due:
            self.due.popleft()()

    def _hurry(self, today: date) -> None:
        """Send what has waited long enough, even when a file is not full."""
        for key, bills in self.bills.items():
            if bills and bills[0][0].ready + self.patience / 2 < today:
                self.due.append(partial(self._bill, key))
        for desk, queue in self.queues.items():
            if queue and queue[0].send.ready + self.patience < today:
                self.due.append(partial(self._pay, desk))

    def _drain(self) -> None:
        while any(self.bills.values()) or any(self.queues.values()):
            for key in list(self.bills):
                self._bill(key)
            for desk in list(self.queues):
                self._pay(desk)
            self._work()

    def _bill(self, key: tuple[int, str, str]) -> None:
        """Write one 837 of everything this provider has waiting."""
        queue, self.bills[key] = self.bills.get(key, []), []
        for _, thread in (item for item in queue if item[0].ready > self.until):
            self._drop(thread, LATE)
        batch = [item for item in queue if item[0].ready <= self.until]
        if not batch:
            return
        number, kind, errand = key
        day = min(business_day(max(step.ready for step, _ in batch)), self.until)
        control = self.shelf.control()
        submission = Submission(self.seed, self.entities[number], kind, control, day)
        for step, thread in batch:
            submission.add(step.billed)
            if step.billed.replaces and thread.account:
                self.truth.rebill(thread.account, step.billed.claim)
            elif step.billed.first and thread.account:
                thread.account.billed_next = True
            elif not errand:
                thread.account = self.truth.bill(step.billed.claim, thread.fault)
        label = f"837{kind.lower()}{errand}"
        text = submission.envelope.text([submission.body()])
        name = self.shelf.put(day, f"{label}.edi", text)
        self.shelf.record(name, f"837{kind}", day, "posted", claims=len(batch))
        self.totals["submissions"] += 1
        told = [(step.billed, thread.account, thread.fault == LATE) for step, thread in batch]
        self.clearing.answer(Sent(self.entities[number], kind, label, control, day, told, not errand))
        if self.plan.for_remit(self.rng, BILLS, tuple(BILLS)):
            self.mishaps.same_bill(day, label, text, name, len(batch))
        for _, thread in batch:
            self._advance(thread, day)

    def _pay(self, key: tuple[int, str]) -> None:
        """Write the next payment of this payer to this provider, and the payments asked for on their own."""
        number, payer_key = key
        desk = self.desks.setdefault(key, Desk(payers()[payer_key], self.entities[number]))
        queue, self.queues[key] = self.queues.get(key, []), []
        batch: list[Waiting] = []
        own: list[list[Waiting]] = []
        for waiting in queue:
            if waiting.send.ready > self.until:
                self._drop(waiting.thread, LATE)
            elif waiting.skip:
                waiting.skip -= 1
                self.queues[key].append(waiting)
            elif waiting.send.own:
                own.append([waiting])
            else:
                batch.append(waiting)
        if own:
            self._write(desk, own)
        plain = [waiting for waiting in batch if waiting.send.plain][:HELD_CLAIMS]
        timely = bool(plain) and desk.day_for([waiting.send for waiting in plain]) <= self.until
        held = timely and len(batch) > len(plain)
        fault = self.plan.for_remit(self.rng, HELD, tuple(HELD)) if held else ""
        if fault:
            self._hold(desk, plain, fault)
            batch = [waiting for waiting in batch if not any(waiting is one for one in plain)]
        if batch:
            self._write_regular(desk, batch)

    def _hold(self, desk: Desk, held: list[Waiting], fault: str) -> None:
        remit = desk.remit([waiting.send for waiting in held], collect=False)
        self._deposit(self.mishaps.hold(remit, fault))
        for waiting in held:
            self._drop(waiting.thread, fault)

    def _write_regular(self, desk: Desk, batch: list[Waiting]) -> None:
        """One payment with whatever extras and mishaps befall it."""
        room = sum(leg.adjudication.paid for waiting in batch for leg in waiting.send.legs)
        extra, rows = extras_for(self.plan, self.rng, desk, room)
        written = self._write(desk, [batch], extra, rows)
        if written is None:
            self.plan.lost(extra)
            return
        copy = self.plan.for_remit(self.rng, COPIES, possible_copies(written, self.rng))
        if copy:
            self.mishaps.copy(written, copy)
        if extra == "capitation_paid":
            self._capitation(desk, written.remit.day)

    def _write(self, desk: Desk, groups: list[list[Waiting]], extra: str = "",
               rows: Sequence[Plb] = ()) -> Written | None:  # fmt: skip
        """One file with a payment for each group; None when it would come after the last day."""
        remits: list[tuple[Remit, list[Waiting]]] = []
        for group in groups:
            sends = [waiting.send for waiting in group]
            if desk.day_for(sends) <= self.until:
                remits.append((desk.remit(sends, rows, collect=len(groups) == 1), group))
                continue
            for waiting in group:
                self._drop(waiting.thread, LATE)
        if not remits:
            return None
        written = self.mishaps.pay(
            [remit for remit, _ in remits], "" if extra == "capitation_paid" else extra
        )
        for remit, group in remits:
            self._deposit(remit)
            for waiting in group:
                account = waiting.thread.account
                for leg in waiting.send.legs:
                    if leg.effect == POST and account:
                        self.truth.post(account, leg.adjudication, remit.day)
        for remit, group in remits:
            for waiting in group:
                self._advance(waiting.thread, Paid(remit.day, remit.trace))
        return written

    def _capitation(self, desk: Desk, day: date) -> None:
        """A payment without claims: the monthly capitation."""
        amount = 150_000 + int(self.rng.random() * 900_000)
        send = Send(desk.payee, desk.payer, day, (), (("CT", f"PMPM{day:%Y%m}", -amount),))
        if desk.day_for([send]) > self.until:
            self.plan.lost("capitation_paid")
            return
        remit = desk.remit([send], collect=False)
        self.mishaps.pay([remit], "capitation_paid")
        self._deposit(remit)

    def _deposit(self, remit: Remit) -> None:
        cents = remit.paid + remit.paid_off_by
        if cents:
            self.bank.receive(Deposit(remit.day, remit.payee, remit.payer, remit.trace, cents))

    def _statement(self, number: int, day: date, text: str, deposits: list[Deposit]) -> None:
        name = f"{day:%Y%m%d}-{number:05d}.bai2"
        (self.shelf.folder / "bank" / name).write_bytes(text.encode("ascii"))
        for deposit in deposits:
            self.truth.row("deposits", day.isoformat(), deposit.payee.tax_id, deposit.payer.payer_id,
                           deposit.trace, dollars(deposit.cents), deposit.payer.method)  # fmt: skip

    def _summary(self) -> dict[str, object]:
        return {
            "seed": self.seed, "claims": self.totals["claims"], "files": self.shelf.count,
            "start": self.start.isoformat(),
            "entities": [{"name": who.name, "npi": who.npi, "tax_id": who.tax_id} for who in self.entities],
            "payers": [{"name": payer.name, "payer_id": payer.payer_id, "company": payer.company,
                        "known_by": payer.known_by} for payer in payers().values()],
            "faults": dict(sorted((kind, count) for kind, count in self.plan.seen.items() if count)),
        }  # fmt: skip


def _errand(billed: Billed) -> str:
    """Why a claim is sent again; empty for the first time. Such claims travel in files of their own."""
    if billed.replaces:
        return "-replacement"
    return "-second" if billed.first else ""
