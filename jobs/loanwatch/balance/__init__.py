"""balance: what does each loan owe at the end of the day, since when, and does it agree with the ledger and the cash.

In come contracts, schedules, repayments and events as known by K; out go one row a loan, what
it took over from loans that it repaid, the fate of every loan ever delivered, and the comparison with our ledger and the bank.
A loan without a schedule has unknown arrears; a partner whose repayments are late keeps its clock running, marked.
"""
