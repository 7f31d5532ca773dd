"""What the page of a proof of timely filing says, read from the documents it quotes."""

from datetime import date
from typing import Any

from sqlalchemy import Select, select

from app.claims.models import Acknowledgement, Claim, ClaimAnswer, ClaimVersion, Transmission
from app.claims.queries_states import day_of_text
from app.documents import service as documents
from app.entities import queries as entities
from app.entities.models import EntityIdentifier
from app.intake.models import IntakeFile, IntakeInterchange, IntakeTransaction
from app.kernel.db import table_of
from app.kernel.ids import unpack
from app.kernel.money import Money
from app.kernel.work import Work
from app.patients.models import Patient
from app.payers.models import Payer
from app.rebill import translate_proofs
from app.rebill.lifecycle import Proof
from app.remits.models import Remit, RemitClaim

_answer, _version = table_of(ClaimAnswer), table_of(ClaimVersion)
_claim, _way, _said = table_of(Claim), table_of(Transmission), table_of(Acknowledgement)
_file, _transaction, _interchange = (
    table_of(IntakeFile), table_of(IntakeTransaction), table_of(IntakeInterchange),
)  # fmt: skip
_patient, _payer = table_of(Patient), table_of(Payer)
_remit, _remit_claim = table_of(Remit), table_of(RemitClaim)
_identifier = table_of(EntityIdentifier)


def facts(w: Work, proof: Any) -> dict[str, Any]:
    """What the page of a proof says, only of its claim, each quote with its place."""
    remit = proof.kind == Proof.PRIOR_REMIT.value
    source = _decision(w, proof.source_id) if remit else _report(w, proof.source_id)
    head, sent = _head(w, proof.claim_id), _sending(w, proof.claim_id, source.control)
    chain, quoted = [], []
    if sent is not None:
        chain.append(_sent_row(sent))
        quoted += _quotes(w, sent, "837", unpack(sent.version).segment)
        way = None if remit else _read(w, sent.transaction)
        if way is not None and way.day <= proof.day:
            chain.append(_way_row(way))
            quoted += _quotes(w, way, "999", unpack(way.id).segment)
    chain.append(_remit_row(source) if remit else _report_row(source))
    quoted += _quotes(w, source, "835" if remit else "277CA", unpack(source.id).segment)
    practice = entities.get(w, proof.entity_id)
    payer = w.db.execute(select(_payer.c.name).where(_payer.c.id == (proof.payer_id or 0))).scalar() or ""
    days = (proof.day - head.service_to).days if head.service_to else None
    return dict(
        proof=proof.kind, payer=payer, practice=practice.name, npi=_number(w, practice.id, "npi"),
        tax_id=_number(w, practice.id, "tax_id"), patient=f"{head.last}, {head.first}",
        control=source.control, first_control=head.control, payer_control=source.payer_control,
        service_from=_text(head.service_from), service_to=_text(head.service_to),
        charge=str(Money(sent.charge if sent else head.charge)), filed_on=_text(proof.day),
        taken_by=(payer if remit else source.origin_name) or payer or "the receiver",
        days="" if days is None else str(days), chain=chain, quotes=quoted,
    )  # fmt: skip


def _number(w: Work, entity_id: int, kind: str) -> str:
    mine = (_identifier.c.entity_id == entity_id, _identifier.c.kind == kind)
    query = select(_identifier.c.value).where(*mine, w.within(_identifier.c.entity_id))
    return str(w.db.execute(query.order_by(_identifier.c.id.desc()).limit(1)).scalar() or "")


def _text(day: date | None) -> str:
    return day.isoformat() if day else ""


def _head(w: Work, claim_id: int) -> Any:
    names = ("control", "charge", "service_from", "service_to")
    query = (
        select(*(_claim.c[name] for name in names), _patient.c.last, _patient.c.first)
        .join(_patient, _patient.c.id == _claim.c.patient_id)
        .where(_claim.c.id == claim_id, w.within(_claim.c.entity_id))
    )
    return w.db.execute(query).one()


_PLACE = (
    _transaction.c.span, _transaction.c.control.label("set_control"), _transaction.c.group_control,
    _transaction.c.kind.label("document"), _file.c.file_no, _file.c.name,
)  # fmt: skip


def _placed(query: Select[Any], transaction: Any) -> Select[Any]:
    return query.join(_transaction, _transaction.c.id == transaction).join(
        _file, _file.c.file_no == _transaction.c.file_no
    )


def _report(w: Work, key: int) -> Any:
    names = ("id", "control", "payer_control", "origin", "origin_name", "category", "status", "day")
    query = select(*(_answer.c[name] for name in names), *_PLACE).select_from(_answer)
    mine = (_answer.c.id == key, w.within(_answer.c.entity_id))
    return w.db.execute(_placed(query, _answer.c.source_id).where(*mine)).one()


def _decision(w: Work, key: int) -> Any:
    columns = [_remit_claim.c[name] for name in ("id", "control", "payer_control", "status")]
    query = select(*columns, _remit.c.trace, _remit.c.effective_date.label("day"), *_PLACE)
    joined = query.select_from(_remit_claim).join(_remit, _remit.c.id == _remit_claim.c.remit_id)
    mine = (_remit_claim.c.id == key, w.within(_remit_claim.c.entity_id))
    return w.db.execute(_placed(joined, _remit_claim.c.remit_id).where(*mine)).one()


def _sending(w: Work, claim_id: int, control: str) -> Any:
    """The sending that was answered: the last version under that number."""
    query = (
        select(_version.c.id.label("version"), _version.c.control, _version.c.sent, _version.c.charge,
               _transaction.c.id.label("transaction"), _interchange.c.control.label("isa"), *_PLACE)
        .select_from(_version)
        .join(_transaction, _transaction.c.id == _version.c.transaction_id)
        .join(_file, _file.c.file_no == _transaction.c.file_no)
        .join(_interchange, _interchange.c.id == _transaction.c.interchange_id)
        .where(
            _version.c.claim_id == claim_id,
            _version.c.control == control,
            _version.c.state != "undone",
            w.within(_version.c.entity_id),
        )
        .order_by(_version.c.sent.desc(), _version.c.id.desc())
    )  # fmt: skip
    return w.db.execute(query.limit(1)).first()


def _read(w: Work, transaction_id: int) -> Any:
    """The 999 that accepted a transaction of ours."""
    query = (
        select(_said.c.id, _said.c.day, _said.c.code, _said.c.set_control.label("answered"), *_PLACE)
        .select_from(_way)
        .join(_said, _said.c.id == _way.c.acknowledgement_id)
    )
    mine = (_way.c.transaction_id == transaction_id, _said.c.level == "set", _said.c.code.in_(("A", "E")))
    return w.db.execute(_placed(query, _said.c.source_id).where(*mine)).one_or_none()


def _row(day: date | None, what: str, numbers: str, code: str, file: str) -> dict[str, str]:
    return dict(day=_text(day), what=what, numbers=numbers, code=code, file=file)


def _sent_row(sent: Any) -> dict[str, str]:
    numbers = f"CLM01 {sent.control}, ISA13 {sent.isa}, GS06 {sent.group_control}, ST02 {sent.set_control}"
    return _row(day_of_text(sent.sent), f"Claim sent ({sent.document})", numbers, "", sent.name)


def _way_row(way: Any) -> dict[str, str]:
    return _row(way.day, "File accepted (999)", f"ST02 {way.answered}", f"IK5 {way.code}", way.name)


def _report_row(source: Any) -> dict[str, str]:
    who = "payer" if source.origin == "PR" else "clearinghouse"
    codes = ":".join(part for part in (source.category, source.status) if part)
    return _row(
        source.day, f"Claim accepted by the {who} (277CA)", f"TRN02 {source.control}", codes, source.name
    )


def _remit_row(source: Any) -> dict[str, str]:
    numbers = f"CLP01 {source.control}, CLP07 {source.payer_control}, TRN02 {source.trace}"
    return _row(
        source.day, "Claim decided by the payer (835)", numbers, f"CLP02 {source.status}", source.name
    )


def _quotes(w: Work, at: Any, kind: str, segment: int) -> list[dict[str, str]]:
    with documents.open_file(w, at.file_no) as stream:
        return [
            dict(file=at.name, place=f"segment {one.number}, byte {one.byte}", segment=one.text)
            for one in translate_proofs.quotes(stream, at.span, kind, segment)
        ]
