"""Underpayments: what payers allowed against what their contract owes, and the work that follows.

A posting, a late schedule or changed terms judge the standing answers of claims anew: a function of what
stands, so the order of arrival does not matter. Nothing here moves money.

models            variance (versioned), underpayment (the case), events, projects, patterns
lifecycle         detected -> validated -> ... -> recovered, as a table
rules             actual allowed, classes, causes, tolerance, patterns
service           judge_from (consequence of a posting), judge: claims anew, in a fixed number of statements
service_cases     cases between memory and database     service_work     what a person does
service_patterns  systematic or one-off, every day      queries_standing what stands for a batch of claims
queries           lists, totals, one case, a claim's lines    queries_exports  what leaves the house
queries_panels    the variance of a claim on its own page
"""
