"""The hot reads: hand-written SQL, a fixed number of statements whatever the page size.

A page query answers with ids, versions and what the viewer did; what is shown comes from bytes kept by version
(`api/entities/`), so most pages cost one statement.
"""
