"""What moderators and admins see."""
