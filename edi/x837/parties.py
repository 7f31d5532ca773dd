"""The people and organisations around a claim,
and the loops that are open; a segment without a place is kept.
"""

import re
from typing import Any

from edi.amounts import BadAmount, Cents, Dates
from edi.findings import found
from edi.segments import Segment
from edi.x835.header import contact
from edi.x835.model import Person
from edi.x837.model import (
    BilledClaim,
    BilledLine,
    LineAdjudication,
    OtherPayer,
    Patient,
    Payer,
    Provider,
    Subscriber,
)

PAD = [""] * 21
STRAY = 1_000  # segments kept above the claims of a loop; a hostile file must not fill memory
# Known segments that are kept as sent, without a word: no other part of the product decides by them.
AS_SENT = frozenset(
    {
        "CL1",
        "PWK",
        "CN1",
        "CR1",
        "CR2",
        "CR3",
        "CRC",
        "HCP",
        "DN1",
        "DN2",
        "QTY",
        "K3",
        "MIA",
        "MOA",
        "OI",
        "UR",
        "CUR",
        "SV5",
        "SV4",
        "MEA",
        "PS1",
        "LQ",
        "FRM",
        "TOO",
        "HSD",
        "IMM",
        "PAT",
        "ST",
        "PER",
        "DMG",
        "CTP",
        "SVD",
        "PRV",
        "NTE",
    }
)
OTHER_COMPONENT = re.compile(r"(?:[A-Z0-9]{1,3})([>:!|^<\\;@&+])[A-Z0-9]")


class Parties:
    """What is open: the loops above the claim, the claim, its other payer, its line and its adjudication."""

    def __init__(self, component: str, kind: str) -> None:
        self.component, self.kind = component, kind
        self.cents, self.dates = Cents(), Dates()
        self.submitter: Provider | None = None
        self.receiver: Provider | None = None
        self.billing: Provider | None = None
        self.pay_to: Provider | None = None
        self.subscriber: Subscriber | None = None
        self.patient: Patient | None = None
        self.payer: Payer | None = None
        self.taxonomy = ""
        self.claim: BilledClaim | None = None
        self.other: OtherPayer | None = None
        self.line: BilledLine | None = None
        self.adjudication: LineAdjudication | None = None
        self.party: Any = None  # whom N3, N4, DMG, PER, PRV and REF describe
        self.switched: Segment | None = None  # where the sender turned out to use another component separator
        self.stray: list[Segment] = []

    # -- keeping and complaining

    def complain(self, code: str, number: int, byte: int, element: int | None, value: str) -> None:
        """A finding of the open claim; above the claims there is nobody to carry it."""
        if self.claim is not None:
            self.claim.findings.add(found(code, number, byte, element, value))

    def keep(self, e: list[str], number: int, byte: int) -> None:
        """A segment without a place of its own."""
        owner: Any = self.adjudication or self.line or self.other or self.claim
        segment = Segment(e[0], e, number, byte)
        if owner is None:
            kept = self.stray if self.subscriber is None else self.subscriber.other
            if len(kept) < STRAY:
                kept.append(segment)
            return
        if not owner.other:
            owner.other = []
        owner.other.append(segment)
        if e[0] not in AS_SENT:
            self.complain("837.unknown_segment", number, byte, None, e[0])

    def amount(self, e: list[str], at: int, number: int, byte: int) -> int | None:
        """The cents at an element; None and a finding when there is no readable amount."""
        text = e[at] if at < len(e) else ""
        try:
            return self.cents[text]
        except BadAmount as bad:
            self.complain("837.decimals" if bad.decimals else "837.amount", number, byte, at, text)
            return None

    def composite(self, text: str, e: list[str], number: int, byte: int) -> list[str]:
        """The components of an element, by the sign the sender really uses."""
        if self.component in text and self.component:
            return text.split(self.component)
        match = OTHER_COMPONENT.match(text)
        if match is not None and self.switched is None:
            self.component, self.switched = match[1], Segment(e[0], e, number, byte)
            return text.split(self.component)
        return [text]

    # -- names

    def nm1(self, e: list[str], number: int, byte: int) -> None:
        """A person or organisation; its role depends on the open loop."""
        if self.claim is None:
            return self._above(e, number, byte)
        p = [text.strip() for text in e] + PAD
        role, other = p[1], self.other
        if other is not None and self.line is None and role in ("IL", "PR"):
            self.party = other
            if role == "IL":
                other.subscriber = Person(p[3], p[4], p[5], p[7], p[8], p[9], number, byte)
            else:
                other.payer_name, other.payer_qualifier, other.payer_id = p[3], p[8], p[9]
            return None
        owner: Any = self.line or other or self.claim
        provider = self._provider(p, number, byte)
        self.party, self.adjudication = provider, None
        if role in owner.providers or not role:
            return self.keep(e, number, byte)
        if not owner.providers:
            owner.providers = {}
        owner.providers[role] = provider
        return None

    def _provider(self, p: list[str], number: int, byte: int) -> Provider:
        provider = Provider(p[1], p[3], p[4], number, byte)
        provider.middle, provider.qualifier, provider.id = p[5], p[8], p[9]
        return provider

    def _above(self, e: list[str], number: int, byte: int) -> None:
        """Names above the claims: who sends, who bills, who is insured, who pays, who was treated."""
        p = [text.strip() for text in e] + PAD
        role = p[1]
        if role == "IL":
            subscriber = self.subscriber
            if subscriber is None or subscriber.last:
                subscriber = self.subscriber = Subscriber(number, byte)
                self.patient = self.payer = None
            subscriber.last, subscriber.first, subscriber.middle, subscriber.suffix = p[3], p[4], p[5], p[7]
            subscriber.id_qualifier, subscriber.id = p[8], p[9]
            self.party = subscriber
        elif role == "QC":
            if self.patient is None or self.patient.last:
                self.patient = Patient(number, byte)
            patient = self.party = self.patient
            patient.last, patient.first, patient.middle, patient.suffix, patient.id = (
                p[3],
                p[4],
                p[5],
                p[7],
                p[9],
            )
        elif role == "PR":
            self.payer = self.party = Payer(p[3], p[8], p[9], number, byte)
        else:
            self._organisation(role, p, number, byte)

    def _organisation(self, role: str, p: list[str], number: int, byte: int) -> None:
        provider = self.party = self._provider(p, number, byte)
        if role == "85":
            self.billing, self.pay_to = provider, None
            self.subscriber = self.patient = self.payer = None
            provider.taxonomy, self.taxonomy = self.taxonomy, ""
        elif role == "87":
            self.pay_to = provider
        elif role == "41":
            self.submitter = provider
        elif role == "40":
            self.receiver = provider
        elif role != "PE":  # the plan to pay instead of a provider: its address and ids matter to nobody here
            self.keep([text for text in p if text], number, byte)

    def n3(self, e: list[str], number: int, byte: int) -> None:
        """Address lines of the party named last."""
        if self.party is None:
            return self.keep(e, number, byte)
        self.party.address.extend([part for part in e[1:] if part])
        return None

    def dmg(self, e: list[str], number: int, byte: int) -> None:
        """Birth and sex of subscriber or patient."""
        if not isinstance(self.party, Subscriber | Patient):
            return self.keep(e, number, byte)
        p = e + PAD
        self.party.birth = self.dates[p[2]] if p[1] == "D8" else None
        self.party.sex = p[3]
        return None

    def per(self, e: list[str], number: int, byte: int) -> None:
        """Whom to call."""
        if not isinstance(self.party, Provider | Payer):
            return self.keep(e, number, byte)
        self.party.contacts.append(contact(Segment("PER", e, number, byte)))
        return None

    def prv(self, e: list[str], number: int, byte: int) -> None:
        """Taxonomy: of the billing provider it comes before the name, of all others after it."""
        p = e + PAD
        if p[1] == "BI" and self.claim is None:
            self.taxonomy = p[3]
            if self.billing is not None and self.party is self.billing:
                self.billing.taxonomy, self.taxonomy = p[3], ""
            return None
        if isinstance(self.party, Provider):
            self.party.taxonomy = p[3]
            return None
        return self.keep(e, number, byte)

    # -- subscriber and other payers

    def sbr(self, e: list[str], number: int, byte: int) -> None:
        """Above a claim the policy it is sent under; within a claim another payer."""
        p = e + PAD
        self.party = None
        if self.claim is None:
            subscriber = self.subscriber = Subscriber(number, byte)
            self.patient = self.payer = None
            subscriber.sequence, subscriber.relationship, subscriber.group = p[1], p[2], p[3]
            subscriber.group_name, subscriber.filing = p[4], p[9]
            return
        other = self.other = OtherPayer(number, byte)
        self.line = self.adjudication = None
        other.sequence, other.relationship, other.group, other.group_name = p[1], p[2], p[3], p[4]
        other.msp_type, other.filing = p[5], p[9]
        self.claim.other_payers.append(other)

    def pat(self, e: list[str], number: int, byte: int) -> None:
        """The patient's relationship to the subscriber."""
        if self.claim is not None or len(e) < 2 or not e[1]:
            return self.keep(e, number, byte)
        self.patient = Patient(number, byte)
        self.patient.relationship = e[1]
        return None
