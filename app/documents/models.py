"""Stored files."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Instant, Key


class StoredFile(Base):
    """One content: its number is the first part of every address read from it."""

    __tablename__ = "stored_file"
    file_no: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    size: Mapped[int] = mapped_column(Key)
    stored_at: Mapped[datetime] = mapped_column(Instant)
