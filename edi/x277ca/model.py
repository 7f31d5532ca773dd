"""What a 277CA says. Amounts are whole cents; dates YYYY-MM-DD; None or empty: not sent."""

from typing import NamedTuple

from edi.findings import Findings
from edi.segments import Segment


class Status(NamedTuple):
    """One category:status:entity of an STC. action: WQ accept, U reject; cents: the amount it speaks of.

    Only a 277 says when the claim was decided (finalized), what is paid, and the remit's day and trace.
    """

    category: str
    status: str
    entity: str
    date: str | None
    action: str
    cents: int | None
    text: str
    segment: int
    byte: int
    element: int
    paid: int | None = None
    finalized: str | None = None
    remitted: str | None = None
    trace: str = ""


class LineAnswer:
    """One SVC: the line as the payer saw it; control: our line control number (REF*FJ)."""

    __slots__ = (
        "byte", "charge", "code", "control", "modifiers", "qualifier", "segment", "statuses",
    )  # fmt: skip

    def __init__(self, segment: int, byte: int) -> None:
        self.segment, self.byte = segment, byte
        self.qualifier = self.code = self.control = ""
        self.modifiers: tuple[str, ...] = ()
        self.charge: int | None = None
        self.statuses: list[Status] = []


class ClaimAnswer:
    """One claim (HL level PT).

    control: our CLM01 (TRN02 of a 277CA, REF*EJ of a 277); trace: TRN02; payer_control: REF*1K;
    clearinghouse_control: REF*D9.
    """

    __slots__ = (
        "bill_type", "byte", "clearinghouse_control", "control", "first", "last", "lines", "member_id",
        "other", "payer_control", "provider_id", "refs", "segment", "service_from", "service_to",
        "statuses", "trace",
    )  # fmt: skip

    def __init__(self, segment: int, byte: int) -> None:
        self.segment, self.byte = segment, byte
        self.trace = self.control = self.last = self.first = self.member_id = self.provider_id = ""
        self.payer_control = self.clearinghouse_control = self.bill_type = ""
        self.service_from: str | None = None
        self.service_to: str | None = None
        self.statuses: list[Status] = []
        self.lines: list[LineAnswer] = []
        self.refs: dict[str, list[str]] = {}
        self.other: list[Segment] = []


class Batch:
    """The levels above the claims: who answers,
    which batch of ours (control: TRN02 of the receiver level), the totals.

    source_kind: NM101 of who answers: PR a payer, AY a clearinghouse.
    """

    __slots__ = (
        "accepted_cents", "accepted_count", "byte", "control", "date", "findings", "other",
        "receiver_id", "reference", "rejected_cents", "rejected_count", "segment", "source_id",
        "source_kind", "source_name", "statuses",
    )  # fmt: skip

    def __init__(self, segment: int, byte: int) -> None:
        self.segment, self.byte = segment, byte
        self.reference = self.source_kind = self.source_name = self.source_id = self.receiver_id = (
            self.control
        ) = ""
        self.date: str | None = None
        self.statuses: list[Status] = []
        self.accepted_count = self.rejected_count = ""
        self.accepted_cents: int | None = None
        self.rejected_cents: int | None = None
        self.other: list[Segment] = []
        self.findings = Findings(2_000)
