"""What crosses the wire, as frozen values.

``activitypub.parse`` turns untrusted JSON into these, ``activitypub.render`` turns them into documents.
``parse(render(value)) == value`` holds for every type here.

Conventions: every time is an aware ``datetime`` in UTC; every id and URL is an
absolute http(s) string with its host in lower-case ASCII; HTML is whatever the peer wrote, **not sanitised**; an
optional value that is absent is ``None``, an absent list is ``()``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

from activitypub.vocabulary import ACTIVITY_MEDIA_TYPES, PUBLIC

Document: TypeAlias = dict[str, Any]
"""A JSON object as our peers send and get it."""

AttachmentKind: TypeAlias = Literal["image", "video", "audio", "unknown"]
Visibility: TypeAlias = Literal["public", "unlisted", "followers", "direct"]


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An RSA key in PEM form, as ``publicKey`` carries it (SPKI or PKCS#1; unread here)."""

    id: str
    owner: str
    pem: str


@dataclass(frozen=True, slots=True)
class Multikey:
    """A key of ``assertionMethod`` (FEP-521a)."""

    id: str
    controller: str
    public_key_multibase: str


@dataclass(frozen=True, slots=True)
class Image:
    """A picture of an actor (avatar, header) or an emoji's file. ``description`` is its alt text."""

    url: str
    media_type: str | None = None
    description: str | None = None
    blurhash: str | None = None
    width: int | None = None
    height: int | None = None
    focus: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Emoji:
    """A custom emoji (FEP-9098). ``name`` is without colons; ``url`` is the image."""

    name: str
    url: str
    media_type: str | None = None
    id: str | None = None
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProfileField:
    """One row of a profile's table (FEP-fb2a). ``name`` is plain text, ``value`` HTML."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Approval:
    """Who may do something with a post, as ids of actors and collections: at once, or once its author has agreed."""

    automatic: tuple[str, ...] = ()
    manual: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Actor:
    """An actor document (Person, Service, Application, Group, Organization)."""

    id: str
    type: str
    username: str
    inbox: str
    outbox: str | None = None
    followers: str | None = None
    following: str | None = None
    featured: str | None = None
    featured_tags: str | None = None
    featured_collections: str | None = None
    streams: tuple[str, ...] = ()
    """Other collections that may be of interest: of ours, the list of albums."""
    can_feature: Approval | None = None
    """Who may put the actor into a collection of theirs (FEP-7aa9)."""
    shared_inbox: str | None = None
    url: str | None = None
    name: str | None = None
    summary: str | None = None
    icon: Image | None = None
    image: Image | None = None
    manually_approves_followers: bool = False
    discoverable: bool = False
    indexable: bool = False
    memorial: bool = False
    attribution_domains: tuple[str, ...] = ()
    """Websites that may name the actor as an author; only a claim until the website names it too."""
    suspended: bool = False
    published: datetime | None = None
    updated: datetime | None = None
    public_keys: tuple[PublicKey, ...] = ()
    public_key_ids: tuple[str, ...] = ()
    """Keys the actor names without embedding them: documents to fetch (see ``parse_public_key``)."""
    assertion_methods: tuple[Multikey, ...] = ()
    fields: tuple[ProfileField, ...] = ()
    emojis: tuple[Emoji, ...] = ()
    also_known_as: tuple[str, ...] = ()
    moved_to: str | None = None
    webfinger: str | None = None
    """FEP-2c59: ``user@host``, without ``acct:``; only a claim until WebFinger confirms it."""
    hides_public_from_anonymous: bool = False
    hides_unlisted_from_anonymous: bool = False
    implements: tuple[str, ...] = ()
    """FEP-844e: specifications the actor's server says it implements."""
    endpoints: tuple[tuple[str, str], ...] = ()
    """What else ``endpoints`` names, for clients: ``oauthTokenEndpoint`` …"""

    @property
    def host(self) -> str:
        """Host of the actor's id (with a port if there is one), lower case."""
        return urlsplit(self.id).netloc.lower()

    def public_key(self, key_id: str) -> PublicKey | None:
        """The listed key of exactly this id."""
        return next((key for key in self.public_keys if key.id == key_id), None)


@dataclass(frozen=True, slots=True)
class Attachment:
    """One media file of a post. ``duration`` in seconds, ``size`` in bytes, ``focus`` (x, y) in -1..1, y upwards."""

    kind: AttachmentKind
    url: str
    media_type: str | None = None
    description: str | None = None
    blurhash: str | None = None
    focus: tuple[float, float] | None = None
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    thumbnail: str | None = None
    size: int | None = None
    digest: str | None = None
    """A multihash of the file as multibase (FEP-1311)."""
    exif: tuple[tuple[str, str], ...] = ()
    """Names of Exif fields and their values, which the photographer shows (FEP-ee3a)."""
    people: tuple[PersonTag, ...] = ()
    """Who is seen in it, and where."""


@dataclass(frozen=True, slots=True)
class PersonTag:
    """Somebody in a picture: ``href`` is the actor id, ``x`` from the left and ``y`` from the top, 0 to 1."""

    href: str
    name: str | None
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Mention:
    """``href`` is the actor id, ``name`` what was written (``@user@host``), which proves nothing."""

    href: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Hashtag:
    """``name`` without the ``#``, spelled as written."""

    name: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a picture was taken. Latitude and longitude in degrees."""

    name: str
    latitude: float | None = None
    longitude: float | None = None
    country: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class PollOption:
    name: str
    votes: int = 0


@dataclass(frozen=True, slots=True)
class Poll:
    """A ``Question``'s choices (FEP-9967). ``voters`` counts people, the options count votes."""

    options: tuple[PollOption, ...]
    multiple: bool = False
    end_time: datetime | None = None
    closed: datetime | None = None
    voters: int | None = None


@dataclass(frozen=True, slots=True)
class InteractionPolicy:
    """What a post's author allows others (GoToSocial, FEP-044f); `None` where nothing is said."""

    can_quote: Approval | None = None
    can_reply: Approval | None = None
    can_announce: Approval | None = None
    can_like: Approval | None = None


@dataclass(frozen=True, slots=True)
class QuoteAuthorization:
    """The stamp an author gives a quote (FEP-044f): `interacting_object` may quote `interaction_target`."""

    id: str
    attributed_to: str
    interacting_object: str
    interaction_target: str


@dataclass(frozen=True, slots=True)
class Note:
    """A post. ``type`` is the wire's own (Note, Article, Page, Question, Image, Video, Audio, Event).

    ``content`` is HTML, ``summary`` the content warning, ``name`` the title of kinds that have one (and the chosen
    option of a poll vote). ``to`` and ``cc`` carry Public as its full IRI. ``in_reply_to``, ``quote``, ``context`` and
    ``conversation`` may name anything, also what does not exist.
    """

    id: str
    type: str
    attributed_to: str
    content: str = ""
    language: str | None = None
    summary: str | None = None
    name: str | None = None
    sensitive: bool = False
    published: datetime | None = None
    updated: datetime | None = None
    in_reply_to: str | None = None
    url: str | None = None
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    mentions: tuple[Mention, ...] = ()
    hashtags: tuple[Hashtag, ...] = ()
    emojis: tuple[Emoji, ...] = ()
    place: Place | None = None
    comments_enabled: bool = True
    shares_enabled: bool = True
    interaction_policy: InteractionPolicy = InteractionPolicy()
    conversation: str | None = None
    context: str | None = None
    poll: Poll | None = None
    quote: str | None = None
    quote_authorization: str | None = None
    image: Image | None = None
    """The title picture of an Article, Page, Event or Video; not one of ``attachments``."""
    audience: str | None = None
    """The group a threaded post belongs to (FEP-1b12)."""
    replies: str | None = None
    likes: str | None = None
    shares: str | None = None

    @property
    def is_poll_vote(self) -> bool:
        """A vote is a Note with a ``name`` that answers something and says nothing else (FEP-9967)."""
        return (
            self.type == "Note"
            and self.name is not None
            and self.in_reply_to is not None
            and not self.content
            and not self.attachments
        )


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of a deleted object."""

    id: str
    deleted: datetime | None = None
    former_type: str | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity as it stands on the wire.

    ``object`` is the embedded raw JSON, still untrusted: hand it to ``parse_object`` once the sender is known to own it.
    ``object_id`` is its id, embedded or not (None for anonymous objects). When the wire carried several objects
    (``Flag``, several votes) these two are None, ``object_ids`` holds every id and ``objects`` those that were embedded.
    ``id`` is None only for the types in ``vocabulary.ACTIVITIES_WITHOUT_ID``.
    """

    id: str | None
    type: str
    actor: str
    object_id: str | None = None
    object: Mapping[str, Any] | None = None
    object_ids: tuple[str, ...] = ()
    objects: tuple[Mapping[str, Any], ...] = ()
    target: str | None = None
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    published: datetime | None = None
    content: str | None = None
    instrument: str | None = None
    instrument_object: Mapping[str, Any] | None = None
    """The embedded instrument, raw and untrusted like `object`."""
    result: str | None = None
    in_reply_to: str | None = None

    @property
    def every_object_id(self) -> tuple[str, ...]:
        """The ids of all objects, be it one or several."""
        return self.object_ids if self.object_id is None else (self.object_id,)


CollectionItem: TypeAlias = str | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection or one page of it. ``items`` are ids, or embedded objects that are hints only.

    ``id`` is None only for a page embedded in ``first``.
    """

    id: str | None
    type: str
    total_items: int | None = None
    first: str | Collection | None = None
    items: tuple[CollectionItem, ...] = ()
    next: str | None = None
    prev: str | None = None
    part_of: str | None = None
    attributed_to: str | None = None
    inverse: tuple[str, str] | None = None
    """What it is and whose: a name of ``vocabulary.INVERSES`` and an id, e.g. ``("repliesOf", …)`` (FEP-5711)."""
    name: str | None = None
    summary: str | None = None
    """May hold HTML."""
    url: str | None = None
    image: Image | None = None
    published: datetime | None = None
    updated: datetime | None = None

    @property
    def item_ids(self) -> tuple[str, ...]:
        """The id of every item that has one, embedded or not, in order."""
        ids = (item if isinstance(item, str) else item.get("id") for item in self.items)
        return tuple(id_ for id_ in ids if isinstance(id_, str))


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a JRD (RFC 7033) or of a NodeInfo index. OStatus templates stand in ``template``."""

    rel: str
    href: str | None = None
    type: str | None = None
    template: str | None = None


@dataclass(frozen=True, slots=True)
class WebFinger:
    """A JRD. ``subject`` as it came, usually ``acct:user@host``."""

    subject: str
    aliases: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()

    @property
    def actor_id(self) -> str | None:
        """The ``self`` link of an ActivityPub type."""
        return next(
            (
                link.href
                for link in self.links
                if link.rel == "self" and link.href and (link.type or "").lower() in ACTIVITY_MEDIA_TYPES
            ),
            None,
        )

    @property
    def acct(self) -> str | None:
        """``user@host`` of an ``acct:`` subject, host in lower case; None for any other subject."""
        scheme, _, rest = self.subject.partition(":")
        user, _, host = rest.lstrip("@").rpartition("@")
        if scheme.lower() != "acct" or not user or not host:
            return None
        return f"{user}@{host.lower()}"


@dataclass(frozen=True, slots=True)
class NodeInfo:
    """NodeInfo 2.0 and 2.1. Counts are the server's own claims; None when it keeps them to itself."""

    version: str
    software_name: str
    software_version: str = ""
    software_repository: str | None = None
    software_homepage: str | None = None
    protocols: tuple[str, ...] = ("activitypub",)
    open_registrations: bool = False
    users_total: int | None = None
    users_active_month: int | None = None
    users_active_half_year: int | None = None
    local_posts: int | None = None
    local_comments: int | None = None
    node_name: str | None = None
    node_description: str | None = None
    staff_accounts: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """Everything else of ``metadata``, to be rendered beside the named values; empty after parsing."""


def visibility(note: Note, followers: str | None) -> Visibility:
    """Who may see ``note``, told from its addressing (Mastodon's convention, the common one).

    ``followers`` is the author's followers collection as stored with the author; without it a post to "followers" is
    indistinguishable from a direct one and is taken as the narrower.
    """
    return visibility_of(note.to, note.cc, followers)


def visibility_of(to: tuple[str, ...], cc: tuple[str, ...], followers: str | None) -> Visibility:
    """`visibility` from the bare addressing, for activities (``Announce``)."""
    if PUBLIC in to:
        return "public"
    if PUBLIC in cc:
        return "unlisted"
    if followers is not None and (followers in to or followers in cc):
        return "followers"
    return "direct"
