"""The ledger: double entry in whole cents, reversed, never edited.

Owns    ledger_batch, ledger_entry, ledger_head, claim_balance
Verbs   Batch (add, close), undo_transaction, close_month, rebuild_balances, verify_entity
Reads   trial_balance, entries, balances of claims; as of any day, as known at any instant (N5)
An entry is one transfer: it debits one account and credits another by the same positive amount, so it sums to
zero by its shape. A negative amount swaps the sides (RGL-03). A batch is what one transaction posted; batches
of an entity form one hash chain, and the database itself refuses to change or delete either (L4).
`claim_balance` is derived: open receivable per claim, dropped and rebuilt to the same cents (L6).
"""
