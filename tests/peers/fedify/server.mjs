// A server with one person, fedi: it does what POST /do says, and tells at GET /known what it has understood.
import { createServer } from "node:http";
import { MemoryKvStore, createFederation, generateCryptoKeyPair } from "@fedify/fedify";
import {
  Accept, Announce, Create, Delete, Document, Endpoints, Follow, Image, Like, Note, PUBLIC_COLLECTION, Person, Reject,
  Tombstone, Undo, Update,
} from "@fedify/vocab";
import { Temporal } from "@js-temporal/polyfill";

const me = { identifier: "fedi" };
const keys = [await generateCryptoKeyPair("RSASSA-PKCS1-v1_5"), await generateCryptoKeyPair("Ed25519")];
const followers = new Map();
const following = new Map();
const notes = new Map();
const sent = new Map();
const known = { posts: {}, likes: [], shares: [], deleted: [] };
let numbers = 0;

const federation = createFederation({ kv: new MemoryKvStore(), allowPrivateAddress: true });
federation
  .setActorDispatcher("/users/{identifier}", async (context, identifier) => {
    if (identifier !== me.identifier) return null;
    const pairs = await context.getActorKeyPairs(identifier);
    return new Person({
      id: context.getActorUri(identifier),
      preferredUsername: identifier,
      name: "Fedi",
      summary: "<p>Of Fedify</p>",
      inbox: context.getInboxUri(identifier),
      outbox: context.getOutboxUri(identifier),
      followers: context.getFollowersUri(identifier),
      endpoints: new Endpoints({ sharedInbox: context.getInboxUri() }),
      publicKey: pairs[0].cryptographicKey,
      assertionMethods: pairs.map((pair) => pair.multikey),
    });
  })
  .setKeyPairsDispatcher(() => keys);
federation.setFollowersDispatcher("/users/{identifier}/followers", () => ({ items: [...followers.values()] }));
federation.setOutboxDispatcher("/users/{identifier}/outbox", () => ({ items: [] }));
federation.setObjectDispatcher(Note, "/users/{identifier}/notes/{number}", (_, { number }) => notes.get(number) ?? null);

async function understand(context, note) {
  const attachments = [];
  for await (const picture of note.getAttachments(context)) {
    attachments.push({ alt: `${picture.name}`, type: picture.mediaType, url: `${picture.url?.href ?? picture.url}` });
  }
  known.posts[note.id.href] = {
    author: note.attributionId.href,
    content: `${note.content}`,
    parent: note.replyTargetId?.href ?? null,
    to: note.toIds.map((id) => id.href),
    pictures: attachments,
  };
}

function forget(list, who, what) {
  known[list] = known[list].filter(([one, other]) => one !== who || other !== what);
}

federation
  .setInboxListeners("/users/{identifier}/inbox", "/inbox")
  .on(Follow, async (context, follow) => {
    const follower = await follow.getActor(context);
    followers.set(follower.id.href, follower);
    const id = new URL(`#accepts/${++numbers}`, context.getActorUri(me.identifier));
    await context.sendActivity(me, follower, new Accept({ id, actor: follow.objectId, object: follow }));
  })
  .on(Accept, (_, accept) => {
    const follow = sent.get(accept.objectId.href);
    if (follow?.objectId.href === accept.actorId.href) following.set(accept.actorId.href, follow);
  })
  .on(Reject, (_, reject) => void following.delete(reject.actorId.href))
  .on(Create, async (context, create) => {
    const note = await create.getObject(context);
    if (note instanceof Note) await understand(context, note);
  })
  .on(Update, async (context, update) => {
    const note = await update.getObject(context);
    if (note instanceof Note) await understand(context, note);
  })
  .on(Delete, async (context, deletion) => {
    delete known.posts[deletion.objectId.href];
    known.deleted.push(deletion.objectId.href);
  })
  .on(Like, (_, like) => void known.likes.push([like.actorId.href, like.objectId.href]))
  .on(Announce, (_, share) => void known.shares.push([share.actorId.href, share.objectId.href]))
  .on(Undo, async (context, undo) => {
    const undone = await undo.getObject(context);
    const who = undo.actorId.href;
    if (undone instanceof Follow) followers.delete(who);
    if (undone instanceof Like) forget("likes", who, undone.objectId.href);
    if (undone instanceof Announce) forget("shares", who, undone.objectId.href);
  });

const deeds = {
  async follow(context, { who }) {
    const asked = await context.lookupObject(who);
    const follow = activity(context, Follow, { object: asked.id });
    sent.set(follow.id.href, follow);
    await context.sendActivity(me, asked, follow);
    return follow;
  },
  async undo(context, { id, to }) {
    const undone = sent.get(id);
    const undo = activity(context, Undo, { object: undone, tos: [PUBLIC_COLLECTION] });
    await context.sendActivity(me, await context.lookupObject(to), undo);
    return undone;
  },
  async post(context, { text, pictures, parent, to }) {
    const number = `${++numbers}`;
    const note = new Note({
      id: context.getObjectUri(Note, { ...me, number }),
      attribution: context.getActorUri(me.identifier),
      content: text,
      published: Temporal.Now.instant(),
      replyTarget: parent ? new URL(parent) : null,
      tos: [PUBLIC_COLLECTION],
      ccs: [context.getFollowersUri(me.identifier), ...(to ? [new URL(to)] : [])],
      attachments: (pictures ?? []).map(
        ({ url, alt }) => new Document({ url: new URL(url), name: alt, mediaType: "image/jpeg" }),
      ),
    });
    notes.set(number, note);
    await tell(context, to, activity(context, Create, { object: note, tos: note.toIds, ccs: note.ccIds }));
    return note;
  },
  async edit(context, { id, text }) {
    const number = id.split("/").at(-1);
    const note = notes.get(number).clone({ content: text, updated: Temporal.Now.instant() });
    notes.set(number, note);
    await tell(context, null, activity(context, Update, { object: note, tos: note.toIds, ccs: note.ccIds }));
    return note;
  },
  async delete(context, { id, to }) {
    notes.delete(id.split("/").at(-1));
    const tombstone = new Tombstone({ id: new URL(id) });
    await tell(context, to, activity(context, Delete, { object: tombstone, tos: [PUBLIC_COLLECTION] }));
    return tombstone;
  },
  like: (context, { id, to }) => react(context, Like, id, to),
  share: (context, { id, to }) => react(context, Announce, id, to),
};

function activity(context, Kind, values) {
  const actor = context.getActorUri(me.identifier);
  return new Kind({ id: new URL(`#${Kind.name.toLowerCase()}s/${++numbers}`, actor), actor, ...values });
}

async function react(context, Kind, id, to) {
  const reaction = activity(context, Kind, { object: new URL(id), tos: [PUBLIC_COLLECTION], published: Temporal.Now.instant() });
  sent.set(reaction.id.href, reaction);
  await context.sendActivity(me, await context.lookupObject(to), reaction);
  return reaction;
}

async function tell(context, to, told) {
  const people = new Map(followers);
  if (to) people.set(to, await context.lookupObject(to));
  await context.sendActivity(me, [...people.values()], told, { preferSharedInbox: true });
}

async function answer(request, origin) {
  const path = new URL(request.url).pathname;
  const context = federation.createContext(new URL(origin), undefined);
  if (path === "/known") {
    return Response.json({ ...known, followers: [...followers.keys()], following: [...following.keys()] });
  }
  if (path === "/do") {
    const { deed, ...how } = await request.json();
    return Response.json({ id: (await deeds[deed](context, how)).id.href });
  }
  return await federation.fetch(request, { contextData: undefined, onNotFound: () => new Response(null, { status: 404 }) });
}

const server = createServer(async (incoming, outgoing) => {
  const origin = `http://localhost:${server.address().port}`;
  const pieces = [];
  for await (const piece of incoming) pieces.push(piece);
  const body = pieces.length ? Buffer.concat(pieces) : undefined;
  try {
    const request = new Request(new URL(incoming.url, origin), { method: incoming.method, headers: incoming.headers, body });
    const response = await answer(request, origin);
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  } catch (error) {
    console.error(error);
    outgoing.writeHead(500).end(`${error.stack}`);
  }
});
server.listen(0, "127.0.0.1", () => console.log(`serves http://localhost:${server.address().port}`));
