"""`python -m node.cli` is `heliograph`."""

from __future__ import annotations

from node.cli import main

main()
