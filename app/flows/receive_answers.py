"""One TA1, 999, 997, 277CA or 277: kept as said, matched to what we sent; it moves states, never money."""

from itertools import islice

from app.claims import service_answers as answers
from app.claims.service_answers import Source, Taken, day_of
from app.claims.translate import ClaimAnswers, ways_of
from app.documents import service as documents
from app.flows import rebill_answers
from app.intake import service as intake
from app.intake.lifecycle import Move
from app.intake.queries_outcome import sender_of
from app.intake.service import Staged
from app.intake.translate import Found
from app.kernel import failpoints
from app.kernel.bulk import next_batch
from app.kernel.limits import BATCH_CLAIMS
from app.kernel.work import Work

CLAIM_LEVEL = ("277CA", "277")


def receive_answers(w: Work, staged: Staged) -> None:
    """Take in one answer whole; what it speaks of may still be on its way, and is found when it arrives."""
    sender = sender_of(w, staged.id)
    source = Source(staged.id, staged.kind, day_of(sender.day) or w.now.date(), sender.sender)
    if staged.kind in CLAIM_LEVEL:
        taken, findings = _claims(w, staged, source)
    else:
        with documents.open_file(w, staged.file_no) as stream:
            acked, findings = ways_of(stream, staged.span, staged.kind, staged.file_no)
        taken = answers.take_ways(w, source, acked)
    intake.keep_findings(w, staged.file_no, staged.id, [(None, one) for one in findings], origin="posting")
    entity = min(taken.entities) if taken.entities else None
    facts = dict(claims=taken.said if staged.kind in CLAIM_LEVEL else 0, entity_id=entity)
    intake.settle(w, staged.id, Move.KEEP, explanation=_words(staged.kind, taken), **facts)
    rebill_answers.after_answer(w, staged.id, staged.kind)
    failpoints.hit("answers.before_commit")


def _claims(w: Work, staged: Staged, source: Source) -> tuple[Taken, list[Found]]:
    said, matched, entities = 0, 0, set[int]()
    with documents.open_file(w, staged.file_no) as stream:
        reader = ClaimAnswers(stream, staged.span, staged.kind, staged.file_no)
        claims = reader.claims()
        while batch := list(islice(claims, BATCH_CLAIMS)):
            next_batch()
            taken = answers.take_claims(w, source, reader.origin, batch)
            said, matched = said + taken.said, matched + taken.matched
            entities |= taken.entities
        return Taken(said, matched, frozenset(entities)), reader.findings()


def _words(kind: str, taken: Taken) -> str:
    what = "claims" if kind in CLAIM_LEVEL else "parts of what was sent"
    if not taken.said:
        return "It answers nothing."
    waiting = taken.said - taken.matched
    rest = "" if not waiting else f"; {waiting} wait for the file they speak of"
    return f"It answers {taken.said} {what}, {taken.matched} of them known here{rest}."
