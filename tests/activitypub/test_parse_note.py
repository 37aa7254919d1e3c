"""Posts: what is refused, what is tolerated, and who may see them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from activitypub.parse import ParseError, parse_note
from activitypub.types import Attachment, Emoji, Hashtag, Mention, Place, Poll, PollOption, visibility
from activitypub.vocabulary import PUBLIC
from tests.activitypub.strategies import photo

ADA = "https://photos.example/users/ada"
FOLLOWERS = f"{ADA}/followers"
BEN = "https://elsewhere.example/users/ben"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"id": None}, "id"),
        ({"id": 1}, "id"),
        ({"type": "Person"}, "type"),
        ({"type": "Story"}, "type"),
        ({"type": {"id": "Note"}}, "type"),
        ({"attributedTo": None}, "attributedTo"),
        ({"attributedTo": "ada"}, "attributedTo"),
        ({"attributedTo": []}, "attributedTo"),
        ({"attributedTo": BEN}, "attributedTo"),
        ({"attributedTo": [BEN]}, "attributedTo"),
        ({"attributedTo": "https://sub.photos.example/users/ada"}, "attributedTo"),
        ({"attributedTo": "https://photos.example:8443/users/ada"}, "attributedTo"),
    ],
)
def test_a_bad_post_is_refused_by_the_name_of_what_is_wrong(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_note(photo(**changes))
    assert caught.value.path == path


@pytest.mark.parametrize(
    "author",
    [
        ADA,
        {"id": ADA, "type": "Person"},
        [ADA],
        [BEN, ADA],
        [{"type": "Group", "id": "https://photos.example/groups/1"}, {"type": "Person", "id": ADA}],
    ],
)
def test_the_author_is_read_in_all_its_forms(author: Any) -> None:
    assert parse_note(photo(attributedTo=author)).attributed_to == ADA


@pytest.mark.parametrize("public", [PUBLIC, "as:Public", "Public"])
@pytest.mark.parametrize("wrap", [lambda value: value, lambda value: [value], lambda value: [{"id": value}]])
def test_public_is_read_in_all_its_forms(public: str, wrap: Any) -> None:
    note = parse_note(photo(to=wrap(public), cc=None))
    assert note.to == (PUBLIC,)
    assert visibility(note, None) == "public"


@pytest.mark.parametrize(
    ("to", "cc", "seen_by"),
    [
        ([PUBLIC], [FOLLOWERS], "public"),
        ([PUBLIC, BEN], [], "public"),
        ([FOLLOWERS], [PUBLIC], "unlisted"),
        ([], ["as:Public"], "unlisted"),
        ([FOLLOWERS], [], "followers"),
        ([FOLLOWERS], [BEN], "followers"),
        ([BEN], [FOLLOWERS], "followers"),
        ([BEN], [], "direct"),
        ([], [], "direct"),
        (["https://elsewhere.example/users/ben/followers"], [], "direct"),
    ],
)
def test_visibility_follows_from_the_addressing(to: list[str], cc: list[str], seen_by: str) -> None:
    assert visibility(parse_note(photo(to=to, cc=cc)), FOLLOWERS) == seen_by


def test_without_knowing_the_followers_collection_a_post_is_taken_as_direct() -> None:
    assert visibility(parse_note(photo(to=[FOLLOWERS], cc=[])), None) == "direct"


def test_hidden_addressees_are_never_read() -> None:
    note = parse_note(photo(to=[], cc=[], bto=[BEN], bcc=[PUBLIC]))
    assert (note.to, note.cc) == ((), ())


@pytest.mark.parametrize(
    ("attachment", "read"),
    [
        (
            {
                "type": "Document",
                "mediaType": "image/jpeg",
                "url": "https://cdn.example/1.jpg",
                "name": "A lighthouse",
                "blurhash": "UBL_:rOpGG-oBUNG",
                "focalPoint": [-0.5, 1],
                "width": 1080,
                "height": 1350,
            },
            Attachment(
                "image",
                "https://cdn.example/1.jpg",
                "image/jpeg",
                "A lighthouse",
                "UBL_:rOpGG-oBUNG",
                (-0.5, 1.0),
                1080,
                1350,
            ),
        ),
        (
            {"type": "Image", "url": "https://cdn.example/1", "summary": "From the summary", "name": "From the name"},
            Attachment("image", "https://cdn.example/1", None, "From the summary"),
        ),
        (
            {
                "type": "Video",
                "url": [{"type": "Link", "href": "https://cdn.example/1.mp4", "mediaType": "Video/MP4; codecs=x"}],
                "duration": "PT1M2.5S",
                "icon": {"type": "Image", "url": "https://cdn.example/1.png"},
                "size": "12345",
            },
            Attachment(
                "video",
                "https://cdn.example/1.mp4",
                "video/mp4",
                duration=62.5,
                thumbnail="https://cdn.example/1.png",
                size=12345,
            ),
        ),
        (
            {
                "type": "Document",
                "mediaType": "video/mp4",
                "url": "https://a.example/v",
                "preview": "https://a.example/p",
            },
            Attachment("video", "https://a.example/v", "video/mp4", thumbnail="https://a.example/p"),
        ),
        (
            {"type": "Link", "href": "https://a.example/1.png", "mediaType": "image/png"},
            Attachment("image", "https://a.example/1.png", "image/png"),
        ),
        (
            {"type": "Document", "mediaType": "application/pdf", "url": "https://a.example/x"},
            Attachment("unknown", "https://a.example/x", "application/pdf"),
        ),
        ({"type": "Link", "href": "https://a.example/article"}, None),
        ({"type": "PropertyValue", "name": "a", "value": "b"}, None),
        ({"type": "Document", "mediaType": "image/png", "url": "file:///etc/passwd"}, None),
        ({"type": "Document", "mediaType": "image/png"}, None),
    ],
)
def test_attachments_are_read_in_all_their_forms(attachment: dict[str, Any], read: Attachment | None) -> None:
    assert parse_note(photo(attachment=attachment)).attachments == (() if read is None else (read,))
    assert parse_note(photo(attachment=[None, attachment, 3])).attachments == (() if read is None else (read,))


@pytest.mark.parametrize(
    "nonsense",
    [
        {"width": 0, "height": -1},
        {"width": "wide", "height": 1e300},
        {"blurhash": ""},
        {"blurhash": "x" * 165},
        {"blurhash": "<script>"},
        {"focalPoint": [5, 0]},
        {"focalPoint": [0]},
        {"focalPoint": "centre"},
        {"duration": "forever"},
        {"duration": -1},
        {"mediaType": "image"},
        {"mediaType": 7},
        {"name": 7},
    ],
)
def test_nonsense_about_an_attachment_does_not_cost_the_picture(nonsense: dict[str, Any]) -> None:
    picture = {"type": "Image", "url": "https://cdn.example/1", **nonsense}
    assert parse_note(photo(attachment=[picture])).attachments == (Attachment("image", "https://cdn.example/1"),)


def test_tags_are_sorted_by_what_they_are() -> None:
    note = parse_note(
        photo(
            tag=[
                {"type": "Mention", "href": BEN, "name": "@ben@elsewhere.example"},
                {"type": "Mention", "href": BEN},
                {"type": "Mention", "name": "@nobody"},
                {"type": "as:Mention", "href": ADA},
                {"type": "Hashtag", "name": "#Lighthouse", "href": "https://photos.example/tags/lighthouse"},
                {"type": "Hashtag", "name": "lighthouse"},
                {"type": "Hashtag", "name": "日本"},
                {"type": "Hashtag", "name": "#"},
                {"type": "Emoji", "id": None, "name": ":wave:", "icon": {"url": "https://a.example/w.png"}},
                {"type": "Emoji", "name": ":no icon:"},
                {"type": "Category", "name": "Other"},
                "tag",
            ]
        )
    )
    assert note.mentions == (Mention(BEN, "@ben@elsewhere.example"), Mention(ADA, None))
    assert note.hashtags == (Hashtag("Lighthouse", "https://photos.example/tags/lighthouse"), Hashtag("日本"))
    assert note.emojis == (Emoji("wave", "https://a.example/w.png"),)


def test_a_single_tag_needs_no_array() -> None:
    assert parse_note(photo(tag={"type": "Hashtag", "name": "#sea"})).hashtags == (Hashtag("sea"),)


def test_lists_are_cut_at_their_limits() -> None:
    note = parse_note(
        photo(
            tag=[{"type": "Mention", "href": f"https://a.example/{i}"} for i in range(1000)],
            attachment=[{"type": "Image", "url": f"https://a.example/{i}"} for i in range(1000)],
            to=[f"https://a.example/{i}" for i in range(1000)],
        )
    )
    assert (len(note.mentions), len(note.attachments), len(note.to)) == (100, 20, 500)


@pytest.mark.parametrize(
    ("changes", "content", "language"),
    [
        ({}, "<p>Lighthouse</p>", None),
        ({"contentMap": {"en": "<p>Lighthouse</p>"}}, "<p>Lighthouse</p>", "en"),
        ({"contentMap": {"de": "Leuchtturm", "en": "<p>Lighthouse</p>"}}, "<p>Lighthouse</p>", "en"),
        ({"content": None, "contentMap": {"de": "Leuchtturm"}}, "Leuchtturm", "de"),
        ({"content": None, "contentMap": {"<b>": "x", "de": 7}}, "", None),
        ({"content": None}, "", None),
        ({"content": "a < b\nc & d", "mediaType": "text/markdown"}, "<p>a &lt; b<br>c &amp; d</p>", None),
        ({"content": "nul\x00byte"}, "nulbyte", None),
    ],
)
def test_content_and_its_language(changes: dict[str, Any], content: str, language: str | None) -> None:
    note = parse_note(photo(**changes))
    assert (note.content, note.language) == (content, language)


@pytest.mark.parametrize(
    ("location", "place"),
    [
        (
            {"type": "Place", "name": "Oslo", "longitude": "10.75", "latitude": "59.91", "country": "Norway"},
            Place("Oslo", 59.91, 10.75, "Norway"),
        ),
        ({"type": "Place", "name": "Nowhere", "latitude": 91, "longitude": 0}, Place("Nowhere")),
        ({"type": "Place", "name": "Half", "latitude": 1}, Place("Half")),
        (
            {"type": "Place", "address": {"addressLocality": "Bergen", "addressCountry": "Norway"}},
            Place("Bergen", country="Norway"),
        ),
        ({"type": "Place"}, None),
        (None, None),
        ("Oslo", None),
    ],
)
def test_the_place(location: Any, place: Place | None) -> None:
    assert parse_note(photo(location=location)).place == place
    on_the_picture = [{"type": "Image", "url": "https://a.example/1", "location": location}]
    assert parse_note(photo(attachment=on_the_picture)).place == place


@pytest.mark.parametrize(
    ("changes", "enabled"),
    [
        ({}, True),
        ({"commentsEnabled": False}, False),
        ({"commentsEnabled": True, "capabilities": {"reply": "[]"}}, True),
        ({"capabilities": {"reply": "[]"}}, False),
        ({"capabilities": {"reply": PUBLIC}}, True),
        ({"capabilities": []}, True),
    ],
)
def test_whether_comments_are_wanted(changes: dict[str, Any], enabled: bool) -> None:
    assert parse_note(photo(**changes)).comments_enabled is enabled


def choice(name: str, votes: int) -> dict[str, Any]:
    return {"type": "Note", "name": name, "replies": {"type": "Collection", "totalItems": votes}}


def test_a_poll() -> None:
    note = parse_note(
        photo(
            type="Question",
            anyOf=[choice("Sea", 3), choice("Sea", 9), {"type": "Note"}, choice("Hills", 0)],
            endTime="2026-11-22T12:00:00+01:00",
            closed=True,
            votersCount=2,
        )
    )
    end = datetime(2026, 11, 22, 11, tzinfo=UTC)
    assert note.poll == Poll((PollOption("Sea", 3), PollOption("Hills", 0)), True, end, end, 2)


def test_a_poll_vote_is_told_from_a_comment() -> None:
    vote = photo(content=None, name="Sea", inReplyTo="https://elsewhere.example/polls/1")
    assert parse_note(vote).is_poll_vote
    assert not parse_note({**vote, "content": "Sea!"}).is_poll_vote
    assert not parse_note({**vote, "inReplyTo": None}).is_poll_vote


QUOTED = "https://elsewhere.example/posts/9"


@pytest.mark.parametrize(
    ("changes", "quote"),
    [
        ({"quote": QUOTED, "quoteUrl": "https://other.example/1"}, QUOTED),
        ({"quote": {"id": QUOTED, "type": "Note"}}, QUOTED),
        ({"_misskey_quote": QUOTED, "quoteUrl": "https://other.example/1"}, QUOTED),
        ({"quoteUrl": QUOTED}, QUOTED),
        ({"quoteUri": QUOTED}, QUOTED),
        ({"quote": {"type": "Tombstone", "id": QUOTED}, "quoteUrl": QUOTED}, None),
        ({"quoteUrl": "javascript:alert(1)"}, None),
        ({}, None),
    ],
)
def test_the_quoted_post(changes: dict[str, Any], quote: str | None) -> None:
    assert parse_note(photo(**changes)).quote == quote


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-11-22T11:12:13Z", datetime(2026, 11, 22, 11, 12, 13, tzinfo=UTC)),
        ("2026-11-22T11:12:13.456Z", datetime(2026, 11, 22, 11, 12, 13, 456000, tzinfo=UTC)),
        ("2026-11-22T11:12:13.123456789Z", datetime(2026, 11, 22, 11, 12, 13, 123456, tzinfo=UTC)),
        ("2026-11-22T11:12:13+02:00", datetime(2026, 11, 22, 9, 12, 13, tzinfo=UTC)),
        ("2026-11-22T11:12:13", datetime(2026, 11, 22, 11, 12, 13, tzinfo=UTC)),
        ("2026-11-22", datetime(2026, 11, 22, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("0001-01-01T00:00:00Z", None),
        ("22 November 2026", None),
        ("", None),
        (1795000000, None),
    ],
)
def test_times(written: object, read: datetime | None) -> None:
    assert parse_note(photo(published=written)).published == read


def test_the_page_of_a_post_is_its_html_link() -> None:
    links = [
        {"type": "Link", "href": "https://a.example/v.mp4", "mediaType": "video/mp4"},
        {"type": "Link", "href": "https://a.example/page", "mediaType": "text/html"},
    ]
    assert parse_note(photo(url=links)).url == "https://a.example/page"
    assert parse_note(photo(url="javascript:alert(1)")).url is None


def test_a_video_object_brings_its_own_file() -> None:
    def rendition(height: int) -> dict[str, Any]:
        return {"type": "Link", "href": f"https://a.example/{height}.mp4", "mediaType": "video/mp4", "height": height}

    page = {"type": "Link", "href": "https://a.example/page", "mediaType": "text/html"}
    video = photo(type="Video", url=[page, rendition(480), rendition(1080), rendition(2160)], duration="PT9S")
    (file,) = parse_note(video).attachments
    assert (file.kind, file.url, file.height, file.duration) == ("video", "https://a.example/1080.mp4", 1080, 9.0)
