"""Submissions as they stand in a list, for tests of what is drawn of them."""

from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select

from app.claims.models import Claim, ClaimPayer
from app.kernel.db import table_of
from app.kernel.ids import public_id
from app.kernel.work import work
from app.rebill.models import Rebill
from tests import books

_rebill, _claim, _covered = table_of(Rebill), table_of(Claim), table_of(ClaimPayer)


def waiting(control: str, **given: Any) -> str:
    """A draft of a claim as it stands in the list; its public id."""
    with work(books.CLERK) as w:
        claim = w.db.execute(
            select(_claim, _covered.c.payer_id)
            .join(_covered, _covered.c.claim_id == _claim.c.id)
            .where(_claim.c.control == control)
        ).one()
        name = public_id()
        facts = dict(
            public_id=name, entity_id=claim.entity_id, claim_id=claim.id, patient_id=claim.patient_id,
            payer_id=claim.payer_id, rank=1, kind="replacement", form="P", frequency="7", cause="denial",
            base_version_id=claim.current_version_id, state="draft", open=True, control=f"{control}R1",
            original_reference="", charge=claim.charge, expected=claim.charge, claim_sealed=b"", reason="",
            base_sealed=b"", content="", base_content="", filing="12", delay_reason="", coding_changed=False,
            problems=[], errors=0, on_hold=False, file_by=w.now.date() + timedelta(5), file_rule="RULE-1",
            coding_signed_by="", author="clerk", opened_at=w.now, changed_at=w.now, version=1,
        ) | given  # fmt: skip
        w.db.execute(insert(_rebill).values(**facts))
    return name
