"""cover: what is each collateral worth today, and does it cover the loan.

In come pledges, assets, recorded valuations and price indices; out go a value per pledged asset and the
cover of each secured loan. An asset without a valuation has no value, and its loan unknown cover: never
zero, never a default. A loan without a pledge has no row: it is unsecured, not unknown.
"""
