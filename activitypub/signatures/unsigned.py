"""A request all but signed: what remains is the private-key operation, wherever that is done."""

from __future__ import annotations

from dataclasses import dataclass

from activitypub.signatures.encodings import encode_base64


@dataclass(frozen=True, slots=True)
class Unsigned:
    """The bytes to sign (`base`), the other headers, and what stands around the base64 in the ``Signature`` header."""

    base: bytes
    headers: dict[str, str]
    before: str
    after: str

    def signed(self, signature: bytes) -> dict[str, str]:
        """The headers of the request, given the raw signature of `base`."""
        return self.headers | {"Signature": f"{self.before}{encode_base64(signature)}{self.after}"}
