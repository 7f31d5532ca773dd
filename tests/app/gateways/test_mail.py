"""A message is taken, surely not taken, or nobody knows: the mail server decides when."""

from email import message_from_bytes
from email.policy import default

import pytest

from app.gateways.handing import Outcome
from app.gateways.mail import Letter, SmtpWay
from app.kernel.settings import Settings
from tests import smtp
from tests.smtp import Manner

LETTER = Letter(
    sender="Example Clinic <billing@clinic.example>", to="jane@mail.example",
    subject="Your statement is ready",
    text="Öffnen: https://x.example/s/1\n.\n", html="<p>Open</p>", message_id="<1@clinic.example>",
    headers={"List-Unsubscribe": "<https://x.example/s/1/stop>"},
)  # fmt: skip


def _way(port: int, seconds: int = 5) -> SmtpWay:
    chosen = Settings(
        smtp_host="127.0.0.1", smtp_port=port, smtp_security="none", smtp_from=LETTER.sender,
        smtp_seconds=seconds,
    )  # fmt: skip
    return SmtpWay(chosen)


def test_a_message_arrives_whole_with_text_and_html() -> None:
    with smtp.server() as post:
        assert _way(post.port).send(LETTER).outcome is Outcome.ARRIVED
    [(sender, readers, data)] = post.taken
    assert (sender, readers) == ("billing@clinic.example", ["jane@mail.example"])
    made = message_from_bytes(data, policy=default)
    assert made["List-Unsubscribe"] == "<https://x.example/s/1/stop>"
    assert made["Message-ID"] == "<1@clinic.example>"
    assert [part.get_content_type() for part in made.walk()][1:] == ["text/plain", "text/html"]
    text = made.get_body(("plain",))
    assert text is not None and text.get_content().replace("\r\n", "\n") == LETTER.text


@pytest.mark.parametrize(
    ("manner", "outcome", "code"),
    [
        (Manner.NO_BOX, Outcome.NOT_SENT, "no_box"),
        (Manner.LATER, Outcome.NOT_SENT, "later"),
        (Manner.REFUSE_DATA, Outcome.NOT_SENT, "refused"),
        (Manner.CUT_AFTER_DATA, Outcome.UNKNOWN, "connection"),
    ],
)
def test_each_fault_has_its_outcome(manner: Manner, outcome: Outcome, code: str) -> None:
    with smtp.server() as post:
        post.manner = manner
        handed = _way(post.port).send(LETTER)
    assert (handed.outcome, handed.code) == (outcome, code)
    assert "jane" not in handed.words


def test_a_server_too_slow_to_answer_leaves_it_unknown() -> None:
    with smtp.server() as post:
        post.manner = Manner.SLOW
        assert _way(post.port, seconds=1).send(LETTER).outcome is Outcome.UNKNOWN
    assert len(post.taken) == 1


def test_no_server_is_a_sure_failure() -> None:
    with smtp.server() as post:
        pass
    handed = _way(post.port).send(LETTER)
    assert (handed.outcome, handed.code) == (Outcome.NOT_SENT, "connection")


def test_a_server_without_tls_gets_nothing_when_tls_was_asked_for() -> None:
    with smtp.server() as post:
        chosen = Settings(smtp_host="127.0.0.1", smtp_port=post.port, smtp_from=LETTER.sender, smtp_seconds=5)
        handed = SmtpWay(chosen).send(LETTER)
    assert handed.outcome is Outcome.NOT_SENT
    assert not post.taken
