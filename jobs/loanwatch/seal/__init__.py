"""seal: is it complete, and who can prove it.

In comes what all steps wrote, as read back; out go the certificate of counts and sums, the digests of the published tables, the
sealed release and its publication, and the audit log of all that was done to the lake. A statement that does not hold, and a log
that is not whole, stop the night: nothing is half-published.
"""
