"""`heliograph user …`: the people of this node."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from node.cli.session import moment, on_the_node, operator, table

if TYPE_CHECKING:
    from node.models.accounts import User

app = typer.Typer(help="The people of this node.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="User name or e-mail address.", metavar="NAME")]


class Role(StrEnum):
    """What somebody may do here."""

    user = "user"
    moderator = "moderator"
    admin = "admin"


@app.command()
def create(
    username: Annotated[str, typer.Argument(help="The part of the handle before this node's name.")],
    email: Annotated[str | None, typer.Option(help="Their e-mail address; taken for proven.")] = None,
    role: Annotated[Role, typer.Option(help="What they may do here.")] = Role.user,
) -> None:
    """Open an account, confirmed and approved, and print the link that signs in once."""

    async def work() -> str:
        from node.services import sign_up

        _, link = await sign_up.create_member(username, email, role=role.value)
        return link

    typer.echo(on_the_node(work))


@app.command("list")
def list_users(
    role: Annotated[Role | None, typer.Option(help="Only those with this role.")] = None,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only those who wait for approval.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 50,
) -> None:
    """Show users, newest first."""

    async def work() -> list[list[str]]:
        from node.services import approvals, members

        users = (
            await approvals.waiting(limit) if waiting else await members.newest(role=role and role.value, limit=limit)
        )
        return [
            [user.account.username, user.email, user.role, _standing(user), moment(user.last_active_at)]
            for user in users
        ]

    table("Users", ["name", "e-mail", "role", "standing", "last active"], on_the_node(work))


@app.command()
def show(name: Name) -> None:
    """Show what is known of one user."""

    async def work() -> list[list[str]]:
        from node.services import members

        user = await members.find(name)
        account = user.account
        return [
            ["handle", f"@{account.username}"],
            ["id", f"user {user.id}, account {account.id}"],
            ["e-mail", user.email or "–"],
            ["role", user.role],
            ["standing", _standing(user)],
            ["private", "yes" if account.is_private else "no"],
            ["posts", str(account.posts_count)],
            ["followers, following", f"{account.followers_count}, {account.following_count}"],
            ["joined", moment(user.created_at)],
            ["last active", moment(user.last_active_at)],
            ["why they joined", user.sign_up_reason or "–"],
        ]

    table(name, ["", ""], on_the_node(work))


@app.command("sign-in-link")
def sign_in_link(name: Name) -> None:
    """Print a link that signs somebody in once, within a day; earlier ones stop working."""

    async def work() -> str:
        from node.services import credentials, members

        return await credentials.sign_in_link(await members.find(name))

    typer.echo(on_the_node(work))


@app.command()
def role(name: Name, role: Annotated[Role, typer.Argument(help="What they may do from now on.")]) -> None:
    """Make somebody a user, moderator or admin."""

    async def work() -> None:
        from node.services import members

        user = await members.find(name)
        async with _decided("change_role", user):
            await members.set_role(user, role.value)

    on_the_node(work)
    typer.echo(f"{name} is now {role.value}.")


@app.command()
def confirm(name: Name) -> None:
    """Take somebody's e-mail address for proven."""

    async def work() -> None:
        from node.services import members

        user = await members.find(name)
        async with _decided("confirm", user):
            await members.confirm(user)

    on_the_node(work)
    typer.echo(f"{name} is confirmed.")


@app.command()
def approve(
    name: Name,
    by: Annotated[str | None, typer.Option(help="The admin who decides; without it, the first admin.")] = None,
) -> None:
    """Let somebody in who asked to join."""

    async def work() -> None:
        from node.services import approvals, members

        admin = await members.find(by) if by else (await members.newest(role="admin", limit=1000))[-1]
        user = await members.find(name)
        async with _decided("approve", user, by=admin.account_id):
            await approvals.approve(admin, user.id)

    on_the_node(work)
    typer.echo(f"{name} is approved.")


@app.command()
def disable(name: Name) -> None:
    """Shut somebody out; what they posted stays."""

    async def work() -> None:
        from node.services import members

        user = await members.find(name)
        async with _decided("disable", user):
            await members.disable(user)

    on_the_node(work)
    typer.echo(f"{name} is disabled.")


@app.command()
def enable(name: Name) -> None:
    """Let somebody in again who had been shut out."""

    async def work() -> None:
        from node.services import members

        user = await members.find(name)
        async with _decided("enable", user):
            await members.enable(user)

    on_the_node(work)
    typer.echo(f"{name} is enabled.")


@app.command()
def delete(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete somebody's account with everything they posted, here and (as far as others comply) elsewhere."""
    if not yes:
        typer.confirm(f"Delete {name} and everything they posted? This cannot be undone.", abort=True)

    async def work() -> None:
        from node.services import accounts, members

        user = await members.find(name)
        async with _decided("destroy", user):
            await members.disable(user)
            await accounts.delete_local(user.account)

    on_the_node(work)
    typer.echo(f"{name} is deleted; posts and files follow in the background.")


@app.command("rotate-keys")
def rotate_keys(
    name: Annotated[str | None, typer.Argument(help="User name or e-mail address.", metavar="NAME")] = None,
    node: Annotated[
        bool, typer.Option("--node", help="The keys of the node itself, which sign what it fetches.")
    ] = False,
    everyone: Annotated[bool, typer.Option("--everyone", help="The keys of everybody here and of the node.")] = False,
) -> None:
    """Exchange the keys that sign what somebody sends, e.g. after a copy of the database has leaked."""
    if [name is not None, node, everyone].count(True) != 1:
        typer.echo("Name one user, or say --node or --everyone.", err=True)
        raise typer.Exit(2)

    async def work() -> int:
        from node.services import audit, members, own_keys

        if everyone:
            count, about = await own_keys.exchange_all(), (None, "everyone")
        else:
            account = (await members.find(name)).account if name else await own_keys.instance_account()
            count, about = 1, (account.id, account.acct)
            await own_keys.exchange(account)
        async with audit.decision(await operator(), "rotate_keys", "Account", *about):
            return count

    count = on_the_node(work)
    typer.echo(f"The keys of {'the node' if node else name or f'{count} accounts'} are new; followers are told.")


@asynccontextmanager
async def _decided(action: str, user: User, *, by: int | None = None) -> AsyncIterator[None]:
    """A decision about somebody here, logged as the node's own unless an admin is named."""
    from node.services import audit

    account = user.account
    async with audit.decision(by or await operator(), action, "User", account.id, account.acct):
        yield


def _standing(user: object) -> str:
    from node.models.accounts import User

    assert isinstance(user, User)
    if user.disabled_at:
        return "disabled"
    if not user.confirmed_at:
        return "address not confirmed"
    return "active" if user.approved_at else "waits for approval"
