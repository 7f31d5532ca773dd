"""Two large files that belong together: one 837 of N claims and the one 835 that pays them, to the cent.

About 3 lines a claim and 1.6 adjustments a line, as a large commercial payer sends them; one claim in eleven
has a denied line, one in seven a second payer. The same arguments give the same bytes. Memory stays flat.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

NPI, TAX_ID = "1234567893", "999988880"
PAYER, PAYER_NAME, SECOND = "1512345678", "EXAMPLE HEALTH PLAN", "SECOND01"
CODES = ("99213", "99214", "36415", "85025", "80053", "93000", "71046", "97110", "20610", "J1885")
LASTS = ("NGUYEN", "OKAFOR", "SMITH", "GARCIA", "KOWALSKI", "HADDAD", "LARSEN", "ROSSI", "TANAKA", "DIALLO")
FIRSTS = ("ANA", "JOHN", "MEI", "OMAR", "LENA", "IVAN", "RUTH", "PAUL", "SARA", "KOFI")
DENIALS = ("CO*197*{}", "CO*50*{}", "CO*97*{}", "CO*29*{}")
DAY, REMIT_DAY = "20260120", "20260218"


@dataclass(frozen=True)
class Pair:
    """Where the two files lie and what stands in them."""

    billed: Path
    remit: Path
    claims: int


def write_pair(folder: Path, claims: int, seed: int = 7) -> Pair:
    """Write claims.837 and remit.835 for this many claims into `folder`, once; returns where they lie."""
    pair = Pair(folder / f"claims-{claims}.837", folder / f"remit-{claims}.835", claims)
    if not (pair.billed.exists() and pair.remit.exists()):
        paid = sum(one.paid for one in _all(claims, seed))
        _seal(pair.billed, "837", _billing(claims, seed), claims)
        _seal(pair.remit, "835", _remit(claims, seed, paid), claims)
    return pair


@dataclass(frozen=True, slots=True)
class _Line:
    code: str
    charge: int
    cas: tuple[str, ...]
    paid: int
    share: int


@dataclass(frozen=True, slots=True)
class _Claim:
    number: int
    last: str
    first: str
    born: str
    day: str
    lines: tuple[_Line, ...]
    second: bool

    @property
    def paid(self) -> int:
        return sum(line.paid for line in self.lines)

    @property
    def charge(self) -> int:
        return sum(line.charge for line in self.lines)


def _all(claims: int, seed: int) -> Iterator[_Claim]:
    rng = Random(seed)  # nosec B311 - a repeatable file, not a secret
    for number in range(1, claims + 1):
        who = rng.randrange(max(1, claims * 6 // 10))
        day = f"202601{1 + number % 20:02d}"
        refused = rng.random() < 0.09
        lines = tuple(_line(rng, refused and at == 0) for at in range(rng.choice((2, 3, 3, 4))))
        last, first = f"{LASTS[who % 10]}{_letters(who // 100)}", FIRSTS[who // 10 % 10]
        born = f"{1940 + who % 70}{1 + who % 12:02d}{1 + who % 28:02d}"
        yield _Claim(number, last, first, born, day, lines, rng.random() < 0.15)


def _letters(number: int) -> str:
    made = ""
    while number:
        number, place = divmod(number, 26)
        made += chr(65 + place)
    return made


def _line(rng: Random, refused: bool) -> _Line:
    charge = rng.randrange(4_000, 60_000)
    code = rng.choice(CODES)
    if refused:
        return _Line(code, charge, (rng.choice(DENIALS).format(_money(charge)),), 0, 0)
    written_off = charge * rng.randrange(20, 60) // 100
    share = (charge - written_off) * 20 // 100 if rng.random() < 0.6 else 0
    cas: tuple[str, ...] = (f"CO*45*{_money(written_off)}",)
    if share:
        half = rng.random() < 0.1
        first = share // 2 if half else share
        rest = f"**2*{_money(share - first)}" if half else ""
        cas += (f"PR*{rng.choice('123')}*{_money(first)}{rest}",)
    return _Line(code, charge, cas, charge - written_off - share, share)


def _money(cents: int) -> str:
    whole, part = divmod(cents, 100)
    return f"{whole}.{part:02d}".rstrip("0").rstrip(".") if part else str(whole)


def _billing(claims: int, seed: int) -> Iterator[str]:
    yield f"BHT*0019*00*1*{DAY}*0615*CH"
    yield f"NM1*41*2*EXAMPLE CLINIC*****46*RC{TAX_ID}"
    yield "PER*IC*BILLING OFFICE*TE*5095550100"
    yield "NM1*40*2*CLEARING*****46*EXCLEAR01"
    yield "HL*1**20*1"
    yield f"NM1*85*2*EXAMPLE CLINIC*****XX*{NPI}"
    yield "N3*1 MAIN ST"
    yield "N4*OMAHA*NE*681010000"
    yield f"REF*EI*{TAX_ID}"
    for one in _all(claims, seed):
        yield f"HL*{one.number + 1}*1*22*0"
        yield "SBR*P*18*GRP100******12"
        yield f"NM1*IL*1*{one.last}*{one.first}****MI*M{one.last}{one.born}"
        yield "N3*2 ELM ST"
        yield "N4*OMAHA*NE*681010000"
        yield f"DMG*D8*{one.born}*F"
        yield f"NM1*PR*2*{PAYER_NAME}*****PI*{PAYER}"
        yield f"CLM*C{one.number:08d}*{_money(one.charge)}***11:B:1*Y*A*Y*Y"
        yield "HI*ABK:Z0000*ABF:I10"
        yield "NM1*82*1*DOE*JANE****XX*1234567893"
        if one.second:
            yield "SBR*S*18*GRP2******CI"
            yield "OI***Y***Y"
            yield f"NM1*IL*1*{one.last}*{one.first}****MI*S{one.born}"
            yield f"NM1*PR*2*SECOND PLAN*****PI*{SECOND}"
        for at, line in enumerate(one.lines, 1):
            yield f"LX*{at}"
            yield f"SV1*HC:{line.code}*{_money(line.charge)}*UN*1***1:2"
            yield f"DTP*472*D8*{one.day}"
            yield f"REF*6R*{one.number}L{at}"


def _remit(claims: int, seed: int, paid: int) -> Iterator[str]:
    bank = f"CCP*01*999999992*DA*123456*{PAYER}**01*999988880*DA*98765"
    yield f"BPR*I*{_money(paid)}*C*ACH*{bank}*{REMIT_DAY}"
    yield f"TRN*1*EFT{claims:09d}*{PAYER}"
    yield f"DTM*405*{REMIT_DAY}"
    yield from (f"N1*PR*{PAYER_NAME}", "N3*PO BOX 1", "N4*OMAHA*NE*68101", "PER*BL*SUPPORT*TE*5555550100")
    yield f"N1*PE*EXAMPLE CLINIC*XX*{NPI}"
    yield f"REF*TJ*{TAX_ID}"
    yield "LX*1"
    for one in _all(claims, seed):
        share = sum(line.share for line in one.lines)
        number = f"*{_money(share) if share else ''}*12*P{one.number:09d}*11*1"
        yield f"CLP*C{one.number:08d}*1*{_money(one.charge)}*{_money(one.paid)}{number}"
        yield f"NM1*QC*1*{one.last}*{one.first}****MI*M{one.last}{one.born}"
        yield f"DTM*232*{one.day}"
        for at, line in enumerate(one.lines, 1):
            yield f"SVC*HC:{line.code}*{_money(line.charge)}*{_money(line.paid)}**1"
            yield f"DTM*472*{one.day}"
            yield from (f"CAS*{cas}" for cas in line.cas)
            yield f"REF*6R*{one.number}L{at}"
            yield f"AMT*B6*{_money(line.paid + line.share)}"
            if line.cas[0].startswith("CO*197"):
                yield "LQ*HE*M62"


def _seal(place: Path, kind: str, body: Iterator[str], control: int) -> None:
    group, version = {"835": ("HP", "005010X221A1"), "837": ("HC", "005010X222A1")}[kind]
    third = "" if kind == "835" else f"*{version}"
    half = place.with_suffix(".half")
    with half.open("w", encoding="ascii", newline="", buffering=1 << 20) as file:
        sender, receiver = ("PAYER", "CLINIC") if kind == "835" else ("CLINIC", "CLEARING")
        parties = f"ZZ*{sender:15}*ZZ*{receiver:15}"
        file.write(f"ISA*00*{'':10}*00*{'':10}*{parties}*260218*1200*^*00501*{control:09d}*0*P*:~")
        file.write(
            f"GS*{group}*{sender}*{receiver}*{REMIT_DAY}*1200*{control}*X*{version}~ST*{kind}*0001{third}~"
        )
        count = 2
        for segment in body:
            file.write(segment + "~")
            count += 1
        file.write(f"SE*{count}*0001~GE*1*{control}~IEA*1*{control:09d}~")
    half.rename(place)
