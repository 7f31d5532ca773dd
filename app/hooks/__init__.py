"""Webhooks: other programs are told what happened, signed, tried again, and on request once more.

Owns: who wants to be told what (hook), what happened (hook_event: kinds and public ids, never a name or an
amount), and each delivery. Verbs: add, change, end, announce, replay, deliver. A delivery is a job of the
outbox, promised in the transaction of what it tells about; it may arrive twice and carries its id.

States of a delivery: queued → delivered | given_up; a given-up one can be replayed.
"""
