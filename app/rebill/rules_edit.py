"""Which fields of a claim a person may change. Pure."""

from dataclasses import dataclass

from app.kernel.errors import Refused
from app.rebill.lifecycle import Kind

OURS = frozenset({"control", "frequency", "charge"})
"""Given by the product: the number of the submission, its kind, the sum of its lines."""

LINE, COPY, REMOVE = "line", "copy", "remove"
"""Not a field but a whole line: one more like line n at the end, or line n taken out."""

OF_A_VOID = frozenset({"original_reference", "delay_reason", "condition", "note"})
"""A void repeats what was sent; only what tells the payer about the void may differ (R837-13)."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One field as typed; an empty value takes it out. line: from 1, 0 for the claim; index: from 0 within a
    field that may stand several times.
    """

    field: str
    line: int
    index: int
    value: str


def check(edit: Edit, kind: Kind) -> None:
    """Refuse a field that is not a person's to change."""
    if edit.field in OURS:
        words = "The product writes this itself: the number, the frequency and the total charge."
        raise Refused(words, code="not_editable", field=edit.field)
    if kind is Kind.VOID and edit.field not in OF_A_VOID:
        words = "A void repeats the claim as it was sent; nothing of it is changed (R837-13)."
        raise Refused(words, code="void_as_sent", field=edit.field)
