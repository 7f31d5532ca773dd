"""Attempts that look at whole lists: runs, the e-mail job, the next call, returned checks, an agency.

Each is taken back as soon as its end was seen, so that the town stays as it is and the next may be any other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import func, select, update

from app.accounts import service_calls
from app.contacts.lifecycle import Act
from app.contacts.models import Refusal
from app.contacts.rules_holds import shipped
from app.flows import patient_paid, payment_desk
from app.kernel.clock import now
from app.kernel.db import table_of
from app.kernel.errors import Guarded
from app.kernel.paging import Ask
from app.kernel.work import Actor, Work, system, work
from app.payments.lifecycle import Reversal, Tender
from app.payments.service import Taking
from app.payments.service_reverse import Return
from app.placements import service as placements
from app.statements import service_email, service_make, service_release, service_runs
from app.statements.lifecycle import RunKind
from app.statements.models import StatementEmail
from app.web.application import API_PREFIX
from tests.policy import on_hold
from tests.policy.on_hold import Came, Somebody, Town
from tests.statements import DUNNING, ITEM, LETTER, RUN, STATEMENT

_refusal, _email = table_of(Refusal), table_of(StatementEmail)
STAGES = {RunKind.STATEMENTS: "stmt_1", RunKind.LETTERS: "stmt_3"}
KINDS = {Act.STATEMENT: RunKind.STATEMENTS, Act.LETTER: RunKind.LETTERS}
PAPERS = {RunKind.STATEMENTS: STATEMENT, RunKind.LETTERS: LETTER}


class Over(Exception):
    """The end of an attempt was seen; nothing of it stays."""


@dataclass
class Seen:
    """What an attempt that is taken back came to."""

    through: bool = False


def undone(try_it: Callable[[Work, Town, Somebody], bool], door: str = "job") -> on_hold.Attempted:
    """An attempt in a transaction that is given up when its end was seen: True got through."""

    def whole(town: Town, act: Act, who: Somebody) -> Came:
        seen = Seen()
        try:
            with work(system(f"tests-{door}", door=door)) as w:
                seen.through = try_it(w, town, who)
                if not seen.through and not kept(w, act, who):
                    raise AssertionError(f"{act.value} on {town.of(who.id)}: refused, and nothing says so")
                raise Over
        except Over:
            return Came(seen.through, 0)
        except Guarded:
            return Came(False)

    return whole


def kept(w: Work, act: Act, who: Somebody) -> bool:
    """Is there a refusal of this moment, or a coded line of a run?"""
    mine = (_refusal.c.account_id == who.id, _refusal.c.act == act.value, _refusal.c.at == w.now)
    if w.db.execute(select(func.count()).where(*mine, _refusal.c.rule.startswith("hold."))).scalar_one():
        return True
    line = select(ITEM.c.reason).where(ITEM.c.account_id == who.id, ITEM.c.outcome != "send")
    return any(one.startswith("hold_") for one in w.db.execute(line).scalars())


def _due(w: Work, kind: RunKind, who: Somebody) -> None:
    """Their turn for a document of this kind has come."""
    back = now().date() - timedelta(31)
    values = dict(stage=STAGES[kind], since=back, statement_on=back, first_on=back, next_on=None)
    w.db.execute(update(DUNNING).where(DUNNING.c.account_id == who.id).values(**values))


def _line(w: Work, run: str, who: Somebody) -> Any:
    query = select(ITEM).join(RUN, RUN.c.id == ITEM.c.run_id)
    return w.db.execute(query.where(RUN.c.public_id == run, ITEM.c.account_id == who.id)).one()


def planned(kind: RunKind, w: Work, town: Town, who: Somebody) -> bool:
    """A run is planned: do they get a document?"""
    _due(w, kind, who)
    run = service_runs.plan_for(w, town.entity, kind)
    return bool(_line(w, run, who).outcome == "send")


def _as_if_planned_before(w: Work, kind: RunKind, town: Town, who: Somebody, state: str) -> str:
    """A run that was planned and signed before they came on hold."""
    _due(w, kind, who)
    run = service_runs.plan_for(w, town.entity, kind)
    letter = "second_notice" if kind is RunKind.LETTERS else ""
    stage = "stmt_2" if kind is RunKind.STATEMENTS else "stmt_3"
    going = dict(outcome="send", reason="next_step", stage=stage, level=3 if letter else 2, letter=letter,
                 asked=40_00, way="mail" if letter else "email", language="en")  # fmt: skip
    key = _line(w, run, who).run_id
    w.db.execute(update(ITEM).where(ITEM.c.run_id == key, ITEM.c.account_id == who.id).values(**going))
    signed = dict(state=state, signed_by="tests", plan_hash=service_runs.hash_of(w, key), sending=1)
    w.db.execute(update(RUN).where(RUN.c.id == key).values(**signed))
    return run


def released(kind: RunKind, w: Work, town: Town, who: Somebody) -> bool:
    """A run signed before the hold is released now."""
    run = _as_if_planned_before(w, kind, town, who, "signed")
    service_release.release(w, run, 1)
    return bool(_line(w, run, who).outcome == "send")


def made(kind: RunKind, w: Work, town: Town, who: Somebody) -> bool:
    """A run released before the hold is made now."""
    run = _as_if_planned_before(w, kind, town, who, "released")
    papers = PAPERS[kind]
    count = select(func.count()).where(papers.c.account_id == who.id)
    before = w.db.execute(count).scalar_one()
    service_make.make(w, run)
    return bool(w.db.execute(count).scalar_one() > before)


def mailed(w: Work, _town: Town, who: Somebody) -> bool:
    """The job sends the e-mail that waits."""
    package = service_email.begin(w, who.email)
    state = w.db.execute(select(_email.c.state).where(_email.c.public_id == who.email)).scalar_one()
    return package is not None or state != "stopped"


def called_next(town: Town, _act: Act, who: Somebody) -> Came:
    """A clerk asks for the next call, with everybody in the list."""
    del who
    actor = Actor("tests", person_id=town.clerk.person_id, permissions=frozenset({"*"}), scope=frozenset({
        town.entity}), door="page")  # fmt: skip
    seen = Seen()
    try:
        with work(actor) as w:
            service_calls.rank_all(w, town.entity)
            given = service_calls.take_next(w, Ask("score", True))
            kind = town.of(given.account_id) if given.account_id else None
            seen.through = kind is not None and Act.CALL in shipped()[kind].stops
            raise Over
    except Over:
        return Came(seen.through, 0)


def fined(w: Work, town: Town, who: Somebody) -> bool:
    """A check comes back, and somebody asks for the fee."""
    taking = Taking(entity_id=town.entity, account_id=who.id, tender=Tender.CHECK, cents=10_00, key="fee")
    taken = patient_paid.take(w, taking)
    back = payment_desk.reverse(w, taken.public_id, Return(why=Reversal.NSF, code="R01", fee=True), version=1)
    return back.fee > 0


def placed(w: Work, _town: Town, who: Somebody) -> bool:
    """An agency is to have the account."""
    placements.must(w, who.public)
    return True


def planned_by_api(town: Town, act: Act, who: Somebody) -> Came:
    """A program plans a run, looks at their line, and gives the run up."""
    path, ask = f"{API_PREFIX}/statements/runs", town.app.test_client()
    body = {"entity": town.entity_public, "kind": KINDS[act].value}
    with work(system("tests")) as w:
        _due(w, KINDS[act], who)
    town.count += 1
    key = {"Idempotency-Key": f"run-{town.count}"}
    run = ask.post(path, json=body, headers=town.clerk.bearer | key)
    assert run.status_code == 201, run.text[:300]
    told: dict[str, Any] = dict(run.json or {})
    path = f"{path}/{told['id']}"
    lines: dict[str, Any] = dict(ask.get(f"{path}/items?limit=200", headers=town.clerk.bearer).json or {})
    version = {"version": told["version"]}
    assert ask.post(f"{path}/cancel", json=version, headers=town.clerk.bearer).status_code == 200
    [line] = [one for one in lines["rows"] if one["account"] == who.public]
    if line["outcome"] != "send" and not line["reason"].startswith("hold_"):
        raise AssertionError(f"{act.value} on {town.of(who.id)}: {line['reason']}")
    return Came(line["outcome"] == "send", 0)


ROWS: list[tuple[Act, str, on_hold.Attempted]] = [
    *((act, door, undone(partial(verb, KINDS[act]), door))
      for act in KINDS for verb in (planned, released, made) for door in ("job",)),
    *((act, "cli", undone(partial(planned, kind), "cli")) for act, kind in KINDS.items()),
    *((act, "api", planned_by_api) for act in KINDS),
    (Act.EMAIL, "job", undone(mailed)),
    (Act.CALL, "page", called_next),
    (Act.FEE, "api", undone(fined, "api")),
    (Act.PLACE, "api", undone(placed, "api")),
]  # fmt: skip
"""One row an act and door, as in on_hold."""
on_hold.ATTEMPTS += ROWS
