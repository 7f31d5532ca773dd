"""What a claim says as billed. Amounts are whole cents; dates YYYY-MM-DD; None or empty: not sent.

segment is the 1-based number in the file, byte the offset of that segment, element the index in the segment.
"""

from edi.findings import Finding, Findings
from edi.segments import Segment
from edi.x835.model import NONE, NOTHING, Adjustment, Contact, Person

__all__ = [
    "Adjustment",
    "BilledClaim",
    "BilledLine",
    "ClaimsHeader",
    "LineAdjudication",
    "OtherPayer",
    "Patient",
    "Payer",
    "Person",
    "Provider",
    "Subscriber",
]

FINDINGS = 500  # kept of one claim


class Provider:
    """A provider or facility.

    npi: NM109 when NM108 is XX. tax_qualifier: EI employer, SY social security number.
    """

    __slots__ = (
        "address", "byte", "contacts", "first", "id", "last", "middle", "qualifier", "refs", "role",
        "segment", "tax_id", "tax_qualifier", "taxonomy",
    )  # fmt: skip

    def __init__(self, role: str, last: str, first: str, segment: int = 0, byte: int = 0) -> None:
        self.role, self.last, self.first = role, last, first
        self.middle = ""
        self.qualifier = self.id = self.tax_id = self.tax_qualifier = self.taxonomy = ""
        self.segment, self.byte = segment, byte
        self.address: list[str] = []
        self.refs: dict[str, list[str]] = {}
        self.contacts: list[Contact] = []

    @property
    def npi(self) -> str:
        """The national provider identifier, empty when another kind of id was sent."""
        return self.id if self.qualifier == "XX" else ""

    @property
    def name(self) -> str:
        """As printed on a letter: first name first for a person."""
        return f"{self.first} {self.last}".strip()


class Subscriber:
    """The policy holder of the destination payer.

    sequence: SBR01; filing: SBR09; other: its segments without a place.
    """

    __slots__ = (
        "address", "birth", "byte", "filing", "first", "group", "group_name", "id", "id_qualifier",
        "last", "middle", "other", "refs", "relationship", "segment", "sequence", "sex", "suffix",
    )  # fmt: skip

    def __init__(self, segment: int = 0, byte: int = 0) -> None:
        self.segment, self.byte = segment, byte
        self.last = self.first = self.middle = self.suffix = self.id_qualifier = self.id = self.sex = ""
        self.sequence = self.relationship = self.group = self.group_name = self.filing = ""
        self.birth: str | None = None
        self.address: list[str] = []
        self.refs: dict[str, list[str]] = {}
        self.other: list[Segment] = []


class Patient:
    """Who was treated.

    relationship to the subscriber: 18 self, 01 spouse, 19 child …; id only when the patient has one.
    """

    __slots__ = (
        "address", "birth", "byte", "first", "id", "last", "middle", "refs", "relationship", "segment",
        "sex", "suffix",
    )  # fmt: skip

    def __init__(self, segment: int = 0, byte: int = 0) -> None:
        self.segment, self.byte = segment, byte
        self.last = self.first = self.middle = self.suffix = self.sex = self.relationship = self.id = ""
        self.birth: str | None = None
        self.address: list[str] = []
        self.refs: dict[str, list[str]] = {}


class Payer:
    """The payer a claim is sent to. qualifier PI or XV says what id is."""

    __slots__ = (
        "address", "byte", "contacts", "id", "name", "qualifier", "refs", "segment",
    )  # fmt: skip

    def __init__(self, name: str, qualifier: str, id: str, segment: int = 0, byte: int = 0) -> None:
        self.name, self.qualifier, self.id = name, qualifier, id
        self.segment, self.byte = segment, byte
        self.address: list[str] = []
        self.refs: dict[str, list[str]] = {}
        self.contacts: list[Contact] = []


class ClaimsHeader:
    """BHT with submitter and receiver. purpose: 00 original, 18 reissue; use: CH chargeable, RP reporting."""

    __slots__ = (
        "byte", "date", "findings", "kind", "other", "purpose", "receiver", "reference", "segment",
        "submitter", "time", "use",
    )  # fmt: skip

    def __init__(self, segment: int, byte: int, kind: str) -> None:
        self.segment, self.byte, self.kind = segment, byte, kind
        self.purpose = self.reference = self.time = self.use = ""
        self.date: str | None = None
        self.submitter: Provider | None = None
        self.receiver: Provider | None = None
        self.findings: list[Finding] = []
        self.other: list[Segment] = []


class OtherPayer:
    """One 2320 loop: another payer of the claim, and what it paid when it has adjudicated.

    paid AMT*D, remaining AMT*EAF, noncovered AMT*A8; payer_control its claim number (REF*F8); date 2330B
    DTP*573.
    """

    __slots__ = (
        "address", "adjustments", "amounts", "byte", "date", "filing", "group", "group_name", "msp_type",
        "noncovered", "other", "paid", "payer_control", "payer_id", "payer_name", "payer_qualifier",
        "providers", "refs", "relationship", "remaining", "segment", "sequence", "subscriber",
    )  # fmt: skip

    def __init__(self, segment: int, byte: int) -> None:
        self.segment, self.byte = segment, byte
        self.sequence = self.relationship = self.filing = self.group = self.group_name = self.msp_type = ""
        self.payer_name = self.payer_qualifier = self.payer_id = self.payer_control = ""
        self.subscriber: Person | None = None
        self.paid: int | None = None
        self.remaining: int | None = None
        self.noncovered: int | None = None
        self.amounts: dict[str, int] = {}
        self.adjustments: list[Adjustment] = []
        self.date: str | None = None
        self.refs: dict[str, list[str]] = {}
        self.providers: dict[str, Provider] = {}
        self.address: list[str] = []
        self.other: list[Segment] = []


class LineAdjudication:
    """One 2430 loop: what another payer did with the line.

    bundled_into: LX of the line it was folded into.
    """

    __slots__ = (
        "adjustments", "bundled_into", "byte", "code", "date", "modifiers", "other", "paid", "payer_id",
        "qualifier", "remaining", "revenue", "segment", "units",
    )  # fmt: skip

    def __init__(self, segment: int, byte: int, payer_id: str) -> None:
        self.segment, self.byte, self.payer_id = segment, byte, payer_id
        self.paid = 0
        self.qualifier = self.code = self.revenue = self.units = self.bundled_into = ""
        self.modifiers: tuple[str, ...] = ()
        self.adjustments: list[Adjustment] = []
        self.date: str | None = None
        self.remaining: int | None = None
        self.other: list[Segment] = []


class BilledLine:
    """One LX with its SV1, SV2 or SV3.

    control: REF*6R, else LX01, which is what comes back as the remit's 6R.
    """

    __slots__ = (
        "adjudications", "amounts", "byte", "charge", "charge_byte", "charge_element", "charge_segment",
        "code", "control", "date_from", "date_to", "dates", "description", "modifiers", "ndc", "number",
        "other", "place", "pointers", "providers", "qualifier", "refs", "revenue", "segment",
        "unit_code", "units",
    )  # fmt: skip

    def __init__(self, segment: int, byte: int, number: str) -> None:
        self.segment, self.byte = segment, byte
        self.number = self.control = number
        self.qualifier = self.code = self.description = self.revenue = self.units = self.unit_code = ""
        self.place = self.ndc = ""
        self.modifiers: tuple[str, ...] = ()
        self.pointers: tuple[str, ...] = ()
        self.charge = 0
        self.charge_element, self.charge_segment, self.charge_byte = 2, segment, byte
        self.date_from: str | None = None
        self.date_to: str | None = None
        self.adjudications: list[LineAdjudication] = NONE
        self.providers: dict[str, Provider] = NOTHING
        self.refs: dict[str, list[str]] = NOTHING
        self.dates: dict[str, str] = NOTHING
        self.amounts: dict[str, int] = NOTHING
        self.other: list[Segment] = NONE


class BilledClaim:
    """One CLM with its lines and the loops above it.

    diagnoses: (qualifier, code); codes: every other HI entry, whole.

    byte_end: where the next loop starts; segment_count: the claim's own segments, CLM included. Billing
    provider, subscriber and payer are shared by the claims of one loop. service_from and service_to:
    statement dates, else the first and last day of the lines.
    """

    __slots__ = (
        "admitted", "amounts", "assignment", "benefits", "billing", "byte", "byte_end", "charge",
        "charge_element", "codes", "control", "dates", "delay_reason", "diagnoses", "discharged",
        "facility", "facility_qualifier", "findings", "frequency", "kind", "lines", "medical_record",
        "notes", "original_reference", "other", "other_payers", "patient", "patient_paid", "pay_to",
        "payer", "prior_authorization", "providers", "refs", "release", "segment", "segment_count",
        "service_from", "service_to", "subscriber",
    )  # fmt: skip

    def __init__(self, segment: int, byte: int, kind: str, control: str) -> None:
        self.segment, self.byte, self.kind, self.control = segment, byte, kind, control
        self.byte_end, self.segment_count = byte, 1
        self.charge, self.charge_element = 0, 2
        self.facility = self.facility_qualifier = self.frequency = self.assignment = ""
        self.benefits = self.release = self.delay_reason = ""
        self.original_reference = self.prior_authorization = self.medical_record = ""
        self.billing: Provider | None = None
        self.pay_to: Provider | None = None
        self.subscriber: Subscriber | None = None
        self.patient: Patient | None = None
        self.payer: Payer | None = None
        self.service_from: str | None = None
        self.service_to: str | None = None
        self.admitted: str | None = None
        self.discharged: str | None = None
        self.patient_paid: int | None = None
        self.diagnoses: list[tuple[str, str]] = []
        self.codes: list[tuple[str, ...]] = []
        self.providers: dict[str, Provider] = {}
        self.amounts: dict[str, int] = {}
        self.refs: dict[str, list[str]] = {}
        self.dates: dict[str, str] = {}
        self.notes: list[tuple[str, str]] = []
        self.other_payers: list[OtherPayer] = []
        self.lines: list[BilledLine] = []
        self.other: list[Segment] = []
        self.findings = Findings(FINDINGS)
