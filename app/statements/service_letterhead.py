"""Nothing is signed or released for a practice that does not say on its paper who it is."""

from datetime import date

from app.contacts.service_law import law
from app.entities import queries as entities
from app.kernel.errors import NotAllowed
from app.kernel.work import Work
from app.statements.lifecycle import RunState
from app.statements.queries import RunRow
from app.statements.rules_letterhead import Gap, gaps, words

AHEAD = (RunState.PLANNED.value, RunState.IN_AUDIT.value, RunState.SIGNED.value)


def missing(w: Work, entity_id: int, day: date) -> list[Gap]:
    """The rows of the letterhead a practice still has to fill in for documents of a day, or of today if that
    is later.
    """
    today = w.today(entities.get(w, entity_id).time_zone)
    return gaps(law(w, entity_id, max(day, today)))


def gaps_of(w: Work, run: RunRow) -> list[Gap]:
    """What keeps a run from being signed or released; a run that went, or never will, lacks nothing."""
    return missing(w, run.entity_id, run.day) if run.state in AHEAD else []


def must(w: Work, entity_id: int, day: date) -> None:
    """Go on only with a whole letterhead; `NotAllowed` (letterhead_missing) names rows and page."""
    found = missing(w, entity_id, day)
    if found:
        raise NotAllowed(words(found), code="letterhead_missing")
