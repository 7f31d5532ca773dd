"""The verbs of payers: recognise who pays, learn that two names are one payer, change terms."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import and_, insert, or_, select, update

from app.kernel.db import bulk_insert, in_chunks, instant_text, table_of
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.ids import public_ids
from app.kernel.work import Work
from app.payers import rules
from app.payers.models import Payer, PayerAlias, PayerIdentifier, PayerTerm
from app.payers.rules import PayerClass

_payer, _identifier = table_of(Payer), table_of(PayerIdentifier)
_alias, _term = table_of(PayerAlias), table_of(PayerTerm)
CHUNK = 5_000

Number = tuple[str, str]
"""A kind as kept (rules.KIND_OF) and its normalised value."""


@dataclass(frozen=True, slots=True)
class SeenPayer:
    """A payer as one file names it: numbers in the order they stand, each (trn03|2U|n104|nm109|NF, value)."""

    name: str
    ids: Sequence[tuple[str, str]] = ()
    filing: str = ""


@dataclass
class _Known:
    """What an entity knows of its payers while one batch is read."""

    owner: dict[Number, int]
    canonical: dict[int, int]
    numbers: dict[int, dict[str, set[str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, payer in list(self.owner.items()):
            self.learn(number, payer)

    def reads_as(self, payer: int) -> int:
        return self.canonical.get(payer, payer)

    def learn(self, number: Number, payer: int) -> None:
        self.owner[number] = payer
        self.numbers.setdefault(self.reads_as(payer), {}).setdefault(number[0], set()).add(number[1])

    def contradicts(self, payer: int, numbers: Iterable[Number]) -> bool:
        """Does it go by other numbers of the same kind? Then a like name is a namesake (two Blue plans)."""
        mine = self.numbers.get(payer, {})
        return any(
            kind in ("trn03", "plan") and kind in mine and value not in mine[kind] for kind, value in numbers
        )


def recognise(w: Work, entity_id: int, seen: Sequence[SeenPayer]) -> list[int]:
    """The payer of each, in order; those never met are created. A fixed number of statements for any batch.

    Numbers decide in the order TRN03, REF*2U and N104 and NM109, NAIC; a like name only when no number
    contradicts.
    """
    numbers = [_numbers(one) for one in seen]
    known = _load(w, entity_id, {number for group in numbers for number in group})
    found: list[int | None] = [_find(known, group) for group in numbers]
    fresh: dict[int, list[int]] = {}
    learned: list[tuple[int, Number, str]] = []
    first = w.numbers("payer", len(seen)) if None in found else 0
    for at, group in enumerate(numbers):
        payer = _find(known, group)
        if payer is None:
            payer = first + len(fresh)
            fresh[payer] = []
        if payer in fresh:
            fresh[payer].append(at)
        found[at] = payer
        for number in group:
            if number not in known.owner:
                known.learn(number, payer)
                learned.append((payer, number, _seen_as(seen[at], number)))
    _write(w, entity_id, {payer: [seen[at] for at in places] for payer, places in fresh.items()})
    rows = [(entity_id, payer, kind, value, seen_as) for payer, (kind, value), seen_as in learned]
    written = bulk_insert(w.db, _identifier, ("entity_id", "payer_id", "kind", "value", "seen_as"), rows)
    if written != len(rows):
        raise Stale("Another import met the same payer in the same moment.")
    _class_unknown(w, seen, [payer for payer in found if payer is not None and payer not in fresh], found)
    return [payer for payer in found if payer is not None]


def _numbers(one: SeenPayer) -> list[Number]:
    """What identifies it, strongest first, the name last; empty values and repeats left out."""
    raw = [(rules.KIND_OF[kind], rules.normal_value(kind, value)) for kind, value in one.ids]
    kept = {number: None for number in raw if number[1].strip("0")}
    ordered = sorted(kept, key=lambda number: rules.STRENGTH[number[0]])
    name = rules.normal_value("name", one.name)
    return [*ordered, ("name", name)] if name else (ordered or [("name", "UNNAMED PAYER")])


def _seen_as(one: SeenPayer, number: Number) -> str:
    for kind, value in one.ids:
        if (rules.KIND_OF[kind], rules.normal_value(kind, value)) == number:
            return kind
    return "name"


def _find(known: _Known, numbers: Sequence[Number]) -> int | None:
    for number in numbers:
        payer = known.owner.get(number)
        if payer is None:
            continue
        payer = known.reads_as(payer)
        if number[0] != "name" or not known.contradicts(payer, numbers):
            return payer
    return None


def _load(w: Work, entity_id: int, numbers: set[Number]) -> _Known:
    mine = and_(_identifier.c.entity_id == entity_id, w.within(_identifier.c.entity_id))
    owners: set[int] = set()
    for chunk in in_chunks(sorted({value for _, value in numbers}), CHUNK):
        query = select(_identifier.c.kind, _identifier.c.value, _identifier.c.payer_id).where(
            mine, _identifier.c.value.in_(chunk)
        )
        owners |= {payer for kind, value, payer in w.db.execute(query) if (kind, value) in numbers}
    aliases = select(_alias.c.payer_id, _alias.c.same_as).where(
        _alias.c.entity_id == entity_id, w.within(_alias.c.entity_id)
    )
    canonical = {row.payer_id: row.same_as for row in w.db.execute(aliases)}
    family = owners | {canonical[one] for one in owners if one in canonical}
    family |= {one for one, same in canonical.items() if same in family}
    owner: dict[Number, int] = {}
    for payers in in_chunks(sorted(family), CHUNK):
        query = select(_identifier.c.kind, _identifier.c.value, _identifier.c.payer_id).where(
            mine, _identifier.c.payer_id.in_(payers)
        )
        owner |= {(kind, value): payer for kind, value, payer in w.db.execute(query)}
    return _Known(owner, canonical)


def _write(w: Work, entity_id: int, fresh: Mapping[int, Sequence[SeenPayer]]) -> None:
    names = public_ids(len(fresh))
    rows = []
    for at, (payer, seen) in enumerate(fresh.items()):
        name = min((one.name.strip() for one in seen if one.name.strip()), default="Unnamed payer")[:80]
        kind = rules.class_from(one.filing for one in seen)
        rows.append((payer, names[at], entity_id, name, kind.value, instant_text(w.now), 1))
    bulk_insert(
        w.db, _payer, ("id", "public_id", "entity_id", "name", "class", "created_at", "version"), rows
    )


def _class_unknown(
    w: Work, seen: Sequence[SeenPayer], old: Sequence[int], found: Sequence[int | None]
) -> None:
    """A payer first met without a filing indicator takes the kind of the first that tells."""
    filings: dict[int, list[str]] = {payer: [] for payer in old}
    for one, payer in zip(seen, found, strict=True):
        if payer in filings and rules.class_of(one.filing) is not PayerClass.UNKNOWN:
            filings[payer].append(one.filing)
    told: dict[str, list[int]] = {}
    for payer, marks in filings.items():
        if marks:
            told.setdefault(rules.class_from(marks).value, []).append(payer)
    for kind, payers in sorted(told.items()):
        unknown = and_(_payer.c.id.in_(payers), _payer.c["class"] == PayerClass.UNKNOWN.value)
        w.db.execute(update(_payer).where(unknown).values({"class": kind, "version": _payer.c.version + 1}))


def learn(
    w: Work,
    entity_id: int,
    pairs: Iterable[tuple[int, int]],
    *,
    reason: str = "claim_match",
    careful: bool = False,
) -> int:
    """Link payers that a claim match proves to be one; returns how many links are new.

    pairs: (payer of the 837, payer of the 835) of claims adjudicated by the payer they were sent to, never
    of a crossover. The older record stays the one others read as. Two payers with TRN03 of their own are two
    companies and are never linked; careful: neither are two that go by different payer ids, as one company
    pays for several plans.
    """
    wanted = sorted({(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]})
    if not wanted:
        return 0
    aliases = select(_alias.c.payer_id, _alias.c.same_as).where(
        _alias.c.entity_id == entity_id, w.within(_alias.c.entity_id)
    )
    canonical = {row.payer_id: row.same_as for row in w.db.execute(aliases)}
    traces = _numbers_by_payer(w, entity_id, canonical, "trn03")
    plans = _numbers_by_payer(w, entity_id, canonical, "plan") if careful else {}
    links: dict[int, int] = {}
    for pair in wanted:
        left, right = sorted(canonical.get(one, one) for one in pair)
        if left == right or (traces.get(left) and traces.get(right)):
            continue
        mine, theirs = plans.get(left, set()), plans.get(right, set())
        if mine and theirs and not mine & theirs:
            continue
        plans[left] = mine | theirs
        links[right] = left
        canonical = {one: left if same == right else same for one, same in canonical.items()} | {right: left}
        if right in traces:
            traces[left] = traces.pop(right)
    return _link(w, entity_id, links, canonical, reason)


def _numbers_by_payer(
    w: Work, entity_id: int, canonical: Mapping[int, int], kind: str
) -> dict[int, set[str]]:
    query = select(_identifier.c.payer_id, _identifier.c.value).where(
        _identifier.c.entity_id == entity_id, _identifier.c.kind == kind, w.within(_identifier.c.entity_id)
    )
    found: dict[int, set[str]] = {}
    for payer, value in w.db.execute(query):
        found.setdefault(canonical.get(payer, payer), set()).add(value)
    return found


def _link(
    w: Work, entity_id: int, links: Mapping[int, int], canonical: Mapping[int, int], reason: str
) -> int:
    if not links:
        return 0
    for payer in sorted(links):
        older = and_(_alias.c.entity_id == entity_id, _alias.c.same_as == payer)
        w.db.execute(update(_alias).where(older).values(same_as=canonical[payer]))
        values = {"entity_id": entity_id, "payer_id": payer, "same_as": canonical[payer]}
        w.db.execute(insert(_alias).values(**values, reason=reason, recorded_at=w.now))
        w.audit("payers.learn", "U", "payer", payer, entity_id=entity_id, detail={**values, "reason": reason})
    return len(links)


def change_class(
    w: Work, payer_id: int, entity_id: int, kind: str, *, reason: str, version: int | None
) -> None:
    """A person says what kind of payer it is; remits no longer do. `Stale` when it changed meanwhile."""
    w.may("payers.write")
    if kind not in {one.value for one in PayerClass} - {PayerClass.UNKNOWN.value}:
        raise Refused("There is no such class of payers.", code="unknown_class", field="class")
    mine = and_(_payer.c.id == payer_id, w.within(_payer.c.entity_id))
    row = w.db.execute(select(_payer.c["class"], _payer.c.version).where(mine).with_for_update()).one()
    if version is not None and version != row.version:
        raise Stale()
    if row[0] == kind:
        raise Refused("It is of this class already.", code="same_class", field="class")
    w.db.execute(update(_payer).where(mine).values({"class": kind, "version": _payer.c.version + 1}))
    detail = {"was": row[0], "now": kind, "reason": reason[:80]}
    w.audit("payers.change_class", "U", "payer", payer_id, entity_id=entity_id, detail=detail)


def terms(w: Work, payer_id: int | None, on: date, *, entity_id: int, filing: str = "") -> rules.Terms:
    """The terms of one payer on a day; see `terms_of`."""
    return terms_of(w, entity_id, [(payer_id, filing)], on)[payer_id, filing]


def terms_of(
    w: Work, entity_id: int, wanted: Iterable[tuple[int | None, str]], on: date
) -> dict[tuple[int | None, str], rules.Terms]:
    """The terms of several (payer, filing indicator of the claim) on a day, in three statements.

    The filing indicator of the claim chooses the class, because one payer sells plans of several kinds;
    without a telling one the payer's own class holds. A clinic's row for the class, then for the payer,
    overrides.
    """
    asked = list(dict.fromkeys(wanted))
    ids = sorted({payer for payer, _ in asked if payer is not None})
    query = select(_payer.c.id, _payer.c["class"]).where(_payer.c.id.in_(ids), w.within(_payer.c.entity_id))
    classes = {int(row[0]): str(row[1]) for row in w.db.execute(query)}
    also = select(_alias.c.payer_id, _alias.c.same_as).where(
        _alias.c.payer_id.in_(ids), w.within(_alias.c.entity_id)
    )
    reads_as = {int(row[0]): int(row[1]) for row in w.db.execute(also)}
    in_force = (
        _term.c.entity_id == entity_id,
        w.within(_term.c.entity_id),
        _term.c.replaced_at.is_(None),
        _term.c.effective_from <= on,
        or_(_term.c.effective_to.is_(None), _term.c.effective_to > on),
    )
    order = (_term.c.payer_id.is_not(None), _term.c.effective_from, _term.c.id)
    own = w.db.execute(select(_term).where(*in_force).order_by(*order)).mappings().all()
    made = {}
    for payer, filing in asked:
        told = rules.class_of(filing)
        kind = (
            told.value
            if told is not PayerClass.UNKNOWN
            else classes.get(payer or 0, PayerClass.UNKNOWN.value)
        )
        rows = [
            (f"payer_term {row['id']}", row["terms"])
            for row in own
            if (
                row["payer_id"] in (payer, reads_as.get(payer or 0))
                if row["payer_id"] is not None
                else row["class"] in (None, kind)
            )
        ]
        made[payer, filing] = rules.make_terms(kind, on, *rows)
    return made


def change_terms(
    w: Work,
    entity_id: int,
    *,
    payer_id: int | None = None,
    payer_class: str | None = None,
    terms: Mapping[str, Any],
    effective_from: date,
    effective_to: date | None = None,
    reason: str = "",
) -> int:
    """Terms of our own from a day on, for one payer, a class, or every payer; returns the row's id.

    terms: only what differs, by the names of `Terms`; `level` replaces all appeal levels.
    """
    w.may("payers.write")
    if entity_id not in w.scope:
        raise NotFound("There is no such entity.", field="entity_id")
    unknown = sorted(set(terms) - rules.NAMES - {"level"})
    if unknown or not terms:
        raise Refused(
            f"Not a term: {', '.join(unknown) or 'nothing given'}.", code="unknown_term", field="terms"
        )
    if effective_to is not None and effective_to <= effective_from:
        raise Refused("The last day must come after the first.", code="empty_range", field="effective_to")
    try:
        rules.make_terms(payer_class or PayerClass.UNKNOWN.value, effective_from, ("asked", terms))
    except (TypeError, ArithmeticError, KeyError) as problem:
        raise Refused("These terms cannot be read.", code="bad_terms", field="terms") from problem
    about = and_(
        _term.c.entity_id == entity_id,
        _term.c.payer_id.is_(None) if payer_id is None else _term.c.payer_id == payer_id,
        _term.c["class"].is_(None) if payer_class is None else _term.c["class"] == payer_class,
        _term.c.effective_from == effective_from,
        _term.c.replaced_at.is_(None),
    )
    w.db.execute(update(_term).where(about).values(replaced_at=w.now))
    values: dict[str, Any] = {
        "entity_id": entity_id,
        "payer_id": payer_id,
        "class": payer_class,
        "terms": dict(terms),
    }
    values |= {
        "effective_from": effective_from,
        "effective_to": effective_to,
        "author": w.actor.name[:80],
        "reason": reason[:200],
        "recorded_at": w.now,
    }
    row_id = int(w.db.execute(insert(_term).values(values).returning(_term.c.id)).scalar_one())
    w.audit(
        "payers.change_terms", "U", "payer_term", row_id, entity_id=entity_id, detail={"terms": dict(terms)}
    )
    return row_id
