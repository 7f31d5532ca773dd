"""The ledger for programs: batches, entries, the trial balance."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from app.entities import queries as entities
from app.flows import name_sources
from app.kernel.paging import Ask, Sorts, ask_of
from app.kernel.work import Work, reading
from app.ledger import queries
from app.ledger.queries import EntryRow
from app.ledger.schemas import (
    BalanceRequest,
    BalanceView,
    BatchPage,
    BatchRequest,
    BatchView,
    EntryPage,
    EntryRequest,
)
from app.web.door import actor

api = Blueprint("ledger_api", __name__, url_prefix="/ledger", description="Batches, entries, trial balance")


def asked(given: dict[str, Any], sorts: Sorts, filters: Sequence[str], *, default: str) -> Ask:
    """What a request asks of a list, read the way the screens read it."""
    named = {"first": "from", "last": "to"}
    values = {
        named.get(name, name): value.isoformat() if isinstance(value, date) else str(value)
        for name, value in given.items()
    }
    return ask_of(values, sorts, default=default, filters=filters)


@api.route("/batches")
class Batches(MethodView):
    """Posting batches."""

    @api.arguments(BatchRequest, location="query")
    @api.response(200, BatchPage)
    def get(self, given: dict[str, Any]) -> Any:
        """Batches, newest first."""
        ask = asked(given, queries.BATCH_SORTS, queries.BATCH_FILTERS, default="-recorded")
        with reading(actor()) as w:
            return queries.batches(w, ask)


@api.route("/batches/<string:public_id>")
class OneBatch(MethodView):
    """One batch."""

    @api.response(200, BatchView)
    def get(self, public_id: str) -> Any:
        """One batch with its link in the chain; its entries: /ledger/entries?batch=."""
        with reading(actor()) as w:
            return queries.batch(w, public_id)


@api.route("/entries")
class Entries(MethodView):
    """Entries."""

    @api.arguments(EntryRequest, location="query")
    @api.response(200, EntryPage)
    def get(self, given: dict[str, Any]) -> Any:
        """Entries, last recorded first."""
        ask = asked(given, queries.ENTRY_SORTS, queries.ENTRY_FILTERS, default="-recorded")
        with reading(actor()) as w:
            claims = name_sources.claims_called(w, ask.get("claim")) if ask.get("claim") else None
            found = queries.entries(w, ask, claim_ids=claims)
            return {"rows": told(w, found.rows), "next": found.next}


def told(w: Work, rows: Sequence[EntryRow]) -> list[dict[str, Any]]:
    """Entries with the public ids of their claims; whose claims were told is noted."""
    names = name_sources.of_entries(w, rows)
    patients = {one.patient_id for one in names.claims.values() if one.patient_id}
    w.audit("ledger.entries", "R", "ledger_entry", patients=patients, detail={"rows": len(rows)})
    found = []
    for row in rows:
        claim = names.claims.get(row.claim_id or 0)
        more = {
            "reference": row.reference,
            "segment": row.segment,
            "claim": claim.public_id if claim else None,
        }
        found.append(asdict(row) | more)
    return found


@api.route("/trial-balance")
class TrialBalance(MethodView):
    """The trial balance."""

    @api.arguments(BalanceRequest, location="query")
    @api.response(200, BalanceView)
    def get(self, given: dict[str, Any]) -> Any:
        """Debit, credit and balance of every account, as of a day and as known at a moment."""
        known = queries.read_instant(given.get("known", ""), "known")
        with reading(actor()) as w:
            ids = entities.chosen(w, given.get("entity", ""))
            return queries.trial_balance(w, ids, as_of=given.get("as_of"), known_at=known)
