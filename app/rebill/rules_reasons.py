"""Why an institutional claim is changed or cancelled, in one condition code (section 3). Pure."""

from collections.abc import Set

from app.rebill.lifecycle import Kind

WORDS = {
    "D0": "the dates of service changed",
    "D1": "the charges changed",
    "D2": "revenue or procedure codes changed",
    "D4": "diagnosis or procedure codes changed",
    "D5": "cancelled for a wrong member or provider number",
    "D6": "cancelled as a duplicate or because it was overpaid",
    "D9": "several things or another one changed; say which in the remarks (NTE*ADD)",
    "E0": "the patient status changed",
}
"""D3 (second interim bill), D7 and D8 (Medicare becomes secondary or primary) are a person's to know."""
_OF_PART = {"dates": "D0", "charges": "D1", "codes": "D2", "diagnoses": "D4", "status": "E0"}


def reason(kind: Kind, changed: Set[str], paid: bool) -> tuple[str, str]:
    """The code to propose, and what it says. changed: parts that differ (`translate.changed_parts`).

    Exactly one: what stands for itself has its own code, several together are D9.
    """
    if kind is Kind.VOID:
        code = "D6" if paid else "D5"
    elif len(changed) == 1:
        code = _OF_PART.get(next(iter(changed)), "D9")
    else:
        code = "D9"
    return code, WORDS[code]
