"""What every capability may lean on; imports nothing of ours.

money      whole cents, every rounding        clock      the only reader of the machine's time
ids        addresses, UUIDv7, public ids      errors     Refused and Unavailable
db         tables, column types, bulk writes  work       one transaction, one actor, one moment
outbox     jobs written with the change       lifecycle  tables of allowed moves
crypto     sealed fields and blind indexes    settings   every RECLAIM_* variable
failpoints named places a test can break      limits     every limit with its unit
migrate    bring a database to head
"""
