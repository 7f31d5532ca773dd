"""Patients and guarantors for tests: a claim of a dependent, and a house where people answer for others."""

from datetime import date

from app.kernel.db import table_of
from app.kernel.work import reading, work
from app.patients import queries_guarantors, service_guarantors
from app.patients.models import Guarantor, Patient
from app.patients.queries_guarantors import GuarantorRow
from app.patients.rules_people import Visit
from tests import books, era

PATIENT, GUARANTOR = table_of(Patient), table_of(Guarantor)


def dependent(
    control: str,
    *lines: str,
    patient: str = "DOE*TIM",
    birth: str = "20150310",
    holder: str = "DOE*JANE",
    member: str = "MEM0001",
    relationship: str = "19",
    day: str = era.SERVICE_DAY,
    street: str = "1 MAIN ST",
) -> list[str]:
    """One claim of an 837P whose patient is not the subscriber; see `era.billed`."""
    head = era.billed(control, *lines, day=day)
    start = next(n for n, one in enumerate(head) if one.startswith("CLM"))
    return [
        "SBR*P**GRP1******12",
        f"NM1*IL*1*{holder}****MI*{member}",
        f"NM1*PR*2*{era.PAYER_NAME}*****PI*{era.PAYER}",
        "HL*900*2*23*0",
        f"PAT*{relationship}",
        f"NM1*QC*1*{patient}",
        f"N3*{street}",
        "N4*OMAHA*NE*68101",
        f"DMG*D8*{birth}*M",
        *head[start:],
    ]


def patient_key(last: str, first: str = "") -> int:
    """The key of a patient by name."""
    found = books.rows(PATIENT, PATIENT.c.last == last, *([PATIENT.c.first == first] if first else []))
    return int(found[0].id)


def answers(entity_id: int, *visits: tuple[int, int, date | None]) -> dict[int, int | None]:
    """Who answers for (claim, patient, day of service)."""
    with work(books.CLERK) as w:
        return service_guarantors.resolve(w, entity_id, [Visit(*one) for one in visits])


def account(key: int | None) -> GuarantorRow:
    """A guarantor by key."""
    assert key is not None
    with reading(books.CLERK) as w:
        return queries_guarantors.by_ids(w, [key])[key]
