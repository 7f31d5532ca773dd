"""What whoever offers a file is told."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Offered:
    """The answer to whoever offers a file: its public id, and when it is not the first offer, which was."""

    public_id: str
    file_no: int
    first: bool
    first_name: str
    first_at: str
    first_by: str

    @property
    def words(self) -> str:
        """What to tell them."""
        if self.first:
            return "Received."
        first = f"{self.first_name} on {self.first_at} by {self.first_by}"
        return f"Already received as {first}; nothing was done twice."
