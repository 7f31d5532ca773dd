"""Holding an account back: with a kind, a reason, an author and, where its kind says so, an end."""

import json
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import insert, select, update

from app.contacts import queries_law, rules_holds
from app.contacts.lifecycle import HoldKind
from app.contacts.models import AccountHold
from app.contacts.queries_holds import SEALED
from app.contacts.rules import cleaned
from app.contacts.service_events import Happened, account, happened
from app.entities import queries as entities
from app.kernel.bulk import among
from app.kernel.crypto import keyring
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound, NotPermitted, Refused, Stale
from app.kernel.ids import public_id
from app.kernel.work import Work

_hold = table_of(AccountHold)
WORK, LEGAL = "accounts.work", "accounts.legal_holds"
CAME = "Its day came"


def place(
    w: Work,
    account_id: int,
    kind: HoldKind | str,
    *,
    reason: str,
    until: date | None = None,
    claim_id: int | None = None,
    detail: Mapping[str, str] | None = None,
) -> str:
    """Hold an account, or one visit of it (`claim_id`); returns the hold's public id.

    until: the first day it no longer holds; without it the kind's own days, else until somebody lifts it.
    detail: what the kind asks for (rules_holds.FIELDS), sealed. Whoever may work accounts may place any kind:
    what stops an act must never wait for a right; to lift a legal one takes `accounts.legal_holds`.
    Refused: no reason; a kind that only another part of the product places; the same hold standing already.
    """
    _may_place(w)
    what = known(kind)
    if rules_holds.shipped()[what].lifts != rules_holds.BY_PERSON:
        raise Refused("Open it where it belongs: this hold comes and goes with its own work.",
                      code="not_by_hand", field="kind")  # fmt: skip
    return place_for(w, account_id, what, reason=reason, until=until, claim_id=claim_id, detail=detail)


def place_for(
    w: Work,
    account_id: int,
    kind: HoldKind,
    *,
    reason: str,
    until: date | None = None,
    claim_id: int | None = None,
    detail: Mapping[str, str] | None = None,
) -> str:
    """The same for a verb that has asked for its own right and lifts the hold itself later."""
    about = account(w, account_id)
    why = cleaned(reason, rules_holds.REASON_CHARACTERS, "reason")
    if not why:
        raise Refused("Say why it is held.", code="reason_missing", field="reason")
    said = rules_holds.detail_of(kind, detail)
    if _standing(w, [account_id], kind, claim_id):
        raise NotAllowed(f"It is held already: {rules_holds.label(kind).lower()}.", code="held_already")
    today = w.today(entities.get(w, about.entity_id).time_zone)
    law = queries_law.law(w, about.entity_id, today)
    verify = bool(rules_holds.missing(kind, said))
    ends, review_on = rules_holds.days_of(kind, law, today, until, verify=verify)
    row = _row(w, about.entity_id, account_id, kind, why) | dict(
        id=w.numbers("account_hold"), claim_id=claim_id, starts=today, ends=ends, review_on=review_on,
        detail_sealed=keyring().seal(json.dumps(said), SEALED) if said else None,
    )  # fmt: skip
    w.db.execute(insert(_hold).values(**row))
    _tell(w, [(row, "place")], why)
    return str(row["public_id"])


def ensure(
    w: Work, account_ids: Collection[int], kind: HoldKind | str, *, entity_id: int, reason: str
) -> list[int]:
    """Hold many whole accounts of one entity, those that such a hold keeps already left out; returns the
    accounts held now. For jobs: a fixed number of statements.
    """
    _may_place(w)
    what, wanted = known(kind), sorted(set(account_ids))
    fresh = sorted(set(wanted) - _standing(w, wanted, what, None))
    if not fresh:
        return []
    today = w.today(entities.get(w, entity_id).time_zone)
    ends, review_on = rules_holds.days_of(what, queries_law.law(w, entity_id, today), today, None)
    first = w.numbers("account_hold", len(fresh))
    rows = [
        _row(w, entity_id, one, what, reason[:200])
        | dict(id=first + place, claim_id=None, starts=today, ends=ends, review_on=review_on,
               detail_sealed=None)
        for place, one in enumerate(fresh)
    ]  # fmt: skip
    w.db.execute(insert(_hold), rows)
    _tell(w, [(row, "place") for row in rows], reason)
    return fresh


def lift(w: Work, hold_public: str, *, why: str, version: int) -> None:
    """End a hold. Refused: no why, a hold that its own work ends (a dispute), one that is lifted already."""
    mine = (w.within(_hold.c.entity_id), _hold.c.public_id == hold_public)
    row = w.db.execute(select(_hold).where(*mine).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such hold.")
    rule = rules_holds.shipped()[HoldKind(row.kind)]
    if rule.legal:
        w.may(LEGAL)
    else:
        _may_place(w)
    if row.version != version:
        raise Stale()
    if rule.lifts != rules_holds.BY_PERSON:
        words = f"This hold ends with its own work: {rule.label.lower()}."
        raise NotAllowed(words, code="not_by_hand")
    words = cleaned(why, rules_holds.REASON_CHARACTERS, "why")
    if not words:
        raise Refused("Say why the hold ends.", code="reason_missing", field="why")
    if not row.open:
        raise NotAllowed("It is lifted already.", code="not_held")
    _end(w, [dict(row._mapping)], words)


def lift_for(w: Work, hold_ids: Collection[int], *, why: str) -> list[int]:
    """End holds for the verb that placed them (a dispute resolved); returns the accounts."""
    query = select(_hold).where(
        w.within(_hold.c.entity_id), among(w.db, _hold.c.id, sorted(set(hold_ids))), _hold.c.open.is_(True)
    )
    rows = [dict(row._mapping) for row in w.db.execute(query.with_for_update())]
    _end(w, rows, why)
    return sorted({row["account_id"] for row in rows})


def lift_due(w: Work, entity_id: int, day: date) -> list[int]:
    """End the holds whose day has come; returns the accounts that have one hold less. Once a day."""
    due = (w.within(_hold.c.entity_id), _hold.c.entity_id == entity_id, _hold.c.open.is_(True),
           _hold.c.ends.is_not(None), _hold.c.ends <= day)  # fmt: skip
    rows = [dict(row._mapping) for row in w.db.execute(select(_hold).where(*due).with_for_update())]
    _end(w, rows, CAME)
    return sorted({row["account_id"] for row in rows})


def known(kind: HoldKind | str) -> HoldKind:
    """A kind by its name; `Refused` for one there is none of."""
    try:
        return HoldKind(kind)
    except ValueError:
        raise Refused("There is no such kind of hold.", code="unknown_kind", field="kind") from None


def _may_place(w: Work) -> None:
    if not w.actor.permissions & {"*", WORK, LEGAL}:
        raise NotPermitted()


def _standing(w: Work, account_ids: list[int], kind: HoldKind, claim_id: int | None) -> set[int]:
    what = _hold.c.claim_id.is_(None) if claim_id is None else _hold.c.claim_id == claim_id
    query = select(_hold.c.account_id).where(
        w.within(_hold.c.entity_id), among(w.db, _hold.c.account_id, account_ids), what,
        _hold.c.kind == kind.value, _hold.c.open.is_(True),
    )  # fmt: skip
    return set(w.db.execute(query).scalars())


def _row(w: Work, entity_id: int, account_id: int, kind: HoldKind, reason: str) -> dict[str, Any]:
    return dict(
        public_id=public_id(), entity_id=entity_id, account_id=account_id, kind=kind.value, reason=reason,
        open=True, author=w.actor.name[:80], placed_at=w.now, lifted_at=None, lifted_by="", lifted_why="",
        version=1,
    )  # fmt: skip


def _end(w: Work, rows: list[dict[str, Any]], why: str) -> None:
    if not rows:
        return
    ended = dict(open=False, lifted_at=w.now, lifted_by=w.actor.name[:80], lifted_why=why,
                 version=_hold.c.version + 1)  # fmt: skip
    these = (w.within(_hold.c.entity_id), among(w.db, _hold.c.id, [row["id"] for row in rows]))
    w.db.execute(update(_hold).where(*these).values(**ended))
    _tell(w, [(row, "lift") for row in rows], why)


def _tell(w: Work, moved: list[tuple[dict[str, Any], str]], why: str) -> None:
    happened(w, [
        Happened(row["entity_id"], row["account_id"], "hold", row["id"], move, *_ends(move), why,
                 {"kind": row["kind"], "visit": row["claim_id"] is not None})
        for row, move in moved
    ])  # fmt: skip
    for row, move in moved[:1]:
        w.audit(f"accounts.hold.{move}", "U", "account_hold", row["public_id"], entity_id=row["entity_id"],
                detail={"kind": row["kind"], "count": len(moved)})  # fmt: skip


def _ends(move: str) -> tuple[str, str]:
    return ("", "open") if move == "place" else ("open", "lifted")
