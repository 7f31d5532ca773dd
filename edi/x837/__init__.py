"""The 837 claim, professional, institutional and dental (005010X222, X223, X224): what was billed.

model     what a claim says, as slotted classes: cents exact, dates YYYY-MM-DD, every fact with its place
loops     each segment put where it belongs, by the loop that is open
checks    totals of lines and of other payers; findings, never repairs
reader    read(stream, span): the walk over the segments
"""
