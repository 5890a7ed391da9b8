"""A folder for auditors: a release's tables, what its rules and classes were computed from, and a program that verifies them.

In come what was published and the rows it rests on; out goes a folder that needs neither this program nor a lake. `verify.py` in
it is a file of its own, on the standard library and pyarrow, and shares no code with what it verifies.
"""
