"""The 277CA (005010X214): which claims a clearinghouse or payer took into adjudication, and why not
the others.

model     what an acknowledgement says about a claim and its lines
reader    read(stream, span): the walk over the segments
"""
