"""Models of comparable sales: what a house or a vehicle would be sold for on a day, and how sure that is.

`traits` turns rows of the feeds `sale` and `asset` into numbers, `boosting` fits trees, `level` follows the market in time,
`comparables` looks at what the neighbours were sold for, `interval` says how far off it may be, `valuer` is all of it
together, and `backtest` tells the truth about it. Imports neither Spark nor Airflow.
"""
