"""A patient's account, put together from what every part of the house knows: figures by visit, the ledger
with its running balance, each payment against each charge, and the balance explained to the cent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from app.claims.models import Claim, ClaimPayer
from app.denials.models import Denial, DenialEvent
from app.denials.queries_figures import RECEIVED, WRITTEN_DOWN, Figures, figures
from app.kernel.db import in_chunks, table_of
from app.kernel.money import Money
from app.kernel.paging import Ask
from app.kernel.work import Work
from app.ledger.accounts import NAMES, Account
from app.ledger.models import PLACE_BITS, LedgerBatch
from app.ledger.queries import EntryRow, account_name, entries, read_day
from app.patients.queries import PatientRow, by_public
from app.payers.models import Payer
from app.remits.models import Remit, RemitClaim

_claim, _covered, _payer = table_of(Claim), table_of(ClaimPayer), table_of(Payer)
_remit, _remit_claim, _batch = table_of(Remit), table_of(RemitClaim), table_of(LedgerBatch)
_denial, _event = table_of(Denial), table_of(DenialEvent)
__all__ = ["LedgerLine", "PatientAccount", "account", "account_name", "batch_key", "read_day"]
CHUNK = 2_000
OPEN = (int(Account.AR_PAYER), int(Account.AR_PATIENT))
MONEY = (*RECEIVED, Account.UNAPPLIED_PATIENT)
"""Where money goes, or waits: what patients have unapplied is theirs and pays like any other."""
PATIENT = -1
"""The column of what patients paid."""
RANKS = {1: "primary", 2: "secondary", 3: "tertiary"}


@dataclass(frozen=True, slots=True)
class Step:
    """One step from the charge to what is owed; the steps add up to it."""

    words: str
    cents: Money


@dataclass(frozen=True, slots=True)
class Visit:
    """One claim of the patient. `cells` are its payments by payment key; `other` is what neither payments
    nor open balances explain, as adjustments.

    charge - payments - adjustments = payer_open + patient_open.
    """

    public_id: str
    control: str
    payer: str
    service_from: date | None
    service_to: date | None
    figures: Figures
    cells: Mapping[int, Money]
    adjustments: Money
    steps: tuple[Step, ...]

    @property
    def charge(self) -> Money:
        """What was charged and stands."""
        return self.figures.charge

    @property
    def paid(self) -> Money:
        """All payments."""
        return Money.of_sum(sum(int(one) for one in self.cells.values()))

    @property
    def open(self) -> Money:
        """What payers and patient owe together."""
        return self.figures.payer_balance + self.figures.patient_balance


@dataclass(frozen=True, slots=True)
class Payment:
    """A column of the matrix: one remit, what patients paid (key -1), or what came without either (key 0)."""

    key: int
    label: str
    payer: str
    remit: str
    day: date | None
    total: Money


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """An entry of the account, and what payers and the patient owe over all visits after it."""

    entry: EntryRow
    control: str
    claim: str
    payer_after: Money
    patient_after: Money


@dataclass(frozen=True, slots=True)
class Cover:
    """A payer of the patient's claims."""

    payer: str
    class_: str
    rank: str
    claims: int


@dataclass(frozen=True, slots=True)
class OpenCase:
    """An open case of one of the visits."""

    public_id: str
    control: str
    category: str
    carc: str
    at_stake: Money
    legal_due: date | None
    state: str


@dataclass(frozen=True, slots=True)
class Happening:
    """Something of the timeline; as the templates draw it."""

    at: datetime
    title: str
    detail: str = ""
    who: str = ""
    href: str = ""
    tone: str = "mute"


@dataclass(frozen=True, slots=True)
class PatientAccount:
    """The whole account. Sums are over all visits."""

    head: PatientRow
    as_of: date | None
    covers: list[Cover]
    visits: list[Visit]
    payments: list[Payment]
    ledger: list[LedgerLine]
    work: list[OpenCase]
    timeline: list[Happening]

    def total(self, name: str) -> Money:
        """A figure over all visits."""
        return Money.of_sum(sum(int(getattr(one.figures, name)) for one in self.visits))

    @property
    def paid(self) -> Money:
        """All payments."""
        return Money.of_sum(sum(int(one.paid) for one in self.visits))

    @property
    def adjustments(self) -> Money:
        """All adjustments."""
        return Money.of_sum(sum(int(one.adjustments) for one in self.visits))

    @property
    def explained(self) -> Money:
        """What the steps of every visit add up to: what the patient owes."""
        return Money.of_sum(sum(int(step.cents) for one in self.visits for step in one.steps))


def account(w: Work, public_id: str, *, as_of: date | None = None) -> PatientAccount:
    """A patient's account, now or as the entries effective by a day leave it; `NotFound` for a stranger.

    Statements grow with the number of visits by chunks of 2,000, not one by one.
    """
    head = by_public(w, public_id)
    w.audit("patient.account", "R", "patient", public_id, entity_id=head.entity_id, patients=[head.id])
    claims = _claims(w, head.id)
    ids = [row.id for row in claims]
    found: dict[int, Figures] = {}
    lines: list[EntryRow] = []
    for chunk in in_chunks(ids, CHUNK):
        found |= figures(w, chunk, as_of=as_of)
        asked = {"to": as_of.isoformat()} if as_of else {}
        lines += entries(w, Ask("recorded", limit=0, filters=asked), claim_ids=chunk).rows
    lines.sort(key=lambda one: one.id)
    sources = _sources(w, lines)
    visits = [_visit(row, found[row.id], [one for one in lines if one.claim_id == row.id], sources)
              for row in claims if row.id in found]  # fmt: skip
    names = {row.id: (row.control, row.public_id) for row in claims}
    return PatientAccount(
        head=head,
        as_of=as_of,
        covers=_covers(w, head.id),
        visits=visits,
        payments=_payments(visits, sources),
        ledger=list(_running(lines, names)),
        work=_work(w, ids),
        timeline=_timeline(w, claims, ids),
    )


def _claims(w: Work, patient_id: int) -> Sequence[Any]:
    query = (
        select(_claim.c.id, _claim.c.public_id, _claim.c.control, _claim.c.service_from, _claim.c.service_to,
               _claim.c.charge, _claim.c.recorded_at, _payer.c.name.label("payer"))
        .outerjoin(_covered, (_covered.c.claim_id == _claim.c.id) & (_covered.c.rank == 1))
        .outerjoin(_payer, _payer.c.id == _covered.c.payer_id)
        .where(_claim.c.patient_id == patient_id, w.within(_claim.c.entity_id))
        .order_by(_claim.c.service_from.desc(), _claim.c.id.desc())
    )  # fmt: skip
    return w.db.execute(query).all()


def _covers(w: Work, patient_id: int) -> list[Cover]:
    query = (
        select(_payer.c.name, _payer.c["class"], _covered.c.rank, func.count())
        .select_from(_covered)
        .join(_claim, _claim.c.id == _covered.c.claim_id)
        .join(_payer, _payer.c.id == _covered.c.payer_id)
        .where(_claim.c.patient_id == patient_id, w.within(_claim.c.entity_id))
        .group_by(_payer.c.name, _payer.c["class"], _covered.c.rank)
        .order_by(_covered.c.rank, func.count().desc(), _payer.c.name)
    )
    return [
        Cover(name, class_, RANKS.get(rank, f"payer {rank}"), int(count))
        for name, class_, rank, count in w.db.execute(query)
    ]


def _sources(w: Work, lines: Iterable[EntryRow]) -> dict[int, Any]:
    """The remit that posted each batch, by batch; a takeback belongs to the remit that took back."""
    found: dict[int, Any] = {}
    for chunk in in_chunks(sorted({batch_key(one) for one in lines}), CHUNK):
        query = select(
            _batch.c.id.label("batch"), _remit.c.id, _remit.c.public_id, _remit.c.trace, _remit.c.payer_name,
            _remit.c.effective_date,
        ).join(_remit, _remit.c.id == _batch.c.transaction_id)  # fmt: skip
        query = query.where(_batch.c.id.in_(chunk), w.within(_batch.c.entity_id))
        found |= {row.batch: row for row in w.db.execute(query)}
    return found


def batch_key(one: EntryRow) -> int:
    """The batch of an entry."""
    return one.id >> PLACE_BITS


# ---------------------------------------------------------------- one visit


def _visit(row: Any, found: Figures, lines: Sequence[EntryRow], sources: Mapping[int, Any]) -> Visit:
    net = _net(lines)
    cells: dict[int, int] = {}
    for one in lines:
        cents = sum(_side(one, account) for account in MONEY)
        if cents:
            source = sources.get(batch_key(one))
            key = PATIENT if int(Account.AR_PATIENT) in (one.debit, one.credit) else 0
            key = int(source.id) if source is not None and key != PATIENT else key
            cells[key] = cells.get(key, 0) + cents
    adjusted = {
        account: cents for account, cents in net.items()
        if account not in (*OPEN, int(Account.CHARGES), *(int(one) for one in MONEY))
    }  # fmt: skip
    return Visit(
        public_id=row.public_id,
        control=row.control,
        payer=row.payer or "",
        service_from=row.service_from,
        service_to=row.service_to,
        figures=found,
        cells={key: Money.of_sum(cents) for key, cents in cells.items()},
        adjustments=Money.of_sum(sum(adjusted.values())),
        steps=tuple(_steps(net, cells, adjusted)),
    )


def _side(one: EntryRow, account: int) -> int:
    return int(one.amount) * (one.debit == account) - int(one.amount) * (one.credit == account)


def _net(lines: Iterable[EntryRow]) -> dict[int, int]:
    """Debits less credits by account."""
    net: dict[int, int] = {}
    for one in lines:
        net[one.debit] = net.get(one.debit, 0) + int(one.amount)
        net[one.credit] = net.get(one.credit, 0) - int(one.amount)
    return net


def _steps(net: Mapping[int, int], cells: Mapping[int, int], adjusted: Mapping[int, int]) -> Iterable[Step]:
    """From the charge to what the patient owes: every account of the claim has its step, so nothing is
    lost.
    """
    theirs = cells.get(PATIENT, 0)
    told = [
        ("Charged for this visit", -net.get(int(Account.CHARGES), 0)),
        ("Insurance paid", theirs - sum(cells.values())),
        ("The patient paid", -theirs),
    ]
    down = sum(adjusted.get(int(one), 0) for one in WRITTEN_DOWN)
    told.append(("Written off because of the contract with the insurance", -down))
    for account, cents in sorted(adjusted.items()):
        if account not in WRITTEN_DOWN:
            told.append((NAMES.get(account, f"Account {account}"), -cents))
    told.append(("Insurance still has to answer for", -net.get(int(Account.AR_PAYER), 0)))
    return [Step(words, Money.of_sum(cents)) for words, cents in told if cents]


def _payments(visits: Sequence[Visit], sources: Mapping[int, Any]) -> list[Payment]:
    by_remit = {int(row.id): row for row in sources.values()}
    totals: dict[int, int] = {}
    for visit in visits:
        for key, cents in visit.cells.items():
            totals[key] = totals.get(key, 0) + int(cents)
    found = []
    for key, total in totals.items():
        row = by_remit.get(key)
        other = "Patient" if key == PATIENT else "Other"
        label, who, remit = (row.trace, row.payer_name, row.public_id) if row else (other, "", "")
        day = row.effective_date if row else None
        found.append(Payment(key, label, who, remit, day, Money.of_sum(total)))
    return sorted(found, key=lambda one: (one.day or date.max, one.key))


def _running(lines: Iterable[EntryRow], names: Mapping[int, tuple[str, str]]) -> Iterable[LedgerLine]:
    payer, patient = 0, 0
    for one in lines:
        payer += _side(one, Account.AR_PAYER)
        patient += _side(one, Account.AR_PATIENT)
        control, public = names.get(one.claim_id or 0, ("", ""))
        yield LedgerLine(one, control, public, Money.of_sum(payer), Money.of_sum(patient))


# ---------------------------------------------------------------- work and history


def _work(w: Work, ids: Sequence[int]) -> list[OpenCase]:
    same = ("public_id", "category", "carc", "at_stake", "legal_due", "state")
    found: list[OpenCase] = []
    for chunk in in_chunks(ids, CHUNK):
        query = (
            select(*(_denial.c[name] for name in same), _claim.c.control)
            .join(_claim, _claim.c.id == _denial.c.claim_id)
            .where(_denial.c.claim_id.in_(chunk), _denial.c.state != "closed", w.within(_denial.c.entity_id))
            .order_by(_denial.c.at_stake.desc())
        )
        found += [
            OpenCase(control=row.control, **{name: getattr(row, name) for name in same})
            for row in w.db.execute(query)
        ]
    return found


def _timeline(w: Work, claims: Sequence[Any], ids: Sequence[int]) -> list[Happening]:
    """What happened to the visits, last recorded first."""
    told = [
        Happening(row.recorded_at, f"Billed {row.charge:,}", f"claim {row.control}", "",
                  f"/claims/{row.public_id}", "info")
        for row in claims
    ]  # fmt: skip
    controls = {row.id: (row.control, row.public_id) for row in claims}
    for chunk in in_chunks(ids, CHUNK):
        told += _answered(w, chunk, controls)
        query = (
            select(_event, _denial.c.public_id, _denial.c.category, _denial.c.claim_id)
            .join(_denial, _denial.c.id == _event.c.denial_id)
            .where(_denial.c.claim_id.in_(chunk), w.within(_denial.c.entity_id))
        )
        for row in w.db.execute(query):
            words = f"Denial ({row.category.replace('_', ' ')}): {row.move.replace('_', ' ')}"
            detail = f"claim {controls[row.claim_id][0]}. {row.reason}".strip()
            tone = "bad" if row.move == "open" else "mute"
            told.append(Happening(row.at, words, detail, row.actor, f"/denials/{row.public_id}", tone))
    order = sorted(enumerate(told), key=lambda one: (one[1].at, one[0]), reverse=True)
    return [one for _, one in order]


def _answered(w: Work, ids: Sequence[int], controls: Mapping[int, tuple[str, str]]) -> list[Happening]:
    query = (
        select(_remit_claim.c.claim_id, _remit_claim.c.status, _remit_claim.c.paid, _remit_claim.c.state,
               _remit.c.public_id, _remit.c.trace, _remit.c.payer_name, _remit.c.effective_date,
               _remit.c.recorded_at)
        .join(_remit, _remit.c.id == _remit_claim.c.remit_id)
        .where(_remit_claim.c.claim_id.in_(ids), w.within(_remit_claim.c.entity_id))
        .order_by(_remit_claim.c.id)
    )  # fmt: skip
    found = []
    for row in w.db.execute(query):
        back = row.status == "22"
        words = f"{row.payer_name} {'took back' if back else 'paid'} {-row.paid if back else row.paid:,}"
        detail = f"claim {controls[row.claim_id][0]}, check {row.trace}, {row.effective_date:%m/%d/%Y}"
        tone = "warn" if back or row.state != "posted" else "good" if row.paid else "bad"
        found.append(Happening(row.recorded_at, words, detail, "", f"/remits/{row.public_id}", tone))
    return found
