"""Recipes of patients' payments."""

from typing import Any

from app.contacts.service_law import change
from app.flows import patient_paid
from app.kernel.db import table_of
from app.kernel.work import work
from app.payments.lifecycle import Reversal
from app.payments.models import PatientPayment
from app.payments.service_reverse import Return
from tests import books, paying
from tests.policy.api_recipes import RECIPES, to
from tests.policy.api_truth import World

_payment = table_of(PatientPayment)
NAMES = {"patient": "PAYER*PATIENCE", "member": "MPAY1"}


def owing(world: World) -> str:
    """The account of somebody who owes for three visits."""
    if "paying" not in world.made:
        key = paying.owing(("PY1", "120.00", "20260105"), ("PY2", "45.50", "20260201"),
                           ("PY3", "4.99", "20260220"), **NAMES)  # fmt: skip
        (row,) = books.rows(paying.GUARANTOR, paying.GUARANTOR.c.id == key)
        world.made |= {"paying": row.public_id, "paying_id": key, "paying_entity": row.entity_id}
    return str(world.made["paying"])


def paid(world: World, key: str, amount: str = "10.00", **more: object) -> dict[str, Any]:
    """A payment of theirs."""
    body = {"account": owing(world), "amount": amount, "tender": "check", "key": key} | more
    return dict(world.ask("POST /payments", body=body))


@to("POST /payments")
def take_payments(world: World) -> None:
    """Seen before, taken, taken off, applied again, taken back."""
    path = "/payments/{public_id}"
    world.ask("POST /payments/preview", body={"account": owing(world), "amount": "50.00"})
    one = paid(world, "r1", "150.00", reference="1044")
    world.made["payment"] = one["id"]
    off = {"version": one["version"], "reason": "Meant for another visit"}
    one = world.ask(f"POST {path}/off", one["id"], role="supervisor", body=off)
    one = world.ask(f"POST {path}/apply", one["id"], body={"version": one["version"]})
    world.ask(f"GET {path}", one["id"])
    world.ask(f"GET {path}/receipt", one["id"])
    back = {"version": one["version"], "why": "nsf", "code": "R01", "fee": True}
    world.ask(f"POST {path}/reverse", one["id"], role="supervisor", body=back)
    entity = next(row["entity"] for row in world.rows("GET /payments"))
    body = {"entity": entity, "amount": "5.00", "tender": "cash", "key": "r2"}
    lost = world.ask("POST /payments", body=body)
    whose = {"version": lost["version"], "account": owing(world)}
    world.ask(f"PUT {path}/account", lost["id"], body=whose)
    world.ask("POST /accounts/{public_id}/payments/apply", owing(world))


@to("POST /payments/cards")
def keep_cards(world: World) -> None:
    """Kept, charged, revoked."""
    body = {"account": owing(world), "token": "tok_visa_4242_approve", "authorised": "Balance, by phone"}
    card = world.ask("POST /payments/cards", body=body)
    world.ask("GET /payments/cards", query={"account": owing(world)})
    paid(world, "r3", "3.00", tender="card", card=card["id"])
    revoked = {"version": card["version"]}
    world.ask("POST /payments/cards/{public_id}/revoke", card["id"], body=revoked)


@to("POST /payments/{public_id}/keep")
def look_at_payments(world: World) -> None:
    """A payment after a petition that may be kept; a fee that is waived."""
    one = paid(world, "r4", "2.00")
    with work(books.CLERK) as w:
        mine = _payment.c.public_id == one["id"]
        w.db.execute(_payment.update().where(mine).values(review="bankruptcy"))
    kept = {"version": one["version"], "reason": "Counsel agrees"}
    world.ask("POST /payments/{public_id}/keep", one["id"], role="supervisor", body=kept)
    with work(books.CLERK) as w:
        entity, days = world.made["paying_entity"], (w.now.date(), None)
        for code, value in (("nsf_fee_allowed", "yes"), ("nsf_waive_first", "no")):
            change(w, entity, code=code, state="", value=value, source="Counsel", days=days, reason="Agreed")
        paying_back = Return(why=Reversal.NSF, code="R01", fee=True, printed=True)
        patient_paid.reverse(w, one["id"], paying_back, version=one["version"] + 1)
    waived = {"version": one["version"] + 2, "reason": "A bank's mistake"}
    world.ask("POST /payments/{public_id}/fee/waive", one["id"], role="supervisor", body=waived)


@to("POST /payments/small/decide")
def small_balances(world: World) -> None:
    """Proposed, written off, brought back."""
    owing(world)
    paying.sent_long_ago(world.made["paying_id"])
    (entity,) = books.rows(books.ENTITY, books.ENTITY.c.id == world.made["paying_entity"])
    seen = world.ask("GET /payments/small/preview", query={"entity": entity.public_id})
    asked = {"entity": entity.public_id, "count": seen["count"], "total": seen["total"]}
    world.ask("POST /payments/small", body=asked)
    row = world.rows("GET /payments/small")[0]
    chosen = [{"id": row["id"], "version": row["version"]}]
    decided = {"approve": True, "chosen": chosen}
    world.ask("POST /payments/small/decide", role="manager", body=decided)
    back = {"version": row["version"] + 1, "reason": "They paid after all"}
    world.ask("POST /payments/small/{public_id}/take-back", row["id"], role="manager", body=back)


RECIPES |= {
    name: lambda world: None
    for name in (
        "POST /payments/preview", "POST /payments/{public_id}/off", "POST /payments/{public_id}/apply",
        "POST /payments/{public_id}/reverse", "PUT /payments/{public_id}/account",
        "POST /accounts/{public_id}/payments/apply", "POST /payments/cards/{public_id}/revoke",
        "POST /payments/small/{public_id}/take-back", "GET /payments/cards",
        "POST /payments/small", "GET /payments/small/preview", "POST /payments/{public_id}/fee/waive",
        "GET /payments/{public_id}", "GET /payments/{public_id}/receipt",
    )
}  # fmt: skip
