"""admit: what did we get, is it whole, what was turned away and why.

In come the deliveries of partners, banks, valuers and our own ledger; out go numbered, typed, tokenised
rows, rejects with every reason, and a ledger in which rows in = admitted + rejected + repeated.
A delivery that is not what its manifest says is refused whole; a broken row is rejected alone; the rest goes on.
"""
