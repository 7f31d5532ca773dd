"""People, what they may do, and how they prove who they are.

models    person, credential, role grants per entity, sessions, API tokens, guesses, answers kept for retries
rules     the policy table (data/policy.csv), pairs of roles nobody may hold together, passwords
service   add_person, grant, revoke, disable, enable, change_password, reset_password
sign_in   sign_in, sign_out, issue_token, identify: from a cookie or bearer token to who is asking
pages     People: accounts, roles at entities, the access review
api       tokens for programs, and who one is
tasks     answers are forgotten after 30 days
cli       `user add|list|grant|revoke|disable|enable|reset|unlock`

Deny by default: a route, command or job without a row in the policy table keeps the product from starting. A
session lives on the server; the browser holds a random token whose hash is all we keep. Rights hold per
entity: whoever is a clerk here and a supervisor there acts as a supervisor there only.
"""
