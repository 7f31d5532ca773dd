"""Which visits a payment pays (patient-collections section 8): items in, parts out. Pure and deterministic.

Modes in their order: designated (the patient says which, and it always wins), plan, statement, oldest first,
proportional. Never more than an item owes, never a cent to what still waits for a payer (RPAT-20): what is
left stays unapplied. Principal before fees, everywhere.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import NamedTuple

from app.payments.lifecycle import Mode

Parts = list[tuple[int, int]]


class Item(NamedTuple):
    """A visit that may be paid. due: whole cents its patient owes now; fee: how many of them are a fee.

    disputed: paid only when the patient names it. A visit that waits for a payer is no item at all.
    """

    claim_id: int
    due: int
    service_from: date | None = None
    fee: int = 0
    disputed: bool = False


Named = tuple[int, int | None]
"""A visit somebody names, with the most to put on it; None: all it owes."""


def spread(mode: Mode, cents: int, items: Sequence[Item], *, named: Sequence[Named] = ()) -> Parts:
    """(visit, cents) for each item that gets something, in the order they are paid.

    named: what the patient designates, or the items of the plan or the statement; the rest of these two
    goes to other items oldest first, the rest of a designated payment stays unapplied: it was meant for them.
    """
    open_ones = sorted((one for one in items if one.due > 0), key=_age)
    if mode is Mode.DESIGNATED:
        return _designated(cents, open_ones, named)
    calm = [one for one in open_ones if not one.disputed]
    if mode is Mode.PROPORTIONAL:
        return _both(cents, calm, _proportional)
    if mode in (Mode.PLAN, Mode.STATEMENT):
        chosen = {claim_id for claim_id, _ in named}
        calm.sort(key=lambda one: one.claim_id not in chosen)
    return _both(cents, calm, _in_turn)


def _age(item: Item) -> tuple[date, int]:
    return (item.service_from or date.max, item.claim_id)


def _designated(cents: int, items: Sequence[Item], named: Sequence[Named]) -> Parts:
    known, parts, left = {one.claim_id: one for one in items}, dict[int, int](), cents
    for claim_id, most in named:
        item = known.get(claim_id)
        if item is None:
            continue
        open_cents = item.due - parts.get(claim_id, 0)
        part = max(0, min(left, open_cents, open_cents if most is None else most))
        parts[claim_id] = parts.get(claim_id, 0) + part
        left -= part
    return [(claim_id, part) for claim_id, part in parts.items() if part]


Way = Callable[[int, Sequence[tuple[int, int]]], Parts]


def _both(cents: int, items: Sequence[Item], way: Way) -> Parts:
    """The principal of every item, and what is left for their fees."""
    principal = way(cents, [(one.claim_id, one.due - one.fee) for one in items])
    fees = way(cents - _sum(principal), [(one.claim_id, one.fee) for one in items])
    parts: dict[int, int] = {}
    for claim_id, part in (*principal, *fees):
        parts[claim_id] = parts.get(claim_id, 0) + part
    return [(claim_id, part) for claim_id, part in parts.items() if part]


def _sum(parts: Iterable[tuple[int, int]]) -> int:
    return sum(part for _, part in parts)


def _in_turn(cents: int, owed: Sequence[tuple[int, int]]) -> Parts:
    """One after the other until nothing is left (RPAT-21)."""
    parts, left = [], cents
    for claim_id, due in owed:
        part = min(left, due)
        parts.append((claim_id, part))
        left -= part
    return parts


def _proportional(cents: int, owed: Sequence[tuple[int, int]]) -> Parts:
    """By what each owes, rounded down; the cents left over go to the oldest that still owes (RPAT-22)."""
    whole = sum(due for _, due in owed)
    if cents >= whole:
        return list(owed)
    parts = [cents * due // whole for _, due in owed]
    left = cents - sum(parts)
    for place, (_, due) in enumerate(owed):
        more = min(left, due - parts[place])
        parts[place] += more
        left -= more
    return [(claim_id, part) for (claim_id, _), part in zip(owed, parts, strict=True)]
