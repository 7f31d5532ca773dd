"""What a verb may say no with. `Refused` becomes a 4xx and is not retried; `Unavailable` is retried."""

from collections.abc import Callable
from typing import Any


class Refused(Exception):
    """A rule of the business said no.

    `code` is a stable name for machines, `field` the input at fault, `status` the HTTP answer.
    """

    status = 422

    def __init__(self, message: str, *, code: str = "refused", field: str | None = None):
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field


class NotFound(Refused):
    """No such thing, or not one of yours: the answer is the same on purpose (A2)."""

    status = 404

    def __init__(
        self, message: str = "There is no such record.", *, code: str = "not_found", field: str | None = None
    ):
        super().__init__(message, code=code, field=field)


class NotAllowed(Refused):
    """The move is not possible in the present state."""

    status = 409


class Guarded(NotAllowed):
    """A guard said no, and that it did is kept although the transaction is rolled back (N9).

    keep: writes what stays, given a fresh Work of the same actor and moment; `kernel.work` calls it once,
    in a transaction of its own, whatever door the act came through.
    """

    def __init__(self, message: str, *, code: str, keep: Callable[[Any], None]):
        super().__init__(message, code=code)
        self.keep: Callable[[Any], None] | None = keep


class Stale(Refused):
    """Somebody changed the record since you read it (C6)."""

    status = 409

    def __init__(self, message: str = "Somebody changed this in the meantime. Look again, then decide."):
        super().__init__(message, code="stale")


class NotPermitted(Refused):
    """Your role does not hold this right."""

    status = 403

    def __init__(self, message: str = "Your role does not allow this.", *, code: str = "not_permitted"):
        super().__init__(message, code=code)


class Unavailable(Exception):
    """Something outside did not answer; the same request may succeed later."""


class Broken(Exception):
    """An invariant failed: stop this transaction, never the house. Names the place, never a patient."""
