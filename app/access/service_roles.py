"""Roles that take two administrators, and the quarterly look at who may do what (RSEC section 6)."""

import hashlib
import json
from typing import NamedTuple

from sqlalchemy import insert, select, update

from app.access.lifecycle import REQUEST, RequestMove, RequestState
from app.access.models import AccessReview, Person, RoleRequest
from app.access.queries import EVERY_ENTITY, PersonRow, grants_of, people, person_by_login, public_id_of
from app.access.rules import ROLES, check_together, policy
from app.access.service import give_role
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound, Refused, Stale
from app.kernel.ids import public_id
from app.kernel.work import Work

_request, _person, _review = table_of(RoleRequest), table_of(Person), table_of(AccessReview)
REASON = 300


def ask_role(w: Work, login: str, role: str, *, reason: str, entity_id: int = EVERY_ENTITY) -> str:
    """Ask for a role for somebody; returns the public id of the wish. A supervisor or an administrator asks.

    `Refused` for roles that cannot be held together, now, not when the second administrator looks at it.
    """
    w.may("people.request")
    reason = reason.strip()
    if role not in ROLES:
        raise Refused(f"There is no role {role}.", code="role", field="role")
    person_id = person_by_login(w, login)[0]
    held = grants_of(w.db, person_id)
    if (role, entity_id) in held:
        raise Refused("This role is held already.", code="role_held", field="role")
    check_together({role, *(one for one, _ in held)})
    if not reason or len(reason) > REASON:
        raise Refused(
            f"Say in at most {REASON} characters what the role is for.", code="reason", field="reason"
        )
    same = (
        (_request.c.person_id == person_id) & (_request.c.role == role) & (_request.c.place_id == entity_id)
    )
    if w.db.execute(select(_request.c.id).where(same, _request.c.state == RequestState.ASKED)).first():
        raise Refused("Somebody has asked for this already.", code="role_asked", field="role")
    row = {
        "public_id": public_id(), "person_id": person_id, "role": role, "place_id": entity_id,
        "reason": reason, "asked_by": w.actor.person_id, "asked_at": w.now,
    }  # fmt: skip
    w.db.execute(insert(_request).values(row))
    _note(w, "role.asked", person_id, at=entity_id, detail={"role": role, "request": row["public_id"]})
    return str(row["public_id"])


def decide(w: Work, which: str, move: RequestMove, *, version: int) -> None:
    """Give, refuse or withdraw. Who gives is neither who asked nor who gets it."""
    row = w.db.execute(select(_request).where(_request.c.public_id == which)).one_or_none()
    if row is None:
        raise NotFound("There is no such request.")
    if row.version != version:
        raise Stale()
    state = REQUEST.next(RequestState(row.state), move)
    mine = w.actor.person_id is not None and w.actor.person_id == row.asked_by
    if move is RequestMove.WITHDRAW and not mine:
        raise NotAllowed("Only who asked may withdraw.", code="not_yours")
    if move is not RequestMove.WITHDRAW:
        w.may("people.write")
    if move is RequestMove.GIVE and (mine or w.actor.person_id == row.person_id):
        w.audit("role.refused", "E", "person", public_id_of(w.db, row.person_id), outcome=8)
        raise NotAllowed("Another administrator must give this role: not who asked, not who gets it.",
                         code="two_people")  # fmt: skip
    held = (_request.c.id == row.id) & (_request.c.version == version)
    done = {"state": state, "decided_by": w.actor.person_id, "decided_at": w.now, "version": version + 1}
    if w.db.execute(update(_request).where(held).values(done)).rowcount != 1:
        raise Stale()
    if state is RequestState.GIVEN:
        give_role(w, row.person_id, row.role, row.place_id)
    _note(w, f"role.{state}", row.person_id, at=row.place_id, detail={"role": row.role, "request": which})


def _note(w: Work, event: str, person_id: int, *, at: int, detail: dict[str, object]) -> None:
    w.audit(event, "U", "person", public_id_of(w.db, person_id), entity_id=at or None, detail=detail)


class Signed(NamedTuple):
    """A quarter's review that was signed."""

    public_id: str
    quarter: str
    content_hash: str


def sign_review(w: Work, *, remark: str) -> Signed:
    """Sign that everybody's roles were looked at this quarter; the rows of now are kept with their hash.

    One signature per person and quarter.
    """
    w.may("people.review")
    quarter = quarter_of(w.now.year, w.now.month)
    mine = (_review.c.quarter == quarter) & (_review.c.signed_by == w.actor.person_id)
    if w.actor.person_id is None or w.db.execute(select(_review.c.id).where(mine)).first():
        raise NotAllowed("You have signed this quarter already.", code="signed")
    rows = people(w)
    content = json.dumps([_kept(row) for row in rows], sort_keys=True)
    made = {
        "public_id": public_id(), "quarter": quarter, "people": len(rows), "remark": remark.strip()[:REASON],
        "content": content, "content_hash": hashlib.sha256(content.encode()).hexdigest(),
        "signed_by": w.actor.person_id, "signed_at": w.now,
    }  # fmt: skip
    w.db.execute(insert(_review).values(made))
    w.audit("access_review.signed", "E", "access_review", made["public_id"], detail={"quarter": quarter})
    return Signed(str(made["public_id"]), quarter, str(made["content_hash"]))


def quarter_of(year: int, month: int) -> str:
    """`2026Q4`."""
    return f"{year}Q{(month + 2) // 3}"


def _kept(row: PersonRow) -> dict[str, object]:
    seen = row.last_seen.isoformat() if row.last_seen else None
    return {
        "login": row.login, "name": row.name, "kind": row.kind, "state": row.state, "last_seen": seen,
        "second_factor": row.second_factor, "roles": sorted(map(list, row.grants)),
    }  # fmt: skip


def needs_two(w: Work, role: str) -> bool:
    """Must another administrator give this role? The shell gives it at once: that is how a house begins."""
    return w.actor.person_id is not None and policy().weighty(role)
