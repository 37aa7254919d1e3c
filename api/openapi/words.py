"""What fields and parameters mean, for those whose meaning is the same wherever they stand."""

from __future__ import annotations

from typing import Final

_MOMENT: Final = "A moment in UTC, ISO 8601 with milliseconds."

_WORDS: Final = {
    "acct": "The handle: `user` for people of this server, `user@domain` for everybody else.",
    "account_id": "The account that is meant.",
    "agreement": "Whether the person agrees to the rules and terms.",
    "all": "Only posts that have all of these hashtags as well.",
    "any": "Posts that have any of these hashtags instead.",
    "application": "The app it was posted with.",
    "avatar": "The address of the profile picture.",
    "avatar_static": "The profile picture without movement.",
    "bot": "Whether the account acts by itself.",
    "blurhash": "A blurred preview in a few characters (BlurHash).",
    "bookmarked": "Whether the viewer saved it.",
    "code_challenge": "PKCE: the SHA-256 of the verifier, base64url without padding.",
    "code_challenge_method": "PKCE: `S256`, the only method.",
    "code_verifier": "PKCE: the verifier whose challenge the consent page was given.",
    "comments_disabled": "Whether nobody may comment.",
    "content": "HTML that was cleaned: paragraphs, line breaks, links, no styles.",
    "created_at": _MOMENT,
    "delete_media": "Whether its files go at once instead of waiting a day to be posted anew.",
    "description": "What is to be seen, for those who cannot see it (alt text).",
    "discoverable": "Whether the account may be suggested and listed.",
    "display_name": "The name a person gives themselves; may be empty.",
    "edited_at": "When it was last edited; `null` when never.",
    "exclude_reblogs": "Leave out what the account shared.",
    "exclude_replies": "Leave out comments on other people's posts.",
    "exclude_direct": "Leave out posts to named people alone.",
    "exclude_types": "Leave out notifications of these types.",
    "expires_at": "When it ends by itself; `null` for never.",
    "favourited": "Whether the viewer likes it.",
    "focus": "The point to keep when cropping: `x,y`, each from -1 to 1.",
    "following": "Only accounts the caller follows.",
    "force_login": "Have the person sign in again, whoever is signed in.",
    "indexable": "Whether public posts may be found by their words.",
    "id": "A number of up to 19 digits, as a string. Later things have greater ids.",
    "in_reply_to_id": "The post this one answers.",
    "in_reply_to_account_id": "Whose post this one answers.",
    "language": "An ISO 639-1 code.",
    "limit": "How many; a greater wish is cut down to what is allowed.",
    "list_id": "Which of the caller's lists.",
    "local": "Only what comes from this server.",
    "locked": "Whether follows have to be approved.",
    "media_ids": "Files uploaded before, in this order.",
    "muted": "Whether the viewer hears no more of its thread.",
    "none": "Only posts that have none of these hashtags.",
    "note": "The profile's text; HTML in accounts, plain text in parameters and sources.",
    "offset": "How many to pass over.",
    "only_media": "Only posts with pictures or videos.",
    "pinned": "Whether it is pinned to its author's profile.",
    "preview_url": "A small version.",
    "q": "What to look for.",
    "quote_approval_policy": "Who may quote: `public`, `followers` or `nobody`.",
    "reblog": "The post this share passes on.",
    "reblogged": "Whether the viewer shared it.",
    "redirect_uri": "Where the person goes back to: letter for letter one that the app registered.",
    "remote": "Only what comes from other servers.",
    "resolve": "Whether to ask other servers for a handle or address that is not known here.",
    "scope": "Scopes, separated by spaces.",
    "scopes": "Scopes, separated by spaces.",
    "sensitive": "Whether the pictures are covered until the viewer wants to see them.",
    "spoiler_text": "A content warning, shown before the content; empty for none.",
    "state": "Comes back unchanged with the code.",
    "status": "The caption: plain text with @mentions and #hashtags.",
    "tagged": "Only posts with this hashtag.",
    "types": "Only notifications of these types.",
    "uri": "The ActivityPub id.",
    "url": "The address of the page or file.",
    "visibility": "`public`, `unlisted`, `private` (followers; to read, also those its author chose) or `direct` (those mentioned).",
    "with_suspended": "Include suspended accounts.",
}

_OF_STRUCT: Final = {
    "Application": {"scopes": "What the app may ask for.", "website": "The app's own page."},
    "RegistrationParams": {
        "client_name": "What people are shown.",
        "redirect_uris": "One address or several: a list, or a text with one a line.",
        "website": "The app's own page.",
    },
    "RegisteredApplication": {
        "scopes": "What the app may ask for.",
        "redirect_uri": "The same addresses, one a line.",
        "vapid_key": "The key that Web Push messages are signed with.",
    },
    "NotificationParameters": {"account_id": "Only notifications that come from this account."},
    "Notification": {"status": "The post it is about, if there is one."},
    "MediaAttachment": {"url": "The file; `null` while it is still being worked on."},
    "DomainBlock": {"digest": "The SHA-256 of the domain, in hexadecimal."},
    "Place": {"country": "In words; empty when unknown."},
}


def description_of(field: str, struct: str) -> str:
    """The meaning of a field of a struct; empty when its name says it all."""
    return _OF_STRUCT.get(struct, {}).get(field) or _WORDS.get(field, "")
