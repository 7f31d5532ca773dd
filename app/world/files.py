"""The folder a world is written into: `files` to import, `bank`, `fees` and `truth` beside it."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from app.world.truth import Truth, dollars
from app.world.x12 import PLAIN, Dress, Envelope


def business_day(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days=(7 - day.weekday()) if day.weekday() >= 5 else 0)


class Shelf:
    """Names and writes files in an order in which every cause comes before its effect."""

    def __init__(self, folder: Path, truth: Truth) -> None:
        self.folder, self._truth = folder, truth
        self.count = 0
        self._control = 100
        for name in ("files", "bank", "fees"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def control(self) -> int:
        """The next interchange control number."""
        self._control += 1
        return self._control

    def put(self, day: date, label: str, text: str) -> str:
        """Write one file to import; its name sorts by day, then by order of writing."""
        self.count += 1
        name = f"{day:%Y%m%d}-{self.count:06d}-{label}"
        (self.folder / "files" / name).write_bytes(text.encode("ascii"))
        return name

    def put_set(self, day: date, label: str, envelope: Envelope, bodies: Sequence[Sequence[str]],
                dress: Dress = PLAIN, first_control: int = 1) -> str:  # fmt: skip
        """Write one interchange."""
        return self.put(day, f"{label}.edi", envelope.text(bodies, dress, first_control))

    def record(self, name: str, kind: str, day: date, outcome: str, *, claims: int = 0, transactions: int = 1,
               parked: int = 0, paid: int = 0, fault: str = "", after: str = "") -> None:  # fmt: skip
        """What a correct reader makes of the file. after: the file that must come first for this to hold."""
        self._truth.row("files", name, kind, day.isoformat(), outcome, transactions, claims, parked, dollars(paid),
                        fault, after)  # fmt: skip
