"""Why a loan is where it is, without Spark: what was published, what each condition saw, where values came from, what would help.

In come a release's tables, the feed rows it knew and the configuration it ran with; out goes what `loanwatch why` prints.
"""
