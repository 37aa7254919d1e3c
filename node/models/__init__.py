"""The tables. Models hold columns and nothing else: no I/O, no JSON, no rules."""
