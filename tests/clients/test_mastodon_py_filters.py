"""Mastodon.py: filters of both versions."""

from __future__ import annotations

import pytest
from mastodon.errors import MastodonNotFoundError

from tests.clients.mastodon_py import App, ids, strict


def test_a_filter_of_words_and_posts(anna: App, cleo: App) -> None:
    made = strict(
        anna.api.create_filter_v2(
            "Digital",
            ["home", "public"],
            "blur",
            expires_in=3600,
            keywords_attributes=[{"keyword": "megapixel", "whole_word": True}],
        )
    )
    assert (made.title, made.context, made.filter_action) == ("Digital", ["home", "public"], "blur")
    assert made.expires_at is not None
    keyword = strict(anna.api.add_filter_keyword_v2(made.id, "sensor", whole_word=False))
    assert (keyword.keyword, keyword.whole_word) == ("sensor", False)
    assert {it.keyword for it in strict(anna.api.filter_keywords_v2(made.id))} == {"megapixel", "sensor"}
    post = cleo.api.status_post("A word about megapixel counts")
    [result] = strict(anna.api.status(post.id)).filtered
    assert (result.filter.id, result.keyword_matches) == (made.id, ["megapixel"])
    anna.api.delete_filter_keyword_v2(keyword.id)
    other = cleo.api.status_post("Nothing said")
    entry = strict(anna.api.add_filter_status_v2(made.id, other.id))
    assert entry.status_id == other.id
    assert ids(strict(anna.api.filter_statuses_v2(made.id))) == [entry.id]
    assert strict(anna.api.filter_status_v2(entry.id)).status_id == other.id
    assert anna.api.status(other.id).filtered[0].status_matches == [str(other.id)]
    anna.api.delete_filter_status_v2(entry.id)
    changed = strict(anna.api.update_filter_v2(made.id, title="Numbers", filter_action="hide", context=["home"]))
    assert (changed.title, changed.filter_action, changed.context) == ("Numbers", "hide", ["home"])
    kept = anna.api.filter_v2(made.id)
    assert ([it.keyword for it in kept.keywords], kept.statuses) == (["megapixel"], [])
    assert made.id in ids(strict(anna.api.filters_v2()))
    anna.api.delete_filter_v2(made.id)
    with pytest.raises(MastodonNotFoundError):
        anna.api.filter_v2(made.id)


def test_a_filter_of_the_first_version(anna: App, cleo: App) -> None:
    made = strict(anna.api.filter_create("tintype", ["home"], irreversible=False, whole_word=True))
    assert (made.phrase, made.context, made.whole_word) == ("tintype", ["home"], True)
    assert strict(anna.api.filter(made.id)).phrase == "tintype"
    changed = strict(anna.api.filter_update(made.id, phrase="ambrotype", context=["home", "public"]))
    assert (changed.phrase, changed.context) == ("ambrotype", ["home", "public"])
    filters = strict(anna.api.filters())
    assert made.id in ids(filters)
    about, other = (cleo.api.status_post(words) for words in ("An ambrotype", "A daguerreotype"))
    assert ids(anna.api.filters_apply([about, other], filters, "home")) == [other.id]
    anna.api.filter_delete(made.id)
    assert made.id not in ids(anna.api.filters())
