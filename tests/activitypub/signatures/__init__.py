"""Signatures over requests and documents."""
