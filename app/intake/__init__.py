"""Every file that came in, by whichever door: stored once, recognised by content, split into transactions.

Owns    intake_file, intake_offer, intake_interchange, intake_transaction, intake_finding
Verbs   record_offer, stage, settle, hold, release, forget_posting
Reads   files, transactions of a file, findings, held transactions
States file: received -> staged | refused
        transaction: staged -> posted | held | ignored | kept | refused;
        held -> staged (replay, release); posted -> undone -> staged (replay)
"""
