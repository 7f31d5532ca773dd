"""What the guards must know of accounts, gathered for thousands at once in a fixed number of statements."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import exists, select

from app.contacts import queries_holds
from app.contacts.lifecycle import Act, Direction, Reach
from app.contacts.models import AccountEvent, Attempt
from app.contacts.queries_holds import Hold
from app.contacts.queries_law import law
from app.contacts.rules_guards import Facts, Line, Standing, Tried
from app.contacts.rules_holds import BY_PERSON
from app.contacts.rules_law import Law
from app.entities.models import Entity
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.work import Work
from app.patients import queries_reach
from app.patients.lifecycle import PointKind, Relation
from app.patients.models import Guarantor
from app.patients.queries_reach import Point

_account, _entity = table_of(Guarantor), table_of(Entity)
_attempt, _event = table_of(Attempt), table_of(AccountEvent)
BEGUN, DROPPED = "begin", "drop"
LOOK_BACK_DAYS = 2


@dataclass(frozen=True, slots=True)
class Known:
    """An account with everything a guard may ask, and the lines it could be reached by."""

    facts: Facts
    law: Law
    lines: tuple[Point, ...]


def gather(w: Work, act: Act, account_ids: Collection[int], at: datetime) -> dict[int, Known]:
    """The facts of each account in scope, by key; those out of scope are left out.

    Only what the act needs is read: a statement run asks for holds alone.
    """
    ids = sorted(set(account_ids))
    names = ("id", "entity_id", "state", "language", "birth", "relation", "confirmed")
    query = (
        select(*(_account.c[name] for name in names), _entity.c.time_zone)
        .join(_entity, _entity.c.id == _account.c.entity_id)
        .where(w.within(_account.c.entity_id), among(w.db, _account.c.id, ids))
    )
    rows = w.db.execute(query).all()
    mine = [row.id for row in rows]
    laws: dict[int, tuple[Law, date]] = {}
    for row in rows:
        if row.entity_id not in laws:
            day = w.today(row.time_zone)
            laws[row.entity_id] = (law(w, row.entity_id, day), day)
    holds = _holds(w, mine, laws)
    reaching = act in (Act.CALL, Act.SMS, Act.EMAIL)
    consents = queries_reach.consents(w, mine) if reaching else {}
    points = queries_reach.points(w, mine) if reaching else {}
    zones = queries_reach.zones(w, mine) if reaching else {}
    tried = _tried(w, mine, at, laws) if act is Act.CALL else {}
    found = {}
    for row in rows:
        facts = Facts(
            account_id=row.id, state=row.state, home=row.time_zone, zones=zones.get(row.id, ()),
            language=row.language, minor=_minor(row, *laws[row.entity_id]), holds=holds.get(row.id, ()),
            tried=tried.get(row.id, ()), says=consents.get(row.id),
        )  # fmt: skip
        found[row.id] = Known(facts, laws[row.entity_id][0], tuple(points.get(row.id, ())))
    return found


def _minor(row: Any, law: Law, day: date) -> bool:
    """Younger than their state's age of majority; but a minor who answers for their own care, as somebody
    confirmed, may be reached (45 CFR 164.502(g)(3)).
    """
    if row.birth is None or (row.relation == Relation.SELF.value and row.confirmed):
        return False
    birth: date = row.birth
    return (day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))) < law.number(
        "adult_age", row.state
    )


def _holds(w: Work, ids: Collection[int], laws: Mapping[int, tuple[Law, date]]) -> dict[int, list[Standing]]:
    if not laws:
        return {}
    # The entities' days may differ by one: asked with the earliest, an end is checked for each below.
    held = queries_holds.open_holds(w, ids, min(day for _, day in laws.values()))
    found: dict[int, list[Standing]] = {}
    for account_id, holds in held.items():
        for one in holds:
            rules, day = laws[one.entity_id]
            if one.ends is None or one.ends > day:
                found.setdefault(account_id, []).append(standing(one, rules))
    return found


def standing(hold: Hold, law: Law) -> Standing:
    """A hold as the guards see it, with what the entity says it stops."""
    stops = queries_holds.stops(hold.kind, law)
    claim = hold.claim_id is not None
    return Standing(hold.kind, hold.label, stops, claim, hold.ends, hold.lifts == BY_PERSON)


def _tried(
    w: Work, ids: Collection[int], at: datetime, laws: Mapping[int, tuple[Law, date]]
) -> dict[int, list[Tried]]:
    """Calls as far back as any limit looks, and calls begun that nobody wrapped up: those rang as well."""
    days = max(
        (one.number(code) for one, _ in laws.values() for code in ("calls_days", "calls_after_talk_days")),
        default=0,
    )
    since = at - timedelta(days + LOOK_BACK_DAYS)
    found: dict[int, list[Tried]] = {}
    calls = select(_attempt.c.account_id, _attempt.c.at, _attempt.c.direction, _attempt.c.spoke).where(
        w.within(_attempt.c.entity_id), among(w.db, _attempt.c.account_id, list(ids)),
        _attempt.c.reach == Reach.CALL.value, _attempt.c.at >= since,
    )  # fmt: skip
    for row in w.db.execute(calls):
        one = Tried(row.at, row.direction == Direction.OUT.value, row.spoke)
        found.setdefault(row.account_id, []).append(one)
    dropped = _event.alias()
    begun = select(_event.c.account_id, _event.c.at).where(
        w.within(_event.c.entity_id), among(w.db, _event.c.account_id, list(ids)), _event.c.at >= since,
        _event.c.subject == "attempt", _event.c.move == BEGUN, _event.c.to_state == Reach.CALL.value,
        ~exists().where(_attempt.c.id == _event.c.subject_id),
        ~exists().where(dropped.c.subject == "attempt", dropped.c.subject_id == _event.c.subject_id,
                        dropped.c.account_id == _event.c.account_id, dropped.c.move == DROPPED),
    )  # fmt: skip
    for account_id, rang in w.db.execute(begun):
        found.setdefault(account_id, []).append(Tried(rang, True, False))
    return found


KINDS: Mapping[Act, tuple[str, ...]] = {
    Act.CALL: (PointKind.PHONE.value, PointKind.MOBILE.value),
    Act.SMS: (PointKind.MOBILE.value,),
    Act.EMAIL: (PointKind.EMAIL.value,),
}


def by_line(known: Known, act: Act, point_id: int | None) -> list[Facts]:
    """The facts once for each line the act could use: the one named, else every one of its kind, else none.

    A line that is not this account's is as good as none.
    """
    fits = [one for one in known.lines if one.kind in KINDS.get(act, ())]
    if point_id is not None:
        fits = [one for one in fits if one.id == point_id]
    lines = [Line(one.id, PointKind(one.kind), one.work) for one in fits]
    return [replace(known.facts, line=line) for line in lines] or [known.facts]
