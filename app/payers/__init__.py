"""Payers: who pays, under which names and numbers we meet them, and their terms, dated.

models     payer, payer_identifier, payer_alias, payer_term
rules      classes, normalised names, terms, the deadline engine with its proof (RDEN-20 to 22)
service    recognise, learn, rename, change_terms, terms
data/      one TOML per payer class with dated entries; holidays.toml, the US federal holidays as rules
"""
