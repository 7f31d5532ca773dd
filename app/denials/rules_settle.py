"""What a batch of posted claims does to denial cases: opens, pays, reverses, counts rounds. Pure.

The cases of the claims concerned are loaded once, changed in memory claim by claim, and written once.
"""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from datetime import date

from app.denials import rules, rules_deadlines
from app.denials.lifecycle import Origin, State
from app.denials.rules import Reader, Reading
from app.denials.rules_cases import (
    MOVED,
    REVERSED,
    TWIN,
    UNDONE,
    Around,
    Case,
    Item,
    LineKey,
    PaidLine,
    Present,
    plain_code,
)
from app.kernel.money import Money
from app.payers.rules import Terms
from app.remits.rules import Posted, PostedAdjustment, PostedClaim, PostedLine

REVERSAL, PREDETERMINATION = "22", "25"
APPEALED = frozenset({State.APPEAL_SENT.value, State.ACKNOWLEDGED.value})


def settle(posted: Posted, cases: Iterable[Case], around: Around) -> list[Case]:
    """Play a batch over the cases of its claims; returns every case that is new or changed, in a stable
    order.

    A status 22 ends the cases of the adjudication it reverses; a payment on a denied line counts as
    recovered and ends the case (RDEN-06); a refusal opens a case (RDEN-01) or, when the same claim, line and
    CARC was refused before by this payer, the next round of its case (RDEN-04).
    """
    by_claim: dict[int, list[Case]] = {}
    for case in cases:
        by_claim.setdefault(case.claim_id, []).append(case)
    readers: dict[str, Reader] = {}
    taken_back = set(around.taken_back)
    for claim in posted.claims:
        known = by_claim.setdefault(claim.claim_id, [])
        if claim.status == PREDETERMINATION:
            continue
        if claim.status == REVERSAL:
            if claim.paid < 0:
                taken_back.add(claim.claim_id)
            _reverse(claim, known)
            continue
        terms = around.terms[posted.payer_id, claim.filing]
        reader = readers.setdefault(
            f"{terms.payer_class}|{claim.filing}",
            Reader(posted.book, terms.payer_class, claim.filing, around.plays),
        )
        items = _refusals(claim, reader)
        _stake(claim, [item for _, item in items], terms, around.prices)
        late = claim.claim_id in taken_back
        for case in _deny(posted, claim, items, known, terms):
            if late:
                case.origin = Origin.POST_PAYMENT.value
            _close_twins(case, claim, around)
    paid = payments_of(posted, around, {claim_id for claim_id, group in by_claim.items() if group})
    last = {claim.claim_id: claim.remit_claim_id for claim in posted.claims}
    for claim_id, group in by_claim.items():
        for case in group:
            answer(case, paid.get(claim_id, ()), last[claim_id])
    return [case for group in by_claim.values() for case in group if case.fresh or case.touched]


def perhaps_refused(posted: Posted) -> list[PostedClaim]:
    """The claims with an adjustment that may open a case: the others need no look around."""
    doubtful: dict[str, bool] = {}

    def doubt(carc: str) -> bool:
        if carc not in doubtful:
            known = posted.book.carc(carc)
            doubtful[carc] = known.opens_denial or known.reads_as == "45"
        return doubtful[carc]

    return [
        claim
        for claim in posted.claims
        if claim.status not in (REVERSAL, PREDETERMINATION)
        and (
            any(doubt(one.carc) and one.carc != "45" for one in claim.adjustments)
            or any(_perhaps(line, doubt) for line in claim.lines)
        )
    ]


def _perhaps(line: PostedLine, doubt: Callable[[str], bool]) -> bool:
    return any(doubt(one.carc) and (one.carc != "45" or one.cents == line.charge) for one in line.adjustments)


# ---------------------------------------------------------------- reversal and payment


def _reverse(claim: PostedClaim, known: Sequence[Case]) -> None:
    for case in known:
        mine = claim.reverses in (case.remit_claim_id, case.latest_remit_claim_id)
        if mine and (case.is_open or case.outcome in MOVED):
            case.close("reverse", REVERSED, claim.remit_claim_id)


def payments_of(posted: Posted, around: Around, wanted: Container[int]) -> dict[int, list[PaidLine]]:
    """The payments in force on the wanted claims: those known before and those the batch brings.

    What only an EOB says was paid is none of them: nothing is recovered before the money is here.
    """
    reversed_here = {claim.reverses for claim in posted.claims if claim.reverses is not None}
    found: dict[int, dict[tuple[int, LineKey | None], PaidLine]] = {}
    for claim_id, lines in around.paid.items():
        found[claim_id] = {(one.remit_claim_id, one.line): one for one in lines}
    for claim in posted.claims:
        if posted.cash and claim.claim_id in wanted and claim.status not in (REVERSAL, PREDETERMINATION):
            for one in _paid_lines(claim, posted.remit_date):
                found.setdefault(claim.claim_id, {})[one.remit_claim_id, one.line] = one
    return {
        claim_id: [one for one in lines.values() if one.remit_claim_id not in reversed_here]
        for claim_id, lines in found.items()
    }


def _paid_lines(claim: PostedClaim, on: date) -> list[PaidLine]:
    if not claim.lines:
        return [PaidLine(None, claim.paid, claim.remit_claim_id, on)] if claim.paid > 0 else []
    beside = _ids(claim)
    return [
        PaidLine(_key(line), line.paid, claim.remit_claim_id, on, beside)
        for line in claim.lines
        if line.paid > 0
    ]


def answer(case: Case, paid: Sequence[PaidLine], by: int) -> None:
    """Let the payments in force say what came of a case (RDEN-06); asking again changes nothing.

    What came on its lines since the first refusal is recovered; what came since the newest one ends the case,
    unless another of its lines still waits. A payment that is no longer in force is recovered no more.
    """
    if case.outcome in (UNDONE, TWIN) or case.denied_on is None:
        return
    items = case.now_items()
    first = case.first_denied_on or case.denied_on
    mine = {item.remit_claim_id for item in case.items if not item.withdrawn}
    came = [one for one in paid if one.on >= first and one.remit_claim_id not in mine and _pays(one, items)]
    recovered, before = sum(one.cents for one in came), case.recovered
    since = [one for one in came if one.on >= case.denied_on]
    case.recovered = recovered
    outcome = rules.overturned(Money(recovered), Money(case.at_stake))
    if (
        case.is_open
        and since
        and (outcome == "overturned_full" or all(_pays_any(since, item) for item in items))
    ):
        case.close("pay", outcome, by)
    elif recovered != before:
        case.touch("part_paid" if recovered > before else "taken_back", by)
        if not case.is_open and (case.outcome or "").startswith("overturned"):
            case.outcome = outcome if since else REVERSED


def take_up_again(case: Case, paid: Sequence[PaidLine]) -> None:
    """A posting was undone: what came is counted anew; a case that nothing answers any more opens again."""
    before = case.outcome or ""
    answer(case, paid, 0)
    if case.outcome == REVERSED and before.startswith("overturned"):
        case.state, case.outcome = State.NEW.value, None


def _pays(one: PaidLine, items: Sequence[Item]) -> bool:
    return any(_pays_any([one], item) for item in items)


def _pays_any(paid: Sequence[PaidLine], item: Item) -> bool:
    return any(
        one.line is None or item.remit_line_id is None or _same(one.line, item.line, one.beside)
        for one in paid
    )


def _key(line: PostedLine) -> LineKey:
    return line.claim_line_id, plain_code(line.code)


def _ids(claim: PostedClaim) -> Present:
    return frozenset(line.claim_line_id for line in claim.lines if line.claim_line_id is not None)


def _same(line: LineKey, other: LineKey, present: Present) -> bool:
    """Are these the same service? A replacement has lines of its own; then the code has to tell.

    Two lines that stand in one remit side by side are two services, whatever their codes say.
    """
    if line[0] is not None and line[0] == other[0]:
        return True
    if line[0] in present and other[0] in present:
        return False
    return line[1] == other[1]


# ---------------------------------------------------------------- refusals


def _refusals(claim: PostedClaim, reader: Reader) -> list[tuple[Reading, Item]]:
    found: list[tuple[Reading, Item]] = []
    for line in claim.lines:
        for one in line.adjustments:
            if one.cents > 0 and not reader.silent(one.carc):
                remarks = line.remarks + tuple(code for code in claim.remarks if code not in line.remarks)
                whole = one.cents == line.charge and line.paid == 0
                if (reading := reader.read(one.group, one.carc, remarks, whole=whole)) is not None:
                    found.append((reading, _item(claim, line, one, remarks)))
    for one in claim.adjustments:
        if one.cents > 0:
            whole = one.cents == claim.charge and claim.paid == 0
            if (reading := reader.read(one.group, one.carc, claim.remarks, whole=whole)) is not None:
                found.append((reading, _item(claim, None, one, claim.remarks)))
    return found


def _item(claim: PostedClaim, line: PostedLine | None, one: PostedAdjustment, remarks: Sequence[str]) -> Item:
    return Item(
        address=one.address,
        remit_claim_id=claim.remit_claim_id,
        remit_line_id=line.remit_line_id if line else None,
        line=_key(line) if line else (None, ""),
        round=1,
        group=one.group,
        carc=one.carc,
        rarcs=" ".join(remarks)[:80],
        charge=line.charge if line else claim.charge,
        cents=one.cents,
        element=one.element,
        byte=one.byte,
    )


def _stake(claim: PostedClaim, items: Sequence[Item], terms: Terms, prices: Mapping[int, Money]) -> None:
    """Give each item its part of what its line (or claim) should bring.

    A line refused twice is at stake once.
    """
    if not items:
        return
    lines = {line.remit_line_id: line for line in claim.lines}
    by_line: dict[int | None, list[Item]] = {}
    for item in items:
        by_line.setdefault(item.remit_line_id, []).append(item)
    for line_id, group in by_line.items():
        line = lines[line_id] if line_id is not None else claim
        share = sum(a.cents for a in line.adjustments if a.group == "PR" and a.carc in rules.PLAIN_SHARE)
        denied = [item.cents for item in group]
        key = line.claim_line_id if isinstance(line, PostedLine) and claim.rank == 1 else None
        price = None if key is None else prices.get(key)
        money = (Money(line.charge), Money(sum(denied)), Money(share), Money(line.paid))
        stake = rules.at_stake(*money, terms.allowed_ratio, price=price)
        for item, part in zip(group, stake.split(denied), strict=True):
            item.stake = int(part)


def _deny(
    posted: Posted,
    claim: PostedClaim,
    found: Sequence[tuple[Reading, Item]],
    known: list[Case],
    terms: Terms,
) -> list[Case]:
    """Put each refusal into its case: the one refused before, the one of this category, or a new one."""
    if not found:
        return []
    seen = {item.address for case in known for item in case.items if not item.withdrawn}
    dormant = {item.address for case in known for item in case.items if item.withdrawn}
    groups: dict[int, tuple[Case, list[tuple[Reading, Item]]]] = {}
    for reading, item in found:
        if item.address in seen:
            continue
        item.fresh = item.address not in dormant
        case = _refused_before(known, posted.payer_id, item, _ids(claim)) or _same_category(
            known, claim, reading
        )
        if case is None:
            case = Case(
                claim.claim_id, claim.remit_claim_id, claim.remit_claim_id, posted.payer_id, reading.category
            )
            known.append(case)
        groups.setdefault(id(case), (case, []))[1].append((reading, item))
    taken = []
    for case, group in groups.values():
        if case.denied_on is not None and posted.remit_date < case.denied_on and _is_another(case, claim):
            _take_earlier(posted, claim, case, [item for _, item in group])
        else:
            _take(posted, claim, case, group, terms)
            taken.append(case)
    return taken


def _is_another(case: Case, claim: PostedClaim) -> bool:
    return bool(case.now_items()) and case.latest_remit_claim_id != claim.remit_claim_id


def _take_earlier(posted: Posted, claim: PostedClaim, case: Case, items: Sequence[Item]) -> None:
    """An older refusal arrives after a newer one: it is the earlier round, and the case stays as it
    stands.
    """
    for item in case.now_items():
        item.round, item.taken = item.round + 1, True
    for item in items:
        item.round, item.taken = case.round, True
        case.items.append(item)
    case.round += 1
    case.first_denied_on = min(case.first_denied_on or posted.remit_date, posted.remit_date)
    case.touch("earlier_round", claim.remit_claim_id)


def _refused_before(known: Sequence[Case], payer_id: int | None, item: Item, present: Present) -> Case | None:
    for case in reversed(known):
        if case.payer_id != payer_id or case.outcome in (UNDONE, TWIN):
            continue
        for old in case.items:
            earlier = old.remit_claim_id != item.remit_claim_id and not old.withdrawn
            if earlier and old.carc == item.carc and _same(item.line, old.line, present):
                return case
    return None


def _same_category(known: Sequence[Case], claim: PostedClaim, reading: Reading) -> Case | None:
    wanted = (claim.remit_claim_id, reading.category)
    return next((case for case in known if (case.remit_claim_id, case.category) == wanted), None)


def _take(
    posted: Posted, claim: PostedClaim, case: Case, group: Sequence[tuple[Reading, Item]], terms: Terms
) -> None:
    """Make the case one of this adjudication, with the refusals of a group."""
    again = _is_another(case, claim)
    if again:
        case.round += 1
        # Refused again while an appeal was out: that is its answer, and the next level opens.
        case.level = case.level + 1 if case.state in APPEALED else max(case.level, 1)
    reading, lead = max(group, key=lambda one: (one[1].cents, -one[1].address))
    addresses = {item.address for _, item in group}
    case.items = [item for item in case.items if item.address not in addresses]
    for _, item in group:
        item.round, item.taken = case.round, True
        case.items.append(item)
    case.touch("open" if case.fresh and not again else "deny_again", claim.remit_claim_id)
    case.state, case.outcome = State.NEW.value, None
    case.latest_remit_claim_id, case.patient_id = claim.remit_claim_id, claim.patient_id
    case.reading, case.group = reading, lead.group
    case.payer_class, case.filing = terms.payer_class, claim.filing
    case.denied = sum(item.cents for item in case.now_items())
    case.at_stake = sum(item.stake for item in case.now_items())
    case.service_from, case.denied_on = claim.service_from, posted.remit_date
    case.first_denied_on = min(case.first_denied_on or posted.remit_date, posted.remit_date)
    case.patient_hold = any(
        rules.holds_patient(item.group, item.carc, review=terms.pr_denial_review) for item in case.now_items()
    )
    found = rules_deadlines.clocks(
        reading,
        terms,
        level=max(case.level, 1),
        remit_date=posted.remit_date,
        service_from=claim.service_from,
    )
    case.deadline, case.level = found.nearest, found.level
    case.appeal_by, case.file_by = found.appeal_by, found.file_by


def _close_twins(case: Case, claim: PostedClaim, around: Around) -> None:
    """A duplicate whose twin is paid or pending is a true duplicate and needs nobody (RDEN-05)."""
    if case.category != "duplicate" or case.state != State.NEW.value:
        return
    here = {plain_code(line.code) for line in claim.lines if line.paid > 0}
    before = {one.line[1] for one in around.paid.get(claim.claim_id, ()) if one.line is not None}
    elsewhere = {code for claim_id, code in around.twins if claim_id == claim.claim_id}
    twins = here | before | elsewhere
    items = case.now_items()
    if items and all(item.carc in rules.DUPLICATES and item.line[1] in twins for item in items):
        case.close("pay", TWIN, claim.remit_claim_id)
