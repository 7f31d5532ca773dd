"""What we send is what came in, and a guide has nothing against it that it had not against the original."""

import io
import random
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edi.guide import second_opinion
from edi.segments import Separators
from edi.x837.cob import CobError, PayerAnswer, bill_next
from edi.x837.difference import difference
from edi.x837.edit import EditError, lines, others
from edi.x837.facts import facts
from edi.x837.fields import FIELDS, get, put
from edi.x837.outgoing import check_out
from edi.x837.resubmit import as_new, as_replacement, as_void
from edi.x837.whole import COMPONENT, Row, Whole, dump, load, whole_claims
from edi.x837.writer import CannotWrite, signs_for
from tests.edi.claims_out import said, shown, wholes, written
from tests.edi.files import FIXTURES, codes, samples, scan
from tests.edi.files import claims as read
from tests.edi.test_x837_cob import ANSWER, PAID_ON
from tests.fuzz.mutators import mutant

SENDABLE = [
    path
    for path in samples("x837/pass") + samples("x837/odd")
    if scan(path.read_bytes()).kind in ("837P", "837I")
]
SIGNS = (Separators("|", ">", "!", "\n"), Separators("*", ":", "^", "~"), Separators("+", ";", "'", "\x1e"))


def opinion(data: bytes) -> set[str]:
    """What pyx12 says, under the version it knows."""
    for other, known in ((b"X222A2", b"X222A1"), (b"X223A3", b"X223A2")):
        data = data.replace(other, known)
    return {one.value for one in second_opinion(data, 60)}


def forms(claim: Whole) -> list[Whole]:
    """Every form a claim goes out in, the original first."""
    made = [
        claim,
        as_new(claim, "A1R1"),
        as_replacement(claim, "A1R2", "ICN1"),
        as_void(claim, "A1R3", "ICN1"),
    ]
    for part in others(claim):
        rank = part.rows[0].at(1)
        try:
            made.append(bill_next(claim, [unexplained(claim)], next_rank=rank, control=f"A1{rank}"))
        except CobError as wrong:
            assert wrong.words
    return made


def unexplained(claim: Whole) -> PayerAnswer:
    """The destination answered: nothing paid, all of it the patient's, for the claim as a whole."""
    name = next((one for one in claim.subscriber if one.loop == "2010BB"), Row("2010BB", ("NM1",)))
    cents = facts(claim).charge
    rest = (("PR", "1", cents, ""),)
    return PayerAnswer(name.at(9), name.at(8), name.at(3), "ICN9", 0, PAID_ON, adjustments=rest)


@pytest.mark.parametrize("path", SENDABLE, ids=lambda path: path.stem)
def test_what_goes_out_pleases_the_guide_as_much_as_what_came_in(path: Path) -> None:
    data = path.read_bytes()
    claims = wholes(data)
    before, again = opinion(data), opinion(written(claims))
    whole = all(span.closed for span in scan(data).transactions)
    if whole and "edi.component" not in [code for one, _ in read(data) for code in codes(one.findings)]:
        # pyx12 takes such a sender's composites for one code each; of a file without levels it reads nothing.
        assert again <= before or "Segment CLM is not expected there." in before
    assert opinion(written([form for one in claims for form in forms(one)])) <= again


@pytest.mark.parametrize("path", SENDABLE, ids=lambda path: path.stem)
def test_every_form_of_a_claim_is_read_back_as_written(path: Path) -> None:
    made = [form for one in wholes(path.read_bytes()) for form in forms(one)]
    used = {sign for one in made for text in texts(one) for sign in text}
    for signs in SIGNS:
        if used & set(signs):
            continue
        again = written(made, separators=signs)
        assert [shown(one) for one in wholes(again)] == [shown(one) for one in made]
    assert said(written(made)) == said(written(made, separators=SIGNS[0]))
    assert [load(dump(one)) for one in made] == made


# ---------------------------------------------------------------- laws


TEXT = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,'-/&()+?=!\"ÄÉñ王", min_size=1, max_size=30).map(
    lambda text: " ".join(text.split())
).filter(bool)  # fmt: skip
ODD = st.text("ABC*:^~|>!`;+{}[]", min_size=1, max_size=12)
PART = TEXT | st.just("")
ELEMENT = TEXT | st.lists(PART, min_size=2, max_size=5).map(COMPONENT.join)


@st.composite
def segments(draw: Any, loop: str, *ids: str) -> Row:
    elements = draw(st.lists(ELEMENT | st.just(""), min_size=1, max_size=8))
    return Row(loop, tidied((draw(st.sampled_from(ids)), *elements)))


def tidied(elements: tuple[str, ...]) -> tuple[str, ...]:
    """Without the empty ends that are never sent."""
    made = [one.rstrip(COMPONENT) for one in elements]
    while len(made) > 1 and not made[-1]:
        made.pop()
    return tuple(made) if len(made) > 1 else (*made, "X")


@st.composite
def generated(draw: Any) -> Whole:
    """A claim with every loop, filled with anything: what stands there need not make sense."""
    kind, version = draw(st.sampled_from([("P", "005010X222A1"), ("I", "005010X223A2")]))
    name = st.builds(lambda text, role: ("NM1", role, "2", text), TEXT, st.just("x"))

    def named(loop: str, role: str) -> Row:
        found = draw(name)
        return Row(loop, (found[0], role, *found[2:]))

    def some(loop: str, *ids: str, most: int = 3) -> list[Row]:
        return draw(st.lists(segments(loop, *ids), max_size=most))

    billing = [*some("2000A", "CUR", most=1), named("2010AA", "85"), *some("2010AA", "N3", "N4", "REF")]
    subscriber = [Row("2000B", tidied(("SBR", draw(st.sampled_from("PST")), "", draw(PART))))]
    subscriber += [named("2010BA", "IL"), *some("2010BA", "N3", "DMG"), named("2010BB", "PR")]
    patient = [Row("2000C", ("PAT", "19")), named("2010CA", "QC")] if draw(st.booleans()) else []
    clm = Row("2300", ("CLM", draw(TEXT), draw(TEXT), "", "", COMPONENT.join(("11", "B", "1"))))
    claim = [clm, *some("2300", "DTP", "REF", "HI", "K3"), named("2310B" if kind == "P" else "2310D", "82")]
    for _ in range(draw(st.integers(0, 2))):
        claim += [Row("2320", ("SBR", "S", draw(TEXT))), *some("2320", "CAS", "AMT"), named("2330A", "IL")]
        claim += [named("2330B", "PR"), *some("2330B", "REF", "DTP")]
    for number in range(1, draw(st.integers(1, 3)) + 1):
        claim += [
            Row("2400", ("LX", str(number))),
            *some("2400", "SV1" if kind == "P" else "SV2", "DTP", "REF"),
        ]
        if draw(st.booleans()):
            claim += [Row("2430", ("SVD", draw(TEXT))), *some("2430", "CAS", "AMT")]
    use = draw(st.sampled_from(["CH", "RP"]))
    return Whole(kind, version, use, tuple(billing), tuple(subscriber), tuple(patient), tuple(claim))


@settings(deadline=None, max_examples=40)
@given(st.lists(generated(), min_size=1, max_size=4), st.sampled_from(SIGNS))
def test_reading_what_was_written_gives_the_same_claims(claims: list[Whole], signs: Separators) -> None:
    data = written(claims, separators=signs_for(claims) if signs == SIGNS[1] else signs)
    clean = [one for one in claims if not any(sign in text for sign in signs for text in texts(one))]
    if signs == SIGNS[1] or len(clean) == len(claims):
        assert wholes(data) == claims
    assert all(span.held_by == [] for span in scan(data).transactions)


def texts(claim: Whole) -> list[str]:
    return [text for one in claim.rows for text in one.elements]


@settings(deadline=None, max_examples=40)
@given(st.lists(generated(), min_size=1, max_size=2), ODD)
def test_no_text_breaks_the_file_it_is_in(claims: list[Whole], odd: str) -> None:
    row = Row("2300", ("K3", f"A{odd}Z"))
    claims = [one._replace(claim=(one.claim[0], row, *one.claim[1:])) for one in claims]
    assert wholes(written(claims, separators=signs_for(claims))) == claims
    stripped = wholes(written(claims))
    assert [len(one.rows) for one in stripped] == [len(one.rows) for one in claims]


@settings(deadline=None, max_examples=40)
@given(generated())
def test_a_stored_claim_is_the_same_claim_in_the_same_bytes(claim: Whole) -> None:
    assert load(dump(claim)) == claim
    assert dump(load(dump(claim))) == dump(claim)


# ---------------------------------------------------------------- anything at all

GOOD = [data for path in SENDABLE if (data := path.read_bytes())[3:4] == b"*"]
MUTANTS = 150
SECONDS = 2


@pytest.mark.parametrize("seed", range(3))
def test_no_damaged_file_stops_any_of_it(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(MUTANTS):
        data = mutant(dice, dice.choice(GOOD))
        begun = time.process_time()
        use(data, dice)
        assert time.process_time() - begun < SECONDS, data[:2_000]


def use(data: bytes, dice: random.Random) -> None:
    """All that is ever done with a claim, on whatever it is."""
    stream = io.BytesIO(data)
    for span in scan(data).transactions:
        for number, claim in whole_claims(stream, span):
            assert load(dump(claim)) == claim
            facts(claim)
            check_out(claim)
            name = dice.choice(sorted(FIELDS))
            line = dice.randrange(0, len(lines(claim)) + 1)
            try:
                made = put(
                    claim, name, dice.choice(("1", "", "2026-01-31", get(claim, name, line=line))), line=line
                )
            except EditError as wrong:
                assert wrong.words
                made = claim
            assert difference(claim, claim) == []
            difference(claim, made)
            if claim.kind == "D":
                continue
            try:
                again = wholes(written([as_replacement(made, f"N{number}", "ICN")]))
            except CannotWrite as wrong:
                assert str(wrong)
                continue
            assert len(again) == 1
            for rank in "ST":
                try:
                    bill_next(claim, [replace(ANSWER, rank="P")], next_rank=rank, control="X")
                except CobError as wrong:
                    assert wrong.words


def test_a_claim_of_thousands_of_segments_is_no_trouble() -> None:
    data = (FIXTURES / "x837" / "pass" / "golden_secondary.edi").read_bytes().replace(b"\n", b"")
    head, tail = data.split(b"LX*1~")
    many = b"".join(b"LX*%d~SV1*HC:99213*1*UN*1***1~DTP*472*D8*20251215~" % n for n in range(1, 20_001))
    for middle in (many, b"REF*G1*A~" * 50_000, b"HI*ABK:I10~" * 50_000, b"SBR*S*18~" * 50_000,
                   b"REF*G1*" + b"*" * 500_000 + b"A~"):  # fmt: skip
        begun = time.process_time()
        [claim] = wholes(head + middle + b"LX*1~" + tail)
        check_out(claim)
        difference(claim, as_replacement(claim, "A", "B"))
        written([put(claim, "note", "X")])
        assert time.process_time() - begun < 20
