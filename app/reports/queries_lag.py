"""How long things take per payer: service to first sending, sending to first remit, remit to posting.

Counted over the first remits of the period as histograms: the database groups by days, the percentiles come
of its few rows. The remit's day is the one its payer dated it, the posting's day the one we recorded it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Select, cast, func, select

from app.kernel.db import table_of
from app.kernel.errors import Refused
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work
from app.remits.models import Remit, RemitClaim
from app.reports.queries import View, claim, patient, payer, version
from app.reports.queries_denials import firsts
from app.reports.rules import Spread, spread

_remit, _remit_claim = table_of(Remit), table_of(RemitClaim)
STAGES = {
    "billed": "Service to billed",
    "remitted": "Billed to remit",
    "posted": "Remit to posted",
    "whole": "Service to posted",
}
ROW_FILTERS = ("payer", "stage")


@dataclass(frozen=True, slots=True)
class LagRow:
    """How long one payer's claims took, by stage."""

    key: str
    name: str
    stages: dict[str, Spread]

    @property
    def count(self) -> int:
        """Claims with a first remit from this payer."""
        return max(one.count for one in self.stages.values())


def _days(w: Work) -> dict[str, Any]:
    service = func.coalesce(claim.c.service_to, claim.c.service_from)
    recorded = (
        func.date(_remit.c.recorded_at)
        if w.db.dialect.name == "sqlite"
        else cast(func.timezone("UTC", _remit.c.recorded_at), Date)
    )
    remitted = func.coalesce(_remit.c.produced, _remit.c.issued, _remit.c.effective_date)
    return {
        "service": service,
        "sent": func.substr(version.c.sent, 1, 8),
        "remitted": remitted,
        "recorded": recorded,
    }


PAIRS = {
    "billed": ("service", "sent"),
    "remitted": ("sent", "remitted"),
    "posted": ("remitted", "recorded"),
    "whole": ("service", "recorded"),
}


def _joined(found: Any, columns: Sequence[Any]) -> Select[Any]:
    return (
        select(*columns)
        .select_from(found)
        .join(claim, claim.c.id == found.c.claim_id)
        .join(version, version.c.id == claim.c.id)
        .join(_remit_claim, _remit_claim.c.id == found.c.remit_claim_id)
        .join(_remit, _remit.c.id == _remit_claim.c.remit_id)
        .outerjoin(payer, payer.c.id == found.c.payer_id)
    )


def lags(w: Work, view: View) -> list[LagRow]:
    """Medians and tails per payer, most claims first."""
    found, days = firsts(w, view), _days(w)
    counted: dict[tuple[str, str], dict[str, dict[int, int]]] = {}
    for stage, (start, end) in PAIRS.items():
        columns = [payer.c.public_id, payer.c.name, days[start], days[end]]
        query = _joined(found, [*columns, func.count()]).group_by(*columns)
        for key, name, one, two, count in w.db.execute(query):
            passed = between(one, two)
            line = counted.setdefault((key or "", name or "Unknown"), {each: {} for each in STAGES})
            if passed is not None:
                line[stage][passed] = line[stage].get(passed, 0) + int(count)
    rows = [
        LagRow(key, name, {stage: spread(each) for stage, each in stages.items()})
        for (key, name), stages in counted.items()
    ]
    return sorted(rows, key=lambda row: (-row.count, row.name))


def between(start: Any, end: Any) -> int | None:
    """Days from one day to another, as a database wrote them; None when one of them is missing."""
    first, last = _day(start), _day(end)
    return (last - first).days if first is not None and last is not None else None


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, date) else None


# ---------------------------------------------------------------- the claims behind it


@dataclass(frozen=True, slots=True)
class LagClaim:
    """A claim with the days of its way; stages in days, None where a day is not known."""

    public_id: str
    control: str
    patient_id: int
    patient: str
    payer: str | None
    service: date | None
    billed_on: date | None
    remitted_on: date | None
    posted_on: date | None
    billed: int | None
    remitted: int | None
    posted: int | None
    whole: int | None


SORTS = {"remitted": Sort(_remit.c.effective_date, descending=True), "control": Sort(claim.c.control)}


def _conditions(w: Work, ask: Ask) -> list[Any]:
    stage = ask.get("stage")
    if stage and stage not in STAGES:
        raise Refused("There is no such stage.", code="stage", field="stage")
    wanted = []
    if ask.get("payer"):
        wanted.append(payer.c.public_id == ask.get("payer"))
    if stage:
        days = _days(w)
        for name in PAIRS[stage]:
            wanted.append(func.length(days[name]) == 8 if name == "sent" else days[name].is_not(None))
    return wanted


def claims(w: Work, view: View, ask: Ask) -> Slice[LagClaim]:
    """The claims behind a lag, last remitted first; whose patients were shown is noted."""
    days = _days(w)
    columns = [
        claim.c.public_id, claim.c.control, claim.c.patient_id, patient.c.last, patient.c.first,
        payer.c.name.label("payer_name"), *(column.label(name) for name, column in days.items()),
    ]  # fmt: skip
    query = _joined(firsts(w, view), columns).join(patient, patient.c.id == claim.c.patient_id)
    query = query.where(*_conditions(w, ask))
    made = page(w.db, query, ask, sorts=SORTS, key=claim.c.id, row=_claim)
    shown = [row.patient_id for row in made.rows]
    w.audit("reports.lag", "R", "claim", patients=shown, detail={"rows": len(shown)})
    return made


def _claim(row: Any) -> LagClaim:
    passed = {stage: between(getattr(row, one), getattr(row, two)) for stage, (one, two) in PAIRS.items()}
    return LagClaim(
        public_id=row.public_id,
        control=row.control,
        patient_id=row.patient_id,
        patient=f"{row.last}, {row.first}" if row.first else row.last,
        payer=row.payer_name,
        service=_day(row.service),
        billed_on=_day(row.sent),
        remitted_on=_day(row.remitted),
        posted_on=_day(row.recorded),
        billed=passed["billed"],
        remitted=passed["remitted"],
        posted=passed["posted"],
        whole=passed["whole"],
    )


def count(w: Work, view: View, ask: Ask) -> int:
    """How many claims the whole list holds."""
    query = _joined(firsts(w, view), [func.count()]).where(*_conditions(w, ask))
    return int(w.db.execute(query).scalar_one())
