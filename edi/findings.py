"""What a reader has to say: one finding per fact, at a place, with what it asks the rest of the
product to do.

`does`: refuse the file, hold the whole transaction, park one claim, warn (post and raise an item), ignore,
note. The sentences are for a biller; values in them are codes, amounts and control numbers, never names or
member ids.
"""

from typing import NamedTuple

REFUSE, HOLD, PARK, WARN, IGNORE, NOTE = "refuse", "hold", "park", "warn", "ignore", "note"
LONGEST_VALUE = 80


class Finding(NamedTuple):
    """One thing found.

    segment: 1-based number in the file; byte: offset of that segment; element: SEGnn or None.
    """

    code: str
    does: str
    segment: int
    byte: int
    element: int | None
    text: str
    value: str = ""


CATALOG: dict[str, tuple[str, str]] = {
    # the file
    "edi.not_x12": (REFUSE, "This file is not X12: it has no ISA segment."),
    "edi.separators": (
        REFUSE,
        "The ISA segment cannot be read: its separators are missing or not four different signs.",
    ),
    "edi.segment_too_long": (
        REFUSE,
        "More than 1 MB without a segment terminator: this is not a readable X12 file.",
    ),
    "edi.too_many": (REFUSE, "The file holds more than {value}; ask the sender to split it."),
    "edi.unknown_kind": (REFUSE, "No transaction in this file is of a kind Reclaim reads ({value})."),
    "edi.nothing_inside": (REFUSE, "The interchange holds no transaction."),
    "edi.junk_before": (WARN, "There are {value} bytes before the ISA segment; they were skipped."),
    "edi.junk_after": (
        WARN,
        "There is text after the end of the last interchange ({value} bytes); it was not read.",
    ),
    "edi.isa_width": (
        WARN,
        "The ISA segment is {value} characters long instead of 106; it was read by its elements.",
    ),
    # interchange, group, transaction
    "edi.not_closed": (
        HOLD,
        "The interchange is not closed (no IEA): the file may be cut off. Get the complete file.",
    ),
    "edi.group_not_closed": (HOLD, "The functional group is not closed (no GE): the file may be cut off."),
    "edi.transaction_not_closed": (HOLD, "The transaction is not closed (no SE): the file may be cut off."),
    "edi.transaction_control": (
        HOLD,
        "The control number at the end of the transaction (SE02 {value}) is not the one at its start (ST02).",
    ),
    "edi.transaction_count": (
        HOLD,
        "The sender counts {value} segments in the transaction (SE01); something is missing or added.",
    ),
    "edi.group_control": (
        HOLD,
        "The control number at the end of the group (GE02 {value}) is not the one at its start.",
    ),
    "edi.group_count": (
        HOLD,
        "The sender counts {value} transactions in the group (GE01); something is missing or added.",
    ),
    "edi.interchange_control": (
        HOLD,
        "The control number at the end of the interchange (IEA02 {value}) is not the one at "
        "its start (ISA13).",
    ),
    "edi.interchange_count": (
        HOLD,
        "The sender counts {value} groups in the interchange (IEA01); something is missing or added.",
    ),
    "edi.repeated_control": (WARN, "Two transactions of one group carry the same control number {value}."),
    "edi.out_of_place": (WARN, "Segment {value} stands outside of any transaction; it was not read."),
    "edi.unopened": (HOLD, "Segment {value} closes something that was never opened."),
    "edi.no_group": (HOLD, "The transaction stands outside of a functional group (no GS)."),
    "edi.functional_id": (HOLD, "The group says it carries {value}, which is not what the transaction is."),
    "edi.version": (
        HOLD,
        "The guide version {value} is not one Reclaim reads; totals may not mean what they seem.",
    ),
    "edi.version_old": (WARN, "The file follows guide {value}, older than 005010; check the statuses."),
    "edi.unknown_set": (HOLD, "A transaction of kind {value} is not one Reclaim reads."),
    "edi.component": (
        WARN,
        "Composite elements use {value}, not the separator declared in the ISA; it was read as used.",
    ),
    # remittance: the payment
    "835.header_missing": (
        HOLD,
        "The remit has no readable {value} segment; the payment cannot be identified.",
    ),
    "835.paid_unreadable": (
        HOLD,
        "An amount of money paid cannot be read ({value}); the cash of this remit is unknown.",
    ),
    "835.transaction_balance": (
        HOLD,
        "The remit does not balance: claims paid less provider adjustments differ from the "
        "payment (BPR02) by {value}.",
    ),
    "835.currency": (HOLD, "The remit is in {value}, not in US dollars."),
    "835.debit": (HOLD, "The remit is a debit: the payer takes money from us (BPR03 = D)."),
    "835.prenote": (
        HOLD,
        "The remit is a prenotification: a test of the bank account, no money (BPR01 = P).",
    ),
    "835.negative_payment": (
        HOLD,
        "The payment is negative ({value}); a payer must carry a shortage forward instead.",
    ),
    "835.notice_with_money": (
        WARN,
        "The remit is a notice only (BPR01 = H) but states a payment of {value}.",
    ),
    "835.no_payment_method": (
        WARN,
        "The remit states a payment of {value} but no way it is paid (BPR04 = NON).",
    ),
    "835.payer_id": (WARN, "The payer's id differs between BPR10 and TRN03 ({value})."),
    "835.date": (WARN, "The date {value} is not a day of the calendar; it was left empty."),
    "835.date_missing": (WARN, "The remit has no payment date (BPR16)."),
    "835.party_missing": (HOLD, "The remit does not name its {value}."),
    "835.summary_count": (
        WARN,
        "The summary of a group (TS3) counts claims or charges differently from its claims: {value}.",
    ),
    "835.interest": (
        WARN,
        "Interest on the claims and interest in the provider adjustments (PLB L6) differ by {value}.",
    ),
    "835.unknown_plb": (WARN, "The provider adjustment code {value} is not in the list."),
    "835.plb_amount": (HOLD, "A provider adjustment has an amount that cannot be read ({value})."),
    "835.too_many_plb": (
        HOLD,
        "The remit has more than {value} provider adjustments; the rest was not read.",
    ),
    "835.stray_segment": (HOLD, "Segment {value} stands where no claim is open; money may be missing."),
    "835.claim_too_long": (HOLD, "One claim has more than {value} segments; the rest of it was not read."),
    "835.too_many_findings": (PARK, "The claim has more than {value} findings; the rest was not kept."),
    # remittance: one claim
    "835.line_balance": (
        PARK,
        "BAL-SVC: the line's charge less its adjustments differs from its payment by {value}.",
    ),
    "835.claim_balance": (
        PARK,
        "The claim's charge less its adjustments differs from its payment by {value}.",
    ),
    "835.unknown_status": (PARK, "The claim status {value} is not one of the guide."),
    "835.decimals": (PARK, "The amount {value} has parts of a cent."),
    "835.amount": (PARK, "The amount {value} is missing or not a number."),
    "835.unknown_group": (
        PARK,
        "The adjustment group {value} is not CO, PR, OA or PI: nobody is named to bear it.",
    ),
    "835.control_missing": (WARN, "The claim has no patient control number."),
    "835.payer_control_missing": (WARN, "The claim has no payer control number (CLP07)."),
    "835.patient_responsibility": (
        WARN,
        "Patient responsibility (CLP05) differs from the PR adjustments by {value}.",
    ),
    "835.lines_charge": (WARN, "The charges of the lines differ from the claim's charge by {value}."),
    "835.lines_paid": (
        WARN,
        "The payments of the lines, less claim adjustments, differ from the claim's payment by {value}.",
    ),
    "835.paid_above_charge": (WARN, "The payer paid more than the charge ({value})."),
    "835.zero_allowed": (
        WARN,
        "CO-45 takes the whole charge of {value}: read it as a denial, not as a contract discount.",
    ),
    "835.unknown_carc": (
        WARN,
        "The adjustment reason {value} is not in the list; its amount moves nothing by itself.",
    ),
    "835.retired_carc": (NOTE, "The adjustment reason {value} was retired."),
    "835.unknown_rarc": (WARN, "The remark code {value} is not in the list."),
    "835.group_rule": (WARN, "The adjustment {value} is sent under a group its reason does not allow."),
    "835.rarc_required": (
        WARN,
        "The adjustment reason {value} needs a remark code and has none; ask the payer.",
    ),
    "835.empty_triplet": (
        WARN,
        "An adjustment segment has an empty place before {value}; the amounts after it were read.",
    ),
    "835.large_amount": (WARN, "The amount {value} is above 99,999,999.99."),
    "835.unknown_segment": (WARN, "Segment {value} is not expected there; it was kept as sent."),
    # billed claim
    "837.control_missing": (
        PARK,
        "The claim has no patient control number (CLM01); no remit can be matched to it.",
    ),
    "837.amount": (PARK, "The amount {value} is missing or not a number."),
    "837.decimals": (PARK, "The amount {value} has parts of a cent."),
    "837.no_lines": (WARN, "The claim has no service lines."),
    "837.lines_charge": (WARN, "The charges of the lines differ from the claim's charge by {value}."),
    "837.date": (WARN, "The date {value} is not a day of the calendar; it was kept as sent."),
    "837.reference_missing": (WARN, "Frequency {value} replaces or voids a claim but names none (REF*F8)."),
    "837.reference_unexpected": (
        WARN,
        "An original claim names an earlier one (REF*F8); some payers reject that.",
    ),
    "837.cob_line": (WARN, "A line's charge differs from what the other payer paid and adjusted by {value}."),
    "837.cob_claim": (
        WARN,
        "The claim's charge differs from what the other payer paid and adjusted by {value}.",
    ),
    "837.cob_levels": (
        WARN,
        "The other payer's payment of the claim differs from that of its lines by {value}.",
    ),
    "837.cob_noncovered": (WARN, "The other payer is said both to have paid and not to cover (AMT*A8)."),
    "837.provider_missing": (WARN, "The claim has no billing provider."),
    "837.unknown_segment": (WARN, "Segment {value} is not expected there; it was kept as sent."),
    "837.stray_segment": (WARN, "Segment {value} stands where no claim is open; it was kept as sent."),
    "837.header_missing": (HOLD, "The transaction has no BHT segment."),
    "837.claim_too_long": (HOLD, "One claim has more than {value} segments; the rest of it was not read."),
    "837.no_claims": (WARN, "The transaction holds no claim."),
    "837.place_missing": (WARN, "The claim names no place of service and frequency (CLM05)."),
    # claims on their way out: held ones are not sent, the others are looked at first
    "out.form": (HOLD, "{value}"),
    "out.control": (HOLD, "The patient control number (CLM01) is missing or longer than 20 signs."),
    "out.total": (HOLD, "The lines come to {value} more than the claim's charge (CLM02)."),
    "out.no_lines": (HOLD, "The claim has no service lines."),
    "out.lines": (HOLD, "The claim has more than {value} lines."),
    "out.amount": (HOLD, "The amount {value} is missing or no amount in dollars and cents."),
    "out.date": (HOLD, "The date {value} is no day of the calendar."),
    "out.frequency": (HOLD, "Frequency {value} does not exist on this form."),
    "out.reference_missing": (
        HOLD,
        "Frequency {value} needs the payer's number of the claim before (REF*F8).",
    ),
    "out.reference_unexpected": (
        WARN,
        "An original claim names an earlier one (REF*F8); some payers reject that.",
    ),
    "out.delay_reason": (HOLD, "{value} is no reason for late filing (CLM20: 1 to 11, 15)."),
    "out.reason_missing": (
        WARN,
        "A hospital's frequency {value} says why by one claim change reason (condition D0 to D9, E0).",
    ),
    "out.reason_several": (
        HOLD,
        "Only one claim change reason may be sent, not {value}; D9 stands for several.",
    ),
    "out.reason_note": (HOLD, "Claim change reason D9 needs a note that explains it (NTE*ADD)."),
    "out.filing_rank": (HOLD, "Two payers of the claim have the rank {value} (SBR01)."),
    "out.msp": (HOLD, "Medicare is not the first payer: say why (insurance type, SBR05)."),
    "out.patient": (
        HOLD,
        "The patient is either the subscriber (SBR02 is 18) or has a relationship of their own (PAT01).",
    ),
    "out.diagnosis": (HOLD, "The claim has no diagnosis."),
    "out.diagnoses": (HOLD, "More than {value} diagnoses."),
    "out.pointer": (HOLD, "The diagnosis pointer {value} names no diagnosis of the claim."),
    "out.pointer_missing": (HOLD, "The line names no diagnosis."),
    "out.procedure": (HOLD, "The line names no procedure."),
    "out.revenue": (HOLD, "The line has no revenue code."),
    "out.service_date": (HOLD, "The line has no date of service."),
    "out.line_control": (HOLD, "Two lines have the same control number (REF*6R {value})."),
    "out.line_number": (WARN, "The lines are not numbered 1, 2, 3 (LX01 is {value})."),
    "out.attachment": (HOLD, "An attachment needs a number of its own (PWK06)."),
    "out.attachment_twice": (HOLD, "Two attachments have the same number (PWK06 {value})."),
    "out.npi": (WARN, "The NPI {value} is not right: its last digit does not prove the others."),
    "out.cob_line": (HOLD, "The other payer's payment and adjustments leave {value} of the line's charge."),
    "out.cob_claim": (HOLD, "The other payer's payment and adjustments leave {value} of the claim's charge."),
    "out.cob_levels": (
        HOLD,
        "The other payer's payment of the claim (AMT*D) differs from that of its lines by {value}.",
    ),
    "out.cob_noncovered": (
        HOLD,
        "The other payer is said both to have decided and not to cover (AMT*A8): only one can be sent.",
    ),
    "out.cob_skipped": (HOLD, "What the other payer does not cover (AMT*A8) is not the claim's charge."),
    "out.cob_payer": (HOLD, "A line was answered by {value}, which is none of the claim's other payers."),
    "out.cob_day": (HOLD, "The day on which the other payer decided is missing (DTP*573)."),
    "out.cob_remaining": (
        WARN,
        "What the patient still owes (AMT*EAF) is told of the claim and of its lines; tell it of the lines.",
    ),
    "out.cob_bundled": (HOLD, "The line was folded into line {value}, which the claim does not have."),
    "out.required": (HOLD, "{value} is required and missing."),
    "out.expected": (WARN, "The guide requires {value}."),
    "out.repeated": (HOLD, "{value} is there too often."),
    "out.unplaced": (WARN, "The guide does not know {value}; the receiver may refuse it."),
    "out.order": (WARN, "{value} comes too late; the receiver may refuse it."),
    "out.long": (HOLD, "{value} is too long."),
    "out.characters": (WARN, "{value} holds signs outside capitals, digits and plain punctuation."),
    "out.separator": (
        WARN,
        "{value} holds a sign that separates; it is sent with other separators or without it.",
    ),
    # acknowledgements
    "ack.too_long": (WARN, "The acknowledgement has more than {value} segments; the rest was not read."),
    "ack.unknown_segment": (WARN, "Segment {value} is not expected there; it was kept as sent."),
    "ack.nothing_answered": (WARN, "The acknowledgement does not say what it answers."),
    "ack.unknown_status": (WARN, "The claim status {value} is not in the list."),
    "ack.amount": (WARN, "The amount {value} is not a number; it was left empty."),
    "guide.error": (WARN, "Second opinion: {value}"),
    "guide.failed": (NOTE, "The second opinion could not be formed ({value})."),
    # explanations of benefits (FHIR)
    "fhir.not_json": (REFUSE, "This is no whole FHIR JSON: {value}."),
    "fhir.too_large": (REFUSE, "More than {value} MB of FHIR JSON in one file; send it in parts."),
    "fhir.too_many_resources": (REFUSE, "More than {value} explanations in one file; send it in parts."),
    "fhir.nothing_to_read": (
        REFUSE,
        "It holds {value}; of FHIR Reclaim reads ExplanationOfBenefit and ClaimResponse.",
    ),
    "fhir.kind": (HOLD, "It is {value}, not an ExplanationOfBenefit or ClaimResponse."),
    "fhir.required": (HOLD, "A required field is missing, or its value is not one of the standard."),
    "fhir.repeated": (HOLD, "The field {value} is given twice; which one counts is not known."),
    "fhir.unique_missing": (HOLD, "The payer's claim number is missing (identifier of type uc)."),
    "fhir.unique_untyped": (WARN, "The payer's claim number is not marked as such; {value} was taken."),
    "fhir.currency": (HOLD, "The amount is in {value}, not in US dollars."),
    "fhir.amount": (HOLD, "The amount {value} is missing or not a plain number."),
    "fhir.decimals": (HOLD, "The amount {value} has parts of a cent."),
    "fhir.unmapped": (WARN, "The code {value} is not known here; its amount moves nothing by itself."),
    "fhir.too_many": (HOLD, "More than {value} entries at one place; the rest was not read."),
    "fhir.charge_missing": (HOLD, "The charge is not stated (submitted, or net)."),
    "fhir.unbalanced": (
        HOLD,
        "EOB-UNBALANCED: charge less payment and all that is explained leaves {value}.",
    ),
    "fhir.penny": (WARN, "A residual of {value} was put into the contractual adjustment (CO-45)."),
    "fhir.reasons": (WARN, "Several denial reasons for one amount ({value}); it stands under the first."),
    "fhir.negative_paid": (HOLD, "The payment is negative ({value})."),
    "fhir.member_liability": (
        WARN,
        "The member's liability differs by {value} from what deductible, copay, coinsurance and what is not "
        "covered leave to the patient.",
    ),
    "fhir.no_member_liability": (
        WARN,
        "{value} is left to the patient without a stated member liability; it stays with the payer until "
        "a person has looked.",
    ),
    "fhir.totals": (HOLD, "The totals of the header differ from the lines: {value}."),
    "fhir.guide": (WARN, "Second opinion: {value}"),
    "835.repeated": (WARN, "The value {value} is given twice; the first was used, the second kept as sent."),
}


def money(cents: int) -> str:
    """Cents as a biller writes them: -1234567 -> -12345.67."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def found(code: str, segment: int, byte: int, element: int | None = None, value: str = "") -> Finding:
    """The finding of the catalog with its sentence filled in; a long or unprintable value is shortened."""
    does, sentence = CATALOG[code]
    shown = "".join(sign if sign.isprintable() else "?" for sign in value[:LONGEST_VALUE])
    return Finding(code, does, segment, byte, element, sentence.replace("{value}", shown), shown)


class Findings(list[Finding]):
    """Findings with a limit, because a hostile file must not fill memory with complaints.

    The first of each code is always kept: a thousand warnings never push out what holds a transaction.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self.codes: set[str] = set()

    def want(self, code: str) -> bool:
        """Whether a finding of this code would be kept."""
        return len(self) < self.most or code not in self.codes

    def add(self, finding: Finding) -> None:
        """Keep a finding while there is room, or when nothing of its code was kept before."""
        if self.want(finding.code):
            self.codes.add(finding.code)
            self.append(finding)
