"""When two mentions speak of one person."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Named:
    """A person as one claim names them; `id` becomes their key when new; `birth` is an ISO day or None.

    home: street and ZIP code as `home_words` writes them, or nothing; only its fingerprint is kept.
    """

    id: int
    last: str
    first: str
    middle: str
    birth: str | None
    sex: str
    member: str
    home: str = ""

    @property
    def words(self) -> str:
        """What makes two mentions one person: name and birth date; without that the member id decides."""
        return f"{self.last}|{self.first}|{self.birth or self.member}".upper()


def home_words(street: str, zip_code: str) -> str:
    """An address as it is compared: street letters and digits in upper case, five digits of the ZIP code.

    Empty when either is missing: half an address is everybody's.
    """
    plain = "".join(letter for letter in street.upper() if letter.isalnum())
    digits = "".join(letter for letter in zip_code if letter.isdigit())[:5]
    return f"{plain} {digits}" if plain and len(digits) == 5 else ""
