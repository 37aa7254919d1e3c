"""How fast the node is: `python -m benchmarks` prints a table and writes JSON. Never part of the tests."""
