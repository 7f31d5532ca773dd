"""Settling parked claims: tried again when data arrives, or linked, split, accepted or disowned by a person.

Each releases the waiting cash by taking back the entry that parked it, entry for entry, and posts the claim
as if it had matched at once: the books end the same in any order of arrival.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from sqlalchemy import and_, or_, select, update

from app.claims.models import ClaimVersion
from app.kernel.db import in_chunks, table_of
from app.kernel.errors import NotAllowed, NotFound, Refused, Stale
from app.kernel.work import Work, exists
from app.ledger import service as ledger
from app.ledger.accounts import Account
from app.ledger.entry import Basis, Event, Source, Transfer
from app.remits import service_fhir as fhir
from app.remits.lifecycle import REMIT_CLAIM, Move, State
from app.remits.models import ProviderAdjustment, Remit, RemitAdjustment, RemitClaim, RemitLine, RemitRemark
from app.remits.service_exceptions import close_parked

_claim, _line = table_of(RemitClaim), table_of(RemitLine)
_adjustment, _remark = table_of(RemitAdjustment), table_of(RemitRemark)
_remit, _pair, _version = table_of(Remit), table_of(ProviderAdjustment), table_of(ClaimVersion)
RETRIED = ("match.none", "match.conflict", "match.ambiguous", "remit.no_original", "remit.same_adjudication")
"""What a new claim or original may settle without a person."""
RETRIED_AT_ONCE = 20_000


@dataclass(frozen=True)
class Parked:
    """A parked claim about to be settled, locked for this work."""

    id: int
    public_id: str
    remit_id: int
    entity_id: int
    payer_id: int | None
    control: str
    payer_control: str
    status: str
    rank: int
    charge: int
    paid: int
    reason: str
    byte: int
    byte_end: int
    version: int


_COLUMNS = (
    _claim.c.id,
    _claim.c.public_id,
    _claim.c.remit_id,
    _claim.c.entity_id,
    _claim.c.payer_id,
    _claim.c.control,
    _claim.c.payer_control,
    _claim.c.status,
    _claim.c.rank,
    _claim.c.charge,
    _claim.c.paid,
    _claim.c.reason,
    _claim.c.byte,
    _claim.c.byte_end,
    _claim.c.version,
)


def lock(w: Work, public: str, version: int | None = None) -> Parked:
    """Take one parked claim for a person; `NotFound` outside the scope, `Stale` when it has moved on (C6)."""
    mine = (_claim.c.public_id == public, w.within(_claim.c.entity_id))
    query = select(*_COLUMNS, _claim.c.state).where(*mine)
    row = w.db.execute(query.with_for_update()).one_or_none()
    if row is None:
        # Posting writes the row anew: who waited for the old one finds it gone, and the new one there.
        if exists(w, select(_claim.c.id).where(*mine)):
            raise Stale()
        raise NotFound("There is no such payment line in your remits.")
    if version is not None and row.version != version:
        raise Stale()
    REMIT_CLAIM.next(State(row.state), Move.LINK)
    return Parked(*tuple(row)[:-1])


def waiting(w: Work, entity_id: int, transaction_id: int | None = None) -> list[Parked]:
    """The parked claims of an entity that new data may settle, oldest payment first.

    With a transaction, only those that share a control number with what it brought: ours or the payer's.
    """
    named: tuple[Any, ...] = ()
    if transaction_id is not None:
        billed = select(_version.c.control).where(_version.c.transaction_id == transaction_id)
        other = _claim.alias("brought")
        brought = select(other.c.payer_control).where(
            other.c.remit_id == transaction_id, other.c.payer_control != ""
        )
        named = (
            or_(
                _claim.c.control.in_(billed),
                _claim.c.payer_control.in_(brought),
                _claim.c.original_reference.in_(brought),
            ),
        )
    return _parked(w, entity_id, *named)


def waiting_for(w: Work, entity_id: int, settled: Sequence[Parked]) -> list[Parked]:
    """The parked claims that may post now that these did: they share a control number."""
    names = list({one.payer_control for one in settled if one.payer_control})
    controls = list({one.control for one in settled})
    found: list[Parked] = []
    none: list[str] = []
    for chunk, more in zip_longest(in_chunks(names, 5_000), in_chunks(controls, 5_000), fillvalue=none):
        found += _parked(
            w,
            entity_id,
            or_(
                _claim.c.payer_control.in_(chunk),
                _claim.c.original_reference.in_(chunk),
                _claim.c.control.in_(more),
            ),
        )
    return list({one.id: one for one in found}.values())


def _parked(w: Work, entity_id: int, *named: Any) -> list[Parked]:
    query = select(*_COLUMNS).where(
        _claim.c.entity_id == entity_id, _claim.c.state == State.PARKED.value, *named
    )
    query = query.where(_claim.c.reason.in_(RETRIED)).order_by(_claim.c.id).limit(RETRIED_AT_ONCE)
    return [Parked(*tuple(row)) for row in w.db.execute(query)]


def forget_rows(w: Work, remit_claim_ids: Sequence[int]) -> None:
    """Before a parked claim is posted its rows are written anew with what it matched, so the old ones go."""
    for table in (_remark, _adjustment, _line):
        w.db.execute(table.delete().where(table.c.remit_claim_id.in_(remit_claim_ids)))
    w.db.execute(_claim.delete().where(_claim.c.id.in_(remit_claim_ids)))


def release(w: Work, remit_claim_ids: Sequence[int]) -> list[Transfer]:
    """The transfers that bring parked cash back to clearing."""
    found = ledger.reversing_claims(w, remit_claim_ids)
    return [one._replace(event=Event.UNAPPLIED_RELEASED) for key in sorted(found) for one in found[key]]


def disown(w: Work, one: Parked, *, reason: str, effective: Any) -> None:
    """Not ours: the payer's money waits in 2040 to be taken back; nothing touches a claim."""
    if not reason.strip():
        raise Refused("Say why it is not ours; the payer will ask.", code="reason_missing", field="reason")
    state = REMIT_CLAIM.next(State.PARKED, Move.NOT_OURS)
    if one.paid > 0 and not fhir.is_eob(w, one.remit_id):
        key = f"not_ours:{one.id}:{one.version}"
        batch = ledger.Batch(w, one.entity_id, "resolve", key, effective, reason=reason[:200])
        keys = (None, None, one.id, one.payer_id)
        source = Source(one.id, one.byte, 4)
        owed = (int(Account.UNAPPLIED_PAYER), 0, int(Account.RECOUPMENT), 0)
        batch.add([Transfer(Event.NOT_OURS, *owed, int(one.paid), *keys, source)])
        batch.close()
    mark(w, one, state, reason)


def mark(w: Work, one: Parked, state: State, reason: str) -> None:
    """Record what a person decided about a parked claim, and finish its item."""
    done = w.db.execute(
        update(_claim)
        .where(_claim.c.id == one.id, _claim.c.version == one.version)
        .values(state=state.value, match_reason=reason[:200], version=_claim.c.version + 1)
    ).rowcount
    if done != 1:
        raise Stale()
    close_parked(w, [one.id], state.value)
    w.audit(
        "remit_claim",
        "U",
        "remit_claim",
        one.public_id,
        entity_id=one.entity_id,
        detail={"state": state.value},
    )


def undo_rows(w: Work, remit_id: int) -> list[int]:
    """A posting was undone: its claims stand no more, what they took back does again; returns their keys."""
    rows = w.db.execute(select(_claim.c.id, _claim.c.reverses_id).where(_claim.c.remit_id == remit_id)).all()
    ids = [int(row.id) for row in rows]
    originals = [int(row.reverses_id) for row in rows if row.reverses_id is not None]
    w.db.execute(
        update(_claim)
        .where(_claim.c.remit_id == remit_id)
        .values(live=False, state=State.UNDONE.value, reverses_id=None)
    )
    if originals:
        _nobody_since(w, originals)
        stands = dict(live=True, state=State.POSTED.value)
        w.db.execute(update(_claim).where(_claim.c.id.in_(originals)).values(**stands))
    fhir.withdraw(w, remit_id)
    close_parked(w, ids, "posting_undone")
    return ids


def _nobody_since(w: Work, originals: Sequence[int]) -> None:
    """What was taken back stands again only while the payer has not paid again under the same number."""
    first, later = _claim.alias("first"), _claim.alias("later")
    same = [first.c[name] == later.c[name] for name in ("entity_id", "payer_id", "payer_control", "rank")]
    again = select(later.c.id).join(first, and_(*same, first.c.id != later.c.id)).limit(1)
    taken = again.where(first.c.id.in_(originals), first.c.payer_control != "", later.c.live.is_(True))
    if w.db.execute(taken.where(w.within(later.c.entity_id))).first() is not None:
        words = "The payer paid again under the same number since. Undo that remit first."
        raise NotAllowed(words, code="undo_order")


def divide(w: Work, one: Parked, parts: Sequence[tuple[int, int]], *, effective: Any) -> None:
    """Split the waiting payment over claims: (claim id, cents) each."""
    if fhir.is_eob(w, one.remit_id):
        raise Refused("An EOB brings no money that could be divided.", code="no_cash", field="parts")
    state = REMIT_CLAIM.next(State.PARKED, Move.SPLIT)
    key = f"split:{one.id}:{one.version}"
    batch = ledger.Batch(w, one.entity_id, "resolve", key, effective, transaction_id=one.remit_id)
    batch.add(release(w, [one.id]))
    source = Source(one.id, one.byte, 4)
    cash, owed = (int(Account.CASH_CLEARING), 0), (int(Account.AR_PAYER), one.rank)
    batch.add(
        [
            Transfer(
                Event.PAYER_PAYMENT,
                *cash,
                *owed,
                cents,
                claim,
                None,
                one.id,
                one.payer_id,
                source,
                Basis.PART,
            )
            for claim, cents in parts
            if cents
        ]
    )
    batch.close()
    mark(w, one, state, f"split over {len(parts)} claims")


def answered(w: Work, claims_transaction_id: int) -> bool:
    """Has a payer's standing adjudication been posted to a claim that this 837 transaction billed first, or
    under a control number that it brought? What answers an earlier version does not depend on it.
    """
    own = _version.c.transaction_id == claims_transaction_id
    first = select(_version.c.claim_id).where(own, _version.c.id == _version.c.claim_id)
    mine = select(_version.c.claim_id).where(own)
    named = select(_version.c.control).where(own)
    told = or_(_claim.c.claim_id.in_(first), and_(_claim.c.claim_id.in_(mine), _claim.c.control.in_(named)))
    return exists(w, select(_claim.c.id).where(told, _claim.c.live.is_(True)))


def forget(w: Work, remit_id: int) -> None:
    """Before an undone remit is read again its rows go; the ledger keeps what was posted and taken back."""
    own = select(_claim.c.id).where(_claim.c.remit_id == remit_id)
    for table in (_remark, _adjustment, _line):
        w.db.execute(table.delete().where(table.c.remit_claim_id.in_(own)))
    w.db.execute(_claim.delete().where(_claim.c.remit_id == remit_id))
    w.db.execute(_pair.delete().where(_pair.c.remit_id == remit_id))
    fhir.forget(w, remit_id)
    w.db.execute(_remit.delete().where(_remit.c.id == remit_id))


def explain_anew(w: Work, reasons: dict[int, str]) -> None:
    """What keeps these claims parked is no longer what it was: the queue says the present reason."""
    for key, reason in reasons.items():
        w.db.execute(update(_claim).where(_claim.c.id == key).values(reason=reason))
