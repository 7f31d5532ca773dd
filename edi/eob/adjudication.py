"""The amounts of an EOB: collected by category, worked out line by line, held against its totals."""

from collections.abc import Container, Sequence
from typing import Any, NamedTuple

from edi.amounts import BadAmount, parse_cents
from edi.eob import codes
from edi.eob.balance import Balanced, balance, total
from edi.eob.model import Amount
from edi.eob.positions import Number, Object, items, obj, word
from edi.findings import Findings, found, money
from edi.x835.model import Adjustment, Remark, Service

ITEMS = ("item", "addItem")
LINES = 10_000
ENTRIES = 200
NOT_MONEY = frozenset({"information", "denialreason", "allowedunits"})
COMPARED = (
    "submitted", "eligible", "deductible", "copay", "coinsurance", "noncovered", "discount",
    "priorpayerpaid", "paidtoprovider", "paidtopatient", "benefit", "memberliability",
)  # fmt: skip
"""Categories whose header total must be the sum of the lines."""


class Found(NamedTuple):
    """The amounts of one level by category, CARCs and remarks beside them, and the units allowed."""

    amounts: dict[str, list[Amount]]
    reasons: list[str]
    remarks: list[Remark]
    units: str

    @property
    def judged(self) -> bool:
        """Does it say more than what was charged?"""
        return any(category != "submitted" for category in self.amounts)


class Judged(NamedTuple):
    """What the lines (or the header alone) come to, in cents."""

    services: list[Service]
    adjustments: list[Adjustment]
    remarks: list[Remark]
    charge: int
    paid: int
    patient: int
    evidence: bool
    adjudicated: bool
    prior_payer: bool


class Adjudication:
    """Reads amounts and complains about them."""

    def __init__(self, findings: Findings, kind: str) -> None:
        self.findings, self.kind = findings, kind

    def complain(self, code: str, byte: int, path: str, value: str = "") -> None:
        made = found(code, byte + 1, byte, None, value)
        self.findings.add(made._replace(text=f"{made.text} ({self.kind}.{path}, byte {byte})"))

    def amount(self, holder: Object, name: str, path: str, reason: str = "") -> Amount | None:
        """A Money field; None when it is absent, unreadable, or not in dollars."""
        given = holder.get(name)
        if given is None:
            return None
        whole = obj(holder, name)
        value, where = whole.get("value"), f"{path}.{name}.value"
        currency = word(whole, "currency")
        byte = value.byte if isinstance(value, Number) else max(whole.byte, holder.byte)
        if currency and codes.meaning("currency", "", currency) != "USD":
            self.complain("fhir.currency", byte, f"{path}.{name}.currency", currency)
        if value is None and isinstance(given, Object) and not currency:
            return None
        if not isinstance(value, Number):
            self.complain("fhir.amount", byte, where, str(value)[:40])
            return None
        try:
            return Amount(parse_cents(value), byte, reason)
        except BadAmount as bad:
            self.complain("fhir.decimals" if bad.decimals else "fhir.amount", byte, where, bad.text)
            return None

    def collect(self, holder: Object, path: str, name: str = "adjudication") -> Found:
        """Every adjudication of a level, amounts of a category in file order."""
        made = Found({}, [], [], "")
        entries = items(holder, name)
        if len(entries) > ENTRIES:
            self.complain("fhir.too_many", holder.byte, path, str(ENTRIES))
        units = ""
        for at, one in enumerate(entries[:ENTRIES]):
            where = f"{path}.{name}[{at}]" if path else f"{name}[{at}]"
            category = codes.means("adjudication", one.get("category"))
            carcs = self._reasons(one, made, where)
            if category == "denialreason":
                made.reasons.extend(carcs)
            if category == "allowedunits":
                units = word(one, "value")
            given = self.amount(one, "amount", where, carcs[0] if carcs else "")
            if given is None:
                continue
            if not category:
                self.complain(
                    "fhir.unmapped", one.byte, f"{where}.category", codes.shown(one.get("category"))
                )
            elif category not in NOT_MONEY:
                made.amounts.setdefault(category, []).append(given)
        return made._replace(units=units)

    def _reasons(self, one: Object, made: Found, where: str) -> list[str]:
        carcs = []
        for means, code in codes.codes("reason", one.get("reason")):
            if means == "CARC":
                carcs.append(code.upper()[:5])
            elif means == "RARC":
                made.remarks.append(Remark("HE", code.upper()[:10], one.byte + 1, one.byte, 0))
            else:
                self.complain("fhir.unmapped", one.byte, f"{where}.reason", code)
        return carcs


def adjudicate(
    reading: Adjudication, resource: Object, lines: Sequence[tuple[str, Object]], *, to_provider: bool
) -> Judged:
    """Work the claim out by its lines; by its header when no line says more than a charge."""
    if len(lines) > LINES:
        reading.complain("fhir.too_many", resource.byte, ITEMS[0], str(LINES))
    levels = [level for path, one in lines[:LINES] for level in _levels(reading, one, path)]
    header, totals = reading.collect(resource, ""), reading.collect(resource, "", "total")
    by_line = any(found.judged for _, _, found in levels)
    if by_line:
        return _by_line(reading, levels, totals, to_provider=to_provider)
    _compare(reading, [("", resource, header)], totals, only=header.amounts)
    level = header._replace(amounts={**totals.amounts, **header.amounts})
    return _by_header(reading, resource, levels, level, to_provider=to_provider)


Level = tuple[str, Object, Found]


def _levels(reading: Adjudication, item: Object, path: str) -> list[Level]:
    """A line, or its details when only they are adjudicated."""
    own = reading.collect(item, path)
    if own.judged:
        return [(path, item, own)]
    inner = []
    for at, detail in enumerate(items(item, "detail")):
        where = f"{path}.detail[{at}]"
        level = reading.collect(detail, where)
        if level.judged:
            inner.append((where, detail, level))
            continue
        for number, deep in enumerate(items(detail, "subDetail")):
            part = f"{where}.subDetail[{number}]"
            found_deep = reading.collect(deep, part)
            if found_deep.judged:
                inner.append((part, deep, found_deep))
    return inner or [(path, item, own)]


def _charge(reading: Adjudication, one: Object, found_here: Found, path: str) -> Amount | None:
    stated = found_here.amounts.get("submitted")
    if stated:
        return _sum(stated)
    return reading.amount(one, "net", path)


def _sum(amounts: Sequence[Amount]) -> Amount:
    return Amount(sum(one.cents for one in amounts), amounts[0].byte, "", len(amounts))


def _by_line(reading: Adjudication, levels: Sequence[Level], totals: Found, *, to_provider: bool) -> Judged:
    services, charge, paid, patient, liable, prior = [], 0, 0, 0, 0, 0
    for path, one, level in levels:
        stated = _charge(reading, one, level, path)
        if stated is None:
            reading.complain("fhir.charge_missing", one.byte, path)
            stated = Amount(0, one.byte)
        worked = balance(level.amounts, stated, level.reasons, to_provider=to_provider)
        _complain_balance(reading, worked, one, level, path)
        services.append(_service(one, stated, level, worked))
        charge, paid, patient = charge + stated.cents, paid + worked.paid, patient + worked.patient
        liable += total(level.amounts, "memberliability")
        prior += total(level.amounts, "priorpayerpaid")
    _compare(reading, levels, totals)
    stated_total = totals.amounts.get("memberliability")
    liable = total(totals.amounts, "memberliability") if stated_total else liable
    evidence = _evidence(reading, liable, patient, levels[0][1], stated=bool(stated_total or liable))
    return Judged(services, [], [], charge, paid, patient, evidence, True, prior > 0)


def _by_header(
    reading: Adjudication, resource: Object, levels: Sequence[Level], level: Found, *, to_provider: bool
) -> Judged:
    """Header-only adjudication: the same at claim level; the charge is its own, else that of the lines."""
    stated = _charge(reading, resource, level, "")
    if stated is None:
        charges = [_charge(reading, one, inner, path) for path, one, inner in levels]
        known = [one for one in charges if one is not None]
        stated = _sum(known) if known else None
    if stated is None or not level.judged:
        if level.judged:
            reading.complain("fhir.charge_missing", resource.byte, "total")
        charge = stated.cents if stated else 0
        return Judged([], [], [], charge, 0, 0, False, False, False)
    worked = balance(level.amounts, stated, level.reasons, to_provider=to_provider)
    _complain_balance(reading, worked, resource, level, "adjudication")
    liable = total(level.amounts, "memberliability")
    given = bool(level.amounts.get("memberliability"))
    evidence = _evidence(reading, liable, worked.patient, resource, stated=given)
    prior = total(level.amounts, "priorpayerpaid") > 0
    sums = stated.cents, worked.paid, worked.patient
    return Judged([], worked.adjustments, level.remarks, *sums, evidence, True, prior)


def _complain_balance(reading: Adjudication, worked: Balanced, one: Object, level: Found, path: str) -> None:
    if worked.residual:
        reading.complain("fhir.unbalanced", one.byte, path, money(worked.residual))
    if worked.penny:
        reading.complain("fhir.penny", one.byte, path, money(worked.penny))
    if len(set(level.reasons)) > 1 and not level.amounts.get("noncovered"):
        reading.complain("fhir.reasons", one.byte, path, " ".join(level.reasons))
    if worked.paid < 0:
        reading.complain("fhir.negative_paid", one.byte, path, money(worked.paid))


def _evidence(reading: Adjudication, liable: int, patient: int, at: Object, *, stated: bool) -> bool:
    """RFHIR-11: what is left to the patient is theirs only when a stated liability covers it."""
    if stated and liable != patient:
        reading.complain("fhir.member_liability", at.byte, "memberliability", money(liable - patient))
    if patient and not stated:
        reading.complain("fhir.no_member_liability", at.byte, "memberliability", money(patient))
    return stated and patient <= liable


def _compare(
    reading: Adjudication, levels: Sequence[Level], totals: Found, only: Container[str] = COMPARED
) -> None:
    """The sum of the levels against the header's totals, category by category."""
    for category in COMPARED:
        given = totals.amounts.get(category) if category in only else None
        if not given:
            continue
        lines = sum(total(level.amounts, category) for _, _, level in levels)
        off = sum(one.cents for one in given) - lines
        if off:
            reading.complain("fhir.totals", given[0].byte, "total", f"{category} by {money(off)}")


def _service(one: Object, charge: Amount, level: Found, worked: Balanced) -> Service:
    qualifier, code = _code(one)
    modifiers = [codes.shown(each)[:2] for each in items(one, "modifier")][:4]
    line = Service(one.byte + 1, charge.byte, charge.cents, worked.paid, [qualifier, code, *modifiers])
    line.revenue = codes.shown(one.get("revenue"))[:8]
    line.units = level.units or word(one, "quantity", "value") or "1"
    line.date_from = _day(word(one, "servicedDate") or word(one, "servicedPeriod", "start"))
    line.date_to = _day(word(one, "servicedPeriod", "end"))
    line.allowed = total(level.amounts, "eligible") if level.amounts.get("eligible") else None
    line.adjustments, line.remarks = worked.adjustments, level.remarks
    return line


def _code(one: Object) -> tuple[str, str]:
    concept: Any = one.get("productOrService") or one.get("service")
    known = [(means, code) for means, code in codes.codes("procedure", concept) if means]
    if known:
        return known[0][0], known[0][1]
    revenue = codes.shown(one.get("revenue"))
    code = codes.shown(concept)
    return ("NU", revenue) if revenue and not code else ("HC", code)


def _day(text: str) -> str | None:
    day = text[:10]
    return (
        day
        if len(day) == 10 and day[4] == day[7] == "-" and (day[:4] + day[5:7] + day[8:]).isdigit()
        else None
    )
