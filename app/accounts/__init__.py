"""What a guarantor owes: the billing account.

Owns    owed (a visit's patient balance and whether it may be billed), standing (an account at a glance)
Verbs   refresh_claims, refresh (after whatever changes what is owed), note (what payments and plans say)
Reads   visits with the way from charge to balance (RPAT-11), why an account is not billed, accounts
A balance becomes the patient's only when every payer is final, and only for PR after review (R835-24,
RPAT-01). Both tables are derived: dropped and rebuilt they come out the same.
"""
