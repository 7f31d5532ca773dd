"""The 999 (and the older 997): which transactions of ours the receiver's translator took, and why not
the others.

reader    read(stream, span): one answer to one functional group
writer    write(parties, groups): our own answer to the groups of an interchange
checks    which codes say what our findings say
"""
