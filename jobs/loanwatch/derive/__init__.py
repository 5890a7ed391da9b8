"""derive: what is changing, as one row of indicators per loan and per borrower.

In come the loans of the day, their cover, and behaviour; out go indicators, each declared once in a
module of its theme and compiled by plan.py into one aggregation a source and one projection.
What is missing belongs to the source: an indicator over a source with a gap is null, never zero.
"""
