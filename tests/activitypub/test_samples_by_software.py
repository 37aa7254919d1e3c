"""Software by software: what a person, a post, its pictures, its poll mean, for all of whom there are samples.

More of the same, with other details, is in `test_samples`; here nobody is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from activitypub.parse import ParseError, parse_object
from activitypub.types import Activity, Actor, Note, visibility
from tests.activitypub import test_samples as more
from tests.samples import needs_samples


@dataclass(frozen=True)
class Meaning:
    """What a post says. Pictures are (kind, end of the address, alt text), options of polls (text, votes)."""

    author: str
    begins: str
    seen_by: str
    pictures: tuple[tuple[str, str, str | None], ...] = ()
    mentions: tuple[str | None, ...] = ()
    hashtags: tuple[str, ...] = ()
    poll: tuple[tuple[str, int], ...] = ()
    several: bool = False
    answers: str | None = None


# file: (type, username, name, picture)
ACTORS: dict[str, tuple[str, str, str | None, str | None]] = {
    "akkoma/actors/7even.json": (
        "Person",
        "7even",
        "7even",
        "https://peertube.moe/static/avatars/0815978b-dd71-4797-ae3f-493a3445882a.png",
    ),
    "akkoma/actors/mewmew_no_name.json": (
        "Person",
        "mewmew",
        " ",
        "https://princess.cat/media/12794fb50e86911e65be97f69196814049dcb398a2f8b58b99bb6591576e648c.png?name=blobcatpresentpink.png",
    ),
    "bonfire/actors/puckipedia.com.json": (
        "Person",
        "puckipedia",
        "HACKER TEEN PUCKIPEDIA 👩\u200d💻",
        "https://puckipedia.local/images/avatar.png",
    ),
    "discourse/actors/group.json": (
        "Group",
        "threadiverse-wg",
        "Threadiverse Working Group (SocialHub)",
        "https://socialhub.activitypub.rocks/uploads/default/original/1X/8faac84234dc73d074dadaa2bcf24dc746b8647f.png",
    ),
    "discourse/actors/person.json": (
        "Person",
        "angus",
        "Angus McLeod",
        "https://socialhub.activitypub.rocks/user_avatar/socialhub.activitypub.rocks/angus/96/2295_2.png",
    ),
    "fedify/actors/live-fedify-actor-45a5.json": ("Person", "fedib", "Fedify peer", None),
    "funkwhale/actors/funkwhale_channel.json": (
        "Person",
        "compositions",
        "Compositions",
        "https://channels.tests.funkwhale.audio/media/attachments/75/b4/f1/nosmile.jpeg",
    ),
    "guppe/actors/guppe-actor.json": ("Group", "Bernie2020", "Bernie2020 group", "https://gup.pe/f/guppe.png"),
    "mastodon/actors/service_actor.json": (
        "Service",
        "fediverse",
        "fediverse's stats",
        "https://mastodont.cat/system/accounts/avatars/000/149/323/original/33201dbeb139a24a.png",
    ),
    "mbin/actors/instance.json": ("Application", "fedia.io", "Mbin", None),
    "microblogpub/actors/user_with_invalid_also_known_as.json": (
        "Person",
        "MBP",
        "MBP",
        "https://beta.4201337.xyz/static/denise.jpg",
    ),
    "nodebb/actors/person.json": ("Person", "julian", "julian", None),
    "osada/actors/https___osada.macgirvin.com_channel_mike.json": (
        "Person",
        "mike",
        "Mike Macgirvin (Osada)",
        "https://osada.macgirvin.com/photo/profile/l/2",
    ),
    "peertube/actors/actor-videochannel.json": (
        "Group",
        "fediforum_demos",
        "FediForum Demos",
        "https://spectra.video/lazy-static/avatars/b13e5038-0169-420e-a6bc-4f5e0666fae6.png",
    ),
    "pleroma/actors/person.json": (
        "Person",
        "lanodan",
        "Haelwenn /элвэн/ :bzh: ",
        "https://queer.hacktivis.me/media/d23cf9b0-5586-4592-aca5-9a52777a6042/avatar_HD.png",
    ),
    "plume/actors/baptiste.gelex.xyz-user.json": ("Person", "BaptisteGelez", "Baptiste Gelez", None),
    "prismo/actors/https___prismo.news__mxb.json": (
        "Person",
        "mxb",
        "mxb",
        "https://prismo.s3.wasabisys.com/account/1/avatar/size_400-b6e570850878684362ba3b4bd9ceb007.jpg",
    ),
    "relay/actors/relay.json": ("Application", "relay", "ActivityRelay", None),
    "smithereen/actors/person.json": (
        "Person",
        "grishka",
        "Григорий Клюшников",
        "https://friends.grishka.me/i/ql_49PQcETAWgY_nC-Qj63H_Oa6FyOAEoWFkUSSkUvQ/c:573:572:nowe:338:362/q:93/bG9jYWw6Ly8vcy91cGxvYWRzL2F2YXRhcnMvNTYzODRhODEwODk5ZTRjMzI4YmY4YmQwM2Q2MWM3NmMud2VicA.jpg",
    ),
    "snac2/actors/live-snac2-actor-ba19.json": ("Person", "carol", "carol", "https://snac.test/susie.png"),
}

POSTS: dict[str, Meaning] = {
    "bridgy-fed/activities/bridgy-fed-test_integrations-05.json": Meaning(
        "https://inst/alice", "This is the full content", "direct"
    ),
    "discourse/objects/page.json": Meaning(
        "https://socialhub.activitypub.rocks/ap/actor/495843076e9e469fbd35ccf467ae9fb1",
        "<h3>Last Meeting</h3>\n<h",
        "direct",
    ),
    "fedibird/objects/fedibird_quote_post.json": Meaning(
        "https://fedibird.com/users/noellabo", "<p>いつの生まれだシトリン<span clas", "public"
    ),
    "fedibird/objects/quote.json": Meaning(
        "https://fedibird.com/users/akkoma_ap_integration_tester", "<p>public quote<span cla", "unlisted"
    ),
    "fep/objects/fep-044f-03.json": Meaning("https://example.com/users/alice", "I allow my followers to ", "public"),
    "friendica/activities/create_note.json": Meaning(
        "https://soc.schuerz.at/profile/jakob",
        '<span class="h-card"><a ',
        "public",
        mentions=("@jakob@lemmy.schuerz.at",),
        answers="https://lemmy.schuerz.at/post/25360",
    ),
    "funfedi/activities/ff-activity_image_attachments_2.json": Meaning(
        "http://actor.example", "Format jpg", "public", pictures=(("image", "002.jpg", None),)
    ),
    "funfedi/activities/ff-activity_mentions_7.json": Meaning(
        "http://actor.example", "text", "public", mentions=("yay",)
    ),
    "funfedi/objects/ff-object_content_warnings_6.json": Meaning(
        "http://actor.example", "see image", "public", pictures=(("image", "w004.png", "summary"),)
    ),
    "funfedi/objects/ff-object_public_addressing_1.json": Meaning("http://actor.example", "as:Public", "public"),
    "ghost/objects/ghos-note-with-mentions-object-01.json": Meaning(
        "https://example.com/user/foo", "Hello! @test@example.com", "public", mentions=("@test@example.com",)
    ),
    "gotosocial/activities/live-gotosocial-create-05.json": Meaning(
        "https://gts.test/users/alice",
        '<p>poll <span class="h-c',
        "unlisted",
        mentions=("@cap@pasture.test",),
        poll=(("a", 0), ("b", 0)),
        several=True,
    ),
    "gotosocial/objects/gts-statusable-01.json": Meaning(
        "http://fossbros-anonymous.io/users/foss_satan",
        '<p><a href="https://foss',
        "public",
        mentions=(
            "@nityosan@example.net",
            "@FIzxive@a.misskey.instance.com",
            "@mendako@another.misskey.instance.com",
            "@the_mighty_zork@localhost:8080",
        ),
    ),
    "lemmy/activities/update_page.json": Meaning(
        "http://ds9.lemmy.ml/u/lemmy_alpha",
        "<p>test body</p>\n",
        "public",
        pictures=(("image", "xl8W7FZfk9.jpg", None),),
    ),
    "lemmy/objects/private_message.json": Meaning(
        "https://enterprise.lemmy.ml/u/picard", "<p>Hello hello, testing<", "direct"
    ),
    "mastodon/activities/mastodon-post-activity.json": Meaning(
        "http://mastodon.example.org/users/admin",
        '<p><span class="h-card">',
        "public",
        mentions=("@lain@localtesting.pleroma.lol",),
    ),
    "mastodon/objects/page.json": Meaning(
        "https://masto.qa.urbanwildlife.biz/users/mastodon",
        '<p><span class="h-card" ',
        "public",
        mentions=("@tenforward@enterprise.lemmy.ml",),
    ),
    "misskey/activities/create-pleroma-reply-to-misskey-thread.json": Meaning(
        "https://p.helene.moe/users/helene",
        '<span class="h-card"><a ',
        "public",
        mentions=("@mametsuko@mk.absturztau.be",),
        answers="https://mk.absturztau.be/notes/93e7nm8wqg",
    ),
    "misskey/objects/misskey_poll_no_end_date.json": Meaning(
        "https://skippers-bin.com/users/7v1w1r8ce6",
        '<p><a href="https://marc',
        "public",
        mentions=("@march@marchgenso.me",),
        poll=(("Working", 0), ("Broken af", 1)),
        several=False,
    ),
    "peertube/objects/peertube-social.json": Meaning(
        "https://peertube.social/accounts/craigmaloney",
        "<p>Support this and our ",
        "public",
        pictures=(("video", "2b7c-0f38-4aaa-afe6-9ecc0c4a34fe-480.mp4", None),),
        hashtags=("linux", "mug.org", "open", "oss", "source"),
    ),
    "pixelfed/activities/pf-NoteAttachmentTest-04.json": Meaning(
        "https://mastodon.social/users/dansup",
        "<p>Good Morning! <a href",
        "public",
        pictures=(("image", "96a196885a77c9a4.jpg", None),),
        hashtags=("coffee",),
    ),
    "pleroma/objects/minds-pleroma-mentioned-post.json": Meaning(
        "https://lain.com/users/lain", "which diet is the best f", "public"
    ),
    "pleroma/objects/poll_original.json": Meaning(
        "https://patch.cx/users/rin", "can you vote on this pol", "public", poll=(("yes", 4), ("no", 0)), several=False
    ),
    "prismo/activities/prismo-url-map.json": Meaning("https://prismo.news/@mxb", "We are more than thrille", "public"),
    "smithereen/activities/create_note.json": Meaning(
        "https://friends.grishka.me/users/1",
        "<p>So does this federate",
        "public",
        mentions=(None,),
        answers="https://ds9.lemmy.ml/post/1723",
    ),
    "smithereen/objects/smithereen_non_anonymous_poll.json": Meaning(
        "https://friends.grishka.me/users/1",
        "<p>здесь тоже можно что-",
        "public",
        poll=(("тестовый ответ 1", 4), ("тестовый ответ 2", 4), ("тестовый ответ 3", 6)),
        several=False,
    ),
    "takahe/objects/takahe-test_post-02.json": Meaning("https://example.com/test-actor", "BEEEEEES", "direct"),
    "wordpress/activities/wedistribute-create-article.json": Meaning(
        "https://wedistribute.org/wp-json/pterotype/v1/actor/-blog", '<!-- wp:paragraph {"drop', "public"
    ),
}


REFUSED = {"vectors", "fep"}
"""Examples of signatures, and of proposals that are no software."""


@needs_samples
@pytest.mark.parametrize("file", ACTORS)
def test_who_it_is(file: str) -> None:
    actor = more.read_whole(more.load(file))
    assert isinstance(actor, Actor)
    assert (actor.type, actor.username, actor.name, actor.icon.url if actor.icon else None) == ACTORS[file]


@needs_samples
@pytest.mark.parametrize("file", POSTS)
def test_what_is_said(file: str) -> None:
    note = more.read_whole(more.load(file))
    assert isinstance(note, Note)
    meaning = POSTS[file]
    followers = next((address for address in (*note.to, *note.cc) if "followers" in address), None)
    assert note.content.startswith(meaning.begins)
    assert meaning == Meaning(
        note.attributed_to,
        meaning.begins,
        visibility(note, followers),
        pictures=tuple((item.kind, item.url.rpartition("/")[2][-40:], item.description) for item in note.attachments),
        mentions=tuple(mention.name for mention in note.mentions),
        hashtags=tuple(hashtag.name for hashtag in note.hashtags),
        poll=tuple((option.name, option.votes) for option in note.poll.options) if note.poll else (),
        several=note.poll.multiple if note.poll else False,
        answers=note.in_reply_to,
    )


@needs_samples
def test_of_every_software_the_people_posts_and_activities_are_expected_by_name() -> None:
    expected = {
        Actor: {file.partition("/")[0] for file in (*ACTORS, *more.ACTORS)},
        Note: {file.partition("/")[0] for file in (*POSTS, *more.POSTS)},
    }
    there: dict[type, set[str]] = {Actor: set(), Note: set()}
    for file, kind in more.index():
        if kind not in ("actor", "object", "activity"):
            continue
        try:
            read = parse_object(more.load(file))
            read = parse_object(read.object) if isinstance(read, Activity) and read.object else read
        except ParseError:
            continue
        if type(read) in there:
            there[type(read)].add(file.partition("/")[0])
    for kind_of, software in there.items():
        assert sorted(software - expected[kind_of] - REFUSED) == []
