"""Codes: what CARC, RARC, PLB and claim status codes mean, on a day, for an entity.

The shipped lists come with the product (translate); a row here overrides a shipped one from a day on, for
one entity or for all, and is never edited: a correction closes the row and writes another (bitemporal).

models     code_row                       rules     Carc, Rarc, Plb, ClaimStatus, CodeBook
service    book, change, history          translate the shipped lists
"""
