"""A file of guarantors: good rows are taken, bad ones named by row and column, twice is once."""

import io

import pytest

from app.flows.import_people import import_people
from app.kernel.errors import Refused
from app.kernel.work import reading, work
from app.patients import queries_guarantors, queries_reach
from app.patients.rules_people_file import COLUMNS
from app.patients.service_people_file import PeopleTaken
from app.web.application import make_app
from tests import books, era, people
from tests.conftest import House
from tests.policy import visitors

HEAD = ",".join(COLUMNS)


def row(**said: str) -> str:
    return ",".join(said.get(name, "") for name in COLUMNS)


MOM = row(
    patient_last="DOE", patient_first="TIM", patient_birth="2015-03-10", last="O'Brien-Núñez", first="Zoë",
    birth="04/05/1985", relation="parent", street="9 Elm St", city="Lincoln", state="NE", zip="68508",
    mobile="402-555-0123", email="zoe@example.org", language="es", consent_sms="yes", consent_email="no",
    consent_date="2026-01-05", consent_proof="Form 7",
)  # fmt: skip
SELF = row(patient_last="DOE", patient_first="JANE", patient_birth="1970-01-01", last="DOE", first="JANE",
           relation="self", phone="402 555 0199")  # fmt: skip
BAD = row(patient_last="DOE", patient_first="JANE", patient_birth="1970-13-01", last="DOE", first="JANE",
          relation="uncle", street="1 A", city="B", state="NE", zip="10001", mobile="12",
          consent_sms="maybe")  # fmt: skip
NOBODY = row(patient_last="WHO", patient_first="EVER", patient_birth="1970-01-01", last="WHO", first="EVER",
             relation="self")  # fmt: skip


COURT = row(patient_last="DOE", patient_first="JANE", patient_birth="1970-01-01", last="ROE", first="ANN",
            relation="court", street="9 Elm St", city="Lincoln", state="NE", zip="68508")  # fmt: skip
PARENT = COURT.replace("court", "parent")


@pytest.fixture
def entity(house: House) -> int:
    owner = books.practice()
    books.take(era.bill(era.billed("A1", "99214 300"), people.dependent("A2", "99213 150")))
    return owner.id


def take(entity: int, *rows: str, preview: bool = False) -> PeopleTaken:
    content = io.BytesIO("\n".join((HEAD, *rows)).encode())
    with work(books.CLERK) as w:
        return import_people(w, entity, content, preview=preview)


def test_good_rows_are_taken_and_the_same_file_twice_changes_nothing(entity: int) -> None:
    tried = take(entity, MOM, SELF, BAD, NOBODY, preview=True)
    assert (tried.rows, tried.changed, tried.bad) == (4, 2, 2) and books.rows(people.GUARANTOR) == []
    done = take(entity, MOM, SELF, BAD, NOBODY)
    assert (done.rows, done.changed, done.same, done.bad) == (4, 2, 0, 2)
    again = take(entity, MOM, SELF, BAD, NOBODY)
    assert (again.changed, again.same, again.bad) == (0, 2, 2)
    tim = people.patient_key("DOE", "TIM")
    mom = people.account(people.answers(entity, (1, tim, None))[1])
    assert (mom.last, mom.first, mom.confirmed, mom.language) == ("O'Brien-Núñez", "Zoë", True, "es")
    with reading(books.CLERK) as w:
        [mobile, email] = queries_reach.points(w, [mom.id])[mom.id]
        said = queries_reach.consents(w, [mom.id])[mom.id]
        assert said.allows("sms", mobile.id) is True and said.allows("email", email.id) is False
        assert queries_reach.addresses(w, [mom.id])[mom.id].lines == ["9 Elm St", "Lincoln NE 68508"]
        assert len(queries_guarantors.search(w, "o'brien")) == 1


@pytest.mark.parametrize(("said", "answers"), [(COURT, "ROE"), (PARENT, "DOE")])
def test_who_is_named_for_an_adult_answers_for_them_unless_a_parent(
    entity: int, said: str, answers: str
) -> None:
    take(entity, said)
    jane = people.patient_key("DOE", "JANE")
    assert people.account(people.answers(entity, (1, jane, None))[1]).last == answers


def test_everything_wrong_with_a_row_is_named_by_its_column(entity: int) -> None:
    found = take(entity, BAD, NOBODY).findings
    assert [(one.row, one.column) for one in found] == [
        (2, "patient_birth"), (2, "relation"), (2, "zip"), (2, "mobile"), (2, "consent_sms"),
        (3, "patient_last"),
    ]  # fmt: skip
    with pytest.raises(Refused, match="no column"), work(books.CLERK) as w:
        import_people(w, entity, io.BytesIO(b"a,b\n1,2\n"))


def test_a_program_tries_a_file_and_then_sends_it(house: House) -> None:
    owner = books.practice()
    books.take(era.bill(era.billed("A1", "99214 300"), people.dependent("A2", "99213 150")))
    app = make_app(house.settings)
    clerk = visitors.add("dana", "clerk")
    content = "\n".join((HEAD, MOM, BAD)).encode()
    client, headers = app.test_client(), {"Authorization": f"Bearer {clerk.token}"}
    where = f"/api/v1/guarantors/file?entity={owner.public_id}"
    tried = client.post(where + "&preview=true", data=content, headers=headers).get_json()
    assert (tried["changed"], tried["bad"], books.rows(people.GUARANTOR)) == (1, 1, [])
    done = client.post(where, data=content, headers=headers).get_json()
    assert done["changed"] == 1 and done["findings"][0]["column"] == "patient_birth"
