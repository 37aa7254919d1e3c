"""``Accept-Signature`` (RFC 9421 §5): how we ask for a signature, and what a peer asks of ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from activitypub.signatures.algorithms import RSA_V1_5_SHA256
from activitypub.signatures.errors import SignatureError
from activitypub.signatures.structured_fields import BareItem, InnerList, parse_dictionary

FOR_POST: Final = 'sig1=("@method" "@target-uri" "content-digest");created;keyid'
FOR_GET: Final = 'sig1=("@method" "@target-uri");created;keyid'
"""What our answers ask for: no more than `verify_message` does."""

OFFERED: Final = frozenset(
    {
        *("@method", "@target-uri", "@authority", "@scheme", "@request-target", "@path", "@query"),
        *("host", "date", "content-type", "content-digest"),
    }
)
"""Components our requests can cover."""


@dataclass(frozen=True, slots=True)
class WantedSignature:
    """A signature a peer asks for: the components to cover, the parameters to repeat, whether it is to expire."""

    label: str
    covered: tuple[str, ...]
    repeated: tuple[tuple[str, BareItem], ...] = ()
    expires: bool = False

    @property
    def lasting(self) -> WantedSignature:
        """The same without its nonce, for the requests after the one it was asked for."""
        return WantedSignature(
            self.label, self.covered, tuple(pair for pair in self.repeated if pair[0] != "nonce"), self.expires
        )


def read_accept_signature(header: str) -> WantedSignature | None:
    """The first signature asked for that we can make with an RSA key; ``None`` when there is none."""
    try:
        members = parse_dictionary(header)
    except SignatureError:
        return None
    for label, asked in members.items():
        wanted = _readable(label, asked) if isinstance(asked, InnerList) else None
        if wanted is not None:
            return wanted
    return None


def _readable(label: str, asked: InnerList) -> WantedSignature | None:
    names = tuple(item.value for item in asked.items if isinstance(item.value, str) and not item.parameters)
    if len(names) != len(asked.items) or len(set(names)) != len(names) or not OFFERED.issuperset(names):
        return None
    if asked.parameters.get("alg", RSA_V1_5_SHA256) != RSA_V1_5_SHA256:
        return None
    repeated = tuple((name, value) for name in ("nonce", "tag") if (value := asked.parameters.get(name)) is not None)
    if not all(isinstance(value, str) for _, value in repeated):
        return None
    return WantedSignature(label, names, repeated, bool(asked.parameters.get("expires")))
