"""With whom this node exchanges anything."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from node.models.fields import Identifier, created_at


class DomainRule(Model):
    """A decision about a domain and all its subdomains. `severity` is `suspend` (nothing in or out) or `silence`."""

    id = Identifier()
    domain = fields.CharField(max_length=255, unique=True)
    severity = fields.CharField(max_length=20, default="suspend")
    public_comment = fields.TextField(default="")
    private_comment = fields.TextField(default="")
    created_at = created_at()

    class Meta:
        table = "domain_rules"
