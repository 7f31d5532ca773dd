"""Builders: a batch as a posting hands it over, in few words.

`cas="CO*16*80"` or several joined by a blank.
"""

from collections.abc import Iterable
from datetime import date
from itertools import count

from app.codes.rules import CodeBook
from app.codes.service import _book as shipped_book
from app.kernel.ids import address
from app.remits.rules import Posted, PostedAdjustment, PostedClaim, PostedLine
from tests.era import cents

REMIT_DAY = date(2026, 1, 16)
_segments = count(100)


def a_book(on: date = REMIT_DAY) -> CodeBook:
    return shipped_book(on, ())


def adjustments(cas: str) -> tuple[PostedAdjustment, ...]:
    found = []
    for text in cas.split():
        group, carc, amount = text.split("*")
        segment = next(_segments)
        found.append(
            PostedAdjustment(address(7, segment, 1), group, carc, cents(amount), None, 3, segment * 20)
        )
    return tuple(found)


def a_line(
    code: str = "99214",
    charge: str = "200",
    paid: str = "0",
    cas: str = "",
    *,
    key: int | None = 11,
    rarc: str = "",
) -> PostedLine:
    return PostedLine(
        remit_line_id=address(7, next(_segments)),
        claim_line_id=key,
        code=code,
        charge=cents(charge),
        paid=cents(paid),
        units="1",
        billed_units=None,
        allowed=None,
        adjustments=adjustments(cas),
        remarks=tuple(rarc.split()),
    )


def a_claim(
    *lines: PostedLine,
    claim: int = 500,
    status: str = "1",
    filing: str = "12",
    cas: str = "",
    rarc: str = "",
    reverses: int | None = None,
    charge: str | None = None,
    paid: str | None = None,
    patient: int = 9,
) -> PostedClaim:
    segment = next(_segments)
    return PostedClaim(
        remit_claim_id=address(7, segment),
        claim_id=claim,
        patient_id=patient,
        control=f"PCN{claim}",
        payer_control="PAYER1",
        status=status,
        rank=1,
        filing=filing,
        charge=sum(line.charge for line in lines) if charge is None else cents(charge),
        paid=sum(line.paid for line in lines) if paid is None else cents(paid),
        service_from=date(2025, 12, 16),
        reverses=reverses,
        lines=lines,
        adjustments=adjustments(cas),
        remarks=tuple(rarc.split()),
    )


def a_batch(
    claims: Iterable[PostedClaim],
    *,
    entity: int = 1,
    payer: int | None = None,
    on: date = REMIT_DAY,
    remit: int = 70,
) -> Posted:
    return Posted(
        entity_id=entity,
        remit_id=remit,
        transaction_id=remit,
        payer_id=payer,
        remit_date=on,
        effective_date=on,
        claims=list(claims),
        book=a_book(on),
    )
