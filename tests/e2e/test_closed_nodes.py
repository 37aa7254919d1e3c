"""Nodes that answer signed requests only, and what is believed for the signature in the document alone."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from tests.databases import DATABASES
from tests.e2e.nodes import running_node, until
from tests.e2e.person import document, newcomer

CLOSED = {"FEDERATION__AUTHORIZED_FETCH": "true"}


def test_three_closed_nodes_meet_and_a_comment_reaches_who_follows_its_parents_author(tmp_path: Path) -> None:
    with ExitStack() as stack:
        databases = ("sqlite", DATABASES[-1], "sqlite")
        nodes = [
            stack.enter_context(running_node(tmp_path / str(number), database, CLOSED))
            for number, database in enumerate(databases)
        ]
        anna, ben, carl = (newcomer(node, name) for node, name in zip(nodes, ("anna", "ben", "carl"), strict=True))
        for member in (anna, ben, carl):
            stack.callback(member.close)

        ben.follow(anna)
        until("ben follows anna", lambda: ben.stands_with(anna)["following"])
        post = anna.publish("Open to all who say who they are")
        private = anna.publish("For those who follow me", visibility="private")
        for status in (post, private):
            until("ben has it", lambda uri=status["uri"]: ben.at_home(uri))  # type: ignore[misc]
            assert document(status["uri"]).status_code == 401

        ben.knows(carl)
        assert carl.knows_of(private["uri"]) is None
        found = until("carl finds the post", lambda: carl.knows_of(post["uri"]))
        comment = carl.publish(f"@{anna.handle} Thank you", in_reply_to_id=found["id"])
        until("the comment arrives", lambda: [c for c in anna.comments(post["id"]) if c["uri"] == comment["uri"]])
        nodes[2].kill()
        at_bens = ben.at_home(post["uri"])["id"]
        until(
            "anna's node has passed the comment on",
            lambda: [c for c in ben.comments(at_bens) if c["uri"] == comment["uri"]],
        )
