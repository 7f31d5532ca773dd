"""What leaves the house as tables: remit lines, denials, exceptions, ledger entries, the trial balance.

Each function returns the columns and an iterator of rows that reads a chunk at a time, so memory stays flat.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, and_, select

from app.access.models import Person
from app.claims.models import Claim, ClaimLine
from app.denials.models import Denial, DenialItem
from app.denials.queries_figures import CHUNK, tax_ids
from app.intake.models import IntakeFile, IntakeTransaction
from app.kernel.db import table_of
from app.kernel.export import Column, Kind
from app.kernel.ids import unpack
from app.kernel.money import Money
from app.kernel.work import Work
from app.ledger.accounts import NAMES
from app.ledger.models import LedgerBatch, LedgerEntry, batch_of
from app.payers.models import Payer
from app.remits.models import Remit, RemitAdjustment, RemitClaim, RemitLine, RemitRemark
from app.worklist.models import WorklistItem

_claim, _claim_line, _payer, _person = table_of(Claim), table_of(ClaimLine), table_of(Payer), table_of(Person)
_remit, _remit_claim, _line = table_of(Remit), table_of(RemitClaim), table_of(RemitLine)
_adjustment, _remark = table_of(RemitAdjustment), table_of(RemitRemark)
_denial, _denied = table_of(Denial), table_of(DenialItem)
_entry, _batch = table_of(LedgerEntry), table_of(LedgerBatch)
_work, _file, _transaction = table_of(WorklistItem), table_of(IntakeFile), table_of(IntakeTransaction)
Table = tuple[list[Column], Iterator[dict[str, Any]]]
GROUPS = ("CO", "OA", "PI", "PR")


def _columns(**kinds: Kind) -> list[Column]:
    """Columns headed by their own keys: files of programs, not of people."""
    return [Column(key, key, kind) for key, kind in kinds.items()]


_CODE, _TEXT, _MONEY, _DAY, _COUNT = Kind.CODE, Kind.TEXT, Kind.MONEY, Kind.DAY, Kind.COUNT

# ---------------------------------------------------------------- remit lines

LINE_COLUMNS = _columns(
    entity=_CODE, trace=_CODE, payer=_TEXT, remit_date=_DAY, effective_date=_DAY, claim_id=_CODE,
    payer_claim_id=_CODE, claim_status=_CODE, rank=_COUNT, state=_CODE, standing=Kind.FLAG, level=_CODE,
    claim_line=_CODE, code=_CODE, modifiers=_CODE, revenue=_CODE, units=_CODE, service_from=_DAY,
    charge=_MONEY, paid=_MONEY, stated_allowed=_MONEY, co=_MONEY, oa=_MONEY, pi=_MONEY, pr=_MONEY,
    adjustments=_TEXT, remarks=_CODE, segment=_COUNT,
)  # fmt: skip


def export_lines(w: Work, as_of: date | None = None) -> Table:
    """`export lines`: every line of every remit with its adjustments; what a claim adjusts as a whole is a
    row too.

    level: `line`, or `claim` for adjustments above the lines and for claims without lines. adjustments:
    JSON, amounts as the payer wrote them. as_of: remits effective up to and on this day.
    """
    return LINE_COLUMNS, _lines(w, as_of)


def _lines(w: Work, as_of: date | None) -> Iterator[dict[str, Any]]:
    entities = tax_ids(w)
    last = -1
    while chunk := list(w.db.execute(_remit_claims(w, last, as_of))):
        last = chunk[-1].id
        ids = [row.id for row in chunk]
        lines = _by_claim(w, _with_line_control().where(_line.c.remit_claim_id.in_(ids)).order_by(_line.c.id))
        adjusted = _by_place(w, select(_adjustment).where(_adjustment.c.remit_claim_id.in_(ids)))
        remarked = _by_place(w, select(_remark).where(_remark.c.remit_claim_id.in_(ids)))
        for row in chunk:
            head = _head(row, entities)
            own = adjusted.get((row.id, None), [])
            found = lines.get(row.id, [])
            if own or not found:
                whole = {} if found else {"charge": row.charge, "paid": row.paid}
                place = {
                    "level": "claim",
                    "service_from": row.service_from,
                    "segment": unpack(row.id).segment,
                }
                yield head | place | whole | _said(own, remarked.get((row.id, None), []))
            for line in found:
                key = (row.id, line.id)
                yield head | _line_values(line) | _said(adjusted.get(key, []), remarked.get(key, []))


def _remit_claims(w: Work, last: int, as_of: date | None) -> Select[Any]:
    named = ("id", "entity_id", "control", "payer_control", "status", "rank", "state", "live", "charge",
    "paid", "service_from")  # fmt: skip
    query = (
        select(
            *(_remit_claim.c[name] for name in named),
            _remit.c.trace,
            _remit.c.payer_name,
            _remit.c.produced,
            _remit.c.issued,
            _remit.c.effective_date,
            _claim.c.control.label("claim_control"),
        )
        .join(_remit, _remit.c.id == _remit_claim.c.remit_id)
        .outerjoin(_claim, _claim.c.id == _remit_claim.c.claim_id)
        .where(w.within(_remit_claim.c.entity_id), _remit_claim.c.id > last)
    )
    if as_of is not None:
        query = query.where(_remit.c.effective_date <= as_of)
    return query.order_by(_remit_claim.c.id).limit(CHUNK)


def _with_line_control() -> Select[Any]:
    joined = select(_line, _claim_line.c.control.label("billed_control"), _claim_line.c.number)
    return joined.outerjoin(_claim_line, _claim_line.c.id == _line.c.claim_line_id)


def _by_claim(w: Work, query: Select[Any]) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = {}
    for row in w.db.execute(query):
        found.setdefault(row.remit_claim_id, []).append(row)
    return found


def _by_place(w: Work, query: Select[Any]) -> dict[tuple[int, int | None], list[Row[Any]]]:
    found: dict[tuple[int, int | None], list[Row[Any]]] = {}
    for row in sorted(w.db.execute(query), key=lambda row: int(row.id)):
        found.setdefault((row.remit_claim_id, row.remit_line_id), []).append(row)
    return found


def _head(row: Row[Any], entities: dict[int, str]) -> dict[str, Any]:
    return {
        "entity": entities.get(row.entity_id, ""),
        "trace": row.trace,
        "payer": row.payer_name,
        "remit_date": row.produced or row.issued,
        "effective_date": row.effective_date,
        "claim_id": row.claim_control or row.control,
        "payer_claim_id": row.payer_control,
        "claim_status": row.status,
        "rank": row.rank,
        "state": row.state,
        "standing": bool(row.live),
    }


def _line_values(line: Row[Any]) -> dict[str, Any]:
    same = ("code", "modifiers", "revenue", "units", "service_from", "charge", "paid")
    return {
        "level": "line",
        "claim_line": line.billed_control or line.control,
        "stated_allowed": line.allowed,
        "segment": unpack(line.id).segment,
        **{name: getattr(line, name) for name in same},
    }


def _said(adjustments: Sequence[Row[Any]], remarks: Sequence[Row[Any]]) -> dict[str, Any]:
    totals = {group.lower(): Money(0) for group in GROUPS}
    listed = []
    for one in adjustments:
        if one.cas_group in GROUPS:
            totals[one.cas_group.lower()] += one.amount
        place = {"segment": unpack(one.id).segment, "element": one.element}
        listed.append({"group": one.cas_group, "carc": one.carc, "amount": str(one.amount), **place})
    return totals | {
        "adjustments": json.dumps(listed, separators=(",", ":")) if listed else "",
        "remarks": " ".join(one.code for one in remarks),
    }


# ---------------------------------------------------------------- denials

DENIAL_COLUMNS = _columns(
    entity=_CODE, claim_id=_CODE, payer=_TEXT, payer_claim_id=_CODE, line=_CODE, code=_CODE, group=_CODE,
    carc=_CODE, rarc=_CODE, category=_CODE, amount=_MONEY, at_stake=_MONEY, answer=_CODE, state=_CODE,
    outcome=_CODE, next_action=_CODE, round=_COUNT, denied_on=_DAY, appeal_by=_DAY,
    file_by=_DAY, legal_due=_DAY, internal_due=_DAY,
    rule=_CODE, owner=_TEXT, case=_CODE, segment=_COUNT,
)  # fmt: skip


def export_denials(w: Work, as_of: date | None = None) -> Table:
    """`export denials`: every refused adjustment with its case, and whether the answer that said so stands.

    as_of: cases of remits dated up to and on this day.
    """
    return DENIAL_COLUMNS, _denials(w, as_of)


def _denials(w: Work, as_of: date | None) -> Iterator[dict[str, Any]]:
    entities = tax_ids(w)
    last = -1
    while chunk := list(w.db.execute(_denial_rows(w, last, as_of))):
        last = chunk[-1].address
        for row in chunk:
            yield {
                "entity": entities.get(row.entity_id, ""),
                "claim_id": row.claim_control,
                "payer": row.payer,
                "payer_claim_id": row.payer_control,
                "line": row.line_control,
                "group": row.group_code,
                "rarc": row.rarcs,
                "amount": row.cents,
                "at_stake": row.stake,
                "answer": "stands" if row.live else "reversed",
                "rule": row.deadline_rule,
                "case": row.public_id,
                "segment": unpack(row.address).segment,
                **{name: getattr(row, name) for name in _SAME},
            }


_SAME = (
    "code",
    "carc",
    "round",
    "category",
    "state",
    "outcome",
    "next_action",
    "denied_on",
    "appeal_by",
    "file_by",
    "legal_due",
    "internal_due",
    "owner",
)


def _denial_rows(w: Work, last: int, as_of: date | None) -> Select[Any]:
    items = ("address", "entity_id", "code", "group_code", "carc", "rarcs", "cents", "stake", "round")
    cases = ("category", "state", "outcome", "next_action", "denied_on", "legal_due", "internal_due",
    "appeal_by", "file_by", "deadline_rule", "public_id")  # fmt: skip
    query = (
        select(
            *(_denied.c[name] for name in items),
            *(_denial.c[name] for name in cases),
            _claim.c.control.label("claim_control"),
            _payer.c.name.label("payer"),
            _remit_claim.c.payer_control,
            _remit_claim.c.live,
            _claim_line.c.control.label("line_control"),
            _person.c.name.label("owner"),
        )
        .join(_denial, _denial.c.id == _denied.c.denial_id)
        .join(_claim, _claim.c.id == _denied.c.claim_id)
        .outerjoin(_remit_claim, _remit_claim.c.id == _denied.c.remit_claim_id)
        .outerjoin(_claim_line, _claim_line.c.id == _denied.c.claim_line_id)
        .outerjoin(_payer, _payer.c.id == _denial.c.payer_id)
        .outerjoin(_person, _person.c.id == _denial.c.owner_id)
        .where(w.within(_denied.c.entity_id), _denied.c.address > last, _denied.c.withdrawn.is_(False))
    )
    if as_of is not None:
        query = query.where(_denial.c.denied_on <= as_of)
    return query.order_by(_denied.c.address).limit(CHUNK)


# ---------------------------------------------------------------- exceptions

EXCEPTION_COLUMNS = _columns(
    entity=_CODE, file=_TEXT, control=_CODE, claim_id=_CODE, queue=_CODE, kind=_CODE, code=_CODE,
    amount=_MONEY, state=_CODE, outcome=_CODE, due=_DAY, owner=_TEXT, opened_at=Kind.INSTANT,
    closed_at=Kind.INSTANT, segment=_COUNT,
)  # fmt: skip
NOT_EXCEPTIONS = ("denials", "bulk_close_review", "expired")


def export_exceptions(w: Work, as_of: date | None = None) -> Table:
    """`export exceptions`: all that waits or waited for a person, denials apart: held STs, parked claims,
    PLB."""
    return EXCEPTION_COLUMNS, _exceptions(w, as_of)


def _exceptions(w: Work, as_of: date | None) -> Iterator[dict[str, Any]]:
    entities = tax_ids(w)
    last = -1
    while chunk := list(w.db.execute(_work_rows(w, last))):
        last = chunk[-1].id
        files = _sources(w, chunk)
        for row in chunk:
            if as_of is not None and row.opened_at.date() > as_of:
                continue
            file, control = files.get(row.id, ("", ""))
            same = ("queue", "kind", "amount", "state", "outcome", "due", "owner", "opened_at", "closed_at")
            yield {
                "entity": entities.get(row.entity_id, ""),
                "file": file,
                "control": control,
                "claim_id": row.remit_control,
                "code": row.reason,
                "segment": unpack(row.source).segment if row.source else None,
                **{name: getattr(row, name) for name in same},
            }


def _work_rows(w: Work, last: int) -> Select[Any]:
    named = ("id", "entity_id", "queue", "kind", "subject", "subject_id", "reason", "amount", "state",
    "outcome", "due", "opened_at", "closed_at", "source")  # fmt: skip
    about = and_(_work.c.subject == "remit_claim", _remit_claim.c.id == _work.c.subject_id)
    query = (
        select(*(_work.c[name] for name in named), _remit_claim.c.control.label("remit_control"),
               _remit_claim.c.remit_id, _person.c.name.label("owner"))
        .outerjoin(_remit_claim, about)
        .outerjoin(_person, _person.c.id == _work.c.owner_id)
        .where(w.within(_work.c.entity_id), _work.c.id > last, _work.c.queue.not_in(NOT_EXCEPTIONS))
    )  # fmt: skip
    return query.order_by(_work.c.id).limit(CHUNK)


def _sources(w: Work, chunk: Sequence[Row[Any]]) -> dict[int, tuple[str, str]]:
    """(file name, ST control number) by item."""
    keys = {row.id: _file_of(row) for row in chunk}
    query = select(_file.c.file_no, _file.c.name).where(_file.c.file_no.in_(set(keys.values())))
    names = {row.file_no: row.name for row in w.db.execute(query)}
    transactions = {row.id: row.remit_id or row.subject_id for row in chunk}
    wanted = set(transactions.values())
    controls = {
        row.id: row.control
        for row in w.db.execute(
            select(_transaction.c.id, _transaction.c.control).where(_transaction.c.id.in_(wanted))
        )
    }
    return {row.id: (names.get(keys[row.id], ""), controls.get(transactions[row.id], "")) for row in chunk}


def _file_of(row: Row[Any]) -> int:
    address = row.source or (row.subject_id if row.subject in ("transaction", "remit_claim") else 0)
    return unpack(address).file_no


# ---------------------------------------------------------------- the books

ENTRY_COLUMNS = _columns(
    entity=_CODE, batch=_CODE, chain_no=_COUNT, entry=_COUNT, kind=_CODE, recorded_at=Kind.INSTANT,
    effective_date=_DAY, original_date=_DAY, event=_CODE, debit=_CODE, debit_account=_TEXT, credit=_CODE,
    credit_account=_TEXT, amount=_MONEY, claim_id=_CODE, payer=_TEXT, file=_TEXT, segment=_COUNT, byte=_COUNT,
    element=_COUNT, reverses=_CODE, batch_hash=_CODE,
)  # fmt: skip


def export_entries(w: Work, as_of: date | None = None) -> Table:
    """`export entries`: the whole journal, each entry with the byte it comes from. as_of: effective up to
    that day."""
    return ENTRY_COLUMNS, _journal(w, as_of)


def _journal(w: Work, as_of: date | None) -> Iterator[dict[str, Any]]:
    entities = tax_ids(w)
    files: dict[int, str] = {}
    last = -1
    while chunk := list(w.db.execute(_entry_rows(w, last, as_of))):
        last = chunk[-1].id
        new = {unpack(row.source).file_no for row in chunk} - files.keys()
        query = select(_file.c.file_no, _file.c.name).where(_file.c.file_no.in_(new))
        files |= {row.file_no: row.name for row in w.db.execute(query)}
        for row in chunk:
            where = unpack(row.source)
            same = ("batch", "chain_no", "kind", "recorded_at", "effective_date", "original_date", "event",
            "debit", "credit", "amount", "payer", "byte", "element", "batch_hash")  # fmt: skip
            yield {
                "entity": entities.get(row.entity_id, ""),
                "entry": row.id % (1 << 24) + 1,
                "debit_account": NAMES.get(row.debit, ""),
                "credit_account": NAMES.get(row.credit, ""),
                "claim_id": row.control,
                "file": files.get(where.file_no, ""),
                "segment": where.segment,
                "reverses": "yes" if row.reverses else "",
                **{name: getattr(row, name) for name in same},
            }


def _entry_rows(w: Work, last: int, as_of: date | None) -> Select[Any]:
    named = ("id", "entity_id", "effective_date", "original_date", "event", "debit", "credit", "amount",
    "source", "byte", "element", "reverses")  # fmt: skip
    query = (
        select(*(_entry.c[name] for name in named), _batch.c.public_id.label("batch"), _batch.c.chain_no,
               _batch.c.kind, _batch.c.recorded_at, _batch.c.hash.label("batch_hash"), _claim.c.control,
               _payer.c.name.label("payer"))
        .join(_batch, _batch.c.id == batch_of(_entry.c.id))
        .outerjoin(_claim, _claim.c.id == _entry.c.claim_id)
        .outerjoin(_payer, _payer.c.id == _entry.c.payer_id)
        .where(w.within(_entry.c.entity_id), _entry.c.id > last)
    )  # fmt: skip
    if as_of is not None:
        query = query.where(_entry.c.effective_date <= as_of)
    return query.order_by(_entry.c.id).limit(CHUNK)
