"""What a contract owes for the lines of one claim, step by step and in words. Pure.

The order is that of contracts-underpayments section 3: component, provider type, bilateral, surgeon role,
rank among multiple procedures, situational modifiers, lesser-of, one rounding (RCON-01).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from app.contracts.rules import Terms, modifiers_on
from app.contracts.rules_methods import (
    METHODS,
    Fee,
    LineFacts,
    Priced,
    component_of,
    components,
    find_fee,
    percent,
    place,
    shown,
)
from app.kernel.money import Money

PRICED, NOT_PRICED, AMBIGUOUS = "priced", "not_priced", "ambiguous"
RANKED = {"2": "multiple procedures", "4": "imaging of one session"}
UNRANKED = {
    "3": "endoscopies of one family",
    "5": "therapies of one day",
    "6": "cardiovascular tests of one session",
    "7": "eye tests of one session",
}
"""Indicators whose reduction needs more than a schedule has: alone in their session such lines are priced."""
IMAGING = {"26": Decimal("0.95"), "TC": Decimal("0.50")}
BILATERAL = {"0": Decimal(1), "1": Decimal("1.5"), "2": Decimal(1), "3": Decimal(2)}
SIDES = ("RT", "LT")

Lookup = Callable[[LineFacts], Sequence[Fee]]
TermsOn = Callable[[date], Terms]


@dataclass(frozen=True, slots=True)
class Price:
    """What is owed for a line. `expected` None: not priced, and `reason` says why; that is not zero.

    `steps` tell the calculation. `others` are amounts other rules would have given, by cause, for telling
    why a payer paid less; `fee` is the row that priced it, `terms` the terms in force.
    """

    line_id: int
    status: str
    expected: Money | None
    steps: tuple[str, ...]
    terms: Terms
    reason: str = ""
    fee: Fee | None = None
    others: Mapping[str, Money] = field(default_factory=dict)

    @property
    def explanation(self) -> str:
        """The steps as one text."""
        return "; ".join(self.steps)


class _Draft(NamedTuple):
    """A line on its way: unrounded cents, steps so far, and what is still to be done."""

    line: LineFacts
    terms: Terms
    base: Priced
    amount: Decimal
    steps: tuple[str, ...]
    reason: str = ""

    def times(self, factor: Decimal, why: str) -> "_Draft":
        amount = self.amount * factor
        if factor == 1:
            return self._replace(steps=(*self.steps, f"{why}: 100%"))
        said = f"{why}: x {percent(factor)} = {shown(amount)}"
        return self._replace(amount=amount, steps=(*self.steps, said))

    def stop(self, reason: str, why: str) -> "_Draft":
        return self._replace(reason=reason, steps=(*self.steps, why))


def price_lines(lines: Sequence[LineFacts], lookup: Lookup, terms_on: TermsOn) -> dict[int, Price]:
    """The price of every line of one claim, by line; lines of the same day know of each other."""
    drafts = [_single(line, lookup(line), terms_on(line.day)) for line in lines]
    drafts = _ranked(drafts, lookup)
    drafts = [_situational(one) for one in drafts]
    done = _lesser_of(drafts)
    others = {one.line.id: _others(one, lookup(one.line)) for one in drafts if not one.reason}
    return {
        key: replace(price, others=others.get(key, {})) if price.expected is not None else price
        for key, price in done.items()
    }


def price_whole(line: LineFacts, lookup: Lookup, terms_on: TermsOn) -> Price:
    """The price of a stay as a whole: one row of its DRG."""
    return price_lines([line], lookup, terms_on)[line.id]


# ---------------------------------------------------------------- one line by itself


def _single(line: LineFacts, fees: Sequence[Fee], terms: Terms) -> _Draft:
    base = METHODS[terms.method](line, fees, terms)
    draft = _Draft(line, terms, base, base.amount or Decimal(0), base.steps, base.reason)
    if base.amount is None or base.fee is None:
        return draft
    if line.npp and terms.npp != 1:
        draft = draft.times(terms.npp, "Rendered by a non-physician practitioner")
    draft = _bilateral(draft, base.fee)
    return _role(draft, base.fee)


def _bilateral(draft: _Draft, fee: Fee) -> _Draft:
    modifiers = draft.line.modifiers
    both = "50" in modifiers or all(side in modifiers for side in SIDES)
    if not both or draft.base.consumed == "50":
        return draft
    if draft.base.units == 2:
        # One pair billed as two units: the factor below speaks of both sides.
        draft = draft._replace(amount=draft.amount / 2, steps=(*draft.steps, "Two units are the two sides"))
    if fee.bilateral in BILATERAL:
        return draft.times(BILATERAL[fee.bilateral], f"Both sides, indicator {fee.bilateral}")
    return draft.times(BILATERAL["1"], "Both sides, no indicator in the schedule")


def _role(draft: _Draft, fee: Fee) -> _Draft:
    known = modifiers_on(draft.line.day)
    for name in draft.line.modifiers:
        modifier = known.get(name)
        if modifier is None or modifier.kind != "role" or name == draft.base.consumed:
            continue
        factor: Decimal = getattr(draft.terms, modifier.factor)
        if modifier.factor.startswith("assistant") and fee.assistant == "1":
            return draft.times(Decimal(0), f"{name}: no assistant is payable, indicator 1")
        draft = draft.times(factor, f"{name}, {modifier.words}")
    return draft


# ---------------------------------------------------------------- lines of one session


def _ranked(drafts: list[_Draft], lookup: Lookup) -> list[_Draft]:
    """Multiple procedures and imaging: the dearest in full, the others by their rank."""
    places: dict[tuple[date, str], list[int]] = defaultdict(list)
    for at, one in enumerate(drafts):
        if one.base.fee is not None and not one.reason:
            kind = one.base.fee.multiple
            kind = "2" if "51" in one.line.modifiers and kind not in UNRANKED else kind
            if kind in RANKED or kind in UNRANKED:
                places[one.line.day, kind].append(at)
    done = list(drafts)
    for (day, kind), members in sorted(places.items()):
        if kind in UNRANKED:
            if len(members) > 1 or (drafts[members[0]].base.units > 1 and kind == "5"):
                for at in members:
                    done[at] = done[at].stop("by_report", f"{UNRANKED[kind].capitalize()}: priced by report")
            continue
        # By fee, not by the order of the claim; equal fees keep the order of the claim.
        order = sorted(members, key=lambda at: (-drafts[at].amount, at))
        first = 2 if _unmarked_primary(drafts, members, day) else 1
        for rank, at in enumerate(order, first):
            done[at] = _by_rank(done[at], kind, rank, lookup)
    return done


def _unmarked_primary(drafts: Sequence[_Draft], members: Sequence[int], day: date) -> bool:
    """Modifier 51 on every line ranked, no indicators at all: the line without it is the first."""
    marked = all("51" in drafts[at].line.modifiers for at in members)
    fees = [drafts[at].base.fee for at in members]
    silent = all(fee is None or fee.multiple == "" for fee in fees)
    others = [at for at, one in enumerate(drafts) if at not in members and one.line.day == day]
    return marked and silent and bool(others)


def _by_rank(draft: _Draft, kind: str, rank: int, lookup: Lookup) -> _Draft:
    if kind == "4":
        return _imaging(draft, lookup) if rank > 1 else draft
    shares = draft.terms.multiple
    if rank > len(shares):
        return draft.stop("by_report", f"Rank {rank} of {RANKED[kind]}: priced by report")
    return draft.times(shares[rank - 1], f"Rank {rank} by fee of {RANKED[kind]}")


def _imaging(draft: _Draft, lookup: Lookup) -> _Draft:
    """A second study of a session: the technical part at 50%, the professional one at 95%."""
    part = next(iter(component_of(draft.line)), "")
    if part:
        return draft.times(IMAGING[part], f"Second study of the session, {part}")
    found = components(draft.line, lookup(draft.line))
    if found is None:
        return draft.stop("by_report", "Second study of the session: the schedule lacks its components")
    professional, technical = (Decimal(one.cents) * draft.base.units for one in found)
    amount = professional * IMAGING["26"] + technical * IMAGING["TC"]
    said = (
        f"Second study of the session: technical {shown(technical)} x 50% and professional "
        f"{shown(professional)} x 95% = {shown(amount)}"
    )
    return draft._replace(amount=amount, steps=(*draft.steps, said))


# ---------------------------------------------------------------- situations, lesser-of, rounding


def _situational(draft: _Draft) -> _Draft:
    if draft.reason or draft.base.fee is None:
        return draft
    known = modifiers_on(draft.line.day)
    for name in draft.line.modifiers:
        modifier = known.get(name)
        if modifier is None or name == draft.base.consumed:
            continue
        if modifier.kind == "report":
            return draft.stop("by_report", f"{name}, {modifier.words}")
        if modifier.kind in ("factor", "excluded"):
            draft = draft.times(Decimal(modifier.factor), f"{name}, {modifier.words}")
    return draft


def _lesser_of(drafts: Sequence[_Draft]) -> dict[int, Price]:
    """The lesser of price and charge, per line or over the claim, then cents."""
    done = {one.line.id: _finish(one) for one in drafts}
    scoped = [one for one in drafts if one.terms.lesser_of == "claim"]
    priced = [done[one.line.id] for one in scoped]
    if not scoped or any(price.expected is None for price in priced):
        return done
    charges = sum(one.line.charge for one in scoped)
    expected = [price.expected or Money(0) for price in priced]
    if sum(int(one) for one in expected) <= charges or not charges:
        return done
    # The charge of the claim is the price: it is shared out by what each line would have been.
    for price, share in zip(priced, Money(charges).split([int(one) for one in expected]), strict=True):
        said = f"Lesser of the claim's price and its charge {Money(charges)}: this line's part {share}"
        done[price.line_id] = replace(price, expected=share, steps=(*price.steps, said))
    return done


def _finish(draft: _Draft) -> Price:
    line, terms = draft.line, draft.terms
    if draft.reason:
        status = AMBIGUOUS if draft.reason == "ambiguous" else NOT_PRICED
        return Price(line.id, status, None, draft.steps, terms, draft.reason, draft.base.fee)
    amount, steps = draft.amount, list(draft.steps)
    if terms.lesser_of == "line" and amount > line.charge:
        amount = Decimal(line.charge)
        steps.append(f"Lesser of {shown(draft.amount)} and the charge {Money(line.charge)}")
    expected = rounded(amount)
    if expected != amount:
        steps.append(f"Rounded half up: {expected}")
    return Price(line.id, PRICED, expected, tuple(steps), terms, "", draft.base.fee)


def rounded(cents: Decimal) -> Money:
    """Whole cents, half a cent away from zero (RCON-01)."""
    return Money(int(cents.quantize(Decimal(1), ROUND_HALF_UP)))


# ---------------------------------------------------------------- what else it could have been


def _others(draft: _Draft, fees: Sequence[Fee]) -> dict[str, Money]:
    """Amounts the same calculation gives with another row: last schedule, other setting, a component."""
    fee = draft.base.fee
    if fee is None or not fee.cents:
        return {}
    factor = draft.amount / fee.cents
    found: dict[str, Money] = {}
    for cause, row in _other_rows(draft.line, fee, fees):
        cents = min(Decimal(row.cents) * factor, Decimal(draft.line.charge))
        if row.cents != fee.cents:
            found.setdefault(cause, rounded(cents))
    return found


def _other_rows(line: LineFacts, fee: Fee, fees: Sequence[Fee]) -> Iterable[tuple[str, Fee]]:
    same = [one for one in fees if (one.modifier, one.setting) == (fee.modifier, fee.setting)]
    before = [one for one in same if one.end is not None and one.end <= line.day]
    if before:
        yield "old_schedule", max(before, key=lambda one: (one.start, one.id))
    current = [one for one in fees if one.start <= line.day and (one.end is None or line.day < one.end)]
    for one in current:
        if one.modifier == fee.modifier and one.setting != fee.setting and one.setting and fee.setting:
            yield "setting", one
    for one in current:
        if one.modifier in IMAGING and fee.modifier not in IMAGING and one.setting == fee.setting:
            yield "component", one


__all__ = ["Fee", "LineFacts", "Price", "find_fee", "place", "price_lines", "price_whole", "rounded"]
