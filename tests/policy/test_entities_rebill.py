"""Claims on their way out: with a right body and somebody else's id anywhere in it, each door answers as for
an id nobody has, and nothing changes (A2).
"""

import re
from typing import Any, NamedTuple

import pytest
from flask import Flask

from app.claims.models import ClaimAnswer
from app.denials.models import Denial
from app.kernel.clock import now
from app.kernel.db import table_of
from app.kernel.work import work
from app.rebill import service_proofs, service_sets
from app.rebill.models import FilingProof
from app.web.application import API_PREFIX, make_app
from tests import batches, books
from tests.era import bill, billed, claim, era, line
from tests.policy import visitors
from tests.policy.test_entities import plain
from tests.policy.test_writes import dump
from tests.policy.visitors import NO_SUCH_ID, Visitor

ONE_DATABASE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)
DAY = now().date().isoformat()
HOW = {**batches.FACTS, "how": "download", "place": ""}
RULE = {
    "code": "our-modifier", "does": "warn", "field": "modifier", "test": "not_in", "value": "GZ",
    "words": "Refused.", "unblock": "Remove it.", "source": "B", "effective_from": DAY, "reason": "B",
}  # fmt: skip
TRIED = {name: said for name, said in RULE.items() if name not in ("effective_from", "reason")}
V = {"version": 1}


class Ask(NamedTuple):
    """A right request, but for `*`: the id of what somebody else has."""

    kind: str
    call: str
    body: dict[str, Any] | None = None


ASKS = (
    Ask("rebill", "GET /rebill/*"),
    Ask("rebill", "GET /rebill/*/fields"),
    Ask("rebill", "PUT /rebill/*/fields", V | {"edits": [{"field": "note", "value": "X"}]}),
    Ask("rebill", "POST /rebill/*/preview", {"edits": []}),
    Ask("rebill", "POST /rebill/*/assign", V | {"owner": "me"}),
    Ask("rebill", "POST /rebill/*/finish", V),
    Ask("rebill", "POST /rebill/*/reopen", V),
    Ask("rebill", "POST /rebill/*/sign", V),
    Ask("rebill", "POST /rebill/*/cancel", V | {"reason": "x"}),
    Ask("rebill", "POST /rebill/*/resend"),
    Ask("rebill", "POST /rebill/*/hold", V | {"reason": "records", "until": "2099-01-01"}),
    Ask("rebill", "POST /rebill/*/lift", V | {"why": "x"}),
    Ask("rebill", "POST /rebill/*/notes", {"text": "x"}),
    *(Ask("rebill", "POST /rebill/acts", {"act": act, "reason": "records", "until": "2099-01-01", "text": "x",
                                          "rebills": [V | {"id": "*"}]})
      for act in ("assign", "finish", "hold", "lift", "cancel")),
    *(Ask(about, "POST /rebill", {"about": about, "id": "*"}) for about in ("claim", "denial", "rejection")),
    Ask("claim", "POST /rebill", {"about": "silent", "id": "*"}),
    Ask("claim", "GET /claims/*/rebill"),
    Ask("claim", "GET /claims/*/road"),
    Ask("claim", "GET /claims/*/proofs"),
    Ask("claim", "POST /claims/*/proofs"),
    Ask("proof", "GET /rebill/proofs/*/pdf"),
    Ask("batch", "GET /rebill/batches/*"),
    Ask("batch", "GET /rebill/batches/*/claims"),
    Ask("batch", "GET /rebill/batches/*/file"),
    Ask("batch", "POST /rebill/batches/*/take", V),
    Ask("batch", "POST /rebill/batches/*/confirm", V | {"arrived": True, "words": "x"}),
    Ask("batch", "POST /rebill/batches/*/settle", V | {"arrived": True, "words": "x"}),
    Ask("batch", "POST /rebill/batches/*/cancel", V | {"words": "x"}),
    Ask("batch", "POST /rebill/batches/*/retry", V),
    Ask("receiver", "POST /rebill/batches", {"receiver": "*"}),
    Ask("rebill", "POST /rebill/batches", {"receiver": "own receiver", "rebills": ["*"]}),
    Ask("receiver", "POST /rebill/batches", {"receiver": "*", "rebills": ["own rebill"]}),
    Ask("receiver", "GET /rebill/receivers/*"),
    Ask("receiver", "PUT /rebill/receivers/*", HOW | V),
    Ask("receiver", "POST /rebill/receivers/*/switch", V | {"active": False}),
    Ask("receiver", "PUT /rebill/receivers/*/key", V | {"host_key": "ssh-ed25519 SHA256:x"}),
    Ask("receiver", "POST /rebill/receivers/*/key/look"),
    Ask("receiver", "POST /rebill/receivers/*/try"),
    Ask("receiver", "GET /rebill/receivers/*/routes"),
    Ask("receiver", "POST /rebill/receivers/*/routes", V | {"payer": "own payer", "day": DAY}),
    Ask("payer", "POST /rebill/receivers/own receiver/routes", V | {"payer": "*", "day": DAY}),
    Ask("payer", "POST /rebill/receivers/own receiver/routes", V | {"payer": "*", "day": DAY, "ends": True}),
    Ask("entity", "POST /rebill/receivers", HOW | {"entity": "*"}),
    Ask("entity", "GET /rebill/rules?entity=*"),
    Ask("entity", "POST /rebill/rules", RULE | {"entity": "*"}),
    Ask("payer", "POST /rebill/rules", RULE | {"payer": "*"}),
    Ask("entity", "POST /rebill/rules/what-if", TRIED | {"entity": "*"}),
    Ask("payer", "POST /rebill/rules/what-if", TRIED | {"payer": "*"}),
    Ask("entity", "POST /rebill/rules/end", {"code": "mine-only", "effective_from": DAY, "reason": "x",
                                             "entity": "*"}),
    Ask("denial", "POST /rebill/sets/preview", {"denials": ["*"]}),
    Ask("denial", "POST /rebill/sets", {"denials": ["*"]}),
    Ask("set", "GET /rebill/sets/*"),
    Ask("set", "POST /rebill/sets/*/undo", {"reason": "x"}),
)  # fmt: skip
LISTS = {"GET /rebill", "GET /rebill/fields", "GET /rebill/ready", "GET /rebill/batches",
         "GET /rebill/receivers", "GET /rebill/waiting"}  # fmt: skip
"""Doors that take no id; `test_neither_sees_nor_reaches_what_is_the_others` reads what they show."""


@pytest.fixture
def two(house: Any) -> tuple[Flask, Visitor, dict[str, str], dict[str, str]]:
    """The application, a supervisor of the second practice, what is the first one's and what is hers."""
    mine = books.practice()
    hers = books.practice("Other Clinic", npi="1679576722", tax_id="222223333")
    sent, ready = batches.ready("SEND1", "SEND2")
    receiver = batches.receiver(mine, how="download", place="")
    batch = batches.release(receiver, sent)
    books.take(bill(billed("A1", "99214 300")))
    books.take(era(claim("A1", line("99214", "300", "0", "CO*197*300"))))
    [denial] = books.rows(table_of(Denial))
    with work(books.CLERK) as w:
        made = service_sets.open_set(w, [denial.public_id]).public_id
        claim_of = books.rows(batches.CLAIM, batches.CLAIM.c.control == "A1")[0].public_id
        service_proofs.collect(w, claim_of)
    [own] = batches.ready("OWN1", npi="1679576722", tax_id="222223333")
    proof = books.rows(table_of(FilingProof))[0]
    answer = table_of(ClaimAnswer)
    rejection = books.rows(answer, answer.c.entity_id == mine.id)[0]
    theirs = {"rebill": ready, "receiver": receiver, "batch": batch, "denial": denial.public_id, "set": made,
              "claim": claim_of, "proof": proof.public_id, "rejection": rejection.public_id,
              "payer": batches.payer_of(ready), "entity": mine.public_id}  # fmt: skip
    own_ids = {"own rebill": own, "own receiver": batches.receiver(hers, how="download", place=""),
               "own payer": batches.payer_of(own)}  # fmt: skip
    return make_app(), visitors.add("eve", "supervisor", entity_id=hers.id), theirs, own_ids


def filled(value: Any, ids: dict[str, str]) -> Any:
    """A request with ids where it names them."""
    if isinstance(value, dict):
        return {name: filled(one, ids) for name, one in value.items()}
    if isinstance(value, list):
        return [filled(one, ids) for one in value]
    if not isinstance(value, str):
        return value
    for name, one in ids.items():
        value = value.replace(name, one)
    return value


@ONE_DATABASE
def test_a_right_request_about_somebody_elses_thing_finds_nothing(
    two: tuple[Flask, Visitor, dict[str, str], dict[str, str]],
) -> None:
    app, eve, theirs, own = two
    before, wrong = dump(), []

    def answered(ask: Ask, one: str) -> tuple[int, str]:
        method, _, address = filled(ask.call, own | {"*": one}).partition(" ")
        body = filled(ask.body, own | {"*": one})
        headers = eve.bearer | {"Idempotency-Key": f"{ASKS.index(ask)} {one}"}
        address = f"{API_PREFIX}{address}"
        answer = app.test_client().open(address, method=method, json=body, headers=headers)
        return answer.status_code, plain(answer.get_data(as_text=True)).replace(one, "*")

    for ask in ASKS:
        nobodys, others = answered(ask, NO_SUCH_ID), answered(ask, theirs[ask.kind])
        refused = others[0] in (403, 404, 409, 422) or "acts" in ask.call
        if nobodys != others or not refused:
            wrong.append((ask.call, ask.body, nobodys, others))
    assert wrong == []
    after = dump()
    assert {name for name in before if before[name] != after[name]} <= {"idempotency_key"}


@ONE_DATABASE
def test_every_door_of_claims_on_their_way_out_is_asked(house: Any) -> None:
    asked = {re.sub(r"\*|own \w+", "{}", one.call).partition("?")[0] for one in ASKS} | LISTS
    there = set()
    for rule in make_app().url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            if rule.endpoint.startswith("rebill_api."):
                path = re.sub(r"<[^>]+>", "{}", rule.rule).removeprefix(API_PREFIX)
                there.add(f"{method} {path}")
    assert there - asked == set()
