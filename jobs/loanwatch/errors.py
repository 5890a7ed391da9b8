"""Errors that a person reads: what is wrong, where, and what to do. One root, one leaf an exit code."""

import difflib
from collections.abc import Iterable


class LoanwatchError(Exception):
    """Root of all errors the program explains; `exit_code` is what the command line ends with."""

    exit_code = 3


class DataError(LoanwatchError):
    """The data says no: a gate failed, a row count does not close. Trying again changes nothing."""

    exit_code = 1


class UsageError(LoanwatchError):
    """The user's mistake: an unknown key, a date before the first, a rule that does not parse."""

    exit_code = 2


class MachineError(LoanwatchError):
    """The machine's fault: no Java, no jars, a full disk. Mend it and run again."""

    exit_code = 3


class NotNow(LoanwatchError):
    """Not now: somebody holds the lock, or the day before is missing. A scheduler may retry."""

    exit_code = 4


def near(word: str, known: Iterable[str]) -> str:
    """A hint at the nearest known name."""
    found = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {found[0]!r}?" if found else ""
