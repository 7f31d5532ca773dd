"""One correction for many claims: which fields of each it changes. Pure."""

from dataclasses import dataclass

from app.kernel.errors import Refused
from app.rebill.rules_edit import Edit
from app.rebill.rules_facts import Facts, labels, of_lines

ADDED = frozenset({"modifier", "diagnosis", "condition"})
"""Fields that stand several times: the correction adds one to those that are there."""
ALLOWED = (
    "modifier", "authorization", "referral", "clia", "facility", "place", "billing_npi", "billing_taxonomy",
    "billing_address", "billing_zip", "billing_tax_id", "rendering_npi", "rendering_taxonomy",
    "referring_npi", "attending_npi", "condition", "note", "delay_reason", "release",
    "assignment", "benefits", "unit_type", "ndc", "ndc_units", "ndc_unit_type", "filing_indicator",
    "payer_id",
)  # fmt: skip
"""Fields one value may be right of for many claims; diagnoses, dates and persons are each claim's own."""
VALUE_MOST = 80


@dataclass(frozen=True, slots=True)
class Correction:
    """What is written into every claim of a set. procedure: only into lines with this code; empty: all."""

    field: str
    value: str
    procedure: str = ""


def read(field: str, value: str, procedure: str) -> Correction | None:
    """A correction as typed; None when nothing is to be changed, `Refused` when it cannot be one."""
    field, value, procedure = field.strip(), value.strip(), procedure.strip().upper()
    if not field and not value:
        return None
    if field not in ALLOWED:
        raise Refused("Choose the field to correct.", code="unknown_field", field="field")
    if not value or len(value) > VALUE_MOST:
        raise Refused("Write the value every claim gets.", code="no_value", field="value")
    if procedure and field not in of_lines():
        raise Refused(
            "This field is the claim's; leave the procedure empty.", code="no_line", field="procedure"
        )
    return Correction(field, value, procedure[:5])


def edits(correction: Correction, facts: Facts) -> list[Edit]:
    """The edits of one claim; empty when it says so already, `Refused` when no line has the procedure."""
    field, value = correction.field, correction.value
    if field not in of_lines():
        there = [one for one in facts.claim.get(field, ()) if one]
        index = len(there) if field in ADDED else 0
        return [] if value in there else [Edit(field, 0, index, value)]
    made, found = [], False
    for number, line in enumerate(facts.lines, start=1):
        if correction.procedure and correction.procedure not in line.get("procedure", ()):
            continue
        found = True
        there = [one for one in line.get(field, ()) if one]
        if value not in there:
            made.append(Edit(field, number, len(there) if field in ADDED else 0, value))
    if not found:
        raise Refused(f"No line has the procedure {correction.procedure}.", code="no_such_line")
    return made


def choices() -> list[tuple[str, str]]:
    """The fields one may correct, as (name, label)."""
    known = labels()
    return [(name, known.get(name, name.replace("_", " ").capitalize())) for name in ALLOWED]
