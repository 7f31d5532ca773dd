"""What identifies a billing entity."""

from dataclasses import dataclass

from app.kernel.crypto import keyring


@dataclass(frozen=True)
class Identifier:
    """A number of an entity: kind `npi`, `tax_id`, `ssn` or `payee_id`, and its value."""

    kind: str
    value: str

    @property
    def lookup(self) -> str:
        """How it is found: a blind index, alike for plain and sealed numbers; an SSN is found as a tax id."""
        kind = "tax_id" if self.kind == "ssn" else self.kind
        return keyring().blind(self.value, f"entity_identifier.{kind}")


@dataclass(frozen=True)
class Practice:
    """A billing entity, as the rest of the product sees it."""

    id: int
    public_id: str
    name: str
    time_zone: str
    test: bool
    post_on_era: bool
