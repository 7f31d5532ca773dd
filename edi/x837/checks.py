"""What should hold of a claim as billed: totals of its lines and of other payers. Findings only."""

from edi.findings import Finding, found, money
from edi.x837.model import BilledClaim, OtherPayer

OTHER_PAYERS = 10  # the guides allow ten; what stands beyond is kept and not compared


def check_claim(claim: BilledClaim) -> list[Finding]:
    """Every rule a claim breaks, at its CLM or at the loop concerned."""
    findings: list[Finding] = []
    segment, byte = claim.segment, claim.byte
    if not claim.control:
        findings.append(found("837.control_missing", segment, byte, 1))
    if claim.billing is None:
        findings.append(found("837.provider_missing", segment, byte))
    if not claim.facility:
        findings.append(found("837.place_missing", segment, byte, 5))
    off = sum(line.charge for line in claim.lines) - claim.charge
    if not claim.lines:
        findings.append(found("837.no_lines", segment, byte))
    elif off:
        findings.append(found("837.lines_charge", segment, byte, 2, money(off)))
    if claim.frequency in ("7", "8") and not claim.original_reference:
        findings.append(found("837.reference_missing", segment, byte, 5, claim.frequency))
    if claim.frequency == "1" and claim.original_reference:
        findings.append(found("837.reference_unexpected", segment, byte, 5, claim.original_reference))
    for other in claim.other_payers[:OTHER_PAYERS]:
        findings += _check_other(claim, other)
    return findings


def _check_other(claim: BilledClaim, other: OtherPayer) -> list[Finding]:
    """R837 section 5: line, claim and between the levels; silent when the other payer has not adjudicated."""
    findings: list[Finding] = []
    paid = adjusted = lines = 0
    # One company may be two payers of a claim; their answers to a line then stand in the order of the payers.
    alike = [one for one in claim.other_payers[:OTHER_PAYERS] if one.payer_id == other.payer_id]
    for line in claim.lines:
        said = [one for one in line.adjudications if one.payer_id == other.payer_id]
        if not said:
            continue
        if len(alike) > 1 and len(said) % len(alike) == 0:
            part = len(said) // len(alike)
            at = next(number for number, one in enumerate(alike) if one is other)
            said = said[at * part : (at + 1) * part]
        # A payer that split a line answers it in parts, which together make its charge.
        lines += 1
        first = sum(one.paid for one in said)
        cents = sum(adjustment.cents for one in said for adjustment in one.adjustments)
        paid += first
        adjusted += cents
        if line.charge != first + cents and not any(one.bundled_into for one in said):
            one, off = said[0], money(line.charge - first - cents)
            findings.append(found("837.cob_line", one.segment, one.byte, 2, off))
    above = sum(adjustment.cents for adjustment in other.adjustments)
    if other.noncovered is not None and (other.paid is not None or other.adjustments):
        findings.append(found("837.cob_noncovered", other.segment, other.byte))
    if other.paid is None:
        return findings
    if (lines or other.adjustments) and claim.charge != other.paid + above + adjusted:
        off = money(claim.charge - other.paid - above - adjusted)
        findings.append(found("837.cob_claim", other.segment, other.byte, None, off))
    if lines and other.paid != paid - above:
        findings.append(
            found("837.cob_levels", other.segment, other.byte, None, money(other.paid - paid + above))
        )
    return findings
