"""The filters of the list of claims on their way out, as conditions."""

from sqlalchemy import ColumnElement, String, cast, or_, select

from app.access.models import Person
from app.claims.models import Claim
from app.kernel.db import table_of
from app.kernel.errors import Refused
from app.kernel.paging import Ask
from app.kernel.typed import read_day
from app.kernel.work import Work
from app.payers import queries as payers
from app.rebill.lifecycle import OPEN, Cause, HoldReason, Kind, State
from app.rebill.models import Rebill, RebillHold
from app.worklist.models import ItemState, WorklistItem

_rebill, _hold = table_of(Rebill), table_of(RebillHold)
_claim, _person, _item = table_of(Claim), table_of(Person), table_of(WorklistItem)
FILTERS = (
    "state", "kind", "payer", "cause", "file_from", "file_by", "problem", "held", "owner", "claim", "rank",
)  # fmt: skip
WORK, ON_THE_WAY, FLAGS, ANY = "work", "out", "flags", "all"
"""States by what they ask of a person: to correct, to wait, to look at what is away, whatever there is."""
FLAG_QUEUE = "rebill_flags"
GROUPS = {
    WORK: [State.DRAFT, State.REJECTED],
    "open": sorted(OPEN),
    ON_THE_WAY: [State.BATCHED, State.TRANSMITTED, State.RECEIVED, State.ACCEPTED],
}


def conditions(w: Work, ask: Ask) -> list[ColumnElement[bool]]:
    """What the filters of a list ask; what a person has to work on unless `state` says otherwise."""
    found = [w.within(_rebill.c.entity_id), *_state(ask.get("state") or WORK), *_whose(w, ask)]
    for name, known in (("kind", set(Kind)), ("cause", set(Cause))):
        if ask.get(name):
            if ask.get(name) not in known:
                raise Refused(f"There is no such {name}.", code=f"unknown_{name}", field=name)
            found.append(_rebill.c[name] == ask.get(name))
    if ask.get("rank"):
        found.append(_rebill.c.rank == _number(ask.get("rank")))
    if ask.get("payer"):
        found.append(_rebill.c.payer_id.in_(payers.family_of(w, ask.get("payer"))))
    if ask.get("file_from"):
        found.append(_rebill.c.file_by >= read_day(ask.get("file_from"), "file_from", w.now.date()))
    if ask.get("file_by"):
        found.append(_rebill.c.file_by <= read_day(ask.get("file_by"), "file_by", w.now.date()))
    if ask.get("claim"):
        named = ask.get("claim")
        found.append(or_(_claim.c.public_id == named, _claim.c.control == named, _rebill.c.control == named))
    return [*found, *_problem(ask.get("problem")), *_held(ask.get("held"))]


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 3):
        raise Refused("A payer is named by its rank: 1, 2, 3.", code="unknown_rank", field="rank")
    return int(text)


def _state(state: str) -> list[ColumnElement[bool]]:
    if state == ANY:
        return []
    if state == FLAGS:
        return [flagged()]
    if state in GROUPS:
        return [_rebill.c.state.in_([one.value for one in GROUPS[state]])]
    if state not in {one.value for one in State}:
        raise Refused("There is no such state.", code="unknown_state", field="state")
    return [_rebill.c.state == state]


def flagged() -> ColumnElement[bool]:
    """Has something happened after it left that only a person can settle?"""
    item = (_item.c.subject == "rebill", _item.c.subject_id == _rebill.c.id, _item.c.queue == FLAG_QUEUE)
    mine = _item.c.entity_id == _rebill.c.entity_id
    return select(_item.c.id).where(*item, mine, _item.c.state == ItemState.OPEN.value).exists()


def _whose(w: Work, ask: Ask) -> list[ColumnElement[bool]]:
    asked = ask.get("owner")
    if asked == "nobody":
        return [_rebill.c.owner_id.is_(None)]
    if asked == "me":
        return [_rebill.c.owner_id == (w.actor.person_id or 0)]
    if not asked:
        return []
    return [_rebill.c.owner_id == select(_person.c.id).where(_person.c.public_id == asked).scalar_subquery()]


def _problem(asked: str) -> list[ColumnElement[bool]]:
    """`errors`, `none`, or the code of a problem."""
    if asked == "errors":
        return [_rebill.c.errors > 0]
    if asked == "none":
        return [_rebill.c.errors == 0]
    # The code as it stands in the text of the problems: both databases keep JSON as it was written.
    return [cast(_rebill.c.problems, String).contains(f'"{asked}"', autoescape=True)] if asked else []


def _held(asked: str) -> list[ColumnElement[bool]]:
    """`yes`, `no`, or the reason of a hold."""
    if asked in ("yes", "no"):
        return [_rebill.c.on_hold.is_(asked == "yes")]
    if not asked:
        return []
    if asked not in {one.value for one in HoldReason}:
        raise Refused("There is no such reason to hold.", code="unknown_hold", field="held")
    kept = select(_hold.c.id).where(
        _hold.c.rebill_id == _rebill.c.id, _hold.c.ended_at.is_(None), _hold.c.reason == asked
    )
    return [kept.exists()]
