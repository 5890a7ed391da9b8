"""Golden scenarios: stories told as what was delivered, day by day, and what had to come of it.

A scenario is a folder: `story.md`; `given/<feed>.csv` with a `day` column and only the columns that matter;
`then/<table>.csv` with `as_of`, key and checked columns (blank = unchecked, `?` = unknown). Each has a partner,
a pool and customers of its own, so that one lake and one Spark application run them all as one book.
"""
