"""The road of a claim: charged, billed, received, accepted or rejected, answered, billed again, closed; with
the money of each time it was billed and the documents that say so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import and_, select

from app.claims import queries as claims
from app.claims.lifecycle import Move as ClaimMove
from app.claims.models import Claim, ClaimVersion
from app.claims.queries_states import PLAIN, day_of_text, facts_of, history
from app.claims.queries_versions import FREQUENCIES
from app.claims.rules import VOIDS
from app.claims.rules_answers import steps
from app.intake.models import IntakeFile, IntakeTransaction
from app.kernel.db import table_of
from app.kernel.money import Money
from app.kernel.work import Work
from app.ledger.models import ClaimBalance
from app.payers.models import Payer
from app.rebill.lifecycle import State
from app.rebill.models import Rebill, RebillBatch
from app.remits.models import Remit, RemitClaim
from app.remits.rules import REVERSAL

_claim, _version, _balance = table_of(Claim), table_of(ClaimVersion), table_of(ClaimBalance)
_rebill, _batch, _payer = table_of(Rebill), table_of(RebillBatch), table_of(Payer)
_remit, _remit_claim = table_of(Remit), table_of(RemitClaim)
_file, _transaction = table_of(IntakeFile), table_of(IntakeTransaction)
_NOT_SENT = (State.DRAFT, State.READY, State.BATCHED, State.CANCELLED)
_RANKS = {"P": "primary", "S": "secondary", "T": "tertiary", "": "primary"}
_WORDS = {
    State.DRAFT: "Being corrected, not sent yet",
    State.READY: "Corrected, waits to be sent",
    State.BATCHED: "In a file that is about to go out",
    State.CANCELLED: "Given up before it was sent",
}


@dataclass(frozen=True, slots=True)
class Billing:
    """One time the claim was billed. paid and share (what the payer left to the patient) are net of what was
    taken back; open: what the payer owes on it now, absent unless it is the one in force.
    """

    number: int
    kind: str
    control: str
    payer: str
    sent_on: date | None
    batch: str
    file: str
    file_name: str
    state: str
    billed: Money
    paid: Money
    share: Money
    open: Money | None


@dataclass(frozen=True, slots=True)
class RoadStep:
    """A station. moved: False when it came too late to count; number: which billing it is, 0 for none; file,
    rebill, remit: public ids of what says so; amounts where money is part of it.
    """

    day: date | None
    state: str
    words: str
    codes: str = ""
    moved: bool = True
    kind: str = ""
    number: int = 0
    file: str = ""
    rebill: str = ""
    remit: str = ""
    billed: Money | None = None
    paid: Money | None = None
    share: Money | None = None
    action: str = ""


@dataclass(frozen=True, slots=True)
class Road:
    """All of it, first station first, and each billing with its money."""

    claim: str
    state: str
    steps: tuple[RoadStep, ...]
    billings: tuple[Billing, ...]
    payer_open: Money
    patient_open: Money


def road(w: Work, claim_public: str) -> Road:
    """The road of a claim by its public id; the look is on record."""
    return of(w, claims.by_public(w, claim_public).id)


def of(w: Work, claim_id: int) -> Road:
    """The road of a claim; a fixed number of statements."""
    head = w.db.execute(select(_claim).where(_claim.c.id == claim_id, w.within(_claim.c.entity_id))).one()
    sent, remits, ours = _sent(w, claim_id), _remits(w, claim_id), _ours(w, claim_id)
    balance = w.db.execute(
        select(_balance.c.payer, _balance.c.patient).where(_balance.c.claim_id == claim_id)
    ).first()
    payer, patient = (int(balance.payer), int(balance.patient)) if balance else (0, 0)
    billings = _billings(head, sent, remits, ours, payer)
    walked = [*_walked(w, claim_id, billings, sent), *_answers(remits), *_waiting(ours)]
    walked = _in_order(walked)
    first = RoadStep(
        head.service_to or head.service_from,
        "charged",
        "Charged",
        billed=Money(sent[0].charge if sent else head.charge),
    )
    state = next((one.state for one in reversed(walked) if one.moved), "charged")
    if remits and not payer and not patient:
        day = max((row.effective_date for row in remits), default=None)
        walked.append(RoadStep(day, "closed", "Nothing is open any more"))
        state = "closed"
    w.audit("rebill.road", "R", "claim", head.public_id, entity_id=head.entity_id, patients=[head.patient_id])
    return Road(head.public_id, state, (first, *walked), tuple(billings), Money(payer), Money(patient))


def _sent(w: Work, claim_id: int) -> list[Any]:
    names = ("id", "control", "frequency", "sequence", "charge", "sent", "state")
    query = (
        select(*(_version.c[name] for name in names), _payer.c.name.label("payer"), _file.c.name,
               _file.c.public_id.label("file"))
        .select_from(_version)
        .join(_transaction, _transaction.c.id == _version.c.transaction_id)
        .join(_file, _file.c.file_no == _transaction.c.file_no)
        .outerjoin(_payer, _payer.c.id == _version.c.payer_id)
        .where(
            _version.c.claim_id == claim_id, _version.c.state != "undone", w.within(_version.c.entity_id)
        )
        .order_by(_version.c.sent, _version.c.id)
    )  # fmt: skip
    return list(w.db.execute(query))


def _remits(w: Work, claim_id: int) -> list[Any]:
    names = ("id", "control", "status", "paid", "patient_responsibility", "rank", "payer_control", "state")
    query = (
        select(*(_remit_claim.c[name] for name in names), _remit.c.effective_date, _remit.c.trace,
               _remit_claim.c.public_id, _file.c.public_id.label("file"), _payer.c.name.label("payer"))
        .select_from(_remit_claim)
        .join(_remit, _remit.c.id == _remit_claim.c.remit_id)
        .outerjoin(_transaction, _transaction.c.id == _remit.c.id)
        .outerjoin(_file, _file.c.file_no == _transaction.c.file_no)
        .outerjoin(_payer, _payer.c.id == _remit_claim.c.payer_id)
        .where(
            _remit_claim.c.claim_id == claim_id,
            _remit_claim.c.state.in_(("posted", "reversed")),
            w.within(_remit_claim.c.entity_id),
        )
        .order_by(_remit.c.effective_date, _remit_claim.c.id)
    )  # fmt: skip
    return list(w.db.execute(query))


def _ours(w: Work, claim_id: int) -> list[Any]:
    names = ("id", "public_id", "control", "kind", "state", "opened_at", "sent_on", "charge", "version_id",
             "reason", "file_by")  # fmt: skip
    query = (
        select(*(_rebill.c[name] for name in names), _batch.c.public_id.label("batch"))
        .outerjoin(_batch, and_(_batch.c.id == _rebill.c.batch_id, _batch.c.entity_id == _rebill.c.entity_id))
        .where(_rebill.c.claim_id == claim_id, w.within(_rebill.c.entity_id))
        .order_by(_rebill.c.id)
    )
    return list(w.db.execute(query))


def _billings(
    head: Any, sent: Sequence[Any], remits: Sequence[Any], ours: Sequence[Any], payer_open: int
) -> list[Billing]:
    mine = {row.version_id: row for row in ours if row.version_id}
    known = {row.control for row in sent}
    found = []
    for number, row in enumerate(sent, start=1):
        own = [one for one in remits if one.control == row.control]
        if number == 1:  # what names no number of ours answers the first one
            own += [one for one in remits if one.control not in known]
        paid, share = sum(int(one.paid) for one in own), sum(_share(one) for one in own)
        kind = FREQUENCIES.get(row.frequency, f"frequency {row.frequency}")
        if row.frequency == "1" and number > 1:
            kind = "new claim"
        sequence = _RANKS.get(row.sequence, row.sequence)
        submission = mine.get(row.id)
        charge = -int(row.charge) if row.frequency == VOIDS else int(row.charge)
        found.append(
            Billing(
                number, f"{kind}, {sequence}", row.control, row.payer or "", day_of_text(row.sent),
                submission.batch or "" if submission else "", row.file, row.name, row.state, Money(charge),
                Money(paid), Money(share), Money(payer_open) if row.id == head.current_version_id else None,
            )
        )  # fmt: skip
    return found


def _share(row: Any) -> int:
    if row.status == REVERSAL:
        return 0
    return 0 if row.state == "reversed" else int(row.patient_responsibility or 0)


def _walked(w: Work, claim_id: int, billings: Sequence[Billing], sent: Sequence[Any]) -> list[RoadStep]:
    """What documents before payment say, in the order they count."""
    number_of = {row.id: at for at, row in enumerate(sent, start=1)}
    told = history(w, [claim_id])[claim_id]
    found = []
    for step, one in zip(steps(facts_of(w, [claim_id])[claim_id]), told, strict=True):
        if one.kind == "835" and step.fact.move is not ClaimMove.CONFIRM_VOID:
            continue
        number = number_of.get(step.fact.key, 0) if one.kind == "837" else 0
        billing = billings[number - 1] if number else None
        words = one.words
        if billing is not None:
            to = f" to {billing.payer}" if billing.payer else ""
            words = f"{PLAIN[step.fact.move]}: {billing.kind}{to}, as {billing.control}"
        found.append(
            RoadStep(
                one.day, ("billed" if number == 1 else "rebilled") if number else one.state, words, one.codes,
                one.moved, one.kind, number, one.file, billed=billing.billed if billing else None,
                action=f"{one.action}: {one.instruction}" if one.action else "",
            )
        )  # fmt: skip
    return found


def _answers(remits: Sequence[Any]) -> list[RoadStep]:
    """Each decision of a payer with its money."""
    found = []
    for row in remits:
        paid, share = Money(int(row.paid)), Money(_share(row))
        if row.status == REVERSAL:
            state, words = "reversed", "took its answer back"
        elif int(row.paid) > 0:
            state, words = "paid", "paid"
        else:
            state, words = (
                ("denied", "denied it")
                if row.status == "4" or not int(share)
                else ("answered", "paid nothing: the patient owes it")
            )
        said = f"{row.payer or 'The payer'} {words}"
        found.append(
            RoadStep(
                row.effective_date, state, said, f"CLP02 {row.status}", kind="835", file=row.file or "",
                remit=row.public_id, paid=paid, share=share,
            )
        )  # fmt: skip
    return found


def _waiting(ours: Sequence[Any]) -> list[RoadStep]:
    """Submissions that were opened and are not sent."""
    found = []
    for row in ours:
        state = State(row.state)
        if state not in _NOT_SENT:
            continue
        last = f"; last day {row.file_by:%m/%d/%Y}" if row.file_by and state is not State.CANCELLED else ""
        words = f"{_WORDS[state]}: {row.kind.replace('_', ' ')} as {row.control}{last}"
        step = RoadStep(row.opened_at.date(), state.value, words, kind="", rebill=row.public_id)
        found.append(replace(step, moved=state is not State.CANCELLED, billed=Money(int(row.charge))))
    return found


def _in_order(walked: Sequence[RoadStep]) -> list[RoadStep]:
    """By day; what has no day stays behind what it followed."""
    last, keyed = date.min, []
    for at, one in enumerate(walked):
        last = one.day or last
        keyed.append((last, at, one))
    return [one for _, _, one in sorted(keyed, key=lambda each: each[:2])]
