"""Mail that came back: the address marked, statements stopped, a new address looked for, mailing again.

A piece that comes back while an earlier one is being worked on is noted there: one search at a time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from app.contacts import queries_law, service_holds
from app.contacts.lifecycle import RETURNED, HoldKind, ReturnMove, ReturnState
from app.contacts.models import AccountEvent, AccountHold, ReturnedMail
from app.contacts.rules import cleaned
from app.contacts.rules_returned import OPEN, Action, Code, code_of, tried
from app.contacts.service_events import Happened, happened
from app.kernel.crypto import keyring
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound, Refused, Stale
from app.kernel.ids import public_id
from app.kernel.work import Work
from app.patients import queries_guarantors, queries_reach, service_reach
from app.patients.lifecycle import Deliverability, Source
from app.patients.models import GuarantorAddress
from app.patients.queries_guarantors import GuarantorRow
from app.patients.rules_people import Home, home_of
from app.patients.rules_reach import checked
from app.worklist import service as worklist

RIGHT, SUBJECT, SEALED = "guarantors.write", "returned_mail", "returned_mail.candidate"
QUEUE, KIND, REVIEW = "accounts", "bad_address", "deceased_review"
DAYS = "mail_away_days"
SOURCES = "mail_search_sources"
NOTE_CHARACTERS = 200
_mail, _hold, _event = table_of(ReturnedMail), table_of(AccountHold), table_of(AccountEvent)
_address = table_of(GuarantorAddress)
_HOLDS = {
    Action.BAD: (HoldKind.RETURNED_MAIL, Deliverability.BAD),
    Action.HOLD: (HoldKind.MAIL_PAUSED, Deliverability.HELD),
    Action.DECEASED: (HoldKind.DECEASED, Deliverability.HELD),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of returned mail after a verb; again: an earlier one is being worked on and this is noted."""

    public_id: str
    account_id: int
    entity_id: int
    state: str
    action: str
    again: bool = False


def take_in(
    w: Work,
    account_id: int,
    code: str,
    *,
    returned_on: date | None = None,
    document_id: int | None = None,
    address_id: int | None = None,
    home: Home | None = None,
) -> Piece:
    """A letter came back for a reason of data/returned.csv; what the reason asks for is done at once.

    Bad: the address is marked, statements and letters stop, somebody has to look for another. Away (W):
    mail waits. Deceased (P): a review. Refused or unclaimed (R, U): it was delivered as far as we go, so
    mailing goes on. A new address supplied: pass it as `home`; it is mailed once more at the same step.
    address_id: where it had been sent; absent: the address in force.
    """
    w.may(RIGHT)
    row = _account(w, account_id)
    today = w.today(row.time_zone)
    day = returned_on or today
    if day > today:
        raise Refused("Mail does not come back in the future.", code="future", field="returned_on")
    reason = code_of(code, day)
    there = _open_of(w, row.id)
    if there is not None and code_of(there.code, there.returned_on).action is reason.action:
        _tell(w, there, "again", there.state, there.state, detail={"code": reason.code})
        return Piece(there.public_id, row.id, row.entity_id, there.state, reason.action.value, again=True)
    if address_id is None:
        home_now = queries_reach.addresses(w, [row.id]).get(row.id)
        address_id = home_now.id if home_now else None
    made = dict(
        id=w.numbers("returned_mail"), public_id=public_id(), entity_id=row.entity_id, account_id=row.id,
        address_id=address_id, hold_id=None, document_id=document_id, code=reason.code, returned_on=day,
        state=ReturnState.RETURNED.value, searched=0, candidate_sealed=None, candidate_source="",
        author=w.actor.name[:80], version=1,
    )  # fmt: skip
    w.db.execute(insert(_mail).values(**made))
    mail = _of(w, str(made["public_id"]))
    _tell(w, mail, "return", "", ReturnState.RETURNED.value, detail={"code": reason.code})
    return _follow(w, mail, row, reason, home)


def _follow(w: Work, mail: Any, row: GuarantorRow, reason: Code, home: Home | None) -> Piece:
    today = w.today(row.time_zone)
    if reason.action is Action.KEEP:
        state = _step(w, mail, ReturnMove.RESUME, reason.meaning)
    elif reason.action is Action.UPDATE:
        if home is None:
            raise Refused("Type the new address the post office supplied.", code="address", field="street")
        service_reach.add_address(w, row.public_id, home, version=None, source=Source.POST_OFFICE)
        state = _step(w, mail, ReturnMove.RESUME, reason.meaning, detail={"mail_again": True})
        end_search(w, row.id, reason.meaning)
    else:
        kind, mark = _HOLDS[reason.action]
        until = None
        if reason.action is Action.HOLD:
            away = queries_law.law(w, row.entity_id, today).number(DAYS, row.state)
            until = today + timedelta(away)
        hold_id = _held(w, row.id, kind) or _hold_id(
            w, service_holds.place_for(w, row.id, kind, reason=reason.meaning, until=until)
        )
        _mark(w, mail.address_id, mark, reason.code, today)
        state = _step(w, mail, ReturnMove.STOP, reason.meaning, hold_id=hold_id)
        _ask(w, mail, row, reason, today)
    w.audit("returned.take_in", "C", "returned_mail", mail.public_id, entity_id=row.entity_id,
            detail={"code": reason.code, "action": reason.action.value})  # fmt: skip
    return Piece(mail.public_id, row.id, row.entity_id, state, reason.action.value)


def end_search(w: Work, account_id: int, why: str) -> None:
    """A new address ends a search that was under way; what came back for a death or an absence stays."""
    there = _open_of(w, account_id)
    if there is not None and code_of(there.code, there.returned_on).action is Action.BAD:
        _resume(w, there, why)


def _ask(w: Work, mail: Any, row: GuarantorRow, reason: Code, today: date) -> None:
    if reason.action is Action.HOLD:
        return
    of = queries_guarantors.patients_of(w, [row.id]).get(row.id, [])
    worklist.open_many(w, [
        worklist.NewItem(
            entity_id=row.entity_id, queue=QUEUE, subject=SUBJECT, subject_id=mail.id,
            kind=REVIEW if reason.action is Action.DECEASED else KIND, reason=reason.meaning, due=today,
            patient_id=of[0].patient_id if of else None,
            detail={"returned_mail": mail.public_id, "account": row.public_id},
        )
    ])  # fmt: skip


# ---------------------------------------------------------------- looking for an address


def search(w: Work, mail_public: str, source: str, *, note: str = "", version: int) -> str:
    """Somebody looked at a source and found nothing; three of them, and the search is over. Returns the
    state.
    """
    mail, looked = _held_mail(w, mail_public, version), _looked(w, mail_public)
    tried(looked, source)
    state = ReturnState(mail.state)
    if state is ReturnState.STOPPED:
        state = RETURNED.next(state, ReturnMove.SEARCH)
    elif state is not ReturnState.SEARCHING:
        RETURNED.next(state, ReturnMove.SEARCH)
    today = w.today(_account(w, mail.account_id).time_zone)
    over = len(looked) + 1 >= queries_law.law(w, mail.entity_id, today).number(SOURCES)
    after = RETURNED.next(state, ReturnMove.GIVE_UP) if over else state
    words = cleaned(note, NOTE_CHARACTERS, "note")
    _write(w, mail, after, searched=mail.searched + 1)
    _tell(w, mail, ReturnMove.SEARCH.value, mail.state, state.value, words, detail={"source": source})
    if over:
        _tell(w, mail, ReturnMove.GIVE_UP.value, state.value, after.value)
    return after.value


def find(w: Work, mail_public: str, home: Home, source: str, *, version: int) -> str:
    """Somebody found an address; another look at it decides. The one mail came back from is refused."""
    mail, home = _held_mail(w, mail_public, version), checked(home)
    after = RETURNED.next(ReturnState(mail.state), ReturnMove.FIND)
    tried([], source)
    if mail.address_id is not None:
        sealed = w.db.execute(select(_address.c.sealed).where(
            w.within(_address.c.entity_id), _address.c.id == mail.address_id)).scalar_one()  # fmt: skip
        if home_of(keyring().open(bytes(sealed), queries_reach.ADDRESS)).words == home.words:
            raise Refused("Mail came back from this very address.", code="same_address", field="street")
    kept = keyring().seal(home.text, SEALED)
    _write(w, mail, after, candidate_sealed=kept, candidate_source=source)
    _tell(w, mail, ReturnMove.FIND.value, mail.state, after.value, detail={"source": source})
    return after.value


def verify(w: Work, mail_public: str, *, zip_again: str, version: int) -> str:
    """A second look at the address found: its ZIP code typed again from where it stands."""
    mail = _held_mail(w, mail_public, version)
    after = RETURNED.next(ReturnState(mail.state), ReturnMove.VERIFY)
    if candidate(mail).zip[:5] != zip_again.strip()[:5]:
        raise Refused("This is not the ZIP code of the address found. Look again.", code="zip", field="zip")
    _write(w, mail, after)
    _tell(w, mail, ReturnMove.VERIFY.value, mail.state, after.value)
    return after.value


def reject(w: Work, mail_public: str, *, why: str, version: int) -> str:
    """The address found is not theirs; the search goes on."""
    mail = _held_mail(w, mail_public, version)
    after = RETURNED.next(ReturnState(mail.state), ReturnMove.REJECT)
    _write(w, mail, after, candidate_sealed=None, candidate_source="")
    _tell(w, mail, ReturnMove.REJECT.value, mail.state, after.value, _why(why))
    return after.value


def resume(w: Work, mail_public: str, *, why: str = "", version: int) -> str:
    """Mail again, at the same dunning step with the days that were left.

    A verified address becomes the one in force. While mail is only stopped, somebody must say why the old
    address is right after all; the search for it ends, and a review of a death stays with its own hold.
    """
    mail = _held_mail(w, mail_public, version)
    state = ReturnState(mail.state)
    RETURNED.next(state, ReturnMove.RESUME)
    row = _account(w, mail.account_id)
    if state is ReturnState.VERIFIED:
        service_reach.add_address(w, row.public_id, candidate(mail), version=None, source=Source.PERSON)
        _resume(w, mail, "A new address was found.")
    else:
        words = _why(why)
        _mark(w, mail.address_id, Deliverability.GOOD, "", w.today(row.time_zone))
        _resume(w, mail, words)
    w.audit("returned.resume", "U", "returned_mail", mail.public_id, entity_id=mail.entity_id)
    return ReturnState.RESUMED.value


def back_again(w: Work, entity_id: int, day: date) -> list[int]:
    """Mail for somebody away goes on once its hold has ended; returns the accounts. Once a day."""
    query = select(_mail).join(_hold, _hold.c.id == _mail.c.hold_id).where(
        w.within(_mail.c.entity_id), _mail.c.entity_id == entity_id,
        _mail.c.state == ReturnState.STOPPED.value, _hold.c.kind == HoldKind.MAIL_PAUSED.value,
        _hold.c.open.is_(False),
    )  # fmt: skip
    rows = w.db.execute(query.order_by(_mail.c.id)).all()
    for mail in rows:
        _mark(w, mail.address_id, Deliverability.GOOD, "", day)
        _resume(w, mail, "They are back.")
    return sorted({mail.account_id for mail in rows})


def candidate(mail: Any) -> Home:
    """The address somebody found."""
    if mail.candidate_sealed is None:
        raise NotAllowed("No address has been found yet.", code="no_candidate")
    return home_of(keyring().open(bytes(mail.candidate_sealed), SEALED))


# ---------------------------------------------------------------- rows


def _account(w: Work, account_id: int) -> GuarantorRow:
    found = queries_guarantors.by_ids(w, [account_id])
    if account_id not in found:
        raise NotFound("There is no such account.")
    return found[account_id]


def _of(w: Work, mail_public: str) -> Any:
    query = select(_mail).where(w.within(_mail.c.entity_id), _mail.c.public_id == mail_public)
    row = w.db.execute(query.with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such piece of mail.")
    return row


def _held_mail(w: Work, mail_public: str, version: int) -> Any:
    w.may(RIGHT)
    mail = _of(w, mail_public)
    if mail.version != version:
        raise Stale()
    return mail


def _open_of(w: Work, account_id: int) -> Any:
    states = sorted(one.value for one in OPEN - {ReturnState.RETURNED})
    query = select(_mail).where(w.within(_mail.c.entity_id), _mail.c.account_id == account_id)
    return w.db.execute(query.where(_mail.c.state.in_(states)).order_by(_mail.c.id).limit(1)).one_or_none()


def _looked(w: Work, mail_public: str) -> list[str]:
    query = select(_event.c.detail).join(_mail, _mail.c.id == _event.c.subject_id).where(
        w.within(_event.c.entity_id), _mail.c.public_id == mail_public, _event.c.subject == SUBJECT,
        _event.c.move == ReturnMove.SEARCH.value,
    )  # fmt: skip
    return [str(detail["source"]) for detail in w.db.execute(query.order_by(_event.c.id)).scalars()]


def _held(w: Work, account_id: int, kind: HoldKind) -> int | None:
    query = select(_hold.c.id).where(
        w.within(_hold.c.entity_id), _hold.c.account_id == account_id, _hold.c.kind == kind.value,
        _hold.c.open.is_(True), _hold.c.claim_id.is_(None),
    )  # fmt: skip
    return w.db.execute(query.limit(1)).scalar()


def _hold_id(w: Work, hold_public: str) -> int:
    return int(w.db.execute(select(_hold.c.id).where(_hold.c.public_id == hold_public)).scalar_one())


def _mark(w: Work, address_id: int | None, mail: Deliverability, code: str, day: date) -> None:
    query = select(_address.c.public_id).where(_address.c.id == address_id, w.within(_address.c.entity_id))
    name = w.db.execute(query).scalar()
    if name is not None:
        service_reach.mark_mail(w, name, mail, code, on=day)


def _resume(w: Work, mail: Any, why: str) -> None:
    if mail.hold_id is not None:
        kind = w.db.execute(select(_hold.c.kind).where(_hold.c.id == mail.hold_id)).scalar()
        if kind != HoldKind.DECEASED.value:  # only whoever may answer for the law ends that one
            service_holds.lift_for(w, [mail.hold_id], why=why)
    _step(w, mail, ReturnMove.RESUME, why)
    worklist.close_many(w, QUEUE, SUBJECT, [mail.id], ReturnState.RESUMED.value)


def _step(
    w: Work, mail: Any, move: ReturnMove, why: str, *, hold_id: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> str:  # fmt: skip
    after = RETURNED.next(ReturnState(mail.state), move)
    _write(w, mail, after, **({"hold_id": hold_id} if hold_id is not None else {}))
    _tell(w, mail, move.value, mail.state, after.value, why, detail=detail)
    return after.value


def _write(w: Work, mail: Any, state: ReturnState, **values: Any) -> None:
    mine = (_mail.c.id == mail.id, _mail.c.version == mail.version)
    changed = update(_mail).where(*mine).values(state=state.value, version=mail.version + 1, **values)
    if w.db.execute(changed).rowcount != 1:
        raise Stale()


def _tell(
    w: Work, mail: Any, move: str, *ends: str, detail: Mapping[str, Any] | None = None
) -> None:  # fmt: skip
    before, after, why = (*ends, "")[:3]
    happened(w, [Happened(mail.entity_id, mail.account_id, SUBJECT, mail.id, move, before, after, why,
                          dict(detail or {}))])  # fmt: skip


def _why(text: str) -> str:
    words = cleaned(text, NOTE_CHARACTERS, "why")
    if not words:
        raise Refused("Say why.", code="reason_missing", field="why")
    return words
