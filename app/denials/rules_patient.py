"""What a payer refused in group PR and who is asked for it after review: the next payer, else the patient
(R835-24, RPAT-01). Pure.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from app.codes.rules import Rarc
from app.kernel.errors import Refused
from app.ledger.rules import next_rank

TO_PATIENT, TO_NEXT_PAYER = "to_patient", "to_next_payer"
CROSSED_OVER = frozenset({"19", "20", "21"})
"""CLP02 of a payer that sent the claim on by itself: there is a next payer, whatever the bill said."""
CONSENT_INVALID = "N878"
PROTECTED = "surprise_billing"


class Basis(StrEnum):
    """Why the patient may be asked: the payer's own PR, or a notice the patient signed."""

    PAYER = "payer"
    WAIVER = "waiver"


class Part(NamedTuple):
    """The cents of one refused PR adjustment, with the element they were read from."""

    address: int
    byte: int
    element: int
    line_id: int | None
    remit_claim_id: int
    cents: int


def parts(items: Iterable[Any], moved: Mapping[int, int]) -> list[Part]:
    """The PR adjustments among the newest refusals that nobody moved yet, each whole.

    moved: cents by address that stand moved already.
    """
    return [
        Part(one.address, one.byte, one.element, one.claim_line_id, one.remit_claim_id, int(one.cents))
        for one in items
        if one.group_code == "PR" and int(one.cents) > 0 and not moved.get(one.address)
    ]


def owes_next(rank: int, status: str, ranks: Iterable[int]) -> int | None:
    """The rank of the payer who is asked first, or None when the patient is next (RPAT-01)."""
    known = [*ranks, rank + 1] if status in CROSSED_OVER else list(ranks)
    return next_rank(rank, known)


def check(found: Iterable[Part], *, owed: int, left: int) -> None:
    """Refuse what may not move: nothing in group PR, or more than the payer still owes.

    owed: cents the payers owe on the claim; left: cents of the case that nobody paid or moved yet.
    """
    cents = sum(one.cents for one in found)
    if not cents:
        words = "Nothing of it is in group PR. CO, OA and PI are never asked of the patient (RPAT-01)."
        raise Refused(words, code="not_patients")
    if cents > min(owed, left):
        words = "The payer owes less than this by now. Look at what came since."
        raise Refused(words, code="balance_moved")


def check_waiver(remarks: Iterable[Rarc], basis: Basis, *, document: bool) -> None:
    """Refuse what the law or the payer's own remark bars until a signed notice is kept with the case."""
    codes = list(remarks)
    if any(one.code == CONSENT_INVALID for one in codes):
        words = "N878: notice and consent are invalid, so the patient may not be asked for it."
        raise Refused(words, code="balance_billing")
    if basis is Basis.WAIVER and not document:
        words = "Attach the signed notice to the case, and choose it here."
        raise Refused(words, code="waiver_missing", field="document")
    protected = next((one for one in codes if is_protected(one)), None)
    if protected is not None and basis is not Basis.WAIVER:
        words = f"{protected.code}: surprise-billing protection. Only with the patient's signed consent."
        raise Refused(words, code="balance_billing", field="basis")


def is_protected(one: Rarc) -> bool:
    """Does this remark say that the patient is protected from a balance bill?"""
    return one.category == PROTECTED and one.appeal_effect == "rights_given"
