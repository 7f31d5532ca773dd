"""Taking billed claims off the books again: reversing entries take the charges, the claims stay as undone."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import String, and_, bindparam, cast, func, literal, select, update

from app.claims.models import Claim, ClaimControl, ClaimLine, ClaimPayer, ClaimResent, ClaimVersion
from app.claims.rules import RANKS, Line, age_of
from app.claims.rules_versions import Told, replayed
from app.claims.service_known import line_of
from app.kernel.bulk import among
from app.kernel.db import in_chunks, table_of
from app.kernel.errors import NotAllowed
from app.kernel.limits import BATCH_CLAIMS
from app.kernel.work import Work
from app.ledger.models import LedgerBatch

_claim, _version = table_of(Claim), table_of(ClaimVersion)
_line, _payer = table_of(ClaimLine), table_of(ClaimPayer)
_resent, _control = table_of(ClaimResent), table_of(ClaimControl)
_batch = table_of(LedgerBatch)


def undo(w: Work, transaction_id: int) -> list[int]:
    """What an 837 transaction billed stands no more: its claims, and of earlier claims its version only, so
    that the one before is in force again. Refused while versions taken in later stand. Returns the claims
    that go on.
    """
    rows = w.db.execute(_all_versions(transaction_id)).all()
    mine = {row.id for row in rows if row.transaction_id == transaction_id}
    posted = {row.claim_id: row.batch_id or 0 for row in rows if row.id in mine}
    others = [row for row in rows if row.id not in mine and row.state != "undone"]
    first = {row.claim_id for row in rows if row.id in mine and row.id == row.claim_id}
    if any(row.claim_id in first or (row.batch_id or 0) > posted[row.claim_id] for row in others):
        raise NotAllowed("Other versions of these claims were billed. Undo those first.", code="undo_order")
    if any(row.id in mine and row.state == "void" for row in rows):
        raise NotAllowed("The payer confirmed a void of it. Undo that remit first.", code="undo_order")
    own = select(_version.c.id).where(_version.c.transaction_id == transaction_id)
    w.db.execute(update(_line).where(_line.c.version_id.in_(own)).values(live=False))
    name = literal("undone:") + cast(_claim.c.id, String)
    for chunk in in_chunks(sorted(first), BATCH_CLAIMS):
        w.db.execute(update(_claim).where(among(w.db, _claim.c.id, chunk)).values(encounter=name))
    change = dict(state="undone", content="")
    w.db.execute(update(_version).where(_version.c.transaction_id == transaction_id).values(**change))
    left: dict[int, list[Any]] = {}
    for row in sorted(others, key=lambda one: (one.batch_id or 0, one.id)):
        left.setdefault(row.claim_id, []).append(row)
    _restore(w, left)
    return sorted(left)


def stand_again(w: Work, claim_ids: Sequence[int]) -> None:
    """Versions and lines of claims as they follow from what was billed and stands."""
    left: dict[int, list[Any]] = {}
    for row in w.db.execute(_versions(list(claim_ids))):
        if row.state != "undone":
            left.setdefault(row.claim_id, []).append(row)
    _restore(
        w, {key: sorted(rows, key=lambda one: (one.batch_id or 0, one.id)) for key, rows in left.items()}
    )


def _all_versions(transaction_id: int) -> Any:
    """Every version of the claims of a transaction."""
    return _versions(select(_version.c.claim_id).where(_version.c.transaction_id == transaction_id))


def _versions(mine: Any) -> Any:
    """Every version of these claims; batch_id, of its charges, grows as they were posted."""
    given = and_(_control.c.entity_id == _version.c.entity_id, _control.c.control == _version.c.control)
    names = ("id", "claim_id", "transaction_id", "frequency", "sequence", "sent", "charge", "state")
    columns = [_version.c[name] for name in names]
    posted = (
        select(func.max(_batch.c.id))
        .where(_batch.c.transaction_id == _version.c.transaction_id, _batch.c.kind == "charges")
        .scalar_subquery()
    )
    return (
        select(*columns, posted.label("batch_id"), _control.c.id.label("given"))
        .outerjoin(_control, given)
        .where(_version.c.claim_id.in_(mine))
    )


def _restore(w: Work, left: dict[int, list[Any]]) -> None:
    """Lines, version in force and charge of claims as they were before their last version came."""
    lines: dict[int, list[Line]] = {}
    ids = [row.id for rows in left.values() for row in rows]
    for chunk in in_chunks(ids, BATCH_CLAIMS):
        found = select(_line).where(among(w.db, _line.c.version_id, chunk)).order_by(_line.c.id)
        for row in w.db.execute(found):
            lines.setdefault(row.version_id, []).append(line_of(row))
    changed, alive, back, charges = [], [], [], []
    for claim_id, rows in left.items():
        was = {row.id: row.state for row in rows}
        at = replayed([_told(row, lines.get(row.id, [])) for row in rows])
        changed += [dict(this=key, now=state) for key, state in at.states.items() if was[key] != state]
        alive += [line.id for line in at.lines]
        charges.append(dict(claim=claim_id, cents=at.cents))
        if was.get(at.current) != "current":
            back.append(dict(claim=claim_id, version=at.current, **_span(lines.get(at.current, []))))
    for chunk in in_chunks(alive, BATCH_CLAIMS):
        w.db.execute(update(_line).where(among(w.db, _line.c.id, chunk)).values(live=True))
    own = update(_claim).where(_claim.c.id == bindparam("claim"))
    if changed:
        state = update(_version).where(_version.c.id == bindparam("this"))
        w.db.execute(state.values(state=bindparam("now")), changed)
    if charges:
        w.db.execute(own.values(charge=bindparam("cents")), charges)
    if back:
        days = own.values(service_from=bindparam("first"), service_to=bindparam("last"))
        w.db.execute(days.values(current_version_id=bindparam("version")), back)


def _span(lines: Sequence[Line]) -> dict[str, date | None]:
    """The first and last day of service of these lines."""
    first = min((line.service_from for line in lines if line.service_from), default=None)
    last = max((line.service_to or line.service_from or "" for line in lines), default="")
    return dict(first=_day(first), last=_day(last))


def _told(row: Any, lines: list[Line]) -> Told:
    ours = row.given is not None
    rank = RANKS.get(row.sequence, 1)
    age = age_of(row.frequency, row.sent, row.id, ours=ours)
    return Told(row.id, row.frequency, rank, int(row.charge), tuple(lines), age, ours, row.state)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def forget(w: Work, transaction_id: int) -> None:
    """Before an undone 837 transaction is read again its rows go; their addresses are used again."""
    mine = [
        int(one)
        for one in w.db.execute(
            select(_version.c.claim_id).where(_version.c.transaction_id == transaction_id).distinct()
        ).scalars()
    ]
    own = select(_version.c.id).where(_version.c.transaction_id == transaction_id)
    w.db.execute(_line.delete().where(_line.c.version_id.in_(own)))
    w.db.execute(_version.delete().where(_version.c.transaction_id == transaction_id))
    w.db.execute(_resent.delete().where(_resent.c.transaction_id == transaction_id))
    for table, column in ((_payer, _payer.c.claim_id), (_claim, _claim.c.id)):
        left = select(_version.c.claim_id).where(_version.c.claim_id == column)
        w.db.execute(table.delete().where(column.in_(mine), ~left.exists()))
