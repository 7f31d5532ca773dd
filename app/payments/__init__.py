"""What patients pay: cash, check and card, applied to their visits, and taken back to the cent.

Owns    patient_payment, payment_application, payment_event, card_token, card_charge, small_balance
Verbs   take, apply, unapply, reverse (NSF, error), charge a card token, ask/approve small-balance write-offs
Reads   payments and receipts of an account, unapplied cash, what a payment would pay (preview)
The order of application is a rule (patient-collections section 8): designated, plan, statement, oldest first,
proportional. No card number is ever taken: only the token of the card processor (RSEC-20).
"""
