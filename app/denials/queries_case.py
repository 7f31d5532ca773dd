"""What stands behind one case: its rounds, the rows of the playbook that decided, its requests, its story."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from app.access.models import Person
from app.contacts.queries import Contact
from app.contacts.rules import OUTCOMES
from app.denials.lifecycle import State, Writeoff
from app.denials.models import Denial, DenialItem, DenialWriteoff
from app.denials.queries import DenialView, EventView
from app.denials.queries_around import own_plays
from app.denials.queries_claim import Happening
from app.denials.rules import Play, deciding
from app.kernel.db import table_of
from app.kernel.money import Money
from app.kernel.work import Work
from app.remits.models import Remit, RemitClaim

_denial, _item, _writeoff = table_of(Denial), table_of(DenialItem), table_of(DenialWriteoff)
_remit, _remit_claim, _person = table_of(Remit), table_of(RemitClaim), table_of(Person)
EVENT_WORDS = {
    "open": "Refused",
    "deny_again": "Refused again",
    "pay": "Paid by a later remit",
    "reverse": "Taken back",
    "withdraw": "Posting undone",
    "assign": "Assigned",
    "root_cause": "Root cause set",
    "new_date": "New last day",
    "alert": "Running out",
    "undo": "Undone",
    "document": "Document added",
    "document_removed": "Document taken off",
    "ask_writeoff": "Write-off asked for",
    "approve": "Write-off approved",
    "decline": "Write-off declined",
    "to_patient": "Reviewed: asked of the next payer or the patient",
    "bring_back": "Brought back to the payer",
}
TONES = {"open": "bad", "deny_again": "bad", "expire": "bad", "pay": "good", "win": "good", "alert": "warn"}


@dataclass(frozen=True, slots=True)
class RoundRow:
    """One refusal of the case: the remit that brought it, what it denied. `remit_claim` has the EOB."""

    number: int
    day: date
    remit: str
    remit_claim: str
    trace: str
    reasons: str
    denied: Money
    withdrawn: bool


def rounds(w: Work, denial_id: int) -> list[RoundRow]:
    """Every round of a case, newest first (RDEN-04)."""
    codes = func.count().label("n")
    query = (
        select(_item.c.round, _item.c.group_code, _item.c.carc, _item.c.withdrawn, codes,
               func.sum(_item.c.cents).label("cents"), _remit.c.public_id.label("remit"), _remit.c.trace,
               _remit_claim.c.public_id.label("remit_claim"),
               func.coalesce(_remit.c.produced, _remit.c.issued, _remit.c.effective_date).label("day"))
        .join(_remit_claim, _remit_claim.c.id == _item.c.remit_claim_id)
        .join(_remit, _remit.c.id == _remit_claim.c.remit_id)
        .where(w.within(_item.c.entity_id), _item.c.denial_id == denial_id)
        .group_by(_item.c.round, _item.c.group_code, _item.c.carc, _item.c.withdrawn, _remit.c.public_id,
                  _remit.c.trace, _remit_claim.c.public_id, _remit.c.produced, _remit.c.issued,
                  _remit.c.effective_date)
        .order_by(_item.c.round.desc(), _item.c.carc)
    )  # fmt: skip
    found: dict[tuple[int, str, bool], RoundRow] = {}
    for row in w.db.execute(query):
        key = (row.round, row.remit_claim, bool(row.withdrawn))
        day = date.fromisoformat(row.day) if isinstance(row.day, str) else row.day
        reason, cents = f"{row.group_code}-{row.carc}", Money.of_sum(int(row.cents))
        if key in found:
            reason = f"{found[key].reasons}, {reason}"
            cents = Money(found[key].denied + cents)
        found[key] = RoundRow(row.round, day, row.remit, row.remit_claim, row.trace, reason, cents,
                              bool(row.withdrawn))  # fmt: skip
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Decided:
    """A row of the playbook that decided something: when it fits, and the answers it gave, in words."""

    own: bool
    when: str
    answers: tuple[tuple[str, str], ...]


def decided_by(w: Work, view: DenialView, filing: str, payer_class: str) -> list[Decided]:
    """The rows that decided this case on the day it was refused, the most specific first."""
    own = own_plays(w, view.entity_id, view.row.denied_on)
    newest = [one for one in view.items if one.round == view.row.round and one.carc == view.row.carc]
    remarks = tuple(sorted({code for one in newest for code in one.rarcs.split()}))
    found = deciding(own, frozenset((payer_class, filing)), (view.row.group, view.row.carc), remarks,
                     view.row.category)  # fmt: skip
    return [Decided(play in own, _when(play), answers) for play, answers in found]


def _when(play: Play) -> str:
    said = [
        ("payer", play.payer), ("group", play.group), ("CARC", play.carc), ("RARC", play.rarc),
        ("category", play.when_category),
    ]  # fmt: skip
    return ", ".join(f"{name} {value.replace('_', ' ')}" for name, value in said if value) or "anything"


def payer_terms_key(w: Work, denial_id: int) -> tuple[str, str]:
    """(filing indicator, payer class) a case was read under."""
    query = select(_denial.c.filing, _denial.c.payer_class).where(
        w.within(_denial.c.entity_id), _denial.c.id == denial_id
    )
    row = w.db.execute(query).one()
    return row.filing, row.payer_class


# ---------------------------------------------------------------- requests to write off


@dataclass(frozen=True, slots=True)
class WriteoffRow:
    """A request and what became of it; `mine`: I asked, so another decides. file_by: the last day its claim
    can be sent again; until then the decision needs a supervisor's review.
    """

    public_id: str
    denial: str
    amount: Money
    reason: str
    words: str
    state: str
    asked_by: str
    asked_at: datetime
    decided_by: str
    decided_at: datetime | None
    answer: str
    mine: bool
    version: int
    file_by: date | None = None


def writeoffs(w: Work, denial_id: int | None = None) -> list[WriteoffRow]:
    """The requests of a case, newest first; or (None) all that wait for a decision, oldest first."""
    asker, decider = _person.alias("asker"), _person.alias("decider")
    query = (
        select(_writeoff, _denial.c.public_id.label("denial"), _denial.c.file_by, asker.c.name.label("asker"),
               decider.c.name.label("decider"))
        .join(_denial, _denial.c.id == _writeoff.c.denial_id)
        .outerjoin(asker, asker.c.id == _writeoff.c.requested_by)
        .outerjoin(decider, decider.c.id == _writeoff.c.decided_by)
        .where(w.within(_writeoff.c.entity_id))
    )  # fmt: skip
    if denial_id is None:
        waiting = (_writeoff.c.state == Writeoff.REQUESTED.value,
                   _denial.c.state == State.WRITEOFF_REQUESTED.value)  # fmt: skip
        query = query.where(*waiting).order_by(_writeoff.c.id).limit(500)
    else:
        query = query.where(_writeoff.c.denial_id == denial_id).order_by(_writeoff.c.id.desc())
    return [
        WriteoffRow(
            public_id=row.public_id,
            denial=row.denial,
            amount=row.amount,
            reason=row.reason,
            words=row.words,
            state=row.state,
            asked_by=row.asker or "",
            asked_at=row.requested_at,
            decided_by=row.decider or "",
            decided_at=row.decided_at,
            answer=row.answer or "",
            mine=row.requested_by == w.actor.person_id,
            version=row.version,
            file_by=row.file_by if row.file_by and row.file_by >= w.now.date() else None,
        )
        for row in w.db.execute(query)
    ]


# ---------------------------------------------------------------- the story


def story(events: Sequence[EventView], contacts: Sequence[Contact]) -> list[Happening]:
    """Events, notes and calls as one line of time, newest first."""
    found = [_event(one) for one in events] + [_contact(one) for one in contacts]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _event(one: EventView) -> Happening:
    title = EVENT_WORDS.get(one.move, one.move.replace("_", " ").capitalize())
    if one.before != one.after:
        title += f": {one.before.replace('_', ' ')} → {one.after.replace('_', ' ')}"
    return Happening(one.at, title, one.reason, one.actor, tone=TONES.get(one.move, "mute"))


def _contact(one: Contact) -> Happening:
    words = [one.text]
    if one.kind == "call":
        spoke = f" with {one.representative}" if one.representative else ""
        title = f"Call{spoke}: {OUTCOMES.get(one.outcome, one.outcome).lower()}"
        words += [f"Reference {one.reference}." if one.reference else "", promise_words(one)]
    else:
        title = "Note"
    if one.struck:
        title += " (taken back)"
    return Happening(one.at, title, " ".join(filter(None, words)), one.who, tone="info")


def promise_words(one: Contact) -> str:
    """A promise and how it stands, in words; empty without one."""
    if one.promised_on is None:
        return ""
    amount = f" {one.promised_amount:,}" if one.promised_amount is not None else ""
    return f"Promised{amount} by {one.promised_on.strftime('%m/%d/%Y')}: {one.promise}."
