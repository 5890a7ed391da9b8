"""The command line: `python -m loanwatch`, `loanwatch`."""
