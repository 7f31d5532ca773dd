"""The policies of a claim: the one it is sent under and those beside it, and how they change places."""

from collections.abc import Sequence
from dataclasses import dataclass

from edi.x837.edit import first, insert, remove, with_element
from edi.x837.whole import Row, Rows, Whole

RANKS = "PSTABCDEFGHU"
WORDS = {"P": "primary", "S": "secondary", "T": "tertiary"}
SELF = "18"
PAYER_NUMBERS = ("2U", "EI", "FY", "NF")
BILLING_NUMBERS = ("G2", "LU")
"""Numbers a payer gave a provider: they belong to that payer and go where it goes."""
OTHER_ROLES = {
    "P": {"2310A": "2330C", "2310B": "2330D", "2310C": "2330E", "2310D": "2330F"},
    "I": {
        "2310A": "2330C", "2310B": "2330D", "2310C": "2330E", "2310E": "2330F", "2310D": "2330G",
        "2310F": "2330H",
    },
}  # fmt: skip
"""The loop in which another payer's numbers of a provider of the claim stand."""
BILLING_LOOP = {"P": "2330G", "I": "2330I"}


class CobError(ValueError):
    """A claim that cannot go to the next payer; `words` say why to a person."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def named(rank: str) -> str:
    """primary, secondary, tertiary, or `rank A`."""
    return WORDS.get(rank, f"rank {rank or '?'}")


@dataclass(frozen=True)
class Policy:
    """One payer of the claim with the policy holder. rows: its 2320 as another payer."""

    rank: str
    relationship: str
    payer_id: str
    answered: bool
    rows: Rows

    @staticmethod
    def of(rows: Rows) -> "Policy":
        """A policy from its 2320."""
        sbr, name = rows[0], first(rows, "2330B", "NM1", "PR")
        answered = any(one.id == "AMT" and one.loop == "2320" and one.at(1) in ("D", "A8") for one in rows)
        return Policy(sbr.at(1), sbr.at(2), name.at(9) if name else "", answered, rows)


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """A policy the claim does not name yet. rank: SBR01; relationship of the patient to its holder: SBR02."""

    rank: str
    relationship: str
    filing: str
    holder_last: str
    holder_first: str
    member_id: str
    payer_name: str
    payer_id: str
    payer_qualifier: str = "PI"
    group: str = ""
    group_name: str = ""
    msp_type: str = ""


def with_coverage(whole: Whole, one: Coverage) -> Whole:
    """The claim with this policy among its other payers, in its place by rank. CobError when it is there."""
    policies = [destination_of(whole), *_others(whole)]
    if one.rank not in RANKS or one.rank in [policy.rank for policy in policies]:
        raise CobError(f"The claim names a {named(one.rank)} payer already.")
    sbr = _row("2320", "SBR", one.rank, one.relationship, one.group, one.group_name, one.msp_type, "", "", "",
               one.filing)  # fmt: skip
    holder = _row(
        "2330A", "NM1", "IL", "1", one.holder_last, one.holder_first, "", "", "", "MI", one.member_id
    )
    payer = _row("2330B", "NM1", "PR", "2", one.payer_name, "", "", "", "", one.payer_qualifier, one.payer_id)
    loops = {policy.rank: policy.rows for policy in policies[1:]}
    loops[one.rank] = (sbr, _assignment(whole), holder, payer)
    return with_loops(whole, loops)


def with_loops(whole: Whole, loops: dict[str, Rows]) -> Whole:
    """The claim with these other payers, in the order of their ranks."""
    claim = whole.claim
    kept = [at for at, one in enumerate(claim) if one.loop[:3] not in ("232", "233")]
    before = [claim[at] for at in kept if claim[at].loop[:2] != "24"]
    after = [claim[at] for at in kept if claim[at].loop[:2] == "24"]
    middle = [one for rank in sorted(loops, key=RANKS.index) for one in loops[rank]]
    return whole._replace(claim=(*before, *middle, *after))


def _others(whole: Whole) -> list[Policy]:
    loops: list[list[Row]] = []
    for one in whole.claim:
        if one.loop == "2320" and one.id == "SBR":
            loops.append([])
        if loops and one.loop[:3] in ("232", "233"):
            loops[-1].append(one)
    return [Policy.of(tuple(rows)) for rows in loops]


def _row(loop: str, *elements: str) -> Row:
    kept = list(elements)
    while not kept[-1]:
        kept.pop()
    return Row(loop, tuple(kept))


def _assignment(whole: Whole) -> Row:
    """OI as CLM08 to CLM10 have it: benefits assigned, patient's signature, release."""
    clm = whole.claim[0]
    return _row("2320", "OI", "", "", clm.at(8), clm.at(10) if whole.kind == "P" else "", "", clm.at(9))


def destination_of(whole: Whole) -> Policy:
    """The policy the claim is sent under, written as another payer."""
    kind, rows = whole.kind, whole.subscriber
    sbr = first(rows, "2000B", "SBR") or Row("2000B", ("SBR",))
    patient = first(whole.patient, "2000C", "PAT")
    relationship = patient.at(1) if patient else sbr.at(2)
    policy = (sbr.at(1), relationship, sbr.at(3), sbr.at(4), sbr.at(5), "", "", "", sbr.at(9))
    made = [_row("2320", "SBR", *policy), _assignment(whole)]
    # The address of a holder who is the patient stands in the claim already.
    wanted = {"NM1", "REF"} if relationship == SELF else {"NM1", "REF", "N3", "N4"}
    holder = [one for one in rows if one.loop == "2010BA" and one.id in wanted]
    made += [Row("2330A", one.elements) for one in holder if one.id != "REF" or one.at(1) == "SY"]
    # The references of the destination that stand in the claim: authorization and referral are this payer's.
    payer = [one for one in rows if one.loop == "2010BB"]
    made += [Row("2330B", one.elements) for one in payer if one.id in ("NM1", "N3", "N4")]
    made += [Row("2330B", one.elements) for one in payer if one.id == "REF" and one.at(1) in PAYER_NUMBERS]
    for qualifier in ("G1", "9F"):
        found = first(whole.claim, "2300", "REF", qualifier)
        made += [Row("2330B", found.elements)] if found else []
    made += _providers(whole)
    numbers = [one for one in payer if one.id == "REF" and one.at(1) in BILLING_NUMBERS]
    if numbers:
        billing = first(whole.billing, "2010AA", "NM1", "85")
        loop = BILLING_LOOP.get(kind, "2330G")
        made.append(Row(loop, ("NM1", "85", billing.at(2) if billing else "2")))
        made += [Row(loop, one.elements) for one in numbers]
    # Subscriber before payer, whatever the order of the file.
    made = made[:2] + sorted(made[2:], key=lambda one: one.loop)
    return Policy.of(tuple(made))


def _providers(whole: Whole) -> list[Row]:
    """The numbers this payer gave the providers of the claim, as another payer's."""
    made: list[Row] = []
    for loop, there in OTHER_ROLES.get(whole.kind, {}).items():
        name: Row | None = None
        for one in whole.claim:
            if one.loop != loop:
                continue
            if one.id == "NM1":
                name = one
            elif one.id == "REF" and one.at(1) in BILLING_NUMBERS and name is not None:
                if not any(row.loop == there and row.at(1) == name.at(1) for row in made):
                    made.append(Row(there, ("NM1", name.at(1), name.at(2))))
                made.append(Row(there, one.elements))
    return made


def swapped(whole: Whole, policies: Sequence[Policy], letter: str) -> tuple[Whole, dict[str, Rows]]:
    """The claim under the policy of this rank, and the other payers by rank as their 2320."""
    loops = {one.rank: one.rows for one in policies if one.rank != letter}
    if policies[0].rank == letter:
        return whole, loops
    policy = next(one for one in policies if one.rank == letter)
    made = _under(whole, policy)
    return _claim_of(made, policy), loops


def _under(whole: Whole, policy: Policy) -> Whole:
    """2000B, 2010BA, 2010BB and 2000C as this policy has them."""
    sbr, is_self = policy.rows[0], policy.relationship == SELF
    holder = [one for one in policy.rows if one.loop == "2330A"]
    rows = [
        _row("2000B", "SBR", sbr.at(1), SELF if is_self else "", sbr.at(3), sbr.at(4), sbr.at(5), "", "", "",
             sbr.at(9))
    ]  # fmt: skip
    person = _person(whole)
    details = [one for one in whole.subscriber if one.loop == "2000B" and one.id == "PAT"]
    died = first(whole.patient, "2000C", "PAT") or (details[0] if details else None)
    if is_self and died is not None and any(died.elements[2:]):
        rows.append(Row("2000B", ("PAT", "", *died.elements[2:])))
    rows += [Row("2010BA", one.elements) for one in holder if one.id == "NM1"]
    if is_self:
        rows += [Row("2010BA", one.elements) for one in person if one.id in ("N3", "N4", "DMG")]
    else:
        rows += [Row("2010BA", one.elements) for one in holder if one.id in ("N3", "N4")]
    rows += [Row("2010BA", one.elements) for one in holder if one.id == "REF"]
    payer = [one for one in policy.rows if one.loop == "2330B"]
    rows += [Row("2010BB", one.elements) for one in payer if one.id in ("NM1", "N3", "N4")]
    rows += [Row("2010BB", one.elements) for one in payer if one.id == "REF" and one.at(1) in PAYER_NUMBERS]
    loop = BILLING_LOOP.get(whole.kind, "2330G")
    rows += [Row("2010BB", one.elements) for one in policy.rows if one.loop == loop and one.id == "REF"]
    if is_self:
        return whole._replace(subscriber=tuple(rows), patient=())
    pat = _row("2000C", "PAT", policy.relationship, *(died.elements[2:] if died else ()))
    return whole._replace(subscriber=tuple(rows), patient=(pat, *person))


def _person(whole: Whole) -> Rows:
    """Who was treated, as 2010CA: the patient, or the subscriber who is the patient."""
    if whole.patient:
        return tuple(one for one in whole.patient if one.loop == "2010CA" and one.at(1) != "Y4")
    made = []
    for one in whole.subscriber:
        if one.loop != "2010BA" or one.id not in ("NM1", "N3", "N4", "DMG"):
            continue
        made.append(Row("2010CA", one.elements))
        if one.id == "NM1":
            # The member id is the holder's under that policy, not the patient's under the next.
            made[-1] = _row("2010CA", "NM1", "QC", *one.elements[2:8])
    return tuple(made)


def _claim_of(whole: Whole, policy: Policy) -> Whole:
    """What of the claim itself is the destination's: its references, assignment and numbers of providers."""
    payer = [one for one in policy.rows if one.loop == "2330B"]
    for qualifier in ("G1", "9F"):
        whole = remove(whole, "2300", "REF", qualifier)
        found = first(payer, "2330B", "REF", qualifier)
        if found:
            whole = insert(whole, Row("2300", found.elements))
    oi = first(policy.rows, "2320", "OI")
    clm = whole.claim[0]
    for element, at in ((8, 3), (9, 6)):
        if oi is not None and oi.at(at):
            clm = with_element(clm, element, oi.at(at))
    rows: list[Row] = [clm]
    roles = OTHER_ROLES.get(whole.kind, {})
    for one in whole.claim[1:]:
        if one.loop in roles and one.id == "REF" and one.at(1) in BILLING_NUMBERS:
            continue
        rows.append(one)
    whole = whole._replace(claim=tuple(rows))
    for loop, there in roles.items():
        if first(whole.claim, loop, "NM1"):
            for one in policy.rows:
                if one.loop == there and one.id == "REF":
                    whole = insert(whole, Row(loop, one.elements))
    return whole
