"""Small TA1, 999, 277CA and 277 files in few words: what answers the files of `tests.era.bill`.

taken(bill_control, "0001 A")                          999: the transaction 0001 is accepted
report("A1 A2:20", "A2 A7:562:85", day="20251222")     277CA: A1 accepted, A2 rejected
"""

import zlib
from collections.abc import Sequence

CLEARINGHOUSE = "CLEARING"
DAY = "20251222"


def envelope(group: str, st: str, version: str, bodies: Sequence[Sequence[str]], *, day: str) -> bytes:
    """A whole file from the clearinghouse to the clinic; its control number follows from its content."""
    text = "~".join(segment for body in bodies for segment in body)
    control = zlib.crc32(f"{st}{day}{text}".encode()) % 1_000_000_000
    isa = f"ISA*00*{'':10}*00*{'':10}*ZZ*{CLEARINGHOUSE:15}*ZZ*{'CLINIC':15}*{day[2:]}*0900"
    written = [f"{isa}*^*00501*{control:09d}*0*P*:"]
    written += [f"GS*{group}*{CLEARINGHOUSE}*CLINIC*{day}*0900*{control % 1_000_000}*X*{version}"]
    for number, body in enumerate(bodies, start=1):
        written += [f"ST*{st}*{number:04d}*{version}", *body, f"SE*{len(body) + 2}*{number:04d}"]
    written += [f"GE*{len(bodies)}*{control % 1_000_000}", f"IEA*1*{control:09d}"]
    return "~\n".join([*written, ""]).encode()


def taken(control: int, *sets: str, day: str = DAY, group: str = "", errors: Sequence[str] = ()) -> bytes:
    """A 999 about the group of the 837 with this control number; a set is `0001 A` or `0001 R 5`."""
    said = [one.split() for one in sets]
    good = sum(code in "AE" for _, code, *_ in said)
    body = [f"AK1*HC*{control % 1_000_000}*005010X222A1"]
    for name, code, *notes in said:
        body += [f"AK2*837*{name}*005010X222A1", *(errors if code not in "AE" else ())]
        body.append("*".join(["IK5", code, *notes]))
    verdict = group or ("A" if good == len(said) else "P" if good else "R")
    body.append(f"AK9*{verdict}*{len(said)}*{len(said)}*{good}")
    return envelope("FA", "999", "005010X231A1", [body], day=day)


def opened(control: int, code: str, note: str = "000", *, sent: str = "251220", day: str = DAY) -> bytes:
    """A TA1 about the interchange of the 837 with this control number."""
    isa = f"ISA*00*{'':10}*00*{'':10}*ZZ*{CLEARINGHOUSE:15}*ZZ*{'CLINIC':15}*{day[2:]}*0901"
    number = (control + 7) % 1_000_000_000
    lines = [f"{isa}*^*00501*{number:09d}*0*P*:", f"TA1*{control:09d}*{sent}*1200*{code}*{note}"]
    return "~\n".join([*lines, f"IEA*0*{number:09d}", ""]).encode()


def report(
    *claims: str, day: str = DAY, origin: str = "AY", npi: str = "1234567893", lines: Sequence[str] = ()
) -> bytes:
    """A 277CA; a claim is `CONTROL A7:562:85`, with more statuses after it when it has several."""
    name = "FIRST CLEARINGHOUSE" if origin == "AY" else "EXAMPLE HEALTH PLAN"
    body = [
        f"BHT*0085*08*1*{day}*0900*TH", "HL*1**20*1", f"NM1*{origin}*2*{name}*****46*{CLEARINGHOUSE}",
        "TRN*1*1", f"DTP*050*D8*{day}", f"DTP*009*D8*{day}", "HL*2*1*21*1",
        "NM1*41*2*EXAMPLE CLINIC*****46*CLINIC", "TRN*2*1", f"STC*A1:19:PR*{day}*WQ*100",
        "HL*3*2*19*1", f"NM1*85*2*EXAMPLE CLINIC*****XX*{npi}", "TRN*1*0", "STC*A1:19:PR**WQ*100",
    ]  # fmt: skip
    for level, one in enumerate(claims, start=4):
        control, *said = one.split()
        body += [f"HL*{level}*3*PT", "NM1*QC*1*DOE*JANE****MI*MEM0001", f"TRN*2*{control}"]
        body += [f"STC*{code}*{day}*{'U' if code[:2] in ('A3', 'A6', 'A7', 'A8') else 'WQ'}" for code in said]
        body += ["DTP*472*D8*20251216", *lines]
    return envelope("HN", "277", "005010X214", [body], day=day)


def response(*claims: str, day: str = DAY) -> bytes:
    """A 277: a claim is `CONTROL P3:317`."""
    body = [
        f"BHT*0010*08*1*{day}*0900*DG", "HL*1**20*1", "NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*1512345678",
        "HL*2*1*21*1", "NM1*41*2*EXAMPLE CLINIC*****46*CLINIC", "HL*3*2*19*1",
        "NM1*1P*2*EXAMPLE CLINIC*****XX*1234567893",
    ]  # fmt: skip
    for level, one in enumerate(claims, start=4):
        control, code = one.split()
        body += [f"HL*{level}*3*22*0", "NM1*IL*1*DOE*JANE****MI*MEM0001", f"TRN*2*T{control}"]
        body += [f"STC*{code}*{day}**100", f"REF*EJ*{control}", "DTP*472*D8*20251216"]
    return envelope("HN", "277", "005010X212", [body], day=day)
