"""Who did what, who saw whom: append only, one chain, its head anchored outside the database.

models    audit_event (the chain), audit_patient (whom an event was about), audit_head (where the chain ends)
service   `append`, installed as the writer of `w.audit(...)`; `anchor`, the daily note of the head in the
data folder
queries   `views_of` (who saw this patient), `events`, `quiet_views` (looks without work)
pages     Audit trail: events, looks without work, the check of the chain
verify    `verify`: every event, every patient row, the head and the anchors; returns what is wrong

Every event carries the format version, the hash before it and an HMAC under the installation's newest key.
The head row is locked while appending, so fifty writers make one chain. Triggers refuse UPDATE and DELETE,
also to the owner of the tables; whoever removes the triggers is found by `verify`: an edit breaks the seal,
a cut tail or a chain rebuilt with the key contradicts an anchor.
"""
