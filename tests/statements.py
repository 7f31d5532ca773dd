"""Accounts that owe, for tests of statements: made of files as a clinic's own, or written by the thousand."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from app.accounts import service as accounts
from app.accounts.models import Owed, Standing
from app.contacts.models import CollectionRule
from app.entities.rules import Practice
from app.flows.demo_accounts import LETTERHEAD
from app.kernel.clock import now
from app.kernel.db import table_of
from app.kernel.ids import public_id
from app.kernel.work import Actor, system, work
from app.patients.models import Guarantor, GuarantorAddress
from app.statements import service_letterhead, service_release, service_runs
from app.statements.models import (
    CollectionLetter,
    Dunning,
    DunningEvent,
    Run,
    RunItem,
    Statement,
    StatementLine,
)
from app.statements.rules_letterhead import NEEDED
from tests import books
from tests.era import bill, billed, claim, era, line

OWED, STANDING, GUARANTOR = table_of(Owed), table_of(Standing), table_of(Guarantor)
ADDRESS, DUNNING, EVENT = table_of(GuarantorAddress), table_of(Dunning), table_of(DunningEvent)
RUN, ITEM, STATEMENT = table_of(Run), table_of(RunItem), table_of(Statement)
LINE, LETTER = table_of(StatementLine), table_of(CollectionLetter)
RULE = table_of(CollectionRule)
CLERK, BOSS = system("planner", door="cli"), system("signer", door="cli")
TODAY = now().date()


def letterhead(clinic: Any) -> None:
    """Let a clinic have said long ago who it is on its letters."""
    with work(CLERK) as w:
        if not service_letterhead.missing(w, clinic.id, TODAY):
            return
        for code in NEEDED:
            row = {"id": w.numbers("collection_rule"), "public_id": public_id(), "entity_id": clinic.id}
            row |= {"code": code, "state": "", "value": LETTERHEAD[code], "source": "test", "reason": "test"}
            w.db.execute(insert(RULE).values(**row, effective_from=date(2000, 1, 2), effective_to=None,
                                             author="test", recorded_at=w.now))  # fmt: skip


def owing(*names: str, copay: str = "40") -> Practice:
    """A clinic whose patients each owe a copay of one visit, by the control number of the visit."""
    clinic = books.practice()
    letterhead(clinic)
    bills = [billed(name, "300", patient=f"DOE*{name}", member=f"M{name}") for name in names]
    books.take(
        bill(*bills),
        era(*[claim(name, line("99214", "300", cas=f"CO*45*100 PR*3*{copay}")) for name in names]),
    )
    return clinic


def planned(clinic: Practice, kind: str = "statements", day: date | None = None, actor: Actor = CLERK) -> str:
    """A run that was planned."""
    letterhead(clinic)
    with work(actor) as w:
        return service_runs.plan(w, clinic.public_id, kind, day=day)


def run(public: str) -> Any:
    """A run as it stands."""
    [row] = books.rows(RUN, RUN.c.public_id == public)
    return row


def items(public: str) -> list[Any]:
    """Its lines."""
    return books.rows(ITEM, ITEM.c.run_id == run(public).id)


def public_of(account_id: int) -> str:
    """The public id of an account."""
    [row] = books.rows(GUARANTOR, GUARANTOR.c.id == account_id)
    return str(row.public_id)


def looked_at(public: str) -> None:
    """Every document of the sample is fine."""
    for one in items(public):
        if one.sampled and one.fine is None and one.outcome == "send":
            with work(BOSS) as w:
                service_runs.mark(w, public, public_of(one.account_id), fine=True, remark="",
                                  version=run(public).version)  # fmt: skip


def signed(public: str) -> None:
    """Audited and signed by somebody else."""
    looked_at(public)
    if run(public).state == "planned":
        with work(BOSS) as w:
            service_runs.begin_audit(w, public, run(public).version)
    with work(BOSS) as w:
        service_runs.sign(w, public, run(public).plan_hash, run(public).version)


def released(public: str) -> None:
    """Signed and released; its documents wait as jobs."""
    signed(public)
    with work(BOSS) as w:
        service_release.release(w, public, run(public).version)


def sent(clinic: Practice, kind: str = "statements", day: date | None = None) -> str:
    """A run gone the whole way."""
    public = planned(clinic, kind, day)
    released(public)
    books.settle()
    return public


def days_ago(account_id: int, days: int) -> None:
    """Let an account have got where it stands so many days before."""
    back = timedelta(days)
    [row] = books.rows(DUNNING, DUNNING.c.account_id == account_id)
    moved = {
        name: getattr(row, name) - back
        for name in ("since", "first_on", "notice_on", "next_on", "statement_on", "episode_on", "paused_on")
        if getattr(row, name) is not None
    }
    with work(CLERK) as w:
        w.db.execute(update(DUNNING).where(DUNNING.c.account_id == account_id).values(**moved))


def standing(account_id: int, **values: Any) -> None:
    """Let an account's glance say something else."""
    with work(CLERK) as w:
        w.db.execute(update(STANDING).where(STANDING.c.account_id == account_id).values(**values))


def accounts_of(control: str) -> int:
    """The account that answers for a visit."""
    claims = select(books._claim.c.id).where(books._claim.c.control == control)
    with books.looking() as db:
        return int(db.execute(select(OWED.c.account_id).where(OWED.c.claim_id.in_(claims))).scalar_one())


def refreshed(account_ids: list[int]) -> None:
    """Look at accounts anew, as the flow does after an act."""
    with work(CLERK) as w:
        entity = w.db.execute(select(STANDING.c.entity_id).limit(1)).scalar_one()
        accounts.refresh(w, entity, account_ids)
