"""What a guarantor owes: the billing account.

Owns    owed (a visit's patient balance and whether it may be billed), standing (an account at a glance),
        call_place (its place on the call list, and who has it on the screen)
Verbs   refresh_claims, refresh (after whatever changes what is owed), note (what payments and plans say);
        service_calls: the next account for whoever asks
Reads   visits with the way from charge to balance (RPAT-11), why an account is not billed, accounts
A balance becomes the patient's only when every payer is final, and only for PR after review (R835-24,
RPAT-01). `owed` and `standing` are derived: rebuilt they come out the same, but for the days of `since`.
"""
