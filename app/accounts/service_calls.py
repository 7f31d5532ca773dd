"""The next account to call: ranked once, picked by index, asked of the guards, held for one person (M1)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from app.accounts import queries_calls
from app.accounts.lifecycle import Blocks
from app.accounts.models import CallPlace, Standing
from app.accounts.rules_calls import SKIPS, rank
from app.contacts import queries_holds, service_guards
from app.contacts.lifecycle import Act
from app.contacts.rules_hours import Hours, inside
from app.contacts.service_law import law
from app.entities import queries as entities
from app.entities.rules import Practice
from app.kernel.bulk import among
from app.kernel.db import bulk_insert, in_chunks, table_of
from app.kernel.errors import NotAllowed, Refused
from app.kernel.paging import Ask
from app.kernel.work import Work
from app.patients import queries_guarantors, queries_reach
from app.patients.models import Guarantor

_place, _standing, _guarantor = table_of(CallPlace), table_of(Standing), table_of(Guarantor)
CHUNK = 2_000
AT_ONCE, ROUNDS = 24, 6
"""How many candidates the guards are asked about at a time, and how often before one gives up."""
_MOVED = ("_score", "_reasons", "_due", "_zones")
_COLUMNS = ("account_id", "entity_id", "score", "reasons", "due", "zones", "skipped", "ranked_on")
ZONES_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Next:
    """The account handed out: its public id and key, why it is called, and until when it is held for me.

    public_id is empty when nobody may be called now; then `later` says when the first one may, if known.
    """

    public_id: str = ""
    account_id: int = 0
    reasons: tuple[str, ...] = ()
    until: datetime | None = None
    later: datetime | None = None


def rank_all(w: Work, entity_id: int) -> int:
    """Make the call list of a day: every account that may be called has its place; returns how many.

    A fixed number of statements for each 2,000 accounts. What waits, is held or was skipped stays as it is.
    """
    practice = entities.get(w, entity_id)
    today, after, count = w.today(practice.time_zone), 0, 0
    while rows := queries_calls.standings(w, entity_id, today, after=after, limit=CHUNK):
        _write(w, practice, rows, today)
        after, count = rows[-1].account_id, count + len(rows)
    gone = (w.within(_place.c.entity_id), _place.c.entity_id == entity_id, _place.c.ranked_on != today)
    w.db.execute(delete(_place).where(*gone))
    return count


def rank_some(w: Work, entity_id: int, account_ids: Collection[int]) -> None:
    """Rank a few accounts anew, after something happened to them; who may not be called any more leaves."""
    practice = entities.get(w, entity_id)
    today = w.today(practice.time_zone)
    for chunk in in_chunks(sorted(set(account_ids)), CHUNK):
        rows = queries_calls.standings(w, entity_id, today, only=chunk)
        kept = _write(w, practice, rows, today)
        gone = [one for one in chunk if one not in kept]
        if gone:
            those = among(w.db, _place.c.account_id, gone)
            w.db.execute(delete(_place).where(w.within(_place.c.entity_id), those))


def _write(w: Work, practice: Practice, rows: Sequence[Any], today: date) -> set[int]:
    """Write the places of these standings; returns whose. A callback for a later day takes one off."""
    held = _held_back(w, practice, rows, today)
    rows = [row for row in rows if row.account_id not in held]
    ids = [row.account_id for row in rows]
    if not ids:
        return set()
    known = select(_place.c.account_id, _place.c.skipped).where(among(w.db, _place.c.account_id, ids))
    skipped = {row.account_id: row.skipped for row in w.db.execute(known.where(w.within(_place.c.entity_id)))}
    facts = queries_calls.facts(w, rows, skipped, practice.time_zone)
    zones = queries_reach.zones(w, ids)
    new, old = [], []
    for row in rows:
        fact = facts[row.account_id]
        if fact.callback_on is not None and fact.callback_on > today:
            continue
        ranked = rank(fact, today)
        where = ",".join(zones.get(row.account_id, ()))[:ZONES_CHARACTERS]
        values = (ranked.score, " ".join(ranked.reasons), fact.due, where)
        if row.account_id in skipped:
            old.append({"_id": row.account_id, **dict(zip(_MOVED, values, strict=True))})
        else:
            new.append((row.account_id, practice.id, *values, 0, today.isoformat()))
    bulk_insert(w.db, _place, _COLUMNS, new)
    if old:
        moved = update(_place).where(_place.c.account_id == bindparam("_id"))
        moved = moved.values(ranked_on=today, **{name[1:]: bindparam(name) for name in _MOVED})
        w.db.execute(moved, old)
    return {one[0] for one in new} | {one["_id"] for one in old}


def _held_back(w: Work, practice: Practice, rows: Sequence[Any], today: date) -> set[int]:
    """Accounts with a hold that stops calls and has no bit of its own, as the entity's rules say today."""
    asked = [row.account_id for row in rows if row.blocks & Blocks.OTHER_HOLD]
    if not asked:
        return set()
    rules = law(w, practice.id, today)
    return {
        key for key, holds in queries_holds.open_holds(w, asked, today).items()
        if any(one.claim_id is None and Act.CALL in queries_holds.stops(one.kind, rules) for one in holds)
    }  # fmt: skip


# ---------------------------------------------------------------- handing out


def take_next(w: Work, ask: Ask, *, leaving: str = "", skip: str = "") -> Next:
    """Hand out the top account that may be called now and that nobody else has on the screen.

    ask: the filters of the list (entity, zone, reason, least); there is no other choice. leaving: the account
    on my screen; skip: why it is passed over, a key of `SKIPS`. Refused while what was handed to me is
    neither wrapped up nor skipped. The guards are asked set-wise; what they refuse waits until they allow it
    again.
    """
    w.may("accounts.work")
    passed = _skip(w, leaving, skip) if skip else 0
    if (held := _held(w)) is not None:
        if leaving == held.public_id:
            words = "Wrap it up (c), or skip it with a reason, before the next one comes."
            raise NotAllowed(words, code="not_wrapped")
        return held
    for _ in range(ROUNDS):
        rows = _candidates(w, ask, passed)
        if not rows:
            break
        refused = service_guards.ask(w, Act.CALL, [row.account_id for row in rows], at=w.now)
        _postpone(w, {key: nos for key, nos in refused.items() if nos})
        for row in rows:
            if not refused.get(row.account_id) and (until := _hold(w, row)) is not None:
                seen = queries_guarantors.seen_of(w, [row.public_id])
                w.audit("calls.next", "U", "account", row.public_id, entity_id=row.entity_id, patients=seen)
                return Next(row.public_id, row.account_id, tuple(row.reasons.split()), until)
    return Next(later=_later(w, ask))


def _held(w: Work) -> Next | None:
    """What I was handed and still have on the screen."""
    query = (
        select(_place.c.account_id, _place.c.reasons, _place.c.held_until, _guarantor.c.public_id)
        .join(_guarantor, _guarantor.c.id == _place.c.account_id)
        .where(w.within(_place.c.entity_id), _place.c.held_by == w.actor.person_id)
        .where(_place.c.held_until > w.now)
    )
    row = w.db.execute(query.limit(1)).one_or_none()
    if row is None:
        return None
    return Next(row.public_id, row.account_id, tuple(row.reasons.split()), row.held_until)


def _candidates(w: Work, ask: Ask, passed: int) -> Sequence[Any]:
    """The best places whose hours are open in every zone of theirs, still callable by their standing."""
    found: list[Any] = []
    for practice in entities.practices(w):
        today = w.today(practice.time_zone)
        rules = law(w, practice.id, today)
        window = Hours(rules.time("contact_from"), rules.time("contact_until"))
        nowhere = rules.listed("zones_unknown")
        open_sets = [one for one in queries_calls.zone_sets(w, practice.id)
                     if inside(w.now, queries_calls.split_zones(one) or nowhere, window)]  # fmt: skip
        if not open_sets:
            continue
        query = (
            select(
                _place.c.account_id,
                _place.c.entity_id,
                _place.c.score,
                _place.c.reasons,
                _guarantor.c.public_id,
            )
            .join(_standing, _standing.c.account_id == _place.c.account_id)
            .join(_guarantor, _guarantor.c.id == _place.c.account_id)
            .where(*queries_calls.conditions(w, ask), _place.c.entity_id == practice.id)
            .where(_place.c.zones.in_(open_sets), queries_calls.free(w), queries_calls.ready(w))
            .where(*queries_calls.callable_standing(int(rules.cents("call_least"))))
            .where(_place.c.account_id != passed)
            .order_by(_place.c.score.desc(), _place.c.account_id.desc())
            .limit(AT_ONCE)
        )
        found += w.db.execute(query).all()
    return sorted(found, key=lambda row: (-row.score, -row.account_id))[:AT_ONCE]


def _hold(w: Work, row: Any) -> datetime | None:
    """Hold a place for me if it is still free; whoever comes at the same moment gets another one."""
    minutes = law(w, row.entity_id, w.now.date()).number("call_hold_minutes")
    until = w.now + timedelta(minutes=minutes)
    mine = (w.within(_place.c.entity_id), _place.c.account_id == row.account_id, queries_calls.free(w))
    free = select(_place.c.account_id).where(*mine).with_for_update(skip_locked=True)
    if w.db.execute(free).one_or_none() is None:
        return None
    taken = update(_place).where(*mine).values(held_by=w.actor.person_id, held_until=until)
    return until if w.db.execute(taken).rowcount else None


def _postpone(w: Work, refused: Mapping[int, Sequence[Any]]) -> None:
    """Keep what the guards said, so that they are not asked again before it can be otherwise."""
    rows = []
    for key, nos in refused.items():
        ends = [one.until for one in nos]
        known = [one for one in ends if one is not None]
        # What only a person lifts is looked at again after half a day: who lifts it ranks the account anew.
        until = max(known) if known and None not in ends else w.now + timedelta(hours=12)
        rows.append({"_id": key, "_until": until})
    if rows:
        wait = update(_place).where(_place.c.account_id == bindparam("_id"))
        w.db.execute(wait.values(not_before=bindparam("_until")), rows)


def _later(w: Work, ask: Ask) -> datetime | None:
    query = select(_place.c.not_before).where(*queries_calls.conditions(w, ask), _place.c.not_before > w.now)
    return w.db.execute(query.order_by(_place.c.not_before).limit(1)).scalar()


def _skip(w: Work, public_id: str, why: str) -> int:
    """Pass over the account on my screen; its key, which does not come back for a while."""
    if why not in SKIPS:
        raise Refused("Say why it is passed over.", code="skip_reason", field="skip")
    account = queries_guarantors.by_public(w, public_id)
    hours = law(w, account.entity_id, w.today(account.time_zone)).number("call_skip_hours")
    mine = (_place.c.account_id == account.id, _place.c.held_by == w.actor.person_id)
    wait = update(_place).where(w.within(_place.c.entity_id), *mine).values(
        held_by=None, held_until=None, skipped=_place.c.skipped + 1, not_before=w.now + timedelta(hours=hours)
    )  # fmt: skip
    if w.db.execute(wait).rowcount:
        w.audit("calls.skip", "U", "account", public_id, entity_id=account.entity_id, detail={"why": why})
    return account.id


def skip(w: Work, public_id: str, why: str) -> None:
    """Pass an account over with a reason, without taking another."""
    w.may("accounts.work")
    _skip(w, public_id, why)


def called(w: Work, account_id: int) -> None:
    """An account was wrapped up: it leaves my screen, and its place is ranked anew."""
    mine = (w.within(_place.c.entity_id), _place.c.account_id == account_id)
    let_go = update(_place).where(*mine).values(held_by=None, held_until=None).returning(_place.c.entity_id)
    entity_id = w.db.execute(let_go).scalar()
    if entity_id is not None:
        rank_some(w, entity_id, [account_id])
