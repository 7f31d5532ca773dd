"""What was measured beside what was wanted: one row each, a verdict in one word, a table and a JSON file."""

import json
import platform
import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One ratio (or an absolute figure): target is what we want, floor the least we accept.

    more: True when larger is better. Without a target it is only told.
    """

    part: str
    claims: int
    what: str
    value: float
    unit: str = "x"
    target: float | None = None
    floor: float | None = None
    more: bool = True
    cpu: float | None = None

    @property
    def verdict(self) -> str:
        """met, floor (above the least, below the target) or missed; empty when nothing was asked."""
        if self.target is None:
            return ""
        if self._reaches(self.target):
            return "met"
        return "floor" if self.floor is not None and self._reaches(self.floor) else "missed"

    def _reaches(self, wanted: float) -> bool:
        return self.value >= wanted if self.more else self.value <= wanted

    @property
    def wanted(self) -> str:
        """The target in words."""
        if self.target is None:
            return ""
        sign = "≥" if self.more else "≤"
        least = f" (floor {sign} {_short(self.floor)})" if self.floor is not None else ""
        return f"{sign} {_short(self.target)}{least}"


def _short(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}".rstrip("0").rstrip(".")


HEAD = ("part", "claims", "what", "measured", "target", "verdict", "CPU s")


def table(figures: list[Figure]) -> str:
    """All figures as a table for a terminal."""
    rows = [HEAD]
    for one in figures:
        cpu = "" if one.cpu is None else f"{one.cpu:.2f}"
        measured = f"{_short(one.value)} {one.unit}"
        rows.append((one.part, f"{one.claims:,}", one.what, measured, one.wanted, one.verdict, cpu))
    widths = [max(len(row[at]) for row in rows) for at in range(len(HEAD))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    missed = [one for one in figures if one.verdict == "missed"]
    asked = sum(1 for one in figures if one.verdict)
    return "\n".join([*lines, "", f"{asked - len(missed)} of {asked} targets reached, {len(missed)} missed."])


def keep(figures: list[Figure], raw: dict[str, object], folder: Path) -> Path:
    """Write everything to a JSON file named by the moment; returns where."""
    folder.mkdir(parents=True, exist_ok=True)
    moment = datetime.now(UTC)
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    listed = [asdict(one) | {"verdict": one.verdict} for one in figures]
    where = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "commit": commit.stdout.strip(),
    }
    place = folder / f"{moment:%Y%m%d-%H%M%S}.json"
    place.write_text(json.dumps({"at": moment.isoformat(), **where, "figures": listed, "raw": raw}, indent=1))
    return place
