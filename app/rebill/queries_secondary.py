"""What stands about claims with more than one payer, and what each payer said: for many claims at once."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import and_, case, func, or_, select

from app.claims.lifecycle import State as ClaimState
from app.claims.models import (
    ClaimAnswer,
    ClaimControl,
    ClaimLine,
    ClaimPayer,
    ClaimVersion,
    Transmission,
)
from app.claims.rules import RANKS
from app.intake.models import IntakeFile, IntakeTransaction
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.ids import unpack
from app.kernel.work import Work
from app.ledger.accounts import Account
from app.ledger.models import LedgerEntry
from app.rebill.lifecycle import Cause, Kind, State
from app.rebill.models import NextPayerLook, Rebill
from app.rebill.rules_answers import REFUSED
from app.rebill.rules_secondary import CROSSED_OVER, FORWARDED, Facts, Ours, PaidLine, Said, Standing
from app.remits.lifecycle import State as RemitState
from app.remits.models import Remit, RemitAdjustment, RemitClaim, RemitLine, RemitRemark
from app.worklist.models import WorklistItem

_covered, _version, _line = table_of(ClaimPayer), table_of(ClaimVersion), table_of(ClaimLine)
_control, _file, _rebill = table_of(ClaimControl), table_of(IntakeFile), table_of(Rebill)
_remit, _answer, _entry = table_of(Remit), table_of(RemitClaim), table_of(LedgerEntry)
_paid, _adjusted, _remark = table_of(RemitLine), table_of(RemitAdjustment), table_of(RemitRemark)
_look, _transaction, _item = table_of(NextPayerLook), table_of(IntakeTransaction), table_of(WorklistItem)
FROM_835 = "835"
"""An EOB only says what was paid; a payer is told what a remittance says (keyed ones are 835s of ours)."""

_way, _said = table_of(Transmission), table_of(ClaimAnswer)
FILE_REFUSED = (ClaimState.INTERCHANGE_REJECTED.value, ClaimState.SYNTAX_REJECTED.value)
PAYER = int(Account.AR_PAYER)
NEXT = tuple(sequence for sequence, rank in RANKS.items() if rank > 1)


def with_next_payer(w: Work, claim_ids: Iterable[int]) -> list[int]:
    """Those of these claims that have a payer after the first, or one named by a payer that forwarded."""
    mine = (among(w.db, _covered.c.claim_id, sorted(set(claim_ids))), w.within(_covered.c.entity_id))
    query = select(_covered.c.claim_id).where(*mine, _covered.c.rank > 1).distinct()
    return sorted(w.db.execute(query).scalars())


def billed_next(w: Work, entity_id: int, transaction_id: int) -> list[int]:
    """The claims that a file of claims bills to a payer after the first."""
    mine = (_version.c.transaction_id == transaction_id, _version.c.entity_id == entity_id)
    query = select(_version.c.claim_id).where(*mine, _version.c.sequence.in_(NEXT)).distinct()
    return sorted(w.db.execute(query).scalars())


def rejected_by(w: Work, source_id: int) -> dict[int, set[int]]:
    """By entity, the claims a 277CA or 277 rejects."""
    query = select(_said.c.entity_id, _said.c.claim_id).where(
        _said.c.source_id == source_id,
        _said.c.move.in_(REFUSED),
        _said.c.claim_id.is_not(None),
        w.within(_said.c.entity_id),
    )
    found: dict[int, set[int]] = {}
    for entity_id, claim_id in w.db.execute(query):
        found.setdefault(entity_id, set()).add(claim_id)
    return found


def claims_answered(w: Work, remit_claim_ids: Sequence[int]) -> list[int]:
    """The claims these adjudications speak of."""
    mine = (among(w.db, _answer.c.id, list(remit_claim_ids)), w.within(_answer.c.entity_id))
    query = select(_answer.c.claim_id).where(*mine, _answer.c.claim_id.is_not(None)).distinct()
    return sorted(w.db.execute(query).scalars())


def due(w: Work, entity_id: int, today: date, most: int) -> list[int]:
    """The first claims whose next payer is to be looked at by now, in the order of their files; locked.

    What another worker looks at in this moment is left to it.
    """
    mine = (_look.c.entity_id == entity_id, w.within(_look.c.entity_id), _look.c.due_on <= today)
    query = select(_look.c.claim_id).where(*mine).order_by(_look.c.claim_id).limit(most)
    return list(w.db.execute(query.with_for_update(skip_locked=True)).scalars())


def still_waiting(w: Work, entity_id: int, claim_ids: Sequence[int]) -> list[int]:
    """Those of these claims that nobody has looked at yet, whatever their day; locked."""
    mine = (_look.c.entity_id == entity_id, w.within(_look.c.entity_id))
    query = select(_look.c.claim_id).where(*mine, among(w.db, _look.c.claim_id, list(claim_ids)))
    return list(w.db.execute(query.order_by(_look.c.claim_id).with_for_update(skip_locked=True)).scalars())


def facts_of(w: Work, claim_ids: Sequence[int]) -> dict[int, Facts]:
    """By claim, what decides whether it goes on to its next payer; a fixed number of statements."""
    found = {claim_id: Facts(claim_id) for claim_id in claim_ids}
    mine = (among(w.db, _covered.c.claim_id, list(found)), w.within(_covered.c.entity_id))
    for row in w.db.execute(select(_covered).where(*mine)):
        found[row.claim_id].covers[row.rank] = (row.payer_id, row.filing)
    _answers(w, found)
    _left(w, found)
    ours = _ours(w, found)
    _billed(w, found, ours)
    return found


def _answers(w: Work, found: dict[int, Facts]) -> None:
    columns = (
        _answer.c.id, _answer.c.claim_id, _answer.c.rank, _answer.c.status, _answer.c.payer_id,
        _answer.c.filing, _answer.c.payer_control, _answer.c.crossover, _answer.c.live,
        _remit.c.effective_date,
    )  # fmt: skip
    query = (
        select(*columns)
        .join(_remit, _remit.c.id == _answer.c.remit_id)
        .where(
            among(w.db, _answer.c.claim_id, list(found)),
            w.within(_answer.c.entity_id),
            _remit.c.source == FROM_835,
            _answer.c.status.in_(("1", "2", "3", *sorted(CROSSED_OVER))),
            _answer.c.state.in_((RemitState.POSTED.value, RemitState.REVERSED.value)),
        )
    )
    rows = w.db.execute(query.order_by(_answer.c.id)).all()
    taken_back = {(row.claim_id, row.rank) for row in rows if not row.live}
    live = [row for row in rows if row.live]
    told = _told(w, [row.id for row in live])
    sent_on = {row.id for row in live if row.status in CROSSED_OVER or row.crossover or row.id in told}
    for row in live:
        corrects = (row.claim_id, row.rank) in taken_back
        said = (row.id, row.rank, row.effective_date, row.payer_control)
        one = Standing(*said, forwarded=row.id in sent_on, corrects=corrects)
        found[row.claim_id].answers.setdefault(row.rank, []).append(one)


def _told(w: Work, keys: Sequence[int]) -> set[int]:
    """The answers whose remarks say that the claim was forwarded."""
    query = select(_remark.c.remit_claim_id).where(
        among(w.db, _remark.c.remit_claim_id, keys), _remark.c.code.in_(sorted(FORWARDED))
    )
    return set(w.db.execute(query).scalars())


def _left(w: Work, found: dict[int, Facts]) -> None:
    """Cents that stand moved to each rank from the payers before it, whatever moved or took them back."""
    to = and_(_entry.c.debit == PAYER, _entry.c.credit == PAYER)
    on, back = _entry.c.debit_rank, _entry.c.credit_rank
    amount = case((on > back, _entry.c.amount), else_=-_entry.c.amount)
    rank = case((on > back, on), else_=back)
    query = (
        select(_entry.c.claim_id, rank, func.sum(amount))
        .where(among(w.db, _entry.c.claim_id, list(found)), w.within(_entry.c.entity_id), to)
        .group_by(_entry.c.claim_id, rank)
    )
    for claim_id, to_rank, cents in w.db.execute(query):
        found[claim_id].left[int(to_rank)] = int(cents)


def _ours(w: Work, found: dict[int, Facts]) -> set[int]:
    """Our own submissions to later payers, oldest first; returns the versions they became."""
    mine = (among(w.db, _rebill.c.claim_id, list(found)), w.within(_rebill.c.entity_id))
    names = ("id", "claim_id", "rank", "kind", "state", "remit_claim_id", "cause", "version_id")
    query = select(*(_rebill.c[name] for name in names)).where(*mine).order_by(_rebill.c.id)
    versions: set[int] = set()
    for row in w.db.execute(query):
        if row.version_id is not None:
            versions.add(row.version_id)
        if row.rank > 1:
            by_itself = row.kind == Kind.SECONDARY.value and row.cause == Cause.PRIMARY_PAID.value
            one = Ours(row.id, row.rank, State(row.state), row.remit_claim_id, by_itself)
            found[row.claim_id].ours.append(one)
    return versions


def _billed(w: Work, found: dict[int, Facts], ours: set[int]) -> None:
    """Later payers that another system billed, by the file that did; and claims that are being voided."""
    ids = list(found)
    mine = (among(w.db, _version.c.claim_id, ids), w.within(_version.c.entity_id))
    said = or_(_version.c.sequence.in_(NEXT), _version.c.state == "void_pending")
    names = ("id", "claim_id", "sequence", "state", "control", "sent", "transaction_id")
    query = select(*(_version.c[name] for name in names)).where(*mine, said, _version.c.state != "undone")
    rows = [row for row in w.db.execute(query.order_by(_version.c.id)) if row.id not in ours]
    if not rows:
        return
    refused = _refused(w, rows)
    rows = [row for row in rows if row.id not in refused or row.state == "void_pending"]
    given = select(_control.c.control, _control.c.claim_id).where(
        among(w.db, _control.c.claim_id, ids), w.within(_control.c.entity_id)
    )
    known = {(row.claim_id, row.control) for row in w.db.execute(given)}
    files = sorted({unpack(row.id).file_no for row in rows})
    query = select(_file.c.file_no, _file.c.name).where(among(w.db, _file.c.file_no, files))
    names_of = {row.file_no: row.name for row in w.db.execute(query)}
    for row in rows:
        found[row.claim_id].voided |= row.state == "void_pending" and RANKS.get(row.sequence, 1) == 1
        if RANKS.get(row.sequence, 1) > 1 and (row.claim_id, row.control) not in known:
            name = names_of.get(unpack(row.id).file_no, "another file")
            found[row.claim_id].others.setdefault(RANKS[row.sequence], name)


def _refused(w: Work, rows: Sequence[Any]) -> set[int]:
    """Versions that never got to their payer: their file was refused, or the last word about them was a
    rejection since they went out. Nobody was billed by those.
    """
    files = select(_way.c.transaction_id).where(
        among(w.db, _way.c.transaction_id, sorted({row.transaction_id for row in rows})),
        _way.c.state.in_(FILE_REFUSED),
    )
    lost = set(w.db.execute(files).scalars())
    told = select(_said.c.claim_id, _said.c.control, _said.c.move, _said.c.day).where(
        among(w.db, _said.c.claim_id, sorted({row.claim_id for row in rows})), w.within(_said.c.entity_id)
    )
    last: dict[tuple[int, str], Any] = {}
    for one in w.db.execute(told.order_by(_said.c.day, _said.c.id)):
        last[one.claim_id, one.control] = one
    found = {row.id for row in rows if row.transaction_id in lost}
    for row in rows:
        word = last.get((row.claim_id, row.control))
        if word is not None and word.move in REFUSED and row.sent[:8] <= f"{word.day:%Y%m%d}":
            found.add(row.id)
    return found


# ---------------------------------------------------------------- what a payer said, to tell the next one


@dataclass(slots=True)
class Told:
    """One adjudication as posted. adjusted: at claim level; lines: of ours by number; strays: of no line.

    remarks: it has remark codes of the claim; outpatient, inpatient: its MOA and MIA as sent.
    """

    row: Any
    paid_on: date
    adjusted: list[Said] = field(default_factory=list)
    lines: list[PaidLine] = field(default_factory=list)
    strays: int = 0
    remarks: bool = False
    outpatient: Any = None
    inpatient: Any = None


def told_by(w: Work, keys: Sequence[int], base_lines: dict[int, dict[int, int]]) -> dict[int, Told]:
    """What these adjudications said, in its order. base_lines: by claim, line key to the number of ours."""
    query = select(_answer, _remit.c.effective_date, _remit.c.issued).join(
        _remit, _remit.c.id == _answer.c.remit_id
    )
    mine = (among(w.db, _answer.c.id, list(keys)), w.within(_answer.c.entity_id))
    found = {row.id: Told(row, row.issued or row.effective_date) for row in w.db.execute(query.where(*mine))}
    said: dict[tuple[int, int | None], list[Said]] = {}
    adjusted = select(_adjusted).where(among(w.db, _adjusted.c.remit_claim_id, list(found)))
    for row in w.db.execute(adjusted.order_by(_adjusted.c.id)):
        one = Said(row.cas_group, row.carc, int(row.amount), row.quantity or "")
        said.setdefault((row.remit_claim_id, row.remit_line_id), []).append(one)
    for key, told in found.items():
        told.adjusted = said.get((key, None), [])
    lines = select(_paid).where(among(w.db, _paid.c.remit_claim_id, list(found))).order_by(_paid.c.id)
    for row in w.db.execute(lines):
        told = found[row.remit_claim_id]
        number = base_lines.get(told.row.claim_id, {}).get(row.claim_line_id or 0)
        if number is None:
            told.strays += 1
            continue
        parts = tuple(said.get((row.remit_claim_id, row.id), ()))
        what = (row.qualifier, row.code, row.modifiers, row.revenue, row.units, row.billed_code)
        told.lines.append(PaidLine(number, int(row.paid), int(row.charge), *what, parts))
    claim_level = (_remark.c.remit_line_id.is_(None), _remark.c.list.in_(("MIA", "MOA")))
    with_codes = select(_remark.c.remit_claim_id).where(
        among(w.db, _remark.c.remit_claim_id, list(found)), *claim_level
    )
    for key in set(w.db.execute(with_codes).scalars()):
        found[key].remarks = True
    return found


def lines_of(w: Work, claim_ids: Sequence[int], base: dict[int, int]) -> dict[int, dict[int, int]]:
    """By claim, each line key of any version to the number the line has in its base version.

    A line of another version is the same one when its control number is; else when number and charge are.
    """
    mine = (among(w.db, _line.c.claim_id, list(claim_ids)),)
    names = ("id", "claim_id", "version_id", "number", "control", "charge")
    rows = w.db.execute(select(*(_line.c[name] for name in names)).where(*mine)).all()
    own: dict[int, dict[Any, int]] = {}
    for row in rows:
        if row.version_id == base.get(row.claim_id):
            known = own.setdefault(row.claim_id, {})
            known[row.control] = known[row.number, int(row.charge)] = row.number
    found: dict[int, dict[int, int]] = {}
    for row in rows:
        known = own.get(row.claim_id, {})
        if row.version_id == base.get(row.claim_id):
            number: int | None = row.number
        else:
            number = known.get(row.control) if row.control else None
            number = number or known.get((row.number, int(row.charge)))
        if number is not None:
            found.setdefault(row.claim_id, {})[row.id] = number
    return found


def spans_of(w: Work, transaction_ids: Sequence[int]) -> dict[int, Any]:
    """Where stored transactions stand in their files."""
    mine = (among(w.db, _transaction.c.id, list(transaction_ids)), w.within(_transaction.c.entity_id))
    return {
        row.id: row.span for row in w.db.execute(select(_transaction.c.id, _transaction.c.span).where(*mine))
    }


def flagged(w: Work, queue: str, subject: str, asked: Collection[tuple[str, int]]) -> set[tuple[str, int]]:
    """Which (kind, subject) of these were asked for before, done or not."""
    ids = sorted({subject_id for _, subject_id in asked})
    mine = (_item.c.queue == queue, _item.c.subject == subject, w.within(_item.c.entity_id))
    query = select(_item.c.kind, _item.c.subject_id).where(*mine, among(w.db, _item.c.subject_id, ids))
    return {(row.kind, row.subject_id) for row in w.db.execute(query)} & set(asked)
