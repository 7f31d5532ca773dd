"""Procedures across capabilities, one file each.

receive_file    a content at any door -> stored, unpacked, split into transactions
receive_claims  one 837 transaction -> claims on the books, charged once
receive_remit   one 835 transaction -> matched, posted or parked, its consequences opened
resolve         what people do with parked claims and held transactions; retries when data arrives; undo
rebill_answers  what comes back for claims we sent -> submissions and batches move, proofs are kept
confirm_voids   a void and the payer's reversal -> the charges leave the books
watch_folder    what lies still in the watched folder -> offered, moved to done/ or refused/
tasks           the jobs of all these; a job that kills its worker is set aside with a reason
"""
