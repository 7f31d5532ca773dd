"""Accounts for tests of contacts: a guarantor, their numbers, what they said about being reached."""

import itertools
import json
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select

from app.kernel.clock import now
from app.kernel.crypto import keyring
from app.kernel.db import table_of
from app.kernel.ids import public_id
from app.kernel.work import Work, reading, system, work
from app.patients.models import Consent, ContactPoint, Guarantor, GuarantorAddress
from app.patients.queries_reach import ADDRESS, POINT

ME = system("tests")
BORN = date(1980, 2, 29)
_guarantor, _point, _consent = table_of(Guarantor), table_of(ContactPoint), table_of(Consent)
_address = table_of(GuarantorAddress)
_ids = itertools.count(1 << 30)
"""Beyond the numbers of any series, so that they also fit beside an example world."""


def account(entity_id: int, **said: Any) -> int:
    """A confirmed guarantor in Ohio; returns the key of their account."""
    key = next(_ids)
    values: dict[str, Any] = dict(
        id=key, public_id=public_id(), entity_id=entity_id, number=f"A{key:08d}", natural=f"n{key}",
        last="Doe", first="Jane", middle="", birth=BORN, relation="self", confirmed=True, confidential=False,
        language="en", state="OH", recorded_at=now(), version=1,
    )  # fmt: skip
    with work(ME) as w:
        w.db.execute(insert(_guarantor).values(**values | said))
    return key


def point(
    entity_id: int,
    account_id: int,
    kind: str = "phone",
    value: str = "+12165550142",
    *,
    zones: str = "America/New_York",
    work_place: bool = False,
) -> int:
    """A number or an address of an account; zones: IANA names split by blanks."""
    key = next(_ids)
    sealed = keyring().seal(value, POINT)
    with work(ME) as w:
        w.db.execute(
            insert(_point).values(
                id=key,
                public_id=public_id(),
                entity_id=entity_id,
                guarantor_id=account_id,
                kind=kind,
                sealed=sealed,
                lookup=keyring().blind(value, POINT),
                shown=f"*{value[-4:]}",
                work=work_place,
                zones=zones,
                source="person",
                author="tests",
                recorded_at=now(),
                ended_at=None,
                version=1,
            )
        )
    return key


def home(entity_id: int, account_id: int, *, state: str = "OH", code: str = "44101") -> int:
    """Where they live."""
    key, place = next(_ids), {"street": "1 Elm St", "street2": "", "city": "Cleveland", "state": state}
    with work(ME) as w:
        w.db.execute(
            insert(_address).values(
                id=key,
                public_id=public_id(),
                entity_id=entity_id,
                guarantor_id=account_id,
                sealed=keyring().seal(json.dumps(place | {"zip": code}), ADDRESS),
                lookup=f"l{key}",
                state=state,
                source="person",
                effective_from=date(2020, 1, 1),
                effective_to=None,
                mail="good",
                mail_code="",
                mail_on=None,
                author="tests",
                recorded_at=now(),
                version=1,
            )
        )
    return key


def consent(
    entity_id: int,
    account_id: int,
    channel: str,
    granted: bool,
    *,
    point_id: int | None = None,
    at: datetime | None = None,
) -> None:
    """A yes or a no to being reached one way."""
    moment = at or now()
    with work(ME) as w:
        w.db.execute(
            insert(_consent).values(
                id=next(_ids),
                public_id=public_id(),
                entity_id=entity_id,
                guarantor_id=account_id,
                contact_point_id=point_id,
                channel=channel,
                granted=granted,
                effective_at=moment,
                source="person",
                proof="recording",
                author="tests",
                recorded_at=moment,
            )
        )


def point_named(w: Work, account_id: int) -> str:
    """The public id of an account's first number."""
    return str(w.db.execute(select(_point.c.public_id).where(_point.c.guarantor_id == account_id)).scalar())


def named(point_id: int) -> str:
    """The public id of a number or address."""
    with reading(ME) as w:
        return str(w.db.execute(select(_point.c.public_id).where(_point.c.id == point_id)).scalar_one())


def public(account_id: int) -> str:
    """The public id of an account."""
    with reading(ME) as w:
        found = w.db.execute(select(_guarantor.c.public_id).where(_guarantor.c.id == account_id))
        return str(found.scalar_one())
