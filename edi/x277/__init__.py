"""The 277 (005010X212): what a payer answers to a question about claims (276).

reader    read(stream, span): the walk over the segments; the facts are those of a 277CA
"""
