"""Puts remits and claims on the shelf as posting would, posts batches, and looks at what became of them."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import insert, select, update

from app.audit import service as audit
from app.claims.models import Claim, ClaimLine
from app.denials import service
from app.denials.models import Denial
from app.kernel.db import table_of
from app.kernel.ids import public_id
from app.kernel.work import Work, system, work
from app.remits.models import Remit, RemitClaim, RemitLine
from app.remits.rules import Posted, PostedClaim
from app.worklist.models import WorklistItem
from tests.app.denials.batches import a_batch

NOW = datetime(2026, 1, 20, tzinfo=UTC)
ME = system("tests")
_denial, _work = table_of(Denial), table_of(WorklistItem)
assert audit


def keep_remit(w: Work, posted: Posted) -> None:
    day = posted.remit_date
    w.db.execute(
        insert(table_of(Remit)).values( id=posted.remit_id, public_id=public_id(),
        entity_id=posted.entity_id, payer_id=posted.payer_id, payer_name="P",
        trace=f"T{posted.remit_id}", payer_company="1", occurrence=1, method="ACH", handling="I",
        paid=0, issued=day, produced=day, effective_date=day, payee_npi="", account_last4="",
        contact={}, content_hash="", claims=1, claims_paid=0, provider_total=0, batch_id=1,
        state="posted", recorded_at=NOW,
        )
    )  # fmt: skip
    for claim in posted.claims:
        w.db.execute(
            insert(table_of(RemitClaim)).values( id=claim.remit_claim_id, public_id=public_id(),
            remit_id=posted.remit_id, entity_id=posted.entity_id, payer_id=posted.payer_id,
            control=claim.control, status=claim.status, rank=claim.rank, charge=claim.charge,
            paid=claim.paid, filing=claim.filing, payer_control=f"C{claim.remit_claim_id}",
            frequency="1", patient_last="", patient_first="", state="posted", live=claim.status != "22",
            claim_id=claim.claim_id, reverses_id=claim.reverses, by_line=bool(claim.lines), byte=0,
            byte_end=0, segments=1, version=1,
            )
        )  # fmt: skip
        for line in claim.lines:
            w.db.execute(
                insert(table_of(RemitLine)).values( id=line.remit_line_id,
                remit_claim_id=claim.remit_claim_id, claim_line_id=line.claim_line_id, qualifier="HC",
                code=line.code, modifiers="", revenue="", charge=line.charge, paid=line.paid, units="1",
                billed_code="", billed_units="", control="", byte=0,
                )
            )  # fmt: skip


def forget_remit(w: Work, remit_id: int) -> None:
    """What an undo does to the rows of a remit before its consequences are taken back."""
    of_remit = table_of(RemitClaim).c.remit_id == remit_id
    w.db.execute(update(table_of(RemitClaim)).where(of_remit).values(live=False, state="undone"))


def keep_claim(w: Work, entity: int, claim: int, code: str, *, patient: int = 9, day: date) -> None:
    w.db.execute(
        insert(table_of(Claim)).values( id=claim, public_id=public_id(), entity_id=entity,
        patient_id=patient, encounter=f"E{claim}", control=f"PCN{claim}", kind="P", service_from=day,
        service_to=day, charge=0, current_version_id=claim, provider_npi="", insured=True,
        recorded_at=NOW,
        )
    )  # fmt: skip
    w.db.execute(
        insert(table_of(ClaimLine)).values(
            id=claim * 10, version_id=claim, claim_id=claim, number=1, control="", qualifier="HC", code=code,
            modifiers="", revenue="", charge=0, units="1", byte=0, element=2, live=True,
        )
    )  # fmt: skip


def post(
    entity: int, *claims: PostedClaim, remit: int = 70, on: date = date(2026, 1, 16), keep: bool = False
) -> Posted:
    batch = a_batch(claims, entity=entity, remit=remit, on=on)
    with work(ME) as w:
        if keep:
            keep_remit(w, batch)
        service.open_from(w, batch)
    return batch


def the_case() -> Any:
    with work(ME) as w:
        return w.db.execute(select(_denial)).one()


def the_row(w: Work) -> Any:
    return w.db.execute(select(_denial)).one()


def the_work() -> Any:
    with work(ME) as w:
        return w.db.execute(select(_work)).one()
