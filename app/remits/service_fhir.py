"""EOBs on the books: adjudication without cash, versions of one EOB, and the 835 that puts one out of force.

Whatever arrives first, the books end the same: while an 835 stands for the claim no EOB does, and of several
versions of one EOB only the newest. What is put out of force is taken back entry for entry on its own day.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, insert, or_, select, update

from app.codes.rules import CodeBook
from app.intake.translate import Found
from app.kernel.bulk import among
from app.kernel.db import in_chunks, table_of
from app.kernel.limits import SQL_VARIABLES
from app.kernel.money import Money
from app.kernel.work import Work, exists
from app.ledger import service as ledger
from app.ledger.rules import Effect
from app.remits import rules_fhir
from app.remits.lifecycle import State
from app.remits.models import Eob, Remit, RemitAdjustment, RemitClaim
from app.remits.rules_fhir import PAID_TO_PATIENT, EobFacts, OtherEob
from app.remits.service_rows import Meanings

_eob, _claim, _remit = table_of(Eob), table_of(RemitClaim), table_of(Remit)
_adjustment = table_of(RemitAdjustment)
CHUNK = SQL_VARIABLES // 2
NO_ANSWERS = ("22", "25")


class Careful(Meanings):
    """What adjustments of an EOB do: nothing goes to the patient without a stated liability (RFHIR-11).

    With one, money the payer sent to the member (PR-100) is the member's to pay.
    """

    def __init__(self, book: CodeBook, *, evidence: bool):
        super().__init__(book)
        self.evidence = evidence

    def of(self, group: str, carc: str) -> tuple[Effect, tuple[str, str, bool]]:
        """The effect of a pair, and what its row says."""
        effect, (_, category, denies) = super().of(group, carc)
        if group == "PR" and carc == PAID_TO_PATIENT and self.evidence:
            effect = Effect.NEXT_PARTY
        elif effect is Effect.NEXT_PARTY and not self.evidence:
            effect = Effect.NONE
        return effect, (effect.value, category, denies)


def meanings(w: Work, remit_id: int, book: CodeBook) -> Meanings:
    """The meanings for one remit: careful ones for an EOB."""
    row = w.db.execute(select(_eob.c.evidence).where(_eob.c.id == remit_id)).one_or_none()
    return Meanings(book) if row is None else Careful(book, evidence=bool(row.evidence))


def take_in(w: Work, values: Mapping[str, Any]) -> None:
    """Write what an EOB says beside its claim payment."""
    w.db.execute(insert(_eob).values(standing=False, groups="derived", **values))


def is_eob(w: Work, remit_id: int) -> bool:
    """Is this remit an EOB, which brought no cash?"""
    return exists(w, select(_eob.c.id).where(_eob.c.id == remit_id))


def versions(w: Work, entity_id: int, payer_control: str) -> Sequence[Any]:
    """The EOBs with this payer's claim number: (id, revision, content_hash, signature, standing)."""
    if not payer_control:
        return []
    columns = (_eob.c.id, _eob.c.revision, _eob.c.content_hash, _eob.c.signature, _eob.c.standing)
    same = (_eob.c.entity_id == entity_id, _eob.c.payer_control == payer_control)
    return w.db.execute(select(*columns).where(*same).order_by(_eob.c.id)).all()


def others(w: Work, entity_id: int, numbers: Sequence[str], claims: Sequence[int]) -> list[OtherEob]:
    """The EOBs with one of these payer's numbers or about one of these claims; usually there are none."""
    if not exists(w, select(_eob.c.id).where(_eob.c.entity_id == entity_id)):
        return []
    columns = (
        _eob.c.id,
        _eob.c.payer_control,
        _eob.c.claim_id,
        _eob.c.rank,
        _eob.c.revision,
        _eob.c.standing,
    )
    about = or_(among(w.db, _eob.c.payer_control, list(numbers)), among(w.db, _eob.c.claim_id, list(claims)))
    query = select(*columns).join(_claim, _claim.c.id == _eob.c.id)
    rows = w.db.execute(
        query.where(_eob.c.entity_id == entity_id, about, _claim.c.state != State.UNDONE.value)
    )
    return [OtherEob(*tuple(row)) for row in rows]


def facts(
    w: Work, entity_id: int, remit_id: int, numbers: Sequence[str], claims: Sequence[int]
) -> EobFacts | None:
    """What decides about an EOB; None when the remit is none."""
    row = w.db.execute(select(_eob).where(_eob.c.id == remit_id)).one_or_none()
    if row is None:
        return None
    found = [one for one in others(w, entity_id, numbers, claims) if one.id != remit_id]
    answers = select(_claim.c.claim_id, _claim.c.rank, _claim.c.payer_control)
    answers = answers.join(_remit, _remit.c.id == _claim.c.remit_id).where(
        _claim.c.entity_id == entity_id,
        _remit.c.source == "835",
        _claim.c.state.in_((State.POSTED.value, State.REVERSED.value)),
        _claim.c.status.not_in(NO_ANSWERS),
        or_(_claim.c.payer_control.in_(list(numbers)), _claim.c.claim_id.in_(list(claims))),
    )
    rows = w.db.execute(answers).all()
    return EobFacts(
        remit_id,
        row.payer_control,
        row.revision,
        row.rank,
        row.status == "cancelled",
        tuple(found),
        frozenset((one.claim_id, one.rank) for one in rows),
        frozenset(one.payer_control for one in rows),
    )


def stands(w: Work, remit_id: int, claim_id: int | None, *, standing: bool) -> None:
    """An EOB was posted to a claim, or attached to it without posting."""
    w.db.execute(update(_eob).where(_eob.c.id == remit_id).values(claim_id=claim_id, standing=standing))


def retire(w: Work, batch: ledger.Batch, by: Mapping[int, int], reason: str) -> None:
    """Put EOBs out of force, entry for entry, each on the day it was posted. by: EOB -> what does it.

    The same day, because the books must end as if the EOB had never been read.
    """
    ids = sorted(by)
    days = _days(w, ids)
    for key, transfers in sorted(ledger.reversing_claims(w, ids).items()):
        batch.add(transfers, days=[days[key]] * len(transfers))
    gone = dict(live=False, state=State.REVERSED.value, reason=reason, version=_claim.c.version + 1)
    for key in ids:
        w.db.execute(update(_claim).where(_claim.c.id == key).values(superseded_by_id=by[key], **gone))
    w.db.execute(update(_eob).where(_eob.c.id.in_(ids)).values(standing=False))


def _days(w: Work, ids: Sequence[int]) -> dict[int, date]:
    query = select(_remit.c.id, _remit.c.effective_date).where(_remit.c.id.in_(ids))
    return {int(row.id): row.effective_date for row in w.db.execute(query)}


def restore(w: Work, remit_claim_ids: Sequence[int]) -> list[int]:
    """What put EOBs out of force was undone: they stand again; returns their keys."""
    found: list[int] = []
    for chunk in in_chunks(list(remit_claim_ids), CHUNK):
        query = select(_claim.c.id).where(_claim.c.superseded_by_id.in_(chunk))
        found += [int(one) for one in w.db.execute(query).scalars()]
    if found:
        again = dict(live=True, state=State.POSTED.value, reason=None, superseded_by_id=None)
        w.db.execute(update(_claim).where(_claim.c.id.in_(found)).values(**again))
        w.db.execute(update(_eob).where(_eob.c.id.in_(found)).values(standing=True))
    return found


def withdraw(w: Work, remit_id: int) -> None:
    """The posting of this EOB was undone."""
    w.db.execute(update(_eob).where(_eob.c.id == remit_id).values(standing=False))


def forget(w: Work, remit_id: int) -> None:
    """Before an undone EOB is read again its row goes."""
    w.db.execute(_eob.delete().where(_eob.c.id == remit_id))


def compare(w: Work, by: Mapping[int, Any]) -> list[tuple[int, Found]]:
    """A warning for each figure in which an EOB and an 835 differ. by: EOB's key -> the CLP of the 835."""
    said = stated(w, sorted(by))
    made = []
    for key, clp in sorted(by.items()):
        off = rules_fhir.differences(said[key], rules_fhir.totals(clp)) if key in said else {}
        made += [(key, differs(name, cents)) for name, cents in off.items()]
    return made


def differs(name: str, cents: int) -> Found:
    """The warning about one figure; the 835 counts."""
    more = "more" if cents > 0 else "less"
    words = f"The 835 says {Money(abs(cents))} {more} {name} than the EOB; the 835 counts."
    return Found("eob.differs", "warn", 0, 0, 0, words)


def stated(w: Work, remit_claim_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """The compared figures of posted adjudications, by remit claim."""
    claims = select(_claim.c.id, _claim.c.charge, _claim.c.paid).where(_claim.c.id.in_(remit_claim_ids))
    found = {
        int(row.id): {"charge": int(row.charge), "payment": int(row.paid), "patient responsibility": 0,
                      "other adjustments": 0}
        for row in w.db.execute(claims)
    }  # fmt: skip
    patient = _adjustment.c.cas_group == "PR"
    sums = select(
        _adjustment.c.remit_claim_id, patient.label("patient"), func.sum(_adjustment.c.amount).label("cents")
    )
    sums = sums.where(_adjustment.c.remit_claim_id.in_(remit_claim_ids))
    for row in w.db.execute(sums.group_by(_adjustment.c.remit_claim_id, patient)):
        found[row.remit_claim_id]["patient responsibility" if row.patient else "other adjustments"] = int(
            row.cents
        )
    return found


def compare_attached(w: Work, one: EobFacts, claim_id: int, clp: Any) -> list[tuple[int, Found]]:
    """The same for an EOB that comes after its 835 and only lies beside it."""
    remit = answering(w, one, claim_id)
    if remit is None:
        return []
    off = rules_fhir.differences(rules_fhir.totals(clp), stated(w, [remit])[remit])
    return [(one.id, differs(name, cents)) for name, cents in off.items()]


def answering(w: Work, one: EobFacts, claim_id: int) -> int | None:
    """The posted 835 adjudication that counts instead of this EOB, the latest of them."""
    about = or_(
        _claim.c.payer_control == one.payer_control if one.payer_control else _claim.c.id < 0,
        (_claim.c.claim_id == claim_id) & (_claim.c.rank == one.rank),
    )
    query = select(_claim.c.id).join(_remit, _remit.c.id == _claim.c.remit_id)
    query = query.where(_remit.c.source == "835", _claim.c.status.not_in(NO_ANSWERS), about)
    posted = _claim.c.state.in_((State.POSTED.value, State.REVERSED.value))
    found = w.db.execute(query.where(posted).order_by(_claim.c.live.desc(), _claim.c.id.desc()).limit(1))
    key = found.scalar()
    return int(key) if key is not None else None
