"""What patients owe, decided anew after whatever may have changed it; the only writer of owed and standing.

Deciding again about the same facts writes nothing. Everything is set-wise: a fixed number of statements for
up to 2,000 claims.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select, update

from app.accounts import queries_facts
from app.accounts.lifecycle import OwedState
from app.accounts.models import Owed, Standing
from app.accounts.queries_facts import Known, in_force_on
from app.accounts.rules import Item, blocks_of, decide, due_since, sums_of
from app.contacts.models import AccountHold, PatientPromise
from app.contacts.service_law import law
from app.entities import queries as entities
from app.kernel.bulk import among
from app.kernel.db import bulk_insert, in_chunks, instant_text, table_of
from app.kernel.limits import BATCH_CLAIMS
from app.kernel.work import Work
from app.patients.service_guarantors import Visit, resolve

_owed, _standing = table_of(Owed), table_of(Standing)
_hold, _promise = table_of(AccountHold), table_of(PatientPromise)
_OWED = (
    "claim_id", "entity_id", "account_id", "patient_id", "amount", "state", "reason", "since",
    "service_from", "changed_at",
)  # fmt: skip
_DECIDED = ("account_id", "amount", "state", "reason", "since", "service_from")
_SUMS = (
    "due",
    "waiting",
    "held",
    "credit",
    "visits",
    "oldest_since",
    "latest_since",
    "blocks",
    "promise_until",
)
Decided = tuple[Known, tuple[Any, ...]]
NOTED = ("unapplied", "pending", "on_plan", "plan", "paid_on", "paid")
"""What payments and plans tell of an account."""


# ---------------------------------------------------------------- visits


def refresh_claims(w: Work, entity_id: int, claim_ids: Iterable[int]) -> set[int]:
    """Decide about the patient balances of claims and of the accounts they belong to, or belonged to.

    Returns the accounts that were looked at.
    """
    today = w.today(entities.get(w, entity_id).time_zone)
    touched: set[int] = set()
    for chunk in in_chunks(sorted(set(claim_ids)), BATCH_CLAIMS):
        touched |= _decide(w, chunk, today)
    _restand(w, entity_id, touched, today)
    return touched


def refresh(w: Work, entity_id: int, account_ids: Iterable[int]) -> None:
    """Decide about every visit of accounts anew, and add the accounts up."""
    asked = sorted(set(account_ids))
    ids: set[int] = set()
    for chunk in in_chunks(asked, BATCH_CLAIMS):
        mine = (among(w.db, _owed.c.account_id, chunk), w.within(_owed.c.entity_id))
        ids.update(w.db.execute(select(_owed.c.claim_id).where(*mine)).scalars())
    done = refresh_claims(w, entity_id, ids)
    today = w.today(entities.get(w, entity_id).time_zone)
    _restand(w, entity_id, set(asked) - done, today)


def _decide(w: Work, claim_ids: Sequence[int], today: date) -> set[int]:
    queries_facts.lock(w, claim_ids)
    found = queries_facts.known(w, claim_ids)
    if not found:
        return set()
    facts = queries_facts.facts(w, found, today)
    accounts = _accounts(w, found)
    fresh: list[Decided] = []
    changed: list[Decided] = []
    touched: set[int] = set()
    for one in found:
        state, reason = decide(facts[one.claim_id])
        was = one.before
        since = due_since(state, (was.was_state, was.was_since) if was is not None else None, today)
        account_id = accounts.get(one.claim_id)
        decided = (account_id, one.amount, state.value, reason, since, one.service_from)
        if was is not None and decided == _as_it_was(was):
            touched.update(filter(None, (account_id,)))
            continue
        (fresh if was is None else changed).append((one, decided))
        touched.update(filter(None, (account_id, was.was_account_id if was is not None else None)))
    _write(w, fresh, changed)
    return touched


def _as_it_was(was: Any) -> tuple[Any, ...]:
    row = tuple(getattr(was, f"was_{name}") for name in _DECIDED)
    return (row[0], int(row[1]), str(row[2]), *row[3:])


def _accounts(w: Work, found: Sequence[Known]) -> dict[int, int | None]:
    """Who answers for each visit; one at zero keeps whom it had, because nobody is asked."""
    by_entity: dict[int, list[Visit]] = {}
    accounts: dict[int, int | None] = {}
    for one in found:
        if one.amount:
            by_entity.setdefault(one.entity_id, []).append(
                Visit(one.claim_id, one.patient_id, one.service_from)
            )
        else:
            accounts[one.claim_id] = one.before.was_account_id if one.before is not None else None
    for entity_id, visits in by_entity.items():
        ages = law(w, entity_id, w.today(entities.get(w, entity_id).time_zone)).numbers("adult_age")
        accounts |= resolve(w, entity_id, visits, ages=ages)
    return accounts


def _write(w: Work, fresh: Sequence[Decided], changed: Sequence[Decided]) -> None:
    at = instant_text(w.now)
    rows = [
        (one.claim_id, one.entity_id, account, one.patient_id, amount, state, reason,
         since.isoformat() if since else None, day.isoformat() if day else None, at)
        for one, (account, amount, state, reason, since, day) in fresh
    ]  # fmt: skip
    if bulk_insert(w.db, _owed, _OWED, rows) != len(rows):
        changed = [*changed, *fresh]  # somebody wrote some of them in this moment: ours is the later look
    if not changed:
        return
    values: dict[str, Any] = {name: bindparam(f"new_{name}", type_=_owed.c[name].type) for name in _DECIDED}
    statement = update(_owed).where(_owed.c.claim_id == bindparam("this_id"))
    w.db.execute(
        statement.values(**values, changed_at=w.now),
        [
            {
                "this_id": one.claim_id,
                **{f"new_{name}": value for name, value in zip(_DECIDED, row, strict=True)},
            }
            for one, row in changed
        ],
    )


# ---------------------------------------------------------------- accounts


def restand(w: Work, entity_id: int, account_ids: Iterable[int]) -> None:
    """Add accounts up anew, without deciding about their visits: holds and promises that began or ended."""
    _restand(w, entity_id, account_ids, w.today(entities.get(w, entity_id).time_zone))


def _restand(w: Work, entity_id: int, account_ids: Iterable[int], today: date) -> None:
    for chunk in in_chunks(sorted(set(account_ids)), BATCH_CLAIMS):
        _stand(w, entity_id, chunk, today)


def _stand(w: Work, entity_id: int, ids: Sequence[int], today: date) -> None:
    before = _standing_rows(w, ids)
    items, holds, promises = _items(w, ids), _account_holds(w, ids, today), _promises(w, ids)
    made: dict[int, dict[str, Any]] = {}
    for account_id in ids:
        was = before.get(account_id)
        sums = sums_of(items.get(account_id, ()))
        until = promises.get(account_id)
        blocks = blocks_of(
            holds.get(account_id, ()),
            promise=until is not None,
            plan=was is not None and was.plan in RUNNING_PLANS,
            pending=was is not None and int(was.pending) > 0,
        )
        made[account_id] = {
            **{name: getattr(sums, name) for name in _SUMS[:7]},
            "blocks": int(blocks),
            "promise_until": until,
        }
    _write_standing(w, entity_id, before, made)


RUNNING_PLANS = frozenset({"active", "late", "re_established"})


def _standing_rows(w: Work, ids: Sequence[int]) -> dict[int, Any]:
    mine = (among(w.db, _standing.c.account_id, list(ids)), w.within(_standing.c.entity_id))
    query = select(_standing).where(*mine).order_by(_standing.c.account_id).with_for_update()
    return {row.account_id: row for row in w.db.execute(query)}


def _items(w: Work, ids: Sequence[int]) -> dict[int, list[Item]]:
    query = select(_owed.c.account_id, _owed.c.amount, _owed.c.state, _owed.c.since).where(
        among(w.db, _owed.c.account_id, list(ids)), w.within(_owed.c.entity_id),
        _owed.c.state != OwedState.CLEAR.value,
    )  # fmt: skip
    found: dict[int, list[Item]] = {}
    for account_id, amount, state, since in w.db.execute(query):
        found.setdefault(account_id, []).append(Item(int(amount), str(state), since))
    return found


def _account_holds(w: Work, ids: Sequence[int], today: date) -> dict[int, set[str]]:
    query = select(_hold.c.account_id, _hold.c.kind).where(
        among(w.db, _hold.c.account_id, list(ids)), _hold.c.open.is_(True), in_force_on(today),
        _hold.c.claim_id.is_(None), w.within(_hold.c.entity_id),
    )  # fmt: skip
    found: dict[int, set[str]] = {}
    for account_id, kind in w.db.execute(query):
        found.setdefault(account_id, set()).add(str(kind))
    return found


def _promises(w: Work, ids: Sequence[int]) -> dict[int, date]:
    query = select(_promise.c.account_id, _promise.c.grace_until).where(
        among(w.db, _promise.c.account_id, list(ids)), _promise.c.state == "open",
        w.within(_promise.c.entity_id),
    )  # fmt: skip
    return {row.account_id: row.grace_until for row in w.db.execute(query)}


def _write_standing(
    w: Work, entity_id: int, before: Mapping[int, Any], made: Mapping[int, Mapping[str, Any]]
) -> None:
    """Write what differs; accounts that nobody knows of yet get their row."""
    names = list(next(iter(made.values()), ()))
    fresh = {key: row for key, row in made.items() if key not in before}
    blank = {"unapplied": 0, "pending": 0, "on_plan": 0, "plan": "", "paid": 0, "paid_on": None}
    blank |= dict.fromkeys(_SUMS[:5], 0) | dict.fromkeys(("oldest_since", "latest_since", "promise_until"))
    blank["blocks"] = 0
    columns = ("account_id", "entity_id", "changed_at", *blank)
    rows = [
        (key, entity_id, instant_text(w.now), *(_plain(row.get(name, blank[name])) for name in blank))
        for key, row in sorted(fresh.items())
    ]
    if bulk_insert(w.db, _standing, columns, rows) == len(rows):
        made = {key: row for key, row in made.items() if key in before}
    changed = [
        {"this_id": key, **{f"new_{name}": row[name] for name in names}}
        for key, row in sorted(made.items())
        if key not in before or any(row[name] != getattr(before[key], name) for name in names)
    ]
    if changed:
        values: dict[str, Any] = {
            name: bindparam(f"new_{name}", type_=_standing.c[name].type) for name in names
        }
        statement = update(_standing).where(_standing.c.account_id == bindparam("this_id"))
        w.db.execute(statement.values(**values, changed_at=w.now), changed)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else int(value) if isinstance(value, int) else value


def note(w: Work, entity_id: int, account_id: int, **facts: Any) -> None:
    """What payments and plans say of an account; names of NOTED, all others are left as they are."""
    note_many(w, entity_id, {account_id: facts})


def note_many(w: Work, entity_id: int, facts: Mapping[int, Mapping[str, Any]]) -> None:
    """The same for many accounts; each may name other things. Then each is added up anew."""
    unknown = {name for row in facts.values() for name in row} - set(NOTED)
    if unknown:
        raise ValueError(f"not told by others: {sorted(unknown)}")
    today = w.today(entities.get(w, entity_id).time_zone)
    _restand(w, entity_id, facts, today)
    before = _standing_rows(w, sorted(facts))
    whole = {
        key: {name: facts[key].get(name, getattr(row, name)) for name in NOTED} for key, row in before.items()
    }
    _write_standing(w, entity_id, before, whole)
    _restand(w, entity_id, facts, today)
