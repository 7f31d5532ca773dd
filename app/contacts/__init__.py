"""Contacts: what people noted about a piece of work, and what payers said on the phone.

A subject is named by its kind ("denial", "claim", "rebill", all of them in rules.SUBJECTS) and its key,
so that every capability has notes and calls without a table of its own. Entries are never edited: a mistaken
one is struck, and stays. What is typed is sealed, and card numbers are taken out before (RSEC-20).

models     contact (note, call, strike; append only), payer_promise (open until its day is judged)
rules      card numbers out of text, outcomes of calls, how a promise ended
service    note, log_call, strike, judge           queries    about, promises due, how payers keep their word
"""
