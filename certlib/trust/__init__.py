"""Trust: whether clients trust a certificate, by which path, and why not.

All paths from a certificate to a trust anchor are walked, within bounds. The
first without a fault wins; otherwise the best one is explained. Whether one was
revoked is asked of `revocation`; the name of the server is judged elsewhere.
"""
