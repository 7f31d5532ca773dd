"""Editing a claim before it goes out: tried as typed, kept with a version, compared with its base."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.kernel.errors import NotAllowed, Refused
from app.kernel.money import Money
from app.kernel.work import Work
from app.payers import service as payers
from app.payers.service import SeenPayer
from app.rebill import (
    queries_claims,
    rules_edit,
    service,
    service_check,
    service_limits,
    service_moves,
    translate,
)
from app.rebill.lifecycle import Kind, State
from app.rebill.rules_edit import Edit
from app.rebill.service_check import Problem

__all__ = ["Checked", "Edit", "edit", "preview"]

EDITS_MOST = 500


@dataclass(frozen=True, slots=True)
class Checked:
    """A claim as it would be with some edits.

    problems: rows of `rebill.problems`, an edit that cannot be made first; changes: against what it is made
    of, in words and in segments; charge: CLM02, the sum of its lines.
    """

    problems: tuple[Problem, ...]
    changes: tuple[Any, ...]
    charge: Money

    @property
    def errors(self) -> int:
        """How many problems keep it from going out."""
        return service_check.errors(self.problems)


def preview(w: Work, public_id: str, edits: Sequence[Edit]) -> Checked:
    """What a claim would be with these edits, and what is wrong with it then; writes nothing.

    An edit that cannot be made is a problem and is left out, so that typing on is possible.
    """
    w.may("rebill.read")
    at = service.load(w, public_id, lock=False)
    whole, wrong = _tried(at.row, at.whole, edits)
    problems = [*wrong, *service_check.whole_look(w, _as_edited(at.row, at.base, whole), whole, at.base)]
    w.audit("rebill.look", "R", "rebill", public_id, entity_id=at.row.entity_id,
            patients=[at.row.patient_id], detail={})  # fmt: skip
    return Checked(tuple(problems), tuple(translate.changes(at.base, whole)), translate.charge(whole))


def _tried(row: Any, whole: Any, edits: Sequence[Edit]) -> tuple[Any, list[Problem]]:
    wrong: list[Problem] = []
    for one in edits[:EDITS_MOST]:
        try:
            rules_edit.check(one, Kind(row.kind))
            whole = translate.edited(whole, one)
        except Refused as refused:
            wrong.append(
                service_check.problem(
                    refused.code, service_check.ERROR, refused.message, field=one.field, line=one.line
                )
            )
    return translate.added_up(whole), wrong


class _Edited:
    """A stored row with other values in some columns: what the checks read before anything is written."""

    def __init__(self, row: Any, values: dict[str, Any]) -> None:
        self._row, self._values = row, values

    def __getattr__(self, name: str) -> Any:
        return self._values[name] if name in self._values else getattr(self._row, name)


def _as_edited(row: Any, base: Any, whole: Any) -> Any:
    said, before = translate.said(whole), translate.said(base)
    changed = said.coding != before.coding
    same = said.coding == translate.said(translate.opened(row.claim_sealed)).coding
    signed = row.coding_signed_by if changed and same else ""
    return _Edited(row, {"coding_changed": changed, "coding_signed_by": signed, "content": said.content})


def edit(w: Work, public_id: str, version: int, edits: Sequence[Edit]) -> int:
    """Change a draft and keep what is wrong with it then; returns its new version.

    Refused: an edit that cannot be made (`field` names it), a field that is not a person's to change, one of
    a void, which repeats what was sent. `Stale` when it changed since `version`, `NotAllowed` unless a draft.
    A change of codes, units or diagnoses takes the signature off; somebody else signs (workflows section 2).
    """
    w.may("rebill.work")
    if len(edits) > EDITS_MOST:
        raise Refused(f"At most {EDITS_MOST} fields at once.", code="too_many", field="edits")
    at = service.load(w, public_id, version)
    if at.row.state != State.DRAFT.value:
        raise NotAllowed("Only a draft is edited; reopen it first.", code="not_possible_now")
    whole = at.whole
    for one in edits:
        rules_edit.check(one, Kind(at.row.kind))
        whole = translate.edited(whole, one)
    whole = translate.added_up(whole)
    values = _values(w, at.row, at.base, whole, at.today)
    coded = values["coding_changed"] and translate.said(whole).coding != translate.said(at.whole).coding
    made = service_moves.bump(w, at.row, version, values)
    detail = {"fields": sorted({one.field for one in edits}), "coding": coded}
    service_moves.note(w, at.row, service.EDITED, at.today, detail)
    _look(w, public_id)
    w.audit("rebill.edit", "U", "rebill", public_id, entity_id=at.row.entity_id,
            patients=[at.row.patient_id], detail=detail)  # fmt: skip
    return made


def _values(w: Work, row: Any, base: Any, whole: Any, today: date) -> dict[str, Any]:
    """The columns that follow from the segments."""
    said, before = translate.said(whole), translate.said(base)
    changed = said.coding != before.coding
    values: dict[str, Any] = {
        "claim_sealed": translate.sealed(whole),
        "charge": said.charge,
        "content": said.content,
        "original_reference": said.reference[:50],
        "delay_reason": said.delay_reason[:2],
        "coding_changed": changed,
    }
    if not changed or said.coding != translate.said(translate.opened(row.claim_sealed)).coding:
        values |= {"coding_signed_by": "", "coding_signed_at": None}
    old = translate.said(translate.opened(row.claim_sealed))
    if (said.payer, said.filing) != (old.payer, old.filing) or row.payer_id is None:
        values |= _payer(w, row, said, today)
    return values


def _payer(w: Work, row: Any, said: translate.Said, today: date) -> dict[str, Any]:
    """Another payer has other terms: who it is, and by when it wants the claim."""
    name, number = said.payer
    seen = SeenPayer(name=name, ids=[("nm109", number)] if number else [], filing=said.filing)
    (payer_id,) = payers.recognise(w, row.entity_id, [seen])
    facts = queries_claims.facts_of(w, [row.claim_id])[row.claim_id]
    asked = service_limits.Asked(Kind(row.kind), row.rank, facts, payer_id, said.filing)
    (limit,) = service_limits.limits(w, row.entity_id, [asked], today)
    return {
        "payer_id": payer_id,
        "filing": said.filing[:2],
        "file_by": limit.last if limit else None,
        "file_rule": limit.rule[:80] if limit else "",
        "file_clock": limit.proof() if limit else None,
    }


def _look(w: Work, public_id: str) -> None:
    """Look at the claim as it now stands, and keep what is wrong with it."""
    at = service.load(w, public_id)
    service.keep_problems(w, at.row, service_check.whole_look(w, at.row, at.whole, at.base))
    row = service_moves.rows_of(w, [at.row.id])
    service_moves.queue(w, {at.row.id: State(at.row.state)}, row)
