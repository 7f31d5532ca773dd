"""Accounts ready for an agency: what the scrub says of each, light by light (O1). Nothing is placed here yet.

Reads   candidates with their lights, as a list and as Excel
A light is green only when nothing stands against it: days since the first statement, the notice, coverage,
plan, dispute, assistance, mail, deceased, bankruptcy, balance, letters done (patient-collections section 11).
"""
