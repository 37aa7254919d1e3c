"""The HTTP message whose signature is checked, exactly as it came over the wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from activitypub.signatures.errors import SignatureError

_SINGLE: Final = ("signature", "signature-input", "date", "digest", "content-digest", "host")
_MOST_HEADERS: Final = 128
_LONGEST_VALUE: Final = 16_384
_DEFAULT_PORTS: Final = {"https": ":443", "http": ":80"}
_FORBIDDEN_IN_VALUES: Final = frozenset(map(chr, [*range(9), *range(10, 32), 127]))


def bare_authority(authority: str, scheme: str) -> str:
    """``host[:port]`` in lower case without the scheme's default port (RFC 9421 §2.2.3)."""
    return authority.strip(" \t").lower().removesuffix(_DEFAULT_PORTS.get(scheme, ":"))


def _values_by_name(headers: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Lower-case name to value; repeated fields are joined with ``, `` (RFC 9110 §5.2).

    Raises `SignatureError` for a repeated or folded field that a signature depends on: two readers could take
    different copies.
    """
    if len(headers) > _MOST_HEADERS:
        raise SignatureError("too many headers")
    values: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name = raw_name.lower()
        value = raw_value.strip(" \t")
        if len(value) > _LONGEST_VALUE:
            raise SignatureError("a header is too long")
        if not _FORBIDDEN_IN_VALUES.isdisjoint(value):
            raise SignatureError("a header holds control characters or is folded")
        if name not in values:
            values[name] = value
        elif name in _SINGLE:
            raise SignatureError(f"more than one {name} header")
        else:
            values[name] = f"{values[name]}, {value}"
    return values


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request as received.

    ``target`` is path and query, byte for byte; ``authority`` the *public* ``host[:port]`` of this node whatever a
    proxy put into ``Host``; ``scheme`` the public one; ``headers`` (name, value) pairs in order, decoded as Latin-1
    or ASCII; ``body`` the raw bytes. Raises `SignatureError` when a header a signature depends on comes twice, is
    folded, or when headers are too many (128) or too long (16 KiB).
    """

    method: str
    target: str
    authority: str
    scheme: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    _values: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "method", self.method.upper())
        object.__setattr__(self, "scheme", self.scheme.lower())
        object.__setattr__(self, "authority", bare_authority(self.authority, self.scheme))
        object.__setattr__(self, "_values", _values_by_name(self.headers))

    def header(self, name: str) -> str | None:
        """The value of a header by its lower-case name, repeated ones joined with ``, ``; ``None`` when absent.

        ``host`` is always bound to this node: the received value if it names our authority, otherwise (a proxy
        rewrote it) our authority itself.
        """
        value = self._values.get(name)
        if name == "host" and (value is None or bare_authority(value, self.scheme) != self.authority):
            return self.authority
        return value

    @property
    def path(self) -> str:
        """The target without its query, never empty."""
        return self.target.partition("?")[0] or "/"

    @property
    def query(self) -> str | None:
        """The query without ``?``; ``None`` when the target has none."""
        _, mark, query = self.target.partition("?")
        return query if mark else None

    @property
    def has_body_to_protect(self) -> bool:
        """Whether a digest must be signed: every method but GET and HEAD carries its meaning in the body."""
        return self.method not in ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class SignedResponse:
    """A response as received, for RFC 9421 signatures over ``@status``."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    _values: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_values", _values_by_name(self.headers))

    def header(self, name: str) -> str | None:
        """The value of a header by its lower-case name, repeated ones joined with ``, ``; ``None`` when absent."""
        return self._values.get(name)
