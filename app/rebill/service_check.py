"""What is wrong with a claim before it goes out: its segments, the house's rules, the guards; one list."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, update

from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.work import Work
from app.rebill import (
    queries_claims,
    queries_guards,
    rules_guards,
    rules_reasons,
    rules_secondary,
    service_guards,
    service_scrub,
    translate,
)
from app.rebill.lifecycle import Cause, Kind
from app.rebill.models import Rebill
from app.rebill.rules import ClaimFacts
from app.rebill.rules_guards import Block, Subject

_rebill = table_of(Rebill)
ERROR, WARN = "error", "warn"
MAKES_A_VOID = frozenset(
    {
        "out.reference_missing", "out.reason_missing", "out.reason_several", "out.reason_note", "out.form",
        "original-number", "change-code-one", "change-code-void",
    }
)  # fmt: skip
"""Faults of a void that are not those of the claim it repeats."""

Problem = dict[str, Any]
"""A row of `rebill.problems`: code, does (error, warn), field, line, words, unblock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A claim to look at. whole, base: its segments and those it was made of."""

    subject: Subject
    facts: ClaimFacts
    whole: Any
    base: Any


def content(w: Work, entity_id: int, asked: Sequence[Asked]) -> list[list[Problem]]:
    """What is wrong with the segments of each claim: the guide, our own balance, the dated rules."""
    scrubbed = service_scrub.check(w, entity_id, [_scrub(one) for one in asked])
    made = []
    for one, named in zip(asked, scrubbed, strict=True):
        rows = translate.problems(one.whole)
        rows += [
            problem(found.code, found.does, found.words, found.unblock, field=found.field, line=found.line)
            for found in named
        ]
        made.append(_of_a_void(one, _reasoned(one, rows)) + list(_against_base(one)))
    return made


def _reasoned(one: Asked, rows: list[Problem]) -> list[Problem]:
    """A hospital's 7 or 8 without its claim change reason is told which one what changed asks for."""
    if not any(row["code"] == "out.reason_missing" for row in rows):
        return rows
    paid = (answer := one.facts.answer(one.subject.rank)) is not None and bool(answer.paid)
    code, words = rules_reasons.reason(one.subject.kind, translate.changed_parts(one.base, one.whole), paid)
    unblock = f"Give condition code {code}: {words}."
    return [{**row, "unblock": unblock} if row["code"] == "out.reason_missing" else row for row in rows]


def _of_a_void(one: Asked, rows: list[Problem]) -> list[Problem]:
    """A void repeats what was sent, faults and all; only what makes it a void must be right (R837-13)."""
    if one.subject.kind is not Kind.VOID:
        return rows
    return [row if row["code"] in MAKES_A_VOID else {**row, "does": WARN} for row in rows]


def _scrub(one: Asked) -> service_scrub.Asked:
    subject = one.subject
    return service_scrub.Asked(
        segments=one.whole.rows,
        form=subject.form,
        kind=subject.kind,
        rank=subject.rank,
        payer_id=subject.payer_id,
        filing=subject.filing,
        file_by=subject.file_by,
        denial_id=subject.cause_id if subject.cause is Cause.DENIAL else None,
    )


def _against_base(one: Asked) -> Iterable[Problem]:
    """What only the comparison with the claim as billed shows."""
    subject = one.subject
    if subject.kind is Kind.SECONDARY:
        for code, words, unblock in rules_secondary.unfinished(one.whole.rows, subject.rank):
            yield problem(code, ERROR, words, unblock)
    if subject.kind is Kind.REPLACEMENT:
        now, before = translate.said(one.whole), translate.said(one.base)
        if now.identity != before.identity:
            yield _for_another(one, other_payer=now.payer != before.payer)
    if subject.kind is Kind.LATE_CHARGES:
        for line in translate.billed_before(one.base, one.whole):
            words = "This line was billed before: sent as a late charge it is billed twice."
            yield problem("rebill.billed_before", ERROR, words, "Take the line out.", line=line)


def _for_another(one: Asked, *, other_payer: bool) -> Problem:
    """A replacement names somebody else: money that was paid is given back first; nothing was paid on a
    denial, and a wrong member is what the replacement corrects (section 3).
    """
    answer = one.facts.answer(one.subject.rank)
    words = "Another payer, policy, patient or biller than the claim it replaces."
    if answer is not None and answer.paid:
        unblock = "Void the first claim and send this one as a new claim once the void is confirmed."
        return problem("rebill.void_first", ERROR, f"{words} The payer paid that one.", unblock)
    if other_payer:
        words = "It goes to another payer, which never had the claim it replaces."
        return problem("rebill.other_payer", ERROR, words, "Cancel it and open a new claim to that payer.")
    unblock = "Some payers want a new claim when the member was not theirs."
    return problem("rebill.other_member", WARN, f"{words} Nothing was paid on it.", unblock)


def problem(
    code: str, does: str, words: str, unblock: str = "", *, field: str = "", line: int = 0
) -> Problem:
    """A row of the list of problems."""
    return {"code": code, "does": does, "field": field, "line": line, "words": words, "unblock": unblock}


def of_blocks(found: Iterable[Block]) -> list[Problem]:
    """What the guards say, as rows of the list."""
    return [
        problem(rules_guards.PREFIX + one.code, ERROR if one.hard else WARN, one.words, one.unblock)
        for one in found
    ]


def is_guard(row: Mapping[str, Any]) -> bool:
    """Did a guard say this? Guards are asked anew each time, the rest stays until the claim is edited."""
    return str(row["code"]).startswith(rules_guards.PREFIX)


def errors(rows: Iterable[Mapping[str, Any]]) -> int:
    """How many of them keep the claim."""
    return sum(row["does"] == ERROR for row in rows)


def whole_look(w: Work, row: Any, whole: Any, base: Any) -> list[Problem]:
    """Everything against sending a submission now, its row as it is stored: content, then guards."""
    subject = service_guards.subject_with(row, whole)
    facts = queries_claims.facts_of(w, [row.claim_id])
    held = queries_guards.holds(w, [row.id])
    asked = Asked(subject=subject, facts=facts[row.claim_id], whole=whole, base=base)
    found = content(w, row.entity_id, [asked])[0]
    blocks = service_guards.judge(w, row.entity_id, [subject], facts=facts, held=held)[0]
    return found + of_blocks(blocks)


def look_again(w: Work, rebill_ids: Sequence[int]) -> int:
    """Ask the guards anew and keep what they say with these submissions; returns how many changed.

    Their segments are not looked at: those change by an edit, which looks itself.
    """
    blocks = service_guards.blocks(w, rebill_ids)
    query = select(_rebill.c.id, _rebill.c.problems, _rebill.c.errors).where(
        among(w.db, _rebill.c.id, sorted(blocks)), w.within(_rebill.c.entity_id)
    )
    rows = []
    for row in w.db.execute(query):
        kept = [one for one in row.problems if not is_guard(one)]
        problems = kept + of_blocks(blocks[row.id])
        if problems != row.problems:
            rows.append({"this_id": row.id, "new_problems": problems, "new_errors": errors(problems)})
    if rows:
        values: dict[str, Any] = {
            "problems": bindparam("new_problems", type_=_rebill.c.problems.type),
            "errors": bindparam("new_errors"),
        }
        w.db.execute(update(_rebill).where(_rebill.c.id == bindparam("this_id")).values(**values), rows)
    return len(rows)
