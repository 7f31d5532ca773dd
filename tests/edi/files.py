"""Files for the tests of edi: samples by their path, and remits built from the segments a test is about."""

import io
from pathlib import Path
from typing import Any

from edi.envelope import Scan, scan_file
from edi.findings import Finding
from edi.x835.model import ClaimPayment
from edi.x835.reader import Remittance
from edi.x835.reader import read as read_remit
from edi.x837.model import BilledClaim
from edi.x837.reader import Claims
from edi.x837.reader import read as read_claims

__all__ = ["FIXTURES", "claims", "codes", "remit", "remits", "samples", "scan", "sealed"]

FIXTURES = Path(__file__).parents[1] / "fixtures"
HEADER = (
    "TRN*1*EFT1*1512345678", "N1*PR*EXAMPLE HEALTH PLAN*XV*PAYERID",
    "N1*PE*EXAMPLE CLINIC*XX*1234567893", "LX*1",
)  # fmt: skip


def samples(folder: str) -> list[Path]:
    """Sample files below a folder of the fixtures, in a fixed order."""
    return sorted((FIXTURES / folder).rglob("*.edi"))


def scan(data: bytes) -> Scan:
    """Pass 1 over bytes in memory."""
    return scan_file(io.BytesIO(data))


def sealed(
    *segments: str,
    st: str = "835",
    group: str = "HP",
    version: str = "005010X221A1",
    usage: str = "P",
    control: int = 1,
    signs: str = "*:^~",
    line_end: str = "",
) -> bytes:
    """A whole file around what stands between ST and SE; written with * and :, sent with signs."""
    star, colon, caret, tilde = tuple(signs)
    parties = f"ZZ*{'PAYER':15}*ZZ*{'CLINIC':15}"
    security = f"00*{'':10}*00*{'':10}"
    isa = f"ISA*{security}*{parties}*260116*1200*^*00501*{control:09d}*0*{usage}*:"
    lines = [
        isa, f"GS*{group}*PAYER*CLINIC*20260116*1200*{control}*X*{version}", f"ST*{st}*0001*{version}",
        *segments,
        f"SE*{len(segments) + 2}*0001", f"GE*1*{control}", f"IEA*1*{control:09d}",
    ]  # fmt: skip
    swap = str.maketrans({"*": star, ":": colon, "^": caret})
    return "".join(line.translate(swap) + tilde + line_end for line in lines).encode("latin-1")


def remit(*claims: str, paid: str, **envelope: Any) -> bytes:
    """An 835 of one payment with the claim segments given."""
    return sealed(f"BPR*I*{paid}*C*ACH************20260116", *HEADER, *claims, **envelope)


def remits(data: bytes) -> list[tuple[Remittance, list[ClaimPayment]]]:
    """Every remittance of a file, read to its end, with its claims."""
    stream = io.BytesIO(data)
    read = [read_remit(stream, span) for span in scan_file(stream).transactions]
    return [(one, list(one.claims())) for one in read]


def claims(data: bytes) -> list[tuple[Claims, list[BilledClaim]]]:
    """Every 837 of a file, read to its end, with its claims."""
    stream = io.BytesIO(data)
    read = [read_claims(stream, span) for span in scan_file(stream).transactions]
    return [(one, list(one.claims())) for one in read]


def codes(findings: list[Finding], *does: str) -> list[str]:
    """The codes of findings, of those only that ask for one of `does` when any is named."""
    return [finding.code for finding in findings if not does or finding.does in does]
