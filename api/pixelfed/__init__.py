"""What Pixelfed answers beside Mastodon's API, for its apps; one file for each capability."""
