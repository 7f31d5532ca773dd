"""Cases follow the corrected claims that are made for them: prepared, sent, back to a person, ended.

Who makes and sends claims stands above and calls these verbs; here is only kept which claims have one under
way, so that no appeal goes out beside it (G1). `source`: the number its maker knows it by.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from app.denials import queries_corrections, rules, rules_corrections, service_acts
from app.denials import service_rows as rows
from app.denials.lifecycle import DENIAL, Move, State
from app.denials.models import Denial, DenialCorrection
from app.denials.service_rows import Told
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed
from app.kernel.work import Work
from app.payers import service as payers
from app.remits.models import RemitClaim

_denial, _correction = table_of(Denial), table_of(DenialCorrection)
_answer = table_of(RemitClaim)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A claim made to be sent again. rank: of the payer it goes to. denial_id: the case it was opened for.

    alone: other cases of the claim do not follow, because it does not state the claim anew (a void).
    """

    source: int
    public_id: str
    claim_id: int
    rank: int
    denial_id: int | None = None
    alone: bool = False


def may_follow(w: Work, denial_ids: Iterable[int]) -> dict[int, str]:
    """Which of these cases cannot be answered by a corrected claim now, and why, in words."""
    query = select(_denial.c.id, _denial.c.state).where(
        w.within(_denial.c.entity_id), among(w.db, _denial.c.id, sorted(set(denial_ids)))
    )
    found: dict[int, str] = {}
    for row in w.db.execute(query):
        if rules_corrections.way(State(row.state)) is None:
            found[row.id] = rules_corrections.why_not(State(row.state))
    return found


def opened(w: Work, entity_id: int, made: Sequence[Correction]) -> int:
    """Corrected claims were opened: the cases they answer are being prepared; returns how many moved.

    The case a claim was opened for must be able to (`NotAllowed` says why not); the other cases of the same
    claim and payer that wait for us follow, because a claim sent again states all of it anew.
    """
    if not made:
        return 0
    today = service_acts.today_of(w, entity_id)
    rows_ = [
        {"entity_id": entity_id, "claim_id": one.claim_id, "rank": one.rank, "source": one.source,
         "public_id": one.public_id, "opened_on": today}
        for one in made
    ]  # fmt: skip
    w.db.execute(insert(_correction), rows_)
    named = {one.denial_id for one in made if one.denial_id is not None}
    alone = {(one.claim_id, one.rank) for one in made if one.alone}
    cases = _cases(w, [(one.claim_id, one.rank) for one in made], named)
    moves: dict[int, tuple[Move, ...]] = {}
    for case in cases:
        state = State(case.state)
        way = rules_corrections.way(state)
        if case.id in named and way is None:
            raise NotAllowed(rules_corrections.why_not(state), code="denial_elsewhere")
        follows = state in rules_corrections.IDLE and (case.claim_id, case.payer_rank) not in alone
        if way and (case.id in named or follows):
            moves[case.id] = way
    return _move(w, entity_id, [case for case in cases if case.id in moves], moves, "corrected claim opened")


def sent(w: Work, entity_id: int, sources: Sequence[int], day: date) -> int:
    """They left the house on this day: their cases wait for the payer until the follow-up day (RDEN-11)."""
    found = _open(w, entity_id, sources)
    if not found:
        return 0
    cases = [one for one in _cases(w, list(found.values())) if one.state == State.REBILL_PREP.value]
    terms = payers.terms_of(w, entity_id, {(one.payer_id, one.filing) for one in cases}, day)
    until = {one.id: rules.follow_up(State.REBILLED, terms[one.payer_id, one.filing], day) for one in cases}
    due: dict[tuple[int, int], date | None] = dict.fromkeys(found.values())
    due |= {(one.claim_id, one.payer_rank): until[one.id] for one in cases}
    w.db.execute(
        update(_correction)
        .where(
            _correction.c.entity_id == entity_id,
            w.within(_correction.c.entity_id),
            _correction.c.source == bindparam("this_source"),
        )
        .values(sent_on=day, until=bindparam("new_until", type_=_correction.c.until.type)),
        [{"this_source": source, "new_until": due[key]} for source, key in sorted(found.items())],
    )
    return _move(
        w, entity_id, cases, {one.id: (Move.REBILL,) for one in cases}, "corrected claim sent", until=until
    )


def back(w: Work, entity_id: int, why: Mapping[int, str], *, ended: bool, again: bool = False) -> int:
    """Their way stopped: the cases are a person's again, with the reason; why: source -> words.

    ended: the claim was cancelled, and nothing keeps an appeal any more. again: only its file was refused, so
    the same claim will go out once more and the cases are prepared as before.
    """
    found = _open(w, entity_id, sorted(why))
    waiting = {State.REBILLED.value} if again else {State.REBILL_PREP.value, State.REBILLED.value}
    taken_over = _beside(w, entity_id, found)
    keys = [key for key in found.values() if key not in taken_over]
    cases = [one for one in _cases(w, keys) if one.state in waiting]
    words = {key: why[source] for source, key in found.items()}
    way = (Move.RETURN, Move.PREPARE_REBILL) if again else (Move.RETURN,)
    count = 0
    for reason in sorted(set(words.values())):
        mine = [one for one in cases if words[one.claim_id, one.payer_rank] == reason]
        count += _move(w, entity_id, mine, {one.id: way for one in mine}, reason)
    held = (_correction.c.entity_id == entity_id, among(w.db, _correction.c.source, sorted(found)))
    values: dict[str, Any] = {"ended_at": w.now} if ended else {"sent_on": None, "until": None}
    w.db.execute(update(_correction).where(*held, w.within(_correction.c.entity_id)).values(values))
    return count


def ended(w: Work, entity_id: int, sources: Sequence[int]) -> None:
    """The payer answered them, or another claim took their place: they keep no appeal any more."""
    held = (
        _correction.c.entity_id == entity_id,
        w.within(_correction.c.entity_id),
        among(w.db, _correction.c.source, sorted(set(sources))),
        _correction.c.ended_at.is_(None),
    )
    w.db.execute(update(_correction).where(*held).values(ended_at=w.now))


def go_on(w: Work, entity_id: int, sources: Sequence[int]) -> None:
    """The answer to them was undone: they are under way as before; their cases went back with the posting."""
    held = (
        _correction.c.entity_id == entity_id,
        w.within(_correction.c.entity_id),
        among(w.db, _correction.c.source, sorted(set(sources))),
    )
    w.db.execute(update(_correction).where(*held).values(ended_at=None))


def _open(w: Work, entity_id: int, sources: Sequence[int]) -> dict[int, tuple[int, int]]:
    """source -> (claim, rank) of those that have not ended."""
    query = select(_correction.c.source, _correction.c.claim_id, _correction.c.rank).where(
        _correction.c.entity_id == entity_id,
        w.within(_correction.c.entity_id),
        among(w.db, _correction.c.source, sorted(set(sources))),
        _correction.c.ended_at.is_(None),
    )
    return {row.source: (row.claim_id, row.rank) for row in w.db.execute(query)}


def _beside(w: Work, entity_id: int, found: Mapping[int, tuple[int, int]]) -> set[tuple[int, int]]:
    """Which of these claims and payers have another corrected claim under way."""
    query = select(_correction.c.claim_id, _correction.c.rank).where(
        _correction.c.entity_id == entity_id,
        w.within(_correction.c.entity_id),
        among(w.db, _correction.c.claim_id, sorted({claim_id for claim_id, _ in found.values()})),
        ~among(w.db, _correction.c.source, sorted(found)),
        _correction.c.ended_at.is_(None),
    )
    return {(row.claim_id, row.rank) for row in w.db.execute(query)}


def _cases(w: Work, keys: Sequence[tuple[int, int]], named: Iterable[int] = ()) -> list[Any]:
    """The cases of these claims at the payers of these ranks, and the named ones; locked, with their rank."""
    if not keys:
        return []
    wanted = set(keys)
    ids = sorted({claim_id for claim_id, _ in wanted})
    query = (
        select(_denial, queries_corrections.RANK.label("payer_rank"))
        .outerjoin(_answer, _answer.c.id == _denial.c.latest_remit_claim_id)
        .where(
            w.within(_denial.c.entity_id),
            among(w.db, _denial.c.claim_id, ids),
            _denial.c.state != State.CLOSED.value,
        )
        .order_by(_denial.c.id)
        .with_for_update(of=_denial)
    )
    also = set(named)
    return [row for row in w.db.execute(query) if row.id in also or (row.claim_id, row.payer_rank) in wanted]


def _move(
    w: Work,
    entity_id: int,
    cases: Sequence[Any],
    moves: Mapping[int, Sequence[Move]],
    reason: str,
    *,
    until: Mapping[int, date | None] | None = None,
) -> int:
    told: list[Told] = []
    changed: dict[int, dict[str, Any]] = {}
    for case in cases:
        state = State(case.state)
        for move in moves[case.id]:
            after = DENIAL.next(state, move)
            told.append(Told(entity_id, case.id, move.value, state.value, after.value, reason))
            state = after
        follow_up = (until or {}).get(case.id)
        changed[case.id] = {"state": state.value, "follow_up": follow_up, "touched_at": w.now}
    rows.change(w, changed)
    rows.log(w, told)
    return len(changed)
