"""The answer to “why no bill”, and what a draft policy would do: the same rules as a run, nothing kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.accounts.queries import standing
from app.entities import queries as entities
from app.kernel.money import Money
from app.kernel.work import Work
from app.patients.queries_guarantors import by_ids, by_public
from app.statements import queries_eligible, queries_why
from app.statements.lifecycle import RunKind
from app.statements.queries_policies import policy
from app.statements.queries_why import policy_of
from app.statements.rules_eligible import SEND
from app.statements.rules_reasons import reason
from app.statements.service_content import patients_of
from app.statements.service_eligible import Verdict, looking, verdicts

MOST = 500


@dataclass(frozen=True, slots=True)
class Why:
    """One answer. code, words: why no statement goes today, or `send`: it would. since: when it began, where
    known; until: the next day to look; who, unblock: whose move ends it and how. asked: cents, when it goes.
    """

    outcome: str
    code: str
    words: str
    since: date | None
    until: date | None
    who: str
    unblock: str
    asked: Money
    stage: str


def why_no_bill(w: Work, account_public: str) -> Why:
    """Why an account gets no statement today, by the rules a run goes by; `NotFound` for a stranger."""
    w.may("statements.read")
    who = by_public(w, account_public)
    day = w.today(entities.get(w, who.entity_id).time_zone)
    plan = policy_of(w, who.entity_id, day)
    by = looking(w, who.entity_id, RunKind.STATEMENTS.value, day, plan)
    rows = queries_eligible.rows_among(w, who.entity_id, [who.id])
    w.audit("account.why", "R", "guarantor", account_public, entity_id=who.entity_id,
            patients=patients_of(w, [who.id]))  # fmt: skip
    if not rows:
        told = reason("nothing_due", day)
        none = (told.outcome, told.code, told.words, None, None)
        return Why(*none, told.who, told.unblock, Money(0), "not_due")
    [found] = verdicts(w, by, rows)
    told = reason(found.reason, day)
    return Why(found.outcome, found.reason, told.words, _since(w, who.id, rows[0], found, day), found.until,
               told.who, told.unblock, Money(found.asked), found.stage)  # fmt: skip


def _since(w: Work, account_id: int, row: Any, found: Verdict, day: date) -> date | None:
    if found.reason.startswith("hold_"):
        return queries_why.held_since(w, account_id, found.reason, day)
    if found.reason in ("not_time", "part_paid", "too_soon"):
        began: date | None = row.statement_on
        return began
    glance = standing(w, [account_id]).get(account_id)
    return glance.oldest_since if glance else None


@dataclass(frozen=True, slots=True)
class Differs:
    """An account a draft policy treats otherwise: what happens now, and what would."""

    account: str
    number: str
    now: str
    now_stage: str
    now_asked: Money
    then: str
    then_stage: str
    then_asked: Money


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a policy would do today: accounts looked at, sent now and then, dollars, and who differs."""

    looked: int
    sending_now: int
    sending_then: int
    amount_now: Money
    amount_then: Money
    differing: int
    differs: list[Differs]


def what_if(w: Work, policy_public: str, kind: str) -> WhatIf:
    """A dry run under a policy against one under the policy in force; nothing is kept, 500 are listed."""
    w.may("statements.read")
    row = policy(w, policy_public)
    day = w.today(row.time_zone)
    now = policy_of(w, row.entity_id, day)
    counts = {"looked": 0, "sending_now": 0, "sending_then": 0, "amount_now": 0, "amount_then": 0}
    differing = 0
    listed: list[tuple[Verdict, Verdict]] = []
    for old, new in _pairs(w, row, (now, kind, day)):
        counts["looked"] += 1
        for when, one in (("now", old), ("then", new)):
            if one.outcome == SEND:
                counts[f"sending_{when}"] += 1
                counts[f"amount_{when}"] += one.asked
        if old.line != new.line:
            differing += 1
            listed += [(old, new)] if len(listed) < MOST else []
    who = by_ids(w, [old.account_id for old, _ in listed])
    w.audit("policy.what_if", "R", "dunning_policy", policy_public, entity_id=row.entity_id,
            patients=patients_of(w, list(who)), detail={"rows": len(listed)})  # fmt: skip
    differs = [
        Differs(who[old.account_id].public_id, who[old.account_id].number, old.reason, old.stage,
                Money(old.asked), new.reason, new.stage, Money(new.asked))
        for old, new in listed
    ]  # fmt: skip
    sums = (Money(counts["amount_now"]), Money(counts["amount_then"]))
    sending = (counts["sending_now"], counts["sending_then"])
    return WhatIf(counts["looked"], *sending, *sums, differing, differs)


def _pairs(w: Work, row: Any, of: tuple[Any, str, date]) -> Iterator[tuple[Verdict, Verdict]]:
    now, kind, day = of
    before = looking(w, row.entity_id, kind, day, now)
    after = looking(w, row.entity_id, kind, day, row.plan)
    for rows in queries_eligible.chunks(w, row.entity_id, kind, now):
        yield from zip(verdicts(w, before, rows), verdicts(w, after, rows), strict=True)
