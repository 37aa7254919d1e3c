"""A server with one person, bovi, made with bovine: does what POST /do says, tells at GET /known what it understood.

Run as a program of its own, with bovine on its path.
"""

import asyncio
import itertools
import json
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp import web
from bovine.activitystreams import Actor, factories_for_actor_object
from bovine.activitystreams.utils import id_for_object
from bovine.clients.signed_http import SignedHttpClient
from bovine.crypto import build_validate_http_signature_raw, generate_rsa_public_private_key
from bovine.crypto.types import CryptographicIdentifier
from bovine.types import Visibility

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
ACTIVITY = "application/activity+json"


class Server:
    """The person, what they have sent, and what they have understood."""

    def __init__(self, origin: str, session: aiohttp.ClientSession) -> None:
        self.origin = origin
        self.uri = f"{origin}/users/bovi"
        public_pem, private_pem = generate_rsa_public_private_key()
        actor = Actor(
            id=self.uri,
            name="Bovi",
            preferred_username="bovi",
            inbox=f"{self.uri}/inbox",
            outbox=f"{self.uri}/outbox",
            followers=f"{self.uri}/followers",
            public_key=public_pem,
            public_key_name="main-key",
        )
        self.actor = actor.build(visibility=Visibility.OWNER)
        self.numbers = itertools.count(1)
        self.activities, self.objects = factories_for_actor_object(self.actor, id_generator=self.new_id)
        self.client = SignedHttpClient(session, f"{self.uri}#main-key", private_pem)
        self.is_signed = build_validate_http_signature_raw(self.key)
        self.documents: dict[str, dict[str, Any]] = {}
        self.sent: dict[str, dict[str, Any]] = {}
        self.followers: dict[str, str] = {}
        self.following: list[str] = []
        self.posts: dict[str, dict[str, Any]] = {}
        self.likes: list[tuple[str, str]] = []
        self.shares: list[tuple[str, str]] = []
        self.deleted: list[str] = []

    def new_id(self) -> str:
        return f"{self.origin}/things/{next(self.numbers)}"

    async def key(self, key_id: str) -> CryptographicIdentifier:
        answer = await self.client.get(key_id, headers={"accept": ACTIVITY})
        document = json.loads(await answer.text())
        return CryptographicIdentifier.from_public_key(document.get("publicKey", document))

    async def receive(self, request: web.Request) -> web.Response:
        signer = await self.is_signed("post", str(request.url), request.headers, request.read)
        activity = await request.json()
        if signer is None or signer != activity["actor"]:
            return web.Response(status=401)
        await self.understand(activity["type"], activity["actor"], activity["object"], activity)
        return web.Response(status=202)

    async def understand(self, kind: str, who: str, what: Any, activity: dict[str, Any]) -> None:
        match kind:
            case "Follow":
                self.followers[who] = await self.inbox_of(who)
                await self.send(self.activities.accept(activity, include_activity=True).build(), [who])
            case "Accept":
                self.following.append(what["object"])
            case "Reject":
                self.following.remove(what["object"])
            case "Create" | "Update":
                pictures = [
                    {"alt": item["name"], "type": item["mediaType"], "url": item["url"]} for item in what["attachment"]
                ]
                self.posts[what["id"]] = {
                    "author": what["attributedTo"],
                    "content": what["content"],
                    "parent": what.get("inReplyTo"),
                    "to": what["to"],
                    "pictures": pictures,
                }
            case "Delete":
                self.posts.pop(id_for_object(what), None)
                self.deleted.append(id_for_object(what))
            case "Like":
                self.likes.append((who, what))
            case "Announce":
                self.shares.append((who, what))
            case "Undo" if what["type"] == "Follow":
                self.followers.pop(who)
            case "Undo" if what["type"] == "Like":
                self.likes.remove((who, what["object"]))
            case "Undo" if what["type"] == "Announce":
                self.shares.remove((who, what["object"]))

    async def do(self, request: web.Request) -> web.Response:
        values = await request.json()
        deed = getattr(self, f"do_{values.pop('deed')}")
        return web.json_response({"id": await deed(**values)})

    async def do_follow(self, who: str) -> str:
        return await self.react("Follow", who, who)

    async def do_like(self, id: str, to: str) -> str:
        return await self.react("Like", id, to)

    async def do_share(self, id: str, to: str) -> str:
        return await self.react("Announce", id, to)

    async def do_undo(self, id: str, to: str) -> str:
        undo = self.activity("Undo", self.sent[id])
        await self.send(undo, [to])
        return undo["id"]

    async def do_post(self, text: str, pictures: Any = (), parent: str | None = None, to: str | None = None) -> str:
        attachments = [
            {"type": "Document", "mediaType": "image/jpeg", "url": picture["url"], "name": picture["alt"]}
            for picture in pictures
        ]
        made = self.objects.note(content=text, in_reply_to=parent, attachment=attachments).as_public()
        if to:
            made.cc.add(to)
        note = made.build()
        self.documents[note["id"]] = note
        await self.send(self.activities.create(note).build(), [*self.followers, *([to] if to else [])])
        return note["id"]

    async def do_edit(self, id: str, text: str) -> str:
        note = self.documents[id] = self.documents[id] | {"content": text, "updated": datetime.now(UTC).isoformat()}
        await self.send(self.activities.update(note).build(), list(self.followers))
        return id

    async def do_delete(self, id: str, to: str | None = None) -> str:
        del self.documents[id]
        tombstone = {"type": "Tombstone", "id": id}
        deletion = self.activity("Delete", tombstone) | {"to": [PUBLIC]}
        await self.send(deletion, [*self.followers, *([to] if to else [])])
        return id

    async def react(self, kind: str, what: str, to: str) -> str:
        reaction = self.activity(kind, what)
        if kind == "Announce":
            reaction |= {"to": [PUBLIC], "published": datetime.now(UTC).isoformat()}
        self.sent[reaction["id"]] = reaction
        await self.send(reaction, [to])
        return reaction["id"]

    def activity(self, kind: str, what: Any) -> dict[str, Any]:
        context = "https://www.w3.org/ns/activitystreams"
        return {"@context": context, "id": self.new_id(), "type": kind, "actor": self.uri, "object": what}

    async def send(self, activity: dict[str, Any], people: list[str]) -> None:
        activity.setdefault("id", self.new_id())
        for inbox in {await self.inbox_of(person) for person in people}:
            answer = await self.client.post(inbox, json.dumps(activity), content_type=ACTIVITY)
            answer.raise_for_status()

    async def inbox_of(self, person: str) -> str:
        answer = await self.client.get(person, headers={"accept": ACTIVITY})
        answer.raise_for_status()
        return json.loads(await answer.text())["inbox"]

    async def known(self, _: web.Request) -> web.Response:
        lists = {name: getattr(self, name) for name in ("following", "posts", "likes", "shares", "deleted")}
        return web.json_response({**lists, "followers": list(self.followers)})

    async def document(self, request: web.Request) -> web.Response:
        """The person, a post, or an empty collection."""
        uri = f"{self.origin}{request.path}"
        if uri == self.uri:
            document = self.actor
        elif uri in (f"{self.uri}/followers", f"{self.uri}/outbox"):
            document = {"id": uri, "type": "OrderedCollection", "totalItems": 0, "orderedItems": []}
        else:
            document = self.documents.get(uri)
        if document is None:
            return web.Response(status=404)
        return web.json_response(document, content_type=ACTIVITY)

    async def webfinger(self, request: web.Request) -> web.Response:
        subject = f"acct:bovi@{self.origin.removeprefix('http://')}"
        if request.query.get("resource") not in (subject, self.uri):
            return web.Response(status=404)
        links = [{"rel": "self", "type": ACTIVITY, "href": self.uri}]
        return web.json_response({"subject": subject, "links": links}, content_type="application/jrd+json")


async def main() -> None:
    application = web.Application()
    runner = web.AppRunner(application)
    async with aiohttp.ClientSession() as session:
        holder: list[Server] = []
        application.router.add_post("/do", lambda request: holder[0].do(request))
        application.router.add_get("/known", lambda request: holder[0].known(request))
        application.router.add_get("/.well-known/webfinger", lambda request: holder[0].webfinger(request))
        application.router.add_post("/users/bovi/inbox", lambda request: holder[0].receive(request))
        application.router.add_get("/{path:.*}", lambda request: holder[0].document(request))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        origin = f"http://localhost:{runner.addresses[0][1]}"
        holder.append(Server(origin, session))
        print(f"serves {origin}", flush=True)
        await asyncio.Event().wait()


asyncio.run(main())
