"""The folder a world is written into: `files` to import, `bank`, `fees` and `truth` beside it."""

from datetime import date, timedelta
from pathlib import Path

from app.world.truth import Truth, dollars


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
            if any((folder / name).iterdir()):
                raise ValueError(
                    f"{folder / name} already holds files; two worlds in one folder have no truth"
                )

    def control(self) -> int:
        """The next interchange control number."""
        self._control += 1
        return self._control

    def put(self, day: date, label: str, text: str, before: str = "") -> str:
        """Write one file to import; its name sorts by day, then by order of writing.

        before: the name of a file already written that this one must sort before.
        """
        self.count += 1
        name = f"{before[:15]}-0-{label}" if before else f"{day:%Y%m%d}-{self.count:06d}-{label}"
        (self.folder / "files" / name).write_bytes(text.encode("ascii"))
        return name

    def record(self, name: str, kind: str, day: date, outcome: str, *, claims: int = 0, transactions: int = 1,
               parked: int = 0, paid: int = 0, fault: str = "", after: str = "") -> None:  # fmt: skip
        """What a correct reader makes of the file. after: the file that must come first for this to hold."""
        self._truth.row("files", name, kind, day.isoformat(), outcome, transactions, claims, parked,
                        dollars(paid), fault, after)  # fmt: skip
