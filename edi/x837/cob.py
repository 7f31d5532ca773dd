"""The claim for the next payer: what those before it said is carried along, to the cent (x12-837-rebill 5).

The policy the claim was sent under becomes another payer (2320, 2330), the next payer's 2320 becomes the
subscriber and destination (2000B, 2010BA, 2010BB), and every payer that answered gets its amounts: 2320 and
2330B for the claim, 2430 for the lines. What does not balance is refused (`CobError`), never repaired.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from edi.findings import money
from edi.x835.writer import amount
from edi.x837.edit import Part, head, lines, others, with_element
from edi.x837.facts import cents_of
from edi.x837.policies import RANKS, CobError, Policy, destination_of, named, swapped
from edi.x837.resubmit import as_new
from edi.x837.whole import COMPONENT, Row, Rows, Whole

__all__ = ["Adjusted", "CobError", "LineAnswer", "PayerAnswer", "bill_next", "unbalanced"]

Adjusted = tuple[str, str, int, str | None]
"""Group, CARC, cents as the payer wrote them, quantity (empty or None: none)."""
TRIPLETS, SEGMENTS = 6, 5  # of a CAS, and CAS of one loop (R837-22)
CHARGE = {"SV1": 2, "SV2": 3, "SV3": 2}
UNITS = {"SV1": 4, "SV2": 5, "SV3": 6}
PROCEDURE = {"SV1": 1, "SV2": 2, "SV3": 1}


@dataclass(frozen=True)
class LineAnswer:
    """What a payer did with one of our lines, or with a part of it. Amounts in cents.

    qualifier, code, modifiers: the procedure it paid; ours when code is empty. bundled_into: the number of
    our line it was folded into. remaining: what the patient still owes after this payer; None or 0 is not
    told.
    """

    paid: int
    qualifier: str = ""
    code: str = ""
    modifiers: Sequence[str] = ()
    revenue: str = ""
    units: str = ""
    adjustments: Sequence[Adjusted] = ()
    bundled_into: int | None = None
    remaining: int | None = None


@dataclass(frozen=True)
class PayerAnswer:
    """What one payer did with the claim, from its newest remit (R837-23).

    payer_id, qualifier (PI, XV), name: as 2330B and SVD01 say them. control: its claim number (CLP07). paid:
    CLP04. paid_on: BPR16. lines: by our line number from 1; empty when it answered for the claim only
    (R837-20). moa, mia: the segments as sent. replaced: it came in place of an earlier answer (REF*T4).
    rank: P, S, T …; empty finds the policy by payer_id. remaining: for a claim without lines.
    """

    payer_id: str
    qualifier: str
    name: str
    control: str
    paid: int
    paid_on: date
    adjustments: Sequence[Adjusted] = ()
    lines: Mapping[int, LineAnswer | Sequence[LineAnswer]] = field(default_factory=dict)
    moa: Sequence[str] = ()
    mia: Sequence[str] = ()
    replaced: bool = False
    rank: str = ""
    remaining: int | None = None

    def parts(self, line: int) -> Sequence[LineAnswer]:
        """Its answers to one line: none, one, or several where it split the line."""
        found = self.lines.get(line, ())
        return (found,) if isinstance(found, LineAnswer) else found


def bill_next(whole: Whole, answers: Sequence[PayerAnswer], *, next_rank: str | int, control: str) -> Whole:
    """The claim to the payer of `next_rank` (P, S, T, A to H, or its number from 1), frequency 1.

    answers: of every payer before it that has not been told in this claim yet. CobError in words when the
    claim names no such payer, an answer is missing, or the amounts do not add up.
    """
    letter = RANKS[next_rank - 1 :][:1] if isinstance(next_rank, int) else next_rank
    policies = [destination_of(whole), *(Policy.of(part.rows) for part in others(whole))]
    if letter not in [one.rank for one in policies]:
        raise CobError(f"The claim names no {named(letter)} payer; add the coverage first.")
    before = RANKS[: RANKS.index(letter)]
    told = _told(policies, answers, before)
    for one in answers:
        wrong = unbalanced(whole, one)
        if wrong:
            raise CobError(wrong)
    for policy in policies:
        if policy.rank in before and policy.rank not in told and not policy.answered:
            raise CobError(f"The answer of the {named(policy.rank)} payer is missing.")
    made, loops = swapped(as_new(whole, control), policies, letter)
    for rank, one in told.items():
        loops[rank] = _adjudicated(whole.kind, loops[rank], one)
    # Answers these payers gave before go; one company may be two payers of a claim, and the other's stay.
    stay = {policy.payer_id for policy in policies if policy.answered and policy.rank not in told}
    gone = {policy.payer_id for policy in policies if policy.rank in told}
    gone |= {one.payer_id for one in told.values()}
    loops = dict(sorted(loops.items(), key=lambda item: RANKS.index(item[0])))
    body = _lines(whole, told, gone - stay)
    return made._replace(claim=(*head(made).rows, *(one for rows in loops.values() for one in rows), *body))


def _told(policies: Sequence[Policy], answers: Sequence[PayerAnswer], before: str) -> dict[str, PayerAnswer]:
    """Each answer under the rank of its policy, which is one of `before`."""
    ranks = [one.rank for one in policies]
    if len(set(ranks)) != len(ranks) or not set(ranks) <= set(RANKS):
        raise CobError("Two payers of the claim have the same rank, or one has none (SBR01).")
    found: dict[str, PayerAnswer] = {}
    for one in answers:
        fits = [rank for rank in ranks if rank in before and rank not in found]
        if one.rank:
            fits = [rank for rank in fits if rank == one.rank]
        else:
            fits = [
                policy.rank for policy in policies if policy.rank in fits and policy.payer_id == one.payer_id
            ]
        if not fits:
            raise CobError("An answer is of a payer the claim does not name.")
        found[min(fits, key=RANKS.index)] = one
    return found


# ---------------------------------------------------------------- balance


def charges(whole: Whole) -> list[int]:
    """What each line was billed at, in cents."""
    return [
        sum(cents_of(one.at(CHARGE[one.id])) for one in part.rows if one.id in CHARGE)
        for part in lines(whole)
    ]


def unbalanced(whole: Whole, answer: PayerAnswer) -> str:
    """Why an answer does not add up to the claim, in words; empty when it does (section 5, 1 to 3)."""
    billed, total = charges(whole), cents_of(whole.claim[0].at(2))
    unknown = [number for number in answer.lines if not 1 <= number <= len(billed)]
    if unknown:
        return f"The payer answered line {unknown[0]}, which the claim does not have."
    above = sum(cents for _, _, cents, _ in answer.adjustments)
    paid = adjusted = 0
    for number, charge in enumerate(billed, 1):
        parts = answer.parts(number)
        line = sum(part.paid for part in parts)
        taken = sum(cents for part in parts for _, _, cents, _ in part.adjustments)
        paid, adjusted = paid + line, adjusted + taken
        bundled = any(part.bundled_into for part in parts)
        if parts and not bundled and charge != line + taken:
            return (
                f"Line {number}: {money(charge)} was billed, but {money(line)} paid and {money(taken)} "
                f"adjusted make {money(line + taken)}."
            )
    if total != answer.paid + above + adjusted:
        made = answer.paid + above + adjusted
        return f"The claim is {money(total)}, but what the payer paid and adjusted makes {money(made)}."
    if answer.lines and answer.paid != paid - above:
        return f"The payer paid {money(answer.paid)} for the claim, but {money(paid - above)} for its lines."
    return ""


# ---------------------------------------------------------------- the answer as segments


def _cas(loop: str, adjustments: Sequence[Adjusted]) -> list[Row]:
    """Groups in the order they came, each together, six triplets a segment, verbatim (R837-21, 22)."""
    order = list(dict.fromkeys(group for group, _, _, _ in adjustments))
    together = sorted(adjustments, key=lambda one: order.index(one[0]))
    made: list[Row] = []
    for group, same in groupby(together, key=lambda one: one[0]):
        listed = list(same)
        for at in range(0, len(listed), TRIPLETS):
            elements = ["CAS", group]
            for _, reason, cents, quantity in listed[at : at + TRIPLETS]:
                elements += [reason, amount(cents), quantity or ""]
            while not elements[-1]:
                elements.pop()
            made.append(Row(loop, tuple(elements)))
    if len(made) > SEGMENTS:
        raise CobError("A payer gave more adjustments than a claim can carry (five CAS of six).")
    return made


def _adjudicated(kind: str, rows: Rows, answer: PayerAnswer) -> Rows:
    """The 2320 of a payer with what it said; its SBR, OI and names stay."""
    kept = [one for one in rows if not (one.loop == "2320" and one.id in ("CAS", "AMT", "MIA", "MOA"))]
    kept = [one for one in kept if not (one.loop == "2330B" and (one.id == "DTP" or _told_number(one)))]
    made = _cas("2320", answer.adjustments) + [Row("2320", ("AMT", "D", amount(answer.paid)))]
    if not answer.lines:
        owed = sum(cents for group, _, cents, _ in answer.adjustments if group == "PR")
        left = answer.remaining if answer.remaining is not None else owed
        made += [Row("2320", ("AMT", "EAF", amount(left)))] if left else []
    sbr = [one for one in kept if one.id == "SBR"]
    oi = [one for one in kept if one.id == "OI"]
    remarks = [_remark("MIA", answer.mia)] if kind == "I" and answer.mia else []
    remarks += [_remark("MOA", answer.moa)] if answer.moa else []
    by_loop: dict[str, list[Row]] = {}
    for one in kept:
        if one.loop != "2320":
            by_loop.setdefault(one.loop, []).append(one)
    payer = _payer(by_loop.pop("2330B", []), answer)
    subscriber = by_loop.pop("2330A", [])
    rest = [one for listed in by_loop.values() for one in listed]
    return (*sbr, *made, *oi, *remarks, *subscriber, *payer, *rest)


def _told_number(one: Row) -> bool:
    return one.id == "REF" and one.at(1) in ("F8", "T4")


def _remark(id: str, elements: Sequence[str]) -> Row:
    given = list(elements[1:] if elements[0] == id else elements)
    while given and not given[-1]:
        given.pop()
    return Row("2320", (id, *given))


def _payer(rows: Sequence[Row], answer: PayerAnswer) -> list[Row]:
    """2330B: the name, its address, the day when no line has one, references, its own numbers last."""
    address = [one for one in rows if one.id in ("N3", "N4")]
    references = [one for one in rows if one.id == "REF"]
    elements = ["NM1", "PR", "2", answer.name, "", "", "", "", answer.qualifier, answer.payer_id]
    made = [Row("2330B", tuple(elements)), *address]
    if not answer.lines:
        made.append(Row("2330B", ("DTP", "573", "D8", f"{answer.paid_on:%Y%m%d}")))
    made += references
    made += [Row("2330B", ("REF", "T4", "Y"))] if answer.replaced else []
    made += [Row("2330B", ("REF", "F8", answer.control))] if answer.control else []
    return made


def _lines(whole: Whole, told: Mapping[str, PayerAnswer], gone: set[str]) -> list[Row]:
    """The service lines with the answers to each, payers in their order; answers of others stay."""
    parts = lines(whole)
    names = [part.rows[0].at(1) for part in parts]
    made: list[Row] = []
    for part in parts:
        before, after, kept = _open(part, gone)
        new = [
            one
            for rank in sorted(told, key=RANKS.index)
            for said in told[rank].parts(part.number)
            for one in _adjudication(told[rank], said, before, names)
        ]
        first_told = min((RANKS.index(rank) for rank in told), default=0)
        made += before + (kept + new if first_told else new + kept) + after
    return made


def _open(part: Part, gone: set[str]) -> tuple[list[Row], list[Row], list[Row]]:
    """A line without the answers of these payers: what comes before answers, after them, and the others."""
    before: list[Row] = []
    after: list[Row] = []
    kept: list[Row] = []
    dropping = False
    for one in part.rows:
        if one.loop == "2430":
            dropping = one.at(1) in gone if one.id == "SVD" else dropping
            kept += [] if dropping else [one]
        else:
            (after if one.loop == "2440" else before).append(one)
    return before, after, kept


def _adjudication(
    answer: PayerAnswer, said: LineAnswer, line: Sequence[Row], names: Sequence[str]
) -> list[Row]:
    """SVD, CAS, the day and what is left: one 2430."""
    service = next((one for one in line if one.id in CHARGE), Row("2400", ("SV1",)))
    if said.code:
        procedure = COMPONENT.join((said.qualifier or "HC", said.code, *said.modifiers)).rstrip(COMPONENT)
    else:
        procedure = COMPONENT.join(service.at(PROCEDURE[service.id]).split(COMPONENT)[:6])
    units = said.units or service.at(UNITS[service.id])
    revenue = said.revenue or (service.at(1) if service.id == "SV2" else "")
    into = names[said.bundled_into - 1] if said.bundled_into and said.bundled_into <= len(names) else ""
    svd = Row("2430", ("SVD", answer.payer_id, amount(said.paid), procedure, revenue, units))
    made = [with_element(svd, 6, into), *_cas("2430", said.adjustments)]
    made.append(Row("2430", ("DTP", "573", "D8", f"{answer.paid_on:%Y%m%d}")))
    return made + ([Row("2430", ("AMT", "EAF", amount(said.remaining)))] if said.remaining else [])
