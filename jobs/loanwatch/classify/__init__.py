"""classify: which class each loan has, why, and what moved since the parent release.

In come the loans of the day, what happened to them, what is known of their debtors, what people judged, and the schemes of
`conf/classes`; out go the class of each loan, with the floor that set it, what a class has to remember, and the migrations.
Triggers are floors: the borrower's own clock and judgement may only worsen a class; where something is missing that could
give another, the class is marked provisional and what is missing is named.
"""
