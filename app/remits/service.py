"""Posting a remit: each CLP matched, its money in the ledger, or parked with its cash; a batch at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import insert, select, update

from app.intake.translate import Found, found_all
from app.kernel.bulk import next_batch
from app.kernel.crypto import keyring
from app.kernel.db import table_of
from app.kernel.ids import SLOT_BITS, public_ids
from app.kernel.limits import BATCH_CLAIMS
from app.kernel.work import Work
from app.ledger import rules as ledger_rules
from app.ledger import service as ledger
from app.ledger.entry import Source
from app.ledger.rules import Adjusted, Amount, ClaimMoney, Effect, LineMoney
from app.remits import rules
from app.remits.lifecycle import State
from app.remits.models import Remit, RemitClaim
from app.remits.rules import Match, Posted, PostedClaim
from app.remits.service_lookup import Known, look_up, payer_controls
from app.remits.service_rows import Meanings, Money, Rows, base_of, first_day, money_rows

_remit, _claim = table_of(Remit), table_of(RemitClaim)
MEMBERS_KEPT = 20_000


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
    members: dict[str, str] = field(default_factory=dict)

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
    """What a batch became: the posted claims, and each parked one with its reason."""

    posted: Posted
    parked: list[tuple[int, str]] = field(default_factory=list)
    parked_cash: dict[int, int] = field(default_factory=dict)
    findings: list[tuple[int, Found]] = field(default_factory=list)
    lines: int = 0


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


@dataclass(frozen=True)
class Told:
    """What a person said of parked claims, by key: which claim it is, is it taken as sent, and its old id."""

    publics: dict[int, str] = field(default_factory=dict)
    versions: dict[int, int] = field(default_factory=dict)
    claims: dict[int, int] = field(default_factory=dict)
    accepted: frozenset[int] = frozenset()


def would_post(
    w: Work, entity_id: int, file_no: int, batch: Sequence[Any], told: Told
) -> dict[int, str | None]:
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
    next_batch()
    known = look_up(w, taking.entity_id, batch, list(told.claims.values()))
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
    )
    done = Done(posted)
    taken_back: list[int] = []
    for clp, public in zip(batch, public_ids(len(batch)), strict=True):
        key = base | clp.segment << SLOT_BITS
        one = _Clp(clp, key, told.publics.get(key, public), _kept(told, key, clp) if clp.findings else [])
        done.findings += [(one.key, finding) for finding in one.findings]
        done.lines += len(clp.services)
        decided = _decide(one, known, told)
        made = _apply(taking, one, decided, known, rows)
        if decided.reason:
            done.parked.append((one.key, decided.reason))
            done.parked_cash[one.key] = clp.paid
        elif decided.state is State.POSTED:
            posted.claims.append(_posted_claim(one, decided, made))
        if decided.reverses is not None and not decided.reason:
            taken_back.append(decided.reverses.id)
    retire(w, taken_back)
    rows.write(w)
    taking.ledger.add(rows.transfers)
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
    """Post, estimate or park, and why; first comes what is wrong in the file, then what is unknown here."""
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
    same_control, same_payer = known.by_control.get(clp.control, ()), known.by_payer_control
    named = payer_controls(clp) if same_payer and not same_control else ()
    return rules.match_claim(
        cents=clp.charge,
        last=clp.patient.last if clp.patient else "",
        service_from=first_day(clp),
        same_control=same_control,
        same_payer=[candidate for each in named for candidate in same_payer.get(each, ())],
    )


def _decide_reversal(one: _Clp, known: Known) -> _Decision:
    clp = one.clp
    originals = [
        row
        for named in payer_controls(clp)
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
    for named in payer_controls(clp):
        known.live_by_control[named] = [
            row for row in known.live_by_control.get(named, ()) if row is not original
        ]
    known.live.pop((original.payer_control, original.rank), None)
    match = Match(original.claim_id, original.patient_id, "reversal", 100, "takes back what was posted")
    return _Decision(State.POSTED, match=match, reverses=original, rank=original.rank)


def _apply(taking: Taking, one: _Clp, decided: _Decision, known: Known, rows: Rows) -> Money:
    """Add the rows and transfers of one decided CLP."""
    clp, match, transfers = one.clp, decided.match, rows.transfers
    billed = known.lines.get(match.claim_id, ()) if match else ()
    money = money_rows(rows, clp, one.key, billed)
    rows.claims.append(_claim_row(taking, one, decided, money))
    if decided.state is State.PARKED:
        paid = Amount(clp.paid, Source(one.key, clp.byte, 4))
        transfers += ledger_rules.unapplied(one.key, taking.payer_id, paid)
    elif decided.reverses is not None:
        transfers += known.entries.get(decided.reverses.id, ())
    elif decided.state is State.POSTED and match is not None and clp.status != rules.FORWARDED:
        if clp.status in rules.CROSSED_OVER:
            known.ranks.setdefault(match.claim_id, []).append(decided.rank + 1)
        transfers += ledger_rules.adjudication(_claim_money(taking.payer_id, one, decided, money, known))
    return money


def _claim_money(
    payer_id: int | None, one: _Clp, decided: _Decision, money: Money, known: Known
) -> ClaimMoney:
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
                kept.append(Adjusted(one.effect, cents, one.source, cents != one.cents))
            else:
                kept.append(one)
        return kept

    lines = tuple(LineMoney(line.line_id, line.paid, cap(line.adjustments)) for line in money.lines)
    return lines, cap(money.adjustments)


def _claim_row(taking: Taking, one: _Clp, decided: _Decision, money: Money) -> tuple[Any, ...]:
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
