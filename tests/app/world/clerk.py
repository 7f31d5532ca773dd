"""A second, much simpler reader of a world's files: what a careful clerk with a calculator would book.

It shares no line with the generator, decides everything from the text, and takes files by name.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

DENIALS = {
    "4", "11", "16", "18", "20", "22", "26", "27", "29", "31", "50", "59", "96", "97", "109", "119", "146",
    "150", "151", "170", "193", "197", "198", "204", "226", "227", "236", "242", "252", "A1", "B7",
}  # fmt: skip
CONTRACTUAL = {"24": "4100", "45": "4100", "94": "4100", "253": "4150", "104": "1200"}
PLB = {"L6": "4210", "CT": "4200", "WO": "2040", "72": "2040", "FB": "2041", "E3": "1200", "BN": "4220",
       "IR": "1220", "CS": "2070"}  # fmt: skip


def cents(text: str) -> int:
    """Exact cents; an empty element is zero. More than two decimals raise ValueError."""
    value = Decimal(text or "0") * 100
    if value != int(value):
        raise ValueError(text)
    return int(value)


def segments_of(text: str) -> list[list[str]]:
    """Elements of every segment, component separators turned into `:`."""
    element, component, terminator = text[3], text[104], text[105]
    pieces = (piece.strip("\r\n") for piece in text.split(terminator))
    return [piece.replace(component, ":").split(element) for piece in pieces if piece]


@dataclass
class Seen:
    """One claim as the clerk knows it."""

    entity: str
    charge: int
    two_plans: bool
    paid: int = 0
    payer: int = 0
    patient: int = 0
    latest: dict[str, "Paid"] = field(default_factory=dict)

    def figures(self) -> dict[str, int]:
        """The amounts `export claims` shows about the latest answer of each payer."""
        parts = [part for answer in self.latest.values() for part in answer.cas]
        found = {
            "patient_responsibility": sum(amount for group, _, amount in parts if group == "PR"),
            "denied": sum(amount for group, code, amount in parts if group != "PR" and code in DENIALS),
            "contractual": sum(amount for _, code, amount in parts if CONTRACTUAL.get(code, "")[:2] == "41"),
            "payer_paid": self.paid,
        }
        found["other_adjustments"] = self.charge - sum(found.values()) if self.latest else 0
        first = next((answer for answer in self.latest.values() if answer.status != "2"), None)
        found["allowed"] = first.allowed if first else 0
        return found


@dataclass
class Paid:
    """One CLP."""

    control: str
    status: str
    charge: int
    paid: int
    number: str
    cas: list[tuple[str, str, int]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def allowed(self) -> int:
        """Paid, patient share and what the payer keeps back."""
        taken = [amount for group, code, amount in self.cas
                 if (group == "PR" and code in ("1", "2", "3")) or code in ("253", "104")]  # fmt: skip
        return self.paid + sum(taken)


class Clerk:
    """Books a folder of files."""

    def __init__(self) -> None:
        self.books: dict[str, Counter[str]] = defaultdict(Counter)
        self.claims: dict[str, Seen] = {}
        self.outcomes: dict[str, str] = {}
        self.parked: Counter[tuple[str, str]] = Counter()
        self._npis: dict[str, str] = {}
        self._bodies: set[str] = set()
        self._traces: set[tuple[str, str]] = set()
        self._cut: dict[str, str] = {}
        self._answers: dict[tuple[str, str], list[tuple[str, str, int]]] = {}

    def read(self, folder: Path) -> None:
        """Book every file of the folder."""
        for path in sorted(folder.iterdir()):
            text = path.read_bytes().decode("ascii")
            self.outcomes[path.name] = self._read(path.name, text) if text.startswith("ISA") else "refused"

    def _read(self, name: str, text: str) -> str:
        rows = segments_of(text)
        kind = rows[1][1]
        if kind == "HC":
            return self._bill(text, rows)
        if kind != "HP":
            return "acknowledged"
        if rows[-1][0] != "IEA":
            self._cut[rows[0][13]] = name
            return "held"
        if rows[0][13] in self._cut:
            self.outcomes[self._cut[rows[0][13]]] = "superseded"
        starts = [place for place, row in enumerate(rows) if row[0] == "ST"]
        ends = [place for place, row in enumerate(rows) if row[0] == "SE"]
        found = {self._remit(name, rows[0][15], rows[start + 1 : end])
                 for start, end in zip(starts, ends, strict=True)}  # fmt: skip
        return found.pop() if len(found) == 1 else "mixed"

    def _bill(self, text: str, rows: list[list[str]]) -> str:
        body = "~".join("*".join(row) for row in rows[1:-2])
        if body in self._bodies:
            return "ignored"
        self._bodies.add(body)
        entity = next(row[2] for row in rows if row[:2] == ["REF", "EI"])
        npi = next(row[9] for row in rows if row[:2] == ["NM1", "85"])
        self._npis[npi] = entity
        order, control = "", ""
        for row in rows:
            if row[0] == "SBR" and order and control:
                self.claims[control].two_plans |= row[1] == "S"
            elif row[0] == "HL" and row[3] == "22":
                order = control = ""
            elif row[0] == "SBR":
                order = row[1]
            elif row[0] == "CLM":
                control = row[1]
                self._charge(entity, control, cents(row[2]), row[5].split(":")[2], order)
        return "posted"

    def _charge(self, entity: str, control: str, charge: int, frequency: str, order: str) -> None:
        known = self.claims.get(control)
        if known is None:
            self.claims[control] = known = Seen(entity, 0, False)
        if frequency != "7" and known.charge:
            assert known.charge == charge, "sent again, or to a second payer, for what it charged at first"
            return
        self._move(entity, "1100", "4000", charge - known.charge)
        known.payer += charge - known.charge
        known.charge = charge

    def _move(self, entity: str, debit: str, credit: str, amount: int) -> None:
        self.books[entity][debit] += amount
        self.books[entity][credit] -= amount

    def _remit(self, name: str, usage: str, rows: list[list[str]]) -> str:
        body = "~".join("*".join(row) for row in rows)
        if body in self._bodies:
            return "ignored"
        trace = next((row[3], row[2]) for row in rows if row[0] == "TRN")
        npi = next(row[4] for row in rows if row[:2] == ["N1", "PE"])
        claims, plb = _claims(rows), _plb(rows)
        balanced = sum(claim.paid for claim in claims) - sum(amount for _, amount in plb) == cents(rows[0][2])
        if usage == "T" or trace in self._traces or npi not in self._npis or not balanced:
            return "held"
        self._bodies.add(body)
        self._traces.add(trace)
        entity = self._npis[npi]
        for code, amount in plb:
            self._move(entity, PLB[code], "1010", amount)
        for claim in claims:
            self._answer(name, entity, trace[0], claim)
        return "posted"

    def _answer(self, name: str, entity: str, payer: str, claim: Paid) -> None:
        known = self.claims.get(claim.control)
        key = (payer, claim.number)
        opposite = [(group, code, -amount) for group, code, amount in claim.cas]
        wrong = bool(claim.faults) or known is None
        wrong |= claim.status == "22" and self._answers.get(key) != opposite
        wrong |= claim.status in ("1", "2", "3", "4", "19") and key in self._answers
        wrong |= claim.status not in ("1", "2", "3", "4", "19", "20", "21", "22", "23", "25")
        if wrong or known is None:
            self.parked[name, claim.control] += 1
            self._move(entity, "1010", "2000" if claim.paid >= 0 else "2040", claim.paid)
            return
        if claim.status == "25":
            return
        self._move(entity, "1010", "1100", claim.paid)
        known.paid += claim.paid
        known.payer -= claim.paid
        for group, code, amount in claim.cas:
            self._adjust(entity, known, claim.status == "2", (group, code, amount))
        if claim.status == "22":
            del self._answers[key], known.latest[payer]
        else:
            self._answers[key], known.latest[payer] = claim.cas, claim

    def _adjust(self, entity: str, known: Seen, second: bool, part: tuple[str, str, int]) -> None:
        group, code, amount = part
        account = CONTRACTUAL.get(code, "") if group in ("CO", "OA") else ""
        if group == "PR" and code in ("1", "2", "3") and (second or not known.two_plans):
            account = "1110"
            known.patient += amount
        if account:
            self._move(entity, account, "1100", amount)
            known.payer -= amount


def _plb(rows: list[list[str]]) -> list[tuple[str, int]]:
    return [
        (row[place].split(":")[0], cents(row[place + 1]))
        for row in rows if row[0] == "PLB" for place in range(3, len(row) - 1, 2)
    ]  # fmt: skip


def _claims(rows: list[list[str]]) -> list[Paid]:
    found: list[Paid] = []
    line: list[int] | None = None
    for row in [*rows, ["END"]]:
        if row[0] in ("SVC", "CLP", "PLB", "END"):
            if line and line[0] - line[2] != line[1]:
                found[-1].faults.append("line")
            line = None
        if row[0] in ("CLP", "PLB", "END") and found:
            last = found[-1]
            if (
                last.charge - sum(amount for _, _, amount in last.cas) != last.paid
                and "claim" not in last.faults
            ):
                last.faults.append("claim")
        if row[0] == "CLP":
            found.append(Paid(row[1], row[2], cents(row[3]), cents(row[4]), row[7]))
        elif row[0] == "SVC":
            line = [cents(row[2]), cents(row[3]), 0]
        elif row[0] == "CAS":
            for place in range(2, len(row), 3):
                try:
                    amount = cents(row[place + 1])
                except ValueError:
                    found[-1].faults.append("decimals")
                    amount = 0
                found[-1].cas.append((row[1], row[place], amount))
                if line:
                    line[2] += amount
    return found
