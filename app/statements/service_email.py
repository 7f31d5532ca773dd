"""A statement by e-mail: only a link, only with consent, only once.

The consent, the hours and every hold are asked again right before sending; the try is on record before
anything leaves. What may have left is never sent again by itself: a person decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from app.contacts import service_guards
from app.contacts.lifecycle import Act
from app.contacts.rules_guards import No
from app.entities import queries as entities
from app.gateways.handing import Handed, Outcome
from app.kernel.crypto import keyring
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound, Stale
from app.kernel.ids import public_id, public_ids
from app.kernel.work import Work
from app.patients import queries_reach, service_reach
from app.patients.lifecycle import Channel, PointKind
from app.statements import rules_email
from app.statements.lifecycle import DocumentState, EmailState, Way
from app.statements.models import Statement, StatementEmail
from app.statements.rules_content import facts_of
from app.worklist import service as worklist
from app.worklist.service import NewItem

JOB, FACTS, QUEUE, SUBJECT = "send_statement_email", "statement.facts_sealed", "accounts", "statement_email"
HOURS = "contact_hours"
NOWHERE = "There is no mail server, no address, or no page to link to."
_email, _statement = table_of(StatementEmail), table_of(Statement)


@dataclass(frozen=True)
class Package:
    """A message in hand, and the version its row has while it is on its way."""

    public_id: str
    version: int
    to: str
    message_id: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]


def queue(w: Work, run_id: int) -> int:
    """Have every statement of a run that goes by e-mail sent; returns how many are new. Twice is once."""
    known = select(_email.c.statement_id)
    query = select(_statement.c.id, _statement.c.entity_id, _statement.c.account_id).where(
        _statement.c.run_id == run_id, _statement.c.way == Way.EMAIL.value,
        w.within(_statement.c.entity_id), _statement.c.id.not_in(known),
    )  # fmt: skip
    rows = w.db.execute(query.order_by(_statement.c.id)).all()
    if not rows:
        return 0
    points = _points(w, [row.account_id for row in rows])
    first, names = w.numbers("statement_email", len(rows)), public_ids(len(rows))
    made = [
        dict(id=first + place, public_id=names[place], entity_id=row.entity_id, account_id=row.account_id,
             statement_id=row.id, contact_point_id=points.get(row.account_id, 0),
             state=EmailState.QUEUED.value, message_id=f"<{public_id()}{names[place]}@reclaim>", answer="",
             tries=0, queued_at=w.now, sent_at=None, version=1)
        for place, row in enumerate(rows)
    ]  # fmt: skip
    w.db.execute(insert(_email), made)
    for name in names:
        w.job(JOB, f"{name}:0", {"email": name}, once=True)
    return len(made)


def _points(w: Work, account_ids: Sequence[int]) -> dict[int, int]:
    """The e-mail address of each account that statements may go to; none without a yes."""
    lines, said = queries_reach.points(w, account_ids), queries_reach.consents(w, account_ids)
    found: dict[int, int] = {}
    for account_id in account_ids:
        for one in lines.get(account_id, []):
            if one.kind == PointKind.EMAIL and said[account_id].allows(Channel.STATEMENT.value, one.id):
                found.setdefault(account_id, one.id)
    return found


def begin(w: Work, public: str, *, ready: bool = True) -> Package | None:
    """Start an e-mail that waits; None when it may not go, not now, or is not waiting.

    ready: there is a mail server; without one the statement has to go by mail.

    One whose try broke off may have left: a person decides. The try is committed with this work.
    """
    row = _locked(w, public)
    if row.state == EmailState.SENDING:
        _unknown(w, row, "Sending was interrupted.")
        return None
    if row.state != EmailState.QUEUED:
        return None
    line = {one.id: one for one in queries_reach.points(w, [row.account_id]).get(row.account_id, [])}.get(
        row.contact_point_id
    )
    nos = _against(w, row)
    until = max((one.until for one in nos if one.until is not None), default=None)
    if nos and all(one.rule == HOURS for one in nos) and until is not None:
        # Not at night: it goes by itself when the hours begin.
        w.job(JOB, f"{public}:{until:%Y%m%d%H%M}", {"email": public}, run_at=until)
        return None
    statement = w.db.execute(select(_statement).where(_statement.c.id == row.statement_id)).one()
    link = str(facts_of(keyring().open(bytes(statement.facts_sealed), FACTS))["facts"]["pay_link"])
    if nos or line is None or not link or not ready:
        service_guards.refused(w, Act.EMAIL, {row.account_id: nos})
        words = nos[0].words if nos else NOWHERE
        _step(w, row, EmailState.STOPPED, answer=words[:120])
        _ask(w, row, "email_stopped", "Not e-mailed; send it by mail")
        return None
    version = _step(w, row, EmailState.SENDING, tries=int(row.tries) + 1)
    said = rules_email.message(entities.get(w, row.entity_id).name, link, statement.language)
    return Package(public, version, line.value, row.message_id, said.subject, said.text, said.html,
                   rules_email.headers(link))  # fmt: skip


def _against(w: Work, row: Any) -> list[No]:
    found: list[No] = []
    for act in (Act.STATEMENT, Act.EMAIL):
        points = {row.account_id: row.contact_point_id} if act is Act.EMAIL else None
        extra = {"channel": Channel.STATEMENT.value} if act is Act.EMAIL else None
        found += service_guards.ask(w, act, [row.account_id], points=points, extra=extra)[row.account_id]
    return found


def settle(w: Work, package: Package, handed: Handed) -> None:
    """Write down what became of a try, and what follows from it."""
    row = _locked(w, package.public_id)
    if row.state != EmailState.SENDING or row.version != package.version:
        return
    words = handed.words[:120]
    if handed.outcome is Outcome.ARRIVED:
        _step(w, row, EmailState.SENT, answer=words, sent_at=w.now)
        of = (_statement.c.id == row.statement_id, _statement.c.state == DocumentState.ISSUED.value)
        w.db.execute(update(_statement).where(*of).values(state=DocumentState.HANDED.value))
    elif handed.outcome is Outcome.UNKNOWN:
        _unknown(w, row, words)
    elif handed.code in ("no_box", "refused") or row.tries > len(rules_email.RETRY_MINUTES):
        _step(w, row, EmailState.FAILED, answer=words)
        if handed.code == "no_box":
            _bounced(w, row)
        _ask(w, row, "email_failed", "Not e-mailed; send it by mail")
    else:
        _step(w, row, EmailState.QUEUED, answer=words)
        later = w.now + timedelta(minutes=rules_email.RETRY_MINUTES[row.tries - 1])
        w.job(JOB, f"{row.public_id}:{row.tries}", {"email": row.public_id}, run_at=later)


def _bounced(w: Work, row: Any) -> None:
    """Nobody lives behind this address: it is not used again, for anything."""
    for one in queries_reach.points(w, [row.account_id]).get(row.account_id, []):
        if one.id == row.contact_point_id:
            service_reach.end_point(w, one.public_id, version=one.version)


def _unknown(w: Work, row: Any, words: str) -> None:
    _step(w, row, EmailState.UNKNOWN, answer=words[:120])
    _ask(
        w,
        row,
        "email_unknown",
        "Did this e-mail leave?",
    )


def decide(w: Work, public: str, *, arrived: bool, version: int) -> int:
    """A person found out what became of an e-mail nobody knew about; returns the version."""
    w.may("statements.release")
    row = _locked(w, public)
    if row.version != version:
        raise Stale()
    if row.state != EmailState.UNKNOWN:
        raise NotAllowed("What became of this e-mail is known.", code="not_possible_now")
    worklist.close_many(w, QUEUE, SUBJECT, [row.id], "decided")
    at: datetime | None = w.now if arrived else None
    return _step(w, row, EmailState.SENT if arrived else EmailState.FAILED, sent_at=at)


def give_up(w: Work, public: str, reason: str) -> None:
    """The house could not send it in all its tries."""
    row = _locked(w, public)
    if row.state in (EmailState.QUEUED, EmailState.SENDING):
        _unknown(w, row, f"Reclaim could not send it ({reason}).")


def _locked(w: Work, public: str) -> Any:
    mine = (_email.c.public_id == public, w.within(_email.c.entity_id))
    row = w.db.execute(select(_email).where(*mine).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such e-mail.")
    return row


def _step(w: Work, row: Any, state: EmailState, **values: Any) -> int:
    held = (_email.c.id == row.id, _email.c.version == row.version)
    new = {**values, "state": state.value, "version": row.version + 1}
    if w.db.execute(update(_email).where(*held).values(**new)).rowcount != 1:
        raise Stale()
    w.audit(f"email.{state.value}", "U", "statement_email", row.public_id, entity_id=row.entity_id)
    return int(row.version) + 1


def _ask(w: Work, row: Any, kind: str, reason: str) -> None:
    worklist.open_many(w, [NewItem(
        entity_id=row.entity_id, queue=QUEUE, kind=kind, subject=SUBJECT, subject_id=row.id, reason=reason,
        score=40, detail={"email": row.public_id},
    )])  # fmt: skip
