"""A seeded example world: the files of a year in a billing office, and the truth about every cent in them.

Verbs: `build` writes a world of any size into a folder, `small` the one the demo starts with, `Truth.load`
reads back what the books must say. It imports nothing of ours and writes its X12 itself, so that a reader
tested on it is tested against another author. Everything in it is invented.

    folder/files   837P, 837I, 835, 999, 277CA and odd files to import; names sort causes before effects
    folder/bank    one BAI2 statement for each day with a credit
    folder/fees    fees.csv with the columns of `prices.COLUMNS`; effective_to is the last day in force
    folder/truth   truth.json and one CSV for each table of `truth.TABLES`
"""

from app.world.build import build, small
from app.world.truth import FIGURES, TABLES, Truth

__all__ = ["FIGURES", "TABLES", "Truth", "build", "small"]
