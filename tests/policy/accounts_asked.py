"""Right requests at every door of accounts, people, contacts, payments, plans, statements and placements.

`*` stands for an id of the kind an ask names: somebody else's, or nobody's. `own account` and its like stand
for an id of the asker's own.
"""

from datetime import timedelta
from typing import Any, NamedTuple

from app.kernel.clock import now
from app.patients.rules_people_file import COLUMNS
from app.statements import translate_letters


class Ask(NamedTuple):
    """A right request, but for `*`. body: JSON of the API, bytes of a file, or the fields of a form."""

    kind: str
    call: str
    body: dict[str, Any] | bytes | None = None


DAY = now().date().isoformat()
SOON = (now().date() + timedelta(5)).isoformat()
V, WHY = {"version": 1}, {"version": 1, "reason": "x"}
HOME = {"street": "9 Elm St", "city": "Lincoln", "state": "NE", "zip": "68508"}
SIGNED = {"version": 1, "signed_on": DAY, "witness": "Bea at the desk"}
PLAN, PAYMENT = {"version": "own plan version"}, {"version": "own payment version"}
UNKNOWN = {"version": "own unknown payment version"}
PROMISE = {"amount": "5.00", "promised_on": SOON}
CALL = {"reach": "call", "direction": "out", "result": "no_answer"}
LAW = {"code": "calls_most", "value": "5", "reason": "x", "since": DAY, "source": "B"}
LEVEL = {
    "number": 1, "stage": "stmt_1", "after_days": 0, "wait_days": 0, "minimum": "5.00", "statement": True,
    "letter": "", "review": False, "message": "first",
}  # fmt: skip
POLICY = {"name": "p", "minimum": "5.00", "cycle_days": 30, "due_days": 21, "households": False,
          "levels": [LEVEL]}  # fmt: skip
TEXT, SPANISH = (translate_letters.shipped("receipt", one) for one in ("en", "es"))
WORDS = {"letter": "receipt", "language": "es", "words": SPANISH}
PAY = {"amount": "1.00", "tender": "cash"}
TOKEN = {"token": "tok_visa_4242_approve", "authorised": "Balance, by phone"}
FILE = (",".join(COLUMNS) + "\nNOBODY,NOEL\n").encode()

ACCOUNTS = (
    *(Ask("account", f"GET /accounts/*{part}")
      for part in ("", "/notes", "/visits", "/attempts", "/disputes", "/holds", "/promises",
                   "/guards?act=call", "/visits/own visit/services")),
    Ask("visit", "GET /accounts/own account/visits/*/services"),
    Ask("point", "GET /accounts/own account/guards?act=call&point=*"),
    Ask("account", "POST /accounts/*/notes", {"text": "x"}),
    Ask("account", "POST /accounts/*/attempts", CALL | {"direction": "in", "result": "other", "note": "x"}),
    Ask("point", "POST /accounts/own account/attempts", CALL | {"point": "*"}),
    Ask("ticket", "POST /accounts/own account/attempts", CALL | {"ticket": "*"}),
    Ask("account", "POST /accounts/*/attempts/begin", {"reach": "call"}),
    Ask("point", "POST /accounts/own account/attempts/begin", {"reach": "call", "point": "*"}),
    Ask("account", "POST /accounts/*/attempts/drop", {"ticket": "own ticket"}),
    Ask("ticket", "POST /accounts/own account/attempts/drop", {"ticket": "*"}),
    Ask("account", "POST /accounts/*/disputes", {"said": "x"}),
    Ask("visit", "POST /accounts/own account/disputes", {"said": "x", "claim": "*"}),
    Ask("account", "POST /accounts/*/holds", {"kind": "insurance_review", "reason": "x"}),
    Ask("visit", "POST /accounts/own account/holds", {"kind": "lien", "reason": "x", "claim": "*"}),
    Ask("account", "POST /accounts/*/identify", {"zip": "68101", "birth": "1970-01-01"}),
    Ask("account", "POST /accounts/*/promises", PROMISE),
    Ask("account", "POST /accounts/*/payments/apply"),
    Ask("account", "POST /accounts/*/plans", {"count": 2}),
    Ask("free visit", "POST /accounts/own free account/plans", {"count": 2, "visits": ["*"]}),
    Ask("account", "POST /accounts/*/plans/offers", {}),
    Ask("free visit", "POST /accounts/own free account/plans/offers", {"visits": ["*"]}),
    Ask("entity", "GET /accounts?entity=*"),
    Ask("entity", "GET /calls?entity=*"),
    Ask("entity", "POST /calls/next", {"entity": "*"}),
    Ask("account", "GET /refusals?account=*"),
    Ask("hold", "POST /holds/*/lift", V | {"why": "x"}),
    Ask("dispute", "POST /disputes/*/move", V | {"move": "acknowledge"}),
    Ask("promise", "POST /promises/*/withdraw", V | {"why": "x"}),
    Ask("entity", "GET /rules/collection?entity=*"),
    Ask("entity", "POST /rules/collection", LAW | {"entity": "*"}),
    Ask("rule", "POST /rules/collection/*/end", {"on": DAY, "reason": "x"}),
    Ask("entity", "GET /placements?entity=*"),
    Ask("account", "GET /placements/*"),
)  # fmt: skip
PEOPLE = (
    Ask("account", "GET /guarantors/*"),
    Ask("account", "PUT /guarantors/*", V | {"language": "es"}),
    Ask("account", "POST /guarantors/*/addresses", V | HOME),
    Ask("account", "POST /guarantors/*/confidential", WHY),
    Ask("account", "POST /guarantors/*/confirm", V),
    Ask("account", "POST /guarantors/*/consents", {"channel": "sms", "granted": False}),
    Ask("point", "POST /guarantors/own account/consents", {"channel": "sms", "granted": False, "point": "*"}),
    Ask("account", "POST /guarantors/*/points", {"kind": "email", "value": "a@example.com"}),
    Ask("point", "POST /guarantors/points/*/end", V),
    Ask("entity", "GET /guarantors/alike?entity=*"),
    Ask("entity", "POST /guarantors/file?entity=*&preview=true", FILE),
    Ask("number", "POST /guarantors/search", {"q": "*"}),
    Ask("entity", "GET /patients?entity=*"),
    Ask("patient", "GET /patients/*"),
    Ask("member", "POST /patients/search", {"q": "*"}),
    Ask("patient", "POST /patients/*/guarantor", {"account": "own account", "reason": "x", "from_day": DAY}),
    Ask("account", "POST /patients/own patient/guarantor", {"account": "*", "reason": "x", "from_day": DAY}),
    Ask("visit", "POST /claims/*/guarantor", {"account": "own account", "reason": "x"}),
    Ask("account", "POST /claims/own visit/guarantor", {"account": "*", "reason": "x"}),
    Ask("entity", "GET /returned-mail?entity=*"),
    Ask("number", "POST /returned-mail", {"number": "*", "code": "K"}),
    Ask("document number", "POST /returned-mail", {"number": "*", "code": "K"}),
    Ask("entity", "POST /returned-mail", {"number": "own number", "code": "K", "entity": "*"}),
    Ask("mail", "GET /returned-mail/*"),
    Ask("mail", "POST /returned-mail/*/search", V | {"source": "phone"}),
    Ask("mail", "POST /returned-mail/*/find", V | {"source": "payer", "home": HOME}),
    Ask("mail", "POST /returned-mail/*/verify", V | {"zip": "68508"}),
    Ask("mail", "POST /returned-mail/*/reject", V | {"why": "x"}),
    Ask("mail", "POST /returned-mail/*/resume", V | {"why": "x"}),
)
MONEY = (
    Ask("entity", "GET /payments?entity=*"),
    Ask("payment number", "GET /payments?q=*"),
    Ask("account", "POST /payments", PAY | {"account": "*", "key": "p1"}),
    Ask("entity", "POST /payments", PAY | {"entity": "*", "key": "p2"}),
    Ask("visit", "POST /payments", PAY | {"account": "own account", "key": "p3", "mode": "designated",
                                          "designated": [{"visit": "*", "amount": "1.00"}]}),
    Ask("card", "POST /payments", PAY | {"account": "own other account", "key": "p4", "tender": "card",
                                         "card": "*"}),
    Ask("account", "POST /payments/preview", {"account": "*", "amount": "1.00"}),
    Ask("visit", "POST /payments/preview", {"account": "own account", "amount": "1.00", "mode": "designated",
                                            "designated": [{"visit": "*", "amount": "1.00"}]}),
    Ask("payment", "GET /payments/*"),
    Ask("payment", "GET /payments/*/receipt"),
    Ask("unknown payment", "PUT /payments/*/account", V | {"account": "own account"}),
    Ask("account", "PUT /payments/own unknown payment/account", UNKNOWN | {"account": "*"}),
    Ask("payment", "POST /payments/*/apply", V),
    Ask("visit", "POST /payments/own payment/apply", PAYMENT | {"mode": "designated",
                                                          "designated": [{"visit": "*"}]}),
    Ask("payment", "POST /payments/*/off", WHY),
    Ask("visit", "POST /payments/own payment/off", WHY | PAYMENT | {"visits": ["*"]}),
    Ask("payment", "POST /payments/*/fee/waive", WHY),
    Ask("payment", "POST /payments/*/keep", WHY),
    Ask("payment", "POST /payments/*/reverse", V | {"why": "nsf"}),
    Ask("account", "GET /payments/cards?account=*"),
    Ask("account", "POST /payments/cards", TOKEN | {"account": "*"}),
    Ask("card", "POST /payments/cards/*/revoke", V),
    Ask("entity", "GET /payments/small?entity=*"),
    Ask("entity", "GET /payments/small/preview?entity=*"),
    Ask("entity", "POST /payments/small", {"entity": "*", "count": 1, "total": "4.99"}),
    Ask("small", "POST /payments/small/decide", {"approve": True, "chosen": [V | {"id": "*"}]}),
    Ask("small", "POST /payments/small/decide", {"approve": True, "chosen": [V | {"id": "own small"},
                                                                             V | {"id": "*"}]}),
    Ask("small", "POST /payments/small/*/take-back", WHY),
    Ask("other account", "GET /plans?account=*"),
    Ask("plan", "GET /plans/*"),
    Ask("plan", "GET /plans/*/agreement"),
    Ask("plan", "POST /plans/*/agreement", V),
    Ask("plan", "POST /plans/*/activate", SIGNED),
    Ask("plan", "POST /plans/*/autopay", SIGNED | {"card": "own card"}),
    Ask("card", "POST /plans/own plan/autopay", SIGNED | PLAN | {"card": "*"}),
    Ask("plan", "POST /plans/*/autopay/stop", WHY),
    Ask("plan", "POST /plans/*/re-establish", SIGNED | {"count": 3, "reason": "x"}),
    *(Ask("plan", f"POST /plans/*/{act}", SIGNED | {"count": 3}) for act in ("change", "visits")),
    Ask("second visit", "POST /plans/own plan/visits", SIGNED | PLAN | {"count": 3, "visits": ["*"]}),
    Ask("plan", "POST /plans/*/cancel", WHY),
)  # fmt: skip
STATEMENTS = (
    Ask("entity", "GET /statements?entity=*"),
    Ask("account", "GET /statements?account=*"),
    Ask("document number", "GET /statements?number=*"),
    Ask("entity", "GET /statements/letters?entity=*"),
    Ask("account", "GET /statements/letters?account=*"),
    Ask("letter number", "GET /statements/letters?number=*"),
    Ask("account", "POST /statements", {"account": "*"}),
    *(Ask("document", f"GET /statements/*{part}") for part in ("", "/file", "/proof")),
    Ask("letter", "GET /statements/*"),
    Ask("entity", "GET /statements/emails?entity=*"),
    Ask("sent run", "GET /statements/emails?run=*"),
    Ask("email", "POST /statements/emails/*/decide", V | {"arrived": True}),
    Ask("entity", "POST /statements/policies", POLICY | {"entity": "*"}),
    Ask("policy", "GET /statements/policies/*"),
    Ask("policy", "PUT /statements/policies/*", POLICY | V),
    Ask("policy", "POST /statements/policies/*/approve", V | {"effective_from": SOON}),
    Ask("policy", "POST /statements/policies/*/what-if", {"kind": "statements"}),
    Ask("policy", "POST /statements/policies/*/retire", V),
    Ask("entity", "GET /statements/print?entity=*"),
    Ask("sent run", "GET /statements/print?run=*"),
    Ask("print", "GET /statements/print/*"),
    *(Ask("print", f"GET /statements/print/*/{part}") for part in ("pdf", "json", "csv")),
    Ask("print", "POST /statements/print/*/hand", V | {"to": "x"}),
    Ask("entity", "GET /statements/runs?entity=*"),
    Ask("entity", "POST /statements/runs", {"entity": "*", "kind": "letters"}),
    Ask("run", "GET /statements/runs/*"),
    Ask("run", "GET /statements/runs/*/items"),
    Ask("account", "GET /statements/runs/own run/items?account=*"),
    Ask("run", "GET /statements/runs/*/preview/own free account"),
    Ask("free account", "GET /statements/runs/own run/preview/*"),
    Ask("run", "POST /statements/runs/*/audit", V),
    Ask("run", "POST /statements/runs/*/drop", V | {"accounts": ["own free account"], "remark": "x"}),
    Ask("free account", "POST /statements/runs/own run/drop", V | {"accounts": ["*"], "remark": "x"}),
    Ask("run", "POST /statements/runs/*/marks", V | {"account": "own free account", "fine": True}),
    Ask("free account", "POST /statements/runs/own run/marks", V | {"account": "*", "fine": True}),
    Ask("run", "POST /statements/runs/*/sign", V | {"plan_hash": "x" * 64}),
    Ask("run", "POST /statements/runs/*/reopen", V),
    Ask("run", "POST /statements/runs/*/release", V),
    Ask("sent run", "POST /statements/runs/*/take-up", V),
    Ask("run", "POST /statements/runs/*/cancel", V),
    Ask("account", "GET /statements/why/*"),
    Ask("entity", "POST /letters/editions", WORDS | {"entity": "*"}),
    Ask("edition", "GET /letters/editions/*"),
    Ask("edition", "GET /letters/editions/*/preview"),
    Ask("edition", "PUT /letters/editions/*", V | {"words": TEXT}),
    Ask("edition", "POST /letters/editions/*/approve", V | {"effective_from": SOON}),
    Ask("edition", "POST /letters/editions/*/retire", V),
)
LEFT = Ask("account", "POST /calls/next", {"leaving": "*"})
LEFT_BY_PAGE = Ask("account", "POST /accounts/calls/next", {"leaving": "*"})
API = (*ACCOUNTS, *PEOPLE, *MONEY, *STATEMENTS, LEFT)
WITHOUT = {"GET /attempts/codes", "GET /letters", "GET /letters/editions", "GET /statements/policies",
           "GET /statements/reasons", "POST /letters/check", "POST /statements/slips"}  # fmt: skip
"""Operations that take no id; what the lists among them show is read by the test of lists."""
# ---------------------------------------------------------------- the same as pages

YES, ANSWER = {"version": "1"}, {"version": "1", "answer": "x"}
PAID = {"tender": "cash", "amount": "1.00", "key": "k"}
ROE = {"last": "Roe", "first": "Ann", "relation": "guardian", "reason": "x", "from_day": DAY}
RETURNED = {"number": "own number", "code": "K"}
STEP = {"name": "p", "minimum": "5.00", "cycle_days": "30", "due_days": "21", "stage-1": "stmt_1",
        "minimum-1": "5.00", "statement-1": "yes", "message-1": "first"}  # fmt: skip
DESK = (
    *(Ask("account", f"GET /accounts/*{part}") for part in ("", "?call=in")),
    Ask("number", "POST /accounts/", {"q": "*"}),
    Ask("entity", "GET /accounts/?entity=*"),
    Ask("account", "POST /accounts/*/apply", {}),
    Ask("account", "POST /accounts/*/call", {"direction": "in", "result": "other", "note": "x"}),
    Ask("account", "POST /accounts/*/confirm", YES),
    Ask("account", "POST /accounts/*/consent", {"channel": "sms:no"}),
    Ask("account", "POST /accounts/*/dial", {}),
    Ask("point", "POST /accounts/own account/dial", {"point": "*"}),
    Ask("account", "POST /accounts/*/dial/drop", {}),
    Ask("account", "POST /accounts/*/disputes", {"said": "x"}),
    Ask("visit", "POST /accounts/own account/disputes", {"said": "x", "visit": "*"}),
    Ask("account", "POST /accounts/*/disputes/own dispute/move", YES | {"move": "acknowledge"}),
    Ask("dispute", "POST /accounts/own account/disputes/*/move", YES | {"move": "acknowledge"}),
    Ask("account", "POST /accounts/*/hold", {"kind": "lien", "reason": "x"}),
    Ask("account", "POST /accounts/*/holds/own hold/lift", ANSWER),
    Ask("hold", "POST /accounts/own account/holds/*/lift", ANSWER),
    Ask("account", "POST /accounts/*/identify", {"zip": "68101", "birth": "1970-01-01"}),
    Ask("account", "POST /accounts/*/itemised", {"language": "en"}),
    Ask("account", "POST /accounts/*/note", {"text": "x"}),
    Ask("account", "POST /accounts/*/pay", PAID),
    Ask("other account", "POST /accounts/*/pay", PAID | {"tender": "card:own card"}),
    Ask("card", "POST /accounts/own other account/pay", PAID | {"tender": "card:*"}),
    Ask("account", "POST /accounts/*/pay/preview", PAID),
    Ask("account", "POST /accounts/*/promise", {"promised_on": "t+5", "promised_amount": "5.00"}),
    Ask("account", "POST /accounts/*/promises/own promise/withdraw", ANSWER),
    Ask("promise", "POST /accounts/own account/promises/*/withdraw", ANSWER),
    Ask("entity", "GET /accounts/calls?entity=*"),
    Ask("account", "GET /placements/*"),
    Ask("entity", "GET /placements/?entity=*"),
    Ask("entity", "GET /rules/collection?entity=*"),
    Ask("entity", "POST /rules/collection", LAW | {"entity": "*"}),
    Ask("rule", "POST /rules/collection/end", {"entity": "own entity", "id": "*", "why": "x"}),
    Ask("entity", "POST /rules/collection/end", {"entity": "*", "id": "own rule", "why": "x"}),
    Ask("entity", "GET /returned-mail?entity=*"),
    Ask("number", "POST /returned-mail", RETURNED | {"number": "*"}),
    Ask("entity", "POST /returned-mail", RETURNED | {"entity": "*"}),
    Ask("mail", "GET /returned-mail/*"),
    *(Ask("mail", f"POST /returned-mail/*/{act}", YES | HOME | {"source": "phone", "why": "x"})
      for act in ("search", "find", "verify", "reject", "resume")),
    Ask("account", "GET /guarantors/*"),
    Ask("account", "POST /guarantors/*/address", YES | HOME),
    Ask("patient", "POST /guarantors/own account/answers", ROE | {"patient": "*"}),
    Ask("account", "POST /guarantors/*/answers", ROE | {"patient": "own patient"}),
    Ask("account", "POST /guarantors/*/change", YES | {"language": "es"}),
    Ask("account", "POST /guarantors/*/confidential", YES | {"reason": "x"}),
    Ask("account", "POST /guarantors/*/confirm", YES),
    Ask("account", "POST /guarantors/*/consent", {"channel": "sms", "said": "no"}),
    Ask("point", "POST /guarantors/own account/consent", {"channel": "sms", "said": "no", "point": "*"}),
    Ask("account", "POST /guarantors/*/point", {"kind": "email", "value": "a@example.com"}),
    Ask("point", "POST /guarantors/own account/point/*/end", YES),
    Ask("account", "POST /guarantors/*/point/own point/end", YES),
    Ask("entity", "GET /guarantors/alike?entity=*"),
    Ask("entity", "GET /patients/?entity=*"),
    Ask("member", "POST /patients/", {"q": "*"}),
    Ask("patient", "GET /patients/*"),
    Ask("number", "POST /search", {"q": "*"}),
    Ask("document number", "POST /search", {"q": "*"}),
)  # fmt: skip
PAPERS = (
    Ask("entity", "GET /payments?entity=*"),
    Ask("payment number", "GET /payments?q=*"),
    Ask("payment", "GET /payments/*"),
    Ask("payment", "GET /payments/*/receipt"),
    *(Ask("payment", f"POST /payments/*/{act}", YES | {"reason": "x", "why": "nsf"})
      for act in ("apply", "off", "keep", "reverse", "waive")),
    Ask("unknown payment", "POST /payments/*/identify", YES | {"account": "own number"}),
    Ask("number", "POST /payments/own unknown payment/identify", UNKNOWN | {"account": "*"}),
    Ask("entity", "GET /payments/small?entity=*"),
    Ask("small", "POST /payments/small/decide", {"approve": "yes", "chosen": "*:1"}),
    Ask("small", "POST /payments/small/decide", {"approve": "yes", "chosen": ["own small:1", "*:1"]}),
    Ask("entity", "POST /payments/small/propose", {"entity": "*", "count": "1", "cents": "499"}),
    Ask("other account", "GET /plans/?account=*"),
    Ask("plan", "GET /plans/*"),
    Ask("plan", "GET /plans/*/agreement"),
    *(Ask("plan", f"POST /plans/*/{act}", YES | {"signed_on": DAY, "witness": "x", "count": "3",
                                                 "reason": "x"})
      for act in ("activate", "cancel", "change", "add", "re_establish", "write")),
    Ask("account", "GET /plans/new/*"),
    Ask("account", "POST /plans/new/*", {"count": "2"}),
    Ask("free visit", "POST /plans/new/own free account", {"count": "2", "visit": "*"}),
    Ask("account", "POST /plans/new/*/schedule", {"count": "2"}),
    Ask("free visit", "POST /plans/new/own free account/schedule", {"count": "2", "visit": "*"}),
    Ask("entity", "GET /statements/?entity=*"),
    Ask("entity", "POST /statements/plan", {"entity": "*", "kind": "letters"}),
    *(Ask(kind, f"GET /statements/{place}?{name}=*") for place in ("sent", "letters")
      for kind, name in (("entity", "entity"), ("account", "account"))),
    Ask("document number", "GET /statements/sent?number=*"),
    Ask("letter number", "GET /statements/letters?number=*"),
    Ask("document", "GET /statements/*.pdf"),
    Ask("letter", "GET /statements/letters/*.pdf"),
    Ask("letter", "GET /statements/documents/*"),
    Ask("document", "GET /statements/documents/*"),
    Ask("document", "GET /statements/documents/*/1.png"),
    *(Ask(kind, f"GET /statements/{place}?{name}=*") for place in ("emails", "print")
      for kind, name in (("entity", "entity"), ("sent run", "run"))),
    Ask("email", "POST /statements/emails/*/decide", YES | {"arrived": "yes"}),
    Ask("policy", "GET /statements/policies/*"),
    Ask("policy", "POST /statements/policies/*/draft", {}),
    Ask("policy", "POST /statements/policies/*/change", YES | STEP),
    Ask("policy", "POST /statements/policies/*/what_if", {"kind": "statements"}),
    Ask("policy", "POST /statements/policies/*/approve", YES | {"effective_from": "t+5"}),
    Ask("policy", "POST /statements/policies/*/retire", YES),
    Ask("print", "GET /statements/print/*"),
    *(Ask("print", f"GET /statements/print/*/{part}") for part in ("pdf", "json", "csv")),
    Ask("print", "POST /statements/print/*/hand", YES | {"to": "x"}),
    Ask("run", "GET /statements/runs/*"),
    Ask("run", "GET /statements/runs/*/audit"),
    Ask("free account", "GET /statements/runs/own run/audit?account=*"),
    Ask("account", "GET /statements/runs/own run?account=*"),
    Ask("run", "GET /statements/runs/*/look/own free account.pdf"),
    Ask("free account", "GET /statements/runs/own run/look/*.pdf"),
    Ask("run", "GET /statements/runs/*/look/own free account/1.png"),
    Ask("free account", "GET /statements/runs/own run/look/*/1.png"),
    Ask("run", "POST /statements/runs/*/mark", YES | {"account": "own free account", "fine": "yes"}),
    Ask("free account", "POST /statements/runs/own run/mark", YES | {"account": "*", "fine": "yes"}),
    Ask("run", "POST /statements/runs/*/drop", YES | {"account": "own free account", "remark": "x"}),
    Ask("free account", "POST /statements/runs/own run/drop", YES | {"account": "*", "remark": "x"}),
    *(Ask("run", f"POST /statements/runs/*/{act}", YES) for act in ("sign", "reopen", "release", "cancel")),
    Ask("edition", "GET /letters/receipt/en?version_of=*"),
    Ask("edition", "GET /letters/receipt/en/look.png?edition=*"),
    Ask("edition", "POST /letters/receipt/en", YES | {"draft": "*", "words": TEXT}),
    Ask("entity", "POST /letters/receipt/es", {"entity": "*", "words": SPANISH}),
    Ask("edition", "GET /letters/editions/*/preview.pdf"),
    Ask("edition", "POST /letters/editions/*/approve", YES | {"effective_from": "t+5"}),
    Ask("edition", "POST /letters/editions/*/retire", YES),
)  # fmt: skip
PAGES = (*DESK, *PAPERS, LEFT_BY_PAGE)
PLAIN = {"GET /letters", "GET /refusals", "GET /statements/policies", "GET /s/{}", "POST /s/{}",
         "POST /s/{}/pdf", "GET /s/{}/stop", "POST /s/{}/stop"}  # fmt: skip
"""Pages that take no id, and the links of statements, whose token is a right of its own."""
