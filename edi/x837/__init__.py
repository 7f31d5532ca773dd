"""The 837 claim, professional, institutional and dental (005010X222, X223, X224), read and written.

model     what a claim says, as slotted classes: cents exact, dates YYYY-MM-DD, every fact with its place
loops     each segment put where it belongs, by the loop that is open
checks    totals of lines and of other payers; findings, never repairs
reader    read(stream, span): the walk over the segments
whole     a claim as all of its segments, nothing lost; dump and load
order     the guides: loops, order, how often; shape: a claim against them
facts     what a whole claim says, typed
edit      segments put in and taken out; codes: the lists in HI
fields    get and put by name; catalogue: fields.csv; values: what may stand there
resubmit  new, replacement, void, late charges
cob       the claim to the next payer; policies: who changes places with whom
outgoing  check_out: everything that should hold before a claim is sent
difference  what changed, in words and in segments
writer    claims into a file: envelope, levels, counts, separators
"""
