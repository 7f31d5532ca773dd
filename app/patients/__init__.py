"""Patients as the claims name them.

Owns    patient: one row per person of one entity; member ids sealed, found by blind index
Verbs   recognise (a batch of people from claims)
Two claims speak of one patient when name, birth date and entity agree.
"""
