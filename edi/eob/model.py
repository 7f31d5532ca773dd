"""What an EOB says, in the shape of a remittance: the claim is a ClaimPayment of edi.x835.

Amounts are whole cents; byte: where a value stands in the file. JSON has no segments: the segment of a place
is its byte plus one, so that an address made of it is unique in the file. An adjustment's element is 3 times
its slot when the amount stands at its byte, one more when it was worked out and is part of the amount there,
two more when it was worked out of several amounts.
"""

from typing import NamedTuple

from edi.findings import Finding
from edi.x835.model import ClaimPayment

EXACT, WORKED_OUT, OF_SEVERAL = 0, 1, 2


class Amount(NamedTuple):
    """Cents as written, at their byte; reason: the CARC beside it; parts: how many amounts were added."""

    cents: int
    byte: int
    reason: str = ""
    parts: int = 1


class Explanation:
    """One ExplanationOfBenefit or ClaimResponse.

    unique: the payer's claim number; revision: sorts versions of one EOB, oldest first; rank: 1 first payer;
    adjudicated: it holds amounts beside charges; said_paid: cents the payer says it paid to us; evidence: a
    stated member liability covers all that is left to the patient (RFHIR-11); missing: paths of required
    fields that are absent.
    """

    __slots__ = (
        "adjudicated", "byte", "byte_end", "claim", "content_hash", "created", "disposition", "evidence",
        "findings",
        "last_updated", "missing", "notes", "outcome", "payee", "payer_ids", "payer_name", "payment_date",
        "payment_id", "payment_type", "provider_ids", "provider_name", "rank", "said_paid", "status",
        "type", "unique", "use", "version",
    )  # fmt: skip

    def __init__(self, byte: int) -> None:
        self.byte = self.byte_end = byte
        self.type = self.status = self.use = self.outcome = ""
        self.unique = self.version = self.created = self.last_updated = self.content_hash = ""
        self.payer_name = self.provider_name = self.payee = self.disposition = ""
        self.payment_date: str | None = None
        self.payment_id = self.payment_type = ""
        self.payer_ids: list[tuple[str, str]] = []
        self.provider_ids: list[tuple[str, str]] = []
        self.notes: list[str] = []
        self.missing: list[str] = []
        self.rank = 1
        self.evidence = self.adjudicated = False
        self.said_paid = 0
        self.findings: list[Finding] = []
        self.claim = ClaimPayment(byte + 1, byte, "", "1")

    @property
    def revision(self) -> str:
        """The version as a text that sorts: the number of the version, then when it was updated or made."""
        number = self.version if self.version.isascii() and self.version.isdigit() else ""
        return f"{number[:12]:0>12}|{(self.last_updated or self.created)[:40]}"
