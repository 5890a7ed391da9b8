"""queue: what should a person do first.

In come open warnings and the loans of the day; out goes one item per borrower, worst first, with an
owner and a date by which somebody has to respond.
"""
