"""Patterns of underpayment as measured last, for people."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.kernel.db import table_of
from app.kernel.money import Money
from app.kernel.work import Work
from app.payers.models import Payer
from app.underpayments.models import UnderpaymentPattern
from app.underpayments.rules import CAUSES, said

_pattern, _payer = table_of(UnderpaymentPattern), table_of(Payer)


@dataclass(frozen=True, slots=True)
class PatternRow:
    """A pattern as measured last."""

    payer: str
    code: str
    modifiers: str
    setting: str
    cause: str
    lines: int
    underpaid: int
    total: Money
    ratio: str
    systematic: bool
    measured_on: date

    @property
    def cause_words(self) -> str:
        """The cause in words."""
        return said(CAUSES, self.cause)


def patterns(w: Work) -> list[PatternRow]:
    """The patterns that stand, systematic ones first, then by what they are worth."""
    same = ("code", "modifiers", "setting", "cause", "lines", "underpaid", "total", "ratio", "systematic",
            "measured_on")  # fmt: skip
    query = (
        select(_payer.c.name, _pattern.c.payer_number, *(_pattern.c[name] for name in same))
        .outerjoin(_payer, _payer.c.id == _pattern.c.payer_id)
        .where(w.within(_pattern.c.entity_id), _pattern.c.standing)
        .order_by(_pattern.c.systematic.desc(), _pattern.c.total.desc(), _pattern.c.id)
    )
    rows = w.db.execute(query.limit(500))
    return [
        PatternRow(row.name or row.payer_number, **{name: getattr(row, name) for name in same})
        for row in rows
    ]
