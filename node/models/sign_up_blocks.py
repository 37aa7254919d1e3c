"""Who may not open an account here: from which addresses, by e-mail and by IP."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from node.models.fields import Identifier, Moment, created_at


class EmailDomainBlock(Model):
    """No account with an e-mail address of this domain or its subdomains, or, with `allow_with_approval`, only one that
    an admin lets in."""

    id = Identifier()
    domain = fields.CharField(max_length=255, unique=True)
    allow_with_approval = fields.BooleanField(default=False)
    created_at = created_at()

    class Meta:
        table = "email_domain_blocks"


class EmailDomainAttempt(Model):
    """How often somebody (`who`: a digest of the IP address) ran into a block on a day (its number since 1970)."""

    id = Identifier()
    block: fields.ForeignKeyRelation[EmailDomainBlock] = fields.ForeignKeyField(
        "models.EmailDomainBlock", related_name="attempts"
    )
    day = fields.IntField()
    who = fields.CharField(max_length=64)
    uses = fields.IntField(default=1)

    block_id: int

    class Meta:
        table = "email_domain_attempts"
        unique_together = (("block_id", "day", "who"),)


class CanonicalEmailBlock(Model):
    """No account with this e-mail address, in whichever spelling: SHA-256 of its plainest one. `account_id` is the
    suspended account it belongs to, if it was blocked with that."""

    id = Identifier()
    digest = fields.CharField(max_length=64, unique=True)
    account_id = fields.BigIntField(null=True)
    created_at = created_at()

    class Meta:
        table = "canonical_email_blocks"
        indexes = [Index(fields=["account_id"])]


class IpBlock(Model):
    """What an IP address or network may not do: `sign_up_requires_approval`, `sign_up_block` or `no_access`."""

    id = Identifier()
    network = fields.CharField(max_length=64, unique=True)
    """In CIDR notation."""
    severity = fields.CharField(max_length=30)
    comment = fields.TextField(default="")
    expires_at = Moment(null=True)
    created_at = created_at()

    class Meta:
        table = "ip_blocks"
