"""The border to `edi`: a billed claim of an 837 as the rules take it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO, NamedTuple

from app.claims.rules import RANKS, Billed, Covered, Line, insured
from app.intake.translate import Found, found_all, span_of
from app.kernel.ids import address
from app.patients.rules import Named, home_words
from edi.x837.reader import read


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
    )


def _home(parts: Any) -> str:
    """Street and ZIP code as they are compared; edi keeps N3 and N4 as one list of what was filled in."""
    zips = [part for part in parts[1:] if part.replace("-", "").isdigit() and len(part) >= 5]
    return home_words(parts[0], zips[-1]) if zips else ""
