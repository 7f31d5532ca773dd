"""The visits of accounts: figures by RPAT-11, the steps from charge to what is owed, what waits and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from app.accounts.lifecycle import OwedState, Waits
from app.accounts.models import Owed
from app.accounts.queries_facts import forbidden
from app.accounts.rules_figures import (
    RECEIVABLE,
    Figures,
    Moved,
    Said,
    Step,
    figures,
    reason_words,
    steps,
)
from app.accounts.rules_places import place_words
from app.claims.models import Claim, ClaimPayer, ClaimVersion
from app.entities.models import Entity
from app.kernel.bulk import among
from app.kernel.db import in_chunks, table_of
from app.kernel.limits import BATCH_CLAIMS
from app.kernel.money import Money
from app.kernel.work import Work
from app.ledger.models import LedgerBatch, LedgerEntry, batch_of
from app.patients.models import Patient
from app.payers.models import Payer
from app.remits.models import Remit

_owed, _claim, _version, _entity = table_of(Owed), table_of(Claim), table_of(ClaimVersion), table_of(Entity)
_covered, _payer, _patient = table_of(ClaimPayer), table_of(Payer), table_of(Patient)
_entry, _batch, _remit = table_of(LedgerEntry), table_of(LedgerBatch), table_of(Remit)


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit of an account as the ledger has it. `state`, `reason`, `since`: of today, whatever the day of
    the figures; rule: words of the rule that forbids to ask for it, in English and in Spanish.

    control: the visit's number; place: code of where it was. payers: names by rank.
    """

    claim_id: int
    account_id: int
    entity_id: int
    public_id: str
    control: str
    patient_id: int
    patient: str
    patient_public: str
    provider: str
    place: str
    service_from: date | None
    service_to: date | None
    payers: tuple[str, ...]
    figures: Figures
    steps: tuple[Step, ...]
    state: str
    reason: str
    since: date | None
    rule: tuple[str, str]

    @property
    def due(self) -> Money:
        """What may be asked for now."""
        may = self.state == OwedState.DUE and self.figures.patient_open > 0
        return self.figures.patient_open if may else Money(0)

    @property
    def waiting(self) -> Money:
        """What is open and may not be asked for now: payers' part, and the patient's while it waits."""
        return self.figures.balance - self.due

    @property
    def open(self) -> bool:
        """Is anything of it still owed, by whomever?"""
        return bool(self.figures.payer_open or self.figures.patient_open)

    def why(self, language: str = "en") -> str:
        """Why it waits or is held, in plain words; empty when it may be asked for."""
        if self.reason == Waits.NEVER_BILL and self.rule[0]:
            return self.rule[1 if language == "es" else 0]
        return reason_words(self.reason, language)

    def place_words(self, language: str = "en") -> str:
        """Where it was, in words; empty when the code is not known."""
        return place_words(self.place, language)


def visits(w: Work, account_ids: Sequence[int], *, as_of: date | None = None) -> dict[int, list[Visit]]:
    """Every visit of accounts that has or had a patient balance, the oldest first; settled ones as well.

    as_of: only what is effective up to and on this day. A fixed number of statements for up to 2,000
    visits; whoever shows them to somebody writes the audit event.
    """
    found: dict[int, list[Visit]] = {}
    query = _heads().where(among(w.db, _owed.c.account_id, list(account_ids)), w.within(_owed.c.entity_id))
    rows = w.db.execute(query.order_by(_claim.c.service_from, _claim.c.id)).all()
    for chunk in in_chunks(rows, BATCH_CLAIMS):
        for one in _visits(w, chunk, as_of):
            found.setdefault(one.account_id, []).append(one)
    return found


def visits_of_claims(w: Work, claim_ids: Sequence[int], *, as_of: date | None = None) -> list[Visit]:
    """The same for named claims."""
    query = _heads().where(among(w.db, _owed.c.claim_id, list(claim_ids)), w.within(_owed.c.entity_id))
    rows = w.db.execute(query.order_by(_claim.c.service_from, _claim.c.id)).all()
    return [one for chunk in in_chunks(rows, BATCH_CLAIMS) for one in _visits(w, chunk, as_of)]


def _heads() -> Any:
    return (
        select(
            _owed.c.claim_id, _owed.c.account_id, _owed.c.entity_id, _owed.c.state, _owed.c.reason,
            _owed.c.since, _claim.c.public_id, _claim.c.control, _claim.c.patient_id, _claim.c.service_from,
            _claim.c.service_to, _patient.c.last, _patient.c.first,
            _patient.c.public_id.label("patient_public"), _version.c.facility, _entity.c.name.label("entity"),
        )
        .join(_claim, _claim.c.id == _owed.c.claim_id)
        .join(_patient, _patient.c.id == _claim.c.patient_id)
        .join(_entity, _entity.c.id == _owed.c.entity_id)
        .outerjoin(_version, _version.c.id == _claim.c.current_version_id)
        .where(_owed.c.account_id.is_not(None))
    )  # fmt: skip


def _visits(w: Work, rows: Sequence[Any], as_of: date | None) -> list[Visit]:
    ids = [row.claim_id for row in rows]
    moved = movements(w, ids, as_of=as_of)
    said = _said(w, {one.batch for each in moved.values() for one in each})
    payers, classes = _payers(w, ids)
    never = [row.claim_id for row in rows if row.reason == Waits.NEVER_BILL]
    rules = forbidden(w, never, classes, w.now.date()) if never else {}
    made = []
    for row in rows:
        mine = moved.get(row.claim_id, [])
        rule = rules.get(row.claim_id)
        made.append(
            Visit(
                claim_id=row.claim_id,
                account_id=row.account_id,
                entity_id=row.entity_id,
                public_id=row.public_id,
                control=row.control,
                patient_id=row.patient_id,
                patient=f"{row.last}, {row.first}" if row.first else row.last,
                patient_public=row.patient_public,
                provider=row.entity,
                place=(row.facility or "")[:2],
                service_from=row.service_from,
                service_to=row.service_to,
                payers=tuple(payers.get(row.claim_id, ())),
                figures=figures(mine),
                steps=tuple(steps(mine, said, next(iter(payers.get(row.claim_id, ())), ""))),
                state=str(row.state),
                reason=row.reason,
                since=row.since,
                rule=(rule.words_en, rule.words_es) if rule else ("", ""),
            )
        )
    return made


def movements(w: Work, claim_ids: Sequence[int], *, as_of: date | None = None) -> dict[int, list[Moved]]:
    """What moved the receivables of claims, by posting and by the accounts on both sides; one statement."""
    batch = batch_of(_entry.c.id).label("batch")
    query = (
        select(_entry.c.claim_id, batch, _entry.c.debit, _entry.c.credit, func.sum(_entry.c.amount),
               func.min(_entry.c.effective_date))
        .where(among(w.db, _entry.c.claim_id, list(claim_ids)), w.within(_entry.c.entity_id))
        .group_by(_entry.c.claim_id, batch, _entry.c.debit, _entry.c.credit)
    )  # fmt: skip
    if as_of is not None:
        query = query.where(_entry.c.effective_date <= as_of)
    found: dict[int, list[Moved]] = {}
    for claim_id, posting, debit, credit, cents, day in w.db.execute(query.order_by(batch)):
        mine = found.setdefault(claim_id, [])
        # A move between payer and patient is told by both sides, so that each side's own sum is right.
        if debit in RECEIVABLE:
            mine.append(Moved(posting, day, debit, credit, int(cents)))
        if credit in RECEIVABLE:
            mine.append(Moved(posting, day, credit, debit, -int(cents)))
    return found


def _said(w: Work, batches: Iterable[int]) -> dict[int, Said]:
    """Where each posting comes from: the remit and its payer, or the posting itself."""
    found: dict[int, Said] = {}
    for chunk in in_chunks(sorted(set(batches)), BATCH_CLAIMS):
        query = (
            select(_batch.c.id, _batch.c.public_id, _batch.c.kind, _remit.c.public_id.label("remit"),
                   _remit.c.trace, _remit.c.payer_name)
            .outerjoin(_remit, _remit.c.id == _batch.c.transaction_id)
            .where(among(w.db, _batch.c.id, chunk), w.within(_batch.c.entity_id))
        )  # fmt: skip
        for row in w.db.execute(query):
            found[row.id] = (
                Said(row.payer_name, row.trace, "remit", row.remit)
                if row.remit
                else Said("", row.kind.replace("_", " "), "batch", row.public_id)
            )
    return found


def _payers(w: Work, ids: Sequence[int]) -> tuple[dict[int, list[str]], dict[int, set[str]]]:
    query = (
        select(_covered.c.claim_id, _payer.c.name, _payer.c["class"])
        .join(_payer, _payer.c.id == _covered.c.payer_id)
        .where(among(w.db, _covered.c.claim_id, list(ids)), w.within(_covered.c.entity_id))
        .order_by(_covered.c.claim_id, _covered.c.rank)
    )
    names: dict[int, list[str]] = {}
    classes: dict[int, set[str]] = {}
    for claim_id, name, class_ in w.db.execute(query):
        names.setdefault(claim_id, []).append(name)
        classes.setdefault(claim_id, set()).add(str(class_))
    return names, classes
