"""Second factors: an authenticator added or removed, recovery codes, a proof given later in a session."""

import base64
import secrets

from sqlalchemy import delete, insert, update

from app.access import sign_in
from app.access.models import Credential, EndReason, Factor, RecoveryCode, Session
from app.access.queries import Identity
from app.access.rules import RECOVERY_CODES
from app.access.service import end_sessions, guess_subject
from app.kernel.crypto import keyring
from app.kernel.db import table_of
from app.kernel.errors import Refused
from app.kernel.work import Work, work

_credential, _session, _recovery = table_of(Credential), table_of(Session), table_of(RecoveryCode)
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def new_second_factor() -> str:
    """A fresh secret for an authenticator, base32; not kept until `add_second_factor`."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def add_second_factor(identity: Identity, secret: str, code: str, *, address: str = "") -> sign_in.Issued:
    """Keep the secret once its first code was right; sessions that did not prove it end, this one is
    renewed.
    """
    step = sign_in.matching_step(secret, code)
    if step is None:
        raise Refused(
            "That code is not right. Check the clock of your phone.", code="code_wrong", field="code"
        )
    with work(identity.actor("signed_in", {"address": address})) as w:
        mine = _credential.c.person_id == identity.person_id
        sealed = keyring().seal(secret, "credential.second")
        w.db.execute(update(_credential).where(mine).values(second=sealed, second_step=step))
        w.audit("second_factor.added", "U", "person", identity.public_id)
        end_sessions(w, identity.person_id, EndReason.REPLACED)
        return sign_in.open_session(
            w, identity.person_id, sign_in.Visit(address, identity.agent, Factor.CODE, identity.provider)
        )


def remove_second_factor(identity: Identity, *, address: str = "") -> sign_in.Issued:
    """Take the authenticator away; only in a session that proved a second factor. Other sessions end."""
    _needs_proof(identity)
    with work(identity.actor("signed_in", {"address": address})) as w:
        mine = _credential.c.person_id == identity.person_id
        w.db.execute(update(_credential).where(mine).values(second=None))
        w.audit("second_factor.removed", "U", "person", identity.public_id)
        end_sessions(w, identity.person_id, EndReason.REPLACED)
        return sign_in.open_session(w, identity.person_id, sign_in.visit_of(identity, address))


def _needs_proof(identity: Identity) -> None:
    if not identity.second_factor:
        raise Refused("Prove your second factor first.", code="second_factor_first")


def new_recovery_codes(identity: Identity, *, address: str = "") -> list[str]:
    """Ten codes that each work once instead of a lost factor; the old ones are void. Shown once."""
    _needs_proof(identity)
    with work(identity.actor("signed_in", {"address": address})) as w:
        return make_recovery_codes(w, identity.person_id, identity.public_id)


def make_recovery_codes(w: Work, person_id: int, public_id: str) -> list[str]:
    """Fresh recovery codes in the place of all others, 49 bits each; guesses are counted like passwords."""
    codes = ["-".join(_letters(5) for _ in range(2)) for _ in range(RECOVERY_CODES)]
    w.db.execute(delete(_recovery).where(_recovery.c.person_id == person_id))
    lookups = [keyring().blind(code, sign_in.RECOVERY) for code in codes]
    w.db.execute(insert(_recovery), [{"person_id": person_id, "lookup": one} for one in lookups])
    w.audit("recovery_codes.made", "U", "person", public_id, detail={"count": len(codes)})
    return codes


def _letters(count: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(count))


def prove_again(identity: Identity, code: str, *, address: str = "") -> None:
    """A session that came in with one proof gives the second: a code, also a recovery code."""
    subject = guess_subject(identity.login)
    sign_in.count_guess(subject, address)
    person = sign_in.by_person(identity.person_id)
    factor = sign_in.factor_of(person, sign_in.Second(code)) if person is not None else None
    if factor in (None, Factor.NONE):
        raise Refused("That code is not right.", code="code_wrong", field="code")
    sign_in.forgive(subject, address)
    note_factor(identity, Factor(factor))


def note_factor(identity: Identity, factor: Factor) -> None:
    """Write down that this session was proved a second time, and when."""
    with work(identity.actor("signed_in")) as w:
        mine = _session.c.id == identity.session_id
        w.db.execute(update(_session).where(mine).values(factor=factor, proved_at=w.now))
        w.audit("second_factor.proved", "E", "person", identity.public_id, detail={"factor": factor.value})
