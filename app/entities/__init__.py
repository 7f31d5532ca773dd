"""Billing entities: the practices and hospitals whose books these are.

Owns    entity, entity_identifier (NPI, tax id, payee id; dated)
Verbs   add, identify
Reads   by_identifier, all_within, time zones
Every table of an entity's data carries `entity_id`; its ledger, payers and patients are its own.
"""
