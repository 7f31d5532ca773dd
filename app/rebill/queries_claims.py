"""What is known of claims that may go out again: how they were sent, what payers said. For many at once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, func, select

from app.claims.lifecycle import Move as ClaimMove
from app.claims.lifecycle import State as ClaimState
from app.claims.models import (
    Claim,
    ClaimAnswer,
    ClaimLine,
    ClaimPayer,
    ClaimResent,
    ClaimVersion,
    Transmission,
)
from app.claims.models import ClaimState as StateRow
from app.claims.queries import UNDONE
from app.claims.queries_states import current_state, day_of_text, with_state
from app.denials.lifecycle import State as DenialState
from app.denials.models import Denial
from app.intake.models import IntakeTransaction
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.money import Money
from app.kernel.work import Work
from app.ledger.models import ClaimBalance
from app.rebill.rules import Answer, ClaimFacts, Cover, Sent, rank_of
from app.remits.lifecycle import State as RemitState
from app.remits.models import Remit, RemitAdjustment, RemitClaim, RemitRemark

_claim, _version, _covered = table_of(Claim), table_of(ClaimVersion), table_of(ClaimPayer)
_way, _said, _resent = table_of(Transmission), table_of(ClaimAnswer), table_of(ClaimResent)
_state, _transaction = table_of(StateRow), table_of(IntakeTransaction)
_remit, _answer = table_of(Remit), table_of(RemitClaim)
_remark, _adjustment = table_of(RemitRemark), table_of(RemitAdjustment)
_line, _denial, _balance = table_of(ClaimLine), table_of(Denial), table_of(ClaimBalance)
_FILE_REFUSED = frozenset({ClaimState.INTERCHANGE_REJECTED.value, ClaimState.SYNTAX_REJECTED.value})
_REFUSED = frozenset({ClaimMove.REJECT.value, ClaimMove.NOT_FIND.value})
_TAKEN = frozenset(
    {ClaimMove.RECEIVE.value, ClaimMove.ACCEPT.value, ClaimMove.ACCEPT_SOME.value, ClaimMove.PEND.value}
)
REVERSAL = "22"


def facts_of(w: Work, claim_ids: Iterable[int]) -> dict[int, ClaimFacts]:
    """By claim, everything that decides what may be sent of it; nine statements, whatever their number.

    Claims out of scope are left out.
    """
    ids = sorted(set(claim_ids))
    found = _heads(w, ids)
    refused = _refused_controls(w, ids)
    for one in _sent(w, ids, refused):
        if one.claim_id in found:
            found[one.claim_id].sent.append(one)
    for answer in _answers(w, ids):
        if answer.claim_id in found:
            found[answer.claim_id].answers.append(answer)
    mine = (among(w.db, _covered.c.claim_id, ids), w.within(_covered.c.entity_id))
    for row in w.db.execute(select(_covered).where(*mine)):
        if row.claim_id in found:
            cover = Cover(row.rank, row.payer_id, row.filing, row.state, row.answered_on, row.reversed_on)
            found[row.claim_id].covers[row.rank] = cover
    return found


def _heads(w: Work, ids: Sequence[int]) -> dict[int, ClaimFacts]:
    names = ("id", "public_id", "entity_id", "patient_id", "control", "kind", "service_from", "service_to",
             "charge", "encounter")  # fmt: skip
    joined = with_state(select(*(_claim.c[name] for name in names), current_state.label("state")))
    query = joined.where(among(w.db, _claim.c.id, ids), w.within(_claim.c.entity_id))
    found = {}
    for row in w.db.execute(query):
        plain = {name if name != "kind" else "form": getattr(row, name) for name in names[:9]}
        found[row.id] = ClaimFacts(**plain, undone=row.encounter.startswith(UNDONE), state=row.state)
    return found


def _refused_controls(w: Work, ids: Sequence[int]) -> dict[tuple[int, str], bool]:
    """(claim, control number) → is the last word about it a rejection? By 277CA and 277 alone."""
    moved = (*_REFUSED, *_TAKEN)
    query = select(_said.c.claim_id, _said.c.control, _said.c.move).where(
        among(w.db, _said.c.claim_id, ids), w.within(_said.c.entity_id), _said.c.move.in_(moved)
    )
    told = w.db.execute(query.order_by(_said.c.day, _said.c.id))
    return {(row.claim_id, row.control): row.move in _REFUSED for row in told}


def _sent(w: Work, ids: Sequence[int], refused: Mapping[tuple[int, str], bool]) -> list[Sent]:
    query = (
        select(_version, _way.c.state.label("way"))
        .outerjoin(_way, _way.c.transaction_id == _version.c.transaction_id)
        .where(
            among(w.db, _version.c.claim_id, ids),
            w.within(_version.c.entity_id),
            _version.c.state != "undone",
        )
    )
    again = select(_resent.c.claim_id, func.max(_resent.c.sent).label("sent")).where(
        among(w.db, _resent.c.claim_id, ids), w.within(_resent.c.entity_id)
    )
    resent = {row.claim_id: row.sent for row in w.db.execute(again.group_by(_resent.c.claim_id))}
    made = []
    for row in w.db.execute(query.order_by(_version.c.id)):
        # A CLM that came again word for word went out on a later day than its version says.
        sent = max(row.sent, resent.get(row.claim_id, "")) if row.state == "current" else row.sent
        made.append(
            Sent(
                row.id, row.claim_id, row.transaction_id, rank_of(row.sequence), row.frequency, row.control,
                sent, day_of_text(sent), row.payer_id, row.filing, row.state, row.charge, row.content,
                rejected=row.way in _FILE_REFUSED or refused.get((row.claim_id, row.control), False),
            )
        )  # fmt: skip
    return made


def _answers(w: Work, ids: Sequence[int]) -> list[Answer]:
    """What payers decided, standing or superseded. What was undone never was; a reversal is no answer."""
    query = (
        select(_answer, _remit.c.effective_date)
        .join(_remit, _remit.c.id == _answer.c.remit_id)
        .where(
            among(w.db, _answer.c.claim_id, ids),
            w.within(_answer.c.entity_id),
            _answer.c.status != REVERSAL,
            _answer.c.state.in_((RemitState.POSTED.value, RemitState.REVERSED.value)),
        )
        .order_by(_answer.c.id)
    )
    rows = w.db.execute(query).all()
    keys = [row.id for row in rows if row.live]
    remarks = _codes(w, _remark, _remark.c.code, keys)
    carcs = _codes(w, _adjustment, _adjustment.c.carc, keys)
    return [
        Answer(
            row.id, row.claim_id, row.rank, row.status, row.paid, row.payer_id, row.payer_control,
            row.effective_date, row.live, frozenset(remarks.get(row.id, ())),
            frozenset(carcs.get(row.id, ())), row.control,
        )
        for row in rows
    ]  # fmt: skip


def _codes(w: Work, table: Any, column: Any, keys: Sequence[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    query = select(table.c.remit_claim_id, column).where(among(w.db, table.c.remit_claim_id, keys))
    for key, code in w.db.execute(query.distinct()):
        found.setdefault(key, set()).add(code)
    return found


def at_stake(w: Work, claim_ids: Sequence[int]) -> dict[tuple[int, int], int]:
    """By (claim, rank of the payer), the cents at stake in its open denials."""
    query = (
        select(_denial.c.claim_id, _answer.c.rank, func.sum(_denial.c.at_stake))
        .join(_answer, _answer.c.id == _denial.c.latest_remit_claim_id)
        .where(
            among(w.db, _denial.c.claim_id, claim_ids),
            w.within(_denial.c.entity_id),
            _denial.c.state != DenialState.CLOSED.value,
        )
        .group_by(_denial.c.claim_id, _answer.c.rank)
    )
    return {(row[0], row[1]): int(row[2] or 0) for row in w.db.execute(query)}


def owed(w: Work, claim_ids: Sequence[int]) -> dict[int, Money]:
    """By claim, what payers owe on the books."""
    mine = (among(w.db, _balance.c.claim_id, claim_ids), w.within(_balance.c.entity_id))
    query = select(_balance.c.claim_id, _balance.c.payer).where(*mine)
    return {row.claim_id: row.payer for row in w.db.execute(query)}


def live_lines(w: Work, claim_ids: Sequence[int]) -> dict[int, list[int]]:
    """By claim, the keys of the lines on the books."""
    query = select(_line.c.claim_id, _line.c.id).where(
        among(w.db, _line.c.claim_id, claim_ids), _line.c.live.is_(True)
    )
    found: dict[int, list[int]] = {}
    for claim_id, line_id in w.db.execute(query.order_by(_line.c.id)):
        found.setdefault(claim_id, []).append(line_id)
    return found


def places_of(w: Work, version_ids: Sequence[int]) -> list[Any]:
    """Where versions stand in the files they came in, with the kind and span of the transaction."""
    query = (
        select(
            _version.c.id, _version.c.control, _version.c.state, _transaction.c.file_no,
            _transaction.c.id.label("transaction_id"), _transaction.c.kind, _transaction.c.span,
            _transaction.c.state.label("standing"),
        )
        .join(_transaction, _transaction.c.id == _version.c.transaction_id)
        .where(and_(among(w.db, _version.c.id, version_ids), w.within(_version.c.entity_id)))
    )  # fmt: skip
    return list(w.db.execute(query.order_by(_version.c.id)))
