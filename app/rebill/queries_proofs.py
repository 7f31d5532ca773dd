"""Proofs of timely filing: which there are of a claim, and the best one."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, case, select

from app.claims.models import Acknowledgement
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.work import Work
from app.rebill import queries_guards
from app.rebill.lifecycle import Proof
from app.rebill.models import FilingProof

_proof, _said = table_of(FilingProof), table_of(Acknowledgement)
_RANK = {kind.value: place for place, kind in enumerate(Proof)}
WORDS = {
    Proof.PAYER_ACCEPTED.value: "Accepted by the payer (277CA)",
    Proof.SYNTAX_ACCEPTED.value: "File accepted (999), claim accepted by the clearinghouse (277CA)",
    Proof.PRIOR_REMIT.value: "Decided in an earlier remit (835)",
}


@dataclass(frozen=True, slots=True)
class ProofRow:
    """A proof as a person reads it."""

    public_id: str
    kind: str
    words: str
    day: date


def said_by(source_id: int) -> Select[Any]:
    """The keys of what an acknowledgement says."""
    return select(_said.c.id).where(_said.c.source_id == source_id)


def one(w: Work, public_id: str) -> Any:
    """The row of a proof; `NotFound` out of scope."""
    mine = (_proof.c.public_id == public_id, w.within(_proof.c.entity_id))
    row = w.db.execute(select(_proof).where(*mine)).one_or_none()
    if row is None:
        raise NotFound("There is no such proof.")
    return row


def of(w: Work, claim_id: int) -> list[ProofRow]:
    """The proofs of a claim that are known, best first, then earliest."""
    return [ProofRow(row.public_id, row.kind, WORDS[row.kind], row.day) for row in _rows(w, claim_id)]


def best(w: Work, claim_id: int, payer_id: int | None, *, other_than: int | None = None) -> Any:
    """The best proof of a claim to this payer: what another payer took shows it nothing.

    other_than: a decision that proves nothing, because it is the late one.
    """
    rows = _rows(w, claim_id)
    same = queries_guards.one_record(w, {payer_id, *(row.payer_id for row in rows)})
    mine = [row for row in rows if payer_id is not None and same.get(row.payer_id) == same[payer_id]]
    found = [row for row in mine if row.source_id != other_than]
    late = next((row.day for row in rows if row.source_id == other_than), None)
    return next((row for row in found if late is None or row.day < late), None)


def _rows(w: Work, claim_id: int) -> list[Any]:
    order = case(_RANK, value=_proof.c.kind)
    mine = (_proof.c.claim_id == claim_id, w.within(_proof.c.entity_id))
    return list(w.db.execute(select(_proof).where(*mine).order_by(order, _proof.c.day, _proof.c.id)))
