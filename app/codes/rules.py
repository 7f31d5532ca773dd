"""What a code means: typed rows and the book that finds them.

Pure; a book is one entity's reading on one day.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

UNMAPPED = "unmapped"
NO_CASE = frozenset({"contractual", "patient_responsibility", "sequestration", "withhold", "informational"})
"""Categories whose adjustments never open a denial, whatever is_denial says (denials section 3)."""

NEXT_ACTIONS = frozenset(
    {
        "none_post",
        "bill_patient",
        "bill_next_payer",
        "verify_eligibility",
        "cob_update",
        "correct_rebill",
        "new_claim",
        "send_records",
        "patient_info_request",
        "retro_auth",
        "clinical_appeal",
        "appeal",
        "coding_review",
        "timely_proof",
        "duplicate_check",
        "enrollment_fix",
        "contract_review",
        "payer_inquiry",
        "liability_carrier",
        "refund_review",
        "wait",
        "write_off_review",
    }
)
"""What may be done about an adjustment: a closed list (denials section 3)."""


@dataclass(frozen=True, slots=True)
class Carc:
    """A claim adjustment reason. `code` is as the payer sent it; `reads_as` is the code in force that
    explains it.

    `is_denial` is full, partial or not; `ledger_effect` is the account text of the shipped list.
    """

    code: str
    reads_as: str
    label: str
    category: str
    is_denial: str
    ledger_effect: str
    next_action: str
    appealable: str
    preventable: str
    rarc_required: bool
    group_rule: str
    groups: tuple[str, ...]
    patient_responsibility: str
    core_scenario: str
    known: bool

    @property
    def opens_denial(self) -> bool:
        """Do its dollars count as denied? Unmapped codes do: somebody must look (RDEN-01)."""
        if self.category in NO_CASE:
            return False
        return self.category == UNMAPPED or self.is_denial in ("full", "partial")


@dataclass(frozen=True, slots=True)
class Rarc:
    """A remark. An alert never satisfies `rarc_required` and never overrides a category."""

    code: str
    label: str
    type: str
    category: str
    appeal_effect: str
    next_action: str
    preventable: str
    patient_responsibility: str
    typical_carc: tuple[str, ...]
    known: bool

    @property
    def is_alert(self) -> bool:
        """Information only."""
        return self.type == "alert"


@dataclass(frozen=True, slots=True)
class Plb:
    """A provider level adjustment: the account it moves, whether it posts by itself, the work it raises."""

    code: str
    label: str
    account: str
    account_name: str
    auto_post: str
    work_item: str
    claim_reference: str
    usual_sign: str
    positive_means: str
    negative_means: str
    known: bool


@dataclass(frozen=True, slots=True)
class ClaimStatus:
    """A 277 or 277CA code: `kind` is category or status."""

    kind: str
    code: str
    label: str
    phase: str
    claim_state: str
    rejected: str
    next_action: str
    known: bool


@dataclass(frozen=True)
class CodeBook:
    """One entity's reading of every code on one day; looking up a code never fails."""

    on: date
    version: str
    carcs: Mapping[str, Mapping[str, str]] = field(repr=False)
    rarcs: Mapping[str, Mapping[str, str]] = field(repr=False)
    plbs: Mapping[str, Mapping[str, str]] = field(repr=False)
    categories: Mapping[str, Mapping[str, str]] = field(repr=False)
    statuses: Mapping[str, Mapping[str, str]] = field(repr=False)
    retired: Mapping[str, str] = field(default_factory=dict, repr=False)
    _read: dict[tuple[str, str], object] = field(default_factory=dict, repr=False, compare=False)

    def carc(self, code: str) -> Carc:
        """What an adjustment reason means.

        A retired code reads as its successor, an unknown one is unmapped.
        """
        found = self._read.get(("carc", code))
        if not isinstance(found, Carc):
            found = self._read["carc", code] = _carc(code, self.carcs, self.retired)
        return found

    def rarc(self, code: str) -> Rarc:
        """What a remark means; an unknown one is unmapped and supplemental."""
        found = self._read.get(("rarc", code))
        if not isinstance(found, Rarc):
            found = self._read["rarc", code] = _rarc(code, self.rarcs)
        return found

    def plb(self, code: str) -> Plb:
        """What a provider adjustment means; an unknown one waits in suspense (2070) for a person."""
        found = self._read.get(("plb", code))
        if not isinstance(found, Plb):
            found = self._read["plb", code] = _plb(code, self.plbs)
        return found

    def claim_status(self, kind: str, code: str) -> ClaimStatus:
        """What a claim status (`kind` status) or its category (`kind` category) means."""
        row = (self.categories if kind == "category" else self.statuses).get(code)
        known = row is not None
        row = row or {}
        return ClaimStatus(
            kind=kind,
            code=code,
            label=row.get("short_label", f"Unknown {kind} {code}"),
            phase=row.get("phase", "any"),
            claim_state=row.get("claim_state", "unknown"),
            rejected=row.get("rejected", "no"),
            next_action=row.get("next_action", "recheck"),
            known=known,
        )


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.split(";") if word)


def _carc(code: str, rows: Mapping[str, Mapping[str, str]], retired: Mapping[str, str]) -> Carc:
    reads_as = code if code in rows else retired.get(code, code)
    row = rows.get(reads_as)
    known = row is not None
    row = row or {}
    return Carc(
        code=code,
        reads_as=reads_as,
        label=row.get("short_label", f"Unknown reason {code}"),
        category=row.get("category", UNMAPPED),
        is_denial=row.get("is_denial", "full"),
        ledger_effect=row.get("ledger_effect", "none"),
        next_action=row.get("next_action", "payer_inquiry"),
        appealable=row.get("appealable", "conditional"),
        preventable=row.get("preventable", "no"),
        rarc_required=row.get("rarc_required") == "yes",
        group_rule=row.get("group_rule", "none"),
        groups=_words(row.get("group_codes_usual", "")),
        patient_responsibility=row.get("patient_responsibility_usual", "no"),
        core_scenario=row.get("core_scenario", "none"),
        known=known,
    )


def _rarc(code: str, rows: Mapping[str, Mapping[str, str]]) -> Rarc:
    row = rows.get(code)
    known = row is not None
    row = row or {}
    return Rarc(
        code=code,
        label=row.get("short_label", f"Unknown remark {code}"),
        type=row.get("type", "supplemental"),
        category=row.get("category", UNMAPPED),
        appeal_effect=row.get("appeal_effect", "none"),
        next_action=row.get("next_action", "payer_inquiry"),
        preventable=row.get("preventable", "no"),
        patient_responsibility=row.get("patient_responsibility_usual", "no"),
        typical_carc=_words(row.get("typical_carc", "")),
        known=known,
    )


def _plb(code: str, rows: Mapping[str, Mapping[str, str]]) -> Plb:
    row = rows.get(code)
    known = row is not None
    row = row or {}
    return Plb(
        code=code,
        label=row.get("label", f"Unknown provider adjustment {code}"),
        account=row.get("ledger_account", "2070"),
        account_name=row.get("account_name", "Suspense"),
        auto_post=row.get("auto_post", "review"),
        work_item=row.get("work_item", "review_plb"),
        claim_reference=row.get("claim_reference", "optional"),
        usual_sign=row.get("usual_sign", "either"),
        positive_means=row.get("positive_lowers_payment_means", "lowers payment"),
        negative_means=row.get("negative_raises_payment_means", "raises payment"),
        known=known,
    )
