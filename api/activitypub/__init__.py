"""ActivityPub client-to-server (W3C ActivityPub §6): an extra door to the same services."""
