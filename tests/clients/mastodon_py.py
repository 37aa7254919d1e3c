"""Mastodon.py in somebody's hands."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from mastodon import Mastodon

from node.text import plain_text
from tests.clients.strictness import shortcomings
from tests.e2e.person import Browser, Member, photographs

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
SCOPES = ("read", "write", "follow", "push", "profile")

Entity = TypeVar("Entity")


class App:
    """The client, signed in as a person by the code flow; `api` is Mastodon.py."""

    def __init__(self, person: Member, redirect: str = OUT_OF_BAND, scopes: Sequence[str] = SCOPES) -> None:
        self.person = person
        wanted = list(scopes)
        client_id, client_secret = Mastodon.create_app(
            "Darkroom", scopes=wanted, redirect_uris=redirect, api_base_url=person.node.url
        )
        self.api = Mastodon(client_id=client_id, client_secret=client_secret, api_base_url=person.node.url)
        url = self.api.auth_request_url(redirect_uris=redirect, scopes=wanted, allow_http=True)
        with Browser(person.node.url) as browser:
            code = browser.allow(url, person)
        self.token = self.api.log_in(code=code, redirect_uri=redirect, scopes=wanted, allow_http=True)

    @property
    def id(self) -> str:
        """The account's id."""
        return self.person.id

    def photograph(self, description: str) -> Any:
        """Upload a drawn photograph."""
        [photo] = photographs(1)
        return strict(
            self.api.media_post(io.BytesIO(photo), mime_type="image/jpeg", description=description, focus=(0.2, -0.4))
        )


def strict(answer: Entity) -> Entity:
    """An answer in which every field that Mastodon.py's types promise is there."""
    faults = shortcomings(answer)
    assert not faults, "\n".join(faults)
    return answer


def text_of(status: Any) -> str:
    """The words of a post."""
    return plain_text(status.content).strip()


def ids(entities: Iterable[Any]) -> list[str]:
    """The ids of what a page holds, in its order."""
    return [str(entity.id) for entity in entities]
