"""The last day of each submission: counted when it is opened, and again when terms or remits change."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update

from app.entities import queries as entities
from app.kernel.bulk import among
from app.kernel.db import in_chunks, table_of
from app.kernel.limits import BATCH_CLAIMS
from app.kernel.work import Work
from app.payers import service as payers
from app.payers.rules import Terms
from app.rebill import queries_claims, rules_filing, service_moves
from app.rebill.lifecycle import AT_WORK, Kind
from app.rebill.models import Rebill
from app.rebill.rules import ClaimFacts
from app.rebill.rules_filing import Days, Filing
from app.worklist import service as worklist
from app.worklist.rules import rank as place_of

_rebill = table_of(Rebill)
_COLUMNS = ("id", "claim_id", "kind", "rank", "payer_id", "filing", "file_by", "file_rule")


class Asked(NamedTuple):
    """A submission whose last day is wanted: to which payer, of which claim."""

    kind: Kind
    rank: int
    facts: ClaimFacts
    payer_id: int | None
    filing: str


def limits(w: Work, entity_id: int, asked: Sequence[Asked], today: date) -> list[Filing | None]:
    """The last day of each, in their order; None when nothing limits it.

    The terms are those in force on the day the clock started (RDEN-24): a change for later days moves
    nothing. Three statements for each such day, not for each claim.
    """
    days = [days_of(one.facts, one.rank) for one in asked]
    starts = [_start(one.kind, each) or today for one, each in zip(asked, days, strict=True)]
    terms: dict[date, Mapping[tuple[int | None, str], Terms]] = {}
    for on in sorted(set(starts)):
        parties = {
            (one.payer_id, one.filing) for one, start in zip(asked, starts, strict=True) if start == on
        }
        terms[on] = payers.terms_of(w, entity_id, sorted(parties, key=str), on)
    return [
        rules_filing.filing(one.kind, each, terms[on][one.payer_id, one.filing])
        for one, each, on in zip(asked, days, starts, strict=True)
    ]


def _start(kind: Kind, days: Days) -> date | None:
    if kind is Kind.NEW:
        return days.service
    return (days.primary_on if kind is Kind.SECONDARY else days.answered_on) or days.service


def days_of(facts: ClaimFacts, rank: int) -> Days:
    """The days a filing limit of a claim to this payer may start from; its newest remit, as for denials."""
    before = facts.answer(rank - 1) if rank > 1 else None
    answer = facts.answer(rank)
    answered = answer.day if answer else facts.first_answer_on(rank)
    return Days(facts.form, facts.service_from, facts.service_to, answered, before.day if before else None)


def recompute(w: Work, entity_id: int) -> int:
    """Submissions a person has the next step of follow the terms and remits as they are now known; returns
    how many days moved. Each move is written down with the old and the new day. Asked once a day.
    """
    today = w.today(entities.get(w, entity_id).time_zone)
    at_work = (
        _rebill.c.entity_id == entity_id,
        w.within(_rebill.c.entity_id),
        _rebill.c.state.in_([state.value for state in sorted(AT_WORK)]),
    )
    ids = list(w.db.execute(select(_rebill.c.id).where(*at_work).order_by(_rebill.c.id)).scalars())
    return sum(_recompute(w, entity_id, chunk, today) for chunk in in_chunks(ids, BATCH_CLAIMS))


def _recompute(w: Work, entity_id: int, ids: Sequence[int], today: date) -> int:
    query = select(*(_rebill.c[name] for name in _COLUMNS)).where(
        among(w.db, _rebill.c.id, ids), w.within(_rebill.c.entity_id)
    )
    rows = list(w.db.execute(query.order_by(_rebill.c.id)))
    facts = queries_claims.facts_of(w, [row.claim_id for row in rows])
    rows = [row for row in rows if row.claim_id in facts]
    asked = [Asked(Kind(row.kind), row.rank, facts[row.claim_id], row.payer_id, row.filing) for row in rows]
    moved = {
        row.id: (row.file_by, limit)
        for row, limit in zip(rows, limits(w, entity_id, asked, today), strict=True)
        if (row.file_by, row.file_rule) != ((limit.last, limit.rule[:80]) if limit else (None, ""))
    }
    _write(w, moved, today)
    return len(moved)


def _write(w: Work, moved: Mapping[int, tuple[date | None, Filing | None]], today: date) -> None:
    if not moved:
        return
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in ("file_by", "file_rule")}
    values["file_clock"] = bindparam("new_file_clock", type_=_rebill.c.file_clock.type)
    w.db.execute(
        update(_rebill).where(_rebill.c.id == bindparam("this_id")).values(**values),
        [
            {
                "this_id": key,
                "new_file_by": limit.last if limit else None,
                "new_file_rule": limit.rule[:80] if limit else "",
                "new_file_clock": limit.proof() if limit else None,
            }
            for key, (_, limit) in sorted(moved.items())
        ],
    )
    rows = service_moves.rows_of(w, moved)
    told = []
    places = {}
    for key, row in rows.items():
        was, limit = moved[key]
        told.append((row, "limit", today, {"was": _text(was), "now": _text(limit.last if limit else None)}))
        score = service_moves.score_of(row.state)
        places[key] = (row.file_by, place_of(score, row.file_by, int(row.expected)))
    service_moves.note_many(w, told)
    worklist.redate_many(w, [service_moves.QUEUE], service_moves.SUBJECT, places)


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None
