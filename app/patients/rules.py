"""When two mentions speak of one person."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Named:
    """A person as one claim names them; `id` becomes their key when new; `birth` is an ISO day or None."""

    id: int
    last: str
    first: str
    middle: str
    birth: str | None
    sex: str
    member: str

    @property
    def words(self) -> str:
        """What makes two mentions one person: name and birth date; without that the member id decides."""
        return f"{self.last}|{self.first}|{self.birth or self.member}".upper()
