"""Asking the guards for statements and letters, for thousands of accounts at once, and keeping refusals."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select

from app.contacts.lifecycle import Act
from app.contacts.queries_guards import gather
from app.contacts.rules_guards import No
from app.contacts.service_guards import guarded, refused
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.work import Work
from app.statements.lifecycle import RunKind
from app.statements.models import Dunning, Statement
from app.statements.rules_guards import Going, may_letter, may_statement
from app.statements.translate import ITEMISED

_dunning, _statement = table_of(Dunning), table_of(Statement)
ACTS = {RunKind.STATEMENTS.value: Act.STATEMENT, RunKind.LETTERS.value: Act.LETTER}
__all__ = ["ACTS", "asked", "must", "refused"]


def asked(w: Work, kind: str, accounts: Mapping[int, str], day: date) -> dict[int, list[No]]:
    """What stands against a document to each account, by the gravest first; those that may go have nothing.

    kind: of the run. accounts: the letter that would go, by account; empty for a statement, or for not yet
    known which. day: the document's.
    """
    act = ACTS[kind]
    known = gather(w, act, accounts, w.now)
    if act is Act.STATEMENT:
        return {key: may_statement(one.facts) for key, one in known.items()}
    days = _days(w, list(known))
    return {
        key: may_letter(one.facts, one.law, Going(accounts[key], day, *days.get(key, (None, None))))
        for key, one in known.items()
    }


def _days(w: Work, ids: Sequence[int]) -> dict[int, tuple[date | None, date | None]]:
    """Day 0 and the last itemised bill of each account."""
    first = select(_dunning.c.account_id, _dunning.c.first_on).where(
        among(w.db, _dunning.c.account_id, list(ids)), w.within(_dunning.c.entity_id)
    )
    found: dict[int, Any] = {row.account_id: (row.first_on, None) for row in w.db.execute(first)}
    bills = select(_statement.c.account_id, func.max(_statement.c.day)).where(
        among(w.db, _statement.c.account_id, list(ids)), w.within(_statement.c.entity_id),
        _statement.c.kind == ITEMISED,
    )  # fmt: skip
    for key, day in w.db.execute(bills.group_by(_statement.c.account_id)):
        found[key] = (found.get(key, (None, None))[0], day)
    return found


def must(w: Work, kind: str, account_id: int, day: date, letter: str = "") -> None:
    """Go on only when nothing stands against the document; `Guarded` otherwise, and the refusal is kept."""
    nos = asked(w, kind, {account_id: letter}, day).get(account_id, [])
    if nos:
        raise guarded(ACTS[kind], account_id, nos)
