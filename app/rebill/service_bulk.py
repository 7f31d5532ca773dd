"""One verb over many submissions: each as if it were the only one, what does not fit is left and named."""

from collections.abc import Mapping

from app.kernel.errors import Refused
from app.kernel.work import Work
from app.rebill import service, service_holds, service_owner
from app.rebill.rules_acts import MOST, Act, Outcome, Skipped, Wanted


def act(w: Work, seen: Mapping[str, int], wanted: Wanted) -> Outcome:
    """Do one thing to every submission of a set; those it does not fit stay as they are, with the reason.

    seen: public id to the version that was looked at. Refused altogether: more than 500, nothing at all, a
    person without the right.
    """
    w.may("rebill.work")
    if not seen:
        raise Refused("Select a claim first.", code="nothing_selected")
    if len(seen) > MOST:
        raise Refused(f"At most {MOST} claims at once; narrow the filters.", code="too_many")
    done, skipped = 0, []
    for public_id, version in seen.items():
        try:
            with w.db.begin_nested():
                _one(w, public_id, version, wanted)
        except Refused as refusal:
            skipped.append(Skipped(public_id, refusal.message))
        else:
            done += 1
    return Outcome(done, tuple(skipped))


def _one(w: Work, public_id: str, version: int, wanted: Wanted) -> None:
    if wanted.act is Act.ASSIGN:
        service_owner.assign(w, public_id, owner_id=wanted.owner_id, version=version)
    elif wanted.act is Act.FINISH:
        service.finish(w, public_id, version)
    elif wanted.act is Act.CANCEL:
        service.cancel(w, public_id, version, wanted.text)
    elif wanted.act is Act.LIFT:
        service_holds.lift(w, public_id, version, why=wanted.text)
    elif wanted.until is None:
        raise Refused("Say until when it is held.", code="bad_until", field="until")
    else:
        reason, note = wanted.hold, wanted.text
        service_holds.hold(w, public_id, version, reason=reason, until=wanted.until, note=note)
