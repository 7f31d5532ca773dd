"""Records that look like a payer but are not joined with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.kernel.db import in_chunks, table_of
from app.kernel.limits import SQL_VARIABLES
from app.kernel.work import Work
from app.payers import queries, rules_alike
from app.payers.models import Payer, PayerAlias, PayerIdentifier
from app.payers.rules_alike import Called

_payer, _alias, _identifier = table_of(Payer), table_of(PayerAlias), table_of(PayerIdentifier)
RECORDS = 5_000
"""So many records of an entity are compared; a clinic meets hundreds."""
SHOWN = 5
NUMBERS = ("plan", "trn03")


@dataclass(frozen=True, slots=True)
class Alike:
    """A payer that may be this one, and why."""

    public_id: str
    name: str
    numbers: str
    reasons: list[str]


def alike(w: Work, payer_id: int, entity_id: int) -> list[Alike]:
    """Payers of the entity that look like this one, those with most reasons first; in four statements."""
    home = {row.payer_id: row.same_as for row in w.db.execute(
        select(_alias.c.payer_id, _alias.c.same_as).where(
            _alias.c.entity_id == entity_id, w.within(_alias.c.entity_id)))}  # fmt: skip
    named = select(_payer.c.id, _payer.c.public_id, _payer.c.name).where(
        _payer.c.entity_id == entity_id, w.within(_payer.c.entity_id)
    )
    records = w.db.execute(named.order_by(_payer.c.id).limit(RECORDS)).all()
    known = _called(w, home, [(row.id, row.name) for row in records])
    mine = known.get(payer_id)
    if mine is None:
        mine = _called(w, home, [(one, "") for one in queries.family(w, payer_id)])[payer_id]
    found = []
    for row in records:
        other = known.get(row.id)
        if other is None or row.id == payer_id:
            continue
        if why := rules_alike.reasons(mine, other):
            numbers = " ".join(sorted(other.plans | other.companies)[:3])
            found.append(Alike(row.public_id, row.name, numbers, why))
    return sorted(found, key=lambda one: (-len(one.reasons), one.name))[:SHOWN]


def _called(w: Work, home: dict[int, int], records: Sequence[tuple[int, str]]) -> dict[int, Called]:
    """What each payer goes by, all its records together."""
    names: dict[int, set[str]] = {}
    numbers: dict[tuple[int, str], set[str]] = {}
    for key, name in records:
        names.setdefault(home.get(key, key), set()).add(name)
    for chunk in in_chunks([key for key, _ in records], SQL_VARIABLES // 2):
        query = select(_identifier.c.payer_id, _identifier.c.kind, _identifier.c.value).where(
            w.within(_identifier.c.entity_id), _identifier.c.payer_id.in_(chunk)
        )
        for key, kind, value in w.db.execute(query):
            if kind == "name":
                names[home.get(key, key)].add(value)
            else:
                numbers.setdefault((home.get(key, key), kind), set()).add(value)
    kinds = {kind: {key: value for (key, at), value in numbers.items() if at == kind} for kind in NUMBERS}
    return {
        key: Called(frozenset(called), *(frozenset(kinds[kind].get(key, ())) for kind in NUMBERS))
        for key, called in names.items()
    }
