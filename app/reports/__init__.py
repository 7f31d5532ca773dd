"""Reports: what the books say in figures, each with the list behind it. Reads only, owns no table.

Reads   ageing of what is open, denial rates and outcomes, days and rates of collection, lag, paid against
        expected, rejections
rules.py holds the measures, defined once: numerator, denominator, how they are shown. Every figure leads to
a list whose total is the figure, to the cent. A report says of which day it is and what was known (N5).
"""
