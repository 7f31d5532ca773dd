"""Proof of timely filing (F7): facts that show it are kept as they arrive, and made into a page when needed.

A rejection proves nothing: the clock does not stop for it (x12-837-rebill section 6).
"""

import io
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

from sqlalchemy import and_, or_, select, update

from app.claims.lifecycle import Move as ClaimMove
from app.claims.lifecycle import State as ClaimState
from app.claims.models import Claim, ClaimAnswer, ClaimVersion, Transmission
from app.denials import service_documents as case_documents
from app.denials.lifecycle import OPEN as CASE_OPEN
from app.denials.models import Denial, DenialDocument
from app.documents import service as documents
from app.kernel.bulk import among
from app.kernel.db import bulk_insert, in_chunks, instant_text, table_of
from app.kernel.errors import NotFound
from app.kernel.ids import public_ids
from app.kernel.limits import BATCH_CLAIMS
from app.kernel.work import Work
from app.rebill import queries_proofs, service_proof_page, translate_proofs
from app.rebill.lifecycle import Proof
from app.rebill.models import FilingProof
from app.remits.models import Remit, RemitClaim
from app.remits.rules import REVERSAL

_proof, _answer, _version = table_of(FilingProof), table_of(ClaimAnswer), table_of(ClaimVersion)
_way, _claim = table_of(Transmission), table_of(Claim)
_remit, _remit_claim = table_of(Remit), table_of(RemitClaim)
_denial, _document = table_of(Denial), table_of(DenialDocument)
_PROOF = ("public_id", "entity_id", "claim_id", "payer_id", "kind", "day", "source_id", "recorded_at")
_TAKEN = (ClaimMove.RECEIVE.value, ClaimMove.ACCEPT.value, ClaimMove.ACCEPT_SOME.value)
PAYER = "PR"
CATEGORY, KIND, JOB = "timely_filing", "timely_proof", "filing_proof"


def hear(w: Work, source_id: int) -> None:
    """After a 999 or 277CA was taken in: whom it proves to be filed."""
    _keep(w, _answer.c.source_id == source_id)
    _keep(w, _way.c.acknowledgement_id.in_(queries_proofs.said_by(source_id)))


def take_in(w: Work, transaction_id: int) -> None:
    """After claims were taken in: what was said of them before."""
    _keep(w, _version.c.transaction_id == transaction_id)


def _keep(w: Work, which: Any) -> None:
    """Keep each acceptance of a claim by its payer (the best proof), and each of a clearinghouse for a claim
    of a file it could read: the 999 and the report together are the proof.
    """
    same = and_(_version.c.control == _answer.c.control, _version.c.claim_id == _answer.c.claim_id)
    names = ("id", "entity_id", "claim_id", "origin", "day")
    query = (
        select(*(_answer.c[name] for name in names), _version.c.payer_id, _version.c.sent, _way.c.state)
        .join(_version, same)
        .outerjoin(_way, _way.c.transaction_id == _version.c.transaction_id)
        .where(
            which,
            _answer.c.kind == "277CA",
            _answer.c.move.in_(_TAKEN),
            _version.c.state != "undone",
            w.within(_answer.c.entity_id),
        )
        .order_by(_answer.c.id, _version.c.sent, _version.c.id)
    )
    found = []
    for row in _one_each(w.db.execute(query)):
        if row.origin == PAYER:
            found.append((row, Proof.PAYER_ACCEPTED))
        elif row.state == ClaimState.SYNTAX_ACCEPTED.value:
            found.append((row, Proof.SYNTAX_ACCEPTED))
    _write(w, [(row.entity_id, row.claim_id, row.payer_id, kind, row.day, row.id) for row, kind in found])
    _promise(w, sorted({row.claim_id for row, _ in found}))


def _one_each(rows: Iterable[Any]) -> list[Any]:
    """Of several versions under one number (another system's claim to the next payer keeps it), the one an
    answer speaks of: what had gone out last when it was written.
    """
    found: dict[int, Any] = {}
    for row in rows:
        if row.id not in found or row.sent[:8] <= f"{row.day:%Y%m%d}":
            found[row.id] = row
    return list(found.values())


def _write(w: Work, rows: Sequence[tuple[int, int, int | None, Proof, Any, int]]) -> None:
    moment, names = instant_text(w.now), public_ids(len(rows))
    made = [
        (names[at], entity, claim, payer, kind.value, day.isoformat(), source, moment)
        for at, (entity, claim, payer, kind, day, source) in enumerate(rows)
    ]
    bulk_insert(w.db, _proof, _PROOF, made)


def _promise(w: Work, claim_ids: Sequence[int]) -> None:
    """Cases of a late filing about these claims get the proof, once the job comes to it.

    Only where there may be one: most claims that came too late were never accepted by anybody before, and a
    job for each would cost more than posting them.
    """
    known = select(_proof.c.id).where(_proof.c.claim_id == _denial.c.claim_id)
    others = (_remit_claim.c.id != _denial.c.remit_claim_id, _remit_claim.c.status != REVERSAL)
    decided = select(_remit_claim.c.id).where(_remit_claim.c.claim_id == _denial.c.claim_id, *others)
    for chunk in in_chunks(claim_ids, BATCH_CLAIMS):
        query = select(_denial.c.claim_id, _denial.c.entity_id).where(
            among(w.db, _denial.c.claim_id, chunk), *_late(w), or_(known.exists(), decided.exists())
        )
        for claim_id, entity_id in sorted({tuple(row) for row in w.db.execute(query)}):
            payload = {"claim": claim_id, "entity": entity_id}
            w.job(JOB, f"claim:{claim_id}", payload, rank=7)


def _late(w: Work) -> tuple[Any, ...]:
    states = _denial.c.state.in_([one.value for one in sorted(CASE_OPEN)])
    return _denial.c.category == CATEGORY, states, w.within(_denial.c.entity_id)


def denied_late(w: Work, posted: Any) -> None:
    """A consequence of posting: cases of a late filing it opened get their proof."""
    ids = [one.remit_claim_id for one in posted.claims]
    query = select(_denial.c.claim_id).where(
        among(w.db, _denial.c.latest_remit_claim_id, ids), *_late(w), _denial.c.entity_id == posted.entity_id
    )
    _promise(w, sorted(set(w.db.execute(query).scalars())))


# ---------------------------------------------------------------- the page made of it


def attach(w: Work, claim_id: int) -> int:
    """The job `filing_proof`: put the best proof of a claim with its open cases of a late filing; returns
    with how many. A case that has a proof keeps it, unless a better one came.
    """
    own = and_(_denial.c.claim_id == claim_id, *_late(w))
    names = ("id", "public_id", "remit_claim_id", "payer_id")
    cases = w.db.execute(select(*(_denial.c[name] for name in names)).where(own)).all()
    if not cases:
        return 0
    remember_remits(w, claim_id)
    done = 0
    for case in cases:
        best = queries_proofs.best(w, claim_id, case.payer_id, other_than=case.remit_claim_id)
        if best is None:
            continue
        name = f"Proof of timely filing {best.day.isoformat()} {best.kind}.pdf"
        had = (_document.c.denial_id == case.id, _document.c.kind == KIND, _document.c.name == name)
        if w.db.execute(select(_document.c.id).where(*had)).first() is not None:
            continue
        with page(w, best.public_id) as content:
            case_documents.attach(w, case.public_id, content, name=name, kind=KIND)
        done += 1
    return done


def remember_remits(w: Work, claim_id: int) -> None:
    """Keep the payers' decisions about a claim as proofs: who decided it had it. Looked for when a proof is
    asked for, not with every remit: there are millions of them, and few are ever needed.
    """
    query = (
        select(_remit_claim.c.id, _remit_claim.c.entity_id, _remit_claim.c.payer_id, _remit.c.effective_date)
        .join(_remit, _remit.c.id == _remit_claim.c.remit_id)
        .where(
            _remit_claim.c.claim_id == claim_id,
            _remit_claim.c.status != REVERSAL,
            _remit_claim.c.state.in_(("posted", "reversed")),
            w.within(_remit_claim.c.entity_id),
        )
    )
    kind = Proof.PRIOR_REMIT
    rows = [
        (row.entity_id, claim_id, row.payer_id, kind, row.effective_date, row.id)
        for row in w.db.execute(query)
    ]
    _write(w, rows)


def page(w: Work, public_id: str) -> BinaryIO:
    """The proof as a PDF, made once and kept: later readers get the very bytes."""
    row = queries_proofs.one(w, public_id)
    number = row.document_no
    if number is None:
        number, _, _, _ = documents.put(w, io.BytesIO(made(w, row)))
        w.db.execute(update(_proof).where(_proof.c.id == row.id).values(document_no=number))
    return documents.open_file(w, number)


def made(w: Work, row: Any) -> bytes:
    """The bytes of a proof, made anew from the documents it names; dated the day it was recorded."""
    return translate_proofs.proof(service_proof_page.facts(w, row), on=row.recorded_at.date())


def shown(w: Work, public_id: str) -> tuple[Any, bytes]:
    """A proof and its PDF, for somebody who may read claims; the look is on record. One that nobody kept yet
    is made on the spot: the same bytes.
    """
    w.may("rebill.read")
    row = queries_proofs.one(w, public_id)
    _audit(w, row.claim_id, row.entity_id, "R", public_id)
    if row.document_no is None:
        return row, made(w, row)
    with documents.open_file(w, row.document_no) as content:
        return row, content.read()


def collect(w: Work, claim_public: str) -> list[queries_proofs.ProofRow]:
    """Look for everything that shows a claim was filed, remits included, and keep the page of the best."""
    w.may("rebill.work")
    claim_id, entity_id = _claim_of(w, claim_public)
    remember_remits(w, claim_id)
    found = queries_proofs.of(w, claim_id)
    if found:
        page(w, found[0].public_id).close()
    _audit(w, claim_id, entity_id, "U", claim_public)
    return found


def of_claim(w: Work, claim_public: str) -> list[queries_proofs.ProofRow]:
    """The proofs of a claim that are known, best first."""
    w.may("rebill.read")
    claim_id, entity_id = _claim_of(w, claim_public)
    _audit(w, claim_id, entity_id, "R", claim_public)
    return queries_proofs.of(w, claim_id)


def _claim_of(w: Work, claim_public: str) -> tuple[int, int]:
    mine = (_claim.c.public_id == claim_public, w.within(_claim.c.entity_id))
    row = w.db.execute(select(_claim.c.id, _claim.c.entity_id).where(*mine)).one_or_none()
    if row is None:
        raise NotFound("There is no such claim.")
    return row.id, row.entity_id


def _audit(w: Work, claim_id: int, entity_id: int, action: str, key: str) -> None:
    patients = w.db.execute(select(_claim.c.patient_id).where(_claim.c.id == claim_id)).scalars()
    w.audit("rebill.proof", action, "filing_proof", key, entity_id=entity_id, patients=list(patients))
