"""Remittances as received, matched to claims, posted once.

Owns    remit, remit_claim, remit_line, remit_adjustment, remit_remark, provider_adjustment
Verbs   take_in (a header, twice is once), post (a batch of CLPs), park, resolve (link, split, not ours), undo
Reads   the ERA workspace, parked claims with suggestions, adjudications of a claim
States  remit claim: posted | parked | estimate | resolved -> reversed | undone
Rows are written when the transaction posts, in its one database transaction; a held one lives in its file.
"""
