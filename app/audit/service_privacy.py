"""The verbs of privacy: odd looks noted and judged, disclosures recorded."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import insert, select, update

from app.audit.models import Disclosure, OddLook
from app.kernel.db import bulk_insert, instant_text, table_of
from app.kernel.errors import NotAllowed, NotFound, Refused
from app.kernel.ids import public_id, public_ids
from app.kernel.work import Work

_odd, _disclosure = table_of(OddLook), table_of(Disclosure)
BASES = {
    "required_by_law": "Required by law",
    "public_health": "Public health authority",
    "abuse": "Report of abuse or neglect",
    "oversight": "Health oversight agency",
    "court": "Court order or subpoena",
    "police": "Law enforcement",
    "decedent": "Coroner, medical examiner, funeral director",
    "research": "Research without authorisation",
    "threat": "Serious threat to health or safety",
    "government": "Military, national security, correctional institution",
    "compensation": "Workers' compensation law",
    "mistake": "Sent by mistake",
}
"""Disclosures 164.528 counts: treatment, payment, operations and what the patient authorised are not among
them.
"""


def note_odd_looks(w: Work, rows: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Write odd looks, rows of (entity, kind, person, patient, day, looks, first seq, last seq).

    Returns those that are new as rows with id, entity_id, kind, patient_id, looks.
    """
    names = (
        "public_id",
        "entity_id",
        "kind",
        "person_id",
        "patient_id",
        "day",
        "looks",
        "first_seq",
        "last_seq",
        "found_at",
        "remark",
    )
    made = public_ids(len(rows))
    moment = instant_text(w.now)
    bulk_insert(w.db, _odd, names, [(one, *row, moment, "") for one, row in zip(made, rows, strict=True)])
    return list(w.db.execute(select(_odd).where(_odd.c.public_id.in_(made)))) if made else []


def judge_look(w: Work, which: int, *, fine: bool, remark: str) -> None:
    """Compliance signs: the look had a reason, or it was misuse. Nobody judges their own."""
    w.may("privacy.review")
    row = w.db.execute(select(_odd).where(_odd.c.id == which, w.within(_odd.c.entity_id))).one_or_none()
    if row is None:
        raise NotFound()
    if row.person_id == w.actor.person_id:
        raise NotAllowed("Nobody judges their own look.", code="own_look")
    remark = remark.strip()[:500]
    if not remark:
        raise Refused("Say what you found out.", code="remark", field="remark")
    judged = "justified" if fine else "misused"
    open_one = (_odd.c.id == which) & _odd.c.judged.is_(None)
    done = {"judged": judged, "judged_by": w.actor.person_id, "judged_at": w.now, "remark": remark}
    if w.db.execute(update(_odd).where(open_one).values(done)).rowcount != 1:
        raise NotAllowed("This is judged already.", code="not_possible_now")
    w.audit("look.judged", "U", "odd_look", row.public_id, entity_id=row.entity_id,
            patients=(row.patient_id,), detail={"judged": judged, "kind": row.kind})  # fmt: skip


def record_disclosure(
    w: Work, entity_id: int, patient_id: int, *, on: date, today: date, words: dict[str, str]
) -> str:
    """Write down what was disclosed; words: recipient, address, what, basis. Returns its public id."""
    w.may("disclosures.write")
    if words.get("basis") not in BASES:
        raise Refused("Choose what the disclosure rests on.", code="basis", field="basis")
    for name, most in (("recipient", 200), ("what", 500)):
        if not words.get(name, "").strip() or len(words[name]) > most:
            raise Refused(f"This needs 1 to {most} characters.", code=name, field=name)
    if on > today:
        raise Refused("A disclosure has happened.", code="day", field="on")
    row = {
        "public_id": public_id(), "entity_id": entity_id, "patient_id": patient_id, "disclosed_on": on,
        "recipient": words["recipient"].strip(), "recipient_address": words.get("address", "").strip()[:300],
        "what": words["what"].strip(), "basis": words["basis"], "recorded_by": w.actor.name,
        "recorded_at": w.now,
    }  # fmt: skip
    w.db.execute(insert(_disclosure).values(row))
    w.audit("disclosure.recorded", "C", "disclosure", row["public_id"], entity_id=entity_id,
            patients=(patient_id,), detail={"basis": row["basis"]})  # fmt: skip
    return str(row["public_id"])
