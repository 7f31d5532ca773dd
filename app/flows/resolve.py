"""Settling what waits: retries when data arrives, what people decide of parked claims, undo of a posting."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select

from app.claims import queries as claims
from app.claims import service_payers as claim_payers
from app.claims import service_states as claim_states
from app.claims import service_undo as claim_service
from app.codes import service as codes
from app.denials import service as denials
from app.documents import service as documents
from app.entities import queries as entities
from app.flows import announce, bill_secondary, rebill_answers
from app.flows.confirm_voids import bring_back
from app.flows.receive_remit import follow
from app.flows.restore_eobs import restore_eobs
from app.intake import service as intake
from app.intake.lifecycle import LOOK_FIRST, Move
from app.intake.models import IntakeTransaction
from app.intake.translate import EOB
from app.kernel import failpoints
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, Refused
from app.kernel.ids import unpack
from app.kernel.work import Work
from app.ledger import service as ledger
from app.ledger import service_looks
from app.ledger.service import PostedBatch
from app.remits import service as remits
from app.remits import service_exceptions as exceptions
from app.remits import service_fhir as fhir
from app.remits import service_provider as provider
from app.remits import service_resolve as parked_service
from app.remits.models import Remit
from app.remits.queries_answers import answers_of
from app.remits.service import Taking, sub_batches
from app.remits.service_decide import Told
from app.remits.service_resolve import Parked
from app.remits.translate import claims_at
from app.underpayments import service as underpayments

_transaction, _remit = table_of(IntakeTransaction), table_of(Remit)


def retry_parked(w: Work, entity_id: int, transaction_id: int | None = None) -> int:
    """The job `retry_parked`: post every parked claim that now has its claim or original; returns how many.

    With a transaction only those are looked at that its claims or payments may settle. Goes on while
    something moves: a posted original lets its reversal post, that its correction.
    """
    total = 0
    found = parked_service.waiting(w, entity_id, transaction_id)
    while found:
        moved = [
            one for remit_id, group in _by_remit(found).items() for one in _settle(w, remit_id, group, Told())
        ]
        total += len(moved)
        failpoints.hit("resolve.after_round")
        found = parked_service.waiting_for(w, entity_id, moved) if moved else []
    return total


def _by_remit(parked: Iterable[Parked]) -> dict[int, list[Parked]]:
    found: dict[int, list[Parked]] = {}
    for one in parked:
        found.setdefault(one.remit_id, []).append(one)
    return found


def _settle(w: Work, remit_id: int, group: Sequence[Parked], told: Told) -> list[Parked]:
    """Post those of a remit's parked claims that can be, in one posting batch; returns them."""
    remit = w.db.execute(select(_remit).where(_remit.c.id == remit_id)).one()
    span = w.db.execute(select(_transaction.c.span).where(_transaction.c.id == remit_id)).scalar_one()
    file_no = unpack(remit_id).file_no
    places = [(unpack(one.id).segment, one.byte, one.byte_end) for one in group]
    with documents.open_file(w, file_no) as stream:
        clps = claims_at(stream, span, places)
    cash = remit.source == "835"
    eob = None if cash else remit_id
    reasons = remits.would_post(w, remit.entity_id, file_no, clps, told, eob=eob)
    chosen = [one for one in group if reasons[one.id] is None]
    parked_service.explain_anew(
        w, {one.id: reason for one in group if (reason := reasons[one.id]) not in (None, one.reason)}
    )
    if not chosen:
        return []
    segments = {unpack(one.id).segment for one in chosen}
    ready = [clp for clp in clps if clp.segment in segments]
    publics = {one.id: one.public_id for one in chosen}
    told = Told(publics, {one.id: one.version + 1 for one in chosen}, told.claims, told.accepted)
    key = f"release:{remit_id}:{chosen[0].id}:{chosen[0].version}"
    batch = ledger.Batch(w, remit.entity_id, "release", key, remit.effective_date, transaction_id=remit_id)
    meanings = fhir.meanings(w, remit_id, codes.book(w, remit.entity_id, remit.effective_date))
    day = remit.produced or remit.issued or remit.effective_date
    taking = Taking(
        remit_id,
        remit_id,
        remit.entity_id,
        remit.payer_id,
        file_no,
        remit.effective_date,
        day,
        meanings,
        batch,
        cash=cash,
    )
    ids = [one.id for one in chosen]
    batch.add(parked_service.release(w, ids))
    parked_service.forget_rows(w, ids)
    for part in sub_batches(ready):
        done = remits.post(w, taking, part, told)
        exceptions.reopen_parked(w, taking, done)
        intake.keep_findings(w, file_no, remit_id, done.told, origin="posting")
        follow(w, done)
    exceptions.close_parked(w, ids, "posted")
    intake.fewer_parked(w, remit_id, len(ids))
    batch.close()
    return chosen


def link(w: Work, public: str, claim_public: str, *, version: int | None = None) -> None:
    """A person says which claim a parked payment line belongs to; it posts."""
    w.may("exceptions.work")
    one = parked_service.lock(w, public, version)
    if not one.reason.startswith("match."):
        # What the payer got wrong is taken as sent by the same act, and that is a supervisor's.
        w.may("holds.release")
    claim = claims.by_public(w, claim_public)
    if claim.entity_id != one.entity_id:
        raise Refused("That claim belongs to another billing entity.", code="other_entity", field="claim")
    told = Told(claims={one.id: claim.id}, accepted=frozenset({one.id}))
    _person(w, one, told, "link")


def accept(w: Work, public: str, *, reason: str, version: int | None = None) -> None:
    """A supervisor takes an unbalanced claim as sent: nothing is plugged, the difference stays open."""
    w.may("holds.release")
    if not reason.strip():
        raise Refused(
            "Say why; the payer's error stays on the record.", code="reason_missing", field="reason"
        )
    one = parked_service.lock(w, public, version)
    _person(w, one, Told(accepted=frozenset({one.id})), "accept", reason)


def _person(w: Work, one: Parked, told: Told, doing: str, reason: str = "") -> None:
    if not _settle(w, one.remit_id, [one], told):
        raise NotAllowed(
            "It still cannot post: the claim it speaks of is not found, or its original is missing.",
            code="still_parked",
        )
    detail = {"move": doing, "reason": reason[:80]} if reason else {"move": doing}
    w.audit("remit_claim", "U", "remit_claim", one.public_id, entity_id=one.entity_id, detail=detail)


def not_ours(w: Work, public: str, *, reason: str, version: int | None = None) -> None:
    """A person says the payment is for nobody of ours: the money is owed back to the payer."""
    w.may("exceptions.work")
    one = parked_service.lock(w, public, version)
    practice = entities.get(w, one.entity_id)
    parked_service.disown(w, one, reason=reason, effective=w.today(practice.time_zone))
    service_looks.look_again(w, one.entity_id, "answers", [one.id])
    intake.fewer_parked(w, one.remit_id, 1)


def split(w: Work, public: str, parts: Sequence[tuple[str, int]], *, version: int | None = None) -> None:
    """A person divides a parked payment over claims: (claim public id, cents); the parts are the whole.

    Only the payment is divided; the payer's adjustments stay with the remit, the rest of each claim is open.
    """
    w.may("exceptions.work")
    one = parked_service.lock(w, public, version)
    if len(parts) < 2 or sum(cents for _, cents in parts) != int(one.paid):
        raise Refused(
            f"The parts must be two or more and add up to {one.paid}.", code="split_total", field="parts"
        )
    found = [(claims.by_public(w, name), cents) for name, cents in parts]
    if any(claim.entity_id != one.entity_id for claim, _ in found):
        raise Refused(
            "One of the claims belongs to another billing entity.", code="other_entity", field="parts"
        )
    practice = entities.get(w, one.entity_id)
    effective = w.today(practice.time_zone)
    parked_service.divide(w, one, [(claim.id, cents) for claim, cents in found], effective=effective)
    service_looks.look_again(w, one.entity_id, "answers", [one.id])
    intake.fewer_parked(w, one.remit_id, 1)


def undo(w: Work, public: str, *, reason: str, version: int | None = None) -> PostedBatch:
    """Take back a posted transaction by one reversing batch; nothing is deleted, and it can be replayed."""
    w.may("remits.undo")
    transaction_id = intake.move(w, public, Move.UNDO, reason=reason, version=version)
    row = w.db.execute(select(_transaction).where(_transaction.c.id == transaction_id)).one()
    if row.kind in ("835", EOB):
        return _undo_remit(w, row, reason)
    return _undo_claims(w, row, reason)


def _undo_remit(w: Work, row: Any, reason: str) -> PostedBatch:
    practice = entities.get(w, row.entity_id)
    ids = parked_service.undo_rows(w, row.id)
    denials.withdraw(w, ids)
    underpayments.withdraw(w, row.entity_id, ids)
    rebill_answers.withdraw(w, row.entity_id, ids)
    bill_secondary.withdraw(w, row.entity_id, ids)
    provider.withdraw(w, row.id)
    touched = answers_of(w, ids)
    claim_payers.stand_anew(w, touched.standing, touched.claim_ids, ids)
    bring_back(w, row.entity_id, touched.claim_ids)
    claim_states.restate_told(w, touched.claim_ids)
    restore_eobs(w, ids)
    announce.transaction(w, row.entity_id, "remit.undone", row.id)
    return ledger.undo_transaction(
        w, row.entity_id, row.id, reason=reason, effective=w.today(practice.time_zone), posting=row.posting
    )


def _undo_claims(w: Work, row: Any, reason: str) -> PostedBatch:
    practice = entities.get(w, row.entity_id)
    if parked_service.answered(w, row.id):
        raise NotAllowed(
            "Payers have answered some of these claims. Undo those remits first.", code="undo_order"
        )
    left = claim_service.undo(w, row.id)
    claim_states.restate_told(w, left)
    today = w.today(practice.time_zone)
    return ledger.undo_transaction(
        w, row.entity_id, row.id, reason=reason, effective=today, posting=row.posting
    )


def replay(w: Work, public: str, *, reason: str, version: int | None = None) -> None:
    """Read the same bytes again after a fix."""
    w.may("files.replay")
    transaction_id = intake.move(w, public, Move.REPLAY, reason=reason, version=version)
    intake.prepare_again(w, transaction_id)
    exceptions.close_held(w, transaction_id, "replayed")
    parked_service.forget(w, transaction_id)
    claim_service.forget(w, transaction_id)


def post_seen(w: Work, public: str, *, reason: str = "", version: int | None = None) -> None:
    """What was held to be looked at has been looked at: it posts as it would have at once."""
    w.may("remits.post")
    query = select(_transaction.c.reason).where(_transaction.c.public_id == public)
    if w.db.execute(query).scalar() != LOOK_FIRST:
        raise NotAllowed("It is not held for being looked at first.", code="not_possible_now")
    words = reason.strip() or "Looked at before it posted."
    transaction_id = intake.move(w, public, Move.REPLAY, reason=words, version=version)
    intake.prepare_again(w, transaction_id)


def release(w: Work, public: str, *, reason: str, version: int | None = None) -> None:
    """A supervisor lets a held transaction post as it is: counts or numbers are wrong, the money is right."""
    w.may("holds.release")
    transaction_id = intake.move(w, public, Move.RELEASE, reason=reason, version=version)
    intake.prepare_again(w, transaction_id)
    exceptions.close_held(w, transaction_id, "released")
