"""Two people at one plan: whoever saw it first decides, the other one looks again."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest

from app.kernel.errors import NotAllowed, Stale
from app.kernel.work import Work, work
from app.plans import service, service_agreement, service_autopay, service_change
from app.plans.service import Wish
from app.plans.service_change import Consent
from tests import planning
from tests.conftest import House
from tests.planning import CLERK, MADE

Verb = Callable[[Work, str, int], Any]
SIGNED, WISH = Consent(MADE, "Bea"), Wish(count=2, first_due=date(2026, 7, 1))
VERBS: dict[str, Verb] = {
    "activate": lambda w, key, v: service.activate(w, key, v, signed_on=MADE, witness="Bea"),
    "cancel": lambda w, key, v: service.cancel(w, key, v, reason="x"),
    "change": lambda w, key, v: service_change.change(w, key, v, WISH, SIGNED),
    "add": lambda w, key, v: service_change.add(w, key, v, WISH, SIGNED),
    "re_establish": lambda w, key, v: service_change.re_establish(w, key, v, WISH, SIGNED, reason="x"),
    "write": lambda w, key, v: service_agreement.write(w, key, v),
    "authorise": lambda w, key, v: service_autopay.authorise(
        w, key, v, card="0" * 20, signed_on=MADE, witness="Bea"
    ),
    "stop": lambda w, key, v: service_autopay.stop(w, key, v, reason="x"),
}


def test_every_verb_refuses_a_version_somebody_changed(house: House) -> None:
    with planning.on(MADE):
        plan = planning.draft(planning.owing("300.00"), 3)
        version = planning.view(plan).version
        for name, verb in VERBS.items():
            with pytest.raises(Stale), work(CLERK) as w:
                verb(w, plan, version + 1)
            assert planning.view(plan).version == version, name


def test_of_two_clerks_who_note_the_signature_one_does(house: House) -> None:
    with planning.on(MADE):
        account = planning.owing("300.00")
        drafts = [planning.draft(account, 3), planning.draft(account, 6)]
        for plans in ([drafts[0], drafts[0]], [drafts[1], drafts[1]]):
            together = Barrier(2)

            def sign(plan: str, together: Barrier = together) -> str:
                together.wait()
                try:
                    with work(CLERK) as w:
                        VERBS["activate"](w, plan, 1)
                except (Stale, NotAllowed) as refused:
                    return refused.code
                return "done"

            with ThreadPoolExecutor(2) as people:
                answers = list(people.map(sign, plans))
            assert answers.count("done") == (1 if plans[0] == drafts[0] else 0), answers
