"""What people do here: one module per capability, one function per use case, one transaction each.

A service takes the acting account and plain values, returns models and refuses with `node.errors`. It knows neither
HTTP nor ActivityPub, so a local request and a remote activity end in the same function.
"""
