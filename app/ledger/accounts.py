"""The chart of accounts of the patient-accounting subledger (refunds-cash section 6)."""

from enum import IntEnum


class Account(IntEnum):
    """Account numbers; the hundreds tell the kind: 1 asset, 2 liability, 4 revenue, 5 expense."""

    CASH = 1000
    CASH_CLEARING = 1010
    CARD_CLEARING = 1020
    AR_PAYER = 1100
    AR_PATIENT = 1110
    WITHHOLD = 1200
    TAX_WITHHOLDING = 1220
    DUE_FROM_AFFILIATES = 1230
    UNAPPLIED_PAYER = 2000
    UNAPPLIED_PATIENT = 2010
    REFUNDS_PATIENT = 2020
    REFUNDS_PAYER = 2030
    RECOUPMENT = 2040
    FORWARD_BALANCE = 2041
    UNCLAIMED = 2050
    PAYER_ADVANCES = 2060
    SUSPENSE = 2070
    LEVIES = 2090
    PAYABLES = 2100
    CHARGES = 4000
    CONTRACTUAL = 4100
    DENIAL_WRITE_OFF = 4110
    CHARITY = 4120
    SMALL_BALANCE = 4130
    DISCOUNT = 4140
    SEQUESTRATION = 4150
    CAPITATION = 4200
    INTEREST = 4210
    INCENTIVE = 4220
    FEES = 4230
    SETTLEMENT = 4240
    BAD_DEBT = 5000
    RECOVERIES = 5010
    AGENCY_COMMISSION = 5020
    PAYER_PENALTIES = 5030
    BANK_COST = 5040


NAMES: dict[int, str] = {
    1000: "Cash",
    1010: "Cash clearing",
    1020: "Card clearing",
    1100: "Payer receivable",
    1110: "Patient receivable",
    1200: "Withhold receivable",
    1220: "Tax withholding receivable",
    1230: "Due from affiliates",
    2000: "Unapplied payer cash",
    2010: "Unapplied patient cash",
    2020: "Refunds payable, patient",
    2030: "Refunds payable, payer",
    2040: "Payer recoupment clearing",
    2041: "Payer forward balance",
    2050: "Unclaimed property",
    2060: "Payer advances",
    2070: "Suspense",
    2090: "Levies and garnishments",
    2100: "Accounts payable",
    4000: "Gross charges",
    4100: "Contractual adjustments",
    4110: "Denial write-offs",
    4120: "Charity care",
    4130: "Small balance",
    4140: "Discounts",
    4150: "Sequestration",
    4200: "Capitation revenue",
    4210: "Interest income, payers",
    4220: "Incentive and bonus revenue",
    4230: "Fees",
    4240: "Settlement and pass-through revenue",
    5000: "Bad debt",
    5010: "Bad debt recoveries",
    5020: "Agency commission",
    5030: "Payer penalties and fees",
    5040: "Bank and card fees",
}
