"""Denials: what a payer refused, why, what to do by when, and what came of it.

A posting opens cases (one per claim, remit and category), closes them when money or a reversal arrives, and
counts rounds when the same refusal comes again. Nothing is written off here (RDEN-09).

models      denial (the case), denial_item (one CAS triplet), denial_event (who, when, why; append only)
lifecycle   new -> triaged -> ... -> closed, as a table       rules   readings, at stake, deadlines, score,
settle service     open_from, withdraw, the verbs of a case          queries lists, totals, detail, export
data/       playbook.csv (payer, group, CARC, RARC -> what to do), taxonomy.csv (what a category usually
takes)
"""
