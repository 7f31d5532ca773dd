"""Every limit of the product with its unit. A limit that a site may move is in settings; the reader of EDI
has its own.

Names end in the unit. A limit is inclusive: exactly so much is still accepted.
"""

from typing import Final

# Files and what is packed into them
ARCHIVE_MEMBERS: Final = 500
ARCHIVE_DEPTH: Final = 2  # an archive in an archive is common, a third is an attack
ARCHIVE_BYTES: Final = 2_000_000_000  # unpacked, all members together
ARCHIVE_RATIO: Final = 100  # unpacked bytes per packed byte; X12 compresses about 10 to 1
FILE_NAME_CHARACTERS: Final = 200

# Writing
BATCH_CLAIMS: Final = 2_000
SQL_VARIABLES: Final = 30_000  # SQLite stops at 32,766 in one statement, PostgreSQL at 65,535

# Reading
PAGE_ROWS: Final = 50
PAGE_ROWS_MOST: Final = 200
EXPORT_ROWS: Final = 1_000_000
SEARCH_CHARACTERS: Final = 100

# What people type
FORM_PARTS: Final = 500
FORM_BYTES: Final = 1_000_000
NAME_CHARACTERS: Final = 200

# Signing in
PASSWORD_CHARACTERS_ALONE: Final = 15
PASSWORD_CHARACTERS_WITH_SECOND_FACTOR: Final = 8
PASSWORD_CHARACTERS_MOST: Final = 256  # hashing a megabyte is a gift to whoever wants us slow
MISSES_BEFORE_SLOW: Final = 10
MISSES_BEFORE_STOP: Final = 99

# Jobs
JOBS_PER_SWEEP: Final = 100
SECOND_OPINION_SECONDS: Final = 20

# Keeping
IDEMPOTENCY_DAYS: Final = 30
