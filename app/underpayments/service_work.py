"""What people do with underpayments: look twice, group, dispute, note the answer, give up, take up again."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from app.contracts.queries import Asked, terms_with
from app.contracts.service_import import REPRICE
from app.entities import queries as entities
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound, Refused, Stale
from app.kernel.ids import public_ids
from app.kernel.work import Work
from app.payers.rules import normal_value
from app.underpayments import service_cases, service_dispute
from app.underpayments.lifecycle import BY_HAND, ENDED, ENDINGS, UNDERPAYMENT, Move, State
from app.underpayments.models import Underpayment, UnderpaymentProject, Variance
from app.underpayments.service_cases import QUEUE, SUBJECT, Told
from app.worklist import service as worklist

_case, _project, _variance = table_of(Underpayment), table_of(UnderpaymentProject), table_of(Variance)
ASKED = frozenset({Move.SEND, Move.ESCALATE})
ANSWERED = frozenset({Move.ACKNOWLEDGE, Move.AGREE, Move.REPROCESS})
"""Moves after which it is asked for again, after the days the terms with the payer say."""
MOST = 200


def advance(
    w: Work, public_id: str, move: Move, *, version: int, reason: str = "", until: date | None = None
) -> int:
    """Take one step by hand; returns the new version.

    Refused: a step the table does not have, a version somebody changed, an ending without a reason, a dispute
    after its last day or outside a project, or above the limit of a person who may not approve it. Sending
    keeps the letter as it leaves. An invalid one has its payer's claims priced anew.
    """
    w.may("underpayments.work")
    row = _row(w, public_id, version)
    if move not in BY_HAND or move is Move.GROUP:
        words = "This step is taken with a project, or by a posting."
        raise Refused(words, code="not_by_hand", field="move")
    after = UNDERPAYMENT.next(State(row.state), move)
    today = w.today(entities.get(w, row.entity_id).time_zone)
    if move in ENDINGS and not reason.strip():
        raise Refused("Say why: it ends work, or says our contract was wrong.", code="reason", field="reason")
    if move is Move.SEND and row.limit_on < today:
        raise NotAllowed(f"The last day to dispute was {row.limit_on:%m/%d/%Y}.", code="past_limit")
    if until is not None and until <= today:
        raise Refused("The day to come back must lie ahead.", code="day_passed", field="until")
    terms = terms_with(w, row.entity_id, Asked(row.claim_id, row.payer_id, row.rank), today)
    days = terms.chase_days if move in ASKED else terms.chase_answer_days if move in ANSWERED else None
    detail = service_dispute.send(w, row, terms.dispute_approval, today) if move is Move.SEND else None
    values: dict[str, Any] = {"state": after.value, "outcome": None, "closed_at": None}
    values["follow_up"] = until or (today + timedelta(days) if days else None)
    if move is Move.UNGROUP:
        values["project_id"] = None
    if after in ENDED or after is State.BELOW_TOLERANCE:
        values |= {"outcome": move.value, "closed_at": w.now if after in ENDED else None}
        service_cases.leave(w, [row.id], after.value)
    _change(w, row, values)
    if move is Move.REOPEN:
        service_cases.back_to_work(w, row)
    if move is Move.INVALIDATE:
        _price_again(w, row)
    _tell(w, row, move.value, after, reason, detail=detail)
    return version + 1


def _price_again(w: Work, row: Any) -> None:
    """Our contract was wrong: whatever was judged by it is judged by what it says now."""
    label = w.db.execute(
        select(_variance.c.payer_number).where(_variance.c.id == row.variance_id)
    ).scalar_one()
    payload = {"entity": row.entity_id, "payers": [normal_value("nm109", label)], "after": 0}
    payload["from"] = date(1990, 1, 1).isoformat()
    w.job(REPRICE, f"{row.entity_id}:invalid:{row.id}.{row.version}:0", payload, rank=7)


def assign(w: Work, public_id: str, *, owner_id: int | None, version: int) -> int:
    """Give it to a person, or to nobody; returns the new version."""
    w.may("underpayments.work")
    row = _row(w, public_id, version)
    _change(w, row, {"owner_id": owner_id})
    worklist.own_many(w, (QUEUE,), SUBJECT, [row.id], owner_id)
    _tell(w, row, "assign", State(row.state), "", detail={"owner": owner_id})
    return version + 1


def group(w: Work, chosen: Sequence[tuple[str, int]], *, name: str) -> str:
    """Put validated underpayments of one payer and cause into a project; returns its public id.

    chosen: (public id, version) of up to 200. A project of that name and the same payer and cause takes more.
    Refused: different payers or causes, one past its last day, one not yet looked at twice.
    """
    w.may("underpayments.work")
    if not chosen or len(chosen) > MOST:
        raise Refused(f"Choose 1 to {MOST} underpayments.", code="how_many", field="cases")
    rows = [_row(w, public_id, version) for public_id, version in chosen]
    today = w.today(entities.get(w, rows[0].entity_id).time_zone)
    if any(row.limit_on < today for row in rows):
        raise NotAllowed("One of them is past its last day to dispute.", code="past_limit")
    for row in rows:
        UNDERPAYMENT.next(State(row.state), Move.GROUP)
    project_id = project_for(w, rows, name)
    for row in rows:
        _change(w, row, {"state": State.GROUPED.value, "project_id": project_id})
        _tell(w, row, Move.GROUP.value, State.GROUPED, name.strip()[:120])
    query = select(_project.c.public_id).where(w.within(_project.c.entity_id), _project.c.id == project_id)
    return str(w.db.execute(query).scalar_one())


def project_for(w: Work, rows: Sequence[Any], name: str) -> int:
    """The project of a name that takes these: known already, or new. Refused: several payers or causes."""
    about = {(row.entity_id, row.payer_id, row.cause) for row in rows}
    if len(about) != 1:
        raise Refused("A project is about one payer and one cause.", code="mixed", field="cases")
    return _project_of(w, about.pop(), name.strip()[:120])[0]


def by_public(w: Work, public_id: str) -> Any:
    """The row of an underpayment; `NotFound` when there is none or it is not yours."""
    query = select(_case).where(w.within(_case.c.entity_id), _case.c.public_id == public_id)
    row = w.db.execute(query).one_or_none()
    if row is None:
        raise NotFound()
    return row


def _project_of(w: Work, about: tuple[int, int | None, str], name: str) -> tuple[int, str]:
    entity_id, payer_id, cause = about
    if not name:
        raise Refused("A project has a name.", code="name", field="name")
    query = select(_project).where(
        w.within(_project.c.entity_id), _project.c.entity_id == entity_id, _project.c.name == name
    )
    known = w.db.execute(query).one_or_none()
    if known is not None:
        if (known.payer_id, known.cause) != (payer_id, cause):
            words = "A project of this name is about another payer or cause."
            raise Refused(words, code="name_taken", field="name")
        return int(known.id), str(known.public_id)
    key, public = w.numbers("underpayment_project"), public_ids(1)[0]
    values = dict(id=key, public_id=public, entity_id=entity_id, payer_id=payer_id, cause=cause, name=name)
    w.db.execute(insert(_project).values(**values, author=w.actor.name[:80], created_at=w.now))
    w.audit("underpayments.project", "C", "underpayment_project", public, entity_id=entity_id)
    return key, public


def _row(w: Work, public_id: str, version: int) -> Any:
    row = by_public(w, public_id)
    if row.version != version:
        raise Stale()
    return row


def _change(w: Work, row: Any, values: dict[str, Any]) -> None:
    held = (_case.c.id == row.id, _case.c.version == row.version)
    if w.db.execute(update(_case).where(*held).values(**values, version=row.version + 1)).rowcount != 1:
        raise Stale()


def _tell(
    w: Work, row: Any, move: str, after: State, reason: str, *, detail: dict[str, Any] | None = None
) -> None:
    service_cases.log(w, [Told(row.entity_id, row.id, move, row.state, after.value, reason, detail)])
    patients = [row.patient_id] if row.patient_id else []
    said = {"move": move, "before": row.state, "after": after.value}
    w.audit(
        "underpayments.move",
        "U",
        SUBJECT,
        row.public_id,
        entity_id=row.entity_id,
        patients=patients,
        detail=said,
    )
