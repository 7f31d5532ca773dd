"""The EOB of one claim (A13): what one payer said of one claim, and nothing of anybody else.

Facts come from the canonical remit; subscriber and member id, which it does not keep, from the claim's own
segments. The raw extract is the claim's loop and the header before the first claim: what stands between and
after them speaks of other patients and is never read (N8).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.codes import service as codes
from app.documents import service as documents
from app.entities import queries as entities
from app.kernel.errors import Refused
from app.kernel.money import Money
from app.kernel.work import Work
from app.remits import queries, queries_claim, translate_eob
from app.remits import service_bytes as stored
from app.remits.lifecycle import State
from app.remits.queries import RemitHead
from app.remits.queries_claim import AdjustmentView, ClaimView, LineView, RemarkView
from app.remits.rules import REVERSAL
from app.remits.translate import RawSegment, claims_at

HEADER_BYTES = 4_000
BODY = ("LX", "TS3", "TS2", "CLP", "PLB", "SE")
"""Where a header ends: from here on a segment may speak of another patient."""


@dataclass(frozen=True)
class EobLine:
    """A service line with its sums; `raw` are its segments, SVC to the last before the next line."""

    number: int
    view: LineView
    adjusted: Money
    share: Money
    raw: tuple[RawSegment, ...] = ()


@dataclass(frozen=True)
class Eob:
    """One claim as one payer answered it. adjusted: all CAS, patient's share included; charge − it = paid."""

    head: RemitHead = field(repr=False)
    claim: ClaimView = field(repr=False)
    payee: str
    subscriber: str
    member: str
    standing: str
    lines: tuple[EobLine, ...]
    allowed: Money | None
    adjusted: Money
    share: Money
    raw_header: tuple[RawSegment, ...] = ()
    raw_claim: tuple[RawSegment, ...] = ()

    @property
    def off(self) -> Money:
        """Charge less adjustments less payment: zero, or the payer's own error shown as it is."""
        return self.claim.charge - self.adjusted - self.claim.paid


def eob(w: Work, public: str) -> Eob:
    """The EOB of one claim of a payment; `NotFound` outside the scope. The read is audited with its patient.

    The member id is whole for who has `members.read`, raw segments are there for who has `files.raw`.
    """
    remit, entity_id, day = queries_claim.of_claim(w, public)
    head = queries.head(w, remit)
    one = queries_claim.claim(w, public, codes.book(w, entity_id, day))
    w.audit("remit.eob", "R", "remit_claim", public, entity_id=entity_id)
    subscriber, member = _people(w, head, one)
    if not _may(w, "members.read"):
        member = f"••••{member[-4:]}" if len(member) > 4 else "••••" if member else ""
    segments = stored.claim_part(w, head, one)[1] if _may(w, "files.raw") and _has_bytes(head) else []
    header = _header(w, head) if segments else ()
    lines = tuple(_line(one, number, segments) for number in range(len(one.lines)))
    every = [*one.adjustments, *(each for line in one.lines for each in line.adjustments)]
    stated = [line.allowed for line in one.lines]
    return Eob(
        head=head,
        claim=one,
        payee=entities.get(w, entity_id).name,
        subscriber=subscriber,
        member=member,
        standing=_standing(one),
        lines=lines,
        allowed=None if not stated or None in stated else _sum(each for each in stated if each is not None),
        adjusted=_sum(each.amount for each in every),
        share=_share(every),
        raw_header=header,
        raw_claim=tuple(_until(segments, one.lines[0].charge_at.segment if one.lines else None)),
    )


def _may(w: Work, permission: str) -> bool:
    return bool({"*", permission} & w.actor.permissions)


def _has_bytes(head: RemitHead) -> bool:
    """An EOB that came as FHIR has no segments."""
    return bool(head.span and head.span.get("separators") and head.span.get("kind") != "fhir")


def _people(w: Work, head: RemitHead, one: ClaimView) -> tuple[str, str]:
    """(subscriber, empty when it is the patient; member id) as the claim's own segments name them."""
    if not _has_bytes(head):
        return "", ""
    with documents.open_file(w, head.file_no) as stream:
        clp = claims_at(stream, head.span, [(one.segment, one.byte, one.byte_end)])[0]
    insured, patient = clp.insured, clp.patient
    member = (insured.id if insured else "") or (patient.id if patient else "")
    name = ", ".join(part for part in (insured.last, insured.first) if part) if insured else ""
    return ("" if name == one.patient else name), member


def _standing(one: ClaimView) -> str:
    """Which sentence stands above it; empty for an answer that simply stands."""
    if one.state == State.POSTED:
        return "reversal" if one.status == REVERSAL else ""
    return str(one.state)


def _line(one: ClaimView, number: int, segments: Sequence[RawSegment]) -> EobLine:
    view = one.lines[number]
    last = number + 1 == len(one.lines)
    until = None if last else one.lines[number + 1].charge_at.segment
    own = [each for each in segments if each.number >= view.charge_at.segment]
    adjusted = _sum(each.amount for each in view.adjustments)
    return EobLine(number + 1, view, adjusted, _share(view.adjustments), tuple(_until(own, until)))


def _until(segments: Sequence[RawSegment], number: int | None) -> list[RawSegment]:
    return [each for each in segments if number is None or each.number < number]


def _sum(amounts: Any) -> Money:
    return sum(amounts, Money(0))


def _share(adjustments: Sequence[AdjustmentView]) -> Money:
    return _sum(each.amount for each in adjustments if each.group == "PR")


def _header(w: Work, head: RemitHead) -> tuple[RawSegment, ...]:
    """ST to the last segment before the first that may name a patient."""
    kept = []
    for one in stored.beginning(w, head, HEADER_BYTES):
        if one.id in BODY:
            break
        kept.append(one)
    return tuple(kept)


# ---------------------------------------------------------------- as a letter


def pdf(w: Work, public: str, *, lang: str = "en") -> bytes:
    """The same as a tagged PDF of this day, in English or Spanish."""
    if lang not in translate_eob.LANGUAGES:
        raise Refused("An EOB is written in en or es.", code="language", field="lang")
    found = eob(w, public)
    return translate_eob.pdf(
        facts(found), on=w.today(entities.get(w, found.claim.entity_id).time_zone), lang=lang
    )


def facts(one: Eob) -> dict[str, Any]:
    """What the letter `eob` is told: texts only."""
    head, claim = one.head, one.claim
    contact: dict[str, Any] = next(iter(head.contact.values()), {})
    numbers = [str(number[-1]) for number in contact.get("numbers", ())]
    days = [line.view.service_from for line in one.lines if line.view.service_from]
    return {
        "standing": one.standing, "payer": head.payer or "Unknown payer", "payer_number": head.payer_company,
        "payer_contact": " ".join([contact.get("name", ""), *numbers]).strip(), "payee": one.payee,
        "payee_npi": head.payee_npi, "trace": head.trace, "method": head.method,
        "issued": _day(head.issued or head.effective_date), "patient": claim.patient, "member": one.member,
        "subscriber": one.subscriber, "control": claim.control, "payer_control": claim.payer_control,
        "status": claim.status, "service_from": _day(claim.service_from or min(days, default=None)),
        "service_to": _day(max(days, default=None)), "charge": str(claim.charge),
        "allowed": "" if one.allowed is None else str(one.allowed), "adjusted": str(one.adjusted),
        "paid": str(claim.paid), "share": str(one.share), "source": _source(one),
        "lines": [_row(line) for line in one.lines],
        "reasons": _reasons("", claim.adjustments)
        + [row for line in one.lines for row in _reasons(str(line.number), line.view.adjustments)],
        "remarks": _remarks("", claim.remarks)
        + [row for line in one.lines for row in _remarks(str(line.number), line.view.remarks)],
    }  # fmt: skip


def _source(one: Eob) -> str:
    if not _has_bytes(one.head):
        return f"FHIR, {one.head.trace}"
    return f"835 {one.head.trace}, ST {one.head.control}, CLP {one.claim.segment}"


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _row(line: EobLine) -> dict[str, str]:
    view = line.view
    code = " ".join(part for part in (view.code or view.revenue, view.modifiers) if part)
    allowed = "" if view.allowed is None else str(view.allowed)
    return {
        "number": str(line.number), "day": _day(view.service_from), "code": code, "units": view.units,
        "charge": str(view.charge), "allowed": allowed, "adjusted": str(line.adjusted),
        "paid": str(view.paid), "share": str(line.share),
    }  # fmt: skip


def _reasons(number: str, adjustments: Sequence[AdjustmentView]) -> list[dict[str, str]]:
    return [
        {"number": number, "code": f"{one.group}-{one.carc}", "words": one.label, "amount": str(one.amount)}
        for one in adjustments
    ]


def _remarks(number: str, remarks: Sequence[RemarkView]) -> list[dict[str, str]]:
    return [{"number": number, "code": one.code, "words": one.label} for one in remarks]
