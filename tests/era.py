"""Small 835 and 837 files in few words.

    era(claim("A1", charge="300", paid="220", cas="CO*16*80"), trace="EFT1")
    bill(billed("A1", "300"))

Amounts are texts as a payer writes them. A `cas` holds CAS segments without their id, joined by a blank. What
is not said is computed, so that the file balances; what is said is written as said, so that it may not.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

NPI, TAX_ID = "1234567893", "999988880"
PAYER, PAYER_NAME = "1512345678", "EXAMPLE HEALTH PLAN"
OTHER_PAYER = "SECOND01"
REMIT_DAY, BILL_DAY, SERVICE_DAY = "20260116", "20251220", "20251216"
SUMS = {"835": ("HP", "005010X221A1"), "837": ("HC", "005010X222A1")}


def cents(text: str) -> int:
    """Whole cents of an amount as written, without any float."""
    return int(Decimal(text or "0") * 100)


def money(amount: int) -> str:
    """The shortest way a payer writes cents."""
    text = f"{'-' * (amount < 0)}{abs(amount) // 100}.{abs(amount) % 100:02d}"
    return text.removesuffix(".00")


def triplets(cas: str) -> list[tuple[str, str, int]]:
    """(group, reason, cents) of every triplet in CAS segments joined by blanks."""
    found = []
    for segment in cas.split():
        group, *rest = segment.split("*")
        found += [(group, rest[n], cents(rest[n + 1])) for n in range(0, len(rest), 3) if rest[n]]
    return found


@dataclass(frozen=True)
class Line:
    """One SVC with its adjustments."""

    segments: tuple[str, ...]
    charge: int
    paid: int
    cas: str


def line(
    code: str,
    charge: str,
    paid: str | None = None,
    cas: str = "",
    *,
    control: str = "",
    rarc: str = "",
    allowed: str = "",
    day: str = SERVICE_DAY,
    units: str = "1",
) -> Line:
    """One service line; `code` may carry modifiers (`73721:RT`). `paid` is what is left unless it is said."""
    left = cents(charge) - sum(amount for _, _, amount in triplets(cas))
    given = cents(paid) if paid is not None else left
    segments = [f"SVC*HC:{code}*{charge}*{paid if paid is not None else money(given)}**{units}"]
    segments += [f"DTM*472*{day}"] if day else []
    segments += [f"CAS*{one}" for one in cas.split()]
    segments += [f"REF*6R*{control}"] if control else []
    segments += [f"AMT*B6*{allowed}"] if allowed else []
    segments += [f"LQ*HE*{one}" for one in rarc.split()]
    return Line(tuple(segments), cents(charge), given, cas)


@dataclass(frozen=True)
class Clp:
    """One CLP loop as its segments, with what it pays."""

    segments: tuple[str, ...]
    paid: int


def claim(
    control: str,
    *lines: Line,
    charge: str | None = None,
    paid: str | None = None,
    cas: str = "",
    status: str = "1",
    number: str | None = None,
    pr: str | None = None,
    filing: str = "12",
    patient: str = "DOE*JANE",
    member: str = "MEM0001",
    crossed_to: str = "",
    amt: str = "",
    original: str = "",
) -> Clp:
    """One claim payment; `number` is the payer's claim number (by default PAYER and our control number)."""
    charged = cents(charge) if charge is not None else sum(one.charge for one in lines)
    taken = triplets(" ".join([cas, *(one.cas for one in lines)]))
    given = cents(paid) if paid is not None else charged - sum(amount for _, _, amount in taken)
    owed = sum(amount for group, _, amount in taken if group == "PR")
    responsibility = pr if pr is not None else money(owed) if owed and status != "22" else ""
    named = number if number is not None else f"PAYER{control}"
    segments = [
        f"CLP*{control}*{status}*{charge if charge is not None else money(charged)}"
        f"*{paid if paid is not None else money(given)}*{responsibility}*{filing}*{named}*11*1"
    ]
    segments += [f"CAS*{one}" for one in cas.split()]
    segments += [f"NM1*QC*1*{patient}****MI*{member}"]
    segments += [f"NM1*TT*2*{crossed_to}*****PI*{OTHER_PAYER}"] if crossed_to else []
    segments += [f"REF*F8*{original}"] if original else []
    segments += [f"AMT*{one}" for one in amt.split()]
    segments += [segment for one in lines for segment in one.segments]
    return Clp(tuple(segments), given)


def reversal(control: str, *lines: Line, **named: str) -> Clp:
    """The same claim taken back: say the amounts of the original, they are negated here."""
    turned = []
    for one in lines:
        cas = " ".join(f"{group}*{reason}*{money(-amount)}" for group, reason, amount in triplets(one.cas))
        code = one.segments[0].split("*")[1].removeprefix("HC:")
        turned.append(line(code, money(-one.charge), money(-one.paid), cas))
    cas = " ".join(
        f"{group}*{reason}*{money(-amount)}" for group, reason, amount in triplets(named.pop("cas", ""))
    )
    for name in ("charge", "paid"):
        if name in named:
            named[name] = money(-cents(named[name]))
    return claim(control, *turned, cas=cas, status="22", **named)


@dataclass(frozen=True)
class Dress:
    """What a file looks like around its facts: none of it makes another payment of it."""

    control: int | None = None
    day: str = REMIT_DAY
    time: str = "1200"
    signs: str = "*:^~"
    line_end: str = "\n"
    st: str = "0001"
    usage: str = "P"
    empties: int = 0


PLAIN = Dress()


def payment(
    *claims: Clp,
    trace: str = "EFT0001",
    paid: str | None = None,
    plb: str = "",
    day: str = REMIT_DAY,
    npi: str = NPI,
    payer: str = PAYER,
    payer_name: str = PAYER_NAME,
    method: str = "",
    bpr: str = "",
) -> list[str]:
    """The segments of one 835 between ST and SE; `plb` holds `L6*-3.07 WO:PAYERCN0*15`."""
    pairs = [one.rsplit("*", 1) for one in plb.split()]
    total = sum(one.paid for one in claims) - sum(cents(amount) for _, amount in pairs)
    said = paid if paid is not None else money(total)
    how = method or ("ACH" if cents(said) else "NON")
    banks = f"CCP*01*999999992*DA*123456*{payer}**01*999988880*DA*98765"
    head = bpr or f"BPR*{'I' if cents(said) else 'H'}*{said}*C*{how}*{banks}*{day}"
    segments = [head, f"TRN*1*{trace}*{payer}", f"DTM*405*{day}"]
    segments += [f"N1*PR*{payer_name}", "N3*PO BOX 1", "N4*OMAHA*NE*68101", "PER*BL*SUPPORT*TE*5555550100"]
    segments += [f"N1*PE*EXAMPLE CLINIC*XX*{npi}", f"REF*TJ*{TAX_ID}"]
    segments += ["LX*1"] if claims else []
    segments += [segment for one in claims for segment in one.segments]
    if pairs:
        segments.append(f"PLB*{npi}*20261231*" + "*".join(f"{code}*{amount}" for code, amount in pairs))
    return segments


def era(*claims: Clp, dress: Dress = PLAIN, **named: str) -> bytes:
    """A complete 835 file of one payment; see `payment` for its words."""
    return sealed("835", [payment(*claims, **named)], dress)


def sealed(kind: str, transactions: Sequence[Sequence[str]], dress: Dress = PLAIN) -> bytes:
    """A complete file: ISA to IEA around what stands between each ST and SE, in its dress."""
    star, colon, caret, end = tuple(dress.signs)
    group, version = SUMS[kind]
    text = "~".join(segment for one in transactions for segment in one)
    control = dress.control if dress.control is not None else zlib.crc32(text.encode()) % 1_000_000_000
    first, second = ("PAYER", "CLINIC") if kind == "835" else ("CLINIC", "CLEARING")
    isa = f"ISA*00*{'':10}*00*{'':10}*ZZ*{first:15}*ZZ*{second:15}*{dress.day[2:]}*{dress.time}"
    written = [f"{isa}*^*00501*{control:09d}*0*{dress.usage}*:"]
    gs = f"GS*{group}*{first}*{second}*{dress.day}*{dress.time}*{control % 1_000_000}*X*{version}"
    tail = "*" * dress.empties
    written.append(gs)
    for number, segments in enumerate(transactions):
        name = dress.st if len(transactions) == 1 else f"{int(dress.st) + number:04d}"
        suffix = f"*{version}" if kind == "837" else ""
        written += [f"ST*{kind}*{name}{suffix}", *(segment + tail for segment in segments)]
        written.append(f"SE*{len(segments) + 2}*{name}")
    written += [f"GE*{len(transactions)}*{control % 1_000_000}", f"IEA*1*{control:09d}"]
    swap = str.maketrans({"*": star, ":": colon, "^": caret})
    return "".join(one.translate(swap) + end + dress.line_end for one in written).encode("latin-1")


@dataclass(frozen=True)
class Cover:
    """A second payer named on a billed claim."""

    name: str = "SECOND PLAN"
    id: str = OTHER_PAYER


def billed(
    control: str,
    *lines: str,
    patient: str = "DOE*JANE",
    member: str = "MEM0001",
    birth: str = "19700101",
    day: str = SERVICE_DAY,
    frequency: str = "1",
    original: str = "",
    second: Cover | None = None,
    filing: str = "12",
    street: str = "1 MAIN ST",
) -> list[str]:
    """One claim of an 837P, subscriber and patient in one; a line is `charge` or `code charge`."""
    total = sum(cents(one.split()[-1]) for one in lines)
    segments = [
        f"SBR*P*18*GRP1******{filing}",
        f"NM1*IL*1*{patient}****MI*{member}",
        f"N3*{street}",
        "N4*OMAHA*NE*68101",
        f"DMG*D8*{birth}*F",
        f"NM1*PR*2*{PAYER_NAME}*****PI*{PAYER}",
        f"CLM*{control}*{money(total)}***11:B:{frequency}*Y*A*Y*Y",
    ]
    segments += [f"REF*F8*{original}"] if original else []
    segments += ["HI*ABK:E119"]
    if second:
        segments += ["SBR*S*18*GRP2******CI", "OI***Y***Y", f"NM1*IL*1*{patient}****MI*S{member}"]
        segments += [f"NM1*PR*2*{second.name}*****PI*{second.id}"]
    for number, one in enumerate(lines, start=1):
        *code, charge = one.split()
        segments += [f"LX*{number}", f"SV1*HC:{code[0] if code else '99214'}*{charge}*UN*1***1"]
        segments += [f"DTP*472*D8*{day}", f"REF*6R*L{number}"]
    return segments


def bill(*claims: list[str], dress: Dress = PLAIN, npi: str = NPI, tax_id: str = TAX_ID) -> bytes:
    """A complete 837P file of these claims."""
    body = [
        f"BHT*0019*00*1*{BILL_DAY}*0615*CH",
        "NM1*41*2*EXAMPLE CLINIC*****46*CLINIC",
        "PER*IC*BILLING*TE*5555550101",
        "NM1*40*2*CLEARINGHOUSE*****46*CLEARING",
        "HL*1**20*1",
        f"NM1*85*2*EXAMPLE CLINIC*****XX*{npi}",
        "N3*2 CLINIC WAY",
        "N4*OMAHA*NE*681010001",
        f"REF*EI*{tax_id}",
    ]
    for number, one in enumerate(claims, start=2):
        body += [f"HL*{number}*1*22*0", *one]
    return sealed("837", [body], dress)
