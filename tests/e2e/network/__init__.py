"""A simulated network: many nodes, people who do things at random, and things that go wrong.

`gates` cuts nodes off, `cluster` runs them, `ledger` writes down what was done, `play` does it, `knowledge` reads what
each node knows afterwards, `verdict` holds the one against the other.
"""
