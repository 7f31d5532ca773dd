"""A remit that is not posted, read live from its stored bytes: the same views the books would give."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, BinaryIO

from app.intake.translate import Found
from app.kernel.ids import address
from app.kernel.money import Money
from app.remits.queries import ClaimRow, Place, ProviderView, RemitHead
from app.remits.queries_claim import AdjustmentView, ClaimView, LineView, RemarkView
from app.remits.translate import reader_of


@dataclass(frozen=True)
class Preview:
    """What a transaction would say if it were posted. Nothing of it is in the books."""

    head: RemitHead
    claims: list[ClaimRow]
    chosen: ClaimView | None
    pairs: list[ProviderView]
    findings: list[Found]
    balanced: bool


def preview(stream: BinaryIO, head: RemitHead, book: Any, *, segment: int | None) -> Preview:
    """Read a stored transaction without posting it.

    segment: the CLP to show whole; None or an unknown one shows the first.
    """
    remittance = reader_of(stream, head.span)
    rows, chosen = [], None
    for clp in remittance.claims():
        rows.append(_row(clp, head))
        if chosen is None or clp.segment == segment:
            chosen = clp
    _, _, paid, plb, _ = remittance.totals
    facts = remittance.header
    npi = next((value for kind, value in facts.payee_ids if kind == "npi"), "")
    told = replace(
        head, payer=facts.payer_name or head.payer, payer_company=facts.payer_company, trace=facts.trace,
        effective_date=head.effective_date or facts.issued or facts.produced,
        method=facts.method, paid=Money(facts.paid), issued=facts.issued, produced=facts.produced,
        payee_npi=npi, account_last4=facts.account_last4, contact=facts.contact, claims=len(rows),
        claims_paid=Money(paid), provider_total=Money(plb),
    )  # fmt: skip
    pairs = [_pair(one, book) for one in remittance.provider_adjustments]
    view = _claim(chosen, head, book) if chosen is not None else None
    return Preview(told, rows, view, pairs, remittance.findings(), remittance.balanced)


def _everything(clp: Any) -> list[Any]:
    return [*clp.adjustments, *(one for line in clp.services for one in line.adjustments)]


def _row(clp: Any, head: RemitHead) -> ClaimRow:
    everything = _everything(clp)
    own = sum(one.cents for one in everything if one.group == "PR")
    stated = clp.patient_responsibility
    worst = next((one.code for one in clp.findings if one.does in ("park", "hold")), None)
    return ClaimRow(
        public_id=str(clp.segment),
        control=clp.control,
        payer_control=clp.payer_control,
        patient=_name(clp),
        status=clp.status,
        charge=Money(clp.charge),
        paid=Money(clp.paid),
        patient_responsibility=Money(own if stated is None else stated),
        adjusted=Money(sum(one.cents for one in everything)),
        state=head.state,
        reason=worst,
        match_how=None,
        denied=clp.status == "4",
        segment=clp.segment,
        service_from=_first_day(clp),
    )


def _first_day(clp: Any) -> date | None:
    days = (
        [clp.dates["232"]]
        if clp.dates.get("232")
        else [svc.date_from for svc in clp.services if svc.date_from]
    )
    return date.fromisoformat(min(days)) if days else None


def _name(clp: Any) -> str:
    one = clp.patient
    return ", ".join(part for part in (one.last, one.first) if part) if one else ""


def _claim(clp: Any, head: RemitHead, book: Any) -> ClaimView:
    stated = clp.patient_responsibility
    return ClaimView(
        public_id=str(clp.segment),
        control=clp.control,
        payer_control=clp.payer_control,
        patient=_name(clp),
        status=clp.status,
        state=head.state,
        reason=next((one.code for one in clp.findings if one.does in ("park", "hold")), None),
        match="",
        match_score=None,
        claim="",
        charge=Money(clp.charge),
        paid=Money(clp.paid),
        patient_responsibility=None if stated is None else Money(stated),
        service_from=_first_day(clp),
        crossover=clp.crossover.last if clp.crossover else None,
        charge_at=Place(clp.segment, clp.byte, 3),
        paid_at=Place(clp.segment, clp.byte, 4),
        responsibility_at=Place(clp.segment, clp.byte, 5),
        byte=clp.byte,
        byte_end=clp.byte_end,
        segment=clp.segment,
        version=0,
        lines=tuple(_line(one, book) for one in clp.services),
        adjustments=tuple(_adjustment(one, book) for one in clp.adjustments),
        remarks=tuple(_remark(one, book) for one in clp.remarks),
        remit_id=address(head.file_no, clp.segment),
        entity_id=head.entity_id or 0,
    )


def _line(svc: Any, book: Any) -> LineView:
    return LineView(
        svc.code, " ".join(svc.modifiers), svc.revenue or "", svc.units or "1", Money(svc.charge),
        Money(svc.paid), None if svc.allowed is None else Money(svc.allowed), svc.date_from, None,
        svc.control or "", Place(svc.segment, svc.byte, 2), Place(svc.segment, svc.byte, 3),
        tuple(_adjustment(one, book) for one in svc.adjustments),
        tuple(_remark(one, book) for one in svc.remarks),
    )  # fmt: skip


def _adjustment(one: Any, book: Any) -> AdjustmentView:
    row = book.carc(one.reason)
    return AdjustmentView(
        one.group, one.reason, Money(one.cents), one.quantity, "", row.category, False, row.label,
        Place(one.segment, one.byte, one.element),
    )  # fmt: skip


def _remark(one: Any, book: Any) -> RemarkView:
    return RemarkView(one.list, one.code, book.rarc(one.code).label, one.segment)


def _pair(one: Any, book: Any) -> ProviderView:
    meaning = book.plb(one.code)
    account = int(meaning.account) if meaning.account.isdigit() else 0
    return ProviderView(
        0,
        "", one.code, meaning.label, one.reference, one.provider, one.fiscal_date, Money(one.cents), account,
        "held", "", "", Place(one.segment, one.byte, one.element),
    )  # fmt: skip
