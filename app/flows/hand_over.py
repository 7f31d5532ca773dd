"""Work of a queue goes from one person (or nobody) to another, the most pressing first."""

from sqlalchemy import select

from app.denials import service as denials
from app.denials.models import Denial
from app.kernel.db import table_of
from app.kernel.errors import Refused
from app.kernel.work import Work
from app.worklist import queries_day
from app.worklist import service as worklist

MOST = 200
NOBODY = "nobody"
_denial = table_of(Denial)


def person(w: Work, wanted: str) -> int | None:
    """The key of a person work can be given to, by public id; None for `nobody`."""
    if wanted == NOBODY:
        return None
    found = {one.public_id: one.person_id for one in queries_day.workers(w)}
    if wanted not in found:
        raise Refused("Choose somebody who works here.", code="hand_over_person", field="to")
    return found[wanted]


def hand_over(w: Work, queue: str, *, from_id: int | None, to_id: int | None, most: int) -> int:
    """Give at most `most` (1 to 200) open items of a queue to another; returns how many went.

    from_id, to_id: keys of persons, None is nobody. A denial goes with its case, so that list and case agree.
    """
    w.may("worklist.assign")
    if not 1 <= most <= MOST:
        raise Refused(f"From 1 to {MOST} items go at a time.", code="hand_over_most", field="most")
    if from_id == to_id:
        raise Refused("Choose somebody else to give it to.", code="hand_over_same", field="to")
    if to_id is not None and to_id not in {one.person_id for one in queries_day.workers(w)}:
        raise Refused("Choose somebody who works here.", code="hand_over_to", field="to")
    items = queries_day.top(w, queue, from_id, most)
    cases = [one.subject_id for one in items if one.subject == "denial"]
    query = select(_denial.c.public_id, _denial.c.version).where(
        w.within(_denial.c.entity_id), _denial.c.id.in_(cases)
    )
    for row in w.db.execute(query).all():
        denials.assign(w, row.public_id, owner_id=to_id, version=row.version)
    others: dict[str, list[int]] = {}
    for one in items:
        if one.subject != "denial":
            others.setdefault(one.subject, []).append(one.subject_id)
    for subject, ids in sorted(others.items()):
        worklist.own_many(w, [queue], subject, ids, to_id)
    w.audit("worklist.hand_over", "U", "worklist", queue,
            detail={"from": from_id, "to": to_id, "count": len(items)})  # fmt: skip
    return len(items)
