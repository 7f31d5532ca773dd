"""The TA1: whether the receiver could open an interchange of ours at all.

reader    read(interchange): the answers among an interchange's segments
writer    write(parties, answered): our own answer to an interchange
"""
