"""A plan: what one posting did in its transaction, read back from the rows it wrote, and sealed."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app.claims.models import Claim
from app.denials.models import Denial, DenialEvent
from app.intake import queries_file
from app.intake.lifecycle import State
from app.intake.queries_file import FindingRow, TransactionRow
from app.kernel.db import in_chunks, table_of
from app.kernel.limits import SQL_VARIABLES
from app.kernel.money import Money
from app.kernel.work import Work
from app.ledger.accounts import NAMES, Account
from app.ledger.models import PLACE_BITS, ClaimBalance, LedgerBatch, LedgerEntry
from app.patients.models import Patient
from app.remits.models import RemitClaim
from app.remits.rules_words import reason_words

_batch, _entry, _balance = table_of(LedgerBatch), table_of(LedgerEntry), table_of(ClaimBalance)
_claim, _patient, _remit_claim = table_of(Claim), table_of(Patient), table_of(RemitClaim)
_denial, _event = table_of(Denial), table_of(DenialEvent)
CHUNK = SQL_VARIABLES // 2
PARTS = ("the outcome", "the entries", "the balances before", "the denials", "the parked lines")
"""What a seal speaks for, in its order."""


@dataclass(frozen=True, slots=True)
class PlannedEntry:
    """One transfer that would be posted; `claim` is its control number, empty without a claim."""

    effective: date
    event: str
    debit: int
    debit_rank: int
    credit: int
    credit_rank: int
    cents: Money
    claim: str
    claim_public: str
    segment: int


@dataclass(frozen=True, slots=True)
class PlannedAccount:
    """What an account would be debited and credited."""

    account: int
    name: str
    debit: Money
    credit: Money


@dataclass(frozen=True, slots=True)
class PlannedClaim:
    """A claim's open balances before and after."""

    public_id: str
    control: str
    patient_id: int
    patient: str
    payer_before: Money
    payer_after: Money
    patient_before: Money
    patient_after: Money


@dataclass(frozen=True, slots=True)
class PlannedDenial:
    """A case that would open or move."""

    control: str
    claim_public: str
    move: str
    category: str
    carc: str
    denied: Money
    at_stake: Money
    legal_due: date | None


@dataclass(frozen=True, slots=True)
class PlannedPark:
    """A payment line that would wait, with its reason in words; its cash goes to unapplied."""

    control: str
    reason: str
    words: str
    paid: Money


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a posting would do. `state` is where the transaction would stand, `words` say why."""

    transaction: TransactionRow
    state: str
    words: str
    entries: list[PlannedEntry]
    accounts: list[PlannedAccount]
    claims: list[PlannedClaim]
    denials: list[PlannedDenial]
    parked: list[PlannedPark]
    findings: list[FindingRow]
    entity_ids: frozenset[int]
    seal: str

    @property
    def posts(self) -> bool:
        """Would it reach the books? A remit that pays and adjusts nothing does so without an entry."""
        return bool(self.entries) or self.state == State.POSTED.value

    @property
    def patients(self) -> list[int]:
        """Whose balances are told."""
        return [one.patient_id for one in self.claims]

    @property
    def total(self) -> Money:
        """What all entries move."""
        return Money.of_sum(sum(int(one.cents) for one in self.entries))


def plan_of(w: Work, before: TransactionRow, known: tuple[str, str] | None) -> Plan:
    """What this transaction has done so far. known: it ended by holding or ignoring, after it had written."""
    after = queries_file.transaction(w, before.public_id)
    # What it was held for stays with a transaction; of one that posts it says nothing any more.
    said = "" if after.state == State.POSTED.value else after.explanation or ""
    state, words = known or (after.state, said)
    rows = [] if known else _entries(w)
    heads = _claims(w, {int(row.claim_id) for row in rows if row.claim_id})
    parked = [] if known else _parked(w, before.id)
    denials = [] if known else _denials(w)
    claims, opened = _balances(w, rows, heads)
    facts: list[Iterable[Any]] = [
        (state, words, after.paid, after.claims),
        sorted(_plain(row) for row in rows),
        opened,
        sorted((one.claim_public and one.control, one.move, one.category, one.carc, one.denied, one.at_stake,
                str(one.legal_due)) for one in denials),
        sorted((one.control, one.reason, one.paid) for one in parked),
    ]  # fmt: skip
    found = queries_file.findings(w, before.file_no, origin="ours", transaction_id=before.id)[0]
    return Plan(
        transaction=before,
        state=state,
        words=words,
        entries=[_planned(row, heads) for row in rows],
        accounts=_accounts(rows),
        claims=claims,
        denials=denials,
        parked=parked,
        findings=list(found),
        entity_ids=frozenset(
            [*(int(row.entity_id) for row in rows), *([after.entity_id] if after.entity_id else [])]
        ),
        seal=".".join(_digest(one) for one in facts),
    )


def changed(seen: str, now: str) -> list[str]:
    """The parts in which two seals differ; all of them when one is no seal."""
    one, two = seen.split("."), now.split(".")
    if len(one) != len(PARTS):
        return list(PARTS)
    return [part for part, old, new in zip(PARTS, one, two, strict=True) if old != new]


def _digest(facts: Iterable[Any]) -> str:
    digest = hashlib.sha256()
    for one in facts:
        digest.update(json.dumps(one, default=str).encode() + b"\n")
    return digest.hexdigest()[:16]


def _plain(row: Any) -> tuple[Any, ...]:
    """An entry without what another posting of the same facts would number differently."""
    same = ("event", "debit", "debit_rank", "credit", "credit_rank", "amount", "source", "element")
    keys = (row.claim_id or 0, row.line_id or 0, row.remit_claim_id or 0)
    return (str(row.effective_date), *keys, *(getattr(row, name) for name in same))


def _entries(w: Work) -> list[Any]:
    """The entries of the batches this transaction wrote, in their order."""
    # Its moment is this transaction's alone; batches of others that commit meanwhile carry theirs.
    batches = select(_batch.c.id).where(_batch.c.recorded_at == w.now, _batch.c.actor == w.actor.name[:80])
    found: list[Any] = []
    for batch_id in sorted(w.db.execute(batches).scalars()):
        first, last = batch_id << PLACE_BITS, (batch_id + 1) << PLACE_BITS
        query = select(_entry).where(_entry.c.id >= first, _entry.c.id < last)
        found += w.db.execute(query.order_by(_entry.c.id)).all()
    return found


def _claims(w: Work, ids: set[int]) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for chunk in in_chunks(sorted(ids), CHUNK):
        query = select(
            _claim.c.id, _claim.c.public_id, _claim.c.control, _claim.c.patient_id, _patient.c.last,
            _patient.c.first,
        ).join(_patient, _patient.c.id == _claim.c.patient_id)  # fmt: skip
        found |= {row.id: row for row in w.db.execute(query.where(_claim.c.id.in_(chunk)))}
    return found


def _planned(row: Any, heads: dict[int, Any]) -> PlannedEntry:
    head = heads.get(row.claim_id)
    same = ("event", "debit", "debit_rank", "credit", "credit_rank")
    return PlannedEntry(
        effective=row.effective_date,
        cents=row.amount,
        claim=head.control if head else "",
        claim_public=head.public_id if head else "",
        segment=(row.source >> 3) % (1 << 32),
        **{name: getattr(row, name) for name in same},
    )


def _accounts(rows: Sequence[Any]) -> list[PlannedAccount]:
    sides: dict[int, list[int]] = {}
    for row in rows:
        # A move from one payer of a claim to the next stays within its account.
        if row.debit != row.credit:
            sides.setdefault(row.debit, [0, 0])[0] += int(row.amount)
            sides.setdefault(row.credit, [0, 0])[1] += int(row.amount)
    return [
        PlannedAccount(one, NAMES.get(one, "Unknown account"), Money.of_sum(debit), Money.of_sum(credit))
        for one, (debit, credit) in sorted(sides.items())
    ]


def _balances(
    w: Work, rows: Sequence[Any], heads: dict[int, Any]
) -> tuple[list[PlannedClaim], list[tuple[int, int, int]]]:
    """Claims with their balances before and after; and the ones before as the seal takes them."""
    moved: dict[int, list[int]] = {key: [0, 0] for key in heads}
    for row in rows:
        for place, account in enumerate((Account.AR_PAYER, Account.AR_PATIENT)):
            if row.claim_id in moved:
                moved[row.claim_id][place] += int(row.amount) * (row.debit == account)
                moved[row.claim_id][place] -= int(row.amount) * (row.credit == account)
    after: dict[int, tuple[int, int]] = {}
    for chunk in in_chunks(sorted(heads), CHUNK):
        query = select(_balance.c.claim_id, _balance.c.payer, _balance.c.patient)
        for key, payer, patient in w.db.execute(query.where(_balance.c.claim_id.in_(chunk))):
            after[key] = (int(payer), int(patient))
    claims, opened = [], []
    for key, head in heads.items():
        payer, patient = after.get(key, (0, 0))
        was = (payer - moved[key][0], patient - moved[key][1])
        opened.append((key, *was))
        money = [Money.of_sum(one) for one in (was[0], payer, was[1], patient)]
        name = f"{head.last}, {head.first}" if head.first else head.last
        claims.append(PlannedClaim(head.public_id, head.control, head.patient_id, name, *money))
    return claims, opened


def _denials(w: Work) -> list[PlannedDenial]:
    query = (
        select(_event.c.move, _denial.c.category, _denial.c.carc, _denial.c.denied, _denial.c.at_stake,
               _denial.c.legal_due, _claim.c.control, _claim.c.public_id)
        .join(_denial, _denial.c.id == _event.c.denial_id)
        .outerjoin(_claim, _claim.c.id == _denial.c.claim_id)
        .where(_event.c.at == w.now)
        .order_by(_event.c.id)
    )  # fmt: skip
    return [
        PlannedDenial(row.control or "", row.public_id or "", row.move, row.category, row.carc, row.denied,
                      row.at_stake, row.legal_due)
        for row in w.db.execute(query)
    ]  # fmt: skip


def _parked(w: Work, transaction_id: int) -> list[PlannedPark]:
    query = select(_remit_claim.c.control, _remit_claim.c.reason, _remit_claim.c.paid).where(
        _remit_claim.c.remit_id == transaction_id, _remit_claim.c.state == "parked"
    )
    return [
        PlannedPark(row.control, row.reason or "", reason_words(row.reason), row.paid)
        for row in w.db.execute(query.order_by(_remit_claim.c.id))
    ]
