"""Opening submissions, one or thousands: what they are made of, their numbers, limits and dollars."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app.contracts.queries import prices_of
from app.kernel.bulk import among
from app.kernel.db import bulk_insert, instant_text, table_of
from app.kernel.errors import NotAllowed, Refused, Stale
from app.kernel.ids import public_ids
from app.kernel.work import Work
from app.rebill import (
    queries_claims,
    rules,
    rules_guards,
    service_check,
    service_follow,
    service_guards,
    service_limits,
    service_moves,
    translate,
)
from app.rebill.lifecycle import Kind, State
from app.rebill.models import Rebill
from app.rebill.rules import ClaimFacts, New, Sent
from app.rebill.rules_filing import Filing
from app.rebill.rules_guards import Block, Subject
from app.rebill.service_numbers import give
from app.rebill.service_whole import whole_of

_rebill = table_of(Rebill)
TRIES = 5
"""How often a number is looked for that nobody takes in the same moment."""

_COLUMNS = (
    "public_id", "entity_id", "claim_id", "patient_id", "payer_id", "rank", "kind", "form", "frequency",
    "cause", "cause_id", "base_version_id", "remit_claim_id", "previous_id", "state", "open", "control",
    "original_reference", "charge", "expected", "claim_sealed", "base_sealed", "content", "base_content",
    "filing", "delay_reason", "reason", "problems", "errors", "on_hold", "file_by", "file_rule", "file_clock",
    "coding_changed", "coding_signed_by", "author", "opened_at", "changed_at", "version",
)  # fmt: skip


@dataclass(slots=True)
class Draft:
    """A submission on its way to its row. at: its place among those asked for."""

    at: int
    new: New
    facts: ClaimFacts
    base: Sent
    payer_id: int | None
    filing: str
    reference: str
    control: str = ""
    whole: Any = None
    base_whole: Any = None
    said: Any = None
    limit: Filing | None = None
    expected: int = 0
    subject: Subject | None = None
    problems: list[dict[str, Any]] | None = None
    coding_changed: bool = False


def open_many(w: Work, entity_id: int, news: Sequence[New], day: date) -> list[str]:
    """Open submissions of one entity; returns the public ids of those that are new.

    One whose claim and payer have an open submission already is left out (R837-12), so that twice is once;
    so is one that may not be opened (see `rules_guards.STOPS_OPENING`). A fixed number of statements for any
    number (three for each day a filing limit starts on), beside one walk through each stored file. day: of
    the fact that asks for it. No right is asked here: whoever calls has asked for it.
    """
    opened, _ = opening(w, entity_id, news, day)
    return opened


def opening(
    w: Work, entity_id: int, news: Sequence[New], day: date
) -> tuple[list[str], dict[int, list[Block]]]:
    """The same; beside the public ids what stood against opening, by the place of each in `news`."""
    drafts, refused = prepared(w, entity_id, news, day)
    return write(w, entity_id, drafts, day), refused


def prepared(
    w: Work,
    entity_id: int,
    news: Sequence[New],
    day: date,
    *,
    correct: Callable[[Any], Any] | None = None,
) -> tuple[list[Draft], dict[int, list[Block]]]:
    """What would be opened, looked at and not written; and what stands against the others.

    correct: changes the segments of each; what it refuses is not opened.
    """
    facts = queries_claims.facts_of(w, [new.claim_id for new in news])
    busy = _busy(w, [new.claim_id for new in news])
    refused: dict[int, list[Block]] = {}
    drafts: list[Draft] = []
    asked: set[tuple[int, int]] = set()
    for at, new in enumerate(news):
        known = facts.get(new.claim_id)
        key = (new.claim_id, new.rank)
        if known is None or known.undone or key in busy or key in asked:
            continue
        draft = _draft(at, new, known)
        if isinstance(draft, Block):
            refused[at] = [draft]
            continue
        asked.add(key)
        drafts.append(draft)
    _limits(w, entity_id, drafts, day)
    for draft, blocks in zip(drafts, _judged(w, entity_id, drafts), strict=True):
        stops = [one for one in blocks if one.hard and one.code in rules_guards.STOPS_OPENING]
        if stops:
            refused[draft.at] = stops
    drafts = [draft for draft in drafts if draft.at not in refused]
    if not drafts:
        return [], refused
    _make(w, entity_id, drafts)
    if correct is not None:
        drafts = [draft for draft in drafts if not _corrected(draft, correct, refused)]
    _dollars(w, entity_id, drafts)
    _look(w, entity_id, drafts)
    return drafts, refused


def _corrected(draft: Draft, correct: Callable[[Any], Any], refused: dict[int, list[Block]]) -> bool:
    """Change the segments of one; True when that is refused."""
    try:
        draft.whole = translate.added_up(correct(draft.whole))
    except Refused as refusal:
        refused[draft.at] = [Block(refusal.code, refusal.message, "")]
        return True
    draft.said = translate.said(draft.whole)
    draft.coding_changed = draft.said.coding != translate.said(draft.base_whole).coding
    return False


def _busy(w: Work, claim_ids: Sequence[int]) -> set[tuple[int, int]]:
    """(claim, rank) with an open submission."""
    query = select(_rebill.c.claim_id, _rebill.c.rank).where(
        among(w.db, _rebill.c.claim_id, sorted(set(claim_ids))), _rebill.c.open.is_(True)
    )
    return {(row.claim_id, row.rank) for row in w.db.execute(query)}


def _draft(at: int, new: New, facts: ClaimFacts) -> Draft | Block:
    """What it is made of and where it goes; a Block when it cannot be made."""
    if facts.form == rules.DENTAL:
        return Block("dental", rules.DENTAL_WORDS, "Send it from the practice system.")
    named = next((one for one in facts.sent if one.version_id == new.base_version_id), None)
    base = named or facts.base(new.rank) or (facts.base(1) if new.kind is Kind.SECONDARY else None)
    if base is None:
        return Block("never_sent", "This payer was never sent the claim by us.", "Bill the payer first.")
    cover = facts.covers.get(new.rank)
    same = base.rank == new.rank
    payer_id = base.payer_id if same else cover.payer_id if cover else None
    filing = base.filing if same else cover.filing if cover else ""
    answer = facts.answer(new.rank)
    reference = answer.payer_control if answer else ""
    return Draft(at, new, facts, base, payer_id, filing, reference)


def _frequency(draft: Draft) -> str:
    return str(draft.new.whole.frequency) if draft.new.whole is not None else (
        rules.FREQUENCY.get(draft.new.kind, "1")
    )  # fmt: skip


def _limits(w: Work, entity_id: int, drafts: Sequence[Draft], day: date) -> None:
    asked = [service_limits.Asked(one.new.kind, one.new.rank, one.facts, one.payer_id, one.filing)
             for one in drafts]  # fmt: skip
    for one, limit in zip(drafts, service_limits.limits(w, entity_id, asked, day), strict=True):
        one.limit = limit


def _judged(w: Work, entity_id: int, drafts: Sequence[Draft]) -> list[list[Block]]:
    for one in drafts:
        one.subject = _subject(one)
    subjects = [one.subject for one in drafts if one.subject is not None]
    return service_guards.judge(w, entity_id, subjects, facts={one.facts.id: one.facts for one in drafts})


def _subject(one: Draft) -> Subject:
    limit, said = one.limit, one.said
    frequency = said.frequency if said else _frequency(one)
    return Subject(
        id=0,
        claim_id=one.facts.id,
        kind=one.new.kind,
        rank=one.new.rank,
        form=one.facts.form,
        frequency=frequency,
        cause=one.new.cause,
        cause_id=one.new.cause_id,
        remit_claim_id=one.new.remit_claim_id,
        payer_id=one.payer_id,
        patient_id=one.facts.patient_id,
        filing=one.filing,
        reference=said.reference if said else one.reference,
        content=said.content if said else "",
        base_content=_base_content(one),
        base_version_id=one.base.version_id,
        file_by=limit.last if limit else None,
        file_rule=limit.rule if limit else "",
        delay_reason=said.delay_reason if said else "",
        coding_changed=one.coding_changed,
    )


def _base_content(one: Draft) -> str:
    """What the base says, in short; empty when the caller made the segments of something else."""
    if one.base_whole is None or one.base_whole is one.new.whole:
        return ""
    return translate.said(one.base_whole).content


def _make(w: Work, entity_id: int, drafts: Sequence[Draft]) -> None:
    """Their segments and numbers."""
    billed = whole_of(w, [one.base.version_id for one in drafts if one.new.whole is None])
    controls = give(w, entity_id, [one.facts.id for one in drafts])
    for one, control in zip(drafts, controls, strict=True):
        one.control = control
        if one.new.whole is not None:
            one.whole = translate.renumbered(one.new.whole, control)
            one.base_whole = one.new.base_whole or one.new.whole
        else:
            one.base_whole = billed[one.base.version_id]
            one.whole = translate.made(one.new.kind, one.base_whole, control, one.reference)
        one.said = translate.said(one.whole)


def _dollars(w: Work, entity_id: int, drafts: Sequence[Draft]) -> None:
    """What we hope for: cents at stake in denials, else the contract's price, never beyond what is owed."""
    open_ones = [one for one in drafts if one.new.expected is None]
    ids = sorted({one.facts.id for one in open_ones})
    stakes, owed = queries_claims.at_stake(w, ids), queries_claims.owed(w, ids)
    priced: dict[int, int] = {}
    lines = queries_claims.live_lines(w, ids)
    for payer_id in sorted({one.payer_id for one in open_ones if one.payer_id is not None}):
        mine = [one.facts.id for one in open_ones if one.payer_id == payer_id and one.new.rank == 1]
        prices = prices_of(w, entity_id, payer_id, mine)
        for claim_id in mine:
            known = [prices[line].expected for line in lines.get(claim_id, ()) if line in prices]
            if known and None not in known:
                priced[claim_id] = sum(int(one) for one in known if one is not None)
    for one in drafts:
        if one.new.expected is not None:
            one.expected = one.new.expected
            continue
        stake = stakes.get((one.facts.id, one.new.rank), 0)
        hoped = priced.get(one.facts.id)
        balance = int(owed.get(one.facts.id, 0))
        one.expected = rules.expected(one.facts, one.new.kind, at_stake=stake, priced=hoped, owed=balance)


def _look(w: Work, entity_id: int, drafts: Sequence[Draft]) -> None:
    """What is wrong with each as it is opened."""
    guards = _judged(w, entity_id, drafts)
    asked = [
        service_check.Asked(
            subject=one.subject or _subject(one), facts=one.facts, whole=one.whole, base=one.base_whole
        )
        for one in drafts
    ]  # fmt: skip
    contents = service_check.content(w, entity_id, asked)
    for one, found, blocks in zip(drafts, contents, guards, strict=True):
        one.problems = found + service_check.of_blocks(blocks)


def write(w: Work, entity_id: int, drafts: Sequence[Draft], day: date) -> list[str]:
    """Keep what was prepared; the public ids of those that are new."""
    kept, waiting = dict[str, tuple[Draft, int]](), list(drafts)
    for _ in range(TRIES):
        kept |= _insert(w, entity_id, waiting)
        # Somebody was quicker with a claim, which is well; or with a number, which must be another one then.
        there = {id(one) for one, _ in kept.values()}
        busy = _busy(w, [one.facts.id for one in waiting]) if len(there) < len(drafts) else set()
        lost = [one for one in waiting if id(one) not in there]
        waiting = [one for one in lost if (one.facts.id, one.new.rank) not in busy]
        if not waiting:
            break
        controls = give(w, entity_id, [one.facts.id for one in waiting])
        for one, control in zip(waiting, controls, strict=True):
            one.control, one.whole = control, translate.renumbered(one.whole, control)
    else:
        raise Stale("Other submissions took the same numbers in the same moment. Try again.")
    if not kept:
        return []
    found = service_moves.rows_of(w, [key for _, key in kept.values()])
    service_moves.note_many(w, [(found[key], "open", day, _told(one)) for one, key in kept.values()])
    service_moves.queue(w, dict.fromkeys(found, State.DRAFT), found)
    service_follow.opened(w, entity_id, list(found.values()))
    service_moves.look_again(w, found.values())
    w.audit("rebill.open", "C", "rebill", next(iter(kept)) if len(kept) == 1 else len(kept),
            entity_id=entity_id, patients=[one.facts.patient_id for one, _ in kept.values()],
            detail={"count": len(kept)})  # fmt: skip
    return list(kept)


def _insert(w: Work, entity_id: int, drafts: Sequence[Draft]) -> dict[str, tuple[Draft, int]]:
    """Write rows; by public id, the draft and the key of those nobody else had a claim or a number of."""
    names, moment = public_ids(len(drafts)), instant_text(w.now)
    rows = [_row(w, entity_id, one, name, moment) for one, name in zip(drafts, names, strict=True)]
    bulk_insert(w.db, _rebill, _COLUMNS, rows)
    query = select(_rebill.c.id, _rebill.c.public_id).where(
        among(w.db, _rebill.c.public_id, names), w.within(_rebill.c.entity_id)
    )
    keys = {row.public_id: row.id for row in w.db.execute(query)}
    named = zip(names, drafts, strict=True)
    return {name: (one, keys[name]) for name, one in named if name in keys}


def _told(one: Draft) -> Mapping[str, Any]:
    return {
        "kind": one.new.kind.value,
        "cause": one.new.cause.value,
        "control": one.control,
        "rank": one.new.rank,
    }


def _row(w: Work, entity_id: int, one: Draft, name: str, moment: str) -> tuple[Any, ...]:
    new, said, limit = one.new, one.said, one.limit
    answer = one.facts.answer(new.rank)
    problems = one.problems or []
    reference = said.reference[:50]
    return (
        name, entity_id, one.facts.id, one.facts.patient_id, one.payer_id, new.rank, new.kind.value,
        one.facts.form, said.frequency[:1], new.cause.value, new.cause_id, one.base.version_id,
        new.remit_claim_id or (answer.remit_claim_id if answer else None), new.previous_id,
        State.DRAFT.value, True, one.control, reference, int(said.charge), one.expected,
        translate.sealed(one.whole), translate.sealed(one.base_whole, translate.BASE), said.content,
        _base_content(one), one.filing[:2], said.delay_reason[:2], new.reason[:200],
        json.dumps(problems), service_check.errors(problems), False,
        limit.last.isoformat() if limit else None, limit.rule[:80] if limit else "",
        json.dumps(limit.proof()) if limit else None, one.coding_changed, "", w.actor.name[:80], moment,
        moment, 1,
    )  # fmt: skip


def refuse(refused: Sequence[Block]) -> None:
    """Say no with the first reason, and what would unblock it."""
    one = refused[0]
    raise NotAllowed(f"{one.words} {one.unblock}".strip(), code=one.code)


def not_there() -> Refused:
    """Nothing of the claim may be sent again."""
    return Refused("The billing of this claim was taken off the books.", code="undone")
