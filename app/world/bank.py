"""The bank's daily statement as a BAI2 file: one credit per payment, controls that add up."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.world.people import Entity
from app.world.tables import Payer

OPENING = 500_000
BANK = "123456780"


@dataclass(frozen=True, slots=True)
class Deposit:
    """One payment that reached the bank, in cents."""

    day: date
    payee: Entity
    payer: Payer
    trace: str
    cents: int


class Bank:
    """Collects deposits and writes a statement for every day that has any."""

    def __init__(self) -> None:
        self._days: dict[date, list[Deposit]] = defaultdict(list)

    def receive(self, deposit: Deposit) -> None:
        """A payment arrives on its day."""
        self._days[deposit.day].append(deposit)

    def statements(self) -> Iterator[tuple[date, str, list[Deposit]]]:
        """Day, BAI2 text and deposits, oldest day first."""
        opening: dict[str, int] = defaultdict(lambda: OPENING)
        for number, day in enumerate(sorted(self._days), 1):
            deposits = self._days[day]
            yield day, _statement(number, day, deposits, opening), deposits


def _statement(number: int, day: date, deposits: list[Deposit], opening: dict[str, int]) -> str:
    stamp = f"{day:%y%m%d}"
    lines = [f"01,{BANK},RECLAIM,{stamp},2300,{number},,,2/", f"02,RECLAIM,{BANK},1,{stamp},2359,USD,2/"]
    accounts: dict[str, list[Deposit]] = defaultdict(list)
    for deposit in deposits:
        accounts[f"7{deposit.payee.tax_id[-6:]}"].append(deposit)
    group_total = 0
    for account in sorted(accounts):
        rows, total = _account(account, accounts[account], opening)
        lines.extend(rows)
        group_total += total
    lines.append(f"98,{group_total},{len(accounts)},{len(lines)}/")
    lines.append(f"99,{group_total},1,{len(lines) + 1}/")
    return "\n".join(lines) + "\n"


def _account(account: str, deposits: list[Deposit], opening: dict[str, int]) -> tuple[list[str], int]:
    credit = sum(deposit.cents for deposit in deposits)
    start = opening[account]
    closing = opening[account] = start + credit
    rows = [f"03,{account},USD,010,{start},,,015,{closing},,,100,{credit},{len(deposits)},/"]
    for order, deposit in enumerate(deposits, 1):
        if deposit.payer.method == "CHK":
            rows.append(
                f"16,115,{deposit.cents},Z,B{order:04d},{deposit.trace},LOCKBOX CHECK {deposit.trace}"
            )
            rows.append(f"88,{deposit.payer.name}")
        else:
            rows.append(f"16,165,{deposit.cents},Z,B{order:04d},,{deposit.payer.name} HCCLAIMPMT")
            rows.append(f"88,TRN*1*{deposit.trace}*{deposit.payer.company}\\")
    total = start + closing + credit * 2
    rows.append(f"49,{total},{len(rows) + 1}/")
    return rows, total
