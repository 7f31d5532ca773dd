"""What is left for the next payer of a claim, and who asks it: the office, the first payer, or nobody yet.

It works from the answer as written. Amounts as texts with two decimals; the lists are in order, so that two
authors of the same facts write the same text.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from app.world.adjudicate import CROSSED, Adjudication, Cas
from app.world.tables import carcs
from app.world.write835 import notice
from app.world.x12 import full_amount

COLUMNS = ("entity", "claim_id", "payer_id", "secondary_payer_id", "rank", "frequency", "charge",
           "primary_paid", "primary_control", "paid_on", "adjustments", "lines", "remarks", "remaining",
           "state", "answered", "due")  # fmt: skip
EXPECTED, BY_OFFICE, CROSSED_OVER = "expected", "billed_by_office", "crossed_over"
WAIT_DAYS = 30
"""How long a claim that the first payer forwarded waits for the next one's remit (R837-26)."""


def secondary_row(
    first: Adjudication | None, day: date | None, *, billed: bool, answered: bool
) -> tuple[object, ...] | None:
    """A row of the table, or None when nothing is left for a next payer.

    first: the answer that stands, of the first payer; day: of its remit. billed: the office's own system sent
    it on. due: from this day on a forwarded claim nobody answered is to be billed after all.
    """
    if first is None or day is None or not left(first.adjustments()):
        return None
    claim, second = first.claim, first.claim.secondary
    if second is None:
        return None
    state = CROSSED_OVER if first.status == CROSSED else BY_OFFICE if billed else EXPECTED
    due = (day + timedelta(WAIT_DAYS)).isoformat() if state == CROSSED_OVER and not answered else ""
    lines = " / ".join(
        f"{answer.line.number}: {full_amount(answer.paid)} {said(answer.cas)}".strip()
        for answer in first.answers
    )
    return (
        claim.entity.tax_id, claim.control, first.payer.payer_id, second.payer_id, 2, "1",
        full_amount(claim.charge), full_amount(first.paid), first.number, day.isoformat(), said(first.cas),
        lines, remarks(first), full_amount(left(first.adjustments())), state, "yes" if answered else "no",
        due,
    )  # fmt: skip


def left(cas: Iterable[tuple[str, str, int]]) -> int:
    """Cents the payer leaves to whoever comes next: deductible, coinsurance, copay."""
    return sum(cents for group, carc, cents in cas if group == "PR" and carcs()[carc].effect == "next")


def said(cas: Cas) -> str:
    """Adjustments in one text: `CO 45 30.00, PR 1 20.00`, in the order of group and reason."""
    return ", ".join(f"{group} {carc} {full_amount(cents)}" for group, carc, cents in sorted(cas))


def remarks(first: Adjudication) -> str:
    """The remark codes about the claim as a whole, as its remit writes them."""
    told = notice(first)
    return " ".join([*([told] if told else []), *first.remarks][:5])
