"""What a signature check says when it refuses."""

from __future__ import annotations


class SignatureError(Exception):
    """A signature, digest or key is missing, malformed, unsupported or wrong.

    ``reason`` is one short English sentence without secrets or peer input; it may be shown to the peer with a 401.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SignatureMismatch(SignatureError):
    """The signature is well formed but was not made with this key over these bytes.

    The only refusal a freshly fetched key can turn into an acceptance: the reason to refetch a key once.
    """


class UnusableKey(SignatureError):
    """A key cannot be read, is of an unknown kind, or is too short or too long."""
