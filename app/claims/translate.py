"""The border to `edi`: a billed claim of an 837, and what answers it, as the rules take them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO, NamedTuple

from app.access.rules import home_words
from app.claims.lifecycle import Move
from app.claims.rules import RANKS, Billed, Covered, Line, insured
from app.claims.rules_answers import Asked, Said, headline, move_of, with_lines
from app.intake.translate import Found, found_all, span_of
from app.kernel.ids import address
from app.patients.rules import Named
from edi.codes import lookup
from edi.segments import split_segments
from edi.x277.reader import read as read_277
from edi.x277ca.reader import read as read_277ca
from edi.x837.reader import read
from edi.x999.reader import read as read_999
from edi.xta1.reader import read_segments as read_ta1

SELF = "18"
"""SBR02, PAT01: the patient holds the policy."""
ERRORS_KEPT = 200
"""Errors and lines kept of one answer; more say the same."""


@dataclass
class Claims837:
    """A transaction of billed claims, read as a stream; `sent` is when its file was made."""

    made_on: date | None
    sent: str
    reader: Any
    file_no: int

    def claims(self) -> Iterator[tuple[Billed, "Biller", list[Found]]]:
        """Each billed claim with who bills it and what is wrong with it."""
        for claim in self.reader.claims():
            yield (
                _billed(claim, self.file_no, self.sent, self.reader.header.kind),
                _biller(claim),
                found_all(claim.findings),
            )

    def findings(self) -> list[Found]:
        """What is wrong with the transaction as a whole, known at its end."""
        return found_all(self.reader.findings)


class Biller(NamedTuple):
    """The billing provider of a claim: name, NPI, tax id and its qualifier (EI, or SY for a person's SSN)."""

    name: str
    npi: str
    tax_id: str
    tax_qualifier: str


def claims_of(stream: BinaryIO, span: dict[str, Any], file_no: int) -> Claims837:
    """Open a stored 837 transaction."""
    reader = read(stream, span_of(span))
    header = reader.header
    day = (header.date or "").replace("-", "")
    return Claims837(_date(header.date), f"{day}{(header.time or '')[:4]}"[:12], reader, file_no)


def _date(text: str | None) -> date | None:
    if not text:
        return None
    plain = text.replace("-", "")
    try:
        return date(int(plain[:4]), int(plain[4:6]), int(plain[6:8]))
    except ValueError:
        return None


def _biller(claim: Any) -> Biller:
    billing = claim.billing
    if billing is None:  # a claim before any billing provider: nobody's, so its transaction is held
        return Biller("", "", "", "")
    return Biller(billing.name or "", billing.npi or "", billing.tax_id or "", billing.tax_qualifier or "")


def _billed(claim: Any, file_no: int, sent: str, kind: str) -> Billed:
    key = address(file_no, claim.segment)
    subscriber, payer, biller = claim.subscriber, claim.payer, _biller(claim)
    filing = (subscriber.filing if subscriber else "") or ""
    sequence = (subscriber.sequence if subscriber else "") or ""
    named = (payer.name if payer else "") or ""
    diagnoses = " ".join(f"{qualifier}:{code}" for qualifier, code in claim.diagnoses)
    return Billed(
        id=key,
        kind=(claim.kind or kind)[-1:],
        control=claim.control,
        cents=claim.charge,
        frequency=claim.frequency or "1",
        sequence=sequence,
        filing=filing,
        facility=claim.facility or "",
        provider_npi=biller.npi or biller.tax_id,
        service_from=claim.service_from,
        service_to=claim.service_to or claim.service_from,
        original_reference=claim.original_reference,
        prior_authorization=claim.prior_authorization,
        diagnoses=diagnoses,
        subscriber=(subscriber.id if subscriber else "") or "",
        sent=sent,
        insured=insured(filing, named),
        lines=tuple(_lines(claim, file_no)),
        payers=tuple(_payers(claim, file_no, sequence, filing)),
        patient=_patient(claim, key),
        byte=claim.byte,
        byte_end=claim.byte_end,
        segments=claim.segment_count,
        charge_source=(key, claim.byte, claim.charge_element),
        drg=next((parts[1] for parts in claim.codes if parts[0] == "DR" and len(parts) > 1), ""),
    )


def _lines(claim: Any, file_no: int) -> Iterator[Line]:
    """Lines in the order of their fields: there are millions, so the constructor of all tuples makes them."""
    first, last, make = claim.service_from, claim.service_to, tuple.__new__
    for number, line in enumerate(claim.lines, 1):
        code = (line.control or "", line.qualifier or "", line.code or "")
        modifiers = " ".join(line.modifiers) if line.modifiers else ""
        money = (modifiers, line.revenue or "", line.charge, line.units or "1")
        days = (line.date_from or first, line.date_to or line.date_from or last)
        place = (line.charge_byte, line.charge_element)
        yield make(Line, (address(file_no, line.charge_segment), number, *code, *money, *days, *place))


def _payers(claim: Any, file_no: int, sequence: str, filing: str) -> Iterator[Covered]:
    payer = claim.payer
    if payer is not None:
        ids = [("nm109", payer.id or "")]
        ids += [(kind, value) for kind, values in (payer.refs or {}).items() for value in _listed(values)]
        source = address(file_no, claim.segment, 1)
        yield Covered(RANKS.get(sequence, 1), payer.name or "", _known_ids(ids), filing, source)
    for other in claim.other_payers:
        ids = [("nm109", other.payer_id or "")]
        source = address(file_no, other.segment)
        yield Covered(
            RANKS.get(other.sequence, 1), other.payer_name or "", _known_ids(ids), other.filing or "", source
        )


def _known_ids(ids: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((kind, value) for kind, value in ids if value and kind in ("nm109", "2U", "NF"))


def _listed(values: Any) -> list[str]:
    return [values] if isinstance(values, str) else list(values)


def _patient(claim: Any, key: int) -> Named:
    person, subscriber = claim.patient, claim.subscriber
    if person is None or not (person.last or person.first):
        person = subscriber
    member = (getattr(person, "id", "") or "") or (subscriber.id if subscriber else "") or ""
    return Named(
        id=key | 7,
        last=person.last or "" if person else "",
        first=person.first or "" if person else "",
        middle=person.middle or "" if person else "",
        birth=person.birth if person else None,
        sex=(person.sex if person else "") or "",
        member=member,
        home=_home(person.address) if person else "",
        lives=_lives(person, subscriber) if person else None,
    )


def _lives(person: Any, subscriber: Any) -> tuple[list[str], str, str, str]:
    """Where they live and whose policy it is, as sent: only new people's is made into words."""
    relationship = person.relationship
    if relationship == SELF or subscriber is None:
        return person.address, "", "", relationship
    return person.address, subscriber.last or "", subscriber.first or "", relationship


def _home(parts: Any) -> str:
    """Street and ZIP code as they are compared; edi keeps N3 and N4 as one list of what was filled in."""
    zips = [part for part in parts[1:] if part.replace("-", "").isdigit() and len(part) >= 5]
    return home_words(parts[0], zips[-1]) if zips else ""


# ---------------------------------------------------------------- answers before payment


class Acked(NamedTuple):
    """A TA1 (level interchange) or a part of a 999 (group, set); control numbers without leading zeros."""

    id: int
    level: str
    interchange: str
    group_control: str
    set_control: str
    code: str
    notes: str
    errors: list[dict[str, str]]


class ClaimAnswered(NamedTuple):
    """What a 277CA or 277 says of one claim. controls: by what it may be found, the surest first."""

    id: int
    controls: tuple[str, ...]
    asked: Asked
    said: Said
    label: str
    proposed: str
    move: Move
    statuses: list[list[str]]
    lines: list[dict[str, Any]]
    payer_control: str
    clearinghouse_control: str
    day: str | None
    words: str
    paid: int | None
    finalized: str | None
    remitted: str | None
    trace: str


def ways_of(
    stream: BinaryIO, span: dict[str, Any], kind: str, file_no: int
) -> tuple[list[Acked], list[Found]]:
    """What a TA1, 999 or 997 says of our interchanges, groups and transactions, and what is odd about it."""
    if kind == "TA1":
        return _interchanges(stream, span, file_no), []
    answer = read_999(stream, span_of(span))
    group = _plain(answer.control)
    found = [
        Acked(
            address(file_no, one.segment), "set", "", group, _plain(one.control), one.status,
            " ".join(one.codes)[:60], [_place(error) for error in one.errors[:ERRORS_KEPT]],
        )
        for one in answer.sets
        if one.control and one.status
    ]  # fmt: skip
    if answer.control and answer.status:
        codes = " ".join(answer.codes)[:60]
        own = address(file_no, answer.segment)
        found.append(Acked(own, "group", "", group, "", answer.status, codes, []))
    return found, found_all(answer.findings)


def _interchanges(stream: BinaryIO, span: dict[str, Any], file_no: int) -> list[Acked]:
    marks, first = span_of(span).separators, span["segment_from"]
    segments = split_segments(stream, marks, span["byte_from"], span["byte_to"], number=first)
    return [
        Acked(
            address(file_no, one.segment),
            "interchange",
            _plain(one.control),
            "",
            "",
            one.status,
            one.note,
            [],
        )
        for one in read_ta1(segments)
        if one.status
    ]


def _plain(control: str) -> str:
    """A control number as it is compared: senders pad it with zeros or do not."""
    return control.strip().lstrip("0")[:20]


def _place(error: Any) -> dict[str, str]:
    """Where an error stands; the value sent is left in the file, because it may be a patient's."""
    named = ("segment_id", "position", "loop", "code", "element", "business")
    return {name: str(getattr(error, name))[:60] for name in named}


class ClaimAnswers:
    """The claims a 277CA or 277 speaks of, as a stream; who answers is known once the first was read."""

    def __init__(self, stream: BinaryIO, span: dict[str, Any], kind: str, file_no: int):
        self.reader = (read_277ca if kind == "277CA" else read_277)(stream, span_of(span))
        self.kind, self.file_no = kind, file_no

    @property
    def origin(self) -> tuple[str, str]:
        """Who answers: NM101 (PR payer, AY clearinghouse), and the name."""
        return self.reader.batch.source_kind[:4], self.reader.batch.source_name[:80]

    def claims(self) -> Iterator[ClaimAnswered]:
        """Each claim that is spoken of, in file order."""
        for one in self.reader.claims():
            yield self._answered(one)

    def findings(self) -> list[Found]:
        """What is odd about it, known at its end."""
        return found_all(self.reader.batch.findings)

    def _answered(self, one: Any) -> ClaimAnswered:
        said, move = headline([_said(status) for status in one.statuses])
        lines = [_line_answer(line) for line in one.lines[:ERRORS_KEPT]]
        move = with_lines(move, [Move(line["move"]) for line in lines])
        deciding = next((status for status in one.statuses if _said(status)[0] == said), None)
        cents = next((status.cents for status in one.statuses if status.cents is not None), None)
        day = _date(one.service_from)
        controls = [one.control] if self.kind == "277CA" else [one.control, one.trace]
        return ClaimAnswered(
            address(self.file_no, one.segment),
            tuple(dict.fromkeys(text[:40] for text in controls if text)),
            Asked(one.last, day, cents, one.provider_id[:20]),
            said,
            *words(said),
            move,
            [list(_said(status)[0]) for status in one.statuses[:ERRORS_KEPT]],
            lines,
            one.payer_control[:50],
            one.clearinghouse_control[:50],
            deciding.date if deciding else None,
            next((status.text for status in one.statuses if status.text), "")[:264],
            next((status.paid for status in one.statuses if status.paid is not None), None),
            next((status.finalized for status in one.statuses if status.finalized), None),
            next((status.remitted for status in one.statuses if status.remitted), None),
            next((status.trace for status in one.statuses if status.trace), "")[:60],
        )


def words(said: Said) -> tuple[str, str]:
    """The words of a status (its status code's, else its category's), and the next action the lists name."""
    category, status = lookup("category", said.category), lookup("status", said.status)
    label = status["short_label"] if status else category["short_label"] if category else ""
    proposed = category["next_action"] if category else ""
    if status and category and (category["rejected"] == "yes" or category["phase"] == "request"):
        proposed = status["next_action"]
    return label[:200], proposed[:32]


def _said(status: Any) -> tuple[Said, Move]:
    row = lookup("category", status.category)
    said = Said(status.category[:4], status.status[:8], status.entity[:4])
    return said, move_of(row["claim_state"]) if row else Move.NOTE


def _line_answer(line: Any) -> dict[str, Any]:
    said, move = headline([_said(status) for status in line.statuses])
    return {"control": line.control[:40], "code": line.code[:48], "said": list(said), "move": move.value}
