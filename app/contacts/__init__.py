"""Contacts: notes and calls about a piece of work; how guarantors are reached, and what forbids it.

A subject is named by its kind ("denial", "claim", "rebill", all of them in rules.SUBJECTS) and its key,
so that every capability has notes and calls without a table of its own. Entries are never edited: a mistaken
one is struck, and stays. What is typed is sealed, and card numbers are taken out before (RSEC-20).

Owns    contact, payer_promise; attempt (at a person), patient_promise, dispute, account_hold and
        returned_mail with account_event; refusal (what a guard forbade); collection_rule (ours over shipped)
Verbs   note, log_call, strike, judge; begin and wrap_up an attempt, identify; promise, open_dispute, place
        and lift a hold, take_in returned mail, change a rule of law
Guards  rules_guards: one pure function per act (N9); service_guards asks them and keeps what they refuse
Reads   about, promises due, how payers keep their word; an account's attempts, holds, disputes, refusals
"""
