"""A believable book of small loans, made of random numbers: for examples, tests and measurements.

In: how many loans, days, a seed. Out: deliveries as the senders would send them, and the answers beside them.
What can go wrong: arguments without sense, or a folder that is taken (UsageError).
"""

from loanwatch.synth.book import synth

__all__ = ["synth"]
