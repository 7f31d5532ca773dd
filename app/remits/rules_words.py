"""Why something waits, in a biller's words."""

_WORDS = {
    "match.none": "No claim of ours has this control number",
    "match.conflict": "The control number is ours, but neither charge nor patient agree",
    "match.ambiguous": "Several claims of ours fit equally well",
    "remit.no_original": "A reversal, and what it takes back was never posted",
    "remit.reversal_differs": "A reversal that does not take back exactly what was posted",
    "remit.same_adjudication": "The same adjudication was posted before",
    "remit.same_trace": "This check came in before, with other content",
    "remit.keyed_before": "This check was keyed from paper and is posted already",
    "remit.waits_for_bank": "Waits until the bank has the money",
    "835.line_balance": "A line does not balance: charge less adjustments is not what was paid",
    "835.claim_balance": "The claim does not balance: charge less adjustments is not what was paid",
    "835.transaction_balance": "The payment does not balance: claims less PLB are not the check",
    "835.unknown_status": "A claim status (CLP02) that is not in the guide",
    "835.decimals": "An amount with more than two decimals",
    "835.amount": "An amount that cannot be read",
    "835.currency": "Not in US dollars",
    "835.debit": "A debit: the payer takes money",
    "835.prenote": "A prenotification, no money moves",
    "835.negative_payment": "The payment is negative",
    "intake.unknown_entity": "The payee is not one of your entities",
    "intake.test_file": "A test file, and these are live books",
    "intake.look_first": "Somebody wants to see it before it posts",
    "intake.same_facts": "The same facts were posted before",
    "intake.same_interchange": "The same interchange came in before",
    "intake.interchange_reused": "The interchange number was used before, for other content",
    "edi.transaction_not_closed": "The transaction is cut off (no SE)",
    "edi.not_closed": "The file is cut off (no IEA)",
    "edi.transaction_count": "The sender's count of segments is wrong",
    "edi.transaction_control": "The control number at the end is not the one at the start",
    "plb.WO": "The payer takes money back (WO)",
    "plb.FB": "A balance carried forward (FB)",
    "plb.72": "A refund of ours is acknowledged (72)",
    "remit.difference": "Released although it does not add up: the payment is more or less than its parts",
    "plb.CS": "An adjustment to look into (CS)",
}


def reason_words(code: str | None) -> str:
    """The reason as a biller would say it; a code without words of its own is shown as it is."""
    if not code:
        return ""
    if code in _WORDS:
        return _WORDS[code]
    if code.startswith("plb."):
        return f"Provider adjustment {code[4:]}"
    return code.rpartition(".")[2].replace("_", " ").capitalize()
