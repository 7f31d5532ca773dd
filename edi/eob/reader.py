"""Read one ExplanationOfBenefit or ClaimResponse; never raises on any bytes, what is wrong is a finding."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from edi.eob import codes
from edi.eob.adjudication import ITEMS, Adjudication, Judged, adjudicate
from edi.eob.model import Explanation
from edi.eob.positions import BadJson, Object, items, obj, parse, word
from edi.findings import Finding, Findings, found
from edi.x835.model import Person

FINDINGS = 500
EOB, RESPONSE = "ExplanationOfBenefit", "ClaimResponse"
REQUIRED = {
    EOB: ("status", "type", "use", "patient", "insurer", "provider", "outcome", "insurance"),
    RESPONSE: ("status", "type", "use", "patient", "insurer", "outcome", "created"),
}
"""RFHIR-15, and section 3 for a ClaimResponse."""
STATUSES = frozenset({"active", "cancelled", "draft", "entered-in-error"})
USES = frozenset({"claim", "preauthorization", "predetermination"})
OUTCOMES = frozenset({"queued", "complete", "error", "partial"})
ESTIMATE, REVERSAL = "25", "22"
NOT_FACTS = frozenset({"meta", "text", "id"})
"""What a second delivery of the same facts may differ in."""
PROVIDER_PAID = ("", "provider")


def read(raw: bytes, base: int = 0, others: Mapping[str, bytes] | None = None) -> Explanation:
    """The explanation that these bytes hold.

    base: where they stand in the file; others: the bytes of what it refers to, by reference.
    """
    explanation = Explanation(base)
    explanation.byte_end = base + len(raw)
    findings = Findings(FINDINGS)
    try:
        resource, _ = parse(raw, base)
    except BadJson as bad:
        findings.add(complaint("fhir.not_json", bad.byte, "", bad.why))
        resource = Object(base)
    if not isinstance(resource, Object):
        resource = Object(base)
    _Reader(explanation, resource, others or {}, findings).run()
    explanation.findings = list(findings)
    return explanation


def complaint(code: str, byte: int, path: str, value: str = "") -> Finding:
    """A finding of the catalog with its place: the path in the resource and the byte in the file."""
    made = found(code, byte + 1, byte, None, value)
    return made._replace(text=f"{made.text} ({path}, byte {byte})") if path else made


def facts_hash(resource: Object) -> str:
    """The hash of what a resource states, whatever its spacing, order of fields or version."""
    facts = {key: value for key, value in resource.items() if key not in NOT_FACTS}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def iso_day(text: str) -> str | None:
    """The day of a FHIR date or instant; None when it names no whole day."""
    try:
        return date.fromisoformat(text[:10]).isoformat() if len(text) >= 10 else None
    except ValueError:
        return None


class _Reader:
    """One resource being read."""

    def __init__(
        self, made: Explanation, resource: Object, others: Mapping[str, bytes], findings: Findings
    ) -> None:
        self.made, self.resource, self.findings = made, resource, findings
        self.kind = word(resource, "resourceType")
        self.others = others
        self.contained = {f"#{word(one, 'id')}": one for one in items(resource, "contained")}

    def run(self) -> None:
        made, resource = self.made, self.resource
        made.type = self.kind
        made.content_hash = facts_hash(resource)
        made.status, made.use = word(resource, "status"), word(resource, "use")
        made.outcome = word(resource, "outcome")
        made.version = word(resource, "meta", "versionId")
        made.last_updated = word(resource, "meta", "lastUpdated")
        made.created = word(resource, "created")
        made.disposition = word(resource, "disposition")
        made.notes = [word(one, "text") for one in items(resource, "processNote") if word(one, "text")][:20]
        if self.kind not in REQUIRED:
            self.complain("fhir.kind", resource.byte, "resourceType", self.kind or "nothing")
            return
        self._required()
        self._repeated(resource, self.kind)
        self._parties()
        self._payment()
        self._claim()

    def complain(self, code: str, byte: int, path: str, value: str = "") -> None:
        self.findings.add(complaint(code, byte, f"{self.kind}.{path}" if path else self.kind, value))

    # -- header

    def _required(self) -> None:
        made, resource = self.made, self.resource
        made.missing = [f"{self.kind}.{name}" for name in REQUIRED[self.kind] if not resource.get(name)]
        for name, allowed in (("status", STATUSES), ("use", USES), ("outcome", OUTCOMES)):
            said = word(resource, name)
            if f"{self.kind}.{name}" not in made.missing and said not in allowed:
                made.missing.append(f"{self.kind}.{name}")
        for path in made.missing:
            self.complain("fhir.required", resource.byte, path.partition(".")[2])

    def _repeated(self, value: Any, path: str) -> None:
        """A field given twice leaves it open which of them counts."""
        waiting = [(value, path)]
        while waiting:
            one, where = waiting.pop()
            if isinstance(one, Object):
                if one.repeated:
                    self.complain("fhir.repeated", one.byte, f"{where.partition('.')[2]}", one.repeated)
                waiting += [(inner, f"{where}.{name}") for name, inner in one.items()]
            elif isinstance(one, list):
                waiting += [(inner, f"{where}[{at}]") for at, inner in enumerate(one)]

    def resolve(self, holder: Any, *path: str) -> Object:
        """What a reference points at: contained, or handed in beside the resource; empty when neither."""
        reference = word(obj(holder, *path), "reference")
        if reference in self.contained:
            return self.contained[reference]
        raw = self.others.get(reference)
        if raw is None:
            return Object(-1)
        try:
            found, _ = parse(raw)
        except BadJson:
            return Object(-1)
        return found if isinstance(found, Object) else Object(-1)

    def _focal(self) -> Object:
        insurances = items(self.resource, "insurance")
        return next((one for one in insurances if one.get("focal") is True), insurances[0] if insurances else
                    Object(-1))  # fmt: skip

    def _parties(self) -> None:
        made, resource = self.made, self.resource
        self.coverage = self.resolve(self._focal(), "coverage")
        insurer = obj(resource, "insurer")
        payor = self.resolve(next(iter(items(self.coverage, "payor")), Object(-1)))
        seen = (insurer, self.resolve(resource, "insurer"), payor)
        made.payer_ids = [pair for one in seen for pair in codes.identifiers(one)]
        names = [word(insurer, "display"), word(seen[1], "name"), word(payor, "name")]
        names += [value for _, value in made.payer_ids]
        made.payer_name = next(filter(None, names), word(insurer, "reference"))
        field = "provider" if self.kind == EOB else "requestor"
        provider, whole = obj(resource, field), self.resolve(resource, field)
        facility = obj(resource, "facility"), self.resolve(resource, "facility")
        made.provider_ids = [
            pair for one in (provider, whole, *facility) for pair in codes.identifiers(one) if pair[0]
        ]
        made.provider_name = word(whole, "name") or word(provider, "display")
        made.payee = codes.shown(obj(resource, "payee", "type")) or word(resource, "payeeType")

    def _payment(self) -> None:
        made, payment = self.made, obj(self.resource, "payment")
        made.payment_date = iso_day(word(payment, "date"))
        made.payment_id = word(payment, "identifier", "value")
        made.payment_type = codes.shown(payment.get("type"))
        for kind, value in codes.identifiers(self.resource):
            if kind == "unique" and not made.unique:
                made.unique = value
        every = [value for _, value in codes.identifiers(self.resource)]
        if not made.unique and len(set(every)) == 1:
            made.unique = every[0]
            self.complain("fhir.unique_untyped", self.resource.byte, "identifier", every[0])
        elif not made.unique:
            self.complain("fhir.unique_missing", self.resource.byte, "identifier")

    # -- the claim

    def _claim(self) -> None:
        made, claim, resource = self.made, self.made.claim, self.resource
        claim.byte, claim.byte_end = made.byte, made.byte_end
        claim.segment, claim.segment_count = made.byte + 1, 1
        claim.payer_control, claim.control = made.unique, self._control()
        claim.patient = self._patient()
        prior = list(self._prior())
        if prior:
            claim.refs["F8"] = prior
        day = iso_day(word(resource, "billablePeriod", "start"))
        if day:
            claim.dates["232"] = day
        reading = Adjudication(self.findings, self.kind)
        lines = [(f"{name}[{at}]", one) for name in ITEMS for at, one in enumerate(items(resource, name))]
        judged: Judged = adjudicate(reading, resource, lines, to_provider=made.payee in PROVIDER_PAID)
        claim.services, claim.adjustments, claim.remarks = judged.services, judged.adjustments, judged.remarks
        claim.charge, claim.paid = judged.charge, judged.paid
        claim.patient_responsibility = judged.patient
        made.said_paid, made.evidence, made.adjudicated = judged.paid, judged.evidence, judged.adjudicated
        made.rank = 2 if judged.prior_payer else 1
        claim.status = str(made.rank)
        if made.use in ("preauthorization", "predetermination"):
            claim.status = ESTIMATE
        elif made.status == "cancelled":
            claim.status = REVERSAL

    def _control(self) -> str:
        for one in items(self.resource, "supportingInfo"):
            kinds = {word(coding, "code").lower() for coding in items(one.get("category"), "coding")}
            if "patientaccountnumber" in kinds and word(one, "valueString"):
                return word(one, "valueString")
        account = next((value for kind, value in codes.identifiers(self.resource) if kind == "account"), "")
        request = "claim" if self.kind == EOB else "request"
        billed = obj(self.resource, request)
        whole = self.resolve(self.resource, request)
        first = next((value for _, value in codes.identifiers(whole)), "")
        return account or word(billed, "identifier", "value") or first

    def _prior(self) -> Iterator[str]:
        for one in items(self.resource, "related"):
            kinds = {word(coding, "code").lower() for coding in items(one.get("relationship"), "coding")}
            value = word(one, "reference", "value") or word(obj(one, "claim"), "identifier", "value")
            if "prior" in kinds and value:
                yield value

    def _patient(self) -> Person | None:
        whole = self.resolve(self.resource, "patient")
        name = next(iter(items(whole, "name")), Object(-1))
        given = name.get("given")
        first = str(given[0]) if isinstance(given, list) and given and isinstance(given[0], str) else ""
        display = word(self.resource, "patient", "display")
        member = word(self.coverage, "subscriberId")
        numbers = codes.identifiers(whole) + codes.identifiers(obj(self.resource, "patient"))
        member = member or next((value for kind, value in numbers if kind == "member"), "")
        last = word(name, "family") or display
        if not last and not member:
            return None
        return Person(last, first, "", "", "MI" if member else "", member)
