"""Systematic or one-off: what the lines of the last 90 days have in common, measured anew each day."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from app.entities import queries as entities
from app.kernel.bulk import among
from app.kernel.db import bulk_insert, in_chunks, table_of
from app.kernel.work import Work
from app.underpayments import service
from app.underpayments.lifecycle import State
from app.underpayments.models import Underpayment, UnderpaymentPattern, Variance
from app.underpayments.rules import (
    EXACT,
    OVERPAID,
    PATTERN_DAYS,
    UNDERPAID,
    WITHIN,
    Line,
    Pattern,
    pattern_of,
)

_variance, _pattern, _case = table_of(Variance), table_of(UnderpaymentPattern), table_of(Underpayment)
COLUMNS = (
    "id", "entity_id", "payer_id", "payer_number", "code", "modifiers", "setting", "cause", "lines",
    "underpaid", "total", "ratio", "spread", "systematic", "measured_on", "standing",
)  # fmt: skip
CHUNK = 5_000
About = tuple[int | None, str, str, str, str]


def measure(w: Work, entity_id: int) -> int:
    """Measure every pattern as of today; returns how many stand. Small cases of heavy ones become work."""
    today = w.today(entities.get(w, entity_id).time_zone)
    groups: dict[About, list[Line]] = {}
    # The 90 days end with the newest remit: a world imported late has its patterns all the same.
    newest = select(_variance.c.remit_on).where(
        _variance.c.entity_id == entity_id, w.within(_variance.c.entity_id)
    )
    last = w.db.execute(newest.order_by(_variance.c.remit_on.desc()).limit(1)).scalar()
    if last is None:
        return 0
    since = min(last, today) - timedelta(PATTERN_DAYS)
    named = (
        "payer_id",
        "payer_number",
        "code",
        "modifiers",
        "setting",
        "expected",
        "actual",
        "class",
        "cause",
    )
    query = select(*(_variance.c[name] for name in named)).where(
        _variance.c.entity_id == entity_id,
        w.within(_variance.c.entity_id),
        _variance.c.replaced_at.is_(None),
        _variance.c.gone_on.is_(None),
        _variance.c["class"].in_((EXACT, WITHIN, UNDERPAID, OVERPAID)),
        _variance.c.remit_on > since,
    )
    for row in w.db.execute(query):
        values = tuple(row)
        line = Line(int(values[5] or 0), int(values[6]), values[7] == UNDERPAID, values[8])
        groups.setdefault(values[:5], []).append(line)
    found = {about: pattern for about, lines in groups.items() if (pattern := pattern_of(lines)) is not None}
    ids = _keep(w, entity_id, today.isoformat(), found)
    _mark(w, entity_id, found, ids)
    return len(found)


def _keep(w: Work, entity_id: int, day: str, found: Mapping[About, Pattern]) -> dict[About, int]:
    mine = (_pattern.c.entity_id == entity_id, w.within(_pattern.c.entity_id), _pattern.c.standing)
    w.db.execute(update(_pattern).where(*mine).values(standing=False))
    if not found:
        return {}
    first = w.numbers("underpayment_pattern", len(found))
    rows, ids = [], {}
    for place, (about, one) in enumerate(sorted(found.items(), key=lambda pair: str(pair[0]))):
        payer_id, number, code, modifiers, setting = about
        ids[about] = first + place
        rows.append(
            (first + place, entity_id, payer_id, number, code, modifiers, setting, one.cause, one.lines,
             one.underpaid, int(one.total), f"{one.ratio:.4f}", f"{one.spread:.4f}",
             one.systematic, day, True)
        )  # fmt: skip
    bulk_insert(w.db, _pattern, COLUMNS, rows)
    return ids


def _mark(w: Work, entity_id: int, found: Mapping[About, Pattern], ids: Mapping[About, int]) -> None:
    """Each case knows its pattern; a small one of a systematic pattern is judged again, and becomes work."""
    by_line: dict[tuple[Any, ...], int] = {
        (payer_id, code, modifiers): ids[about]
        for about, one in found.items()
        for payer_id, _, code, modifiers, _ in [about]
        if one.systematic
    }
    open_ones = select(
        _case.c.id, _case.c.claim_id, _case.c.payer_id, _case.c.code, _case.c.modifiers, _case.c.state,
        _case.c.pattern_id,
    )  # fmt: skip
    open_ones = open_ones.where(
        _case.c.entity_id == entity_id, w.within(_case.c.entity_id), _case.c.closed_at.is_(None)
    )
    moved: dict[int | None, list[int]] = {}
    small: set[int] = set()
    for row in w.db.execute(open_ones):
        pattern = by_line.get((row.payer_id, row.code, row.modifiers))
        if pattern != row.pattern_id:
            moved.setdefault(pattern, []).append(row.id)
        if pattern is not None and row.state == State.BELOW_TOLERANCE.value:
            small.add(row.claim_id)
    for pattern, keys in moved.items():
        for chunk in in_chunks(keys, CHUNK):
            w.db.execute(update(_case).where(among(w.db, _case.c.id, chunk)).values(pattern_id=pattern))
    if small:
        service.judge(w, entity_id, sorted(small))
