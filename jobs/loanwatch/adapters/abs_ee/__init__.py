"""Car loans of SEC Form ABS-EE, wide by month: deliveries that give the file's balance to the cent.

In: files with Schedule AL fields (the first report), then BALi, PRCi, PMTi, RECi, REPi for the i-th month after it.
Out: a book at the first month-end, then at each month-end what that month brought. What can go wrong: UsageError.

The choice. The clock runs on payments, the balance on principal. An instalment's *amount* is the contract's
(the scheduled payment), known in advance; how much of it is principal is known only when a simple-interest loan
is paid. So each month-end sends again the instalments which that month's money touched, same amount and due
date, split as collected: interest = PMT - PRC. Nothing of a later month is in an earlier delivery. Weighed and
turned down, on the two pools of Ally 2017-3: the schedule's fixed split (balance off by 96 USD on average, 6,147
at most: prepaid money pays interest that never accrues); principal only (balance exact, but every day's more
interest leaves an instalment short of some cents: 65 % of loan-months past due instead of 22 %).

What is assumed, and why:
- *Before the first report*: one instalment, repaid the day before the first reporting period, takes the loan
  from its original amount to its balance. The contract keeps its principal; nothing looks as if never paid.
- *At entry*: arrears are the next amount due less one scheduled payment, as old as currentDelinquencyStatus
  says; a borrower who is ahead owes the smaller amount the lender states next. The rest is the balance
  amortised at the rate by the scheduled payment, at most to maturity.
- *Days*: the file has months. The due day is that of the oldest unpaid instalment, else of
  interestPaidThroughDate, within 2..28, so that k unpaid instalments are 30 (k - 1) + 2 to 30 k days at any
  month-end; money is dated on the due day of its month. Origination is the first of its month.
- *Ahead by one instalment at most*: what exceeds it is a prepayment of principal, an instalment of its own due
  when paid (1000 + month). Of 110 charge-offs 22 had prepaid a lump sum, then stopped: with unlimited credit
  they would be written off at zero days past due; this way all 110 are past due by more than 30 the month before.
- *Balance up* (a returned payment, capitalised interest): the loan's principal rises by it, due at maturity
  (2000 + month).
- *Extensions* are not in the file but for those of the first report: a month the lender deferred looks missed,
  and stays missed until paid. Long arrears are overstated, most of all after the deferrals of spring 2020.
- *Endings* are in `endings`; recoveries (REC) are taken as the borrower's, proceeds (REP) as the collateral's,
  both as principal until nothing is owed; negative ones are costs and corrections, not money paid, and are left out.
- *No personal data* exists: a customer is its loan, names and locators are the asset number.
"""

from loanwatch.adapters.abs_ee.endings import charge_offs
from loanwatch.adapters.abs_ee.inbox import abs_ee

__all__ = ["abs_ee", "charge_offs"]
