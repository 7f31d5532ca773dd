"""The remits of a claim in any order of import leave its denial cases as the right order does."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from app.denials.rules_cases import Around, Case, PaidLine, plain_code
from app.denials.rules_settle import settle
from app.payers.rules import Terms, make_terms
from app.remits.rules import PostedClaim
from tests.app.denials.batches import REMIT_DAY, a_batch, a_claim, a_line

TERMS: dict[tuple[int | None, str], Terms] = {(None, "12"): make_terms("commercial", REMIT_DAY)}
Told = tuple[date, PostedClaim]


def play(remits: list[Told]) -> list[tuple[object, ...]]:
    """Post one remit after another as the service does, and say how the cases end."""
    cases: list[Case] = []
    paid: list[PaidLine] = []
    for day, claim in remits:
        around = Around(TERMS, paid={claim.claim_id: paid})
        for case in settle(a_batch([claim], on=day), cases, around):
            if case.fresh:
                case.id = len(cases) + 1
                cases.append(case)
            case.fresh, case.touched, case.before, case.reading = False, [], case.state, None
            for item in case.items:
                item.fresh = item.taken = False
        paid += [
            PaidLine((line.claim_line_id, plain_code(line.code)), line.paid, claim.remit_claim_id, day)
            for line in claim.lines
            if line.paid > 0
        ]
    return sorted(
        (
            case.category,
            case.round,
            case.state,
            case.outcome,
            case.recovered,
            str(case.denied_on),
            case.denied,
        )
        for case in cases
    )


def refused(key: int, day: date, cas: str = "CO*16*200") -> Told:
    return day, a_claim(a_line("99214", "200", "0", cas, key=key, rarc="M76"))


STORIES: dict[str, list[Told]] = {
    "refused, then paid": [
        refused(1, date(2026, 1, 16)),
        (date(2026, 3, 2), a_claim(a_line("99214", "200", "95", key=2))),
    ],
    "refused twice": [refused(1, date(2026, 1, 16)), refused(2, date(2026, 3, 2))],
    "refused three times": [refused(key, date(2026, key, 2)) for key in (1, 2, 3)],
    "refused twice, then paid in part": [
        refused(1, date(2026, 1, 16)),
        refused(2, date(2026, 3, 2)),
        (date(2026, 5, 4), a_claim(a_line("99214", "200", "40", key=3))),
    ],
    "refused for two reasons, one of them again": [
        refused(1, date(2026, 1, 16), "CO*16*120 CO*50*80"),
        refused(2, date(2026, 3, 2)),
    ],
    "another line paid": [
        refused(1, date(2026, 1, 16)),
        (date(2026, 3, 2), a_claim(a_line("93000", "100", "40", "CO*45*60", key=5))),
    ],
}


@settings(max_examples=150)
@given(st.data(), st.sampled_from(sorted(STORIES)))
def test_any_order_of_import_ends_the_same(data: st.DataObject, story: str) -> None:
    remits = STORIES[story]
    assert play(data.draw(st.permutations(remits))) == play(remits)


@given(st.sampled_from(sorted(STORIES)))
def test_importing_everything_twice_ends_the_same(story: str) -> None:
    remits = STORIES[story]
    assert play([*remits, *remits]) == play(remits)
