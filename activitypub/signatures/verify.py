"""The two questions the inbox asks: whose key does this request claim, and did that key really sign it?"""

from __future__ import annotations

from datetime import datetime

from activitypub.signatures.cavage import parse_signature, verify_cavage
from activitypub.signatures.errors import SignatureError
from activitypub.signatures.key_ids import check_key_id
from activitypub.signatures.keys import VerificationKey
from activitypub.signatures.message_signatures import parse_signatures, verify_message
from activitypub.signatures.request import SignedRequest


def key_ids_of(request: SignedRequest) -> tuple[str, ...]:
    """The ids of the keys the request claims to be signed with, in order, without repetition, one to four.

    Draft-cavage has exactly one; RFC 9421 may carry signatures of several keys, of which one that verifies suffices.
    Every id is an http(s) URL fit to be fetched. Nothing is verified yet. Raises `SignatureError` when the request is
    unsigned or its signature headers are malformed.
    """
    if request.header("signature-input") is None:
        header = request.header("signature")
        if header is None:
            raise SignatureError("the request is not signed")
        ids = [parse_signature(header).key_id]
    else:
        ids = [signature.key_id for signature in parse_signatures(request) if signature.key_id is not None]
    if not ids:
        raise SignatureError("the signature names no key")
    for key_id in ids:
        check_key_id(key_id)
    return tuple(dict.fromkeys(ids))


def covers(request: SignedRequest, key_id: str, name: str) -> bool:
    """Whether a request that ``key_id`` has verifiably signed is signed over the header ``name`` (lower case) too.

    Of several signatures of one key all must be: which of them held is not asked.
    """
    header = request.header("signature")
    if header is None:
        return False
    if request.header("signature-input") is None:
        return name in parse_signature(header).signed
    made = [signature for signature in parse_signatures(request) if signature.key_id == key_id]
    return bool(made) and all(name in signature.covered for signature in made)


def verify_request(request: SignedRequest, key: VerificationKey, now: datetime) -> None:
    """Returns when ``key`` signed this very request for us within the hour; raises `SignatureError` otherwise.

    ``Signature-Input`` decides for RFC 9421, its absence for draft-cavage. `SignatureMismatch` is the one refusal that
    a freshly fetched key could turn into an acceptance. Whether the key may speak for the activity's actor
    (`check_key_of_actor`, owner and listing) and whether the activity was seen before are the caller's questions:
    a replay within the hour verifies again and is caught by the activity's id.
    """
    try:
        if request.header("signature-input") is None:
            verify_cavage(request, key, now)
        else:
            verify_message(request, key, now)
    except SignatureError:
        raise
    except Exception as error:
        raise SignatureError("the signature could not be checked") from error
