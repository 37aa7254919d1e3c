// megalodon in several people's hands: everything it offers for Mastodon, against the node the test names.

import { mkdtemp, writeFile } from "node:fs/promises";
import { createReadStream } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import generator, { detector } from "megalodon";

import { EXCEPTIONS, NOT_SERVED } from "./megalodon/limits.mjs";
import { Record } from "./record.mjs";
import { ask, gaps, hear, report, walkThrough } from "./trial.mjs";

const TYPES = `import type { Entity, Mastodon } from "megalodon";
export type Client = {
  mastodon: Mastodon;
  update: Entity.Status;
  notification: Entity.Notification;
  conversation: Entity.Conversation;
};`;
const REDIRECT = "http://localhost/signed-in";
const SCOPES = ["read", "write", "follow", "push"];
const SCENARIOS = ["accounts", "graph", "statuses", "timelines", "told", "streaming", "instance"];
// Where the client keeps what it works with.
const INWARD = ["client", "baseUrl", "urlToAccounts"];

const start = await hear();
const record = new Record(TYPES, EXCEPTIONS, INWARD);
const kind = await detector(start.url).catch((error) => error.message);
const clientOf = (token = null) => record.wrap(generator("mastodon", start.url, token), "mastodon");

// Sign in by the authorisation code flow; the client, with what it is good for.
async function signIn(person) {
  const anonymous = clientOf();
  const app = await anonymous.registerApp("Darkroom", { scopes: SCOPES, redirect_uris: REDIRECT });
  const { code } = await ask({ ask: "consent", who: person.name, url: app.url });
  const token = await anonymous.fetchAccessToken(app.client_id, app.client_secret, code, REDIRECT);
  return { ...person, api: clientOf(token.access_token), app, token: token.access_token };
}

const folder = await mkdtemp(join(tmpdir(), "trial-"));
const scene = {
  ...start,
  kind,
  record,
  clientOf,
  redirect: REDIRECT,
  anonymous: clientOf(),
  photo: async (number) => {
    const path = join(folder, `${number}.jpg`);
    await writeFile(path, Buffer.from(start.photos[number], "base64"));
    return createReadStream(path);
  },
};
for (const person of start.people) scene[person.name] = await signIn(person);

const failures = [];
for (const name of SCENARIOS) {
  const { steps } = await import(`./megalodon/${name}.mjs`);
  failures.push(...(await walkThrough(steps, scene)));
}
failures.push(...gaps(record, ["mastodon"], NOT_SERVED));
report(failures);
