"""report: what readers get.

In come warnings, classes, cover and the loans of the day; out go the watch list with reasons and actions in
words, what changed since the parent release, and the portfolio by product, partner and pool.
"""
