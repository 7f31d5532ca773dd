"""The machines of access: a wish for a role, and the look at an emergency access."""

from enum import StrEnum

from app.kernel.lifecycle import Table


class RequestState(StrEnum):
    """Where a wish for a role stands."""

    ASKED = "asked"
    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class EmergencyState(StrEnum):
    """An emergency access runs or ran out by the clock (`ends_at`); compliance looks at each one."""

    UNREVIEWED = "unreviewed"
    JUSTIFIED = "justified"
    MISUSED = "misused"


class RequestMove(StrEnum):
    """What may happen to a wish for a role."""

    GIVE = "give"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


class EmergencyMove(StrEnum):
    """What compliance may say of an emergency access."""

    JUSTIFY = "justify"
    OBJECT = "object"


REQUEST = Table({
    (RequestState.ASKED, RequestMove.GIVE):     RequestState.GIVEN,     # by another administrator only
    (RequestState.ASKED, RequestMove.REFUSE):   RequestState.REFUSED,
    (RequestState.ASKED, RequestMove.WITHDRAW): RequestState.WITHDRAWN,  # by whoever asked
})  # fmt: skip

EMERGENCY = Table({
    (EmergencyState.UNREVIEWED, EmergencyMove.JUSTIFY): EmergencyState.JUSTIFIED,
    (EmergencyState.UNREVIEWED, EmergencyMove.OBJECT):  EmergencyState.MISUSED,
})  # fmt: skip
