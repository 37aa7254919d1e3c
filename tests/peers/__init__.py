"""Servers made with other people's software, and the round each of them goes with a node."""
