"""A small month of a practice: bills, and remits that come early, late, wrong and twice."""

import random

from tests.era import Clp, Cover, Line, bill, billed, claim, era, line, money, reversal


def deliveries(seed: int = 7, claims: int = 12) -> list[list[bytes]]:
    """837s and 835s as they come: first remits without their claims, one of them a reversal; then the rest.

    One remit speaks of a claim that was never billed for that amount, and the first 837 comes twice.
    """
    dice = random.Random(seed)
    controls = [f"C{seed}N{number:03d}" for number in range(claims)]
    amounts = {control: dice.randrange(50_00, 900_00) for control in controls}
    lines = {control: _answer(dice, amounts[control]) for control in controls}
    bills = [
        bill(*(_bill(control, amounts[control]) for control in part))
        for part in (controls[: claims // 2], controls[claims // 2 :])
    ]
    third = max(1, claims // 3)
    parts = [controls[n : n + third] for n in range(0, claims, third)]
    remits = [
        era(*(_claim(control, lines[control]) for control in part), trace=f"T{seed}N{number}", plb="L6*-3.07")
        for number, part in enumerate(parts)
    ]
    back = controls[0]
    again = era(
        reversal(back, lines[back], patient=_name(back)),
        claim(back, _denied(amounts[back]), number=f"{back}AGAIN", patient=_name(back)),
        trace=f"T{seed}BACK",
        plb=f"FB:T{seed}BACK*-{money(lines[back].paid)}",
        paid="0",
    )
    wrong = era(claim(controls[1], charge="100", paid="12.34"), trace=f"T{seed}WRONG")
    return [[again, remits[0], bills[1]], [*remits[1:], wrong, *bills, bills[0]]]


def _name(control: str) -> str:
    return f"DOE{control[-2:]}*JANE"


def _bill(control: str, cents: int) -> list[str]:
    return billed(
        control, f"99214 {money(cents)}", patient=_name(control), member=f"M{control}", second=Cover()
    )


def _claim(control: str, answer: Line) -> Clp:
    return claim(control, answer, patient=_name(control), member=f"M{control}")


def _answer(dice: random.Random, cents: int) -> Line:
    contractual, owed = dice.randrange(0, cents // 2), dice.randrange(0, cents // 4)
    cas = f"CO*45*{money(contractual)} PR*1*{money(owed)}"
    return line("99214", money(cents), cas=cas if dice.random() < 0.8 else f"CO*197*{money(cents)}")


def _denied(cents: int) -> Line:
    return line("99214", money(cents), cas=f"CO*97*{money(cents)}")
