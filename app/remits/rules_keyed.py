"""A paper EOB as typed: read strictly, added up, and when a second person must key its totals."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from app.kernel.errors import Refused
from app.kernel.money import Money

GROUPS = ("CO", "PR", "OA", "PI")
CLAIMS, LINES, CAS = 500, 999, 30
TEXT_CHARACTERS = 80
SECOND = ("trace", "amount", "claims", "paid", "share")
"""What the second person keys without seeing the first one's."""
WORDS = {
    "trace": "check number",
    "amount": "check amount",
    "claims": "number of claims",
    "paid": "sum of the claims' payments",
    "share": "sum of the patients' shares",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong and where: field is a path like `claims.0.lines.1.paid`; does: hold or warn."""

    field: str
    words: str
    does: str = "hold"


@dataclass(frozen=True)
class KeyedCas:
    """One adjustment; positive lowers the payment."""

    group: str
    carc: str
    amount: Money


@dataclass(frozen=True)
class KeyedLine:
    """One service line."""

    control: str
    qualifier: str
    code: str
    modifiers: tuple[str, ...]
    day: date | None
    units: str
    charge: Money
    allowed: Money | None
    paid: Money
    cas: tuple[KeyedCas, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class KeyedClaim:
    """One claim; its patient's share is what group PR says."""

    control: str
    payer_control: str
    status: str
    filing: str
    last: str
    first: str
    charge: Money
    paid: Money
    day: date | None
    cas: tuple[KeyedCas, ...]
    lines: tuple[KeyedLine, ...]

    @property
    def share(self) -> Money:
        """Sum of group PR."""
        every = [*self.cas, *(one for line in self.lines for one in line.cas)]
        return sum((one.amount for one in every if one.group == "PR"), Money(0))


@dataclass(frozen=True)
class KeyedCheck:
    """A batch read: the check, its control totals and its claims."""

    payer: str
    payer_name: str
    method: str
    trace: str
    day: date | None
    amount: Money
    control_claims: int | None
    control_total: Money | None
    claims: tuple[KeyedClaim, ...]

    @property
    def paid(self) -> Money:
        """Sum of the claims' payments."""
        return sum((one.paid for one in self.claims), Money(0))

    @property
    def difference(self) -> Money:
        """Check less claims: zero when everything is keyed."""
        return self.amount - self.paid


@dataclass
class _Reader:
    """Reads fields of the grid and keeps what is wrong with each."""

    problems: list[Problem] = field(default_factory=list)

    def text(self, given: Mapping[str, Any], name: str, path: str, *, most: int = TEXT_CHARACTERS) -> str:
        value = str(given.get(name) or "").strip()
        if len(value) > most:
            self.problems.append(Problem(f"{path}{name}", f"At most {most} characters."))
        if any(sign in "*~^:\r\n" or not sign.isprintable() for sign in value):
            self.problems.append(Problem(f"{path}{name}", "The signs * ~ ^ and : cannot be part of it."))
            value = "".join(sign for sign in value if sign.isprintable() and sign not in "*~^:")
        return value[:most]

    def money(self, given: Mapping[str, Any], name: str, path: str) -> Money | None:
        value = str(given.get(name) or "").replace(",", "").replace("$", "").strip()
        if not value:
            return None
        try:
            return Money.parse(value)
        except Refused:
            self.problems.append(Problem(f"{path}{name}", f"{value[:20]} is not an amount like 80.00."))
            return None

    def needed(self, given: Mapping[str, Any], name: str, path: str, words: str) -> Money:
        before = len(self.problems)
        value = self.money(given, name, path)
        if value is None and len(self.problems) == before:
            self.problems.append(Problem(f"{path}{name}", words))
        return value if value is not None else Money(0)

    def day(self, given: Mapping[str, Any], name: str, path: str) -> date | None:
        value = str(given.get(name) or "").strip()
        if not value:
            return None
        try:
            return read_date(value)
        except ValueError:
            self.problems.append(Problem(f"{path}{name}", f"{value[:20]} is not a day like 03/01/2026."))
            return None

    def cas(self, given: Mapping[str, Any], path: str) -> tuple[KeyedCas, ...]:
        made = []
        for at, one in enumerate(_rows(given, "cas", CAS)):
            where = f"{path}cas.{at}."
            code = str(one.get("code") or "").strip().upper().replace(" ", "-")
            amount = self.money(one, "amount", where)
            if not code and amount is None:
                continue
            group, _, carc = code.partition("-") if "-" in code else (code[:2], "", code[2:])
            if group not in GROUPS or not carc or not carc.isalnum() or len(carc) > 5:
                self.problems.append(Problem(f"{where}code", "Write group and reason, like CO-45."))
            elif amount is None:
                self.problems.append(Problem(f"{where}amount", f"How much is {group}-{carc}?"))
            else:
                made.append(KeyedCas(group, carc, amount))
        return tuple(made)


def read_date(text: str) -> date:
    """An ISO day or one written the American way; ValueError otherwise."""
    if "/" in text:
        month, day, year = (int(part) for part in text.split("/"))
        return date(year + 2000 if year < 100 else year, month, day)
    return date.fromisoformat(text)


def _rows(given: Mapping[str, Any], name: str, most: int) -> list[Mapping[str, Any]]:
    rows = given.get(name)
    return [one for one in rows[:most] if isinstance(one, Mapping)] if isinstance(rows, list) else []


def read(body: Mapping[str, Any]) -> tuple[KeyedCheck, list[Problem]]:
    """The grid as typed, as values; what cannot be read counts as nothing and is named."""
    reader = _Reader()
    given = body.get("header")
    header: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    claims = [_claim(reader, one, f"claims.{at}.") for at, one in enumerate(_rows(body, "claims", CLAIMS))]
    count = str(header.get("control_claims") or "").strip()
    check = KeyedCheck(
        payer=reader.text(header, "payer", "header.", most=20),
        payer_name=reader.text(header, "payer_name", "header.", most=60),
        method=str(header.get("method") or "CHK"),
        trace=reader.text(header, "trace", "header.", most=50),
        day=reader.day(header, "day", "header."),
        amount=reader.money(header, "amount", "header.") or Money(0),
        control_claims=int(count) if count.isascii() and count.isdigit() and len(count) < 6 else None,
        control_total=reader.money(header, "control_total", "header."),
        claims=tuple(claims),
    )
    return check, reader.problems + _missing(check)


def _missing(check: KeyedCheck) -> list[Problem]:
    """What a check needs before it can be saved as a payment, and what its control totals say."""
    found = []
    for name, value, words in (
        ("payer_name", check.payer_name, "Who sent it?"),
        ("trace", check.trace, "Key the check or EFT number."),
        ("day", check.day, "Key the date of the check."),
    ):
        if not value:
            found.append(Problem(f"header.{name}", words))
    if check.method not in ("CHK", "ACH", "NON"):
        found.append(Problem("header.method", "Check, EFT or no payment."))
    if not check.claims:
        found.append(Problem("find", "No claim is keyed yet."))
    if check.control_claims is None:
        found.append(Problem("header.control_claims", "How many claims does the paper list?"))
    elif check.control_claims != len(check.claims):
        words = f"The paper lists {check.control_claims} claims, {len(check.claims)} are keyed."
        found.append(Problem("header.control_claims", words))
    if check.control_total is None:
        found.append(Problem("header.control_total", "Which total does the paper give?"))
    elif check.control_total != check.paid:
        words = f"The paper adds up to {check.control_total}, what is keyed to {check.paid}."
        found.append(Problem("header.control_total", words))
    if check.difference:
        words = f"The check is {check.amount}, the claims are {check.paid}: off by {check.difference}."
        found.append(Problem("header.amount", words))
    return found


def _claim(reader: _Reader, given: Mapping[str, Any], path: str) -> KeyedClaim:
    lines = tuple(
        _line(reader, one, f"{path}lines.{at}.") for at, one in enumerate(_rows(given, "lines", LINES))
    )
    control = reader.text(given, "control", path, most=38)
    if not control:
        reader.problems.append(Problem(f"{path}control", "Key the claim's number."))
    charge, paid = reader.money(given, "charge", path), reader.money(given, "paid", path)
    return KeyedClaim(
        control=control,
        payer_control=reader.text(given, "payer_control", path, most=50),
        status=reader.text(given, "status", path, most=2) or "1",
        filing=reader.text(given, "filing", path, most=2),
        last=reader.text(given, "last", path, most=60),
        first=reader.text(given, "first", path, most=35),
        charge=charge if charge is not None else sum((one.charge for one in lines), Money(0)),
        paid=paid if paid is not None else sum((one.paid for one in lines), Money(0)),
        day=min((one.day for one in lines if one.day), default=None),
        cas=reader.cas(given, path),
        lines=lines,
    )


def _line(reader: _Reader, given: Mapping[str, Any], path: str) -> KeyedLine:
    code, *modifiers = reader.text(given, "code", path, most=48).upper().split() or [""]
    if not code:
        reader.problems.append(Problem(f"{path}code", "Which service?"))
    return KeyedLine(
        control=reader.text(given, "control", path, most=50),
        qualifier=reader.text(given, "qualifier", path, most=2) or "HC",
        code=code,
        modifiers=tuple(modifiers[:4]),
        day=reader.day(given, "day", path),
        units=reader.text(given, "units", path, most=15) or "1",
        charge=reader.needed(given, "charge", path, "What was charged?"),
        allowed=reader.money(given, "allowed", path),
        paid=reader.needed(given, "paid", path, "What was paid? Key 0 for nothing."),
        cas=reader.cas(given, path),
        remarks=tuple(reader.text(given, "remarks", path, most=60).upper().split()[:5]),
    )


# ---------------------------------------------------------------- the second person


@cache
def _limits() -> tuple[tuple[date, date | None, Money], ...]:
    place = Path(__file__).parent / "data" / "keyed_limits.csv"
    with place.open(encoding="utf-8", newline="") as rows:
        return tuple(
            (
                date.fromisoformat(row["effective_from"]),
                date.fromisoformat(row["effective_to"]) if row["effective_to"] else None,
                Money.parse(row["amount"]),
            )
            for row in csv.DictReader(rows)
        )


def second_above(on: date) -> Money:
    """Checks above this amount are keyed by two people on that day."""
    return next(amount for start, end, amount in _limits() if start <= on and (end is None or on < end))


def disagreements(check: KeyedCheck, given: Mapping[str, Any]) -> list[str]:
    """Which of the totals the second person keyed otherwise; none when both agree."""
    reader = _Reader()
    share = sum((one.share for one in check.claims), Money(0))
    mine = {"trace": check.trace, "claims": str(len(check.claims)), "amount": check.amount,
            "paid": check.paid, "share": share}  # fmt: skip
    theirs: dict[str, Any] = {
        "trace": str(given.get("trace") or "").strip(),
        "claims": str(given.get("claims") or "").strip(),
    }
    theirs |= {name: reader.money(given, name, "") for name in ("amount", "paid", "share")}
    return [name for name in SECOND if mine[name] != theirs[name]]
