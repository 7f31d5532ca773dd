"""The 835 remittance (005010X221A1): one ST is one payment.

model     what a remit says, as slotted classes: cents exact, dates YYYY-MM-DD, every fact with its place
header    the payment, payer and payee: everything before the first claim
loops     the less frequent segments of a claim and its lines
checks    balances, side checks and code rules; findings, never repairs
reader    read(stream, span): the walk over the segments
"""
