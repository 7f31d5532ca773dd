"""The verbs of contracts: terms with a payer, from a day on."""

from collections.abc import Mapping
from datetime import date
from decimal import InvalidOperation
from typing import Any

from sqlalchemy import insert, select, update

from app.contracts.models import ContractTerm
from app.contracts.rules import NAMES, TermRow, make_terms
from app.contracts.service_import import REPRICE
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.ids import public_ids
from app.kernel.work import Work
from app.payers.rules import normal_value

_term = table_of(ContractTerm)


def change_terms(
    w: Work,
    entity_id: int,
    payer: str,
    terms: Mapping[str, Any],
    *,
    effective_from: date,
    effective_to: date | None = None,
) -> str:
    """Terms with a payer number from a day on (empty: with every payer); returns the row's public id.

    terms: only what differs, by the names of `Terms`: shares and money as text. A row that begins the same
    day is replaced, its old state kept; what was paid since that day is priced anew. effective_to: the first
    day it no longer holds.
    """
    w.may("contracts.write")
    if entity_id not in w.scope:
        raise NotFound("There is no such entity.", field="entity")
    unknown = sorted(set(terms) - NAMES)
    if unknown or not terms:
        words = f"Not a term: {', '.join(unknown) or 'nothing given'}."
        raise Refused(words, code="unknown_term", field="terms")
    if effective_to is not None and effective_to <= effective_from:
        raise Refused("The last day must come after the first.", code="empty_range", field="effective_to")
    number = normal_value("nm109", payer)
    try:
        make_terms(effective_from, [TermRow(0, number, effective_from, None, terms)])
    except (ValueError, TypeError, InvalidOperation) as problem:
        raise Refused(f"These terms cannot be read: {problem}", code="bad_terms", field="terms") from problem
    same = (
        _term.c.entity_id == entity_id,
        w.within(_term.c.entity_id),
        _term.c.payer_number == number,
        _term.c.effective_from == effective_from,
        _term.c.replaced_at.is_(None),
    )
    w.db.execute(update(_term).where(*same).values(replaced_at=w.now))
    public = public_ids(1)[0]
    values = dict(
        public_id=public, entity_id=entity_id, payer_number=number, payer_label=payer.strip()[:80],
        terms=dict(terms), effective_from=effective_from, effective_to=effective_to,
        author=w.actor.name[:80], recorded_at=w.now,
    )  # fmt: skip
    row_id = w.db.execute(insert(_term).values(values).returning(_term.c.id)).scalar_one()
    w.audit(
        "contracts.terms", "C", "contract_term", public, entity_id=entity_id, detail={"terms": dict(terms)}
    )
    payload = {"entity": entity_id, "payers": [number] if number else [], "after": 0}
    payload["from"] = effective_from.isoformat()
    w.job(REPRICE, f"{entity_id}:term:{row_id}:0", payload, rank=7)
    return public


def end_terms(w: Work, public_id: str, *, on: date) -> None:
    """Terms hold no longer from a day on; a day at or before their first takes them back altogether."""
    w.may("contracts.write")
    query = select(_term).where(w.within(_term.c.entity_id), _term.c.public_id == public_id)
    row = w.db.execute(query.where(_term.c.replaced_at.is_(None))).one_or_none()
    if row is None:
        raise NotFound()
    w.db.execute(update(_term).where(_term.c.id == row.id).values(replaced_at=w.now))
    if on > row.effective_from:
        values = {name: getattr(row, name) for name in
                  ("entity_id", "payer_number", "payer_label", "terms", "effective_from")}  # fmt: skip
        values |= dict(
            public_id=public_ids(1)[0], effective_to=on, author=w.actor.name[:80], recorded_at=w.now
        )
        w.db.execute(insert(_term).values(values))
    detail = {"on": on.isoformat()}
    w.audit("contracts.end_terms", "U", "contract_term", public_id, entity_id=row.entity_id, detail=detail)
    payload = {"entity": row.entity_id, "payers": [row.payer_number] if row.payer_number else [], "after": 0}
    payload["from"] = row.effective_from.isoformat()
    w.job(REPRICE, f"{row.entity_id}:term-end:{row.id}:0", payload, rank=7)
