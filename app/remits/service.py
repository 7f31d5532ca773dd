"""Posting a remit: each CLP matched, its money in the ledger, or parked with its cash; a batch at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import func, insert, select, update

from app.claims.models import Claim, ClaimLine, ClaimPayer, ClaimVersion
from app.intake.translate import Found, found_all
from app.kernel.crypto import keyring
from app.kernel.db import table_of
from app.kernel.ids import SLOT_BITS, public_ids
from app.kernel.work import Work
from app.ledger import rules as ledger_rules
from app.ledger import service as ledger
from app.ledger.entry import Source, Transfer
from app.ledger.models import ClaimBalance
from app.ledger.rules import Amount, ClaimMoney, Effect
from app.patients.models import Patient
from app.remits import rules
from app.remits.lifecycle import State
from app.remits.models import Remit, RemitAdjustment, RemitClaim
from app.remits.rules import BilledLine, Candidate, Match, Posted, PostedClaim
from app.remits.service_rows import Meanings, Money, Rows, base_of, first_day, money_rows

_remit, _claim = table_of(Remit), table_of(RemitClaim)
_adjustment, _billed = table_of(RemitAdjustment), table_of(Claim)
_version, _line, _payer = table_of(ClaimVersion), table_of(ClaimLine), table_of(ClaimPayer)
_patient, _balance = table_of(Patient), table_of(ClaimBalance)


@dataclass(frozen=True)
class Taking:
    """The remit being posted: whose it is, who pays, when, and the batch that takes its entries."""

    remit_id: int
    transaction_id: int
    entity_id: int
    payer_id: int
    file_no: int
    effective_date: date
    remit_date: date
    meanings: Meanings
    ledger: ledger.Batch


@dataclass
class Known:
    """What the books know that a batch of CLPs may touch, read set-wise."""

    by_control: dict[str, list[Candidate]] = field(default_factory=dict)
    by_payer_control: dict[str, list[Candidate]] = field(default_factory=dict)
    lines: dict[int, list[BilledLine]] = field(default_factory=dict)
    ranks: dict[int, list[int]] = field(default_factory=dict)
    live: dict[tuple[str, int], Any] = field(default_factory=dict)
    live_by_control: dict[str, list[Any]] = field(default_factory=dict)
    posted: dict[int, dict[tuple[str, str], int]] = field(default_factory=dict)
    entries: dict[int, list[Transfer]] = field(default_factory=dict)
    open: dict[int, int] = field(default_factory=dict)
    patients: dict[int, int] = field(default_factory=dict)


@dataclass
class Done:
    """What a batch became: the posted claims, and each parked one with its reason."""

    posted: Posted
    parked: list[tuple[int, str]] = field(default_factory=list)
    parked_cash: dict[int, int] = field(default_factory=dict)
    findings: list[tuple[int, Found]] = field(default_factory=list)
    lines: int = 0


def earlier(w: Work, entity_id: int, payer_company: str, trace: str) -> Sequence[Any]:
    """The posted remits of one payer and trace: (id, content_hash, occurrence, paid, issued), by occurrence."""
    same = (_remit.c.entity_id == entity_id, _remit.c.payer_company == payer_company, _remit.c.trace == trace)
    columns = (_remit.c.id, _remit.c.content_hash, _remit.c.occurrence, _remit.c.paid, _remit.c.issued)
    return w.db.execute(select(*columns).where(*same).order_by(_remit.c.occurrence)).all()


def take_in(w: Work, values: dict[str, Any]) -> None:
    """Write a remit's header row; the database refuses a second one of the same payer, trace and occurrence."""
    w.db.execute(insert(_remit).values(state=State.POSTED.value, recorded_at=w.now, **values))


def finish(w: Work, remit_id: int, **totals: int) -> None:
    """Write what is known at the end of a remit: number of claims, what they paid, the provider total."""
    w.db.execute(update(_remit).where(_remit.c.id == remit_id).values(**totals))


def sub_batches(claims: Iterable[Any], size: int = 2_000) -> Iterable[list[Any]]:
    """Batches of CLPs in file order; a reversal starts a new one when it takes back a claim of the present one."""
    batch: list[Any] = []
    controls: set[str] = set()
    for clp in claims:
        again = clp.status == rules.REVERSAL and clp.payer_control in controls
        if batch and (len(batch) >= size or again):
            yield batch
            batch, controls = [], set()
        batch.append(clp)
        if clp.status != rules.REVERSAL:
            controls.add(clp.payer_control)
    if batch:
        yield batch


@dataclass(frozen=True)
class Told:
    """What a person said of parked claims, by key: which claim it is, whether to take it as sent; and its old id."""

    publics: dict[int, str] = field(default_factory=dict)
    versions: dict[int, int] = field(default_factory=dict)
    claims: dict[int, int] = field(default_factory=dict)
    accepted: frozenset[int] = frozenset()


def would_post(w: Work, entity_id: int, file_no: int, batch: Sequence[Any], told: Told) -> dict[int, str | None]:
    """Why each CLP of a batch still waits, None for those that would post now, by key; nothing is written."""
    known = look_up(w, entity_id, batch, list(told.claims.values()))
    base = base_of(file_no)
    found = {}
    for clp in batch:
        key = base | clp.segment << SLOT_BITS
        found[key] = _decide(_Clp(clp, key, "", _kept(told, key, clp)), known, told).reason
    return found


def _kept(told: Told, key: int, clp: Any) -> list[Found]:
    """The findings that still count: a person who accepts a claim as sent has seen them."""
    return [] if key in told.accepted else found_all(clp.findings)


def post(w: Work, taking: Taking, batch: Sequence[Any], told: Told = Told()) -> Done:
    """Post a batch of CLPs: rows, ledger entries, parked cash.

    A fixed number of statements whatever the size of the batch.
    """
    known = look_up(w, taking.entity_id, batch, list(told.claims.values()))
    rows, transfers = Rows(), []
    origin = {"payer": taking.payer_id}
    posted = Posted(
        taking.entity_id,
        taking.remit_id,
        taking.transaction_id,
        taking.payer_id,
        taking.remit_date,
        taking.effective_date,
        [],
        taking.meanings.book,
        origin,
    )
    done = Done(posted)
    taken_back: list[int] = []
    base = base_of(taking.file_no)
    for clp, public in zip(batch, public_ids(len(batch)), strict=True):
        key = base | clp.segment << SLOT_BITS
        one = _Clp(clp, key, told.publics.get(key, public), _kept(told, key, clp) if clp.findings else [])
        done.findings += [(one.key, finding) for finding in one.findings]
        done.lines += len(clp.services)
        decided = _decide(one, known, told)
        made = _apply(taking, one, decided, known, rows, transfers, base)
        if decided.reason:
            done.parked.append((one.key, decided.reason))
            done.parked_cash[one.key] = clp.paid
        elif decided.state is State.POSTED:
            posted.claims.append(_posted_claim(one, decided, made))
        if decided.reverses is not None and not decided.reason:
            taken_back.append(decided.reverses.id)
    retire(w, taken_back)
    rows.write(w)
    taking.ledger.add(transfers)
    return done


def retire(w: Work, remit_claim_ids: Sequence[int]) -> None:
    """These adjudications no longer stand: a reversal took them back."""
    if remit_claim_ids:
        change = dict(live=False, state=State.REVERSED.value)
        w.db.execute(update(_claim).where(_claim.c.id.in_(remit_claim_ids)).values(**change))


@dataclass(slots=True)
class _Clp:
    clp: Any
    key: int
    public: str
    findings: list[Found]


@dataclass(slots=True)
class _Decision:
    state: State
    reason: str | None = None
    match: Match | None = None
    reverses: Any = None
    rank: int = 1


def _decide(one: _Clp, known: Known, told: Told) -> _Decision:
    """Post, estimate or park, and why; the order is from what is wrong in the file to what is unknown here."""
    clp = one.clp
    rank = rules.rank_of(clp.status)
    broken = next((finding.code for finding in one.findings if finding.does in ("park", "hold")), None)
    if clp.status == rules.PREDETERMINATION:
        return _Decision(State.ESTIMATE, rank=rank)
    if broken or clp.status not in rules.PROCESSED:
        return _Decision(State.PARKED, broken or "835.unknown_status", rank=rank)
    if clp.status == rules.REVERSAL:
        return _decide_reversal(one, known)
    if (clp.payer_control, rank) in known.live and clp.payer_control:
        return _Decision(State.PARKED, "remit.same_adjudication", rank=rank)
    if one.key in told.claims:
        found: Match | str = _told(told.claims[one.key], known)
    else:
        found = _match(clp, known)
    if isinstance(found, str):
        return _Decision(State.PARKED, found, rank=rank)
    if clp.payer_control:
        known.live[clp.payer_control, rank] = one
    return _Decision(State.POSTED, match=found, rank=rank)


def _told(claim_id: int, known: Known) -> Match:
    return Match(claim_id, known.patients[claim_id], "person", 100, "linked by a person")


def _match(clp: Any, known: Known) -> Match | str:
    return rules.match_claim(
        cents=clp.charge,
        last=clp.patient.last if clp.patient else "",
        service_from=first_day(clp),
        same_control=known.by_control.get(clp.control, ()),
        same_payer=[
            candidate for named in _payer_controls(clp) for candidate in known.by_payer_control.get(named, ())
        ],
    )


def _payer_controls(clp: Any) -> list[str]:
    return [value for value in (*clp.refs.get("F8", ()), clp.payer_control) if value]


def _decide_reversal(one: _Clp, known: Known) -> _Decision:
    clp = one.clp
    originals = [
        row
        for named in _payer_controls(clp)
        for row in known.live_by_control.get(named, ())
        if row.control == clp.control and abs(row.charge) == abs(clp.charge)
    ]
    if not originals:
        return _Decision(State.PARKED, "remit.no_original")
    original = originals[0]
    totals: dict[tuple[str, str], int] = {}
    for each in (*clp.adjustments, *(each for svc in clp.services for each in svc.adjustments)):
        totals[each.group, each.reason] = totals.get((each.group, each.reason), 0) + each.cents
    if not rules.same_negated(known.posted.get(original.id, {}), totals, int(original.paid), clp.paid):
        return _Decision(State.PARKED, "remit.reversal_differs", rank=original.rank)
    for named in _payer_controls(clp):
        known.live_by_control[named] = [row for row in known.live_by_control.get(named, ()) if row is not original]
    known.live.pop((original.payer_control, original.rank), None)
    match = Match(original.claim_id, original.patient_id, "reversal", 100, "takes back what was posted")
    return _Decision(State.POSTED, match=match, reverses=original, rank=original.rank)


def _apply(
    taking: Taking, one: _Clp, decided: _Decision, known: Known, rows: Rows, transfers: list[Transfer], base: int
) -> Money:
    """Add the rows and transfers of one decided CLP."""
    clp, match = one.clp, decided.match
    billed = known.lines.get(match.claim_id, ()) if match else ()
    money = money_rows(rows, clp, one.key, base, taking.meanings, billed)
    rows.claims.append(_claim_row(taking, one, decided, money))
    paid = Amount(clp.paid, Source(one.key, clp.byte, 4))
    if decided.state is State.PARKED:
        transfers += ledger_rules.unapplied(one.key, taking.payer_id, paid)
    elif decided.reverses is not None:
        transfers += known.entries.get(decided.reverses.id, ())
    elif decided.state is State.POSTED and match is not None and clp.status != rules.FORWARDED:
        if clp.status in rules.CROSSED_OVER:
            known.ranks.setdefault(match.claim_id, []).append(decided.rank + 1)
        transfers += ledger_rules.adjudication(
            claim_money(taking.payer_id, one.key, decided.rank, match.claim_id, paid, money, known)
        )
    return money


def claim_money(
    payer_id: int | None, key: int, rank: int, claim_id: int, paid: Amount, money: Money, known: Known
) -> ClaimMoney:
    """The money of a matched CLP as the ledger's rules take it, contractual capped where R835-40 asks."""
    following = ledger_rules.next_rank(rank, known.ranks.get(claim_id, ()))
    lines, own = money.lines, money.adjustments
    if rank > 1 and not money.has_prior_payer:
        lines, own = _capped(money, known.open.get(claim_id, 0) - paid.cents)
    known.open[claim_id] = known.open.get(claim_id, 0) - paid.cents
    return ClaimMoney(claim_id, key, payer_id, rank, following, paid, lines, own, money.by_line)


def _capped(money: Money, room: int) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """R835-40: without OA-23 a secondary's contractual may not exceed what is open; the rest is only information."""
    left = max(0, room)

    def cap(adjusted: tuple[Any, ...]) -> tuple[Any, ...]:
        nonlocal left
        kept = []
        for one in adjusted:
            if one.effect is Effect.CONTRACTUAL and one.cents > 0:
                cents = min(one.cents, left)
                left -= cents
                kept.append(ledger_rules.Adjusted(one.effect, cents, one.source, cents != one.cents))
            else:
                kept.append(one)
        return tuple(kept)

    lines = tuple(ledger_rules.LineMoney(line.line_id, line.paid, cap(line.adjustments)) for line in money.lines)
    return lines, cap(money.adjustments)


def _claim_row(taking: Taking, one: _Clp, decided: _Decision, money: Money) -> tuple[Any, ...]:
    clp, match, patient = one.clp, decided.match, one.clp.patient
    live = decided.state is State.POSTED and decided.reverses is None and clp.status != rules.REVERSAL
    member = patient.id if patient else ""
    return (
        one.key,
        one.public,
        taking.remit_id,
        taking.entity_id,
        taking.payer_id,
        clp.control[:40],
        clp.status[:2],
        decided.rank,
        clp.charge,
        clp.paid,
        clp.patient_responsibility,
        clp.filing[:2],
        clp.payer_control[:50],
        next((value[:50] for value in clp.refs.get("F8", ())), None),
        clp.frequency[:2],
        (patient.last if patient else "")[:80],
        (patient.first if patient else "")[:60],
        keyring().blind(member, "patient.member") if member else None,
        clp.crossover.last[:80] if clp.crossover else None,
        first_day(clp),
        decided.state.value,
        decided.reason,
        live,
        match.claim_id if match else None,
        match.how if match else None,
        match.score if match else None,
        match.reason if match else None,
        decided.reverses.id if decided.reverses is not None else None,
        money.by_line,
        clp.byte,
        clp.byte_end,
        clp.segment_count,
        1,
    )


def _posted_claim(one: _Clp, decided: _Decision, money: Money) -> PostedClaim:
    clp, match = one.clp, decided.match
    day = first_day(clp)
    return PostedClaim(
        remit_claim_id=one.key,
        claim_id=match.claim_id if match else 0,
        patient_id=match.patient_id if match else None,
        control=clp.control,
        payer_control=clp.payer_control,
        status=clp.status,
        rank=decided.rank,
        filing=clp.filing,
        charge=clp.charge,
        paid=clp.paid,
        service_from=date.fromisoformat(day) if day else None,
        reverses=decided.reverses.id if decided.reverses is not None else None,
        lines=money.posted_lines,
        adjustments=money.posted_adjustments,
        remarks=money.remarks,
        public_id=one.public,
        segment=clp.segment,
        byte=clp.byte,
    )


def look_up(w: Work, entity_id: int, batch: Sequence[Any], claim_ids: Sequence[int] = ()) -> Known:
    """Everything a batch of CLPs may touch, in a fixed number of reads; `claim_ids` are claims a person named."""
    known = Known()
    controls = list({clp.control for clp in batch if clp.control})
    named = list({value for clp in batch for value in _payer_controls(clp)})
    for candidate in _candidates(w, _version.c.entity_id == entity_id, _version.c.control.in_(controls)):
        known.by_control.setdefault(candidate.control, []).append(candidate)
    wanted = {one.claim_id for found in known.by_control.values() for one in found} | set(claim_ids)
    _live(w, entity_id, named, known)
    missing = {row.claim_id for rows in known.live_by_control.values() for row in rows} - wanted - {None}
    unknown = [value for value in named if value not in known.live_by_control]
    wanted |= _by_payer_control(w, entity_id, known, unknown, controls) | missing
    if wanted:
        _lines_and_ranks(w, list(wanted), known)
    if claim_ids:
        people = select(_billed.c.id, _billed.c.patient_id).where(_billed.c.id.in_(claim_ids))
        known.patients = {row.id: row.patient_id for row in w.db.execute(people)}
    reversed_ids = [
        row.id for clp in batch if clp.status == rules.REVERSAL
        for value in _payer_controls(clp) for row in known.live_by_control.get(value, ())
    ]
    if reversed_ids:
        known.entries = ledger.reversing_claims(w, reversed_ids)
        _posted_totals(w, reversed_ids, known)
    if any(rules.rank_of(clp.status) > 1 for clp in batch):
        rows = w.db.execute(select(_balance.c.claim_id, _balance.c.payer).where(_balance.c.claim_id.in_(wanted)))
        known.open = {row.claim_id: int(row.payer) for row in rows}
    return known


def _candidates(w: Work, *conditions: Any) -> list[Candidate]:
    columns = (
        _billed.c.id, _billed.c.patient_id, _version.c.control, _billed.c.charge, _billed.c.service_from, _patient.c.last,
    )
    query = (
        select(*columns)
        .join(_billed, _billed.c.id == _version.c.claim_id)
        .join(_patient, _patient.c.id == _billed.c.patient_id)
        .where(*conditions, _version.c.state != "undone")
        .distinct()
    )
    rows = w.db.execute(query)
    return [Candidate(r[0], r[1], r[2], int(r[3]), r[4], (r[5] or "").upper()) for r in rows]


def _live(w: Work, entity_id: int, named: list[str], known: Known) -> None:
    columns = (
        _claim.c.id, _claim.c.claim_id, _claim.c.control, _claim.c.payer_control, _claim.c.rank, _claim.c.charge,
        _claim.c.paid, _billed.c.patient_id,
    )
    query = select(*columns).join(_billed, _billed.c.id == _claim.c.claim_id)
    query = query.where(_claim.c.entity_id == entity_id, _claim.c.payer_control.in_(named), _claim.c.live.is_(True))
    for row in w.db.execute(query):
        known.live[row.payer_control, row.rank] = row
        known.live_by_control.setdefault(row.payer_control, []).append(row)


def _by_payer_control(w: Work, entity_id: int, known: Known, named: list[str], controls: list[str]) -> set[int]:
    """Claims known by the payer's number, for CLPs whose own control number nobody knows."""
    if all(control in known.by_control for control in controls):
        return set()
    candidates: dict[int, Candidate] = {}
    pairs = w.db.execute(
        select(_claim.c.payer_control, _claim.c.claim_id)
        .where(_claim.c.entity_id == entity_id, _claim.c.payer_control.in_([*named, *known.live_by_control]))
        .where(_claim.c.claim_id.is_not(None))
        .distinct()
    ).all()
    for one in _candidates(w, _version.c.claim_id.in_({pair.claim_id for pair in pairs})):
        candidates[one.claim_id] = one
    for payer_control, claim_id in pairs:
        if claim_id in candidates:
            known.by_payer_control.setdefault(payer_control, []).append(candidates[claim_id])
    return set(candidates)


def _lines_and_ranks(w: Work, wanted: list[int], known: Known) -> None:
    lines = select(
        _line.c.claim_id, _line.c.id, _line.c.number, _line.c.control, _line.c.code, _line.c.modifiers,
        _line.c.revenue, _line.c.charge, _line.c.service_from,
    ).where(_line.c.claim_id.in_(wanted), _line.c.live.is_(True))
    for row in w.db.execute(lines):
        day = row.service_from.isoformat() if row.service_from else None
        facts = (row.id, row.number, row.control, row.code, row.modifiers, row.revenue, int(row.charge), day)
        known.lines.setdefault(row.claim_id, []).append(BilledLine(*facts))
    ranks = select(_payer.c.claim_id, _payer.c.rank).where(_payer.c.claim_id.in_(wanted))
    for claim_id, rank in w.db.execute(ranks):
        known.ranks.setdefault(claim_id, []).append(rank)


def _posted_totals(w: Work, remit_claim_ids: list[int], known: Known) -> None:
    columns = (_adjustment.c.remit_claim_id, _adjustment.c.cas_group, _adjustment.c.carc)
    query = select(*columns, func.sum(_adjustment.c.amount)).where(_adjustment.c.remit_claim_id.in_(remit_claim_ids))
    for claim_id, group, carc, cents in w.db.execute(query.group_by(*columns)):
        known.posted.setdefault(claim_id, {})[group, carc] = int(cents)
