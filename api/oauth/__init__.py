"""OAuth 2 as Mastodon serves it: the consent page, tokens, metadata."""
