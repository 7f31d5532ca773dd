"""Payment plans whose instalments add up to what they cover.

Owns    plan, plan_item, instalment, plan_event
Verbs   offer, draft, activate, change, add, cancel, judge (daily: late, defaulted), cure, re_establish
Reads   plans, what is due, offers within policy with this clinic's own completion rates
RPAT-30: the sum of the schedule is the balance at creation, always. No dunning while a plan is current.
"""
