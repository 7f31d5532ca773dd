"""What we hold, as FHIR R4 (fhir-mapping sections 2 to 4, 7, 8): a read-only door for programs.

Resources: ExplanationOfBenefit and ClaimResponse (a payer's adjudication, from an 835 or an EOB),
PaymentReconciliation (one payment), Task (a denial case). An id is the public id of the record.

wire.py        JSON with money as decimals of two places, never a float
reading.py     the rows behind resources, set-wise, within the scope, each read in the audit with its patients
parameters.py  search parameters into conditions; what is not known is refused, not ignored
resources.py   ExplanationOfBenefit, ClaimResponse from rows
payments.py    PaymentReconciliation; tasks_of.py: Task; capability.py: the CapabilityStatement
pages.py       the door /fhir; errors are OperationOutcomes
validation.py  fhir.resources' opinion of EOBs that came in: warnings, formed in a job of its own
"""
