"""The order of the segments of a claim in the guides 005010X222A1 and X223A2, and the loops their names open.

A line is a loop and what stands in it: `REF=G1x5!` is a REF with the qualifier G1, five times at most (once
when nothing is said), required. `+` continues the loop above. HL is left out: a writer counts levels itself.
"""

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

ABOVE = """
2000A PRV=BI CUR
2010AA NM1=85! N3! N4! REF=EI,SY! REF=0B,1Gx2 PERx2
2010AB NM1=87! N3! N4!
2010AC NM1=PE! N3! N4! REF=2U,FY,NF REF=EI!
2000B SBR! PAT
2010BA NM1=IL! N3 N4 DMG REF=SY REF=Y4 PER
2010BB NM1=PR! N3 N4 REF=2U,EI,FY,NFx3 REF=G2,LUx2
2000C PAT!
2010CA NM1=QC! N3! N4! DMG! REF=Y4 REF=1W,SY PER
"""
PROFESSIONAL = f"""{ABOVE}
2300 CLM! DTP=431 DTP=454 DTP=304 DTP=453 DTP=439 DTP=484 DTP=455 DTP=471 DTP=314,360,361 DTP=297 DTP=296
+ DTP=435 DTP=096 DTP=090,091x2 DTP=444 DTP=050 PWKx10 CN1 AMT=F5 REF=4N REF=F5 REF=EW REF=9F REF=G1 REF=F8
+ REF=X4 REF=9A REF=9C REF=LX REF=D9 REF=EA REF=P4 REF=1J K3x10 NTE=ADD,CER,DCP,DGN,TPO CR1 CR2 CRC=07x3
+ CRC=E1,E2,E3x3 CRC=75 CRC=ZZ HI=ABK,BK! HI=BP HI=BGx2 HCP
2310A NM1=DN,P3! REF=0B,1G,G2x3
2310B NM1=82! PRV=PE REF=0B,1G,G2,LUx4
2310C NM1=77! N3! N4! REF=0B,G2,LUx3 PER
2310D NM1=DQ! REF=0B,1G,G2,LUx4
2310E NM1=PW! N3! N4!
2310F NM1=45! N3! N4!
2320 SBR! CASx5 AMT=D AMT=A8 AMT=EAF OI! MOA
2330A NM1=IL! N3 N4 REF=SY
2330B NM1=PR! N3 N4 DTP=573 REF=2U,EI,FY,NFx2 REF=G1 REF=9F REF=T4 REF=F8
2330C NM1=DN,P3! REF=0B,1G,G2!x3
2330D NM1=82! REF=0B,1G,G2,LU!x3
2330E NM1=77! REF=0B,G2,LU!x3
2330F NM1=DQ! REF=0B,1G,G2,LU!x3
2330G NM1=85! REF=G2,LU!x2
2400 LX! SV1! SV5 PWKx10 PWK=CT CR1 CR3 CRC=07x3 CRC=70 CRC=09 DTP=472! DTP=471 DTP=607 DTP=463 DTP=461
+ DTP=304 DTP=738,739x2 DTP=011 DTP=455 DTP=454 QTY=PT QTY=FL MEAx5 CN1 REF=9B REF=9D REF=G1x5 REF=6R REF=EW
+ REF=X4 REF=F4 REF=BT REF=9Fx5 AMT=T AMT=F4 K3x10 NTE=ADD,DCP NTE=TPO PS1 HCP
2410 LIN! CTP! REF=VY,XZ
2420A NM1=82! PRV=PE REF=0B,1G,G2,LUx20
2420B NM1=QB! REF=0B,1G,G2x20
2420C NM1=77! N3! N4! REF=G2,LUx3
2420D NM1=DQ! REF=0B,1G,G2,LUx20
2420E NM1=DK! N3 N4 REF=0B,1G,G2x20 PER
2420F NM1=DN,P3! REF=0B,1G,G2x20
2420G NM1=PW! N3! N4!
2420H NM1=45! N3! N4!
2430 SVD! CASx5 DTP=573! AMT=EAF
2440 LQ! FRM!x99
"""
INSTITUTIONAL = f"""{ABOVE}
2300 CLM! DTP=096 DTP=434! DTP=435 DTP=050 CL1! PWKx10 CN1 AMT=F3 REF=4N REF=9F REF=G1 REF=F8 REF=9A REF=9C
+ REF=LXx5 REF=D9 REF=LU REF=EA REF=P4 REF=G4 K3x10
+ NTE=ALG,DCP,DGN,DME,MED,NTR,ODT,RHB,RLH,RNH,SET,SFM,SPT,UPIx10 NTE=ADD CRC=ZZ HI=ABK,BK! HI=ABJ,BJ HI=APR,PR
+ HI=ABN,BN HI=DR HI=ABF,BFx2 HI=BBR,BR,CAH HI=BBQ,BQx2 HI=BIx2 HI=BHx2 HI=BEx2 HI=BGx2 HI=TCx2 HCP
2310A NM1=71! PRV=AT REF=0B,1G,G2,LUx4
2310B NM1=72! REF=0B,1G,G2,LUx4
2310C NM1=ZZ! REF=0B,1G,G2,LUx4
2310D NM1=82! REF=0B,1G,G2,LUx4
2310E NM1=77! N3! N4! REF=0B,G2,LUx3
2310F NM1=DN! REF=0B,1G,G2x3
2320 SBR! CASx5 AMT=D AMT=EAF AMT=A8 OI! MIA MOA
2330A NM1=IL! N3 N4 REF=SYx2
2330B NM1=PR! N3 N4 DTP=573 REF=2U,EI,FY,NFx2 REF=G1 REF=9F REF=T4 REF=F8
2330C NM1=71! REF=0B,1G,G2,LU!x4
2330D NM1=72! REF=0B,1G,G2,LU!x4
2330E NM1=ZZ! REF=0B,1G,G2,LU!x4
2330F NM1=77! REF=0B,G2,LU!x3
2330G NM1=82! REF=0B,1G,G2,LU!x4
2330H NM1=DN! REF=0B,1G,G2!x3
2330I NM1=85! REF=G2,LU!x2
2400 LX! SV2! PWKx10 DTP=472 REF=6R REF=9B REF=9D AMT=GT AMT=N8 NTE=TPO HCP
2410 LIN! CTP! REF=VY,XZ
2420A NM1=72! REF=0B,1G,G2,LUx20
2420B NM1=ZZ! REF=0B,1G,G2,LUx20
2420C NM1=82! REF=0B,1G,G2,LUx20
2420D NM1=DN! REF=0B,1G,G2x20
2430 SVD! CASx5 DTP=573! AMT=EAF
"""
# The dental guide is read, so that nothing of a claim is lost, and not written: nothing here can check it.
DENTAL = f"""{ABOVE}
2300 CLM! DTP=439 DTP=452 DTP=472 DN1 DN2x35 PWKx10 CN1 AMT=F5 REF=G3 REF=4N REF=F8 REF=9F REF=G1 REF=9A
+ REF=9C REF=D9 K3x10 NTE=ADDx5 HI HCP
2310A NM1=DN,P3! PRV=RF REF=0B,1G,G2,LUx3
2310B NM1=82! PRV=PE REF=0B,1G,G2,LUx4
2310C NM1=77! N3! N4! REF=0B,1G,G2,LUx3
2310D NM1=DD! PRV=AS REF=0B,1G,G2,LUx4
2310E NM1=DQ! REF=0B,1G,G2,LUx4
2320 SBR! CASx5 AMT=D AMT=A8 AMT=EAF OI! MOA
2330A NM1=IL! N3 N4 REF=SY
2330B NM1=PR! N3 N4 DTP=573 REF=2U,EI,FY,NFx3 REF=G1 REF=G3 REF=9F REF=T4 REF=F8
2330C NM1=DN,P3! REF=0B,1G,G2!x3
2330D NM1=82! REF=0B,1G,G2,LU!x3
2330E NM1=DQ! REF=0B,1G,G2,LU!x3
2330F NM1=85! REF=G2,LU!x2
2330G NM1=77! REF=0B,G2,LU!x3
2330H NM1=DD! REF=0B,1G,G2,LU!x3
2400 LX! SV3! TOOx32 DTP=472 DTP=452 DTP=446 DTP=441 DTP=196 DTP=198 CN1 REF=G3 REF=G1 REF=9A REF=9B REF=9D
+ REF=6R REF=9F AMT=T K3x10 HCP
2420A NM1=82! PRV=PE REF=0B,1G,G2,LUx20
2420B NM1=DD! PRV=AS REF=0B,1G,G2,LUx20
2420C NM1=DQ! REF=0B,1G,G2,LUx20
2420D NM1=77! REF=G2,LUx3
2430 SVD! CASx5 DTP=573! AMT=EAF
"""
GUIDES = {"P": PROFESSIONAL, "I": INSTITUTIONAL, "D": DENTAL}
REPEATED_LOOPS = {"2310A": 2, "2320": 10, "2330C": 2, "2420F": 2, "2430": 15}
"""How often a loop of the professional guide may stand within the one above it; the others once."""
LINES = {"P": 50, "I": 999, "D": 50}
WITHIN = {
    "2310": frozenset({"NM1", "N2", "N3", "N4", "PRV", "REF", "PER"}),
    "2330": frozenset({"NM1", "N2", "N3", "N4", "PRV", "REF", "PER", "DTP"}),
    "2410": frozenset({"LIN", "CTP", "REF"}),
    "2420": frozenset({"NM1", "N2", "N3", "N4", "PRV", "REF", "PER"}),
    "2430": frozenset({"SVD", "CAS", "DTP", "AMT"}),
    "2440": frozenset({"LQ", "FRM"}),
}
"""What may follow in these loops; anything else belongs to the claim or the line around them."""
LEVELS = {"2000A": "A", "2010A": "A", "2000B": "B", "2010B": "B", "2000C": "C", "2010C": "C"}


class Place(NamedTuple):
    """One place of the guide: how far down it stands, how often, and whether it must be there."""

    rank: int
    loop: str
    id: str
    qualifiers: tuple[str, ...]
    most: int
    required: bool


@cache
def places(kind: str) -> tuple[Place, ...]:
    """Every place of a guide from top to bottom; kind is P, I or D."""
    found: list[Place] = []
    loop = ""
    for line in GUIDES[kind].splitlines():
        first, *rest = line.split() or [""]
        loop = loop if first == "+" else first
        for word in rest:
            text, _, most = word.replace("!", "").partition("x")
            name, _, qualifiers = text.partition("=")
            listed = tuple(qualifiers.split(",")) if qualifiers else ()
            found.append(Place(len(found), loop, name, listed, int(most or 1), "!" in word))
    return tuple(found)


@cache
def _index(kind: str) -> Mapping[tuple[str, str, str], Place]:
    """Places by loop, segment and qualifier; an empty qualifier stands for any."""
    found: dict[tuple[str, str, str], Place] = {}
    for place in places(kind):
        for qualifier in place.qualifiers or ("",):
            found.setdefault((place.loop, place.id, qualifier), place)
    return found


def place_of(kind: str, loop: str, id: str, qualifier: str = "") -> Place | None:
    """Where the guide puts a segment of this loop; None when it does not know it there."""
    index = _index(kind)
    return index.get((loop, id, qualifier)) or index.get((loop, id, ""))


@cache
def roles(kind: str) -> Mapping[tuple[str, str], str]:
    """(23, 24 … of the loop around, NM101) → the loop a name opens: ("2310", "82") → 2310B."""
    return {
        (place.loop[:4], qualifier): place.loop
        for place in places(kind)
        if place.id == "NM1"
        for qualifier in place.qualifiers
    }


def level_of(loop: str) -> str:
    """A billing provider, B subscriber and payer, C patient, "" the claim itself."""
    return LEVELS.get(loop[:5], "")
