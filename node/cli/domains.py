"""`heliograph domain …`: with which servers this node exchanges nothing, or little."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from node.cli.session import moment, on_the_node, operator, table

app = typer.Typer(help="Rules about other servers.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="A domain; the rule holds for its subdomains too.", metavar="DOMAIN")]


class Severity(StrEnum):
    """How hard a rule is."""

    suspend = "suspend"
    silence = "silence"
    noop = "noop"


@app.command()
def block(
    domain: Name,
    severity: Annotated[
        Severity,
        typer.Option(
            help="suspend: nothing in or out; silence: shown only to those who follow them; noop: neither of them."
        ),
    ] = Severity.suspend,
    reason: Annotated[str, typer.Option(help="Why, for everyone to read.")] = "",
    note: Annotated[str, typer.Option(help="Why, for the admins of this node.")] = "",
    reject_media: Annotated[bool, typer.Option("--reject-media", help="Take no pictures from there.")] = False,
    reject_reports: Annotated[
        bool, typer.Option("--reject-reports", help="Drop reports that come from there.")
    ] = False,
    approve_follows: Annotated[
        bool, typer.Option("--approve-follows", help="Let nobody from there follow anybody here unasked.")
    ] = False,
    obfuscate: Annotated[
        bool, typer.Option("--obfuscate", help="Hide the middle of the name from the public.")
    ] = False,
) -> None:
    """Suspend or silence a domain, or take no pictures from it; an earlier rule about it is changed."""

    async def work() -> None:
        from node.services import audit, domains

        async with audit.decision(await operator(), "create", "DomainBlock") as made:
            rule = await domains.block(
                domain,
                severity=severity.value,
                public_comment=reason,
                private_comment=note,
                reject_media=reject_media,
                reject_reports=reject_reports,
                approve_follows=approve_follows,
                obfuscate=obfuscate,
            )
            made.about("DomainBlock", rule.id, rule.domain)
        typer.echo(f"{rule.domain}: {rule.severity}")

    on_the_node(work)


@app.command()
def unblock(domain: Name) -> None:
    """Take the rule about a domain back."""

    async def work() -> None:
        from node.services import audit, domains

        async with audit.decision(await operator(), "destroy", "DomainBlock", None, domain):
            await domains.unblock(domain)
        typer.echo(f"{domain}: no rule any more")

    on_the_node(work)


@app.command()
def allow(domain: Name) -> None:
    """Allow a domain, for a node whose settings say that it keeps to those alone."""

    async def work() -> None:
        from node.services import audit, domain_allows

        async with audit.decision(await operator(), "create") as made:
            found = await domain_allows.add(domain)
            made.about("DomainAllow", found.id, found.domain)
        typer.echo(f"{found.domain}: allowed")

    on_the_node(work)


@app.command()
def disallow(domain: Name) -> None:
    """Allow a domain no longer."""

    async def work() -> None:
        from node.errors import NotFound
        from node.services import audit, domain_allows

        found = await domain_allows.find(domain)
        if found is None:
            raise NotFound()
        async with audit.decision(await operator(), "destroy", "DomainAllow", found.id, found.domain):
            await domain_allows.remove(found)
        typer.echo(f"{found.domain}: not allowed any more")

    on_the_node(work)


@app.command("list")
def list_rules() -> None:
    """Show every rule."""

    async def work() -> list[list[str]]:
        from node.models.moderation import DomainRule

        rules = await DomainRule.all().order_by("domain")
        return [[rule.domain, rule.severity, moment(rule.created_at), rule.public_comment] for rule in rules]

    table("Domain rules", ["domain", "severity", "since", "reason"], on_the_node(work))


@app.command()
def show(domain: Name) -> None:
    """Show what holds for a domain, and how reaching it has gone."""

    async def work() -> list[list[str]]:
        from node.models.accounts import Account
        from node.models.federation import Delivery, RemoteHost
        from node.services import domains

        name = domains.normalise(domain)
        rule = await domains.rule_for(name)
        host = await RemoteHost.get_or_none(host=name)
        waiting = await Delivery.filter(host=name, failed=False).count()
        failed = await Delivery.filter(host=name, failed=True).count()
        return [
            ["rule", f"{rule.severity} (of {rule.domain})" if rule else "none"],
            ["accounts known", str(await Account.filter(domain=name).count())],
            ["deliveries", f"{waiting} waiting, {failed} given up"],
            ["last success", moment(host.last_success_at if host else None)],
            ["failures in a row", str(host.failures if host else 0)],
            ["paused until", moment(host.paused_until if host else None)],
            ["unreachable since", moment(host.unreachable_at if host else None)],
        ]

    table(domain, ["", ""], on_the_node(work))
