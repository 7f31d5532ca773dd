"""What leaves the house: every line allowed less than agreed, and the figures of claims for their list."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, or_, select

from app.claims.models import Claim
from app.denials.queries_figures import tax_ids
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.export import Column, Kind
from app.kernel.money import Money
from app.kernel.work import Work
from app.underpayments.models import Underpayment, Variance
from app.underpayments.rules import CAUSES, said

_variance, _case, _claim = table_of(Variance), table_of(Underpayment), table_of(Claim)
CHUNK = 2_000
UNDERPAYMENTS = [
    Column("entity", "entity", Kind.CODE),
    Column("claim_id", "claim_id", Kind.CODE),
    Column("payer_id", "payer_id", Kind.CODE),
    Column("line", "line", Kind.CODE),
    Column("code", "code", Kind.CODE),
    Column("expected_allowed", "expected_allowed", Kind.MONEY),
    Column("actual_allowed", "actual_allowed", Kind.MONEY),
    Column("variance", "variance", Kind.MONEY),
    Column("cause", "cause"),
    Column("class", "class", Kind.CODE),
    Column("modifiers", "modifiers", Kind.CODE),
    Column("units", "units", Kind.CODE),
    Column("setting", "setting"),
    Column("service_date", "service_date", Kind.DAY),
    Column("remit_date", "remit_date", Kind.DAY),
    Column("state", "state", Kind.STATE),
    Column("dispute_by", "dispute_by", Kind.DAY),
    Column("cause_words", "cause_words"),
    Column("explanation", "explanation"),
]


@dataclass(frozen=True, slots=True)
class _Names:
    entities: Mapping[int, str]

    def row(self, row: Any) -> dict[str, Any]:
        return {
            "entity": self.entities.get(row.entity_id, ""),
            "claim_id": row.control,
            "payer_id": row.payer_number,
            "line": row.line_control or (str(row.line_number) if row.line_number else ""),
            "code": row.code,
            "expected_allowed": row.expected,
            "actual_allowed": row.actual,
            "variance": row.variance,
            "cause": row.cause,
            "class": row["class"] if isinstance(row, Mapping) else row.class_,
            "modifiers": row.modifiers,
            "units": row.units,
            "setting": row.setting,
            "service_date": row.service_on,
            "remit_date": row.remit_on,
            "state": row.state or "",
            "dispute_by": row.limit_on,
            "cause_words": said(CAUSES, row.cause),
            "explanation": "; ".join(row.steps),
        }


def export_underpayments(w: Work, as_of: date | None = None) -> tuple[list[Column], Iterator[dict[str, Any]]]:
    """Every line of a standing answer that was allowed less than agreed, to the cent, in order of entry.

    The class says which of them are within tolerance. as_of: the answers that stood at the end of that day.
    """
    return UNDERPAYMENTS, _rows(w, as_of)


def _rows(w: Work, as_of: date | None) -> Iterator[dict[str, Any]]:
    names, last = _Names(tax_ids(w)), -1
    while chunk := list(w.db.execute(_listed(w, as_of).where(_variance.c.id > last).limit(CHUNK))):
        last = chunk[-1].id
        yield from (names.row(row) for row in chunk)


def _listed(w: Work, as_of: date | None) -> Select[Any]:
    named = ("id", "entity_id", "payer_number", "line_control", "line_number", "code", "expected", "actual",
             "variance", "cause", "modifiers", "units", "setting", "service_on", "remit_on",
             "steps")  # fmt: skip
    mine = and_(
        _case.c.entity_id == _variance.c.entity_id,
        _case.c.claim_id == _variance.c.claim_id,
        _case.c.rank == _variance.c.rank,
        _case.c.line_number == _variance.c.line_number,
    )
    return (
        select(
            *(_variance.c[name] for name in named),
            _variance.c["class"].label("class_"),
            _claim.c.control,
            _case.c.state,
            _case.c.limit_on,
        )
        .join(_claim, _claim.c.id == _variance.c.claim_id)
        .outerjoin(_case, mine)
        .where(w.within(_variance.c.entity_id), *standing(as_of), _variance.c.variance > 0)
        .order_by(_variance.c.id)
    )


def standing(as_of: date | None) -> tuple[Any, ...]:
    """The variances of answers that stand, now or at the end of a day."""
    newest = (_variance.c.replaced_at.is_(None),)
    if as_of is None:
        return (*newest, _variance.c.gone_on.is_(None))
    return (
        *newest,
        _variance.c.effective_on <= as_of,
        or_(_variance.c.gone_on.is_(None), _variance.c.gone_on > as_of),
    )


# ---------------------------------------------------------------- beside the figures of claims


class Expected(NamedTuple):
    """What a claim's first payer owed and how far it fell short; None where nothing is priced or told.

    expected: of all its lines, None when one of them has no price. variance: of the lines that have one.
    """

    expected: Money | None
    variance: Money | None


def of_claims(w: Work, claim_ids: Sequence[int], as_of: date | None = None) -> dict[int, Expected]:
    """Expected and variance of up to 2,000 claims, in one statement; claims not priced are left out."""
    query = select(_variance.c.claim_id, _variance.c.expected, _variance.c.variance).where(
        w.within(_variance.c.entity_id),
        among(w.db, _variance.c.claim_id, claim_ids),
        _variance.c.rank == 1,
        *standing(as_of),
    )
    lines: dict[int, list[Any]] = {}
    for row in w.db.execute(query):
        lines.setdefault(row.claim_id, []).append(row)
    return {key: _sum(rows) for key, rows in lines.items()}


def _sum(rows: Sequence[Any]) -> Expected:
    expected = [row.expected for row in rows]
    told = [int(row.variance) for row in rows if row.variance is not None]
    whole = None if None in expected else Money.of_sum(sum(int(one) for one in expected))
    return Expected(whole, Money.of_sum(sum(told)) if told else None)
