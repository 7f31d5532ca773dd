"""One 835 transaction, one check: from segments to ledger and worklist, all or nothing; twice is once."""

import hashlib
from typing import Any

from app.claims import service_payers as claim_payers
from app.claims import service_states as claim_states
from app.codes import service as codes
from app.denials import service as denials
from app.documents import service as documents
from app.entities import queries as entities
from app.entities import service as entity_service
from app.entities.rules import Identifier, Practice
from app.flows import announce, bill_secondary, learn_payers, rebill_answers
from app.flows.receive_claims import HeldLate, SameAgain
from app.intake import service as intake
from app.intake.lifecycle import Move
from app.intake.service import Staged
from app.intake.translate import Found
from app.kernel import failpoints
from app.kernel.ids import public_id
from app.kernel.money import Money
from app.kernel.work import Work
from app.ledger.service import Batch
from app.payers import service as payers
from app.payers.service import SeenPayer
from app.remits import queries_keyed as keyed
from app.remits import service as remits
from app.remits import service_exceptions as exceptions
from app.remits import service_provider as provider
from app.remits.service import Done, Taking, sub_batches
from app.remits.service_rows import Meanings
from app.remits.translate import Header, Remittance
from app.underpayments import service as underpayments

AFTER_POSTING = (
    learn_payers.learn_from,
    claim_payers.note_answers,
    claim_states.note_remits,
    denials.open_from,
    underpayments.judge_from,
    rebill_answers.after_posting,
    bill_secondary.look_from,
    announce.posting,
)
"""What follows a posting, in order; each takes a batch of posted claims (later capabilities add theirs)."""


def receive_remit(w: Work, staged: Staged) -> None:
    """Post one remit: hold it whole, or post what is right and park what is not; cash is BPR02 either way."""
    with documents.open_file(w, staged.file_no) as stream:
        remittance = Remittance(stream, staged.span)
        header = remittance.header
        owner = _owner(w, staged, header)
        held = _held_by_header(staged, header, owner)
        if held is None and owner is not None:
            held, occurrence = _seen_before(w, staged, header, owner)
        if held is not None or owner is None:
            facts = facts_of(header, owner.id if owner else None)
            keep_hold(w, staged, held or ("intake.unknown_entity", ""), list(header.findings), facts)
            return
        _post(w, staged, remittance, owner, occurrence)
    failpoints.hit("remits.before_commit")


def _owner(w: Work, staged: Staged, header: Header) -> Practice | None:
    named = [Identifier(kind, value) for kind, value in header.payee_ids]
    on = header.issued or header.produced or w.now.date()
    found = entities.owner_of(w, named, on=on)
    if found is None and named and staged.options.get("create_entities"):
        test = staged.usage == "T"
        return entity_service.add(w, header.payee_name or "Unnamed practice", named, test=test)
    return found


def _held_by_header(staged: Staged, header: Header, owner: Practice | None) -> tuple[str, str] | None:
    """Why a remit is held before any claim is looked at; a supervisor's release overrides counts only."""
    if owner is None:
        numbers = ", ".join(f"{kind} {value}" for kind, value in header.payee_ids) or "no number"
        return "intake.unknown_entity", f"The payee ({numbers}) is not one of your entities."
    if staged.usage == "T" and not owner.test:
        return "intake.test_file", f"This is a test file (ISA15 T) and {owner.name} keeps live books."
    for finding in header.findings:
        if finding.does in ("hold", "refuse") and staged.released_by is None:
            return finding.code, finding.text
    if not owner.post_on_era and staged.released_by is None:
        return "remit.waits_for_bank", f"{owner.name} posts a remit when the bank has the money."
    return None


def _seen_before(
    w: Work, staged: Staged, header: Header, owner: Practice
) -> tuple[tuple[str, str] | None, int]:
    """x12-835 section 11, payment: the same content is ignored, other content of the same trace is held."""
    before = remits.earlier(w, owner.id, header.payer_company, header.trace)
    if any(row.content_hash == staged.content_hash for row in before):
        original = intake.original_of(w, _posted_hash(owner, staged))
        if original is not None:
            raise SameAgain(*original)
    if staged.released_by is None:
        paper = keyed.keyed_check(w, owner.id, header.trace, Money(header.paid), other_than=staged.file_no)
        if paper is not None:
            return ("remit.keyed_before", _keyed_words(paper)), 0
        if before:
            words = (
                f"Trace {header.trace} of this payer came in before with other content "
                f"(paid {before[0].paid})."
            )
            return ("remit.same_trace", words), 0
    return None, len(before) + 1


def _keyed_words(paper: keyed.Batch) -> str:
    """The payer's own file of a check that is in the books from paper: what to do about it."""
    return (
        f"Check {paper.trace} over {paper.paid} was keyed from paper by {paper.owner} and is posted. Undo "
        "the keyed payment and replay this one to keep the payer's own, or leave this one held."
    )


def _posted_hash(owner: Practice, staged: Staged) -> str:
    return hashlib.sha256(f"{[owner.id]}|{staged.content_hash}".encode()).hexdigest()


def facts_of(header: Header, entity_id: int | None) -> dict[str, Any]:
    """What a list of files shows of a remit."""
    day = header.issued or header.produced
    facts = dict(entity_id=entity_id, payer_name=header.payer_name[:120], trace=header.trace[:60])
    return {**facts, "method": header.method[:3], "paid": header.paid, "effective_date": day}


def keep_hold(
    w: Work, staged: Staged, why: tuple[str, str], findings: list[Found], facts: dict[str, Any]
) -> None:
    """Record a hold with its reason, its findings and an item for the exceptions queue."""
    intake.keep_findings(w, staged.file_no, staged.id, [(None, one) for one in findings], origin="posting")
    intake.settle(w, staged.id, Move.HOLD, reason=why[0], explanation=why[1], **facts)
    announce.transaction(w, facts.get("entity_id"), "remit.held", staged.id, reason=why[0])
    if facts.get("entity_id"):
        exceptions.open_held(w, facts["entity_id"], staged.id, why[0], facts.get("paid") or 0)


def _post(w: Work, staged: Staged, remittance: Remittance, owner: Practice, occurrence: int) -> None:
    header = remittance.header
    effective = header.issued or header.produced or w.today(owner.time_zone)
    payer_id = payers.recognise(w, owner.id, [SeenPayer(header.payer_name, header.payer_ids)])[0]
    meanings = Meanings(codes.book(w, owner.id, effective))
    key = f"remit:{staged.id}:{staged.posting}"
    batch = Batch(w, owner.id, "remit", key, effective, transaction_id=staged.id)
    taking = Taking(
        staged.id,
        staged.id,
        owner.id,
        payer_id,
        staged.file_no,
        effective,
        header.produced or header.issued or effective,
        meanings,
        batch,
    )
    row = _remit_row(staged, header, owner, payer_id)
    remits.take_in(w, row | dict(effective_date=effective, occurrence=occurrence, batch_id=batch.id))
    parked = _post_claims(w, staged, remittance, taking)
    pairs = remittance.provider_adjustments
    provider.post(w, taking, pairs)
    findings = remittance.findings()
    broken = next((one for one in findings if one.does in ("hold", "refuse")), None)
    if broken is not None and staged.released_by is None:
        raise HeldLate((broken.code, broken.text), findings, facts_of(header, owner.id))
    claims, lines, paid, plb, charge = remittance.totals
    provider.difference(w, taking, header.paid - (paid - plb), header.paid_at)
    remits.finish(w, staged.id, claims=claims, claims_paid=paid, provider_total=plb)
    intake.keep_findings(w, staged.file_no, staged.id, [(None, one) for one in findings], origin="posting")
    closed = batch.close()
    intake.settle(
        w,
        staged.id,
        Move.POST,
        posted_hash=_posted_hash(owner, staged),
        batch_id=closed.id,
        claims=claims,
        lines=lines,
        charge=charge,
        parked=parked,
        **facts_of(header, owner.id),
    )
    rebill_answers.after_remit(w, staged.id)
    announce.transaction(w, owner.id, "remit.posted", staged.id, claims=claims, parked=parked)
    w.job("retry_parked", f"remit:{staged.id}", {"entity": owner.id, "transaction": staged.id}, rank=7)


def _post_claims(w: Work, staged: Staged, remittance: Remittance, taking: Taking) -> int:
    parked = 0
    for batch in sub_batches(remittance.claims()):
        done = remits.post(w, taking, batch)
        failpoints.hit("remits.after_rows")
        _keep(w, staged, taking, done)
        parked += len(done.parked)
        follow(w, done)
        failpoints.hit("remits.after_consequences")
    return parked


def follow(w: Work, done: Done) -> None:
    """What follows a posting: EOBs that it put out of force leave no case behind, then each consequence."""
    if done.superseded:
        denials.withdraw(w, sorted(done.superseded))
        underpayments.withdraw(w, done.posted.entity_id, sorted(done.superseded))
    for consequence in AFTER_POSTING:
        consequence(w, done.posted)


def _keep(w: Work, staged: Staged, taking: Taking, done: Done) -> None:
    intake.keep_findings(w, staged.file_no, staged.id, [*done.findings, *done.told], origin="posting")
    exceptions.open_parked(w, taking, done)


def _remit_row(staged: Staged, header: Header, owner: Practice, payer_id: int) -> dict[str, Any]:
    npi = next((value for kind, value in header.payee_ids if kind == "npi"), "")
    row = dict(
        id=staged.id,
        public_id=public_id(),
        entity_id=owner.id,
        payer_id=payer_id,
        payer_name=header.payer_name,
    )
    row |= dict(trace=header.trace[:60], payer_company=header.payer_company[:40], contact=header.contact)
    row |= dict(
        method=header.method[:3], handling=header.handling[:2], paid=header.paid, issued=header.issued
    )
    row |= dict(produced=header.produced, payee_npi=npi, account_last4=header.account_last4[:4])
    return row | dict(content_hash=staged.content_hash, claims=0, claims_paid=0, provider_total=0)
