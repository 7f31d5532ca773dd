"""Bytes into facts: every X12 file a payer or clearinghouse sends, read once, with positions, without
decisions.

segments    bytes to segments: separators, positions, cleaning, the way back
findings    what a reader has to say about a file, and what it asks the rest of the product to do
amounts     cents from text: a pattern first, a conversion second; dates likewise
envelope    pass 1: interchanges, groups, transactions, their counts and control numbers
registry    which transaction set is which kind of file
x835        remittances        x837  claims
x999, xta1, x277ca             acknowledgements
codes       CARC, RARC, PLB and claim status lists, dated
guide       a second opinion on the implementation guide
"""
