"""Posting a remit: each CLP matched, its money in the ledger, or parked with its cash; a batch at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import insert, select, update

from app.intake.translate import Found
from app.kernel.bulk import next_batch
from app.kernel.crypto import keyring
from app.kernel.db import table_of
from app.kernel.ids import SLOT_BITS, public_ids, unpack
from app.kernel.limits import BATCH_CLAIMS
from app.kernel.work import Work
from app.ledger import rules as ledger_rules
from app.ledger import service as ledger
from app.ledger.entry import Basis, Source, Transfer
from app.ledger.rules import Adjusted, Amount, ClaimMoney, Effect, LineMoney
from app.remits import rules, service_expected
from app.remits import service_fhir as fhir
from app.remits.lifecycle import State
from app.remits.models import Remit, RemitClaim
from app.remits.rules import Match, Posted, PostedClaim
from app.remits.rules_fhir import NEWER_CAME, REMIT_CAME, REMIT_STANDS
from app.remits.service_decide import NOTHING_TOLD, Clp, Decision, Told, decide, kept
from app.remits.service_lookup import Known, look_up
from app.remits.service_rows import Meanings, Money, Rows, base_of, first_day, money_rows

_remit, _claim = table_of(Remit), table_of(RemitClaim)
MEMBERS_KEPT = 20_000


@dataclass(frozen=True)
class Taking:
    """The remit being posted: whose it is, who pays, when, and the batch that takes its entries.

    cash: False for an EOB, which says what was paid and brings nothing (RFHIR-12).
    """

    remit_id: int
    transaction_id: int
    entity_id: int
    payer_id: int
    file_no: int
    effective_date: date
    remit_date: date
    meanings: Meanings
    ledger: ledger.Batch
    members: dict[str, str] = field(default_factory=dict)
    cash: bool = True

    def member_lookup(self, member: str) -> str:
        """The blind index of a member id; patients come back in a remit, so the last ones are remembered."""
        found = self.members.get(member)
        if found is None:
            if len(self.members) >= MEMBERS_KEPT:
                self.members.clear()
            found = self.members[member] = keyring().blind(member, "patient.member")
        return found


@dataclass
class Done:
    """What a batch became: the posted claims, and each parked one with its reason.

    superseded: EOBs put out of force, each with the claim that did it; told: in what they differ from it.
    """

    posted: Posted
    parked: list[tuple[int, str]] = field(default_factory=list)
    parked_cash: dict[int, int] = field(default_factory=dict)
    findings: list[tuple[int, Found]] = field(default_factory=list)
    lines: int = 0
    superseded: dict[int, int] = field(default_factory=dict)
    told: list[tuple[int, Found]] = field(default_factory=list)


def earlier(w: Work, entity_id: int, payer_company: str, trace: str) -> Sequence[Any]:
    """The posted remits of a payer and trace: (id, content_hash, occurrence, paid, issued), by occurrence."""
    same = (_remit.c.entity_id == entity_id, _remit.c.payer_company == payer_company, _remit.c.trace == trace)
    columns = (_remit.c.id, _remit.c.content_hash, _remit.c.occurrence, _remit.c.paid, _remit.c.issued)
    return w.db.execute(select(*columns).where(*same).order_by(_remit.c.occurrence)).all()


def take_in(w: Work, values: dict[str, Any]) -> None:
    """Write a remit's header row; the database refuses a second of the same payer, trace and occurrence."""
    w.db.execute(insert(_remit).values(state=State.POSTED.value, recorded_at=w.now, **values))


def finish(w: Work, remit_id: int, **totals: int) -> None:
    """Write what is known at the end of a remit: number of claims, what they paid, the provider total."""
    w.db.execute(update(_remit).where(_remit.c.id == remit_id).values(**totals))


def sub_batches(claims: Iterable[Any]) -> Iterable[list[Any]]:
    """Batches of CLPs in file order; a reversal starts a new one when its claim is in the present one."""
    batch: list[Any] = []
    controls: set[str] = set()
    for clp in claims:
        again = clp.status == rules.REVERSAL and clp.payer_control in controls
        if batch and (len(batch) >= BATCH_CLAIMS or again):
            yield batch
            batch, controls = [], set()
        batch.append(clp)
        if clp.status != rules.REVERSAL:
            controls.add(clp.payer_control)
    if batch:
        yield batch


def would_post(
    w: Work, entity_id: int, file_no: int, batch: Sequence[Any], told: Told, *, eob: int | None = None
) -> dict[int, str | None]:
    """Why each CLP of a batch still waits, None for those that would post now, by key; nothing is written."""
    known = look_up(w, entity_id, batch, list(told.claims.values()), eob=eob)
    base = base_of(file_no)
    found = {}
    for clp in batch:
        key = base | clp.segment << SLOT_BITS
        decided = decide(Clp(clp, key, "", kept(told, key, clp)), known, told)
        found[key] = decided.reason if decided.state is State.PARKED else None
    return found


def post(w: Work, taking: Taking, batch: Sequence[Any], told: Told = NOTHING_TOLD) -> Done:
    """Post a batch of CLPs: rows, ledger entries, parked cash.

    A fixed number of statements whatever the size of the batch.
    """
    next_batch()
    eob = None if taking.cash else taking.remit_id
    known = look_up(w, taking.entity_id, batch, list(told.claims.values()), eob=eob)
    base = base_of(taking.file_no)
    rows = Rows(base, taking.meanings)
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
        taking.cash,
    )
    done = Done(posted)
    taken_back: list[int] = []
    made: list[tuple[Clp, Decision, Money]] = []
    for clp, public in zip(batch, public_ids(len(batch)), strict=True):
        key = base | clp.segment << SLOT_BITS
        one = Clp(clp, key, told.publics.get(key, public), kept(told, key, clp) if clp.findings else [])
        done.findings += [(one.key, finding) for finding in one.findings]
        done.lines += len(clp.services)
        decided = decide(one, known, told)
        money = _rows_of(taking, one, decided, known, rows)
        made.append((one, decided, money))
        _note_eobs(w, taking, one, decided, done)
        if decided.state is State.PARKED:
            done.parked.append((one.key, decided.reason or ""))
            done.parked_cash[one.key] = clp.paid
        elif decided.state is State.POSTED:
            posted.claims.append(_posted_claim(one, decided, money))
        if decided.reverses is not None and decided.state is State.POSTED:
            taken_back.append(decided.reverses.id)
    prices = service_expected.expected(w, taking.entity_id, taking.payer_id, made)
    for one, decided, money in made:
        if one.key in prices:
            money = service_expected.cut(one, money, prices[one.key], taking.meanings)
        rows.transfers += _transfers(taking, one, decided, known, money)
    retire(w, taken_back)
    if done.superseded:
        reason = REMIT_CAME if taking.cash else NEWER_CAME
        fhir.retire(w, taking.ledger, done.superseded, reason)
    rows.write(w)
    taking.ledger.add(rows.transfers)
    return done


def _note_eobs(w: Work, taking: Taking, one: Clp, decided: Decision, done: Done) -> None:
    """What a CLP means for EOBs: those it puts out of force, and in which figures they differ from it."""
    done.superseded |= dict.fromkeys(decided.supersedes, one.key)
    if taking.cash:
        if decided.supersedes:
            found = fhir.compare(w, dict.fromkeys(decided.supersedes, one.clp))
            done.told += [(one.key, finding) for _, finding in found]
        return
    claim_id = decided.match.claim_id if decided.match else None
    fhir.stands(w, taking.remit_id, claim_id, standing=decided.state is State.POSTED)
    if decided.reason == REMIT_STANDS and claim_id is not None and decided.eob is not None:
        done.told += fhir.compare_attached(w, decided.eob, claim_id, one.clp)


def retire(w: Work, remit_claim_ids: Sequence[int]) -> None:
    """These adjudications no longer stand: a reversal took them back."""
    if remit_claim_ids:
        change = dict(live=False, state=State.REVERSED.value)
        w.db.execute(update(_claim).where(_claim.c.id.in_(remit_claim_ids)).values(**change))


def _rows_of(taking: Taking, one: Clp, decided: Decision, known: Known, rows: Rows) -> Money:
    """Add the rows of one decided CLP; returns its money."""
    billed = known.lines.get(decided.match.claim_id, ()) if decided.match else ()
    money = money_rows(rows, one.clp, one.key, billed)
    rows.claims.append(_claim_row(taking, one, decided, money))
    return money


def _transfers(taking: Taking, one: Clp, decided: Decision, known: Known, money: Money) -> Sequence[Transfer]:
    """What one decided CLP moves in the ledger."""
    clp, match = one.clp, decided.match
    if decided.state is State.PARKED and taking.cash:
        paid = Amount(clp.paid, Source(one.key, clp.byte, 4))
        return ledger_rules.unapplied(one.key, taking.payer_id, paid)
    if decided.reverses is not None:
        return known.entries.get(decided.reverses.id, ())
    if decided.state is State.POSTED and match is not None and clp.status != rules.FORWARDED:
        if clp.status in rules.CROSSED_OVER:
            known.ranks.setdefault(match.claim_id, []).append(decided.rank + 1)
        posted = _claim_money(taking.payer_id, one, decided, money, known)
        return ledger_rules.adjudication(posted._replace(cash=taking.cash))
    return ()


def _claim_money(payer_id: int | None, one: Clp, decided: Decision, money: Money, known: Known) -> ClaimMoney:
    """The money of a matched CLP as the ledger's rules take it, contractual capped where R835-40 asks."""
    key, rank, claim_id = one.key, decided.rank, decided.match.claim_id if decided.match else 0
    paid = Amount(one.clp.paid, Source(key, one.clp.byte, 4))
    following = ledger_rules.next_rank(rank, known.ranks.get(claim_id, ()))
    lines, own = money.lines, money.adjustments
    if rank > 1 and not money.has_prior_payer:
        lines, own = _capped(money, known.open.get(claim_id, 0) - paid.cents)
    known.open[claim_id] = known.open.get(claim_id, 0) - paid.cents
    return ClaimMoney(claim_id, key, payer_id, rank, following, paid, lines, own, money.by_line)


def _capped(money: Money, room: int) -> tuple[Sequence[LineMoney], Sequence[Adjusted]]:
    """R835-40: without OA-23 a secondary's contractual may not exceed what is open; the rest informs only."""
    left = max(0, room)

    def cap(adjusted: Sequence[Adjusted]) -> Sequence[Adjusted]:
        nonlocal left
        kept = []
        for one in adjusted:
            if one.effect is Effect.CONTRACTUAL and one.cents > 0:
                cents = min(one.cents, left)
                left -= cents
                basis = int(Basis.PART) if cents != one.cents else one.basis
                kept.append(Adjusted(one.effect, cents, one.source, basis))
            else:
                kept.append(one)
        return kept

    lines = tuple(LineMoney(line.line_id, line.paid, cap(line.adjustments)) for line in money.lines)
    return lines, cap(money.adjustments)


def _claim_row(taking: Taking, one: Clp, decided: Decision, money: Money) -> tuple[Any, ...]:
    """The row of a CLP in the order of `service_rows.CLAIM`."""
    clp, match, patient, reverses = one.clp, decided.match, one.clp.patient, decided.reverses
    live = decided.state is State.POSTED and reverses is None and clp.status != rules.REVERSAL
    named: tuple[str, str, str | None] = ("", "", None)
    if patient:
        named = (
            patient.last[:80],
            patient.first[:60],
            taking.member_lookup(patient.id) if patient.id else None,
        )
    original = next((value[:50] for value in clp.refs["F8"]), None) if "F8" in clp.refs else None
    told = (clp.filing[:2], clp.payer_control[:50], original, clp.frequency[:2])
    found = (match.claim_id, match.how, match.score, match.reason) if match else (None, None, None, None)
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
        *told,
        *named,
        clp.crossover.last[:80] if clp.crossover else None,
        first_day(clp),
        decided.state.value,
        decided.reason,
        live,
        *found,
        reverses.id if reverses is not None else None,
        money.by_line,
        clp.byte,
        clp.byte_end,
        clp.segment_count,
        1,
    )


def posted_again(w: Work, remit: Any, clp: Any, meanings: Meanings) -> Posted:
    """An EOB whose rows are on the books, as its posting handed it on; nothing is written."""
    key = int(remit.id)
    row = w.db.execute(select(_claim).where(_claim.c.id == key)).one()
    known = look_up(w, remit.entity_id, [clp], [row.claim_id])
    match = Match(
        row.claim_id, known.patients[row.claim_id], row.match_how, row.match_score, row.match_reason
    )
    rows = Rows(base_of(unpack(key).file_no), meanings)
    money = money_rows(rows, clp, key, known.lines.get(row.claim_id, ()))
    decided = Decision(State.POSTED, match=match, rank=row.rank)
    posted = _posted_claim(Clp(clp, key, row.public_id, []), decided, money)
    days = remit.produced or remit.effective_date, remit.effective_date
    origin = {"payer": remit.payer_id}
    return Posted(remit.entity_id, key, key, remit.payer_id, *days, [posted], meanings.book, origin, False)


def _posted_claim(one: Clp, decided: Decision, money: Money) -> PostedClaim:
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
