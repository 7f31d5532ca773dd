"""Remit rows: how a CLP read by `edi` becomes tuples, with what each adjustment does to the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.codes.rules import CodeBook
from app.kernel.db import bulk_insert, table_of
from app.kernel.errors import Stale
from app.kernel.ids import SEGMENT_BITS, SLOT_BITS
from app.kernel.work import Work
from app.ledger.entry import Source, Transfer
from app.ledger.rules import Adjusted, Amount, Effect, LineMoney, effect_of
from app.remits.models import RemitAdjustment, RemitClaim, RemitLine, RemitRemark
from app.remits.rules import BilledLine, PostedAdjustment, PostedLine, line_by_control, match_line

CLAIM = (
    "id",
    "public_id",
    "remit_id",
    "entity_id",
    "payer_id",
    "control",
    "status",
    "rank",
    "charge",
    "paid",
    "patient_responsibility",
    "filing",
    "payer_control",
    "original_reference",
    "frequency",
    "patient_last",
    "patient_first",
    "member_lookup",
    "crossover",
    "service_from",
    "state",
    "reason",
    "live",
    "claim_id",
    "match_how",
    "match_score",
    "match_reason",
    "reverses_id",
    "by_line",
    "byte",
    "byte_end",
    "segments",
    "version",
)
LINE = (
    "id",
    "remit_claim_id",
    "claim_line_id",
    "match_how",
    "qualifier",
    "code",
    "modifiers",
    "revenue",
    "charge",
    "paid",
    "units",
    "billed_code",
    "billed_units",
    "service_from",
    "service_to",
    "control",
    "allowed",
    "byte",
)
ADJUSTMENT = (
    "id",
    "remit_claim_id",
    "remit_line_id",
    "cas_group",
    "carc",
    "amount",
    "quantity",
    "effect",
    "category",
    "denies",
    "byte",
    "element",
)
PRIOR_PAYER = "23"  # what an earlier payer decided
# A remit has millions of these values: they are made by the constructor of all tuples, in the order declared.
_new = tuple.__new__
REMARK = ("id", "remit_claim_id", "remit_line_id", "list", "code")


class Meanings:
    """What (group, CARC) pairs do, looked up once per remit."""

    def __init__(self, book: CodeBook):
        self.book = book
        self._known: dict[tuple[str, str], tuple[Effect, tuple[str, str, bool]]] = {}

    def of(self, group: str, carc: str) -> tuple[Effect, tuple[str, str, bool]]:
        """Its effect on the ledger, and what its row says: (effect, category, does it deny)."""
        found = self._known.get((group, carc))
        if found is None:
            row = self.book.carc(carc)
            effect = effect_of(row.ledger_effect, group)
            denies = row.opens_denial and effect is Effect.NONE
            found = self._known[group, carc] = (effect, (effect.value, row.category, denies))
        return found


@dataclass
class Rows:
    """A batch of remit rows on its way to the database; `base` names the file in every address."""

    base: int
    meanings: Meanings
    claims: list[tuple[Any, ...]] = field(default_factory=list)
    lines: list[tuple[Any, ...]] = field(default_factory=list)
    adjustments: list[tuple[Any, ...]] = field(default_factory=list)
    remarks: list[tuple[Any, ...]] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)

    def write(self, w: Work) -> None:
        """Write them; `Stale` when another worker posts the same decision of a payer in this moment."""
        for model, columns, rows in (
            (RemitClaim, CLAIM, self.claims),
            (RemitLine, LINE, self.lines),
            (RemitAdjustment, ADJUSTMENT, self.adjustments),
            (RemitRemark, REMARK, self.remarks),
        ):
            if bulk_insert(w.db, table_of(model), columns, rows, fresh=True) != len(rows):
                raise Stale("Another payment of the same claim is being posted.")


@dataclass(slots=True)
class Money:
    """The money of one CLP, ready for the ledger and for what follows a posting."""

    lines: Sequence[LineMoney]
    adjustments: Sequence[Adjusted]
    by_line: bool
    posted_lines: tuple[PostedLine, ...]
    posted_adjustments: tuple[PostedAdjustment, ...]
    remarks: tuple[str, ...]
    has_prior_payer: bool

    def taking(self, lines: Sequence[LineMoney], adjustments: Sequence[Adjusted]) -> "Money":
        """The same answer with other amounts for the ledger."""
        return replace(self, lines=lines, adjustments=adjustments)


def money_rows(rows: Rows, clp: Any, key: int, billed: Sequence[BilledLine]) -> Money:
    """Add the rows of a CLP's lines, adjustments and remarks; returns its money.

    Amounts keep the payer's sign; units and quantities stay as written.
    """
    base, lines, posted_lines, total = rows.base, [], [], 0
    for svc in clp.services:
        line_key, byte, paid = base | svc.segment << SLOT_BITS, svc.byte, svc.paid
        line_id, how = _match(svc, billed) if billed else (None, None)
        rows.lines.append(_line_row(svc, (line_key, key, line_id, how)))
        adjusted, posted = _adjustments(rows, svc.adjustments, key, line_key)
        remarks = _remarks(rows, svc.remarks, key, line_key) if svc.remarks else ()
        total += paid
        amount = _new(Amount, (paid, _new(Source, (line_key, byte, 3))))
        lines.append(_new(LineMoney, (line_id, amount, adjusted)))
        facts = (
            line_key,
            line_id,
            svc.code,
            svc.charge,
            paid,
            svc.units,
            svc.billed_units or None,
            svc.allowed,
        )
        posted_lines.append(_new(PostedLine, (*facts, posted, remarks)))
    own, posted_own = _adjustments(rows, clp.adjustments, key, None)
    remarks = _remarks(rows, clp.remarks, key, None) if clp.remarks else ()
    everything = [posted_own, *[line.adjustments for line in posted_lines]]
    prior = any(one.carc == PRIOR_PAYER for found in everything for one in found)
    by_line = bool(lines) and total - sum([one.cents for one in own]) == clp.paid
    return Money(lines, own, by_line, tuple(posted_lines), posted_own, remarks, prior)


def _line_row(svc: Any, keys: tuple[int, int, int | None, str | None]) -> tuple[Any, ...]:
    modifiers = " ".join(svc.modifiers) if svc.modifiers else ""
    head = (*keys, svc.qualifier[:2], svc.code[:48], modifiers[:12], svc.revenue[:8], svc.charge, svc.paid)
    units = ((svc.units or "1")[:16], svc.billed_code[:48], (svc.billed_units or "")[:16])
    return (*head, *units, svc.date_from, svc.date_to, (svc.control or "")[:50], svc.allowed, svc.byte)


def _match(svc: Any, billed: Sequence[BilledLine]) -> tuple[int | None, str | None]:
    control = svc.control or ""
    if control and (named := line_by_control(control, billed)) is not None:
        return named, "control"
    codes = (svc.billed_code, svc.code) if svc.billed_code else (svc.code,)
    return match_line(
        control=control,
        codes=codes,
        modifiers=" ".join(svc.billed_modifiers or svc.modifiers),
        revenue=svc.revenue or (svc.code if svc.qualifier == "NU" else ""),
        cents=svc.charge,
        day=svc.date_from,
        lines=billed,
    )


def _adjustments(
    rows: Rows, found: Sequence[Any], key: int, line_key: int | None
) -> tuple[Sequence[Adjusted], tuple[PostedAdjustment, ...]]:
    if not found:
        return (), ()
    # An X12 amount stands in every third element; one an EOB does not state itself says so by the rest.
    base, of, add = rows.base, rows.meanings.of, rows.adjustments.append
    adjusted, posted = [], []
    for group, reason, cents, quantity, segment, byte, element in found:
        address = base | segment << SLOT_BITS | element // 3
        effect, meaning = of(group, reason)
        add((address, key, line_key, group[:2], reason[:5], cents, quantity, *meaning, byte, element))
        adjusted.append(_new(Adjusted, (effect, cents, _new(Source, (address, byte, element)), element % 3)))
        posted.append(_new(PostedAdjustment, (address, group, reason, cents, quantity, element, byte)))
    return adjusted, tuple(posted)


def _remarks(rows: Rows, found: Sequence[Any], key: int, line_key: int | None) -> tuple[str, ...]:
    codes: list[str] = []
    for one in found:
        slot = len(codes) % 7 if line_key is None else 0
        address = rows.base | one.segment << SLOT_BITS | slot
        rows.remarks.append((address, key, line_key, one.list[:3], one.code[:10]))
        codes.append(one.code)
    return tuple(codes)


def base_of(file_no: int) -> int:
    """The part of every address that names the file."""
    return file_no << (SEGMENT_BITS + SLOT_BITS)


def first_day(clp: Any) -> str | None:
    """The first day of service a CLP states: of the claim, else of its lines; ISO."""
    stated = clp.dates.get("232")
    if stated:
        return str(stated)
    days = [svc.date_from for svc in clp.services if svc.date_from]
    return min(days) if days else None
