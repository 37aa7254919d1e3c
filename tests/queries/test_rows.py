"""Rows read without the ORM's help."""

from __future__ import annotations

from node.models.accounts import Account
from node.models.posts import Post
from node.queries.rows import row_by_key
from node.runtime import Runtime
from tests import builders


async def test_a_row_by_its_key_is_what_the_orm_reads(started: Runtime) -> None:
    ann = await builders.remote_account("ann")
    post = await builders.received(ann)
    for model, key in ((Account, ann.id), (Post, post.id)):
        read, known = await row_by_key(model, key), await model.get(id=key)
        assert read is not None
        assert {name: getattr(read, name) for name in model._meta.fields_db_projection} == {
            name: getattr(known, name) for name in model._meta.fields_db_projection
        }
        assert read._saved_in_db
    assert await row_by_key(Account, post.id) is None
