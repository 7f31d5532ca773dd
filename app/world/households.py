"""Who answers for the patients of a world and how they are reached: the file an office would send.

A pure function of the seed and the patient's number. Rows are as offices have them: one without a number to
call, one without e-mail, one without a yes on paper.
"""

import csv
from datetime import date, timedelta
from pathlib import Path

from app.world.people import Patient, mix, patient

COLUMNS = (
    "patient_last", "patient_first", "patient_birth", "last", "first", "birth", "relation", "street", "city",
    "state", "zip", "phone", "mobile", "email", "language", "consent_sms", "consent_email",
    "consent_statement", "consent_date", "consent_proof",
)  # fmt: skip
AREAS = {"WA": "509", "OR": "503", "ID": "208", "MT": "406"}
SPANISH, MOBILE, EMAIL, PAPERLESS = 15, 70, 60, 30
"""Of a hundred: who reads Spanish, has a mobile telephone, an e-mail address, and wants no paper."""


def household(seed: int, who: Patient, *, agreed: date) -> dict[str, str]:
    """The guarantor of one patient: the parent of a child, everybody else for themselves.

    agreed: the day the forms were signed.
    """
    key = mix(seed, 61, who.number)
    first, birth, relation = who.first, who.birth, "self"
    if who.child:
        first, relation = who.parent_first, "parent"
        birth = who.birth - timedelta(days=365 * (22 + key % 14) + key % 300)
    mobile = key % 100 < MOBILE
    email = (key >> 8) % 100 < EMAIL
    paperless = email and (key >> 16) % 100 < PAPERLESS
    # 555-0100 to 555-0199 ring nowhere; example.com takes no mail.
    number = f"{AREAS.get(who.state, '206')}55501{(key >> 24) % 100:02d}"
    yes = {True: "yes", False: ""}
    return dict(
        zip(
            COLUMNS,
            (
                who.last, who.first, who.birth.isoformat(), who.last, first, birth.isoformat(), relation,
                who.street, who.city, who.state, who.zip, "" if mobile else number, number if mobile else "",
                _mailbox(first, who.last, who.number) if email else "",
                "es" if (key >> 32) % 100 < SPANISH else "en", yes[mobile and key & 1 == 1], yes[email],
                yes[paperless], agreed.isoformat() if mobile or email else "",
                f"Registration form {who.number}" if mobile or email else "",
            ),
            strict=True,
        )
    )  # fmt: skip


def _mailbox(first: str, last: str, number: int) -> str:
    """An address of letters and digits: some last names have blanks and apostrophes."""
    plain = "".join(one for one in f"{first}{last}".lower() if one.isascii() and one.isalpha())
    return f"{plain}{number}@example.com"


def write(folder: Path, *, seed: int, patients: int, agreed: date) -> Path:
    """The file of guarantors of a world, one row for each person its claims may name."""
    place = folder / "people" / "guarantors.csv"
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("w", newline="", encoding="utf-8") as target:
        rows = csv.DictWriter(target, COLUMNS, lineterminator="\n")
        rows.writeheader()
        for number in range(patients):
            rows.writerow(household(seed, patient(seed, number), agreed=agreed))
    return place
