"""One 837 transaction: claims on the books, charged once per encounter; then parked payments try again."""

import hashlib
from datetime import date
from typing import Any

from app.claims import service as claims
from app.claims.rules import Billed
from app.claims.translate import Biller, claims_of
from app.documents import service as documents
from app.entities import queries as entities
from app.entities import service as entity_service
from app.entities.rules import Identifier, Practice
from app.flows import announce, bill_secondary
from app.intake import service as intake
from app.intake.lifecycle import Move
from app.intake.service import Staged
from app.intake.translate import Found
from app.kernel import failpoints
from app.kernel.limits import BATCH_CLAIMS
from app.kernel.work import Work
from app.ledger.service import Batch


def receive_claims(w: Work, staged: Staged) -> None:
    """Post one transaction of billed claims, whole or not at all; it may bill for several entities."""
    with documents.open_file(w, staged.file_no) as stream:
        _Reception(w, staged).run(stream)
    failpoints.hit("claims.before_commit")


class _Reception:
    """The state of one transaction while its claims stream by."""

    def __init__(self, w: Work, staged: Staged):
        self.w, self.staged = w, staged
        self.owners: dict[Biller, Practice | None] = {}
        self.batches: dict[int, Batch] = {}
        self.waiting: dict[int, list[Billed]] = {}
        self.findings: list[Found] = []
        self.to_next_payer: set[int] = set()
        self.claims = self.lines = self.charge = 0
        self.day = date(1970, 1, 1)

    def run(self, stream: Any) -> None:
        """Read, decide, post; hold the whole transaction when somebody unknown bills in it."""
        w, staged = self.w, self.staged
        reader = claims_of(stream, staged.span, staged.file_no)
        self.day = reader.made_on or w.now.date()
        held: tuple[str, str] | None = None
        for billed, biller, findings in reader.claims():
            owner = self._owner(biller)
            if owner is None or (self._test_in_live(owner)):
                held = held or self._why(owner, biller)
                continue
            self.findings += findings
            self._take(owner, billed)
        self.findings += reader.findings()
        broken = next((one for one in self.findings if one.does in ("hold", "refuse")), None)
        if broken is not None and staged.released_by is None:
            held = held or (broken.code, broken.text)
        if held is None and not self.claims:
            held = ("837.no_claims", "No claim could be read from this transaction.")
        self._settle(held)

    def _owner(self, biller: Biller) -> Practice | None:
        if biller not in self.owners:
            kind = "ssn" if biller.tax_qualifier == "SY" else "tax_id"
            named = [Identifier("npi", biller.npi), Identifier(kind, biller.tax_id)]
            found = entities.owner_of(self.w, named, on=self.day)
            if found is None and self.staged.options.get("create_entities"):
                test = self.staged.usage == "T"
                known = [one for one in named if one.value]
                found = (
                    entity_service.add(self.w, biller.name or "Unnamed practice", known, test=test)
                    if known
                    else None
                )
            elif found is not None and self.staged.options.get("create_entities"):
                entity_service.identify_more(self.w, found.id, named)
            self.owners[biller] = found
        return self.owners[biller]

    def _test_in_live(self, owner: Practice) -> bool:
        return self.staged.usage == "T" and not owner.test

    def _why(self, owner: Practice | None, biller: Biller) -> tuple[str, str]:
        if owner is None:
            return (
                "intake.unknown_entity",
                f"The billing provider (NPI {biller.npi or 'none'}) is not one of your entities.",
            )
        return "intake.test_file", f"This is a test file (ISA15 T) and {owner.name} keeps live books."

    def _take(self, owner: Practice, billed: Billed) -> None:
        waiting = self.waiting.setdefault(owner.id, [])
        waiting.append(billed)
        if billed.rank > 1:
            self.to_next_payer.add(owner.id)
        self.claims += 1
        self.lines += len(billed.lines)
        self.charge += billed.cents
        if len(waiting) >= BATCH_CLAIMS:
            self._post(owner.id)

    def _post(self, entity_id: int) -> None:
        batch, self.waiting[entity_id] = self.waiting[entity_id], []
        if entity_id not in self.batches:
            key = f"charges:{self.staged.id}:{self.staged.posting}"
            named = dict(transaction_id=self.staged.id)
            self.batches[entity_id] = Batch(self.w, entity_id, "charges", key, self.day, **named)
        claims.receive(self.w, entity_id, self.staged.id, batch, self.batches[entity_id], day=self.day)

    def _settle(self, held: tuple[str, str] | None) -> None:
        w, staged = self.w, self.staged
        facts: dict[str, Any] = dict(claims=self.claims, lines=self.lines, charge=self.charge)
        intake.keep_findings(
            w, staged.file_no, staged.id, [(None, one) for one in self.findings], origin="posting"
        )
        if held is not None:
            if self.batches:
                raise HeldLate(held, self.findings, facts)
            intake.settle(w, staged.id, Move.HOLD, reason=held[0], explanation=held[1], **facts)
            return
        for entity_id, waiting in self.waiting.items():
            if waiting:
                self._post(entity_id)
        owners = sorted(self.batches)
        posted_hash = hashlib.sha256(f"{owners}|{staged.content_hash}".encode()).hexdigest()
        original = intake.original_of(w, posted_hash)
        if original is not None:
            raise SameAgain(*original)
        closed = [self.batches[entity_id].close() for entity_id in owners]
        intake.settle(
            w,
            staged.id,
            Move.POST,
            entity_id=owners[0],
            posted_hash=posted_hash,
            batch_id=closed[0].id,
            **facts,
        )
        for entity_id in owners:
            announce.transaction(w, entity_id, "claims.received", staged.id)
            if entity_id in self.to_next_payer:
                bill_secondary.claims_came(w, entity_id, staged.id)
            w.job(
                "retry_parked",
                f"claims:{staged.id}:{entity_id}",
                {"entity": entity_id, "transaction": staged.id},
                rank=7,
            )


class HeldLate(Exception):
    """Rows were written before it turned out that all must be held: roll back, then record that."""

    def __init__(self, why: tuple[str, str], findings: list[Found], facts: dict[str, Any]):
        super().__init__(why[0])
        self.why, self.findings, self.facts = why, findings, facts


class SameAgain(Exception):
    """The same content is posted already: roll back, then record which import was first."""

    def __init__(self, transaction_id: int, file_name: str):
        super().__init__(transaction_id)
        self.transaction_id, self.file_name = transaction_id, file_name
