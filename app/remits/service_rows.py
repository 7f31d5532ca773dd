"""Remit rows: how a CLP read by `edi` becomes tuples for the tables, with what each adjustment does to the ledger."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from app.codes.rules import CodeBook
from app.kernel.db import bulk_insert, table_of
from app.kernel.errors import Stale
from app.kernel.ids import SEGMENT_BITS, SLOT_BITS
from app.kernel.work import Work
from app.ledger.entry import Source
from app.ledger.rules import Adjusted, Amount, Effect, LineMoney, effect_of
from app.remits.models import RemitAdjustment, RemitClaim, RemitLine, RemitRemark
from app.remits.rules import PostedAdjustment, PostedLine, match_line

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
REMARK = ("id", "remit_claim_id", "remit_line_id", "list", "code")


@dataclass
class Rows:
    """A batch of remit rows on its way to the database."""

    claims: list[tuple[Any, ...]] = field(default_factory=list)
    lines: list[tuple[Any, ...]] = field(default_factory=list)
    adjustments: list[tuple[Any, ...]] = field(default_factory=list)
    remarks: list[tuple[Any, ...]] = field(default_factory=list)

    def write(self, w: Work) -> None:
        """Write them; `Stale` when another worker posts the same decision of a payer in this moment."""
        for model, columns, rows in (
            (RemitClaim, CLAIM, self.claims),
            (RemitLine, LINE, self.lines),
            (RemitAdjustment, ADJUSTMENT, self.adjustments),
            (RemitRemark, REMARK, self.remarks),
        ):
            if bulk_insert(w.db, table_of(model), columns, rows) != len(rows):
                raise Stale("Another payment of the same claim is being posted.")


class Meanings:
    """What (group, CARC) pairs do, looked up once per remit."""

    def __init__(self, book: CodeBook):
        self.book = book
        self._known: dict[tuple[str, str], tuple[Effect, str, bool]] = {}

    def of(self, group: str, carc: str) -> tuple[Effect, str, bool]:
        """(effect on the ledger, category, does it deny)."""
        found = self._known.get((group, carc))
        if found is None:
            row = self.book.carc(carc)
            effect = effect_of(row.ledger_effect, group)
            denies = row.opens_denial and effect is Effect.NONE
            found = self._known[group, carc] = (effect, row.category, denies)
        return found


@dataclass(slots=True)
class Money:
    """The money of one CLP, ready for the ledger and for what follows a posting."""

    lines: tuple[LineMoney, ...]
    adjustments: tuple[Adjusted, ...]
    by_line: bool
    posted_lines: tuple[PostedLine, ...]
    posted_adjustments: tuple[PostedAdjustment, ...]
    remarks: tuple[str, ...]
    denies: bool
    has_prior_payer: bool


def money_rows(rows: Rows, clp: Any, key: int, base: int, meanings: Meanings, billed: Iterable[Any]) -> Money:
    """Add the rows of a CLP's lines, adjustments and remarks; `base` is its file number, shifted into place.

    Returns its money. Amounts keep the payer's sign; units and quantities stay as written.
    """
    billed = list(billed)
    lines, posted_lines = [], []
    total, denies, prior = 0, False, False
    for svc in clp.services:
        line_key = base | svc.segment << SLOT_BITS
        line_id, how = _match(svc, billed) if billed else (None, None)
        modifiers = " ".join(svc.modifiers)
        head = (line_key, key, line_id, how, svc.qualifier[:2], svc.code[:48], modifiers[:12], svc.revenue[:8])
        money = (svc.charge, svc.paid, (svc.units or "1")[:16], svc.billed_code[:48], (svc.billed_units or "")[:16])
        rows.lines.append(
            (*head, *money, svc.date_from, svc.date_to, (svc.control or "")[:50], svc.allowed, svc.byte)
        )
        adjusted, posted = _adjustments(rows, svc.adjustments, key, line_key, base, meanings)
        remarks = _remarks(rows, svc.remarks, key, line_key, base)
        total += svc.paid
        lines.append(LineMoney(line_id, Amount(svc.paid, Source(line_key, svc.byte, 3)), tuple(adjusted)))
        units = (svc.units, svc.billed_units or None)
        posted_lines.append(
            PostedLine(line_key, line_id, svc.code, svc.charge, svc.paid, *units, svc.allowed, posted, remarks)
        )
    own, posted_own = _adjustments(rows, clp.adjustments, key, None, base, meanings)
    remarks = _remarks(rows, clp.remarks, key, None, base)
    everything = [*posted_own, *(one for line in posted_lines for one in line.adjustments)]
    denies = any(meanings.of(one.group, one.carc)[2] for one in everything)
    prior = any(one.carc == "23" for one in everything)
    by_line = bool(lines) and total - sum(one.cents for one in own) == clp.paid
    return Money(
        tuple(lines), tuple(own), by_line, tuple(posted_lines), posted_own, remarks, denies, prior
    )


def _match(svc: Any, billed: list[Any]) -> tuple[int | None, str | None]:
    codes = (svc.billed_code, svc.code) if svc.billed_code else (svc.code,)
    return match_line(
        control=svc.control or "",
        codes=codes,
        modifiers=" ".join(svc.billed_modifiers or svc.modifiers),
        revenue=svc.revenue or (svc.code if svc.qualifier == "NU" else ""),
        cents=svc.charge,
        day=svc.date_from,
        lines=billed,
    )


def _adjustments(
    rows: Rows, found: Iterable[Any], key: int, line_key: int | None, base: int, meanings: Meanings
) -> tuple[list[Adjusted], tuple[PostedAdjustment, ...]]:
    adjusted, posted = [], []
    for one in found:
        address = base | one.segment << SLOT_BITS | one.element // 3
        effect, category, denies = meanings.of(one.group, one.reason)
        facts = (one.group[:2], one.reason[:5], one.cents, (one.quantity or "")[:16] or None, effect.value, category, denies)
        rows.adjustments.append((address, key, line_key, *facts, one.byte, one.element))
        adjusted.append(Adjusted(effect, one.cents, Source(address, one.byte, one.element)))
        posted.append(
            PostedAdjustment(address, one.group, one.reason, one.cents, one.quantity, one.element, one.byte)
        )
    return adjusted, tuple(posted)


def _remarks(rows: Rows, found: Iterable[Any], key: int, line_key: int | None, base: int) -> tuple[str, ...]:
    codes = []
    for one in found:
        slot = len(codes) % 7 if line_key is None else 0
        rows.remarks.append((base | one.segment << SLOT_BITS | slot, key, line_key, one.list[:3], one.code[:10]))
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
