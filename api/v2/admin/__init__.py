"""The second version of calls for moderators and admins."""
