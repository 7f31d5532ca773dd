"""E-mail, by a server of the practice: one message to one reader, with one of three outcomes.

A message the server may have taken is never sent twice by itself: only an answer from before the end of its
data is a sure failure.
"""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr

from app.gateways.handing import Handed, Outcome
from app.kernel.settings import Settings

GOOD, FORWARDED, PERMANENT = 250, 251, 500
NO_SUCH_BOX = frozenset((550, 551, 553))
"""Answers about the reader's address itself: no try will ever reach it."""


@dataclass(frozen=True)
class Letter:
    """One message. message_id: ours, the same for every try. headers: further ones, by name."""

    sender: str
    to: str
    subject: str
    text: str
    html: str
    message_id: str
    headers: dict[str, str]

    def built(self) -> EmailMessage:
        """As it leaves; line ends in a header are refused by the library."""
        made = EmailMessage()
        made["From"], made["To"], made["Subject"] = self.sender, self.to, self.subject
        made["Message-ID"] = self.message_id
        for name, value in self.headers.items():
            made[name] = value
        made.set_content(self.text)
        made.add_alternative(self.html, subtype="html")
        return made


class SmtpWay:
    """The server of the settings; `ready` says whether there is one."""

    def __init__(self, chosen: Settings, context: ssl.SSLContext | None = None):
        self._chosen = chosen
        self._context = context or ssl.create_default_context()

    @property
    def ready(self) -> bool:
        """Is a server named, and an address to send from?"""
        return bool(self._chosen.smtp_host and self._chosen.smtp_from)

    def send(self, letter: Letter) -> Handed:
        """Hand one message to the server. code: `no_box` (the reader's address does not exist), `refused`
        (it will not), `later` (it says to try again), `sign_in`, `connection`.
        """
        try:
            line = self._connected()
        except smtplib.SMTPAuthenticationError:
            return Handed(Outcome.NOT_SENT, "The mail server did not take our sign-in.", "sign_in")
        except (smtplib.SMTPException, OSError) as problem:
            return _unreached(problem)
        try:
            return _given(line, letter)
        finally:
            line.close()

    def _connected(self) -> smtplib.SMTP:
        chosen, seconds = self._chosen, self._chosen.smtp_seconds
        line: smtplib.SMTP
        if chosen.smtp_security == "tls":
            line = smtplib.SMTP_SSL(
                chosen.smtp_host, chosen.smtp_port, timeout=seconds, context=self._context
            )
        else:
            line = smtplib.SMTP(chosen.smtp_host, chosen.smtp_port, timeout=seconds)
        try:
            if chosen.smtp_security == "starttls":
                line.starttls(context=self._context)
            line.ehlo_or_helo_if_needed()
            if chosen.smtp_user:
                line.login(chosen.smtp_user, chosen.smtp_password.get_secret_value())
        except (smtplib.SMTPException, OSError):
            line.close()
            raise
        return line


def _given(line: smtplib.SMTP, letter: Letter) -> Handed:
    """One message over an open line. Until the data goes out, every failure is sure."""
    if not letter.to.isascii():
        return Handed(Outcome.NOT_SENT, "The address has signs mail servers do not take.", "no_box")
    try:
        code, _ = line.mail(parseaddr(letter.sender)[1])
        if code != GOOD:
            return _said(code)
        code, _ = line.rcpt(letter.to)
        if code not in (GOOD, FORWARDED):
            return _said(code, of_reader=True)
    except (smtplib.SMTPException, OSError) as problem:
        return _unreached(problem)
    try:
        code, _ = line.data(letter.built().as_bytes(policy=SMTP))
    except smtplib.SMTPDataError as problem:
        return _said(problem.smtp_code)
    except (smtplib.SMTPException, OSError):
        return Handed(Outcome.UNKNOWN, "The line broke before the mail server answered.", "connection")
    if code != GOOD:
        return _said(code)
    return Handed(Outcome.ARRIVED, "The mail server took it.")


def _said(code: int, *, of_reader: bool = False) -> Handed:
    # The server's own words may repeat the address: only its number is kept.
    words = f"The mail server answered {code}."
    if code < PERMANENT:
        return Handed(Outcome.NOT_SENT, words, "later")
    return Handed(Outcome.NOT_SENT, words, "no_box" if of_reader and code in NO_SUCH_BOX else "refused")


def _unreached(problem: Exception) -> Handed:
    words = f"The mail server cannot be reached ({type(problem).__name__})."
    return Handed(Outcome.NOT_SENT, words, "connection")
