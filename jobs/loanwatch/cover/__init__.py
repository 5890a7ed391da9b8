"""cover: what is each collateral worth today, how sure is that, and does it cover the loan?

In come pledges, assets, recorded valuations, price indices and models of comparable sales; out go chained index levels, a value
per pledged asset, which loan has how much of it, and the cover of each secured loan. An asset without a valuation has no value,
and its loan unknown cover: never zero, never a default. A loan without a pledge has no row: it is unsecured, not unknown.
"""
