"""Server HTTP: what other servers send us, what we send them, and whom we deal with."""
