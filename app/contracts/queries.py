"""Prices of claims, set-wise: what the contract of the payer that answers owes for every line."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import or_, select

from app.claims.models import Claim, ClaimLine, ClaimPayer, ClaimVersion
from app.contracts.models import ContractTerm, FeeRow, FeeSchedule
from app.contracts.rules import TermRow, Terms, fee_key, make_terms, setting_of
from app.contracts.rules_claim import Priced
from app.contracts.rules_methods import Fee, LineFacts
from app.contracts.rules_price import Price, price_lines, price_whole
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.work import Work
from app.payers.models import PayerAlias, PayerIdentifier

_claim, _version, _line = table_of(Claim), table_of(ClaimVersion), table_of(ClaimLine)
_covered, _identifier, _alias = table_of(ClaimPayer), table_of(PayerIdentifier), table_of(PayerAlias)
_row, _schedule, _term = table_of(FeeRow), table_of(FeeSchedule), table_of(ContractTerm)
QUALIFIERS = {"HC": "HC", "HP": "HC", "AD": "AD", "NU": "NU"}
"""How an 837 names code lists: HIPPS rates (HP) stand with HC; without any the revenue code prices."""


class Asked(NamedTuple):
    """A claim to be priced for one payer. lines: those the payer answered; none for all on the books."""

    claim_id: int
    payer_id: int | None
    rank: int = 1
    lines: tuple[int, ...] = ()


def has_contracts(w: Work, entity_id: int) -> bool:
    """Is there any schedule or any terms of our own? Most of a first day goes by without."""
    mine = select(_schedule.c.id).where(_schedule.c.entity_id == entity_id, w.within(_schedule.c.entity_id))
    terms = select(_term.c.id).where(_term.c.entity_id == entity_id, w.within(_term.c.entity_id))
    return w.db.execute(mine.limit(1)).first() is not None or w.db.execute(terms.limit(1)).first() is not None


def prices_of(w: Work, entity_id: int, payer_id: int | None, claim_ids: Sequence[int]) -> dict[int, Price]:
    """The price of every line on the books of these claims, by claim line, when this payer answers first."""
    if not claim_ids or not has_contracts(w, entity_id):
        return {}
    found = price(w, entity_id, [Asked(claim_id, payer_id) for claim_id in claim_ids])
    return {key: one for priced in found.values() for key, one in priced.lines.items()}


def switched_on(w: Work, entity_id: int, switch: str) -> set[str]:
    """The payer numbers with terms of ours that set a switch on any day; "" when they are for every payer."""
    mine = (_term.c.entity_id == entity_id, w.within(_term.c.entity_id), _term.c.replaced_at.is_(None))
    query = select(_term.c.payer_number, _term.c.terms).where(*mine)
    return {row.payer_number for row in w.db.execute(query) if row.terms.get(switch) is True}


def priced_for(
    w: Work, entity_id: int, asked: Sequence[Asked], numbers: Collection[str]
) -> dict[Asked, Priced]:
    """The prices of those that may be priced by one of these payer numbers ("": of all of them)."""
    if "" not in numbers and asked:
        payers = _payers(w, entity_id, asked)
        asked = [one for one in asked if not set(numbers).isdisjoint(payers[one])]
    return price(w, entity_id, asked) if asked else {}


def terms_with(w: Work, entity_id: int, asked: Asked, on: date) -> Terms:
    """The terms of a day with the payer that answers a claim; the usual ones when we have none with it."""
    numbers = _payers(w, entity_id, [asked])[asked]
    books = _Book(w, entity_id, numbers)
    return books.terms_on(next((one for one in numbers if one in books.numbers), ""), on)


def price(w: Work, entity_id: int, asked: Sequence[Asked]) -> dict[Asked, Priced]:
    """Price up to a few thousand claims in seven statements, whatever their number."""
    ids = sorted({one.claim_id for one in asked})
    lines = _lines(w, ids)
    heads = _heads(w, sorted({row.version_id for rows in lines.values() for row in rows}))
    payers = _payers(w, entity_id, asked)
    books = _Book(w, entity_id, {number for numbers in payers.values() for number in numbers})
    codes = {code_of(row.qualifier, row.code, row.revenue) for rows in lines.values() for row in rows}
    codes |= {("DRG", head.drg) for head in heads.values() if head.drg}
    wanted = {fee_key(number, *code) for number in books.numbers for code in codes}
    books.load(w, wanted)
    return {one: _priced(one, lines.get(one.claim_id, ()), heads, books, payers[one]) for one in asked}


def _priced(
    one: Asked,
    lines: Sequence["_Line"],
    heads: Mapping[int, "_Head"],
    books: "_Book",
    payers: Sequence[str],
) -> Priced:
    chosen = set(one.lines)
    rows = [row for row in lines if (row.id in chosen if chosen else row.live)]
    number = next((number for number in payers if number in books.numbers), "")
    if not number or not rows:
        return Priced(one.claim_id)
    facts = {row.id: row.facts(heads) for row in rows}
    known = _OfPayer(books, number)
    head = heads[max(row.version_id for row in rows)]
    whole = None
    if head.drg:
        charge = sum(fact.charge for fact in facts.values())
        stay = LineFacts(0, "DRG", head.drg, (), Decimal(1), charge, head.until, "inpatient")
        if known.fees(stay):
            whole = price_whole(stay, known.fees, known.terms)
    return Priced(
        one.claim_id,
        books.labels.get(number, number),
        price_lines(list(facts.values()), known.fees, known.terms),
        facts,
        {row.id: (row.number, row.control) for row in rows},
        whole,
    )


# ---------------------------------------------------------------- what was billed


class _Head(NamedTuple):
    kind: str
    facility: str
    drg: str
    since: date
    until: date


class _Line(NamedTuple):
    id: int
    version_id: int
    claim_id: int
    number: int
    control: str
    qualifier: str
    code: str
    modifiers: str
    revenue: str
    charge: int
    units: str
    day: date | None
    live: bool

    def facts(self, heads: Mapping[int, _Head]) -> LineFacts:
        head = heads[self.version_id]
        code_type, code = code_of(self.qualifier, self.code, self.revenue)
        day = self.day or head.since
        setting = setting_of(head.kind, head.facility, day)
        return LineFacts(
            self.id, code_type, code, tuple(self.modifiers.split()), units_of(self.units), self.charge, day,
            setting,
        )  # fmt: skip


def code_of(qualifier: str, code: str, revenue: str) -> tuple[str, str]:
    """What a line bills, as a schedule lists it: its procedure, or its revenue code when it has none."""
    plain = code.partition(":")[2] if code[2:3] == ":" else code
    plain = plain.partition(":")[0]
    if plain and qualifier in QUALIFIERS:
        return QUALIFIERS[qualifier], plain.rjust(4, "0") if qualifier == "NU" else plain
    return ("NU", revenue.rjust(4, "0")) if revenue else (qualifier or "HC", plain)


@lru_cache(maxsize=1_024)
def units_of(text: str) -> Decimal:
    """Billed units; what cannot be read, or is zero, counts as one, as an absent count does."""
    try:
        units = Decimal(text)
    except InvalidOperation:
        return Decimal(1)
    return units if units.is_finite() and units > 0 else Decimal(1)


def _lines(w: Work, claim_ids: Sequence[int]) -> dict[int, list[_Line]]:
    """The lines of every version of these claims, by claim."""
    named = ("id", "version_id", "claim_id", "number", "control", "qualifier", "code", "modifiers", "revenue",
             "charge", "units", "service_from", "live")  # fmt: skip
    query = (
        select(*(_line.c[name] for name in named))
        .join(_claim, _claim.c.id == _line.c.claim_id)
        .where(w.within(_claim.c.entity_id), among(w.db, _line.c.claim_id, claim_ids))
        .order_by(_line.c.claim_id, _line.c.id)
    )
    found: dict[int, list[_Line]] = {}
    for row in w.db.execute(query):
        values = list(row)
        values[9] = int(values[9])
        found.setdefault(row.claim_id, []).append(_Line(*values))
    return found


def _heads(w: Work, version_ids: Sequence[int]) -> dict[int, _Head]:
    named = (_claim.c.kind, _version.c.facility, _version.c.drg, _claim.c.service_from, _claim.c.service_to)
    query = (
        select(_version.c.id, *named)
        .join(_claim, _claim.c.id == _version.c.claim_id)
        .where(w.within(_claim.c.entity_id), among(w.db, _version.c.id, version_ids))
    )
    found = {}
    for key, kind, facility, drg, since, until in w.db.execute(query):
        since = since or until or date.min
        code = (drg or "").lstrip("0").rjust(3, "0") if drg else ""
        found[key] = _Head(kind, facility, code, since, until or since)
    return found


# ---------------------------------------------------------------- who pays, under which numbers


def _payers(w: Work, entity_id: int, asked: Sequence[Asked]) -> dict[Asked, tuple[str, ...]]:
    """The numbers each may be priced by: of the payer billed in that rank, then of the one that answers."""
    billed = select(_covered.c.claim_id, _covered.c.rank, _covered.c.payer_id).where(
        w.within(_covered.c.entity_id),
        among(w.db, _covered.c.claim_id, sorted({one.claim_id for one in asked})),
    )
    covered = {(row[0], row[1]): row[2] for row in w.db.execute(billed)}
    aliases = select(_alias.c.payer_id, _alias.c.same_as).where(
        _alias.c.entity_id == entity_id, w.within(_alias.c.entity_id)
    )
    same = {row[0]: row[1] for row in w.db.execute(aliases)}
    query = select(_identifier.c.payer_id, _identifier.c.value).where(
        _identifier.c.entity_id == entity_id, w.within(_identifier.c.entity_id), _identifier.c.kind != "name"
    )
    numbers: dict[int, list[str]] = {}
    for payer_id, value in w.db.execute(query.order_by(_identifier.c.id)):
        numbers.setdefault(same.get(payer_id, payer_id), []).append(value)
    found = {}
    for one in asked:
        ids = [covered.get((one.claim_id, one.rank)), one.payer_id]
        listed = [value for key in ids if key for value in numbers.get(same.get(key, key), ())]
        found[one] = tuple(dict.fromkeys(listed))
    return found


def payers_of(w: Work, entity_id: int, numbers: Iterable[str]) -> list[int]:
    """The payers that go by one of these numbers."""
    query = select(_identifier.c.payer_id).where(
        _identifier.c.entity_id == entity_id,
        w.within(_identifier.c.entity_id),
        _identifier.c.kind != "name",
        among(w.db, _identifier.c.value, sorted(set(numbers))),
    )
    found = set(w.db.execute(query).scalars())
    aliases = select(_alias.c.payer_id, _alias.c.same_as).where(
        _alias.c.entity_id == entity_id, w.within(_alias.c.entity_id)
    )
    pairs = [(row[0], row[1]) for row in w.db.execute(aliases)]
    found |= {one for pair in pairs if found & set(pair) for one in pair}
    return sorted(found)


class _Book:
    """The rows and terms an entity has with some payers; `numbers` are those it has any with."""

    def __init__(self, w: Work, entity_id: int, numbers: Iterable[str]) -> None:
        self.entity_id = entity_id
        wanted = sorted(set(numbers))
        mine = (_schedule.c.entity_id == entity_id, w.within(_schedule.c.entity_id))
        columns = ("id", "payer_number", "payer_label", "number", "name")
        query = select(*(_schedule.c[name] for name in columns)).where(*mine)
        self.schedules, self.labels = {}, {}
        for row in w.db.execute(
            query.where(among(w.db, _schedule.c.payer_number, wanted)).order_by(_schedule.c.id)
        ):
            self.schedules[row.id] = f"version {row.number} ({row.name}"
            self.labels[row.payer_number] = row.payer_label
        self.terms: list[TermRow] = [
            TermRow(row.id, row.payer_number, row.effective_from, row.effective_to, row.terms)
            for row in w.db.execute(
                select(_term).where(
                    _term.c.entity_id == entity_id,
                    w.within(_term.c.entity_id),
                    _term.c.replaced_at.is_(None),
                    or_(_term.c.payer_number == "", among(w.db, _term.c.payer_number, wanted)),
                )
            )
        ]
        self.numbers = set(self.labels) | {row.payer_number for row in self.terms if row.payer_number}
        self.fees: dict[str, list[Fee]] = {}
        self._made: dict[tuple[str, date], Terms] = {}

    def load(self, w: Work, keys: Iterable[str]) -> None:
        """The standing rows of these codes, of every day, modifier and setting."""
        named = (
            "id", "payer_number", "code_type", "code", "modifier", "setting", "allowed", "effective_from",
            "effective_to", "max_units", "multiple", "bilateral", "assistant", "co_surgeon",
            "schedule_id", "line", "fee_key",
        )  # fmt: skip
        query = select(*(_row.c[name] for name in named)).where(
            _row.c.entity_id == self.entity_id,
            w.within(_row.c.entity_id),
            _row.c.replaced_at.is_(None),
            among(w.db, _row.c.fee_key, sorted(set(keys))),
        )
        for row in w.db.execute(query.order_by(_row.c.id)):
            said = f"{self.schedules.get(row.schedule_id, '(')}, row {row.line})"
            values = row._asdict() | {"cents": int(row.allowed), "schedule": said}
            values |= {"start": row.effective_from, "end": row.effective_to}
            fee = Fee(**{name: values[name] for name in Fee._fields})
            self.fees.setdefault(row.fee_key, []).append(fee)

    def terms_on(self, number: str, on: date) -> Terms:
        """The terms with a payer number on a day."""
        key = (number, on)
        if key not in self._made:
            rows = [row for row in self.terms if row.payer_number in ("", number)]
            self._made[key] = make_terms(on, rows)
        return self._made[key]


class _OfPayer(NamedTuple):
    """What is known of one payer number, in the form pricing asks."""

    books: _Book
    number: str

    def fees(self, line: LineFacts) -> Sequence[Fee]:
        return self.books.fees.get(fee_key(self.number, line.code_type, line.code), ())

    def terms(self, on: date) -> Terms:
        return self.books.terms_on(self.number, on)


__all__ = ["Asked", "Price", "Priced", "has_contracts", "payers_of", "price", "priced_for", "prices_of",
           "switched_on", "terms_with"]  # fmt: skip
