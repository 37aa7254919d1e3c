"""People as the node's admin sees and changes them."""

from __future__ import annotations

import pytest

from node.errors import Invalid, NotFound
from node.models.credentials import OneTimeSecret
from node.runtime import Runtime
from node.services import credentials, members, sign_up


async def test_somebody_is_found_by_name_and_by_address_whatever_the_case(started: Runtime) -> None:
    user, _ = await sign_up.create_member("anna", "Anna@Example.org", role="user")
    assert (await members.find("@ANNA")).id == user.id
    assert (await members.find("anna@example.ORG")).id == user.id
    with pytest.raises(NotFound):
        await members.find("ben")


async def test_members_are_listed_newest_first_and_by_role(started: Runtime) -> None:
    for name, role in (("anna", "admin"), ("ben", "user"), ("cleo", "user")):
        await sign_up.create_member(name, None, role=role)
    assert [user.account.username for user in await members.newest()] == ["cleo", "ben", "anna"]
    assert [user.account.username for user in await members.newest(role="user", limit=1)] == ["cleo"]


async def test_the_last_admin_cannot_give_the_node_up(started: Runtime) -> None:
    anna, _ = await sign_up.create_member("anna", None, role="admin")
    with pytest.raises(Invalid, match="last admin"):
        await members.set_role(anna, "user")
    with pytest.raises(Invalid, match="last admin"):
        await members.disable(anna)
    ben, _ = await sign_up.create_member("ben", None, role="admin")
    await members.disable(anna)
    with pytest.raises(Invalid, match="last admin"):
        await members.set_role(ben, "moderator")


async def test_a_role_that_does_not_exist_is_refused(started: Runtime) -> None:
    anna, _ = await sign_up.create_member("anna", None, role="user")
    with pytest.raises(Invalid):
        await members.set_role(anna, "king")
    assert (await members.find("anna")).role == "user"


async def test_whoever_is_disabled_loses_every_way_in(started: Runtime) -> None:
    anna, _ = await sign_up.create_member("anna", None, role="user")
    await credentials.sign_in_link(anna)
    await members.disable(anna)
    assert not await OneTimeSecret.filter(user_id=anna.id).exists()
    assert (await members.find("anna")).disabled_at is not None
    await members.enable(anna)
    assert (await members.find("anna")).disabled_at is None
