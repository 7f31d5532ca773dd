"""The whole product against the truth: every file of a world goes in, and the books say what they must."""

import random
from collections import Counter
from pathlib import Path

from sqlalchemy import select

from app import worker
from app.audit import service as audit
from app.denials.models import Denial, DenialItem
from app.denials.queries_figures import export_claims
from app.entities import service as entities
from app.entities.rules import Identifier
from app.flows import receive_file
from app.intake.models import IntakeOffer, IntakeTransaction
from app.kernel.work import Actor, Work, audit_with, reading, system, work
from app.ledger import queries as ledger
from app.remits.models import RemitClaim
from app.world import FIGURES, Truth, build
from tests.app.world.clerk import cents
from tests.conftest import House


def take_in(truth: Truth, *, shuffled_by: int | None) -> Actor:
    """Import every file; shuffled_by: in any order but for those with an `after`."""
    audit_with(audit.append)
    actor = system("demo", door="cli")
    with work(actor) as w:
        for one in truth.summary["entities"]:
            numbers = [Identifier("npi", one["npi"]), Identifier("tax_id", one["tax_id"])]
            entities.add(w, one["name"].title(), numbers)
    later = {row["file"] for row in truth.rows("files") if row["after"]}
    names = [row["file"] for row in truth.rows("files") if row["file"] not in later]
    if shuffled_by is None:
        names.sort()
    else:
        random.Random(shuffled_by).shuffle(names)
    for number, name in enumerate([*names, *sorted(later)]):
        with (truth.folder / "files" / name).open("rb") as content:
            receive_file.offer(actor, content, name)
        if shuffled_by is not None and number % 25 == 0:
            worker.run_until_idle()
    worker.run_until_idle()
    return actor


def compare(truth: Truth, actor: Actor) -> None:
    """Hold balances, claims, denials and files against the truth."""
    with reading(actor) as w:
        compare_books(truth, w)
        compare_claims(truth, w)
        compare_denials(truth, w)
        compare_remits(truth, w)


def compare_books(truth: Truth, w: Work) -> None:
    """Every account of every entity."""
    tax_ids = {one["name"].title(): one["tax_id"] for one in truth.summary["entities"]}
    books: dict[str, dict[str, int]] = {tax_id: {} for tax_id in tax_ids.values()}
    for line in ledger.trial_balance(w).rows:
        if line.debit != line.credit:
            books[tax_ids[line.entity]][str(line.account)] = int(line.debit) - int(line.credit)
    assert books == {
        tax_id: {account: cents(amount) for account, amount in rows.items() if cents(amount)}
        for tax_id, rows in truth.balances.items()
    }


def compare_claims(truth: Truth, w: Work) -> None:
    """Every figure of `export claims`, claim by claim."""
    _, found = export_claims(w)
    figures = {
        row.claim_id: {name: int(getattr(row.figures, name)) for name in FIGURES}
        | {"status": row.figures.status}
        for row in found
    }
    assert figures == {
        row["claim_id"]: {name: cents(row[name]) for name in FIGURES} | {"status": row["state"]}
        for row in truth.rows("claims")
    }


def compare_denials(truth: Truth, w: Work) -> None:
    """Every denied adjustment, its category, and whether a reversal withdrew it."""
    item, case, answer = DenialItem.__table__.c, Denial.__table__.c, RemitClaim.__table__.c
    query = (
        select(answer.control, answer.payer_control, item.group_code, item.carc, case.category, item.cents,
               item.withdrawn)
        .join_from(DenialItem, Denial, case.id == item.denial_id)
        .join(RemitClaim, answer.id == item.remit_claim_id)
    )  # fmt: skip
    assert Counter((*row[:5], int(row[5]), bool(row[6])) for row in w.db.execute(query)) == Counter(
        (row["claim_id"], row["payer_control"], row["group"], row["carc"], row["category"],
         cents(row["amount"]), row["state"] == "reversed")
        for row in truth.rows("denials")
    )  # fmt: skip


def compare_remits(truth: Truth, w: Work) -> None:
    """Every transaction: posted or held."""
    offer, transaction = IntakeOffer.__table__.c, IntakeTransaction.__table__.c
    query = select(offer.name, transaction.control, transaction.state).join_from(
        IntakeOffer, IntakeTransaction, offer.file_no == transaction.file_no
    )
    states = {(name, control): str(state) for name, control, state in w.db.execute(query)}
    for row in truth.rows("transactions"):
        assert states[row["file"], row["control"]] == row["outcome"], row["file"]


def test_a_world_imported_day_by_day_ends_as_its_truth_says(house: House, tmp_path: Path) -> None:
    truth = build(tmp_path / "world", seed=21, claims=200)
    compare(truth, take_in(truth, shuffled_by=None))


def test_a_world_imported_in_any_order_ends_the_same(house: House, tmp_path: Path) -> None:
    truth = build(tmp_path / "world", seed=2, claims=90)
    compare(truth, take_in(truth, shuffled_by=2))
