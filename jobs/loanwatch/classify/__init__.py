"""classify: which class each loan has, and what moved since the parent release.

In come the loans of the day; out go China's five classes by days past due, each with the rule that set
it, and the migrations. Triggers are floors: the borrower's own clock may only worsen the contract's; a
class whose input is missing is marked provisional.
"""
