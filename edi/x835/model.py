"""What a remittance says.

Amounts are whole cents with the payer's sign; dates YYYY-MM-DD; None or empty: not sent.

segment is the 1-based number in the file, byte the offset of that segment, element the index in the segment.
"""

from types import MappingProxyType
from typing import Any, NamedTuple, cast

from edi.findings import Finding
from edi.segments import Segment

# What most lines do not have. Shared and unchangeable: a claim of a million lines should not pay for empty
# lists, and
# a stray append fails at once instead of reaching every other line.
NOTHING: dict[str, Any] = cast("dict[str, Any]", MappingProxyType({}))
NONE: list[Any] = cast("list[Any]", ())


class Adjustment(NamedTuple):
    """One CAS triplet; positive cents reduce the payment (R835-20).

    element: 3, 6 … 18, where the amount stands.
    """

    group: str
    reason: str
    cents: int
    quantity: str | None
    segment: int
    byte: int
    element: int

    @property
    def slot(self) -> int:
        """1 to 6: which triplet of the segment."""
        return self.element // 3


class Remark(NamedTuple):
    """One remark code. list: HE or RX from a line's LQ, MIA or MOA from the claim."""

    list: str
    code: str
    segment: int
    byte: int
    element: int


class ProviderAdjustment(NamedTuple):
    """One PLB pair; positive cents lower the payment.

    reference: PLB03-2. element: 4, 6 … 14, where the amount stands.
    """

    provider: str
    fiscal_date: str | None
    code: str
    reference: str
    cents: int
    segment: int
    byte: int
    element: int

    @property
    def slot(self) -> int:
        """1 to 6: which pair of the segment."""
        return (self.element - 4) // 2 + 1


class Person(NamedTuple):
    """An NM1: a person or an organisation (then only last is given).

    qualifier says what id is: MI, XX, PI …
    """

    last: str
    first: str
    middle: str
    suffix: str
    qualifier: str
    id: str
    segment: int = 0
    byte: int = 0


class Contact(NamedTuple):
    """A PER: function CX business, BL technical, IC web site; numbers as (TE, EM, FX, UR …, text)."""

    function: str
    name: str
    numbers: tuple[tuple[str, str], ...]


class Party:
    """Payer or payee. refs: REF qualifier to its values; address: N3 and N4 elements in order."""

    __slots__ = (
        "address", "byte", "contacts", "id", "name", "qualifier", "refs", "segment",
    )  # fmt: skip

    def __init__(
        self, name: str = "", qualifier: str = "", id: str = "", segment: int = 0, byte: int = 0
    ) -> None:
        self.name, self.qualifier, self.id = name, qualifier, id
        self.segment, self.byte = segment, byte
        self.address: list[str] = []
        self.refs: dict[str, list[str]] = {}
        self.contacts: list[Contact] = []


class RemitHeader:
    """Everything before the first claim.

    paid is BPR02; of bank accounts only the last four of ours are kept.
    """

    __slots__ = (
        "bpr_byte", "bpr_segment", "byte", "company_id", "currency", "direction", "effective_date",
        "findings", "format", "handling", "method", "other", "paid", "paid_byte", "paid_element",
        "paid_segment", "payee", "payer", "payer_id", "production_date", "receiver_account_last4",
        "receiver_id", "segment", "supplemental", "trace", "trace_supplemental", "trn_byte",
        "trn_segment", "version",
    )  # fmt: skip

    def __init__(self, segment: int, byte: int) -> None:
        self.segment, self.byte = segment, byte
        self.handling = self.direction = self.method = self.format = ""
        self.company_id = self.supplemental = self.receiver_account_last4 = ""
        self.trace = self.payer_id = self.trace_supplemental = self.receiver_id = self.version = ""
        self.currency = "USD"
        self.paid = 0
        self.effective_date: str | None = None
        self.production_date: str | None = None
        self.payer: Party | None = None
        self.payee: Party | None = None
        self.bpr_segment = self.bpr_byte = self.trn_segment = self.trn_byte = 0
        self.paid_segment = self.paid_byte = 0
        self.paid_element = 2
        self.findings: list[Finding] = []
        self.other: list[Segment] = []


class Summary:
    """One LX group. ts3 and ts2: the elements as sent (Medicare A); never posted, only compared."""

    __slots__ = (
        "byte", "charge", "claims", "number", "segment", "ts2", "ts3",
    )  # fmt: skip

    def __init__(self, number: str, segment: int, byte: int) -> None:
        self.number, self.segment, self.byte = number, segment, byte
        self.ts3: list[str] = NONE
        self.ts2: list[str] = NONE
        self.claims = 0
        self.charge = 0


class Service:
    """One SVC.

    units are as paid, text as sent, "1" when left out; billed_*: SVC06 and SVC07 when the payer changed
    them.
    """

    __slots__ = (
        "adjustments", "allowed", "amounts", "billed_code", "billed_modifiers", "billed_qualifier",
        "billed_units", "byte", "charge", "code", "control", "date_from", "date_to", "dates",
        "description", "modifiers", "other", "paid", "policy_ids", "qualifier", "quantities", "refs",
        "remarks", "revenue", "segment", "units",
    )  # fmt: skip

    def __init__(self, segment: int, byte: int, charge: int, paid: int, code: list[str]) -> None:
        """code: the components of SVC01, at least one."""
        self.segment, self.byte = segment, byte
        self.charge, self.paid = charge, paid
        parts = len(code)
        self.qualifier = code[0]
        self.code = code[1] if parts > 1 else ""
        self.modifiers: tuple[str, ...] = tuple(filter(None, code[2:6])) if parts > 2 else ()
        self.description = code[6] if parts > 6 else ""
        self.revenue = ""
        self.units = "1"
        self.billed_qualifier = self.billed_code = self.billed_units = ""
        self.billed_modifiers: tuple[str, ...] = ()
        self.date_from: str | None = None
        self.date_to: str | None = None
        self.control: str | None = None
        self.allowed: int | None = None
        self.adjustments: list[Adjustment] = []
        self.remarks: list[Remark] = NONE
        self.policy_ids: list[str] = NONE
        self.refs: dict[str, list[str]] = NOTHING
        self.dates: dict[str, str] = NOTHING
        self.amounts: dict[str, int] = NOTHING
        self.quantities: dict[str, str] = NOTHING
        self.other: list[Segment] = NONE


class ClaimPayment:
    """One CLP with its lines.

    byte_end: where the next loop starts; segment_count: its segments, CLP included.
    """

    __slots__ = (
        "adjustments", "amounts", "byte", "byte_end", "charge", "contacts", "control", "corrected",
        "crossover", "dates", "discharge_fraction", "drg", "drg_weight", "facility", "filing",
        "findings", "frequency", "inpatient", "insured", "other", "other_subscriber", "outpatient",
        "paid", "patient", "patient_responsibility", "payer_control", "priority_payer", "quantities",
        "refs", "remarks", "rendering", "segment", "segment_count", "services", "status", "summary",
    )  # fmt: skip

    def __init__(self, segment: int, byte: int, control: str, status: str) -> None:
        self.segment, self.byte = segment, byte
        self.byte_end, self.segment_count = byte, 1
        self.control, self.status = control, status
        self.charge = self.paid = 0
        self.patient_responsibility: int | None = None
        self.filing = self.payer_control = self.facility = self.frequency = ""
        self.drg = self.drg_weight = self.discharge_fraction = ""
        self.patient: Person | None = None
        self.insured: Person | None = None
        self.corrected: Person | None = None
        self.rendering: Person | None = None
        self.crossover: Person | None = None
        self.priority_payer: Person | None = None
        self.other_subscriber: Person | None = None
        self.refs: dict[str, list[str]] = {}
        self.dates: dict[str, str] = {}
        self.amounts: dict[str, int] = {}
        self.adjustments: list[Adjustment] = []
        self.services: list[Service] = []
        self.remarks: list[Remark] = NONE
        self.quantities: dict[str, str] = NOTHING
        self.contacts: list[Contact] = NONE
        self.inpatient: Segment | None = None  # MIA as sent
        self.outpatient: Segment | None = None  # MOA as sent
        self.summary: Summary | None = None
        self.other: list[Segment] = NONE
        self.findings: list[Finding] = NONE
