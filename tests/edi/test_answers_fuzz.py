"""Any bytes get findings and never a traceback: the readers of what is answered before payment."""

import io

from hypothesis import given
from hypothesis import strategies as st

from edi.envelope import scan_file
from edi.x277.reader import read as read_277
from edi.x277ca.reader import read as read_277ca
from edi.x999.reader import read as read_999
from edi.x999.writer import ElementError, GroupReply, Parties, SegmentError, SetReply, write
from edi.xta1.reader import read as read_ta1
from tests import answers

GOOD = (
    answers.taken(4711, "0001 A", "0002 R 5", errors=["IK3*CLM*22**8", "CTX*CLM01:A1", "IK4*2*782*1"]),
    answers.report("A1 A2:20", "A2 A7:562:85", lines=["SVC*HC:99213*100", "STC*A7:454*20251222*U"]),
    answers.response("A1 P1:0", "A2 F1:65"),
    answers.opened(4711, "R", "006"),
)
CONTROL = st.text("ABCDEFGHJKLMNP0123456789", min_size=1, max_size=9)


def read_all(content: bytes) -> None:
    stream = io.BytesIO(content)
    scan = scan_file(stream)
    for interchange in scan.interchanges:
        read_ta1(interchange)
    for span in scan.transactions:
        read_999(stream, span)
        list(read_277ca(stream, span).claims())
        list(read_277(stream, span).claims())


@given(st.sampled_from(GOOD), st.data())
def test_damaged_answers_are_read_without_a_traceback(good: bytes, data: st.DataObject) -> None:
    content = bytearray(good)
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(content) - 1))
        change = data.draw(st.binary(max_size=4))
        content[place : place + data.draw(st.integers(0, 6))] = change
    read_all(bytes(content))


@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_a_traceback(content: bytes) -> None:
    read_all(content)


ERRORS = st.builds(
    SegmentError,
    st.sampled_from(["CLP", "SVC", "BPR"]),
    st.integers(1, 999),
    st.just("8"),
    st.one_of(st.just(""), CONTROL.map(lambda text: f"CLP01:{text}")),
    st.lists(st.builds(ElementError, st.integers(1, 30), st.sampled_from(["1", "6", "7"])), max_size=3).map(
        tuple
    ),
)
SETS = st.builds(
    SetReply, st.just("835"), CONTROL, st.just(""), st.sampled_from("AER"), st.just(()),
    st.lists(ERRORS, max_size=3).map(tuple),
)  # fmt: skip


@given(CONTROL, st.lists(SETS, min_size=1, max_size=4).map(tuple))
def test_what_we_write_reads_back_the_same(control: str, sets: tuple[SetReply, ...]) -> None:
    group = GroupReply("HP", control, "005010X221A1", len(sets), sets)
    parties = Parties("ZZ", "CLINIC", "ZZ", "PAYER", "20260116", "1200", 7)
    stream = io.BytesIO(write(parties, [group]))
    [span] = scan_file(stream).transactions
    assert span.findings == [] and span.interchange.findings == []
    read = read_999(stream, span)
    assert (read.functional_id, read.control, read.status) == ("HP", control, group.status)
    assert (read.included, read.received, read.accepted) == (
        str(len(sets)), str(len(sets)), str(group.accepted),
    )  # fmt: skip
    assert read.findings == []
    for one, back in zip(sets, read.sets, strict=True):
        assert (back.control, back.status) == (one.control, one.status)
        told = [(each.segment_id, each.code, each.element, each.business) for each in back.errors]
        wanted = []
        for error in one.errors:
            wanted.append((error.segment_id, "8", "", error.business))
            wanted += [
                (error.segment_id, each.code, str(each.position), error.business) for each in error.elements
            ]
        assert told == wanted
