"""Server-to-server HTTP: what comes in from other servers, what goes out to them, and the policy between.

`wiring` puts the room together; `client` is the one way out; `resolve` turns ids and handles into rows.
"""
