"""Every address of this node, built in one place.

ActivityPub ids carry the account's or post's number, never a name: a name can be given away, an id never is.
"""

from __future__ import annotations

import re
from urllib.parse import urlencode

from node.runtime import runtime
from node.secrecy import fingerprint


def base() -> str:
    """`https://host`, without a slash at the end."""
    return runtime().settings.base_url


def actor(account_id: int) -> str:
    """ActivityPub id of a local account."""
    return f"{base()}/ap/users/{account_id}"


def instance_actor() -> str:
    """ActivityPub id of the node itself."""
    return f"{base()}/actor"


def main_key(actor_uri: str) -> str:
    """The id of an actor's signing key."""
    return f"{actor_uri}#main-key"


def proof_key(actor_uri: str) -> str:
    """The id of the key that proves an actor's documents (FEP-521a)."""
    return f"{actor_uri}#ed25519-key"


def inbox(actor_uri: str) -> str:
    """Where activities for one local actor are posted."""
    return f"{actor_uri}/inbox"


def shared_inbox() -> str:
    """Where activities for everyone here are posted."""
    return f"{base()}/inbox"


def client_endpoints() -> tuple[tuple[str, str], ...]:
    """Where clients of ActivityPub get a token and upload pictures, by the names the protocol has for that."""
    return (
        ("oauthAuthorizationEndpoint", f"{base()}/oauth/authorize"),
        ("oauthTokenEndpoint", f"{base()}/oauth/token"),
        ("uploadMedia", f"{base()}/ap/upload"),
    )


def followers(actor_uri: str) -> str:
    """The followers collection, also the address of 'my followers'."""
    return f"{actor_uri}/followers"


def account_collection(actor_uri: str, number: int) -> str:
    """ActivityPub id of a collection of accounts."""
    return f"{actor_uri}/collections/{number}"


def feature_authorization(actor_uri: str, item_id: int) -> str:
    """Where it can be read that a local account agreed to stand in somebody's collection."""
    return f"{actor_uri}/feature_authorizations/{item_id}"


def feature_request(actor_uri: str, item_id: int) -> str:
    """The id of the request to put somebody elsewhere into a collection."""
    return activity(actor_uri, "feature_requests", item_id)


def albums(actor_uri: str) -> str:
    """ActivityPub id of the list of an account's albums."""
    return f"{actor_uri}/albums"


def album(actor_uri: str, number: int) -> str:
    """ActivityPub id of an album."""
    return f"{albums(actor_uri)}/{number}"


def album_page(number: int) -> str:
    """The page of an album, where Pixelfed has it too."""
    return f"{base()}/c/{number}"


def account_collection_page(number: int) -> str:
    """The page of a collection of accounts."""
    return f"{base()}/collections/{number}"


def quote_authorization(actor_uri: str, quote_id: int) -> str:
    """Where it can be read that a local author lets a post quote theirs."""
    return f"{actor_uri}/quote_authorizations/{quote_id}"


def quote_request(actor_uri: str, quote_id: int) -> str:
    """The id of the request that a local post may quote another."""
    return activity(actor_uri, "quote_requests", quote_id)


def handle(username: str) -> str:
    """`user@domain` of a local account, as others write it; the node's own actor goes by its host."""
    settings = runtime().settings
    return f"{username}@{settings.domain if username == settings.domain else settings.handle_domain}"


def profile(username: str) -> str:
    """The page a person sees."""
    return f"{base()}/@{username}"


def post(post_id: int) -> str:
    """ActivityPub id of a local post."""
    return f"{base()}/ap/posts/{post_id}"


def post_page(username: str, post_id: int) -> str:
    """The page a person sees."""
    return f"{base()}/@{username}/{post_id}"


def activity(actor_uri: str, kind: str, number: int) -> str:
    """The id of an activity of a local actor, e.g. `…#follows/123`."""
    return f"{actor_uri}#{kind}/{number}"


def oembed(page: str) -> str:
    """Where another site learns how to show the post at `page`."""
    return f"{base()}/api/oembed?{urlencode({'format': 'json', 'url': page})}"


def place_page(number: int) -> str:
    """The page of a place."""
    return f"{base()}/places/{number}"


def hashtag(name: str) -> str:
    """The page of a hashtag."""
    return f"{base()}/tags/{name}"


def emoji(shortcode: str) -> str:
    """ActivityPub id of a custom emoji of this node."""
    return f"{base()}/ap/emojis/{shortcode}"


def media(key: str) -> str:
    """Where a stored file is served."""
    return f"{runtime().settings.media_url}/{key}"


def closed_file(media_id: int, variant: str, token: str) -> str:
    """Where a file is served that is not for everybody; the token says who asks (`node/file_tokens.py`)."""
    return f"{base()}/media/closed/{media_id}/{variant}/{token}"


def original(media_id: int) -> str:
    """Where everybody gets what they may have of the original of a photograph."""
    return f"{base()}/media/original/{media_id}"


def closed_file_id(url: str) -> int | None:
    """The file that an address made by `closed_file` is of; `None` for every other URL."""
    match = re.fullmatch(r"/media/closed/([0-9]{1,18})/[^/]+/[^/]+", url.removeprefix(base()))
    return int(match[1]) if match and url.startswith(base()) else None


def remote_file(kind: str, subject_id: int, origin: str, shape: str = "original") -> str:
    """Where readers get a file of another server, whose address is `origin`: from here, unless the admin wants them
    sent there. The token in it is this node's: only addresses it has shown to somebody can be asked for."""
    if links_to_remote_files():
        return origin
    return f"{base()}/media/remote/{kind}/{subject_id}/{remote_file_token(kind, subject_id, origin)}/{shape}"


def links_to_remote_files() -> bool:
    """Whether readers are sent to other servers for their files."""
    return runtime().settings.media.remote == "link"


def remote_file_token(kind: str, subject_id: int, origin: str) -> str:
    """What stands in the address of a file of another server; another one when `origin` changes."""
    return fingerprint(f"{kind} {subject_id} {origin}", "remote file")


def local_account_id(uri: str) -> int | None:
    """The account number in one of our actor ids; `None` for every other URI."""
    return _number(uri, "users")


def local_post_id(uri: str) -> int | None:
    """The post number in one of our post ids; `None` for every other URI."""
    return _number(uri, "posts")


def is_local(uri: str) -> bool:
    """Whether a URI is one of this node's."""
    return uri == base() or uri.startswith(base() + "/")


def _number(uri: str, collection: str) -> int | None:
    prefix = f"{base()}/ap/{collection}/"
    if not uri.startswith(prefix):
        return None
    rest = uri[len(prefix) :]
    return int(rest) if re.fullmatch(r"[0-9]{1,19}", rest) else None
