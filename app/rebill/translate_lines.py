"""The border to `edi` for the lines of a claim: one more like another, one less; their order stays."""

from app.kernel.errors import Refused
from app.rebill.rules_edit import COPY, LINE, REMOVE, Edit
from edi.x837.edit import lines, with_element
from edi.x837.whole import Row, Whole

MOST = {"P": 50, "I": 999}
_ANSWERED = frozenset({"2430", "2440"})
"""Loops a new line does not take over: what another payer said to the line it is like."""


def changed(whole: Whole, edit: Edit) -> Whole:
    """The claim with one line more or less; `Refused` where that cannot be."""
    there = lines(whole)
    if not 1 <= edit.line <= len(there):
        raise Refused(f"The claim has no line {edit.line}.", code="no_line", field=LINE)
    if edit.value == REMOVE:
        return _without(whole, edit.line)
    if edit.value == COPY:
        return _with_copy(whole, edit.line)
    raise Refused("A line is copied or removed.", code="bad_value", field=LINE)


def _without(whole: Whole, number: int) -> Whole:
    there = lines(whole)
    if len(there) == 1:
        raise Refused("A claim has at least one line.", code="last_line", field=LINE)
    part = there[number - 1]
    return _numbered(whole._replace(claim=(*whole.claim[: part.start], *whole.claim[part.end :])))


def _with_copy(whole: Whole, number: int) -> Whole:
    there = lines(whole)
    if len(there) >= MOST.get(whole.kind, 50):
        raise Refused(f"A claim has at most {len(there)} lines.", code="too_many_lines", field=LINE)
    end = there[-1].end
    rows = [one for one in there[number - 1].rows if one.loop not in _ANSWERED and one.id != "PWK"]
    control = _free_control(whole)
    made = [with_element(one, 2, control) if _names_line(one) else one for one in rows]
    return _numbered(whole._replace(claim=(*whole.claim[:end], *made, *whole.claim[end:])))


def _names_line(one: Row) -> bool:
    return one.id == "REF" and one.at(1) == "6R" and one.loop == "2400"


def _free_control(whole: Whole) -> str:
    """A line control number no line has (REF*6R is unique in a claim)."""
    taken = {one.at(2) for one in whole.claim if _names_line(one)}
    number = len(lines(whole)) + 1
    while f"L{number}" in taken:
        number += 1
    return f"L{number}"


def _numbered(whole: Whole) -> Whole:
    """With LX counting 1, 2, 3."""
    number, made = 0, []
    for one in whole.claim:
        if one.id == "LX" and one.loop == "2400":
            number += 1
            one = with_element(one, 1, str(number))
        made.append(one)
    return whole._replace(claim=tuple(made))


def controls(whole: Whole) -> list[str]:
    """The line control number of each line in order; empty where it has none."""
    return [next((one.at(2) for one in part.rows if _names_line(one)), "") for part in lines(whole)]
