"""classify: which class each loan has, why, and what moved since the parent release.

In come the loans of the day and the schemes of `conf/classes`; out go the class of each loan, with the floor that set it, and
the migrations. Triggers are floors: the borrower's own clock may only worsen the contract's; a class for which something is
missing that could give another is marked provisional, and what is missing is named.
"""
