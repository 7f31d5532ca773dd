"""Denials: what a payer refused, why, what to do by when, and what came of it.

A posting opens cases (one per claim, remit and category), closes them when money or a reversal arrives, and
counts rounds when the same refusal comes again. Nothing is written off here (RDEN-09).

models          denial (the case), denial_item (one CAS triplet), denial_event (append only), denial_chance
lifecycle       new -> triaged -> ... -> closed, as a table
rules           one adjustment: reading, money at stake, deadline, guards of moves
rules_cases     a case in memory        rules_settle    a batch of claims played over the cases
rules_priority  score, its reasons, our own recovery chances
service         open_from, withdraw, advance, assign     service_daily   rank, recompute, expire, come back
service_playbook  rows of our own over the playbook      service_rows    cases between memory and database
queries         lists, totals, detail    queries_around  what is known beside a batch
data/           playbook.csv: payer, group, CARC, RARC -> what to do; taxonomy.csv: what a category takes
"""
