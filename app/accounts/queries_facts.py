"""Everything that decides about the patient balances of up to 2,000 claims; a fixed number of statements."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, or_, select

from app.accounts.models import Owed
from app.accounts.rules import Facts
from app.accounts.rules_never import CARC, RARC, Left, Rule, Said, in_force, never, shipped, watched
from app.claims.models import Claim, ClaimPayer
from app.contacts.models import AccountHold
from app.denials.models import Denial, DenialEvent
from app.denials.rules_patient import Basis
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.work import Work
from app.ledger.models import ClaimBalance
from app.payers.models import Payer
from app.rebill.models import NextPayerLook, Rebill
from app.remits.lifecycle import State
from app.remits.models import RemitAdjustment, RemitClaim, RemitRemark

_owed, _claim, _balance = table_of(Owed), table_of(Claim), table_of(ClaimBalance)
_covered, _payer = table_of(ClaimPayer), table_of(Payer)
_denial, _event, _rebill = table_of(Denial), table_of(DenialEvent), table_of(Rebill)
_look, _hold = table_of(NextPayerLook), table_of(AccountHold)
_remit_claim, _adjustment = table_of(RemitClaim), table_of(RemitAdjustment)
_remark = table_of(RemitRemark)
NEXT_PARTY = "next_party"


class Known(NamedTuple):
    """A visit as it stands: its balance now, and its row of `owed` as it was (None where there is none)."""

    claim_id: int
    entity_id: int
    patient_id: int
    service_from: date | None
    amount: int
    before: Any


def known(w: Work, claim_ids: Sequence[int]) -> list[Known]:
    """The claims that have a patient balance or had one: those nobody is asked for are left out."""
    query = (
        select(
            _claim.c.id, _claim.c.entity_id, _claim.c.patient_id, _claim.c.service_from, _balance.c.patient,
            *(_owed.c[name].label(f"was_{name}") for name in WAS),
        )
        .join(_balance, _balance.c.claim_id == _claim.c.id)
        .outerjoin(_owed, _owed.c.claim_id == _claim.c.id)
        .where(
            among(w.db, _claim.c.id, list(claim_ids)),
            w.within(_claim.c.entity_id),
            or_(_balance.c.patient != 0, _owed.c.claim_id.is_not(None)),
        )
        .order_by(_claim.c.id)
    )  # fmt: skip
    return [
        Known(row.id, row.entity_id, row.patient_id, row.service_from, int(row.patient),
              row if row.was_claim_id is not None else None)
        for row in w.db.execute(query)
    ]  # fmt: skip


WAS = ("claim_id", "account_id", "amount", "state", "reason", "since", "service_from")


def lock(w: Work, claim_ids: Sequence[int]) -> None:
    """Nobody else decides about these visits until we have: the last to look sees what all others did."""
    if w.db.dialect.name != "sqlite":
        query = select(_owed.c.claim_id).where(among(w.db, _owed.c.claim_id, list(claim_ids)))
        w.db.execute(query.order_by(_owed.c.claim_id).with_for_update())


def facts(w: Work, found: Sequence[Known], on: date) -> dict[int, Facts]:
    """What decides about visits, by claim. on: the day rules and holds are those of."""
    ids = [one.claim_id for one in found if one.amount]
    payers, classes = _payers(w, ids)
    denials = _grouped(
        w,
        select(_denial.c.claim_id, _denial.c.state).where(
            among(w.db, _denial.c.claim_id, ids), w.within(_denial.c.entity_id), _denial.c.state != "closed"
        ),
    )
    rebills = _grouped(
        w,
        select(_rebill.c.claim_id, _rebill.c.rank).where(
            among(w.db, _rebill.c.claim_id, ids), w.within(_rebill.c.entity_id), _rebill.c.open.is_(True)
        ),
    )
    looks = _grouped(
        w,
        select(_look.c.claim_id, _look.c.reason).where(
            among(w.db, _look.c.claim_id, ids), w.within(_look.c.entity_id)
        ),
    )
    parked, holds = _parked(w, ids), _holds(w, ids, on)
    forbids = forbidden(w, ids, classes, on)
    return {
        one.claim_id: Facts(
            amount=one.amount,
            payers=tuple(sorted(payers.get(one.claim_id, ()))),
            look=next(iter(sorted(looks.get(one.claim_id, ()))), ""),
            denials=frozenset(denials.get(one.claim_id, ())),
            rebills=frozenset(rebills.get(one.claim_id, ())),
            parked=one.claim_id in parked,
            never=forbids[one.claim_id].code if one.claim_id in forbids else "",
            hold=holds.get(one.claim_id, ""),
        )
        for one in found
    }  # fmt: skip


def _grouped(w: Work, query: Select[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for claim_id, value in w.db.execute(query):
        found.setdefault(claim_id, []).append(value)
    return found


def _payers(w: Work, ids: Sequence[int]) -> tuple[dict[int, list[Any]], dict[int, set[str]]]:
    query = (
        select(_covered.c.claim_id, _covered.c.rank, _covered.c.state, _payer.c["class"])
        .outerjoin(_payer, _payer.c.id == _covered.c.payer_id)
        .where(among(w.db, _covered.c.claim_id, ids), w.within(_covered.c.entity_id))
    )
    payers: dict[int, list[Any]] = {}
    classes: dict[int, set[str]] = {}
    for claim_id, rank, state, class_ in w.db.execute(query):
        payers.setdefault(claim_id, []).append((rank, state))
        if class_:
            classes.setdefault(claim_id, set()).add(str(class_))
    return payers, classes


def _parked(w: Work, ids: Sequence[int]) -> set[int]:
    """Claims a payer's parked answer speaks of, by its match or its control number."""
    same = and_(_remit_claim.c.entity_id == _claim.c.entity_id, _remit_claim.c.state == State.PARKED.value)
    by_control = select(_claim.c.id).join(
        _remit_claim, and_(same, _remit_claim.c.control == _claim.c.control)
    )
    by_match = select(_remit_claim.c.claim_id).where(
        among(w.db, _remit_claim.c.claim_id, ids), _remit_claim.c.state == State.PARKED.value,
        w.within(_remit_claim.c.entity_id),
    )  # fmt: skip
    by_control = by_control.where(among(w.db, _claim.c.id, ids), w.within(_claim.c.entity_id))
    return {*w.db.execute(by_control).scalars(), *w.db.execute(by_match).scalars()}


def _holds(w: Work, ids: Sequence[int], on: date) -> dict[int, str]:
    """The kind of the hold on a visit of its own, the first placed where there are several."""
    query = select(_hold.c.claim_id, _hold.c.kind).where(
        _hold.c.open.is_(True), in_force_on(on), w.within(_hold.c.entity_id),
        among(w.db, _hold.c.claim_id, ids),
    )  # fmt: skip
    return {claim_id: str(kind) for claim_id, kind in w.db.execute(query.order_by(_hold.c.id.desc()))}


def in_force_on(on: date) -> Any:
    """The condition that a hold counts on a day."""
    return and_(_hold.c.starts <= on, or_(_hold.c.ends.is_(None), _hold.c.ends > on))


# ---------------------------------------------------------------- what may never be billed


def forbidden(w: Work, ids: Sequence[int], classes: dict[int, set[str]], on: date) -> dict[int, Rule]:
    """The rule that keeps a visit from its patient, by claim; those that may be billed are left out."""
    rules = in_force(shipped(), on)
    remarks, reasons, left = _said(w, ids, rules)
    hit = [claim_id for claim_id in ids if claim_id in remarks or claim_id in reasons
           or classes.get(claim_id, set()) & watched(rules, "class") or claim_id in left]  # fmt: skip
    waived = _waived(w, [claim_id for claim_id in hit if "medicare" in classes.get(claim_id, ())])
    found = {}
    for claim_id in hit:
        said = Said(
            frozenset(remarks.get(claim_id, ())), frozenset(reasons.get(claim_id, ())),
            frozenset(classes.get(claim_id, ())), tuple(left.get(claim_id, ())), claim_id in waived,
        )  # fmt: skip
        if (rule := never(rules, said)) is not None:
            found[claim_id] = rule
    return found


def _said(
    w: Work, ids: Sequence[int], rules: Sequence[Rule]
) -> tuple[dict[int, set[str]], dict[int, set[str]], dict[int, list[Left]]]:
    """Remarks and reasons the rules watch, and what went to the patient, of adjudications that stand."""
    standing = (
        among(w.db, _remit_claim.c.claim_id, list(ids)), _remit_claim.c.live.is_(True),
        w.within(_remit_claim.c.entity_id),
    )  # fmt: skip
    codes, carcs = sorted(watched(rules, RARC)), sorted(watched(rules, CARC))
    query = select(_remit_claim.c.claim_id, _remark.c.code).join(
        _remark, _remark.c.remit_claim_id == _remit_claim.c.id
    )
    remarks: dict[int, set[str]] = {}
    for claim_id, code in w.db.execute(query.where(*standing, _remark.c.code.in_(codes))):
        remarks.setdefault(claim_id, set()).add(code)
    named = (_adjustment.c.cas_group, _adjustment.c.carc, _adjustment.c.amount, _adjustment.c.effect)
    query = select(_remit_claim.c.claim_id, *named).join(
        _adjustment, _adjustment.c.remit_claim_id == _remit_claim.c.id
    )
    wanted = or_(_adjustment.c.effect == NEXT_PARTY, _adjustment.c.carc.in_(carcs))
    reasons: dict[int, set[str]] = {}
    left: dict[int, list[Left]] = {}
    for row in w.db.execute(query.where(*standing, wanted)):
        if row.carc in carcs:
            reasons.setdefault(row.claim_id, set()).add(row.carc)
        if row.effect == NEXT_PARTY:
            left.setdefault(row.claim_id, []).append(Left(row.cas_group, row.carc, int(row.amount)))
    return remarks, reasons, left


def _waived(w: Work, ids: Sequence[int]) -> set[int]:
    """Claims a person moved to the patient on a signed notice."""
    if not ids:
        return set()
    query = (
        select(_denial.c.claim_id, _event.c.detail)
        .join(_event, _event.c.denial_id == _denial.c.id)
        .where(among(w.db, _denial.c.claim_id, list(ids)), w.within(_denial.c.entity_id),
               _event.c.move == "to_patient")
    )  # fmt: skip
    return {
        claim_id for claim_id, detail in w.db.execute(query)
        if (detail or {}).get("basis") == Basis.WAIVER.value
    }  # fmt: skip
