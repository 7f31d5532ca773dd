"""What happens to claims once a day: who is silent, which file was never acknowledged."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from app.claims import rules_actions, service_silent, service_states
from app.claims.lifecycle import State
from app.claims.models import (
    Acknowledgement,
    ClaimAnswer,
    ClaimEvent,
    ClaimPayer,
    ClaimVersion,
    Transmission,
)
from app.claims.service_answers import day_of
from app.entities import queries as entities
from app.intake.models import IntakeFile, IntakeInterchange, IntakeTransaction
from app.intake.rules import OURS
from app.intake.translate import CLAIM_KINDS
from app.kernel.db import table_of
from app.kernel.work import Work
from app.payers.rules import add_business_days
from app.worklist import service as worklist
from app.worklist.models import ItemState, WorklistItem
from app.worklist.service import NewItem

_transaction, _interchange = table_of(IntakeTransaction), table_of(IntakeInterchange)
_way, _said, _answer = table_of(Transmission), table_of(Acknowledgement), table_of(ClaimAnswer)
_event, _version, _item = table_of(ClaimEvent), table_of(ClaimVersion), table_of(WorklistItem)
_covered, _file = table_of(ClaimPayer), table_of(IntakeFile)


def every_day(w: Work, entity_id: int) -> None:
    """The daily look at one entity; twice a day finds nothing new."""
    today = w.today(entities.get(w, entity_id).time_zone)
    service_silent.sweep(w, entity_id, today)
    ask_after(w, entity_id, today)
    service_states.close_settled_files(w, entity_id)


def ask_after(w: Work, entity_id: int, today: date) -> int:
    """List the files nobody acknowledged in time; returns how many are listed.

    Only files for receivers that ever sent such an answer, sent on or after the day of the first one: a
    practice that gets none is not flooded.
    """
    back = today - timedelta(rules_actions.setting("ack_look_back", today))
    sent = [row for row in _sent(w, entity_id) if (day := day_of(row.day)) is not None and day >= back]
    sent = [row for row in sent if not _paid(w, row.id)]
    missing = [(row, "missing_999") for row in _without(w, sent, _first_ways(w), "ack_999", today)]
    taken = [row for row in sent if row.state == State.SYNTAX_ACCEPTED.value and not _spoken(w, row.id)]
    missing += [(row, "missing_277ca") for row in _without(w, taken, _first_reports(w), "ack_277ca", today)]
    _close_found(w, entity_id, {(row.id, kind) for row, kind in missing})
    items = [
        NewItem(
            entity_id=entity_id, queue=service_states.QUEUE, kind=kind, subject=service_states.FILE,
            subject_id=row.id, reason=kind, amount=int(row.charge or 0), score=50,
        )
        for row, kind in missing
    ]  # fmt: skip
    worklist.open_many(w, items)
    return len(items)


def _sent(w: Work, entity_id: int) -> list[Any]:
    """The files of claims of other systems; of those we sent `rebill` asks after each claim."""
    query = (
        select(
            _transaction.c.id, _transaction.c.charge, _interchange.c.receiver, _interchange.c.day,
            _way.c.state, _way.c.since,
        )
        .join(_interchange, _interchange.c.id == _transaction.c.interchange_id)
        .join(_file, _file.c.file_no == _transaction.c.file_no)
        .outerjoin(_way, _way.c.transaction_id == _transaction.c.id)
        .where(
            _transaction.c.entity_id == entity_id,
            _file.c.door != OURS,
            _transaction.c.kind.in_(CLAIM_KINDS),
            _transaction.c.state == "posted",
        )
    )  # fmt: skip
    return list(w.db.execute(query))


def _without(w: Work, sent: list[Any], first: dict[str, date], setting: str, today: date) -> list[Any]:
    """Those whose receiver answers as a rule, and has not in time; a 999 is missing only without a state."""
    del w
    days, found = rules_actions.setting(setting, today), []
    for row in sent:
        day = row.since if setting == "ack_277ca" else day_of(row.day)
        since = first.get(row.receiver)
        if (row.state is not None) == (setting == "ack_999") or day is None or since is None or day < since:
            continue
        if add_business_days(day, days) < today:
            found.append(row)
    return found


def _first_ways(w: Work) -> dict[str, date]:
    query = select(_said.c.partner, func.min(_said.c.day)).where(_said.c.level != "interchange")
    return {row[0]: row[1] for row in w.db.execute(query.group_by(_said.c.partner))}


def _first_reports(w: Work) -> dict[str, date]:
    query = (
        select(_interchange.c.sender, func.min(_answer.c.day))
        .select_from(_answer)
        .join(_transaction, _transaction.c.id == _answer.c.source_id)
        .join(_interchange, _interchange.c.id == _transaction.c.interchange_id)
        .where(_answer.c.kind == "277CA")
        .group_by(_interchange.c.sender)
    )
    return {row[0]: row[1] for row in w.db.execute(query)}


def _paid(w: Work, transaction_id: int) -> bool:
    """Whether a remit answers any claim of a transaction: the file arrived, whoever forgot to say so."""
    answer = (
        select(_covered.c.claim_id)
        .join(_version, _version.c.claim_id == _covered.c.claim_id)
        .where(_version.c.transaction_id == transaction_id, _covered.c.state == "answered")
    )
    return w.db.execute(answer.limit(1)).first() is not None


def _spoken(w: Work, transaction_id: int) -> bool:
    """Whether any claim of a transaction was ever answered by a 277CA."""
    own = select(_version.c.claim_id).where(_version.c.transaction_id == transaction_id)
    event = select(_event.c.id).where(_event.c.claim_id.in_(own), _event.c.kind == "277CA")
    return w.db.execute(event.limit(1)).first() is not None


def _close_found(w: Work, entity_id: int, still: set[tuple[int, str]]) -> None:
    kinds = ("missing_999", "missing_277ca")
    query = select(_item.c.subject_id, _item.c.kind).where(
        _item.c.entity_id == entity_id,
        _item.c.queue == service_states.QUEUE,
        _item.c.kind.in_(kinds),
        _item.c.state == ItemState.OPEN.value,
    )
    gone = [row.subject_id for row in w.db.execute(query) if (row.subject_id, row.kind) not in still]
    worklist.close_many(w, service_states.QUEUE, service_states.FILE, gone, "answered")
