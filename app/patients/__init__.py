"""Patients as the claims name them, the guarantors who answer for them, and how these may be reached.

Owns    patient: one row per person of one entity; member ids sealed, found by blind index
        guarantor: a billing account, one per person who answers, one more for confidential mail
        patient_guarantor, visit_guarantor: who answers for which day of service, for which visit
        guarantor_address, contact_point, consent: where letters go, what may ring, who said yes or no
Verbs   recognise (a batch of people from claims)
        service_guarantors.resolve (who answers for a batch of visits)
        service_reach: add_address, mark_mail, add_point, end_point, consent
Reads   patients, search, find; queries_guarantors, queries_reach; the pages put together what later
        capabilities know (flows)
Two claims speak of one patient when name, birth date and entity agree. An adult answers for themselves, a
minor's parent is proposed and confirmed by a person, and nobody answers for being the subscriber.
"""
