"""seal: is it complete, and who can prove it.

In comes what all steps wrote, as read back; out go the certificate of counts and sums, the sealed release
and its publication. A statement that does not hold stops the night: nothing is half-published.
"""
