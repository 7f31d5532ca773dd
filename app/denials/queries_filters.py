"""The filters of the denials list as conditions; none of them needs a join, so that a page walks one index.

What names a patient never stands in an address: it travels sealed, like the place where a page ends.
"""

import base64
import binascii
import re
from datetime import date, timedelta

from sqlalchemy import ColumnElement, literal_column, or_, select

from app.access.models import Person
from app.claims.models import Claim
from app.denials.lifecycle import State
from app.denials.models import Denial, DenialItem
from app.kernel.crypto import keyring
from app.kernel.db import table_of
from app.kernel.errors import Broken, Refused
from app.kernel.money import Money
from app.kernel.paging import Ask
from app.kernel.work import Work
from app.patients.models import Patient
from app.payers import queries as payers

_denial, _item = table_of(Denial), table_of(DenialItem)
_person, _claim, _patient = table_of(Person), table_of(Claim), table_of(Patient)
FILTERS = (
    "category", "state", "owner", "payer", "provider", "carc", "rarc", "group", "code", "action", "origin",
    "round", "root_cause", "due_from", "due_by", "at_stake_from", "at_stake_to", "claim", "find",
)  # fmt: skip
SAME = {
    "category": "category", "carc": "carc", "rarc": "rarc", "group": "group_code", "action": "next_action",
    "origin": "origin", "root_cause": "root_cause",
}  # fmt: skip
FOUND = "denials.find"
_RELATIVE = re.compile(r"t(?:([+-])(\d{1,4}))?")


def conditions(w: Work, ask: Ask) -> list[ColumnElement[bool]]:
    """What the filters of a list ask of a case; open cases only unless `state` says otherwise."""
    found = [w.within(_denial.c.entity_id), *_state(ask)]
    found += [_denial.c[column] == ask.get(name) for name, column in SAME.items() if ask.get(name)]
    found += _whose(w, ask)
    if ask.get("payer"):
        found.append(_of_payer(w, ask.get("payer")))
    if ask.get("provider"):
        theirs = select(_claim.c.id).where(
            w.within(_claim.c.entity_id), _claim.c.provider_npi == ask.get("provider")
        )
        # The list joins claims as well: this is a read of its own and no part of that join.
        found.append(_denial.c.claim_id.in_(theirs.correlate(None)))
    if ask.get("code"):
        refused = select(_item.c.address).where(
            _item.c.denial_id == _denial.c.id,
            _item.c.round == _denial.c.round,
            _item.c.code == ask.get("code"),
        )
        found.append(refused.exists())
    found += _money(ask) + _days(w, ask) + _which(w, ask)
    if ask.get("round"):
        found.append(_denial.c.round == 1 if ask.get("round") == "initial" else _denial.c.round > 1)
    return found


def _of_payer(w: Work, public_id: str) -> ColumnElement[bool]:
    """Cases of a payer and the records joined to it; of a single one in the order of its index."""
    keys = list(w.db.execute(payers.family_of(w, public_id)).scalars())
    return _denial.c.payer_id == keys[0] if len(keys) == 1 else _denial.c.payer_id.in_(keys)


def is_open() -> ColumnElement[bool]:
    """An open case, in the words of the indexes of open cases."""
    return _denial.c.state != literal_column("'closed'")


def _state(ask: Ask) -> list[ColumnElement[bool]]:
    state = ask.get("state") or "open"
    if state == "all":
        return []
    if state == "open":
        return [is_open()]
    named = _denial.c.state == state
    return [named] if state == State.CLOSED.value else [is_open(), named]


def _whose(w: Work, ask: Ask) -> list[ColumnElement[bool]]:
    asked = ask.get("owner")
    if asked == "nobody":
        return [_denial.c.owner_id.is_(None)]
    if asked == "me":
        return [_denial.c.owner_id == (w.actor.person_id or 0)]
    if not asked:
        return []
    return [_denial.c.owner_id == select(_person.c.id).where(_person.c.public_id == asked).scalar_subquery()]


def _money(ask: Ask) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if ask.get("at_stake_from"):
        found.append(_denial.c.at_stake >= Money.parse(ask.get("at_stake_from")))
    if ask.get("at_stake_to"):
        found.append(_denial.c.at_stake <= Money.parse(ask.get("at_stake_to")))
    return found


def _days(w: Work, ask: Ask) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if ask.get("due_from"):
        found.append(_denial.c.internal_due >= read_day(ask.get("due_from"), "due_from", w.now.date()))
    if ask.get("due_by"):
        found.append(_denial.c.internal_due <= read_day(ask.get("due_by"), "due_by", w.now.date()))
    return found


def read_day(text: str, field: str, today: date) -> date:
    """A day as people type it: `2026-01-31`, `t` for today, `t+14`, `t-3`."""
    plain = text.strip().lower()
    if relative := _RELATIVE.fullmatch(plain):
        sign, days = relative.group(1), int(relative.group(2) or 0)
        return today + timedelta(-days if sign == "-" else days)
    try:
        return date.fromisoformat(plain)
    except ValueError:
        words = "A day is written 2026-01-31, or t for today, t+14."
        raise Refused(words, code="day_unreadable", field=field) from None


def _which(w: Work, ask: Ask) -> list[ColumnElement[bool]]:
    """One claim by its number, or whatever was searched: the beginning of a control number or a name."""
    found: list[ColumnElement[bool]] = []
    if named := ask.get("claim"):
        these = select(_claim.c.id).where(
            w.within(_claim.c.entity_id), or_(_claim.c.public_id == named, _claim.c.control == named)
        )
        found.append(_denial.c.claim_id.in_(these))
    if ask.get("find"):
        text = searched(ask.get("find"))
        last, _, first = (part.strip().upper() for part in text.partition(","))
        controls = select(_claim.c.id).where(
            w.within(_claim.c.entity_id), _claim.c.control.in_({text, text.upper()})
        )
        people = select(_patient.c.id).where(
            w.within(_patient.c.entity_id), _patient.c.last.startswith(last, autoescape=True)
        )
        if first:
            people = people.where(_patient.c.first.startswith(first, autoescape=True))
        found.append(or_(_denial.c.claim_id.in_(controls), _denial.c.patient_id.in_(people)))
    return found


def seal_search(text: str) -> str:
    """What was searched, as it may stand in an address."""
    plain = " ".join(text.split())[:100]
    if len(plain) < 2:
        raise Refused("Type at least two characters.", code="search_short", field="q")
    return base64.urlsafe_b64encode(keyring().seal(plain, FOUND)).decode().rstrip("=")


def searched(token: str) -> str:
    """What a sealed search says; `Refused` when it is not ours."""
    try:
        sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        return keyring().open(sealed, FOUND)
    except (Broken, ValueError, binascii.Error, IndexError):
        raise Refused("This search is not one of ours.", code="search", field="find") from None
