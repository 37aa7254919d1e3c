"""What the moderators decide: about domains, about people; and the log of it all."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from node.models.accounts import Account
from node.models.fields import Identifier, created_at


class DomainRule(Model):
    """A decision about a domain and all its subdomains. `severity` is `suspend` (nothing in or out), `silence` or `noop`."""

    id = Identifier()
    domain = fields.CharField(max_length=255, unique=True)
    severity = fields.CharField(max_length=20, default="suspend")
    public_comment = fields.TextField(default="")
    private_comment = fields.TextField(default="")
    reject_media = fields.BooleanField(default=False, db_default=False)
    """No pictures are taken from there, neither of posts nor of people."""
    reject_reports = fields.BooleanField(default=False, db_default=False)
    approve_follows = fields.BooleanField(default=False, db_default=False)
    """Whoever from there follows somebody here must be let in by hand, by public accounts too."""
    obfuscate = fields.BooleanField(default=False, db_default=False)
    """Whoever reads the public list of rules does not learn the whole name."""
    subscription_id = fields.BigIntField(null=True)
    """The list it came from, which may also change it or propose to take it back."""
    created_at = created_at()

    class Meta:
        table = "domain_rules"


class DomainAllow(Model):
    """A domain this node exchanges with when it keeps to few."""

    id = Identifier()
    domain = fields.CharField(max_length=255, unique=True)
    created_at = created_at()

    class Meta:
        table = "domain_allows"


class AccountWarning(Model):
    """What was done about an account, and what its owner is told of it.

    `action` is `none` (a warning alone), `disable`, `sensitive`, `silence` or `suspend`.
    """

    id = Identifier()
    target: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="warnings")
    moderator_id = fields.BigIntField()
    action = fields.CharField(max_length=20)
    text = fields.TextField(default="")
    report_id = fields.BigIntField(null=True)
    post_ids: list[int] = fields.JSONField(default=list)
    created_at = created_at()

    target_id: int

    class Meta:
        table = "account_warnings"
        indexes = [Index(fields=["target_id", "id"])]


class AuditEntry(Model):
    """A decision of a moderator. It names what it was about, which may be gone since."""

    id = Identifier()
    account_id = fields.BigIntField()
    """Who decided."""
    action = fields.CharField(max_length=40)
    target_kind = fields.CharField(max_length=40)
    target_id = fields.BigIntField(null=True)
    target_label = fields.CharField(max_length=320, default="")
    created_at = created_at()

    class Meta:
        table = "audit_log"
