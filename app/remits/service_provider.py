"""Provider level adjustments: each PLB pair posts to its account and waits in a sub-ledger for its offset.

Takebacks (WO) and forward balances (FB) come in pairs: what one remit defers with a negative amount, a later
one collects with the same positive amount under the same reference. Whichever arrives first, they find each
other; what has no partner is somebody's work (R835-36, R835-37, capability B7).
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update

from app.kernel.db import bulk_insert, table_of
from app.kernel.ids import SLOT_BITS, public_ids
from app.kernel.work import Work
from app.ledger import rules as ledger_rules
from app.ledger.accounts import NAMES
from app.ledger.entry import Source
from app.ledger.rules import Amount
from app.remits.models import ProviderAdjustment, RemitClaim
from app.remits.service import Taking
from app.remits.service_rows import base_of
from app.worklist import service as worklist
from app.worklist.service import NewItem

QUEUE = "plb"
PAID_ELEMENT = 2
"""BPR02."""
PAIRED = ("WO", "FB", "AP", "72")
_pair, _claim = table_of(ProviderAdjustment), table_of(RemitClaim)
_COLUMNS = (
    "id",
    "public_id",
    "remit_id",
    "entity_id",
    "payer_id",
    "provider",
    "fiscal_date",
    "code",
    "reference",
    "amount",
    "account",
    "state",
    "offset_by_id",
    "byte",
    "element",
)


def post(w: Work, taking: Taking, pairs: Sequence[Any]) -> None:
    """Post every PLB pair of a remit and look for the partners of those that come in pairs."""
    pairs = [one for one in pairs if one.cents]
    if not pairs:
        return
    base = base_of(taking.file_no)
    partners = _open_partners(w, taking)
    rows, transfers, items, matched = [], [], [], []
    for one, public in zip(pairs, public_ids(len(pairs)), strict=True):
        key = base | one.segment << SLOT_BITS | (one.element - 4) // 2 + 1
        meaning = taking.meanings.book.plb(one.code)
        account = (
            int(meaning.account) if meaning.account.isdigit() and int(meaning.account) in NAMES else 2070
        )
        partner = _take(partners, one) if one.code in PAIRED else None
        done = partner is not None or (meaning.auto_post == "yes" and meaning.known)
        if partner is not None:
            matched.append((partner, key))
        state = "offset" if partner is not None else "closed" if done else "open"
        named = (
            one.provider[:80],
            one.fiscal_date,
            one.code[:4],
            one.reference[:60],
            one.cents,
            account,
            state,
        )
        ids = (key, public, taking.remit_id, taking.entity_id, taking.payer_id)
        rows.append((*ids, *named, partner, one.byte, one.element))
        transfers.append(
            ledger_rules.provider_adjustment(
                account, taking.payer_id, Amount(one.cents, Source(key, one.byte, one.element))
            )
        )
        if not done:
            items.append(_item(taking, key, one, meaning.work_item))
    bulk_insert(w.db, _pair, _COLUMNS, rows)
    taking.ledger.add(transfers)
    worklist.open_many(w, items)
    _offset(w, matched)


def difference(w: Work, taking: Taking, cents: int, at: tuple[int, int]) -> None:
    """A payment released although it does not add up: what it is more (or less) than its parts, in cents.

    Nothing is plugged: the difference waits in the open and with a person, and clearing moves by BPR02, which
    is what the bank has. at: segment and byte of the element that says what was paid.
    """
    if not cents:
        return
    key = base_of(taking.file_no) | at[0] << SLOT_BITS
    off = Amount(cents, Source(key, at[1], PAID_ELEMENT))
    taking.ledger.add([ledger_rules.difference(taking.payer_id, off)])
    item = NewItem(
        entity_id=taking.entity_id,
        queue=QUEUE,
        kind="payment_difference",
        subject="remit",
        subject_id=taking.remit_id,
        reason="remit.difference",
        amount=abs(cents),
        payer_id=taking.payer_id,
        source=key,
    )
    worklist.reopen_many(w, [item])


def _item(taking: Taking, key: int, one: Any, work: str) -> NewItem:
    return NewItem(
        entity_id=taking.entity_id,
        queue=QUEUE,
        kind=work or "review_plb",
        subject="provider_adjustment",
        subject_id=key,
        reason=f"plb.{one.code}",
        amount=abs(one.cents),
        payer_id=taking.payer_id,
        source=key,
    )


def _open_partners(w: Work, taking: Taking) -> dict[tuple[str, str, int], list[int]]:
    """Open pairs of the same payer by (code, reference, cents)."""
    same = (
        _pair.c.entity_id == taking.entity_id,
        _pair.c.payer_id == taking.payer_id,
        _pair.c.state == "open",
    )
    query = (
        select(_pair.c.id, _pair.c.code, _pair.c.reference, _pair.c.amount).where(*same).order_by(_pair.c.id)
    )
    found: dict[tuple[str, str, int], list[int]] = {}
    for row in w.db.execute(query):
        found.setdefault((row.code, row.reference, int(row.amount)), []).append(row.id)
    return found


def _take(partners: dict[tuple[str, str, int], list[int]], one: Any) -> int | None:
    waiting = partners.get((one.code, one.reference, -one.cents))
    return waiting.pop(0) if waiting else None


def _offset(w: Work, matched: list[tuple[int, int]]) -> None:
    for partner, key in matched:
        w.db.execute(update(_pair).where(_pair.c.id == partner).values(state="offset", offset_by_id=key))
    worklist.close_many(w, QUEUE, "provider_adjustment", [partner for partner, _ in matched], "offset")


def withdraw(w: Work, remit_id: int) -> None:
    """A posting was undone: its pairs leave the sub-ledger, partners are open again."""
    worklist.close_many(w, QUEUE, "remit", [remit_id], worklist.UNDONE)
    own = select(_pair.c.id).where(_pair.c.remit_id == remit_id)
    ids = [int(one) for one in w.db.execute(own).scalars()]
    if ids:
        reopened = update(_pair).where(_pair.c.offset_by_id.in_(ids))
        w.db.execute(reopened.values(state="open", offset_by_id=None))
        w.db.execute(update(_pair).where(_pair.c.id.in_(ids)).values(state="undone"))
        worklist.close_many(w, QUEUE, "provider_adjustment", ids, worklist.UNDONE)
