"""The oracle: what the books must say once every file of the world is in, whatever the order.

It works from the adjustments as written, by the rules of the ledger, and not from what the faults intended.
Amounts in the CSV files are dollars with two decimals; in memory they are whole cents.
"""

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TextIO

from app.world.adjudicate import CROSSED, PRIMARY, REVERSED, Adjudication
from app.world.claims import Claim
from app.world.secondaries import COLUMNS as SECONDARIES
from app.world.secondaries import secondary_row
from app.world.tables import appeal_days, carcs, reasons
from app.world.write835 import PARK, POST, Leg, Remit, notice

FIGURES = ("charge", "allowed", "payer_paid", "contractual", "patient_responsibility", "denied",
           "other_adjustments", "payer_balance", "patient_balance")  # fmt: skip
TABLES = {
    "claims": ("entity", "claim_id", "payer_id", "secondary_payer_id", "kind", "service_from", "state",
               *FIGURES, "adjudications", "fault"),
    "denials": ("entity", "claim_id", "payer_id", "payer_control", "line", "group", "carc", "rarc",
                "category", "amount", "state", "appeal_by"),
    "underpayments": ("entity", "claim_id", "payer_id", "line", "code", "expected_allowed", "actual_allowed",
                      "variance", "cause"),
    "files": ("file", "kind", "day", "outcome", "transactions", "claims", "parked", "paid", "fault", "after"),
    "transactions": ("file", "control", "trace", "payer_id", "entity", "day", "paid", "claims_paid", "plb",
                     "claims", "parked", "outcome"),
    "provider_adjustments": ("file", "control", "payer_id", "entity", "code", "reference", "amount",
                             "account", "outcome"),
    "exceptions": ("file", "control", "claim_id", "code", "effect", "amount"),
    "rejections": ("entity", "claim_id", "level", "code", "amount", "state", "file"),
    "deposits": ("day", "entity", "payer_id", "trace", "amount", "method"),
    "secondaries": SECONDARIES,
}  # fmt: skip
PLB_ACCOUNTS = {"L6": 4210, "CT": 4200, "WO": 2040, "72": 2040, "FB": 2041, "E3": 1200, "BN": 4220,
                "IR": 1220, "CS": 2070}  # fmt: skip


NO_RIGHTS, RIGHTS = {"MA130"}, {"M25", "MA01"}
"""Remarks that say whether an appeal is possible, whatever the reason beside them."""


def dollars(cents: int) -> str:
    """`80.00`, or `-80.00`."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


class Books:
    """Trial balance of one entity, debit positive, in cents."""

    def __init__(self) -> None:
        self.accounts: Counter[int] = Counter()

    def move(self, debit: int, credit: int, cents: int) -> None:
        """One transfer; a negative amount swaps the sides."""
        self.accounts[debit] += cents
        self.accounts[credit] -= cents

    def settle(self, remit: Remit) -> None:
        """Post the provider adjustments of a remit."""
        for code, _, cents in remit.plb:
            self.move(PLB_ACCOUNTS[code], 1010, cents)

    def park(self, cents: int) -> None:
        """The cash of a parked claim: unapplied, or a recoupment when it is negative."""
        self.move(1010, 2000 if cents >= 0 else 2040, cents)


@dataclass(slots=True)
class Account:
    """One claim's running figures while its story lasts."""

    claim: Claim
    fault: str
    paid: int = 0
    payer_balance: int = 0
    patient_balance: int = 0
    posted: int = 0
    latest: dict[str, Adjudication] = field(default_factory=dict)
    undone: list[Adjudication] = field(default_factory=list)
    days: dict[str, date] = field(default_factory=dict)
    """The day of the remit behind each latest answer."""
    refusals: list[tuple[str, str]] = field(default_factory=list)
    """What was refused before anybody decided on it: (claim or line, status)."""
    taken_later: bool = False
    """Sent again after a refusal, and accepted."""
    billed_next: bool = False
    """The office's own system sent it on to the next payer."""


class Truth:
    """Collects the oracle while the world is written, and reads it back. See TABLES for the columns."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.books: dict[str, Books] = defaultdict(Books)
        self.summary: dict[str, Any] = {}
        self._open: list[TextIO] = []
        self._tables: dict[str, Any] = {}

    def start(self) -> None:
        """Open the tables for writing."""
        target = self.folder / "truth"
        target.mkdir(parents=True, exist_ok=True)
        for name, columns in TABLES.items():
            handle = (target / f"{name}.csv").open("w", encoding="ascii", newline="")
            self._open.append(handle)
            self._tables[name] = csv.writer(handle, lineterminator="\n")
            self._tables[name].writerow(columns)

    def row(self, table: str, *values: object) -> None:
        """One row of a table."""
        self._tables[table].writerow(values)

    def finish(self, summary: dict[str, Any]) -> None:
        """Close the tables and write truth.json."""
        for handle in self._open:
            handle.close()
        balances = {
            tax_id: {str(account): dollars(cents) for account, cents in sorted(books.accounts.items())}
            for tax_id, books in sorted(self.books.items())
        }
        self.summary = {**summary, "balances": balances}
        text = json.dumps(self.summary, indent=1, sort_keys=True)
        (self.folder / "truth" / "truth.json").write_text(text + "\n", encoding="ascii")

    @classmethod
    def load(cls, folder: Path) -> "Truth":
        """The truth of a world built earlier."""
        truth = cls(folder)
        truth.summary = json.loads((folder / "truth" / "truth.json").read_text(encoding="ascii"))
        return truth

    def rows(self, table: str) -> Iterator[dict[str, str]]:
        """The rows of one table, in the order they were written; flat memory."""
        with (self.folder / "truth" / f"{table}.csv").open(encoding="ascii", newline="") as source:
            yield from csv.DictReader(source)

    @property
    def balances(self) -> dict[str, dict[str, str]]:
        """Tax id of the entity → account → closing balance, debit positive, `80.00`."""
        return dict(self.summary["balances"])

    def bill(self, claim: Claim, fault: str) -> Account:
        """A claim's first 837: its charge becomes a receivable."""
        account = Account(claim, fault, payer_balance=claim.charge)
        self.books[claim.entity.tax_id].move(1100, 4000, claim.charge)
        return account

    def rebill(self, account: Account, claim: Claim) -> None:
        """A replacement of a billed claim: only the difference is charged."""
        more = claim.charge - account.claim.charge
        self.books[claim.entity.tax_id].move(1100, 4000, more)
        account.payer_balance += more
        account.claim = claim

    def post(self, account: Account, adjudication: Adjudication, day: date) -> None:
        """One CLP that posts: its payment and the adjustments that move money."""
        claim = account.claim
        books = self.books[claim.entity.tax_id]
        books.move(1010, 1100, adjudication.paid)
        account.paid += adjudication.paid
        account.payer_balance -= adjudication.paid
        account.posted += 1
        next_payer = claim.secondary is not None and adjudication.payer.key == claim.payer.key
        for group, carc, cents in adjudication.adjustments():
            debit = posts_to(group, carc, next_payer)
            if debit and debit != 1100:
                books.move(debit, 1100, cents)
                account.payer_balance -= cents
                if debit == 1110:
                    account.patient_balance += cents
        if adjudication.status == REVERSED:
            account.undone.append(account.latest.pop(adjudication.payer.key))
        else:
            account.latest[adjudication.payer.key] = adjudication
            account.days[adjudication.payer.key] = day

    def close(self, account: Account) -> None:
        """Write the claim's rows; nothing more happens to it."""
        claim = account.claim
        figures = _figures(account)
        other = claim.charge - sum(figures[1:]) if account.latest else 0
        self.row(
            "claims", claim.entity.tax_id, claim.control, claim.payer.payer_id,
            claim.secondary.payer_id if claim.secondary else "", claim.kind, claim.service_from.isoformat(),
            _state(account, figures[4]), dollars(claim.charge), *map(dollars, figures), dollars(other),
            dollars(account.payer_balance), dollars(account.patient_balance), account.posted, account.fault,
        )  # fmt: skip
        ended = "closed" if account.posted or account.taken_later else "open"
        for level, code in account.refusals:
            self.row("rejections", claim.entity.tax_id, claim.control, level, code, dollars(claim.charge),
                     ended, "")  # fmt: skip
        for key, adjudication in account.latest.items():
            self._denials(adjudication, "open", account.days[key])
            self._underpayments(adjudication)
        for adjudication in account.undone:
            self._denials(adjudication, "reversed")
        self._secondary(account)

    def _secondary(self, account: Account) -> None:
        first, second = account.claim.payer.key, account.claim.secondary
        answered = second is not None and second.key in account.latest
        row = secondary_row(account.latest.get(first), account.days.get(first), billed=account.billed_next,
                            answered=answered)  # fmt: skip
        if row:
            self.row("secondaries", *row)

    def refused_file(self, entity: str, file: str, code: str, cents: int) -> None:
        """A whole submission that was refused, and sent again at once."""
        self.row("rejections", entity, "", "file", code, dollars(cents), "closed", file)

    def _denials(self, adjudication: Adjudication, state: str, day: date | None = None) -> None:
        claim = adjudication.claim
        appealed = appeals_by(adjudication, day) if day else {}
        for line, remarks, cas in _by_line(adjudication):
            items: Counter[tuple[str, str]] = Counter()
            for group, carc, cents in cas:
                if is_denial(carc):
                    items[group, carc] += cents
            for (group, carc), cents in items.items():
                rarc = remarks[0] if remarks else ""
                of = category(carc, rarc)
                self.row("denials", claim.entity.tax_id, claim.control, adjudication.payer.payer_id,
                         adjudication.number, line, group, carc, rarc, of, dollars(cents), state,
                         appealed.get(of, ""))  # fmt: skip

    def _underpayments(self, adjudication: Adjudication) -> None:
        claim = adjudication.claim
        cause = [kind for kind in adjudication.kinds if kind.startswith("underpaid") or kind == "downcoded"]
        for answer in adjudication.answers:
            denied = any(is_denial(carc) for _, carc, _ in answer.cas)
            variance = answer.expected - answer.allowed
            if (
                variance > 0
                and not denied
                and adjudication.status in (PRIMARY, CROSSED)
                and _has(answer.cas, "45")
            ):
                self.row("underpayments", claim.entity.tax_id, claim.control, adjudication.payer.payer_id,
                         answer.line.control, answer.line.code.code, dollars(answer.expected),
                         dollars(answer.allowed), dollars(variance),
                         cause[0] if cause else "reduced")  # fmt: skip

    def remit(self, file: str, control: str, remit: Remit, outcome: str) -> None:
        """One ST and what becomes of it; only a posted one moves money."""
        parked = [leg for leg in remit.legs if leg.effect == PARK]
        if outcome == "posted":
            books = self.books[remit.payee.tax_id]
            books.settle(remit)
            for leg in parked:
                books.park(leg.adjudication.paid)
                self._exception(file, control, leg)
            for leg in remit.legs:
                if leg.flaw == "patient_share_differs":
                    self.row("exceptions", file, control, leg.clp01, leg.flaw, "warn", dollars(100))
        for code, reference, cents in remit.plb:
            self.row("provider_adjustments", file, control, remit.payer.payer_id, remit.payee.tax_id, code,
                     reference, dollars(cents), PLB_ACCOUNTS[code], outcome)  # fmt: skip
        plb = sum(cents for _, _, cents in remit.plb)
        self.row("transactions", file, control, remit.trace, remit.payer.payer_id, remit.payee.tax_id,
                 remit.day.isoformat(), dollars(remit.paid + remit.paid_off_by), dollars(remit.claims_paid),
                 dollars(plb), len(remit.legs), len(parked) if outcome == "posted" else 0,
                 outcome)  # fmt: skip

    def _exception(self, file: str, control: str, leg: Leg) -> None:
        self.row("exceptions", file, control, leg.clp01, leg.flaw, "park", dollars(leg.adjudication.paid))


def appeals_by(adjudication: Adjudication, day: date) -> dict[str, str]:
    """By category, the last legal day to appeal what one answer refused; empty where no appeal is granted.

    The largest refusal of a category speaks for it, the first in the remit among equals.
    """
    largest: dict[str, tuple[int, str, str]] = {}
    for _, remarks, cas in _by_line(adjudication):
        rarc = remarks[0] if remarks else ""
        for _, carc, cents in cas:
            of = category(carc, rarc)
            if is_denial(carc) and cents > largest.get(of, (0, "", ""))[0]:
                largest[of] = (cents, carc, rarc)
    last = (day + timedelta(appeal_days()[adjudication.payer.key])).isoformat()
    told = notice(adjudication)
    return {of: last if may_appeal(carc, rarc, told) else "" for of, (_, carc, rarc) in largest.items()}


def may_appeal(carc: str, rarc: str, told: str = "") -> bool:
    """Does the payer grant an appeal against this refusal? A remark may take the right away, or give it.

    told: the remark about the claim as a whole.
    """
    return rarc not in NO_RIGHTS and (carcs()[carc].appeal == "yes" or bool({rarc, told} & RIGHTS))


def posts_to(group: str, carc: str, next_payer: bool) -> int:
    """The account an adjustment is debited to against payer receivable; 0 when it moves nothing."""
    effect = carcs()[carc].effect
    if effect == "next":
        return 0 if group != "PR" else 1100 if next_payer else 1110
    if effect == "none":
        return 0
    return int(effect) if group in ("CO", "OA") or effect != "4100" else 0


def is_denial(carc: str) -> bool:
    """Whether a reason opens a denial, in any group."""
    row = carcs()[carc]
    return row.denial != "not" and row.category not in ("contractual", "patient_responsibility")


def category(carc: str, rarc: str) -> str:
    """The category a denial with this reason and remark is filed under."""
    for rows in reasons().values():
        for row in rows:
            if row.carc == carc and row.rarc == rarc:
                return row.category
    return carcs()[carc].category


def _has(cas: Iterable[tuple[str, str, int]], carc: str) -> bool:
    return any(code == carc for _, code, _ in cas)


def _by_line(
    adjudication: Adjudication,
) -> Iterator[tuple[str, tuple[str, ...], Iterable[tuple[str, str, int]]]]:
    if adjudication.cas:
        yield "", adjudication.remarks, adjudication.cas
    for answer in adjudication.answers:
        yield answer.line.control, answer.remarks, answer.cas


def _figures(account: Account) -> tuple[int, int, int, int, int]:
    """Allowed, paid, contractual, patient responsibility and denied, of the latest answer of each payer."""
    contractual = responsibility = denied = allowed = 0
    for adjudication in account.latest.values():
        allowed = allowed or adjudication.allowed
        for group, carc, cents in adjudication.adjustments():
            if group == "PR":
                responsibility += cents
            elif is_denial(carc):
                denied += cents
            elif posts_to(group, carc, next_payer=False) in (4100, 4150):
                contractual += cents
    return allowed, account.paid, contractual, responsibility, denied


def _state(account: Account, denied: int) -> str:
    if not account.latest:
        return "reversed" if account.undone else "unanswered"
    if denied or any(is_denial(carc) for row in account.latest.values() for _, carc, _ in row.adjustments()):
        return "partly_denied" if account.paid else "denied"
    return "paid" if account.paid else "paid_nothing"


__all__ = [
    "FIGURES",
    "POST",
    "TABLES",
    "Account",
    "Books",
    "Truth",
    "category",
    "dollars",
    "is_denial",
    "posts_to",
]
