"""Laws that hold for any bytes: no exception, nothing lost, no cut file taken for whole, no amount missed."""

import io
import random
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from edi.amounts import BadAmount, parse_cents
from edi.envelope import scan_file
from edi.findings import money
from edi.segments import Separators, element_span, split_segments, write_segments
from edi.x277ca import reader as x277ca_reader
from edi.x835 import reader as x835_reader
from edi.x837 import reader as x837_reader
from edi.x999 import reader as x999_reader
from edi.xta1 import reader as xta1_reader
from tests.edi.files import codes, remit, remits, samples, sealed

EVERY = [path for folder in ("x835", "x837", "ack") for path in samples(folder)]
SIGNS = st.permutations("*|^:>!~'\n\x1d\\").map(lambda signs: Separators(*signs[:4]))


@cache
def sample_bytes() -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in EVERY)


def read_everything(data: bytes) -> int:
    """Read a file the way the product does, every reader on every transaction; how many claims there were."""
    stream = io.BytesIO(data)
    scan = scan_file(stream)
    count = 0
    for interchange in scan.interchanges:
        xta1_reader.read(interchange)
    for span in scan.transactions:
        for reader in (x835_reader, x837_reader, x277ca_reader):
            count += sum(1 for _ in reader.read(stream, span).claims())
        x999_reader.read(stream, span)
    return count


@given(st.binary(max_size=2_000))
def test_any_bytes_are_answered_with_findings(data: bytes) -> None:
    read_everything(data)


@given(st.binary(max_size=600), st.sampled_from(["835", "837", "999", "277"]))
def test_any_bytes_inside_a_good_envelope_are_answered_with_findings(data: bytes, kind: str) -> None:
    version = {"835": "005010X221A1", "837": "005010X222A1", "999": "005010X231A1", "277": "005010X214"}[kind]
    whole = sealed("MARK", st=kind, version=version)
    read_everything(whole.replace(b"MARK", data))


IDS = ["ST", "SE", "GS", "GE", "ISA", "IEA", "BPR", "TRN", "N1", "LX", "TS3", "CLP", "CAS", "SVC", "NM1",
"DTM", "REF",
       "AMT", "QTY", "LQ", "MIA", "MOA", "PLB", "PER", "HL", "SBR", "CLM", "HI", "SV1", "SV2", "SV3",
       "SVD", "DTP",
       "PAT", "PRV", "LIN", "STC", "AK1", "AK2", "IK3", "IK4", "IK5", "CTX", "TA1", "ZZ"]  # fmt: skip
ELEMENTS = st.sampled_from(
    ["", "1", "22", "CO", "PR", "45", "100", "-5.5", "1.005", "x", "HC:99213:25", "HC>99213", "L6:A",
    "20260101",
     "D8", "RD8", "20260101-20260102", "85", "IL", "QC", "PT", "21", "A7:562:85", "F8", "6R", "PE", "é",
     "0" * 30],
)  # fmt: skip
SEGMENTS = st.builds(
    lambda name, rest: "*".join([name, *rest]), st.sampled_from(IDS), st.lists(ELEMENTS, max_size=12)
)


@settings(max_examples=300)
@given(st.lists(SEGMENTS, max_size=25), st.sampled_from(["835", "837", "999", "277"]))
def test_any_order_of_segments_is_answered_with_findings(segments: list[str], kind: str) -> None:
    version = {"835": "005010X221A1", "837": "005010X222A1", "999": "005010X231A1", "277": "005010X214"}[kind]
    read_everything(sealed(*segments, st=kind, version=version))


@settings(max_examples=200)
@given(st.data())
def test_a_damaged_sample_is_answered_with_findings(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from(sample_bytes())))
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, max(len(raw) - 1, 0)))
        match data.draw(st.integers(0, 3)):
            case 0:
                raw[at : at + 1] = bytes([data.draw(st.integers(0, 255))])
            case 1:
                del raw[at : at + data.draw(st.integers(1, 40))]
            case 2:
                raw[at:at] = raw[at : at + data.draw(st.integers(1, 200))]
            case _:
                raw[at:at] = data.draw(st.sampled_from([b"~", b"*", b":", b"\n", b"ISA*", b"~~", b"SE*1*1~"]))
    read_everything(bytes(raw))


@given(SIGNS, st.lists(st.lists(st.text("ABCXYZ0189 .é\xa7", max_size=6), max_size=8), max_size=20))
def test_writing_what_was_read_gives_the_bytes_back(signs: Separators, rows: list[list[str]]) -> None:
    """F2: segments written with their separators are the file, byte for byte."""
    segments = [["AB" + row[0].strip(), *row[1:], "Z"] for row in rows if row]
    data = "".join(signs.element.join(row) + signs.terminator for row in segments).encode("latin-1")
    read = list(split_segments(data, signs))
    assert write_segments(read, signs) == data
    assert [segment.elements for segment in read] == segments
    assert [segment.number for segment in read] == list(range(1, len(segments) + 1))


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_reading_a_sample_again_after_writing_it_gives_the_same_segments(path: Path) -> None:
    data = path.read_bytes()
    stream = io.BytesIO(data)
    for interchange in scan_file(stream).interchanges:
        segments = list(split_segments(stream, None, interchange.byte, interchange.byte_end))
        written = write_segments(segments, interchange.separators)
        again = list(split_segments(written, interchange.separators))
        assert [one.elements for one in again] == [one.elements for one in segments]
        assert write_segments(again, interchange.separators) == written
        for one in segments:
            assert data[one.byte :].startswith(one.id.encode("latin-1"))


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_every_element_can_be_found_in_the_bytes(path: Path) -> None:
    data = path.read_bytes()
    stream = io.BytesIO(data)
    for interchange in scan_file(stream).interchanges:
        signs = interchange.separators
        for segment in split_segments(stream, None, interchange.byte, interchange.byte_end):
            raw = data[segment.byte : segment.byte + 2_000]
            if segment.id == "ISA" or b"\n" in raw[: raw.find(signs.terminator.encode())].strip():
                continue
            for at, text in enumerate(segment.elements[:-1]):
                start, end = element_span(raw, signs, at)
                assert raw[start:end].decode("latin-1") == text


def closed(data: bytes) -> tuple[list[str], list[str]]:
    """Fingerprints of closed transactions, and of those that may post."""
    spans = scan_file(io.BytesIO(data)).transactions
    return [s.content_hash for s in spans if s.closed], [s.content_hash for s in spans if not s.held_by]


@pytest.mark.parametrize("path", samples("x835"), ids=lambda path: path.stem)
def test_no_prefix_of_a_file_is_taken_for_whole(path: Path) -> None:
    """R5: cut at any byte, a transaction that lost a byte is never closed, and nothing at all may post."""
    data = path.read_bytes().rstrip()
    whole, free = closed(data)
    for cut in range(len(data)):
        ends, may_post = closed(data[:cut])
        assert ends == whole[: len(ends)]
        if cut < len(data) - 1 or not free:
            assert may_post == []


def amounts_of(data: bytes) -> list[tuple[int, int]]:
    """[start, end) of every amount that takes part in balancing."""
    places = []
    signs = Separators("*", ":", "^", "~")
    for segment in split_segments(data, None):
        wanted = {"BPR": [2], "CLP": [3, 4], "SVC": [2, 3], "PLB": range(4, 15, 2), "CAS": range(3, 20, 3)}
        for at in wanted.get(segment.id, []):
            start, end = element_span(data[segment.byte :], signs, at)
            if end > start:
                places.append((segment.byte + start, segment.byte + end))
    return places


@settings(max_examples=300)
@given(st.integers(0, 10_000), st.integers(-5_000, 5_000).filter(bool))
@example(0, 1)
def test_an_amount_changed_anywhere_is_always_found(which: int, change: int) -> None:
    """R6: one amount wrong in a balanced remit holds the remit or parks a claim."""
    good = [data for data in (path.read_bytes() for path in samples("x835/pass")) if data[103:104] == b"*"]
    data = good[which % len(good)]
    places = amounts_of(data)
    start, end = places[random.Random(which).randrange(len(places))]
    wrong = money(parse_cents(data[start:end].decode()) + change).encode()
    found = []
    for one, claims in remits(data[:start] + wrong + data[end:]):
        found += codes(one.findings, "hold") + [
            code for claim in claims for code in codes(claim.findings, "park")
        ]
    assert found


def test_ten_thousand_remits_with_one_wrong_amount_are_all_stopped() -> None:
    """R6 in its full dose, on the remits with claims, lines, reversals and provider adjustments."""
    dice = random.Random(6)
    golden = [path.read_bytes() for path in samples("x835/pass") if path.stem.startswith("golden")]
    places = [amounts_of(data) for data in golden]
    missed = []
    for number in range(10_000):
        which = number % len(golden)
        start, end = dice.choice(places[which])
        change = dice.choice([1, -1, 100, -10_000, dice.randrange(1, 10**8)])
        wrong = money(parse_cents(golden[which][start:end].decode()) + change).encode()
        data = golden[which][:start] + wrong + golden[which][end:]
        [(one, claims)] = remits(data)
        if not codes(one.findings, "hold") and not any(codes(claim.findings, "park") for claim in claims):
            missed.append(data)
    assert missed == []


def test_ten_thousand_damaged_files_are_read_without_a_failure() -> None:
    """F1 in the dose of every change: bytes flipped, cut, doubled and moved."""
    dice = random.Random(1)
    small = [data for data in sample_bytes() if len(data) < 1_500]
    for _ in range(10_000):
        raw = bytearray(dice.choice(small))
        for _ in range(dice.randrange(1, 6)):
            at, span = dice.randrange(len(raw) + 1), dice.randrange(1, 60)
            piece = dice.choice(
                [raw[at : at + span], dice.randbytes(2), b"~", b"*", b"\n", b"ISA*", b"SE*2*1~", b""]
            )
            raw[at : at + dice.choice([0, 1, span])] = piece
        read_everything(bytes(raw))


@given(st.integers(-999_999_999_999, 999_999_999_999))
def test_an_amount_survives_being_written_and_read(cents: int) -> None:
    assert parse_cents(money(cents)) == cents


@given(st.text(max_size=12))
def test_a_number_is_accepted_by_its_pattern_before_it_is_converted(text: str) -> None:
    try:
        cents = parse_cents(text)
    except BadAmount:
        return
    assert text.isascii()
    assert text.strip("-0123456789.") == ""
    assert abs(cents) <= 999_999_999_999


NAMES = ["MÜLLER", "GARCÍA", "ÅSE", "O'BRIEN", "名前", "LEFÈVRE"]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
@pytest.mark.parametrize("name", NAMES)
def test_a_name_survives_whatever_the_sender_encoded_it_with(name: str, encoding: str) -> None:
    if encoding == "latin-1" and not all(ord(sign) < 256 for sign in name):
        encoding = "utf-8"
    data = remit("CLP*A*1*50*50**12*N1", "NM1*QC*1*NAME*JANE", "REF*F8*X", paid="50")
    data = data.replace(b"NAME", name.encode(encoding))
    [(_, [claim])] = remits(data)
    assert claim.patient is not None and claim.patient.last == name
    assert data[claim.byte_end :].startswith(b"SE*")
