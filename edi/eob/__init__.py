"""FHIR R4 ExplanationOfBenefit: JSON read with the byte of every amount, balanced into what an 835 says.

positions.py  JSON as values that know where they stand
split.py      a file (one resource, a Bundle, NDJSON) into its resources
codes.py      which adjudication category, code system or identifier type means what; data in aliases.csv
balance.py    categories of one line into payment and adjustments (the five steps of RFHIR-10)
reader.py     one resource into an Explanation: its header and one claim payment, with findings
"""
