"""Rebill: corrected, void and secondary claims, made of what was billed and sent once.

Owns     rebill (one submission on its way), its holds and history; receivers, batches and attempts to hand
         them over; proofs of timely filing
States   draft -> ready -> batched -> transmitted -> received -> accepted -> answered, with the ways back
A claim on its way is kept as the segments it will be sent as, sealed; it is a version of its claim, on the
books, from the moment its batch was sent.
What comes back moves it (service_answers), what never came is asked for (service_reconcile), what shows that
it was filed in time is kept (service_proofs), and queries_road draws all of it as a line.
Guards are one list, asked by page, API, job and command alike.
"""
