from __future__ import annotations

import pytest

from node.runtime import Runtime
from tests import builders


async def test_a_post_is_in_its_authors_home(started: Runtime) -> None:
    alice = await builders.local_account("alice")
    post = await builders.post(alice, "hello #Birds @nobody")
    assert await builders.home_of(alice) == [post.id]
