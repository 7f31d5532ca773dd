"""The border to `edi` for the editor: the fields of a claim as billed and as it will go, by their matter."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.kernel.errors import Refused
from app.rebill.lifecycle import Kind
from app.rebill.rules_edit import LINE, OURS, Edit, check
from app.rebill.translate_lines import controls
from edi.x837.catalogue import FIELDS, Field
from edi.x837.edit import lines as lines_of
from edi.x837.fields import get
from edi.x837.whole import Whole

Problem = Mapping[str, Any]
CLINICAL = "diagnoses"
GROUPS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "claim": ("Claim", (
        "original_reference", "authorization", "referral", "facility", "frequency", "delay_reason",
        "assignment", "benefits", "release", "related_cause", "accident_state", "patient_paid",
        "medical_record", "clia", "service_exception", "demonstration", "clearinghouse_number",
        "statement_dates", "admission_date", "admission_type", "admission_source", "patient_status",
        "discharge_date", "discharge_hour", "onset_date", "initial_treatment_date", "last_seen_date",
        "accident_date", "last_worked_date",
    )),
    CLINICAL: ("Diagnoses and codes", (
        "diagnosis", "diagnosis_present", "admitting_diagnosis", "visit_reason", "external_cause", "drg",
        "procedure_principal", "procedure_other", "condition", "occurrence", "occurrence_date",
        "occurrence_span", "occurrence_span_dates", "value_code", "value_amount",
    )),
    "notes": ("Notes and attachments", (
        "note", "attachment_type", "attachment_sent_by", "attachment_control",
    )),
    "providers": ("Providers", (
        "billing_name", "billing_npi", "billing_taxonomy", "billing_tax_id", "billing_address",
        "billing_city", "billing_state", "billing_zip", "rendering_last", "rendering_first", "rendering_npi",
        "rendering_taxonomy", "attending_last", "attending_first", "attending_npi", "operating_npi",
        "referring_last", "referring_first", "referring_npi", "supervising_npi", "location_name",
        "location_npi",
    )),
    "people": ("Subscriber and payer", (
        "member_id", "subscriber_last", "subscriber_first", "subscriber_middle", "subscriber_birth",
        "subscriber_sex", "relationship", "group_number", "group_name", "subscriber_address",
        "subscriber_city", "subscriber_state", "subscriber_zip", "patient_last", "patient_first",
        "patient_birth", "patient_sex", "patient_relationship", "payer_name", "payer_id",
        "filing_indicator", "msp_type",
    )),
}  # fmt: skip
"""The order of a form; a field that stands in none of them is not typed."""

HALVES = (("claim", "notes", CLINICAL), ("people", "providers"))
MAIN = {
    "P": ("procedure", "modifier", "units", "line_charge", "pointer", "service_dates", "place"),
    "I": ("revenue", "procedure", "modifier", "units", "line_charge", "service_dates"),
}
MAIN_LABELS = {
    "procedure": "Procedure", "modifier": "Modifiers", "units": "Units", "line_charge": "Charge",
    "pointer": "Diagnosis", "service_dates": "Dates", "place": "Place", "revenue": "Revenue",
}  # fmt: skip
SHOWN_WHOLE = frozenset({"modifier", "pointer"})
"""Fields of a line all places of which are shown."""

HINTS = {
    "date": "YYYY-MM-DD", "period": "YYYY-MM-DD, or two days joined by -", "amount": "Dollars and cents",
    "npi": "Ten digits", "moment": "YYYY-MM-DD HH:MM",
}  # fmt: skip
ALWAYS = frozenset({"original_reference", "authorization", "diagnosis", "note", "member_id", "rendering_npi"})
"""Asked for so often that they stand open even while they are empty."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A field of the form: what was billed, what will go, what is wrong with it. line 0: of the claim."""

    field: str
    line: int
    index: int
    label: str
    value: str
    billed: str
    length: int
    hint: str
    problems: tuple[Problem, ...] = ()
    fixed: bool = False

    @property
    def key(self) -> str:
        """Its name in a form."""
        return f"f:{self.field}:{self.line}:{self.index}"

    @property
    def id(self) -> str:
        """Its id on the page."""
        return f"f-{self.field}-{self.line}-{self.index}"

    @property
    def say(self) -> str:
        """The id of the place its problems stand in."""
        return f"say-{self.field}-{self.line}-{self.index}"

    @property
    def spoken(self) -> str:
        """What it is called where no label is seen."""
        return f"{self.label} of line {self.line}, corrected" if self.line else f"{self.label}, corrected"

    @property
    def changed(self) -> bool:
        """Is it other than billed?"""
        return self.value != self.billed

    @property
    def errors(self) -> bool:
        """Does it keep the claim from being finished?"""
        return any(one["does"] == "error" for one in self.problems)


@dataclass(frozen=True, slots=True)
class Group:
    """Fields of one matter. hidden: why they are not shown, instead of them."""

    key: str
    title: str
    cells: tuple[Cell, ...]
    hidden: str = ""

    @property
    def shown(self) -> tuple[Cell, ...]:
        """Those filled in, wrong, or asked for often."""
        return tuple(one for one in self.cells if _matters(one))

    @property
    def rest(self) -> tuple[Cell, ...]:
        """The others."""
        return tuple(one for one in self.cells if not _matters(one))


@dataclass(frozen=True, slots=True)
class Line:
    """A service line of the form. billed: the billed line it is, 0 for one that was added; main: the cells of
    each column; more: what else it may carry.
    """

    number: int
    billed: int
    main: tuple[tuple[Cell, ...], ...]
    more: tuple[Cell, ...]
    problems: tuple[Problem, ...]

    @property
    def say(self) -> str:
        """The id of the place where the problems of its main cells stand."""
        return f"say-line-{self.number}"

    @property
    def filled(self) -> list[str]:
        """The labels of what else it carries."""
        return [one.label for one in self.more if one.value]

    @property
    def open(self) -> bool:
        """Is something wrong with what else it carries?"""
        return any(one.problems for one in self.more)


@dataclass(frozen=True, slots=True)
class Form:
    """The whole form. homeless: problems whose field is not on it."""

    halves: tuple[tuple[Group, ...], ...]
    lines: tuple[Line, ...]
    labels: tuple[str, ...]
    homeless: tuple[Problem, ...]

    @property
    def cells(self) -> list[Cell]:
        """Every field that is shown."""
        found = [cell for half in self.halves for group in half for cell in group.cells]
        for line in self.lines:
            found += [cell for cells in line.main for cell in cells]
            found += line.more
        return found


def may_type(field: str, kind: Kind) -> bool:
    """Is this field a person's to change in a submission of this kind?"""
    try:
        check(Edit(field, 0, 0, ""), kind)
    except Refused:
        return False
    return True


def catalogue() -> list[dict[str, Any]]:
    """Every field a person may change."""
    return [
        {
            "name": one.name,
            "label": one.label,
            "of_line": one.of_line,
            "forms": list(one.kinds),
            "longest": one.longest,
            "most": one.most,
        }
        for one in FIELDS.values()
        if one.name not in OURS
    ]


def _matters(cell: Cell) -> bool:
    asked = cell.field in ALWAYS and cell.index == 0
    return bool(cell.value or cell.billed or cell.problems) or asked


def form(whole: Whole, base: Whole, problems: Sequence[Problem], kind: Kind, *, clinical: bool) -> Form:
    """The form of a claim. clinical: may diagnoses be seen?"""
    placed = _Placed(problems, kind)
    same = billed_lines(whole, base)
    made = tuple(_line(at, same.get(at, 0), whole, base, placed) for at in range(1, _count(whole) + 1))
    halves = tuple(
        tuple(_group(key, whole, base, placed, clinical=clinical) for key in half) for half in HALVES
    )
    labels = tuple(MAIN_LABELS[name] for name in MAIN[whole.kind])
    return Form(halves, made, labels, placed.left())


def billed_lines(whole: Whole, base: Whole) -> dict[int, int]:
    """Which billed line each line is, by its control number, else by its place; lines that were added are
    left out.
    """
    before = {control: at for at, control in enumerate(controls(base), 1) if control}
    found = {}
    for at, control in enumerate(controls(whole), 1):
        if control in before:
            found[at] = before[control]
        elif not control and at <= _count(base):
            found[at] = at
    return found


def _count(whole: Whole) -> int:
    return len(lines_of(whole))


def differing(whole: Whole, typed: Mapping[tuple[str, int, int], str]) -> list[Edit]:
    """The edits that make a claim say what was typed. What is emptied comes last and from behind, so that
    nothing moves up under a place that is still to be changed.
    """
    wanted = [
        Edit(field, line, index, value.strip())
        for (field, line, index), value in typed.items()
        if field in FIELDS and value.strip() != get(whole, field, line=line, index=index)
    ]
    return ordered(wanted)


def ordered(edits: Sequence[Edit]) -> list[Edit]:
    """The same edits in an order in which none of them moves what another names."""
    kept = [one for one in edits if one.value or one.field == LINE]
    gone = [one for one in edits if not one.value and one.field != LINE]
    return [*kept, *sorted(gone, key=lambda one: -one.index)]


def moves_up(edits: Sequence[Edit]) -> bool:
    """Does one of them take something out of a list, so that what follows has another place now?"""
    return any(
        one.field == LINE or (not one.value and FIELDS[one.field].most > 1 and not FIELDS[one.field].of_line)
        for one in edits
        if one.field == LINE or one.field in FIELDS
    )


class _Placed:
    """Problems by field and line, each taken once: the first place of a field gets those without an index."""

    def __init__(self, problems: Sequence[Problem], kind: Kind):
        self.kind = kind
        self._by: dict[tuple[str, int], list[Problem]] = {}
        for one in problems:
            if one["field"] or one["line"]:
                self._by.setdefault((str(one["field"]), int(one["line"] or 0)), []).append(one)

    def take(self, field: str, line: int) -> tuple[Problem, ...]:
        return tuple(self._by.pop((field, line), ()))

    def left(self) -> tuple[Problem, ...]:
        return tuple(one for group in self._by.values() for one in group)


def _group(key: str, whole: Whole, base: Whole, placed: _Placed, *, clinical: bool) -> Group:
    title, names = GROUPS[key]
    if key == CLINICAL and not clinical:
        return Group(key, title, (), "Your role does not show diagnoses. Somebody who codes changes them.")
    here = [FIELDS[name] for name in names if whole.kind in FIELDS[name].kinds]
    return Group(key, title, tuple(cell for one in here for cell in _cells(one, whole, base, placed)))


def _cells(
    field: Field, whole: Whole, base: Whole, placed: _Placed, *, line: int = 0, billed_line: int = 0
) -> Iterator[Cell]:
    """A cell for each value there is or was, and of a list one more to type in."""
    now = _values(field, whole, line)
    there = not field.of_line or billed_line > 0
    billed = _values(field, base, billed_line) if there else []
    more = 4 if field.name in SHOWN_WHOLE else 3 if field.most > 1 else 0
    count = max(len(now), len(billed)) + more
    for index in range(min(field.most, max(count, 1))):
        yield Cell(
            field=field.name,
            line=line,
            index=index,
            label=field.label if field.most == 1 else f"{field.label} {index + 1}",
            value=now[index] if index < len(now) else "",
            billed=billed[index] if index < len(billed) else "",
            length=_length(field),
            hint=HINTS.get(field.shape, ""),
            problems=placed.take(field.name, line) if index == 0 else (),
            fixed=not may_type(field.name, placed.kind),
        )


def _length(field: Field) -> int:
    """How much may be typed: separators of dates and amounts are taken out later."""
    return (
        field.longest + 4 if field.shape in ("date", "period", "moment", "amount", "npi") else field.longest
    )


def _values(field: Field, whole: Whole, line: int) -> list[str]:
    values = [get(whole, field.name, line=line, index=index) for index in range(field.most)]
    while values and not values[-1]:
        values.pop()
    return values


def _line(number: int, billed: int, whole: Whole, base: Whole, placed: _Placed) -> Line:
    main: list[tuple[Cell, ...]] = []
    for name in MAIN[whole.kind]:
        main.append(tuple(_cells(FIELDS[name], whole, base, placed, line=number, billed_line=billed))[:4])
    names = [
        one
        for one in FIELDS.values()
        if one.of_line and whole.kind in one.kinds and one.name not in (*MAIN[whole.kind], "line_control")
    ]
    more = tuple(
        cell for one in names for cell in _cells(one, whole, base, placed, line=number, billed_line=billed)
    )
    found = [problem for cells in main for cell in cells for problem in cell.problems]
    return Line(number, billed, tuple(main), more, (*found, *placed.take("", number)))
