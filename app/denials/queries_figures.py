"""The figures of claims: what was charged, paid, written down, left to the patient, refused, and what is
open.

charge = payer_paid + contractual + patient_responsibility + denied + other_adjustments, for every answered
claim. Reads are set-wise, a chunk of claims at a time: memory does not grow with the number of claims.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select

from app.claims.models import Claim, ClaimPayer
from app.entities.models import EntityIdentifier
from app.kernel.db import table_of
from app.kernel.export import Column, Kind
from app.kernel.money import Money
from app.kernel.work import Work
from app.ledger.accounts import Account
from app.ledger.models import LedgerEntry
from app.payers.models import Payer
from app.remits.models import Remit, RemitAdjustment, RemitClaim

_claim, _covered, _payer = table_of(Claim), table_of(ClaimPayer), table_of(Payer)
_entry, _identifier = table_of(LedgerEntry), table_of(EntityIdentifier)
_remit, _remit_claim, _adjustment = table_of(Remit), table_of(RemitClaim), table_of(RemitAdjustment)
CHUNK = 2_000
RECEIVED = (
    Account.CASH,
    Account.CASH_CLEARING,
    Account.CARD_CLEARING,
    Account.UNAPPLIED_PAYER,
    Account.RECOUPMENT,
    Account.FORWARD_BALANCE,
)
"""What a payment is debited to, a payer's or a patient's; taking it back credits it."""
FROM_PATIENT = 0
"""Not an account: what of the money received came from the patient, beside the accounts it went to."""
WRITTEN_DOWN = (Account.CONTRACTUAL, Account.SEQUESTRATION)
ALLOWED_SHARE = frozenset({"1", "2", "3", "66", "122", "142", "241", "247", "248"})
"""Patient responsibility that is part of what the payer allowed (contracts section 5)."""
ALLOWED_REDUCTIONS = frozenset({"253", "104", "105", "118", "143", "245"})
"""What lowers the payment after it was allowed, in any group."""
PRIOR_PAYER = "23"
NOT_ANSWERS = ("22", "25")
"""Reversals and estimates are no adjudications of their own."""
UNDONE = "undone:"


@dataclass(frozen=True, slots=True)
class Figures:
    """What stands on the books of one claim. Cents; `allowed` is of the first payer that answered.

    status: unanswered, paid, paid_nothing, partly_denied, denied, or reversed (answered, and all of it taken
    back). other_adjustments: what neither of the others explains; zero while nobody answered.
    """

    claim_id: int
    charge: Money
    allowed: Money
    payer_paid: Money
    contractual: Money
    patient_responsibility: Money
    denied: Money
    other_adjustments: Money
    payer_balance: Money
    patient_balance: Money
    status: str
    payer_claim_id: str
    adjudications: int


@dataclass(frozen=True, slots=True)
class _Answer:
    """The standing adjudication of one payer of a claim."""

    id: int
    claim_id: int
    rank: int
    paid: int
    payer_control: str
    day: date


def figures(w: Work, claim_ids: Sequence[int], *, as_of: date | None = None) -> dict[int, Figures]:
    """The figures of up to 2,000 claims, in four statements.

    as_of: only what is effective up to and on this day; what was undone since counts as never posted.
    """
    charges = {
        int(row.id): int(row.charge)
        for row in w.db.execute(
            select(_claim.c.id, _claim.c.charge).where(
                w.within(_claim.c.entity_id), _claim.c.id.in_(claim_ids)
            )
        )
    }
    moved = _moved(w, claim_ids, as_of)
    answers, taken_back = _answers(w, claim_ids, as_of)
    said = _adjusted(w, [one.id for ranks in answers.values() for one in ranks.values()])
    found = {}
    for claim_id, charge in charges.items():
        net = moved.get(claim_id, {})
        if as_of is not None:
            charge = -net.get(int(Account.CHARGES), 0)
        standing = sorted(answers.get(claim_id, {}).values(), key=lambda one: one.rank)
        found[claim_id] = _figures(claim_id, charge, net, standing, said, taken_back=claim_id in taken_back)
    return found


def _moved(w: Work, claim_ids: Sequence[int], as_of: date | None) -> dict[int, dict[int, int]]:
    """Net cents by claim and account, debit positive; under FROM_PATIENT what the patient paid of it."""
    found: dict[int, dict[int, int]] = {}
    sides = ((_entry.c.debit, _entry.c.credit, 1), (_entry.c.credit, _entry.c.debit, -1))
    for column, other, sign in sides:
        patients = func.sum(case((other == int(Account.AR_PATIENT), _entry.c.amount), else_=0))
        query = select(_entry.c.claim_id, column, func.sum(_entry.c.amount), patients).where(
            w.within(_entry.c.entity_id), _entry.c.claim_id.in_(claim_ids)
        )
        if as_of is not None:
            query = query.where(_entry.c.effective_date <= as_of)
        for claim_id, account, cents, theirs in w.db.execute(query.group_by(_entry.c.claim_id, column)):
            of_claim = found.setdefault(int(claim_id), {})
            of_claim[int(account)] = of_claim.get(int(account), 0) + sign * int(cents)
            if account in RECEIVED:
                of_claim[FROM_PATIENT] = of_claim.get(FROM_PATIENT, 0) + sign * int(theirs)
    return found


def _answers(
    w: Work, claim_ids: Sequence[int], as_of: date | None
) -> tuple[dict[int, dict[int, _Answer]], set[int]]:
    """The latest standing adjudication of each payer, by claim and rank; and claims with one that was taken
    back."""
    found: dict[int, dict[int, _Answer]] = {}
    taken_back: set[int] = set()
    for row in w.db.execute(_answering(w, claim_ids, as_of)):
        if not (row.live if as_of is None else row.reversed_id is None):
            taken_back.add(row.claim_id)
            continue
        day = row.produced or row.issued or row.effective_date
        one = _Answer(row.id, row.claim_id, row.rank, int(row.paid), row.payer_control, day)
        ranks = found.setdefault(one.claim_id, {})
        known = ranks.get(one.rank)
        if known is None or (known.day, known.id) < (one.day, one.id):
            ranks[one.rank] = one
    return found, taken_back


def _answering(w: Work, claim_ids: Sequence[int], as_of: date | None) -> Select[Any]:
    named = ("id", "claim_id", "rank", "paid", "payer_control", "live")
    query = (
        select(
            *(_remit_claim.c[name] for name in named),
            _remit.c.produced,
            _remit.c.issued,
            _remit.c.effective_date,
        )
        .join(_remit, _remit.c.id == _remit_claim.c.remit_id)
        .where(
            w.within(_remit_claim.c.entity_id),
            _remit_claim.c.claim_id.in_(claim_ids),
            _remit_claim.c.state.in_(("posted", "reversed")),
            _remit_claim.c.status.not_in(NOT_ANSWERS),
        )
    )
    if as_of is None:
        return query
    back, back_remit = _remit_claim.alias("back"), _remit.alias("back_remit")
    gone = and_(back.c.reverses_id == _remit_claim.c.id, back.c.state == "posted")
    # An EOB put out of force counts on no day: its entries were taken back on its own.
    taken_back = func.coalesce(back_remit.c.id, _remit_claim.c.superseded_by_id)
    return (
        query.add_columns(taken_back.label("reversed_id"))
        .outerjoin(back, gone)
        .outerjoin(back_remit, and_(back_remit.c.id == back.c.remit_id, back_remit.c.effective_date <= as_of))
        .where(_remit.c.effective_date <= as_of)
    )


def _adjusted(w: Work, remit_claim_ids: Sequence[int]) -> dict[int, list[Any]]:
    """What adjudications say, summed by group, reason and whether it denies."""
    named = (_adjustment.c.remit_claim_id, _adjustment.c.cas_group, _adjustment.c.carc, _adjustment.c.denies)
    query = select(*named, func.sum(_adjustment.c.amount).label("cents"))
    found: dict[int, list[Any]] = {}
    for row in w.db.execute(query.where(_adjustment.c.remit_claim_id.in_(remit_claim_ids)).group_by(*named)):
        found.setdefault(int(row.remit_claim_id), []).append(row)
    return found


def _figures(
    claim_id: int,
    charge: int,
    net: dict[int, int],
    standing: list[_Answer],
    said: dict[int, list[Any]],
    *,
    taken_back: bool,
) -> Figures:
    paid = sum(net.get(int(account), 0) for account in RECEIVED) - net.get(FROM_PATIENT, 0)
    written_down = sum(net.get(int(account), 0) for account in WRITTEN_DOWN)
    rows = [row for one in standing for row in said.get(one.id, ())]
    share = sum(int(row.cents) for row in rows if row.cas_group == "PR")
    refused = sum(int(row.cents) for row in rows if row.denies and row.cas_group != "PR")
    other = charge - paid - written_down - share - refused if standing else 0
    first = standing[0] if standing else None
    return Figures(
        claim_id=claim_id,
        charge=Money(charge),
        allowed=Money(allowed(first.paid, first.rank, said.get(first.id, ())) if first else 0),
        payer_paid=Money(paid),
        contractual=Money(written_down),
        patient_responsibility=Money(share),
        denied=Money(refused),
        other_adjustments=Money(other),
        payer_balance=Money(net.get(int(Account.AR_PAYER), 0)),
        patient_balance=Money(net.get(int(Account.AR_PATIENT), 0)),
        status=_status(standing, paid, any(row.denies for row in rows), taken_back=taken_back),
        payer_claim_id=first.payer_control if first else "",
        adjudications=len(standing),
    )


def allowed(paid: int, rank: int, adjustments: Sequence[Any]) -> int:
    """What an adjudication allowed, in cents (contracts section 5); PR-45 is not part of it."""
    found = paid
    for row in adjustments:
        share = row.cas_group == "PR" and row.carc in ALLOWED_SHARE
        prior = rank > 1 and row.cas_group == "OA" and row.carc == PRIOR_PAYER
        if share or prior or row.carc in ALLOWED_REDUCTIONS:
            found += int(row.cents)
    return found


def _status(standing: list[_Answer], paid: int, denies: bool, *, taken_back: bool) -> str:
    if not standing:
        return "reversed" if taken_back else "unanswered"
    if denies:
        return "partly_denied" if paid else "denied"
    return "paid" if paid else "paid_nothing"


# ---------------------------------------------------------------- export claims


@dataclass(frozen=True, slots=True)
class ClaimExport:
    """A row of `export claims`. `entity` is the billing tax id, its NPI where the tax id is a person's."""

    entity: str
    claim_id: str
    kind: str
    payer: str
    payer_claim_id: str
    status: str
    service_from: date | None
    service_to: date | None
    figures: Figures


def _of(name: str) -> Any:
    return lambda row: getattr(row.figures, name)


CLAIM_COLUMNS = [
    Column("entity", "entity", Kind.CODE),
    Column("claim_id", "claim_id", Kind.CODE),
    Column("kind", "kind", Kind.CODE),
    Column("payer", "payer"),
    Column("payer_claim_id", "payer_claim_id", Kind.CODE),
    Column("status", "status", Kind.CODE),
    Column("service_from", "service_from", Kind.DAY),
    Column("service_to", "service_to", Kind.DAY),
    *(
        Column(name, name, Kind.MONEY, value=_of(name))
        for name in (
            "charge", "allowed", "payer_paid", "contractual", "patient_responsibility", "denied",
            "other_adjustments", "payer_balance", "patient_balance",
        )
    ),
]  # fmt: skip


def tax_ids(w: Work) -> dict[int, str]:
    """How exports name an entity: its tax id, else its NPI; a tax id that is a person's never leaves."""
    query = select(_identifier.c.entity_id, _identifier.c.kind, _identifier.c.value).where(
        w.within(_identifier.c.entity_id), _identifier.c.value.is_not(None)
    )
    found: dict[int, tuple[int, str]] = {}
    order = {"tax_id": 0, "npi": 1}
    for entity_id, kind, value in w.db.execute(query.order_by(_identifier.c.id)):
        place = (order.get(kind, 2), value)
        if entity_id not in found or place[0] < found[entity_id][0]:
            found[entity_id] = place
    return {entity_id: value for entity_id, (_, value) in found.items()}


def export_claims(w: Work, as_of: date | None = None) -> tuple[list[Column], Iterator[ClaimExport]]:
    """`export claims`: every claim on the books with its figures, in the order they came in.

    as_of: the figures of that day; claims with no charge by then are left out.
    """
    return CLAIM_COLUMNS, _claims(w, as_of)


def _claims(w: Work, as_of: date | None) -> Iterator[ClaimExport]:
    entities = tax_ids(w)
    last = -1
    while chunk := list(w.db.execute(_heads(w, last))):
        last = chunk[-1].id
        found = figures(w, [row.id for row in chunk], as_of=as_of)
        for row in chunk:
            one = found[row.id]
            if as_of is not None and not one.charge and not one.adjudications:
                continue
            yield ClaimExport(
                entities.get(row.entity_id, ""), row.control, row.kind, row.payer or "", one.payer_claim_id,
                one.status, row.service_from, row.service_to, one,
            )  # fmt: skip


def _heads(w: Work, last: int) -> Select[Any]:
    named = ("id", "entity_id", "control", "kind", "service_from", "service_to")
    return (
        select(*(_claim.c[name] for name in named), _payer.c.name.label("payer"))
        .outerjoin(_covered, and_(_covered.c.claim_id == _claim.c.id, _covered.c.rank == 1))
        .outerjoin(_payer, _payer.c.id == _covered.c.payer_id)
        .where(
            w.within(_claim.c.entity_id),
            _claim.c.id > last,
            or_(_claim.c.encounter.is_(None), ~_claim.c.encounter.startswith(UNDONE)),
        )
        .order_by(_claim.c.id)
        .limit(CHUNK)
    )
