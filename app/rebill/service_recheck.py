"""Finished claims looked at once more, by the rules of the day they leave on."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, select, update

from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.work import Work
from app.rebill import queries_claims, service_check, service_guards, translate
from app.rebill.models import Rebill
from app.rebill.service_check import ERROR, Asked, Problem

_rebill = table_of(Rebill)


def recheck(w: Work, entity_id: int, rebill_ids: Iterable[int]) -> dict[int, list[Problem]]:
    """What keeps each of these finished claims by their content now: only those with errors are named.

    A rule may have begun since they were finished. What changed is kept with them; guards are not asked
    here. A fixed number of statements.
    """
    mine = (among(w.db, _rebill.c.id, sorted(set(rebill_ids))), w.within(_rebill.c.entity_id))
    rows = w.db.execute(select(_rebill).where(*mine).order_by(_rebill.c.id)).all()
    facts = queries_claims.facts_of(w, [row.claim_id for row in rows])
    asked = [_asked(row, facts[row.claim_id]) for row in rows]
    found = dict(zip([row.id for row in rows], service_check.content(w, entity_id, asked), strict=True))
    _keep(w, [(row, found[row.id]) for row in rows])
    wrong = {key: [one for one in problems if one["does"] == ERROR] for key, problems in found.items()}
    return {key: problems for key, problems in wrong.items() if problems}


def _asked(row: Any, facts: Any) -> Asked:
    whole = translate.opened(row.claim_sealed)
    base = translate.opened(row.base_sealed, translate.BASE)
    subject = service_guards.subject_with(row, whole)
    return Asked(subject=subject, facts=facts, whole=whole, base=base)


def _keep(w: Work, looked: Iterable[tuple[Any, list[Problem]]]) -> None:
    changed = []
    for row, problems in looked:
        told = problems + [one for one in row.problems if service_check.is_guard(one)]
        if told != row.problems:
            errors = service_check.errors(told)
            changed.append({"this_id": row.id, "new_problems": told, "new_errors": errors})
    if changed:
        values: dict[str, Any] = {
            "problems": bindparam("new_problems", type_=_rebill.c.problems.type),
            "errors": bindparam("new_errors"),
        }
        w.db.execute(update(_rebill).where(_rebill.c.id == bindparam("this_id")).values(values), changed)
