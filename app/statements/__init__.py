"""Statements and collection letters: who gets what, when and why; and why not.

Owns    dunning (where an account stands), its policies and levels, runs and their items, statements, letters,
        print batches, e-mails, the words people edited
Verbs   plan a run, hold/drop/audit/sign/release it, make its documents, hand them over, e-mail, move stages
Reads   what a run would do (dry run), why no bill, statements and letters of an account, reproduction
Every account a run looked at has its line: sent with a number, or skipped with a reason. What was issued is
kept as facts with their hash and as bytes, and never changes again (RPAT-11, H14).
"""
