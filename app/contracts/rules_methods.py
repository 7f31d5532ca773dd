"""The registry of methods: how a term turns a line into an amount before modifiers.

This is the place where a fuller contract engine adds its own (per diem, case rate, DRG weight, grouper,
stop-loss, anaesthesia): a function here, its name in `METHODS`, its parameters among the terms.
A method gets one line with the rows that may price it and returns an amount with its steps, or the reason
why it cannot.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from app.contracts.rules import Terms, modifiers_on
from app.kernel.money import Money

COMPONENTS = ("26", "TC")


class Fee(NamedTuple):
    """A row of a schedule as pricing needs it. `schedule` names its version and place in words."""

    id: int
    payer_number: str
    code_type: str
    code: str
    modifier: str
    setting: str
    cents: int
    start: date
    end: date | None
    max_units: int | None
    multiple: str
    bilateral: str
    assistant: str
    co_surgeon: str
    schedule_id: int
    schedule: str

    @property
    def indicators(self) -> tuple[str, ...]:
        """What the row says beside its amount."""
        return (str(self.max_units or ""), self.multiple, self.bilateral, self.assistant, self.co_surgeon)


class LineFacts(NamedTuple):
    """A billed line: what it is, how many, for how much, when and where. `charge` in cents."""

    id: int
    code_type: str
    code: str
    modifiers: tuple[str, ...]
    units: Decimal
    charge: int
    day: date
    setting: str
    npp: bool = False


class Priced(NamedTuple):
    """A line's amount before modifiers, unrounded cents; `consumed`: the modifier its row already speaks of.

    Without an amount, `reason` says why: unlisted, component_missing or ambiguous.
    """

    amount: Decimal | None
    steps: tuple[str, ...]
    fee: Fee | None = None
    consumed: str = ""
    reason: str = ""
    units: Decimal = Decimal(1)


Method = Callable[[LineFacts, Sequence[Fee], Terms], Priced]


def fee_schedule(line: LineFacts, fees: Sequence[Fee], terms: Terms) -> Priced:
    """rate x units, by the row in force that fits best: modifier and setting, then without the modifier,
    then for any setting; what no row fits goes by the rule for unlisted codes.
    """
    found, consumed, reason = find_fee(line, fees)
    if found is None:
        if reason == "ambiguous":
            return Priced(
                None, (f"Two schedules price {line.code} differently for this day.",), None, "", reason
            )
        if reason == "component_missing":
            words = f"The schedule has no row of {line.code} for this component."
            return Priced(None, (words,), None, "", reason)
        return _both_components(line, fees) or unlisted(line, terms)
    units, words = line.units, ""
    if found.max_units is not None and units > found.max_units:
        units, words = Decimal(found.max_units), f" (at most {found.max_units} of {line.units:f} billed)"
    amount = Decimal(found.cents) * units
    steps = [f"{place(found)}: {Money(found.cents)}"]
    if units != 1 or words:
        steps.append(f"x {units:f} units{words} = {shown(amount)}")
    return Priced(amount, tuple(steps), found, consumed, "", units)


def percent_of_charge(line: LineFacts, _fees: Sequence[Fee], terms: Terms) -> Priced:
    """A share of what was charged, whatever the schedule says."""
    amount = Decimal(line.charge) * terms.percent
    return Priced(amount, (f"{percent(terms.percent)} of the charge {Money(line.charge)} = {shown(amount)}",))


def unlisted(line: LineFacts, terms: Terms) -> Priced:
    """What the terms say of a code the schedule does not list."""
    if terms.unlisted_percent is None:
        words = f"The schedule lists no {line.code_type} {line.code} for this day and setting."
        return Priced(None, (words,), None, "", "unlisted")
    amount = Decimal(line.charge) * terms.unlisted_percent
    said = (
        f"Not listed: {percent(terms.unlisted_percent)} of the charge {Money(line.charge)} = {shown(amount)}"
    )
    return Priced(amount, (said,))


METHODS: dict[str, Method] = {"fee_schedule": fee_schedule, "percent_of_charge": percent_of_charge}


def find_fee(line: LineFacts, fees: Sequence[Fee]) -> tuple[Fee | None, str, str]:
    """The row that prices a line, the modifier it was chosen by, or the reason why there is none."""
    current = [fee for fee in fees if fee.start <= line.day and (fee.end is None or line.day < fee.end)]
    components = component_of(line)
    wanted = [*components, *(one for one in line.modifiers if one not in COMPONENTS)]
    for modifier in [*wanted, ""]:
        if not modifier and components:
            return None, "", "component_missing" if current else "unlisted"
        for setting in (line.setting, "") if line.setting else ("",):
            found = [fee for fee in current if fee.modifier == modifier and fee.setting == setting]
            if len({(fee.cents, fee.indicators) for fee in found}) > 1:
                return None, "", "ambiguous"
            if found:
                return max(found, key=lambda fee: (fee.start, fee.id)), modifier, ""
    return None, "", "unlisted"


def component_of(line: LineFacts) -> list[str]:
    """The component a line bills, if it is one: 26 and TC together are the whole service again."""
    found = [one for one in COMPONENTS if one in line.modifiers]
    return found if len(found) == 1 else []


def components(line: LineFacts, fees: Sequence[Fee]) -> tuple[Fee, Fee] | None:
    """The rows of the professional and the technical component in force, when the schedule has both."""
    parts = [find_fee(line._replace(modifiers=(one,)), fees)[0] for one in COMPONENTS]
    return (parts[0], parts[1]) if parts[0] is not None and parts[1] is not None else None


def _both_components(line: LineFacts, fees: Sequence[Fee]) -> Priced | None:
    parts = None if component_of(line) else components(line, fees)
    if parts is None:
        return None
    amount = Decimal(parts[0].cents + parts[1].cents) * line.units
    steps = [f"{place(one)}: {Money(one.cents)}" for one in parts]
    steps.append(f"Both components are the whole service x {line.units:f} = {shown(amount)}")
    return Priced(amount, tuple(steps), parts[1], "", "", line.units)


def place(fee: Fee) -> str:
    """Which row it is, in words: code, modifier, setting, days, schedule and line."""
    what = f"{fee.code}-{fee.modifier}" if fee.modifier else fee.code
    where = f" {fee.setting}" if fee.setting else ""
    until = f" through {us(fee.end - timedelta(1))}" if fee.end else " on"
    return f"{what}{where}, from {us(fee.start)}{until}, {fee.schedule}"


def us(day: date) -> str:
    """A day as people here write it."""
    return day.strftime("%m/%d/%Y")


def shown(cents: Decimal) -> str:
    """Unrounded cents as dollars, with as many decimals as they have (two at least)."""
    text = f"{(cents / 100).normalize():f}"
    whole, _, rest = text.partition(".")
    return f"{whole}.{rest:0<2}"


def percent(share: Decimal) -> str:
    """0.85 as `85%`."""
    return f"{(share * 100).normalize():f}%"


def touching(line: LineFacts) -> list[str]:
    """The modifiers of a line that may touch its price."""
    known = modifiers_on(line.day)
    return [one for one in line.modifiers if one in known]
