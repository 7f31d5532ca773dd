"""Contracts: dated fee schedules and terms, and what they owe for a claim.

A schedule is kept by the payer's number, so it may come before its payer. Rows are bitemporal: a correction
closes a row and writes another. What no schedule and no term covers is not priced, which is never zero.

models           fee_file, fee_import, fee_schedule (a version), fee_row, contract_term
rules            terms in force on a day, settings, modifiers, sequestration, what the payer should pay
rules_price      one claim priced step by step, in words
rules_methods    the registry of methods: the full contract engine adds its methods there
rules_import     one row of a file: fact or finding      rules_merge  new facts over known ones
translate        CSV and Excel as rows of text
service          terms changed                service_import  files loaded or previewed
queries          prices of claims             queries_schedules  lists for people
data/            the usual terms, place of service to setting, modifiers, sequestration: all dated
"""
