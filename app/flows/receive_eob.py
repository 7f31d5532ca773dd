"""One EOB (FHIR), one transaction: adjudication onto the books, never cash; all or nothing, twice is once.

What becomes of it: posted (RFHIR-10), parked until its claim is known, attached because an 835 or a newer
version counts, kept because it states nothing final, held for a person, or rejected for what it lacks
(RFHIR-15).
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.codes import service as codes
from app.documents import service as documents
from app.entities import queries as entities
from app.entities import service as entity_service
from app.entities.rules import Identifier, Practice
from app.flows.receive_claims import SameAgain
from app.flows.receive_remit import facts_of, follow, keep_hold
from app.intake import service as intake
from app.intake import service_known as known_service
from app.intake.lifecycle import Move
from app.intake.service import Staged
from app.kernel import failpoints
from app.kernel.ids import public_id
from app.kernel.work import Work
from app.ledger.service import Batch
from app.payers import service as payers
from app.payers.service import SeenPayer
from app.remits import rules_fhir
from app.remits import service as remits
from app.remits import service_exceptions as exceptions
from app.remits import service_fhir as fhir
from app.remits.rules_fhir import COMPANY
from app.remits.service import Taking
from app.remits.translate import Explained

POSTS = "active", "cancelled"
CHARACTERS = 500


@dataclass(frozen=True)
class Verdict:
    """What becomes of an EOB that does not reach the books, and why; codes and words for a person."""

    move: Move
    code: str
    words: str


def receive_eob(w: Work, staged: Staged) -> None:
    """Post one EOB, or record why it is kept, held or rejected."""
    with documents.open_file(w, staged.file_no) as stream:
        read = Explained(stream, staged.span)
    owner = _owner(w, staged, read)
    verdict = _verdict(staged, read, owner)
    if verdict is None and owner is not None:
        verdict = _seen_before(w, staged, read, owner)
    if verdict is not None or owner is None:
        _set_apart(w, staged, read, owner, verdict or _nobody(read))
        return
    _post(w, staged, read, owner)
    failpoints.hit("remits.before_commit")


def _owner(w: Work, staged: Staged, read: Explained) -> Practice | None:
    header = read.header
    named = [Identifier(kind, value) for kind, value in header.payee_ids]
    on = header.issued or header.produced or w.now.date()
    found = entities.owner_of(w, named, on=on)
    if found is None and named and staged.options.get("create_entities") and not read.said.missing:
        return entity_service.add(w, header.payee_name or "Unnamed practice", named)
    return found


def _nobody(read: Explained) -> Verdict:
    numbers = ", ".join(f"{kind} {value}" for kind, value in read.header.payee_ids) or "no number"
    return Verdict(
        Move.HOLD, "intake.unknown_entity", f"The provider ({numbers}) is not one of your entities."
    )


def _verdict(staged: Staged, read: Explained, owner: Practice | None) -> Verdict | None:
    """What the EOB itself says about being posted; a supervisor's release overrides findings only."""
    said = read.said
    if said.missing:
        words = f"Required fields are missing or not of the standard: {', '.join(said.missing)}."
        return Verdict(Move.QUARANTINE, "fhir.required", words)
    if said.status not in POSTS:
        return Verdict(Move.KEEP, "fhir.status", f"Its status is {said.status}: it is not in force.")
    if said.outcome == "queued":
        return Verdict(Move.KEEP, "fhir.queued", "The payer has not decided yet (outcome queued).")
    if said.outcome == "error":
        words = f"The payer could not process the claim: {said.disposition or 'no reason is given'}."
        return Verdict(Move.HOLD, "fhir.outcome_error", words[:CHARACTERS])
    if not said.adjudicated and said.status != "cancelled":
        words = f"This {said.type} ({said.use}) carries no adjudicated amounts; it is kept for reading."
        return Verdict(Move.KEEP, "fhir.no_amounts", words)
    if owner is None:
        return _nobody(read)
    if staged.usage == "T" and not owner.test:
        return Verdict(Move.HOLD, "intake.test_file", f"This is a test, and {owner.name} keeps live books.")
    broken = next((one for one in said.findings if one.does in ("hold", "refuse")), None)
    if broken is not None and staged.released_by is None and said.status != "cancelled":
        return Verdict(Move.HOLD, broken.code, broken.text)
    return None


def _seen_before(w: Work, staged: Staged, read: Explained, owner: Practice) -> Verdict | None:
    """RFHIR-13: the same facts are ignored, also as a newer version; others of the same version are held."""
    said, mine = read.said, rules_fhir.signature(read.said.claim)
    known = fhir.versions(w, owner.id, said.claim.payer_control[:50])
    for row in known:
        same = row.content_hash == staged.content_hash or (row.standing and row.signature == mine)
        if same and (original := known_service.posted_by_id(w, row.id)) is not None:
            raise SameAgain(*original)
    if staged.released_by is None and any(row.revision == said.revision[:60] for row in known):
        words = f"The payer's claim {said.unique} came in before as the same version, with other content."
        return Verdict(Move.HOLD, "fhir.same_version", words)
    return None


def _set_apart(w: Work, staged: Staged, read: Explained, owner: Practice | None, verdict: Verdict) -> None:
    facts = facts_of(read.header, owner.id if owner else None) | {"charge": read.said.claim.charge}
    if verdict.move is Move.HOLD:
        keep_hold(w, staged, (verdict.code, verdict.words), read.findings(), facts)
        return
    findings = [(None, one) for one in read.findings()]
    intake.keep_findings(w, staged.file_no, staged.id, findings, origin="posting")
    intake.settle(w, staged.id, verdict.move, reason=verdict.code, explanation=verdict.words, **facts)


def _post(w: Work, staged: Staged, read: Explained, owner: Practice) -> None:
    header, said = read.header, read.said
    effective = header.issued or header.produced or w.today(owner.time_zone)
    payer_id = payers.recognise(w, owner.id, [SeenPayer(header.payer_name, header.payer_ids)])[0]
    batch = Batch(
        w, owner.id, "eob", f"eob:{staged.id}:{staged.posting}", effective, transaction_id=staged.id
    )
    before = remits.earlier(w, owner.id, COMPANY, header.trace[:60])
    occurrence = before[-1].occurrence + 1 if before else 1
    row = _remit_row(staged, read, owner, payer_id, effective)
    remits.take_in(w, row | {"batch_id": batch.id, "occurrence": occurrence})
    fhir.take_in(w, _eob_row(staged, read, owner))
    book = codes.book(w, owner.id, effective)
    meanings = fhir.Careful(book, evidence=said.evidence)
    ids = (staged.id, staged.id, owner.id, payer_id, staged.file_no)
    taking = Taking(*ids, effective, header.produced or effective, meanings, batch, cash=False)
    done = remits.post(w, taking, [said.claim])
    failpoints.hit("remits.after_rows")
    findings = [*done.told, *((staged.id, one) for one in read.findings())]
    intake.keep_findings(w, staged.file_no, staged.id, findings, origin="posting")
    exceptions.open_parked(w, taking, done)
    follow(w, done)
    closed = batch.close()
    intake.settle(
        w,
        staged.id,
        Move.POST,
        posted_hash=hashlib.sha256(f"{[owner.id]}|fhir|{staged.content_hash}".encode()).hexdigest(),
        batch_id=closed.id,
        claims=1,
        lines=len(said.claim.services),
        charge=said.claim.charge,
        parked=len(done.parked),
        **facts_of(header, owner.id),
    )
    w.job("retry_parked", f"remit:{staged.id}", {"entity": owner.id, "transaction": staged.id}, rank=7)


def _remit_row(
    staged: Staged, read: Explained, owner: Practice, payer_id: int, effective: date
) -> dict[str, Any]:
    header = read.header
    trace = header.trace[:60]
    row: dict[str, Any] = dict(id=staged.id, public_id=public_id(), entity_id=owner.id, payer_id=payer_id)
    row |= dict(
        payer_name=header.payer_name[:120], trace=trace, payer_company=COMPANY, contact={}, source="fhir"
    )
    row |= dict(method=header.method, handling=header.handling, paid=0, issued=header.issued)
    row |= dict(produced=header.produced, payee_npi="", account_last4="", effective_date=effective)
    return row | dict(content_hash=staged.content_hash, claims=1, claims_paid=0, provider_total=0)


def _eob_row(staged: Staged, read: Explained, owner: Practice) -> dict[str, Any]:
    said = read.said
    row: dict[str, Any] = dict(id=staged.id, entity_id=owner.id, payer_control=said.claim.payer_control[:50])
    row |= dict(claim_id=None, rank=said.rank, revision=said.revision[:60], content_hash=staged.content_hash)
    row |= dict(signature=rules_fhir.signature(said.claim), resource=said.type[:24], status=said.status[:20])
    row |= dict(use=said.use[:20], outcome=said.outcome[:10], payee=said.payee[:20], evidence=said.evidence)
    row |= dict(said_paid=said.said_paid, payment_date=read.header.issued, payment_id=said.payment_id[:80])
    notes = [one[:CHARACTERS] for one in said.notes]
    return row | dict(said={"disposition": said.disposition[:CHARACTERS], "notes": notes})
