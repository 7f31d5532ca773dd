"""Passkeys: registered by somebody signed in, proved as second factor or, when the device checked who holds
it, as the only step. The address people type (RECLAIM_ORIGIN) is part of every proof: a copied page gets
none.
"""

import json
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import delete, insert, select, update
from webauthn.helpers import bytes_to_base64url, structs
from webauthn.helpers.exceptions import WebAuthnException

from app.access import sign_in
from app.access.models import EndReason, Factor, Passkey, Person, PersonKind, SpentProof
from app.access.queries import Identity
from app.access.service import end_sessions
from app.access.service_factors import make_recovery_codes
from app.kernel.crypto import keyring
from app.kernel.db import bulk_insert, instant_text, reader, table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.ids import public_id
from app.kernel.limits import NAME_CHARACTERS
from app.kernel.settings import settings
from app.kernel.work import Work, work

_passkey, _person, _spent = table_of(Passkey), table_of(Person), table_of(SpentProof)
MOST = 20
NAME = 60
Options = dict[str, Any]


class Challenge(NamedTuple):
    """What the browser is asked to sign: the options for its script, and the challenge to compare with."""

    options: Options
    challenge: bytes


class Proved(NamedTuple):
    """Whose passkey signed; verified: the device itself asked for a finger, a face or a PIN."""

    person_id: int
    verified: bool


class Registered(NamedTuple):
    """The session that goes on, and the recovery codes when this was the first second factor."""

    session: sign_in.Issued
    recovery: list[str]


def house() -> tuple[str, str]:
    """(relying party id, origin) of this installation; `Refused` while nobody said what people type."""
    origin = settings().own_origin
    name = urlsplit(origin).hostname or ""
    if not name:
        raise Refused("Passkeys wait for RECLAIM_ORIGIN.", code="no_origin")
    return name, origin


def ask_registration(identity: Identity) -> Challenge:
    """Options for `navigator.credentials.create`: a discoverable key, the device asks who is there."""
    with reader().begin() as db:
        mine = select(_passkey.c.credential).where(_passkey.c.person_id == identity.person_id)
        known = list(db.execute(mine).scalars())
    chosen = structs.AuthenticatorSelectionCriteria(
        resident_key=structs.ResidentKeyRequirement.REQUIRED,
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    made = webauthn.generate_registration_options(
        rp_id=house()[0], rp_name="Reclaim", user_name=identity.login, user_display_name=identity.name,
        user_id=identity.public_id.encode(), authenticator_selection=chosen,
        exclude_credentials=[_descriptor(one) for one in known],
    )  # fmt: skip
    return Challenge(json.loads(webauthn.options_to_json(made)), made.challenge)


def _descriptor(credential: str) -> Any:
    return structs.PublicKeyCredentialDescriptor(id=webauthn.base64url_to_bytes(credential))


def register(
    identity: Identity, credential: Options, challenge: bytes, *, name: str, address: str = ""
) -> Registered:
    """Keep a passkey the device just made. Every other session ends: they did not prove it."""
    name = name.strip()
    if not name or len(name) > NAME:
        raise Refused(f"A passkey has a name of at most {NAME} characters.", code="name", field="name")
    made = _checked_registration(credential, challenge)
    with work(identity.actor("signed_in", {"address": address})) as w:
        _spend(w, challenge)
        person = sign_in.by_person(identity.person_id)
        first = person is not None and person.second is None and not person.passkeys
        row = {
            "public_id": public_id(), "person_id": identity.person_id, "name": name,
            "credential": bytes_to_base64url(made.credential_id), "public_key": made.credential_public_key,
            "signs": made.sign_count, "synced": made.credential_backed_up, "added_at": w.now,
        }  # fmt: skip
        _room(w, identity.person_id, row["credential"])
        w.db.execute(insert(_passkey).values(row))
        w.audit("passkey.added", "U", "person", identity.public_id, detail={"passkey": row["public_id"]})
        codes = make_recovery_codes(w, identity.person_id, identity.public_id) if first else []
        end_sessions(w, identity.person_id, EndReason.REPLACED)
        visit = sign_in.Visit(address, identity.agent, Factor.PASSKEY, identity.provider)
        return Registered(sign_in.open_session(w, identity.person_id, visit), codes)


def _room(w: Work, person_id: int, credential: Any) -> None:
    held = list(w.db.execute(select(_passkey.c.id).where(_passkey.c.person_id == person_id)).scalars())
    if len(held) >= MOST:
        raise Refused(f"{MOST} passkeys are enough; remove one first.", code="passkeys_full")
    if w.db.execute(select(_passkey.c.id).where(_passkey.c.credential == credential)).first():
        raise Refused("This passkey is registered already.", code="passkey_known")


def _checked_registration(credential: Options, challenge: bytes) -> Any:
    name, origin = house()
    try:
        return webauthn.verify_registration_response(
            credential=credential, expected_challenge=challenge, expected_rp_id=name,
            expected_origin=origin, require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError, TypeError, KeyError):
        raise Refused("This passkey could not be checked. Try again.", code="passkey_wrong") from None


def ask_proof() -> Challenge:
    """Options for `navigator.credentials.get`; they name no key, so they tell nothing about any account."""
    wanted = structs.UserVerificationRequirement.PREFERRED
    made = webauthn.generate_authentication_options(rp_id=house()[0], user_verification=wanted)
    return Challenge(json.loads(webauthn.options_to_json(made)), made.challenge)


def prove(assertion: Options, challenge: bytes, *, address: str = "") -> Proved:
    """Whose passkey this is; `NotSignedIn`, the same for every reason, when it is nobody's or not genuine."""
    shown = str(assertion.get("id", ""))[: NAME_CHARACTERS * 4]
    subject = keyring().blind(shown, "guess.passkey")
    sign_in.count_guess(subject, address)
    with reader().begin() as db:
        row = db.execute(select(_passkey).where(_passkey.c.credential == shown)).one_or_none()
    found = _checked(assertion, challenge, row) if row else None
    if row is None or found is None:
        sign_in.miss(None, "page", address)
    person = sign_in.by_person(row.person_id)
    # The counter of a copied key lags; one that always says 0 counts nothing (most synced keys).
    lags = found.new_sign_count <= row.signs and (found.new_sign_count or row.signs)
    if person is None or lags or not sign_in.may_enter(person, PersonKind.HUMAN):
        if lags and person is not None:
            _tell_copy(person, row.public_id, address)
        sign_in.miss(person, "page", address)
    with work(sign_in.as_person(person, "page", address)) as w:
        _spend(w, challenge)
        this = (_passkey.c.id == row.id) & (_passkey.c.signs == row.signs)
        moved = update(_passkey).where(this).values(signs=found.new_sign_count, used_at=w.now)
        if w.db.execute(moved).rowcount != 1:
            raise sign_in.NotSignedIn()
    sign_in.forgive(subject, address)
    return Proved(person.id, found.user_verified)


def _checked(assertion: Options, challenge: bytes, row: Any) -> Any:
    name, origin = house()
    try:
        return webauthn.verify_authentication_response(
            credential=assertion, expected_challenge=challenge, expected_rp_id=name, expected_origin=origin,
            credential_public_key=row.public_key, credential_current_sign_count=0,
        )  # fmt: skip
    except (WebAuthnException, ValueError, TypeError, KeyError):
        return None


def _tell_copy(person: Any, passkey: str, address: str) -> None:
    with work(sign_in.as_person(person, "page", address)) as w:
        w.audit("passkey.copied", "E", "person", person.public_id, detail={"passkey": passkey}, outcome=12)


def enter(proved: Proved, *, address: str = "", agent: str = "") -> sign_in.Issued:
    """Come in by passkey alone, when the device checked who holds it; otherwise the password is asked too."""
    person = sign_in.by_person(proved.person_id)
    if person is None or not proved.verified:
        sign_in.miss(person, "page", address)
    return sign_in.enter(person, sign_in.Visit(address, agent, Factor.PASSKEY))


def remove(identity: Identity, which: str, *, address: str = "") -> sign_in.Issued:
    """Forget a passkey; only in a session that proved a second factor. Other sessions end."""
    if not identity.second_factor:
        raise Refused("Prove your second factor first.", code="second_factor_first")
    with work(identity.actor("signed_in", {"address": address})) as w:
        mine = (_passkey.c.person_id == identity.person_id) & (_passkey.c.public_id == which)
        if w.db.execute(delete(_passkey).where(mine)).rowcount != 1:
            raise NotFound("There is no such passkey.")
        w.audit("passkey.removed", "U", "person", identity.public_id, detail={"passkey": which})
        end_sessions(w, identity.person_id, EndReason.REPLACED)
        return sign_in.open_session(w, identity.person_id, sign_in.visit_of(identity, address))


def _spend(w: Work, challenge: bytes) -> None:
    spend(w, "passkey", challenge)


def spend(w: Work, kind: str, proof: bytes) -> None:
    """Use a challenge up, in the transaction of what it proves; `NotSignedIn` when it was used before."""
    kept = sign_in.hash_token(f"{kind}:{proof.hex()}")
    if not bulk_insert(w.db, _spent, ("proof", "spent_at"), [(kept, instant_text(w.now))]):
        raise sign_in.NotSignedIn()
