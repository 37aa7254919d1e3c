"""Hypothesis strategies for every type that crosses the wire, and builders of plain documents."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from activitypub.types import (
    Activity,
    Actor,
    Approval,
    Attachment,
    Collection,
    Emoji,
    Hashtag,
    Image,
    InteractionPolicy,
    Link,
    Mention,
    Multikey,
    NodeInfo,
    Note,
    Place,
    Poll,
    PollOption,
    ProfileField,
    PublicKey,
    Tombstone,
    WebFinger,
)
from activitypub.vocabulary import ACTOR_TYPES, INVERSES, PUBLIC

HOST = "photos.example"

_SEGMENT = st.text("abcdefghijklmnopqrstuvwxyzABC0123456789_-~", min_size=1, max_size=12)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def urls(host: str = HOST) -> st.SearchStrategy[str]:
    return st.builds(
        "https://{}/{}{}".format,
        st.just(host),
        st.lists(_SEGMENT, min_size=1, max_size=4).map("/".join),
        st.sampled_from(["", "?page=2&min_id=0", "#main-key"]),
    )


anywhere = st.sampled_from([HOST, "elsewhere.example:8443", "xn--bcher-kva.example", "127.0.0.1:3000"]).flatmap(urls)
texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40)
times = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
focuses = st.tuples(*[st.floats(-1, 1, allow_nan=False)] * 2)
blurhashes = st.text("ABCDabcd0123#$%*+,-.:;=?@[]^_{|}~", min_size=6, max_size=60)
sides = st.integers(1, 5000)
sizes = st.tuples(sides, sides) | st.just((None, None))
shortcodes = st.text("abcdefgh_0123", min_size=1, max_size=12)
languages = st.sampled_from(["en", "pt-BR", "zh-Hant-TW"])

images = st.builds(
    Image,
    url=anywhere,
    media_type=maybe(st.sampled_from(["image/jpeg", "image/png", "image/svg+xml"])),
    description=maybe(texts),
    blurhash=maybe(blurhashes),
    width=maybe(sides),
    height=maybe(sides),
    focus=maybe(focuses),
)
emojis = st.builds(
    Emoji,
    name=shortcodes,
    url=anywhere,
    media_type=maybe(st.just("image/png")),
    id=maybe(anywhere),
    updated=maybe(times),
)


def unique(strategy: st.SearchStrategy[Any], key: Any, max_size: int = 4) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, max_size=max_size, unique_by=key).map(tuple)


emoji_lists = unique(emojis, lambda emoji: emoji.name)
url_lists = unique(anywhere, lambda url: url)


@st.composite
def actors(draw: st.DrawFn) -> Actor:
    actor_id = draw(urls())
    keys = draw(unique(st.builds(PublicKey, id=urls(), owner=st.just(actor_id), pem=texts), lambda key: key.id, 2))
    multikeys = st.builds(
        Multikey,
        id=urls(),
        controller=st.just(actor_id),
        public_key_multibase=st.text("123456789ABCDEF", min_size=1, max_size=50).map("z{}".format),
    )
    return Actor(
        id=actor_id,
        type=draw(st.sampled_from(sorted(ACTOR_TYPES))),
        username=draw(st.text("abcdefgh0123_.-", min_size=1, max_size=30)),
        inbox=draw(anywhere),
        outbox=draw(maybe(anywhere)),
        followers=draw(maybe(anywhere)),
        following=draw(maybe(anywhere)),
        featured=draw(maybe(anywhere)),
        shared_inbox=draw(maybe(anywhere)),
        url=draw(maybe(anywhere)),
        name=draw(maybe(texts)),
        summary=draw(maybe(texts)),
        icon=draw(maybe(images)),
        image=draw(maybe(images)),
        manually_approves_followers=draw(st.booleans()),
        discoverable=draw(st.booleans()),
        indexable=draw(st.booleans()),
        memorial=draw(st.booleans()),
        attribution_domains=tuple(
            draw(st.sets(st.sampled_from(["news.example", "a.blog.example", "localhost.test:8080"])))
        ),
        suspended=draw(st.booleans()),
        published=draw(maybe(times)),
        updated=draw(maybe(times)),
        public_keys=keys,
        public_key_ids=draw(url_lists),
        assertion_methods=draw(unique(multikeys, lambda key: key.id, 2)),
        fields=draw(unique(st.builds(ProfileField, name=texts, value=texts), lambda field: field.name)),
        emojis=draw(emoji_lists),
        also_known_as=draw(url_lists),
        moved_to=draw(maybe(anywhere)),
        webfinger=draw(maybe(st.just(f"someone@{HOST}"))),
        hides_public_from_anonymous=draw(st.booleans()),
        hides_unlisted_from_anonymous=draw(st.booleans()),
    )


@st.composite
def attachments(draw: st.DrawFn) -> Attachment:
    kind = draw(st.sampled_from(["image", "video", "audio", "unknown"]))
    told = {"image": "image/webp", "video": "video/mp4", "audio": "audio/mpeg", "unknown": "application/pdf"}[kind]
    width, height = draw(sizes)
    return Attachment(
        kind=kind,
        url=draw(anywhere),
        media_type=draw(st.sampled_from([None, told, "application/octet-stream"])),
        description=draw(maybe(texts)),
        blurhash=draw(maybe(blurhashes)),
        focus=draw(maybe(focuses)),
        width=width,
        height=height,
        duration=draw(maybe(st.integers(0, 10**7).map(lambda milliseconds: milliseconds / 1000))),
        thumbnail=draw(maybe(anywhere)),
        size=draw(maybe(st.integers(0, 2**40))),
        exif=draw(st.one_of(st.just(()), st.tuples(st.tuples(st.just("FNumber"), texts)))),
    )


polls = st.builds(
    Poll,
    options=st.lists(
        st.builds(PollOption, name=texts, votes=st.integers(0, 10**9)),
        min_size=1,
        max_size=5,
        unique_by=lambda option: option.name,
    ).map(tuple),
    multiple=st.booleans(),
    end_time=maybe(times),
    closed=maybe(times),
    voters=maybe(st.integers(0, 10**9)),
)


@st.composite
def places(draw: st.DrawFn) -> Place:
    latitude, longitude = draw(st.just((None, None)) | st.tuples(st.floats(-90, 90), st.floats(-180, 180)))
    return Place(draw(texts), latitude, longitude, draw(maybe(texts)), draw(maybe(anywhere)))


approvals = maybe(st.builds(Approval, automatic=url_lists, manual=url_lists))
interaction_policies = st.builds(
    InteractionPolicy, can_quote=approvals, can_reply=approvals, can_announce=approvals, can_like=approvals
)


@st.composite
def notes(draw: st.DrawFn) -> Note:
    kind = draw(st.sampled_from(["Note", "Note", "Question", "Article", "Page", "Video", "Event"]))
    content = draw(st.just("") | texts)
    addresses = url_lists | url_lists.map(lambda urls: (PUBLIC, *urls))
    return Note(
        id=draw(urls()),
        type=kind,
        attributed_to=draw(urls()),
        content=content,
        language=draw(maybe(languages)) if content else None,
        summary=draw(maybe(texts)),
        name=draw(maybe(texts)),
        sensitive=draw(st.booleans()),
        published=draw(maybe(times)),
        updated=draw(maybe(times)),
        in_reply_to=draw(maybe(anywhere)),
        url=draw(maybe(anywhere)),
        to=draw(addresses),
        cc=draw(addresses),
        attachments=tuple(draw(st.lists(attachments(), max_size=4))),
        mentions=draw(unique(st.builds(Mention, href=anywhere, name=maybe(texts)), lambda mention: mention.href)),
        hashtags=draw(
            unique(
                st.builds(Hashtag, name=st.text("abcÄßж日1_", min_size=1, max_size=9), href=maybe(anywhere)),
                lambda hashtag: hashtag.name.casefold(),
            )
        ),
        emojis=draw(emoji_lists),
        place=draw(maybe(places())),
        comments_enabled=draw(st.booleans()),
        shares_enabled=draw(st.booleans()),
        interaction_policy=draw(interaction_policies),
        conversation=draw(maybe(st.just("tag:photos.example,2026:objectId=1:objectType=Conversation"))),
        context=draw(maybe(anywhere)),
        poll=draw(maybe(polls)) if kind == "Question" else None,
        quote=draw(maybe(anywhere)),
        quote_authorization=draw(maybe(anywhere)),
        image=draw(maybe(images)),
        audience=draw(maybe(anywhere)),
        replies=draw(maybe(anywhere)),
        likes=draw(maybe(anywhere)),
        shares=draw(maybe(anywhere)),
    )


tombstones = st.builds(
    Tombstone, id=anywhere, deleted=maybe(times), former_type=maybe(st.sampled_from(["Note", "Person"]))
)


@st.composite
def activities(draw: st.DrawFn) -> Activity:
    kind = draw(st.sampled_from(["Follow", "Like", "Announce", "Flag", "Move", "Add", "QuoteRequest", "Custom"]))
    several = draw(unique(anywhere, lambda url: url)) if kind == "Flag" else ()
    several = several if len(several) > 1 else ()
    return Activity(
        id=None if kind == "Add" and draw(st.booleans()) else draw(urls()),
        type=kind,
        actor=draw(urls()),
        object_id=None if several else draw(anywhere),
        object_ids=several,
        target=draw(maybe(anywhere)),
        to=draw(url_lists),
        cc=draw(url_lists.map(lambda urls: (*urls, PUBLIC))),
        published=draw(maybe(times)),
        content=draw(maybe(texts)),
        instrument=draw(maybe(anywhere)),
        result=draw(maybe(anywhere)),
        in_reply_to=draw(maybe(anywhere)),
    )


@st.composite
def collections(draw: st.DrawFn) -> Collection:
    ordered = draw(st.sampled_from(["", "Ordered"]))
    items = st.lists(anywhere | st.builds(lambda url: {"id": url, "type": "Note"}, anywhere), max_size=5).map(tuple)
    page = Collection(
        id=draw(maybe(anywhere)),
        type=f"{ordered}CollectionPage",
        items=draw(items),
        next=draw(maybe(anywhere)),
        prev=draw(maybe(anywhere)),
        part_of=draw(maybe(anywhere)),
    )
    return Collection(
        id=draw(anywhere),
        type=f"{ordered}Collection",
        total_items=draw(maybe(st.integers(0, 10**9))),
        first=draw(maybe(anywhere | st.just(page))),
        items=draw(items),
        attributed_to=draw(maybe(anywhere)),
        inverse=draw(maybe(st.tuples(st.sampled_from(INVERSES), anywhere))),
    )


links = st.builds(Link, rel=texts, href=anywhere, type=maybe(texts), template=st.none()) | st.builds(
    Link, rel=texts, href=st.none(), type=st.none(), template=anywhere.map(lambda url: f"{url}{{uri}}")
)
webfingers = st.builds(
    WebFinger,
    subject=st.just(f"acct:someone@{HOST}"),
    aliases=url_lists,
    links=st.lists(links, max_size=4).map(tuple),
)
nodeinfos = st.builds(
    NodeInfo,
    version=st.just("2.1"),
    software_name=st.text("abc-19", min_size=1, max_size=12),
    software_version=st.just("") | texts,
    software_repository=maybe(anywhere),
    software_homepage=maybe(anywhere),
    protocols=st.just(("activitypub",)),
    open_registrations=st.booleans(),
    users_total=maybe(st.integers(0, 10**9)),
    users_active_month=maybe(st.integers(0, 10**9)),
    users_active_half_year=maybe(st.integers(0, 10**9)),
    local_posts=maybe(st.integers(0, 10**9)),
    local_comments=maybe(st.integers(0, 10**9)),
    node_name=maybe(texts),
    node_description=maybe(texts),
    staff_accounts=url_lists,
    metadata=st.just({}),
)

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(
        [
            "https://photos.example/x",
            "as:Public",
            "Note",
            "Person",
            "Hashtag",
            "Emoji",
            "#",
            "::",
            "http://",
            "//",
            "\x00",
        ]
    ),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=8), children, max_size=4),
    max_leaves=8,
)


def person(**changes: Any) -> dict[str, Any]:
    """The document of a person as Mastodon writes it."""
    actor_id = "https://photos.example/users/ada"
    return {
        "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
        "id": actor_id,
        "type": "Person",
        "preferredUsername": "ada",
        "inbox": f"{actor_id}/inbox",
        "publicKey": {"id": f"{actor_id}#main-key", "owner": actor_id, "publicKeyPem": "PEM"},
        **changes,
    }


def photo(**changes: Any) -> dict[str, Any]:
    """The document of a public post."""
    return {
        "id": "https://photos.example/posts/1",
        "type": "Note",
        "attributedTo": "https://photos.example/users/ada",
        "content": "<p>Lighthouse</p>",
        "to": [PUBLIC],
        "cc": ["https://photos.example/users/ada/followers"],
        **changes,
    }


def like(**changes: Any) -> dict[str, Any]:
    """A Like."""
    return {
        "id": "https://photos.example/likes/1",
        "type": "Like",
        "actor": "https://photos.example/users/ada",
        "object": "https://elsewhere.example/posts/9",
        **changes,
    }
