"""Which facts about polls, quotes and profiles are told to other servers, and what is fetched for them."""

from __future__ import annotations

from federation import account_collections, featured, quotes
from federation.actor_fetch import FEATURED_JOB
from federation.outbound import publish_collections, publish_pins, publish_polls, publish_quotes
from node import events, jobs


def connect(publish_queue: str, fetch_queue: str) -> None:
    """Subscribe to them; those that are published keep their order in one queue."""
    events.subscribe(events.PollVoted, "publish_vote", publish_polls.poll_voted, queue=publish_queue)
    events.subscribe(events.PollTallied, "publish_tallies", publish_polls.poll_tallied, queue=publish_queue)
    events.subscribe(events.PostPinned, "publish_pin", publish_pins.post_pinned, queue=publish_queue)
    events.subscribe(events.TagFeatured, "publish_featured_tag", publish_pins.tag_featured, queue=publish_queue)
    events.subscribe(
        events.QuoteRequested, "publish_quote_request", publish_quotes.quote_requested, queue=publish_queue
    )
    events.subscribe(events.QuoteAnswered, "publish_quote_answer", publish_quotes.quote_answered, queue=publish_queue)
    events.subscribe(events.QuoteRevoked, "publish_quote_revoked", publish_quotes.quote_revoked, queue=publish_queue)
    events.subscribe(events.QuoteReceived, "look_at_quote", quotes.quote_received, queue=fetch_queue)
    events.subscribe(
        events.CollectionChanged, "publish_collection", publish_collections.collection_changed, queue=publish_queue
    )
    events.subscribe(
        events.FeatureRequested, "publish_feature_request", publish_collections.feature_requested, queue=publish_queue
    )
    events.subscribe(
        events.FeatureRevoked, "publish_feature_revoked", publish_collections.feature_revoked, queue=publish_queue
    )
    jobs.register(account_collections.JOB, account_collections.work, queue=fetch_queue)
    jobs.register(FEATURED_JOB, featured.work, queue=fetch_queue)
