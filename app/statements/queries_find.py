"""What the search of all screens finds of statements and letters: by the number printed on them."""

from typing import Any

from sqlalchemy import select

from app.kernel.db import table_of
from app.kernel.paging import Hit
from app.kernel.work import Work
from app.patients.models import Guarantor
from app.statements.models import CollectionLetter, Statement

_KINDS = (("Statement", table_of(Statement)), ("Letter", table_of(CollectionLetter)))
_guarantor = table_of(Guarantor)
LEAST_CHARACTERS = 4


def find(w: Work, text: str) -> list[Hit]:
    """The account a statement or letter of this number went to: what people on the phone read out first."""
    number = "".join(text.split()).upper()
    if not {"*", "statements.read"} & w.actor.permissions or len(number) < LEAST_CHARACTERS:
        return []
    return [hit for kind, table in _KINDS for hit in _of(w, kind, table, number)]


def _of(w: Work, kind: str, table: Any, number: str) -> list[Hit]:
    query = (
        select(table.c.number, table.c.amount, table.c.day, _guarantor.c.public_id, _guarantor.c.last,
               _guarantor.c.first)
        .join(_guarantor, _guarantor.c.id == table.c.account_id)
        .where(table.c.number == number, w.within(table.c.entity_id))
    )  # fmt: skip
    return [
        Hit(kind, row.number, f"{row.last}, {row.first} · {row.amount:,} of {row.day:%m/%d/%Y}",
            "accounts.account", {"public_id": row.public_id})
        for row in w.db.execute(query.order_by(table.c.id))
    ]  # fmt: skip
