"""The normal distribution in Spark, which has no error function."""

from pyspark.sql import Column
from pyspark.sql import functions as F

# Abramowitz and Stegun 7.1.26: off by 1.5e-7 at most.
TIMES = 0.3275911
TERMS = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)


def below(deviations: Column) -> Column:
    """The share of a normal distribution below so many standard deviations from its mean."""
    x = F.abs(deviations) / 2**0.5
    t = 1 / (1 + TIMES * x)
    sum_of_terms = F.lit(0.0)
    for term in reversed(TERMS):
        sum_of_terms = (sum_of_terms + term) * t
    tail = sum_of_terms * F.exp(-x * x) / 2
    return F.when(deviations > 0, 1 - tail).otherwise(tail)
