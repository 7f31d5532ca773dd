"""Patients as the claims name them.

Owns    patient: one row per person of one entity; member ids sealed, found by blind index
Verbs   recognise (a batch of people from claims)
Reads   patients, search, find; the account page puts together what later capabilities know (flows)
Two claims speak of one patient when name, birth date and entity agree.
"""
