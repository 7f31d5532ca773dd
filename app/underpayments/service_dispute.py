"""The letter a dispute is made with: one line, or all of its project, with the contract behind it.

What is sent is kept as it left, sealed by its content: every line of a project sent on one day shares it.
"""

import io
from collections.abc import Sequence
from datetime import date
from typing import Any, BinaryIO

from sqlalchemy import select

from app.claims.models import Claim
from app.contracts.models import FeeRow, FeeSchedule
from app.denials.queries_figures import tax_ids
from app.documents import service as documents
from app.entities import queries as entities
from app.entities.models import EntityIdentifier
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound
from app.kernel.money import Money
from app.kernel.work import Work
from app.payers.models import Payer
from app.remits.models import Remit, RemitClaim
from app.underpayments import translate
from app.underpayments.lifecycle import OPEN, Move
from app.underpayments.models import Underpayment, UnderpaymentEvent, UnderpaymentProject, Variance
from app.underpayments.rules import CAUSES, said

_case, _variance, _event = table_of(Underpayment), table_of(Variance), table_of(UnderpaymentEvent)
_project, _claim, _payer = table_of(UnderpaymentProject), table_of(Claim), table_of(Payer)
_remit, _remit_claim = table_of(Remit), table_of(RemitClaim)
_schedule, _fee, _identifier = table_of(FeeSchedule), table_of(FeeRow), table_of(EntityIdentifier)
LINES = 2_000
"""Lines one letter lists; a project with more is disputed with the Excel file beside it."""
APPROVE = "underpayments.approve"


def lines_of(w: Work, row: Any) -> Sequence[Any]:
    """The lines a dispute of this one is about: its own, or the open ones of its project, dearest first."""
    named = ("line_number", "code", "modifiers", "charge", "service_on", "payer_number", "steps",
             "schedule_id", "fee_row_id")  # fmt: skip
    query = (
        select(
            _case.c.id, _case.c.amount, _case.c.expected, _case.c.actual, _case.c.limit_on, _case.c.cause,
            *(_variance.c[name] for name in named), _claim.c.control, _remit_claim.c.payer_control,
            _remit.c.trace, _case.c.remit_on,
        )
        .join(_variance, _variance.c.id == _case.c.variance_id)
        .join(_claim, _claim.c.id == _case.c.claim_id)
        .join(_remit_claim, _remit_claim.c.id == _case.c.remit_claim_id)
        .join(_remit, _remit.c.id == _case.c.remit_id)
        .where(w.within(_case.c.entity_id))
    )  # fmt: skip
    if row.project_id is None:
        query = query.where(_case.c.id == row.id)
    else:
        states = [one.value for one in sorted(OPEN)]
        query = query.where(_case.c.project_id == row.project_id, _case.c.state.in_(states))
    return w.db.execute(query.order_by(_case.c.amount.desc(), _case.c.id).limit(LINES)).all()


def send(w: Work, row: Any, limit: Money, today: date) -> dict[str, Any]:
    """Keep the letter of a dispute that is sent; returns what its event says of it.

    limit: cents; a dispute about more is sent by somebody who may approve it.
    """
    lines = lines_of(w, row)
    missing = Money.of_sum(sum(int(one.amount) for one in lines))
    if missing > limit and not w.actor.permissions & {"*", APPROVE}:
        words = f"It is about {missing}; above {limit} somebody who may approve disputes sends it."
        raise NotAllowed(words, code="limit")
    content, version = translate.letter(_facts(w, row, lines), on=today)
    file_no, sha256, _, _ = documents.put(w, io.BytesIO(content))
    return {"letter": file_no, "sha256": sha256, "template": version, "lines": len(lines)}


def draft(w: Work, public_id: str) -> bytes:
    """The letter as it would be sent today."""
    row = _row(w, public_id)
    today = w.today(entities.get(w, row.entity_id).time_zone)
    return translate.letter(_facts(w, row, lines_of(w, row)), on=today)[0]


def sent(w: Work, public_id: str) -> BinaryIO | None:
    """The letter as it left the last time; None when none did."""
    row = _row(w, public_id)
    query = select(_event.c.detail).where(
        w.within(_event.c.entity_id), _event.c.underpayment_id == row.id, _event.c.move == Move.SEND.value
    )
    told = [one for one in w.db.execute(query.order_by(_event.c.id)).scalars() if one and one.get("letter")]
    return documents.open_file(w, told[-1]["letter"]) if told else None


def _row(w: Work, public_id: str) -> Any:
    query = select(_case).where(w.within(_case.c.entity_id), _case.c.public_id == public_id)
    row = w.db.execute(query).one_or_none()
    if row is None:
        raise NotFound()
    patients = [row.patient_id] if row.patient_id else []
    w.audit(
        "underpayments.letter", "R", "underpayment", public_id, entity_id=row.entity_id, patients=patients
    )
    return row


def _facts(w: Work, row: Any, lines: Sequence[Any]) -> dict[str, Any]:
    first = lines[0]
    practice = entities.get(w, row.entity_id)
    payer = w.db.execute(select(_payer.c.name).where(_payer.c.id == (row.payer_id or 0))).scalar()
    project = w.db.execute(select(_project.c.name).where(_project.c.id == (row.project_id or 0))).scalar()
    sums = {
        name: str(Money.of_sum(sum(int(getattr(one, column)) for one in lines)))
        for name, column in (("expected", "expected"), ("allowed", "actual"), ("missing", "amount"))
    }
    return sums | {
        "payer": payer or first.payer_number or "Payer",
        "payer_number": first.payer_number,
        "practice": practice.name,
        "npi": _npi(w, row.entity_id),
        "tax_id": tax_ids(w).get(row.entity_id, ""),
        "project": project or row.public_id,
        "cause": said(CAUSES, row.cause) or "not known",
        "schedule": _schedule_words(w, first),
        "count": "1 line" if len(lines) == 1 else f"{len(lines):,} lines",
        "limit_on": min(one.limit_on for one in lines).isoformat(),
        "control": first.control,
        "payer_control": first.payer_control,
        "trace": first.trace,
        "remit_on": first.remit_on.isoformat(),
        "author": w.actor.name,
        "lines": [_line(one) for one in lines],
        "steps": [{"words": step} for step in first.steps],
    }


def _npi(w: Work, entity_id: int) -> str:
    query = select(_identifier.c.value).where(
        w.within(_identifier.c.entity_id), _identifier.c.entity_id == entity_id, _identifier.c.kind == "npi"
    )
    return w.db.execute(query.order_by(_identifier.c.id.desc()).limit(1)).scalar() or ""


def _line(one: Any) -> dict[str, str]:
    code = "-".join(filter(None, (one.code or "claim", one.modifiers.replace(" ", "-"))))
    return {
        "control": one.control, "payer_control": one.payer_control, "day": one.service_on.isoformat(),
        "code": code, "charge": str(one.charge), "expected": str(one.expected), "allowed": str(one.actual),
        "missing": str(one.amount),
    }  # fmt: skip


def _schedule_words(w: Work, line: Any) -> str:
    """Version, file and row that priced a line, and since when the row holds."""
    query = (
        select(_schedule.c.number, _schedule.c.name, _fee.c.line, _fee.c.effective_from)
        .join(_fee, _fee.c.schedule_id == _schedule.c.id)
        .where(w.within(_schedule.c.entity_id), _fee.c.id == (line.fee_row_id or 0))
    )
    row = w.db.execute(query).one_or_none()
    if row is None:
        return "the terms agreed with you"
    return (
        f"fee schedule version {row.number} ({row.name}, row {row.line}, in force from {row.effective_from})"
    )
