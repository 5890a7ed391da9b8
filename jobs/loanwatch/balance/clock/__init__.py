"""The arrears clock: what loans owe at the end of a day and since when, for many loans at once, in numpy.

In: what each loan asks for (schedules, charges), the money that came in, the events that moved due dates, and the
convention of the product. Out: one reading a loan. Nothing here knows Spark; `frames` carries rows in and out.

The rules, from which `tests/balance/clock_reference.py` is written independently:

- Money is held as credit until something is due, and is then allocated by the convention; what was allocated stays.
- Money that is taken back later (a negative payment) never counted: it undoes the latest money first.
- An instalment is past due from the day after its effective due date (moved by events, then to the next open day
  where the convention says so) and its grace; days are counted from the effective due date.
- A schedule with a higher number lists what remains from the day it was agreed on: what was asked, charged and paid
  up to that day is done with. Events of that day or earlier are in it.
- Holiday and extension move what is unpaid and due from `from_on` to `until_on`, to `until_on`; an acceleration moves all
  that is not due yet to its day; re-ageing moves all that is past due to `until_on`. Each concerns instalments that
  are unpaid at the end of its day, never charges.
"""
