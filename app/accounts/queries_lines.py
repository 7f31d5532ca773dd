"""The services of visits as a bill may name them (RPAT-12, RPAT-13)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.accounts.rules_services import UNNAMED, sensitive_service, sensitive_visit, service_words
from app.claims.models import Claim, ClaimLine, ClaimVersion
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.money import Money
from app.kernel.work import Work

_claim, _line, _version = table_of(Claim), table_of(ClaimLine), table_of(ClaimVersion)


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One service of a visit. code: empty where the service is not named; units: as billed."""

    claim_id: int
    number: int
    code: str
    modifiers: str
    words_en: str
    words_es: str
    units: str
    charge: Money
    service_from: date | None
    sensitive: bool

    def words(self, language: str = "en") -> str:
        """What it was, in plain words of a language."""
        return self.words_es if language == "es" else self.words_en


def lines(w: Work, claim_ids: Sequence[int], *, named: bool = False) -> dict[int, list[ServiceLine]]:
    """The services whose charges are on the books, by claim, as billed; one statement.

    named: for an itemised bill a person asked for (RPAT-12): sensitive ones keep their code and words. A
    diagnosis is never told, it only decides.
    """
    query = (
        select(_line.c.claim_id, _line.c.number, _line.c.code, _line.c.modifiers, _line.c.revenue,
               _line.c.units, _line.c.charge, _line.c.service_from, _version.c.diagnoses,
               _claim.c.service_from.label("visit_from"))
        .join(_claim, _claim.c.id == _line.c.claim_id)
        .join(_version, _version.c.id == _line.c.version_id)
        .where(among(w.db, _line.c.claim_id, list(claim_ids)), w.within(_claim.c.entity_id),
               _line.c.live.is_(True))
        .order_by(_line.c.claim_id, _line.c.number, _line.c.id)
    )  # fmt: skip
    found: dict[int, list[ServiceLine]] = {}
    for row in w.db.execute(query):
        on = row.service_from or row.visit_from or w.now.date()
        diagnoses = [one.partition(":")[2] for one in (row.diagnoses or "").split()]
        sensitive = sensitive_visit(diagnoses, on) or sensitive_service(row.code, row.revenue, on)
        hidden = sensitive and not named
        words = UNNAMED if hidden else service_words(row.code, row.revenue, on)
        found.setdefault(row.claim_id, []).append(
            ServiceLine(row.claim_id, row.number, "" if hidden else row.code or row.revenue,
                        "" if hidden else row.modifiers, *words, row.units, row.charge, row.service_from,
                        sensitive)
        )  # fmt: skip
    return found
