"""Asking the guards, and keeping what they refused (N9): the same from page, API, job and shell."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from app.contacts import queries_guards, rules_guards
from app.contacts.lifecycle import Act
from app.contacts.models import Refusal
from app.contacts.queries_guards import Known
from app.contacts.rules_guards import No
from app.kernel.bulk import among
from app.kernel.db import in_chunks, table_of
from app.kernel.errors import Guarded, NotFound
from app.kernel.work import Work
from app.patients.models import Guarantor

_refusal, _account = table_of(Refusal), table_of(Guarantor)
EXTRA = frozenset({"to", "purpose", "consented", "automatic", "interpreter", "channel"})
CHUNK = 2_000
GONE = No("no_number", "This number is not one of theirs.", None, "Choose one of the account's numbers.")


def ask(
    w: Work,
    act: Act,
    account_ids: Collection[int],
    *,
    at: datetime | None = None,
    points: Mapping[int, int] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> dict[int, list[No]]:
    """What stands against an act, for each account asked about; an empty list: nothing does.

    points: the contact point that would be used, by account; without one, the act may go if any line of
    theirs is free. extra: `to`, `purpose`, `consented`, `automatic`, `interpreter`, `channel` of
    rules_guards.Facts. Acts without a guard of their own here are answered by the holds alone.
    """
    said = {name: value for name, value in (extra or {}).items() if name in EXTRA}
    chosen, moment = points or {}, at or w.now
    found: dict[int, list[No]] = {}
    for chunk in in_chunks(sorted(set(account_ids)), CHUNK):
        for key, known in queries_guards.gather(w, act, chunk, moment).items():
            wanted = chosen.get(key)
            told = known if not said else replace(known, facts=replace(known.facts, **said))
            if wanted is not None and all(one.id != wanted for one in known.lines):
                found[key] = [*rules_guards.held(act, told.facts), GONE]
                continue
            answers = (
                rules_guards.guard(act, facts, known.law, moment)
                for facts in queries_guards.by_line(told, act, wanted)
            )
            found[key] = min(answers, key=len)
    return found


def ask_each(w: Work, acts: Sequence[Act], account_id: int) -> tuple[dict[Act, list[No]], Known]:
    """What stands against each of several acts at this moment on one account, gathered once; and what was
    known. `NotFound` for a stranger.
    """
    # A call asks the most: whoever may be asked about one knows what every other act asks.
    known = queries_guards.gather(w, Act.CALL, [account_id], w.now).get(account_id)
    if known is None:
        raise NotFound("There is no such account.")
    found = {
        act: min(
            (
                rules_guards.guard(act, facts, known.law, w.now)
                for facts in queries_guards.by_line(known, act, None)
            ),
            key=len,
        )
        for act in acts
    }
    return found, known


def must(
    w: Work,
    act: Act,
    account_id: int,
    *,
    at: datetime | None = None,
    point: int | None = None,
    extra: Mapping[str, Any] | None = None,
) -> None:
    """Go on only when nothing stands against the act; else `Guarded`, and the refusal is kept.

    409 with the rule of the gravest reason as its code, in words that say what unblocks it.
    """
    points = {account_id: point} if point is not None else None
    found = ask(w, act, [account_id], at=at, points=points, extra=extra)
    if account_id not in found:
        raise NotFound("There is no such account.")
    if found[account_id]:
        raise guarded(act, account_id, found[account_id])


def guarded(act: Act, account_id: int, nos: Sequence[No]) -> Guarded:
    """The refusal to raise, for guards that another capability composed."""

    def keep(w: Work) -> None:
        refused(w, act, {account_id: nos})

    words = " ".join(f"{one.words} {one.unblock}".strip() for one in nos[:3])
    return Guarded(words, code=nos[0].rule, keep=keep)


def refused(w: Work, act: Act, nos: Mapping[int, Sequence[No]]) -> int:
    """Write down what was refused, without stopping (runs and jobs); returns how many accounts.

    The row carries the gravest rule; the others stand beside it in the detail.
    """
    wanted = {key: list(found) for key, found in nos.items() if found}
    written = 0
    for chunk in in_chunks(sorted(wanted), CHUNK):
        mine = (w.within(_account.c.entity_id), among(w.db, _account.c.id, chunk))
        entities = {
            row.id: row.entity_id
            for row in w.db.execute(select(_account.c.id, _account.c.entity_id).where(*mine))
        }
        rows = [
            dict(
                entity_id=entities[key], account_id=key, act=act.value, rule=wanted[key][0].rule,
                until=wanted[key][0].until, detail={"also": [one.rule for one in wanted[key][1:]]},
                door=w.actor.door[:8], actor=w.actor.name[:80], at=w.now,
            )
            for key in chunk if key in entities
        ]  # fmt: skip
        if not rows:
            continue
        w.db.execute(insert(_refusal), rows)
        written += len(rows)
        for entity_id in sorted(set(entities.values())):
            count = sum(1 for row in rows if row["entity_id"] == entity_id)
            detail = {"act": act.value, "count": count, "rules": sorted({str(row["rule"]) for row in rows})}
            w.audit("guards.refused", "E", "refusal", rows[0]["account_id"] if len(rows) == 1 else "",
                    entity_id=entity_id, detail=detail, outcome=4)  # fmt: skip
    return written
