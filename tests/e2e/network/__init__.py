"""A simulated network: many nodes, people who do things at random, and things that go wrong.

`gates` cuts nodes off, `cluster` runs them, `play` does things, `ledger` writes down what was done, `verdict` reads what
each node knows afterwards and holds the one against the other.
"""
