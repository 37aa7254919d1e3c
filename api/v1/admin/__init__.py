"""Mastodon's admin API, and our own calls beside it: for moderators and admins alone."""
