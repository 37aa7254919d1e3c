"""What becomes of notifications from whom the caller hardly knows."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, requires
from api.documentation import documented
from api.entities import notification_policy
from api.entities.notification_policy import Policy, PolicyV1
from api.me import my_id
from api.responses import json_response
from node.models.notifications import ACCEPT, FILTER
from node.services import notification_policies

blueprint = Blueprint("notification_policies", __name__)


class PolicyParameters(msgspec.Struct):
    """What changes: `accept`, `filter` or `drop`."""

    for_not_following: str | None = None
    for_not_followers: str | None = None
    for_new_accounts: str | None = None
    for_private_mentions: str | None = None
    for_limited_accounts: str | None = None
    for_bots: str | None = None


class PolicyV1Parameters(msgspec.Struct):
    """What changes: filtered or accepted."""

    filter_not_following: bool | None = None
    filter_not_followers: bool | None = None
    filter_new_accounts: bool | None = None
    filter_private_mentions: bool | None = None
    filter_bots: bool | None = None


@blueprint.get("/api/v2/notifications/policy")
@requires("read:notifications")
@documented(Policy)
async def show() -> Response:
    """The caller's policy, and how much waits because of it."""
    return json_response(await notification_policy.version_2(await notification_policies.policy_of(my_id())))


@blueprint.route("/api/v2/notifications/policy", methods=["PATCH", "PUT"])
@requires("write:notifications")
@documented(Policy, body=PolicyParameters, errors=(422,))
async def change() -> Response:
    """Change some rules of the caller's policy."""
    wanted = msgspec.structs.asdict(await params.read(PolicyParameters))
    wishes = {rule: wish for rule, wish in wanted.items() if wish is not None}
    policy = await notification_policies.change(await acting_account(), wishes)
    return json_response(await notification_policy.version_2(policy))


@blueprint.get("/api/v1/notifications/policy")
@requires("read:notifications")
@documented(PolicyV1)
async def show_version_1() -> Response:
    """The caller's policy as the first version of this call knew it."""
    return json_response(await notification_policy.version_1(await notification_policies.policy_of(my_id())))


@blueprint.route("/api/v1/notifications/policy", methods=["PUT", "PATCH"])
@requires("write:notifications")
@documented(PolicyV1, body=PolicyV1Parameters)
async def change_version_1() -> Response:
    """Filter some notifications, or accept them."""
    wanted = msgspec.structs.asdict(await params.read(PolicyV1Parameters))
    wishes = {
        rule.replace("filter_", "for_"): FILTER if filters else ACCEPT
        for rule, filters in wanted.items()
        if filters is not None
    }
    policy = await notification_policies.change(await acting_account(), wishes)
    return json_response(await notification_policy.version_1(policy))
