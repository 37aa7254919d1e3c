"""HTTP Message Signatures, RFC 9421, with the bodies tied in by Content-Digest (RFC 9530)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from activitypub.signatures.accept_signature import WantedSignature
from activitypub.signatures.algorithms import algorithms_of, check, sign, signing_algorithm
from activitypub.signatures.digests import check_content_digest
from activitypub.signatures.errors import SignatureError
from activitypub.signatures.freshness import check_fresh, check_not_expired, from_timestamp, http_date
from activitypub.signatures.keys import PublicKey, SigningKey, VerificationKey
from activitypub.signatures.request import SignedRequest, SignedResponse
from activitypub.signatures.structured_fields import (
    BareItem,
    InnerList,
    Item,
    parse_dictionary,
    serialize_inner_list,
)
from activitypub.signatures.targets import Target, target_of
from activitypub.signatures.unsigned import Unsigned

MOST_SIGNATURES: Final = 4
"""Labels looked at in one message: each may cost a public-key operation."""

EXPIRES_SECONDS: Final = 600
"""How long a signature lasts whose receiver wants it to end."""

SignedMessage: TypeAlias = SignedRequest | SignedResponse


@dataclass(frozen=True, slots=True)
class MessageSignature:
    """One label of ``Signature-Input`` with its value of ``Signature``. Times in Unix seconds."""

    label: str
    covered: tuple[str, ...]
    input: InnerList
    signature: bytes
    key_id: str | None
    algorithm: str | None
    created: int | None
    expires: int | None


def parse_signatures(message: SignedMessage) -> tuple[MessageSignature, ...]:
    """Every label both headers name that can be read, in order; never empty. Raises `SignatureError`.

    Refused: more than four labels. Left out, as long as another label remains: one without its value, with component
    names in upper case or twice, with parameters of components (``;sf``, ``;req``: a proxy's, not used between servers).
    """
    inputs = parse_dictionary(message.header("signature-input") or "")
    values = parse_dictionary(message.header("signature") or "")
    if not inputs:
        raise SignatureError("the message is not signed")
    if len(inputs) > MOST_SIGNATURES:
        raise SignatureError("too many signatures")
    found: list[MessageSignature] = []
    failure: SignatureError | None = None
    for label, described in inputs.items():
        try:
            found.append(_signature_of(label, described, values.get(label)))
        except SignatureError as error:
            failure = failure or error
    if failure is not None and not found:
        raise failure
    return tuple(found)


def _signature_of(label: str, described: Item | InnerList, value: Item | InnerList | None) -> MessageSignature:
    if not isinstance(described, InnerList) or not isinstance(value, Item) or not isinstance(value.value, bytes):
        raise SignatureError("Signature-Input and Signature do not fit together")
    return MessageSignature(
        label=label,
        covered=_component_names(described.items),
        input=described,
        signature=value.value,
        key_id=_text(described.parameters.get("keyid")),
        algorithm=_text(described.parameters.get("alg")),
        created=_seconds(described.parameters.get("created")),
        expires=_seconds(described.parameters.get("expires")),
    )


def _component_names(items: Iterable[Item]) -> tuple[str, ...]:
    names: list[str] = []
    for item in items:
        name = item.value
        if not isinstance(name, str) or name != name.lower() or name in names:
            raise SignatureError("a covered component is malformed")
        if item.parameters:
            raise SignatureError("component parameters are not supported")
        names.append(name)
    return tuple(names)


def _text(value: BareItem | None) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise SignatureError("a signature parameter is malformed")


def _seconds(value: BareItem | None) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise SignatureError("a signature parameter is malformed")


def signature_base(signature: MessageSignature, message: SignedMessage) -> bytes:
    """The bytes that were signed (§2.5). Raises `SignatureError` for components the message has not."""
    lines = [f'"{name}": {_component(name, message)}' for name in signature.covered]
    lines.append(f'"@signature-params": {serialize_inner_list(signature.input)}')
    try:
        return "\n".join(lines).encode("ascii")
    except UnicodeEncodeError:
        raise SignatureError("a signed component is not ASCII") from None


def _component(name: str, message: SignedMessage) -> str:
    value = _derived(name, message) if name.startswith("@") else message.header(name)
    if value is None:
        raise SignatureError("a signed component is missing")
    return value


def _derived(name: str, message: SignedMessage) -> str | None:
    """The derived components (§2.2) both ends can know; ``None`` for any other."""
    if isinstance(message, SignedResponse):
        return str(message.status) if name == "@status" else None
    match name:
        case "@method":
            return message.method
        case "@target-uri":
            return f"{message.scheme}://{message.authority}{message.target}"
        case "@authority":
            return message.authority
        case "@scheme":
            return message.scheme
        case "@request-target":
            return message.target
        case "@path":
            return message.path
        case "@query":
            return f"?{message.query or ''}"
        case _:
            return None


def check_signature(
    signature: MessageSignature, message: SignedMessage, key: PublicKey, *, algorithm: str | None = None
) -> None:
    """The bare RFC, whatever is covered: raises `SignatureError` unless ``key`` made this signature.

    The key decides the algorithm: ``algorithm`` if the caller knows it, else the message's ``alg`` if this kind of
    key can be used so, else the kind's usual one (§3.2, step 6: all sources have to agree).
    """
    possible = algorithms_of(key)
    chosen = algorithm or signature.algorithm or possible[0]
    if chosen not in possible or (signature.algorithm is not None and signature.algorithm != chosen):
        raise SignatureError("the algorithm does not fit the key")
    check(key, chosen, signature.signature, signature_base(signature, message))


def verify_message(request: SignedRequest, key: VerificationKey, now: datetime) -> None:
    """The federation's rules: raises `SignatureError` unless one label was made with ``key`` for us, just now.

    Labels of other keys are passed over. The label has to cover ``@method`` and ``@target-uri``, and
    ``content-digest`` on anything but GET and HEAD; ``created`` has to lie in the window of `freshness`, ``expires``
    ahead; a covered digest has to be that of the body.
    """
    failure = SignatureError("the signature was made with another key")
    for signature in parse_signatures(request):
        if signature.key_id != key.key_id:
            continue
        try:
            _verify_label(signature, request, key, now)
        except SignatureError as error:
            failure = error
        else:
            return
    raise failure


def _verify_label(signature: MessageSignature, request: SignedRequest, key: VerificationKey, now: datetime) -> None:
    required = ["@method", "@target-uri"]
    if request.has_body_to_protect:
        required.append("content-digest")
    for name in required:
        if name not in signature.covered:
            raise SignatureError(f"{name} is not signed")
    if signature.created is None:
        raise SignatureError("the signature does not say when it was created")
    check_fresh(from_timestamp(signature.created), now)
    if signature.expires is not None:
        check_not_expired(from_timestamp(signature.expires), now)
    if "content-digest" in signature.covered:
        check_content_digest(request.header("content-digest") or "", request.body)
    check_signature(signature, request, key.public)


def sign_message(
    key: SigningKey,
    method: str,
    url: str,
    now: datetime,
    *,
    content_digest: str | None = None,
    content_type: str | None = None,
    wanted: WantedSignature | None = None,
    also: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The headers that sign a request: ``Signature-Input``, ``Signature`` and those they cover.

    Covers what the federation's verifiers ask for: ``@method``, ``@target-uri`` and, with a body, ``content-digest``,
    whose value is that of `digests.content_digest`; the headers ``also`` to be sent; and what is ``wanted`` beyond that. Never send these beside a
    draft-cavage ``Signature``. Raises `SignatureError` for a URL that cannot be requested.
    """
    unsigned = unsigned_message(
        key, method, url, now, content_digest=content_digest, content_type=content_type, wanted=wanted, also=also
    )
    return unsigned.signed(sign(key.private, unsigned.base))


def unsigned_message(
    key: SigningKey,
    method: str,
    url: str,
    now: datetime,
    *,
    content_digest: str | None = None,
    content_type: str | None = None,
    wanted: WantedSignature | None = None,
    also: Mapping[str, str] | None = None,
) -> Unsigned:
    """What `sign_message` signs, to be signed elsewhere. Raises as it does."""
    target = target_of(url)
    headers = {"Content-Digest": content_digest, "Content-Type": content_type, "Host": None, "Date": None} | dict(
        also or {}
    )
    required = ("@method", "@target-uri") if content_digest is None else ("@method", "@target-uri", "content-digest")
    asked = (*map(str.lower, also or ()), *(wanted.covered if wanted is not None else ()))
    values = _values(method, target) | {"host": target.authority, "date": http_date(now)}
    values |= {name.lower(): value for name, value in headers.items() if value is not None}
    covered = tuple(name for name in dict.fromkeys((*required, *asked)) if name in values)
    parameters: dict[str, BareItem] = {
        "created": int(now.timestamp()),
        "keyid": key.key_id,
        "alg": signing_algorithm(key.private),
    }
    if wanted is not None:
        parameters |= dict(wanted.repeated)
        if wanted.expires:
            parameters["expires"] = int(now.timestamp()) + EXPIRES_SECONDS
    params = serialize_inner_list(InnerList(tuple(Item(name) for name in covered), parameters))
    lines = [f'"{name}": {values[name]}' for name in covered]
    base = "\n".join([*lines, f'"@signature-params": {params}']).encode("ascii")
    label = wanted.label if wanted is not None else "sig1"
    sent = {name: values[name.lower()] for name in headers if name.lower() in covered}
    return Unsigned(base, {"Signature-Input": f"{label}={params}"} | sent, f"{label}=:", ":")


def _values(method: str, target: Target) -> dict[str, str]:
    path, _, query = target.path_and_query.partition("?")
    return {
        "@method": method.upper(),
        "@target-uri": f"{target.scheme}://{target.authority}{target.path_and_query}",
        "@authority": target.authority,
        "@scheme": target.scheme,
        "@request-target": target.path_and_query,
        "@path": path,
        "@query": f"?{query}",
    }
