"""Worklist: one queue for people. What it is about, the amount at stake, by when, who has it.

Capabilities open items in bulk and close them by subject; people take, give and finish them.

models     worklist_item                              queries    pages of a queue, totals, one item
service    open_many, close_many, assign, finish      states     open, done
service_views, queries_views    saved views of lists: one's own, the team's, the one a list opens with
"""
