"""What the guards ask beside the claim itself: appeals, holds, other submissions, proofs. Set-wise."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.denials.lifecycle import State as DenialState
from app.denials.models import Denial
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.work import Work
from app.payers.models import PayerAlias
from app.rebill.lifecycle import Cause, Kind, State
from app.rebill.models import FilingProof, Rebill, RebillHold
from app.rebill.rules_filing import Shown
from app.rebill.rules_guards import Appeal, Held, Other, Subject
from app.remits.models import RemitClaim

_rebill, _hold, _proof = table_of(Rebill), table_of(RebillHold), table_of(FilingProof)
_denial, _answer, _alias = table_of(Denial), table_of(RemitClaim), table_of(PayerAlias)
APPEALED = frozenset(
    {DenialState.APPEAL_DRAFT, DenialState.APPEAL_REVIEW, DenialState.APPEAL_SENT, DenialState.ACKNOWLEDGED}
)
"""From the draft to the payer's decision: the line is in the appeal's hands."""

_SUBJECT = (
    "id", "claim_id", "rank", "form", "frequency", "payer_id", "patient_id", "filing", "content",
    "base_content", "base_version_id", "file_by", "file_rule", "delay_reason", "coding_changed",
    "cause_id", "remit_claim_id",
)  # fmt: skip
_OUT = frozenset({State.TRANSMITTED, State.RECEIVED, State.ACCEPTED, State.ANSWERED, State.REJECTED})


@dataclass(slots=True)
class Beside:
    """What stands beside one claim."""

    appeals: list[Appeal] = field(default_factory=list)
    others: list[Other] = field(default_factory=list)
    proofs: list[Shown] = field(default_factory=list)
    refused_controls: set[str] = field(default_factory=set)


def subjects(w: Work, ids: Iterable[int]) -> dict[int, tuple[int, Subject]]:
    """Submissions as the guards take them, each with the entity it belongs to."""
    names = (*_SUBJECT, "entity_id", "kind", "cause", "original_reference", "coding_signed_by")
    mine = (among(w.db, _rebill.c.id, sorted(set(ids))), w.within(_rebill.c.entity_id))
    query = select(*(_rebill.c[name] for name in names)).where(*mine).order_by(_rebill.c.id)
    return {row.id: (row.entity_id, subject_of(row)) for row in w.db.execute(query)}


def subject_of(row: Any) -> Subject:
    """A row of `rebill` as the guards take it."""
    plain = {name: getattr(row, name) for name in _SUBJECT}
    return Subject(
        **plain,
        kind=Kind(row.kind),
        cause=Cause(row.cause),
        reference=row.original_reference,
        coding_signed=bool(row.coding_signed_by),
    )


def beside(w: Work, claim_ids: Sequence[int]) -> dict[int, Beside]:
    """Undecided appeals, submissions of ours and filing proofs, by claim; three statements."""
    found = {claim_id: Beside() for claim_id in claim_ids}
    ids = sorted(found)
    _appeals(w, ids, found)
    _others(w, ids, found)
    kept = select(_proof.c.claim_id, _proof.c.kind, _proof.c.day, _proof.c.payer_id).where(
        among(w.db, _proof.c.claim_id, ids), w.within(_proof.c.entity_id)
    )
    rows = list(w.db.execute(kept))
    same = one_record(w, {row.payer_id for row in rows})
    for row in rows:
        found[row.claim_id].proofs.append(Shown(row.kind, row.day, same.get(row.payer_id)))
    return found


def one_record(w: Work, payer_ids: Iterable[int | None]) -> dict[int | None, int]:
    """Each payer by its one record: several records may turn out to be the same payer."""
    ids = sorted(one for one in set(payer_ids) if one is not None)
    if not ids:
        return {}
    query = select(_alias.c.payer_id, _alias.c.same_as).where(
        among(w.db, _alias.c.payer_id, ids), w.within(_alias.c.entity_id)
    )
    return {one: one for one in ids} | {row.payer_id: int(row.same_as) for row in w.db.execute(query)}


def _appeals(w: Work, ids: Sequence[int], found: Mapping[int, Beside]) -> None:
    query = (
        select(
            _denial.c.claim_id, _denial.c.public_id, _denial.c.state, _denial.c.internal_due, _answer.c.rank
        )
        .outerjoin(_answer, _answer.c.id == _denial.c.latest_remit_claim_id)
        .where(
            among(w.db, _denial.c.claim_id, ids),
            w.within(_denial.c.entity_id),
            _denial.c.state.in_(sorted(state.value for state in APPEALED)),
        )
        .order_by(_denial.c.id)
    )
    for row in w.db.execute(query):
        appeal = Appeal(row.public_id, row.state, row.rank or 1, row.internal_due)
        found[row.claim_id].appeals.append(appeal)


def _others(w: Work, ids: Sequence[int], found: Mapping[int, Beside]) -> None:
    names = ("id", "claim_id", "rank", "kind", "state", "open", "content", "control", "sent_on")
    mine = (among(w.db, _rebill.c.claim_id, ids), w.within(_rebill.c.entity_id))
    query = select(*(_rebill.c[name] for name in names)).where(*mine).order_by(_rebill.c.id)
    for row in w.db.execute(query):
        state, at = State(row.state), found[row.claim_id]
        refused = state is State.REJECTED or (state is State.SUPERSEDED and row.sent_on is not None)
        out = state in _OUT or refused
        other = Other(
            row.id, row.rank, Kind(row.kind), state, row.open, row.content, out, refused, row.sent_on
        )
        at.others.append(other)
        if refused:
            at.refused_controls.add(row.control)


def holds(w: Work, ids: Iterable[int]) -> dict[int, list[Held]]:
    """The holds in force on submissions, by submission."""
    columns = [_hold.c[name] for name in ("rebill_id", "reason", "note", "until", "author")]
    mine = (
        among(w.db, _hold.c.rebill_id, sorted(set(ids))),
        w.within(_hold.c.entity_id),
        _hold.c.ended_at.is_(None),
    )
    found: dict[int, list[Held]] = {}
    for row in w.db.execute(select(*columns).where(*mine).order_by(_hold.c.id)):
        found.setdefault(row.rebill_id, []).append(Held(row.reason, row.note, row.until, row.author))
    return found
