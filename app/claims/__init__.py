"""Claims as billed: the truth that every remit is held against.

Owns    claim (the encounter that is owed), claim_version (each CLM as sent), claim_line, claim_payer
Verbs   receive (a batch of billed claims: versions linked, charges posted once per encounter), undo,
        name_controls (a CLM01 given to a submission: what comes under it is that claim, whatever it says)
Reads   by control number, by payer control number, by facts; one claim with versions, lines, payers
A claim is one encounter of one patient with one provider; later versions (secondary, replacement, late
charges) link to it by CLM01 or by the same facts, and post the difference only.
"""
