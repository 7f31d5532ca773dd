"""What must hold of a claim payment, and which codes may be used: findings only, amounts are never touched.

Equations 1 to 3 and the side checks of the guide are exact to the cent; there is no tolerance.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache

from edi.amounts import BadAmount, parse_cents, same_count
from edi.codes import RETIRED_CARC, known, rows
from edi.findings import Finding, found, money
from edi.x835.model import Adjustment, ClaimPayment, Remark, Summary

STATUSES = frozenset({"1", "2", "3", "4", "19", "20", "21", "22", "23", "25"})
REVERSAL = "22"
GROUPS = ("CO", "PR", "OA", "PI")
CLAIM_FINDINGS = 500
LARGEST = 9_999_999_999  # cents: 99,999,999.99, the size limit HIPAA puts on an amount
GROUP_CODE = re.compile(r"\b(CO|PR|OA|PI)\b")


@cache
def allowed_groups() -> Mapping[str, frozenset[str]]:
    """Adjustment reason -> the groups it may be sent under, for the reasons that restrict it (R835-22)."""
    named = ((row["code"], frozenset(GROUP_CODE.findall(row["group_rule"]))) for row in rows("carc"))
    return {code: groups for code, groups in named if groups}


@cache
def needs_remark() -> frozenset[str]:
    """Adjustment reasons that need a remark code which is not an alert (R835-23)."""
    return frozenset(row["code"] for row in rows("carc") if row["rarc_required"] == "yes")


@cache
def alerts() -> frozenset[str]:
    """Remark codes that inform only and never satisfy needs_remark."""
    return frozenset(row["code"] for row in rows("rarc") if row["type"] == "alert")


@cache
def quiet_reasons() -> Mapping[str, frozenset[str]]:
    """Group -> reasons that need no second look,
    so that the reader's walk costs one set lookup per adjustment.
    """
    free = known("carc") - needs_remark() - frozenset(RETIRED_CARC)
    limits = allowed_groups()
    usual = {group: frozenset(code for code in free if group in limits.get(code, GROUPS)) for group in GROUPS}
    return defaultdict(frozenset, usual)


def check_claim(claim: ClaimPayment, sums: tuple[int, int, int, int, int]) -> list[Finding]:
    """Equation 2 and the side checks of one claim.

    sums: cents the walk added up: adjustments at claim level, at line level, those of group PR, then the
    charges and the payments of the lines.
    """
    findings: list[Finding] = []
    above, lines, patient, lines_charge, lines_paid = sums
    charge, paid, status = claim.charge, claim.paid, claim.status
    if charge - above - lines != paid:
        _complain(findings, claim, "835.claim_balance", 4, money(charge - above - lines - paid))
    if status not in STATUSES:
        _complain(findings, claim, "835.unknown_status", 2, status)
    if not claim.control:
        _complain(findings, claim, "835.control_missing", 1)
    if not claim.payer_control:
        _complain(findings, claim, "835.payer_control_missing", 7)
    stated = claim.patient_responsibility or 0
    if stated != patient and status != REVERSAL:
        _complain(findings, claim, "835.patient_responsibility", 5, money(stated - patient))
    if claim.services:
        if lines_charge != charge:
            _complain(findings, claim, "835.lines_charge", 3, money(lines_charge - charge))
        if lines_paid - above != paid:
            _complain(findings, claim, "835.lines_paid", 4, money(lines_paid - above - paid))
    if abs(paid) > abs(charge):
        _complain(findings, claim, "835.paid_above_charge", 4, money(paid))
    if not -LARGEST <= charge <= LARGEST:
        _complain(findings, claim, "835.large_amount", 3, money(charge))
    if not -LARGEST <= paid <= LARGEST:
        _complain(findings, claim, "835.large_amount", 4, money(paid))
    return findings


def _complain(findings: list[Finding], claim: ClaimPayment, code: str, element: int, value: str = "") -> None:
    findings.append(found(code, claim.segment, claim.byte, element, value))


def bounded(findings: list[Finding], claim: ClaimPayment) -> list[Finding]:
    """At most as many findings as a person can read; a claim with more is parked whatever the rest said."""
    if len(findings) <= CLAIM_FINDINGS:
        return findings
    too_many = found("835.too_many_findings", claim.segment, claim.byte, value=str(CLAIM_FINDINGS))
    return [too_many, *findings[:CLAIM_FINDINGS]]


def check_codes(claim: ClaimPayment) -> list[Finding]:
    """Every adjustment and remark of a claim against the lists and the group rules; called when one
    looked unusual.
    """
    findings: list[Finding] = []
    above = list(claim.remarks)
    every = above + [remark for service in claim.services for remark in service.remarks]
    _check_level(findings, claim.adjustments, every, claim.charge)
    for service in claim.services:
        _check_level(findings, service.adjustments, [*above, *service.remarks], service.charge)
    for remark in every[: 2 * CLAIM_FINDINGS]:
        if remark.list != "RX" and remark.code not in known("rarc"):
            findings.append(
                found("835.unknown_rarc", remark.segment, remark.byte, remark.element, remark.code)
            )
    return findings


def _check_level(
    findings: list[Finding],
    adjustments: list[Adjustment],
    remarks: list[Remark],
    charge: int,
) -> None:
    supported = any(remark.code not in alerts() for remark in remarks)
    for adjustment in adjustments:
        if len(findings) > CLAIM_FINDINGS:
            return
        reason = adjustment.reason

        def complain(code: str, value: str, at: Adjustment = adjustment) -> None:
            findings.append(found(code, at.segment, at.byte, at.element - 1, value))

        if adjustment.group not in GROUPS:
            complain("835.unknown_group", adjustment.group)
        if reason in RETIRED_CARC and reason not in known("carc"):
            complain("835.retired_carc", reason)
        elif reason not in known("carc"):
            complain("835.unknown_carc", reason)
        elif adjustment.group in GROUPS and adjustment.group not in allowed_groups().get(reason, GROUPS):
            complain("835.group_rule", f"{adjustment.group}-{reason}")
        if reason in needs_remark() and not supported:
            complain("835.rarc_required", reason)
        if adjustment.group == "CO" and reason == "45" and charge and adjustment.cents == charge:
            complain("835.zero_allowed", money(charge))


def check_summary(summary: Summary) -> list[Finding]:
    """TS304 and TS305 against the claims of their LX; silent when the payer sent no summary."""
    if not summary.ts3:
        return []
    elements = [*summary.ts3, *[""] * 6]
    count, charge = elements[4], elements[5]
    findings = []
    if count and not same_count(count, summary.claims):
        value = f"{count[:12]} claims, {summary.claims} found"
        findings.append(found("835.summary_count", summary.segment, summary.byte, 4, value))
    try:
        stated = parse_cents(charge) if charge else summary.charge
    except BadAmount:
        stated = None
    if stated != summary.charge:
        value = f"charges {charge[:16]}, {money(summary.charge)} found"
        findings.append(found("835.summary_count", summary.segment, summary.byte, 5, value))
    return findings
