"""Documents as real servers send them: each is read or refused with a reason, and of many the meaning is known."""

from __future__ import annotations

import csv
from typing import Any

import pytest

from activitypub.nodeinfo import parse_nodeinfo
from activitypub.parse import ParseError, load_json, parse_activity, parse_object, parse_public_key
from activitypub.render import render_actor, render_note
from activitypub.types import Activity, Actor, Collection, Note, visibility
from activitypub.webfinger import parse_webfinger
from tests.samples import SAMPLES, needs_samples

FOLDER = SAMPLES / "activitypub"


def index() -> list[tuple[str, str]]:
    """Every sample as (file, kind), signature vectors and contexts aside."""
    if not FOLDER.is_dir():
        return []
    with (FOLDER / "INDEX.tsv").open(encoding="utf-8") as lines:
        rows = [(row["file"], row["kind"].partition(":")[0]) for row in csv.DictReader(lines, delimiter="\t")]
    return [(file, kind) for file, kind in rows if kind in READERS]


def read_whole(document: dict[str, Any]) -> Any:
    """Whatever it is, and what it carries."""
    read = parse_object(document)
    if isinstance(read, Activity) and read.object is not None and read.type in ("Create", "Update"):
        return parse_object(read.object)
    return read


READERS: dict[str, Any] = {
    "activity": read_whole,
    "actor": read_whole,
    "collection": read_whole,
    "object": read_whole,
    "keys": parse_public_key,
    "key": parse_public_key,
    "nodeinfo": parse_nodeinfo,
    "webfinger": parse_webfinger,
}


def load(file: str) -> dict[str, Any]:
    return load_json((FOLDER / file).read_bytes())


REFUSED = {
    "fedify/actors/example.com_person2.json": "preferredUsername",
    "fedify/activities/example.com_announce.json": "actor",
    "funfedi/objects/ff-object_attributed_to_4.json": "attributedTo",
    "gotosocial/objects/docs-interaction_policy-05.json": "type",
    "loops/activities/loop-FEDERATION-08.json": "id",
    "mastodon/actors/application_actor.json": "id",
    "mastodon/objects/docs-activitypub-17.json": "attributedTo",
    "mbin/activities/CreateTest__testCreateEntry__1.json": "id",
    "misskey/activities/misskey-like.json": "id",
    "pixelfed/activities/pf-AnnounceTest-invalidActor2.json": "actor",
    "pixelfed/objects/pf-AnnounceTest-invalidAnnounce.json": "type",
    "pleroma/objects/chat_message.json": "type",
    "pleroma/objects/https__info.pleroma.site_activity3.json": "attributedTo",
    "vernissage/activities/vern-ActivityDtoDeserializationFixtures-05.json": "id",
}
"""Forged, incomplete, templates that were never filled in, or of kinds unknown here."""


@needs_samples
@pytest.mark.parametrize(("file", "kind"), index())
def test_every_sample_is_read_or_refused_with_a_reason(file: str, kind: str) -> None:
    document = load(file)
    try:
        read = READERS[kind](document)
    except ParseError as error:
        assert error.reason
        return
    assert read is not None
    if isinstance(read, Note):
        assert parse_object(render_note(read)) == read
    if isinstance(read, Actor):
        assert parse_object(render_actor(read)) == read


@needs_samples
@pytest.mark.parametrize(("file", "path"), REFUSED.items())
def test_bad_samples_are_refused_by_the_name_of_what_is_wrong(file: str, path: str) -> None:
    with pytest.raises(ParseError) as caught:
        read_whole(load(file))
    assert caught.value.path == path


@needs_samples
def test_nearly_all_samples_are_read() -> None:
    refused = []
    for file, kind in index():
        try:
            READERS[kind](load(file))
        except ParseError:
            refused.append(file)
    assert len(refused) < len(index()) / 5


# file: (author, beginning of the text, visibility, (first 30 characters of the alt texts), (mentions), (hashtags))
POSTS: dict[str, tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "mastodon/activities/mastodon-create-with-attachment.json": (
        "http://mastodon.example.org/users/admin", "<p><a href=", "public", ("",), (), (),
    ),
    "mastodon/activities/mastodon-post-activity-contentmap.json": (
        "http://mastodon.example.org/users/admin", '<p><span class="h-card">', "public", (),
        ("@lain@localtesting.pleroma.lol",), (),
    ),
    "mastodon/objects/mastodon-note-object.json": (
        "http://mastodon.example.org/users/admin", "<p>yeah.</p>", "public", ("",), (), (),
    ),
    "mastodon/activities/mastodon-vote.json": (
        "https://mastodon.sdf.org/users/rinpatch", "", "direct", (), (), (),
    ),
    "pixelfed/objects/pf-NoteAttachmentTest-01.json": (
        "https://pixelfed.social/users/dansup", "This was my first IG post too.", "public", ("",), (),
        ("mazda", "zoomzoom"),
    ),
    "pixelfed/activities/pf-NoteAttachmentTest-02.json": (
        "https://mastodon.social/users/dansup", "<p>Good Morning!", "public", ("",), (), ("coffee",),
    ),
    "gotosocial/objects/gts-normalize-01-2.json": (
        "https://example.org/users/hourlycatbot", "", "public",
        ("DESCRIPTION: here's <> picture", "hello: here's another #picture", "", "image of a cat & there's a not"), (), (),
    ),
    "gotosocial/activities/live-gotosocial-create-07.json": (
        "https://gts.test/users/alice", "<p>private", "followers", (), ("@cap@pasture.test",), (),
    ),
    "gotosocial/activities/live-gotosocial-create-05.json": (
        "https://gts.test/users/alice", "<p>poll", "unlisted", (), ("@cap@pasture.test",), (),
    ),
    "ghost/activities/ghos-note-with-image-create-activity-01.json": (
        "https://example.com/user/foo", "Note with image", "public", ("alt text for image",), (), (),
    ),
    "ghost/activities/ghos-article-create-activity-01.json": (
        "https://example.com/user/foo", "Post content", "public", (), (), (),
    ),
    "wordpress/objects/page.json": (
        "https://dbzer0.com/blog/author/db0/", "<p>I recently got my hands on a 3D printer", "public",
        ("A fleet of varied spacships", "", "", ""), (),
        ("3DPrinting", "ai", "Boardgames", "GenAI", "LastLight"),
    ),
    "peertube/activities/framatube.org-video.json": (
        "https://framatube.org/accounts/framasoft", "<p>Après avoir mené", "public", ("",), (),
        ("déframasoftisons", "EPN23", "framaconf", "Framasoft", "pyg"),
    ),
    "peertube/objects/note.json": (
        "https://video.antopie.org/accounts/yoge6785555", "<p>@af2@bae.st idk</p>", "public", (), ("@af2@bae.st",), (),
    ),
    "hubzilla/activities/hubzilla-create-image.json": (
        "https://hub.somaton.com/channel/testc6", '<div class="wall-item-footer">', "public", ("",), (), (),
    ),
    "funkwhale/objects/funkwhale_audio.json": (
        "https://channels.tests.funkwhale.audio/federation/actors/compositions", "<p>This is a test Audio",
        "public", ("",), (), ("funkwhale", "test", "tests"),
    ),
    "mobilizon/objects/event.json": (
        "https://rendezvous.nomagic.uk/@devon_caledonian_society", "<p>£6 each.</p>", "public", ("Banner",), (),
        ("Dance", "Caledonian", "Lesson"),
    ),
    "lemmy/activities/create_private_message.json": (
        "http://enterprise.lemmy.ml/u/lemmy_beta", "hello", "direct", (), (), (),
    ),
    "lemmy/activities/create_comment.json": ("http://ds9.lemmy.ml/u/lemmy_alpha", "hello", "public", (), (), ()),
    "lotide/objects/note.json": ("https://narwhal.city/users/3", "<p>ed: now featuring", "unlisted", (), (), ()),
    "friendica/objects/page_2.json": (
        "https://pirati.ca/profile/heluecht", "Hello Lemmy!", "unlisted", (), ("@testcom@ds9.lemmy.ml",), (),
    ),
    "misskey/objects/mfm_underscore_format.json": (
        "https://misskey.local.live/users/92hzkskwgy", "<p><a href=", "public", (), ("@akkoma_user",), ("dancedance",),
    ),
    "kroeg/activities/kroeg-array-less-hashtag.json": ("https://puckipedia.com/", "test", "public", (), (), ("test",)),
    "fedify/activities/live-fedify-create-18.json": (
        "https://fedify.test/users/fedib", "hello from fedify", "public", (), (), (),
    ),
    "mitra/activities/create_post.json": (
        "https://mitra.social/users/test", "<p>Remote post 5</p>", "public", (), (), (),
    ),
    "plume/objects/baptiste.gelex.xyz-article.json": (
        "https://baptiste.gelez.xyz/@/BaptisteGelez", "<p>It has been one month", "public", (), ("@Trinity", "@kaniini"), (),
    ),
    "gnusocial/objects/note.json": ("https://instance.gnusocial.test/actor/42", "<p>yay ^^</p>", "public", (), (), ()),
}  # fmt: skip


@needs_samples
@pytest.mark.parametrize("file", POSTS)
def test_the_meaning_of_a_post(file: str) -> None:
    author, text, seen_by, alts, mentions, hashtags = POSTS[file]
    note = read_whole(load(file))
    assert isinstance(note, Note)
    followers = next((address for address in (*note.to, *note.cc) if "followers" in address), None)
    assert note.attributed_to == author
    assert note.content.startswith(text)
    assert visibility(note, followers) == seen_by
    assert tuple((attachment.description or "")[:30] for attachment in note.attachments) == alts
    assert tuple(mention.name for mention in note.mentions) == mentions
    assert tuple(hashtag.name for hashtag in note.hashtags) == hashtags


# file: (type, username, name, profile page, key id, shared inbox, names of the profile's fields)
ACTORS: dict[str, tuple[str, str, str | None, str | None, str, str | None, tuple[str, ...]]] = {
    "mastodon/actors/admin_mastdon.example.org.json": (
        "Person", "admin", None, "http://mastodon.example.org/@admin",
        "http://mastodon.example.org/users/admin#main-key", "http://mastodon.example.org/inbox", ("foo", "foo1"),
    ),
    "mastodon/actors/denniskoch.json": (
        "Person", "denniskoch", "Dennis Koch", "https://phpc.social/@denniskoch",
        "https://phpc.social/users/denniskoch#main-key", "https://phpc.social/inbox", ("GitHub", "Discord"),
    ),
    "gotosocial/actors/gts-internaltoas-01.json": (
        "Person", "the_mighty_zork", "original zork (he/they)", "http://localhost:8080/@the_mighty_zork",
        "http://localhost:8080/users/the_mighty_zork/main-key", None, (),
    ),
    "misskey/actors/mametsuko_mk.absturztau.be.json": (
        "Person", "mametsuko", "mametschko", "https://mk.absturztau.be/@mametsuko",
        "https://mk.absturztau.be/users/8ozbzjs3o8#main-key", "https://mk.absturztau.be/inbox", (),
    ),
    "vernissage/actors/vern-ActivityDtoDeserializationFixtures-06.json": (
        "Person", "johndoe", "John Doe :verified:", "https://example.com/@johndoe",
        "https://example.com/actors/johndoe#main-key", "https://example.com/shared/inbox", ("MASTODON", "GITHUB"),
    ),
    "wordpress/actors/person.json": (
        "Person", "matthias", "Matthias Pfefferle", "https://pfefferle.org/author/pfefferle/",
        "https://pfefferle.org/author/pfefferle/#main-key", "https://pfefferle.org/wp-json/activitypub/1.0/inbox",
        ("Blog", "Profile"),
    ),
    "lemmy/actors/group.json": (
        "Group", "tenforward", "Ten Forward", None, "https://enterprise.lemmy.ml/c/tenforward#main-key",
        "https://enterprise.lemmy.ml/inbox", (),
    ),
    "loops/actors/loop-FEDERATION-01.json": (
        "Application", "loops.example.com", None, "https://loops-server.test/about?instance_actor=true",
        "https://loops.example.com/ap/actor#main-key", None, (),
    ),
    "mobilizon/actors/mobilizon.org-user.json": (
        "Person", "tcit", "Thomas Citharel", "https://mobilizon.org/@tcit", "https://mobilizon.org/@tcit#main-key",
        "https://mobilizon.org/inbox", (),
    ),
    "hubzilla/actors/hubzilla-actor.json": (
        "Person", "testc6", "testc6 lala", "https://hub.somaton.com/channel/testc6",
        "https://hub.somaton.com/channel/testc6", "https://hub.somaton.com/inbox", (),
    ),
    "takahe/actors/takahe_user.json": (
        "Person", "vote", "FediVision Vote Bot", "https://fedi.vision/@vote/",
        "https://fedi.vision/@vote@fedi.vision/#main-key", "https://fedi.vision/inbox/", ("More details",),
    ),
}  # fmt: skip


@needs_samples
@pytest.mark.parametrize("file", ACTORS)
def test_the_meaning_of_an_actor(file: str) -> None:
    actor = read_whole(load(file))
    assert isinstance(actor, Actor)
    (key,) = actor.public_keys
    fields = tuple(field.name for field in actor.fields)
    assert (actor.type, actor.username, actor.name, actor.url, key.id, actor.shared_inbox, fields) == ACTORS[file]
    assert key.pem.startswith("-----BEGIN")


# file: (type, actor, ids of the objects, target, content)
ACTIVITIES: dict[str, tuple[str, str, tuple[str, ...], str | None, str | None]] = {
    "pixelfed/activities/pf-AcceptVerbTest-validAccept.json": (
        "Accept", "https://example.org/u/alice",
        ("https://example.net/u/bob#follows/bb27f601-ddb9-4567-8f16-023d90605ca9",), None, None,
    ),
    "vernissage/activities/vern-ActivityFlagFixtures-01.json": (
        "Flag", "https://mastodon.example/actor",
        ("https://example.com/users/1", "https://example.com/posts/380590", "https://example.com/posts/380591"),
        None, "Please review this account and its posts.",
    ),
    "gotosocial/activities/gts-move-01.json": (
        "Move", "http://fossbros-anonymous.io/users/someone_else", ("http://fossbros-anonymous.io/users/foss_satan",),
        "https://turnip.farm/users/turniplover6969", None,
    ),
    "gotosocial/activities/live-gotosocial-flag-09.json": (
        "Flag", "https://gts.test/users/gts.test", ("https://pasture.test/users/cap",), None, "spam",
    ),
    "gotosocial/activities/live-gotosocial-undo-11.json": (
        "Undo", "https://gts.test/users/alice",
        ("https://gts.test/users/alice/follow/01DXW5JTZ0M1GZW5YK9QK6HMJS",), None, None,
    ),
    "mastodon/activities/emoji-reaction.json": (
        "EmojiReact", "http://mastodon.example.org/users/admin",
        ("http://localtesting.pleroma.lol/objects/eb92579d-3417-42a8-8652-2492c2d4f454",), None, "👌",
    ),
    "lemmy/activities/delete_user.json": (
        "Delete", "http://ds9.lemmy.ml/u/lemmy_alpha", ("http://ds9.lemmy.ml/u/lemmy_alpha",), None, None,
    ),
    "fep/activities/fep-ae0c-01.json": (
        "Follow", "https://client.example/actor", ("https://www.w3.org/ns/activitystreams#Public",), None, None,
    ),
}  # fmt: skip


@needs_samples
@pytest.mark.parametrize("file", ACTIVITIES)
def test_the_meaning_of_an_activity(file: str) -> None:
    activity = parse_activity(load(file))
    read = (activity.type, activity.actor, activity.every_object_id, activity.target, activity.content)
    assert read == ACTIVITIES[file]


@needs_samples
def test_the_meaning_of_collections() -> None:
    closed = read_whole(load("mastodon/collections/masto_closed_followers.json"))
    assert isinstance(closed, Collection)
    assert (closed.total_items, closed.first, closed.items) == (
        437,
        "http://remote.org/users/masto_closed/followers?page=1",
        (),
    )
    page = read_whole(load("fedify/collections/example.com_paged_a.json"))
    assert isinstance(page, Collection)
    assert (page.next, len(page.items), page.item_ids) == ("https://example.com/paged/b", 1, ())


@needs_samples
def test_quotes_polls_and_places_of_other_software() -> None:
    quotes = {
        "fedibird/objects/fedibird_quote_post.json": "https://misskey.io/notes/8vsn2izjwh",
        "misskey/objects/misskey_quote_post.json": "https://misskey.io/notes/8vs6wxufd0",
        "pleroma/objects/fep-e232-tag-example.json": "https://server.example/objects/123",
    }
    for file, quoted in quotes.items():
        assert read_whole(load(file)).quote == quoted
    poll = read_whole(load("smithereen/objects/smithereen_non_anonymous_poll.json")).poll
    assert ([option.votes for option in poll.options], poll.voters) == ([4, 4, 6], 14)
    place = read_whole(load("mobilizon/objects/event.json")).place
    assert (place.name, place.country, round(place.latitude, 2)) == ("The Kenn Centre", "United Kingdom", 50.67)


@needs_samples
def test_the_meaning_of_webfinger_and_nodeinfo() -> None:
    webfinger = parse_webfinger(load("akkoma/webfinger/webfinger_emelie.json"))
    assert (webfinger.acct, webfinger.actor_id) == ("emelie@mastodon.social", "https://mastodon.social/users/emelie")
    nodeinfo = parse_nodeinfo(load("pleroma/nodeinfo/wildebeest-nodeinfo21.json"))
    assert (nodeinfo.software_name, nodeinfo.version, nodeinfo.users_total) == ("wildebeest", "2.1", 1)
