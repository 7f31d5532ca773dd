"""A patient like nobody else: what we must not write about them is nowhere (D1, D3), and keys rotate."""

import base64
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, select, text

from app import create_app
from app.documents import service as documents
from app.kernel.crypto import keyring
from app.kernel.db import table_of
from app.kernel.errors import Broken, Refused
from app.kernel.settings import settings
from app.kernel.work import reading
from app.patients.models import Patient
from tests import books
from tests.conftest import KEYS, House, run_app
from tests.era import bill, billed, claim, era, line

LAST, FIRST, BIRTH, MEMBER = "ZEBULONQX", "QUETZALINE", "19370413", "WVUTCANARY77"
STREET, SSN, ACCOUNT = "77 XANADUQX LANE", "987653217", "77665544332211"
NAMES = (LAST, FIRST, "Zebulonqx", "Quetzaline", STREET)
NUMBERS = (MEMBER, SSN, "987-65-3217", ACCOUNT)
BIRTHS = (BIRTH, "1937-04-13")
FILE = f"{LAST}_{FIRST}_{BIRTH}.835"
_patient = table_of(Patient)

CANARY: dict[str, Any] = {"patient": f"{LAST}*{FIRST}", "member": MEMBER}
BILLS = bill(billed("K1", "99214 200", birth=BIRTH, street=STREET, **CANARY)).replace(
    b"REF*EI*999988880", b"REF*SY*" + SSN.encode()
)
PAID = era(
    claim("K1", line("99214", "200", "120", "CO*45*80"), **CANARY),
    claim("K2", line("99214", "70", "60", "CO*45*20"), paid="60", **CANARY),
    claim("K3", line("99214", "50"), **CANARY),
    trace="K1",
).replace(b"*DA*98765*", b"*DA*" + ACCOUNT.encode() + b"*")
BROKEN = PAID.replace(b"IEA*1*", b"IEA*2*").replace(b"*K1*", b"*K9*")


def said(places: dict[str, bytes], words: tuple[str, ...]) -> list[str]:
    """Which place says which word, in any of the ways a text becomes bytes."""
    return sorted(
        f"{word} in {place}"
        for place, found in places.items()
        for word in words
        if word.encode() in found or word.encode("utf-16-le") in found or word.lower().encode() in found
    )


def rows_as_text() -> dict[str, bytes]:
    """Every row of every table, as text, by its table."""
    found = {}
    with books.looking() as db:
        for table in inspect(db).get_table_names():
            found[table] = repr([tuple(row) for row in db.execute(text(f'SELECT * FROM "{table}"'))]).encode()
    return found


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def visited(house: House, tmp_path: Path) -> tuple[House, str, Path]:
    """The canary went through the command line, a fault and a refusal; with what was logged meanwhile."""
    incoming, scratch = tmp_path / "in", tmp_path / "tmp"
    incoming.mkdir()
    scratch.mkdir()
    (incoming / f"{LAST}.837").write_bytes(BILLS)
    (incoming / FILE).write_bytes(PAID)
    (incoming / f"broken {FILE}").write_bytes(BROKEN)
    (incoming / f"{LAST}.pdf").write_bytes(f"%PDF {LAST} {FIRST} {MEMBER}".encode())
    away = {"TMPDIR": str(scratch)}
    faulty = run_app(house, "import", str(incoming), RECLAIM_FAILPOINTS="remits.after_rows=raise", **away)
    books.hurry()
    again = run_app(house, "import", str(incoming), **away)
    assert "Injected" in faulty.stderr + faulty.stdout, "no error was forced: the logs prove nothing"
    return house, faulty.stderr + again.stderr, scratch


def test_no_log_job_or_temporary_file_speaks_of_a_patient(visited: tuple[House, str, Path]) -> None:
    house, log, scratch = visited
    everything = NAMES + NUMBERS + BIRTHS
    tables = rows_as_text()
    places = {"log": log.encode(), **files_below(scratch)}
    places |= {
        name: tables[name] for name in ("job", "ledger_entry", "ledger_batch", "audit_event", "worklist_item")
    }
    places |= {name: found for name, found in files_below(house.folder).items() if "sqlite3" not in name}
    assert said(places, everything) == []
    assert books.accounts() != {}


def test_no_finding_or_reason_quotes_a_patient(visited: tuple[House, str, Path]) -> None:
    tables = rows_as_text()
    assert said({"findings": tables["intake_finding"]}, NAMES + NUMBERS + BIRTHS) == []


def test_numbers_of_people_and_banks_lie_encrypted_in_database_and_store(
    visited: tuple[House, str, Path],
) -> None:
    house = visited[0]
    assert said(rows_as_text(), NUMBERS) == []
    stored = files_below(house.folder)
    assert len(stored) > 3
    assert said(stored, NUMBERS) == []
    with books.looking() as db:
        [sealed] = [row.member_sealed for row in db.execute(select(_patient)) if row.last == LAST]
    assert keyring().open(sealed, "patient.member") == MEMBER


def test_an_error_page_and_its_log_say_nothing_of_what_was_asked(
    house: House, capfd: pytest.CaptureFixture[str]
) -> None:
    client = create_app().test_client()
    for address in (f"/{LAST}", f"/patients/{MEMBER}", f"/api/v1/claims/{SSN}"):
        answer = client.get(address)
        assert answer.status_code >= 300
        assert said({address: answer.data}, NAMES + NUMBERS) == []
    output = capfd.readouterr()
    assert said({"log": (output.out + output.err).encode()}, NAMES + NUMBERS) == []


def test_a_refused_file_is_named_to_its_sender_only(house: House, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Refused, match=LAST):
        books.offer(b"", FILE)
    output = capfd.readouterr()
    assert said({"log": (output.out + output.err).encode()}, NAMES) == []


def rotate(monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    monkeypatch.setenv("RECLAIM_KEYS", keys)
    settings.cache_clear()


FRESH = "spring:" + base64.b64encode(bytes(range(32))).decode()


def test_a_new_key_seals_and_the_old_one_still_opens(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    books.practice()
    books.take(bill(billed("K1", "99214 200", birth=BIRTH, **CANARY)))
    rotate(monkeypatch, f"{FRESH},{KEYS}")
    books.take(
        bill(billed("K2", "99214 300", birth=BIRTH, day="20251217", **CANARY)),
        era(claim("K1", line("99214", "200"), **CANARY)),
    )
    assert books.problems() == []
    people = [row for row in books.rows(_patient) if row.last == LAST]
    assert len(people) == 1, "a new key must not make a new patient: the blind index stays"
    assert keyring().open(people[0].member_sealed, "patient.member") == MEMBER
    assert keyring().stale(people[0].member_sealed)
    assert not keyring().stale(keyring().seal(MEMBER, "patient.member"))
    with reading(books.CLERK) as w, documents.open_file(w, 1) as content:
        assert MEMBER.encode() in content.read()
    rotate(monkeypatch, FRESH)
    with pytest.raises(Broken, match="sealed with key test"):
        keyring().open(people[0].member_sealed, "patient.member")
