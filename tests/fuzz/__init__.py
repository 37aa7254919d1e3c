"""Damaged samples and made-up bytes for everything that reads what strangers send.

`targets` names the readers and what they may raise, `mutations` makes inputs, `coverage_guided` lets Atheris look for
inputs where it is installed (`python -m tests.fuzz.coverage_guided TARGET -max_total_time=60`).
"""
