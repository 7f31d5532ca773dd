"""What a screen may show of the stored bytes."""

import pytest

from app.remits.translate import shown

BPR = "BPR*I*220*C*ACH*CCP*01*999999992*DA*123456*1512345678**01*999988880*DA*98765*20260116"


@pytest.mark.parametrize(
    ("segment", "index", "seen"),
    [
        (BPR, 9, "••••3456"),
        (BPR, 15, "••••8765"),
        (BPR, 2, "220"),
        ("REF*SY*123456789", 2, "••••6789"),
        ("REF*EI*123456789", 2, "123456789"),
        ("NM1*QC*1*DOE*JANE****34*123456789", 9, "••••6789"),
        ("NM1*QC*1*DOE*JANE****MI*123456789", 9, "123456789"),
    ],
)
def test_bank_and_social_security_numbers_show_their_last_four(segment: str, index: int, seen: str) -> None:
    assert shown(segment.split("*"), index) == seen
