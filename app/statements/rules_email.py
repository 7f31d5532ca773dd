"""What an e-mail about a statement says: it is there, and where. No clinical word, name or amount."""

from dataclasses import dataclass
from html import escape

WORDS = {
    "en": {
        "subject": "Your statement is ready",
        "ready": "A new statement from {practice} is ready for you.",
        "open": "Open it here:",
        "ask": "The page asks for a birth date and a ZIP code before it shows anything.",
        "stop": "You would rather have statements by mail? Stop these e-mails with one click:",
        "wrong": "This was not meant for you? Please delete it; it says nothing about anybody.",
    },
    "es": {
        "subject": "Su estado de cuenta está listo",
        "ready": "Un nuevo estado de cuenta de {practice} está listo para usted.",
        "open": "Ábralo aquí:",
        "ask": "La página pide una fecha de nacimiento y un código postal antes de mostrar algo.",
        "stop": "¿Prefiere recibirlos por correo? Deje de recibir estos mensajes con un clic:",
        "wrong": "¿No era para usted? Bórrelo por favor; no dice nada de nadie.",
    },
}
RETRY_MINUTES = (5, 30, 120, 480)
"""How long to wait after a try that surely failed; after the last one it has failed for good."""


@dataclass(frozen=True)
class Message:
    """The words of one e-mail."""

    subject: str
    text: str
    html: str


def message(practice: str, link: str, language: str) -> Message:
    """The e-mail about a statement behind `link`, which is the only thing in it that is about somebody."""
    said = WORDS.get(language, WORDS["en"])
    ready, stop = said["ready"].format(practice=practice), f"{link}/stop"
    text = f"{ready}\n\n{said['open']} {link}\n{said['ask']}\n\n{said['stop']} {stop}\n\n{said['wrong']}\n"
    html = (
        f'<!doctype html><html lang="{language}"><body><p>{escape(ready)}</p>'
        f'<p>{escape(said["open"])} <a href="{escape(link)}">{escape(link)}</a></p>'
        f"<p>{escape(said['ask'])}</p>"
        f'<p>{escape(said["stop"])} <a href="{escape(stop)}">{escape(stop)}</a></p>'
        f"<p>{escape(said['wrong'])}</p></body></html>"
    )
    return Message(said["subject"], text, html)


def headers(link: str) -> dict[str, str]:
    """Where a mail program stops them: a page with one button. A write needs the page's own token (A4), so
    nothing is promised that a machine could press alone.
    """
    return {"List-Unsubscribe": f"<{link}/stop>", "Auto-Submitted": "auto-generated"}
