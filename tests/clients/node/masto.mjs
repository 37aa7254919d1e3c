// masto.js in several people's hands: everything it offers, against the node the test names.

import { createOAuthAPIClient, createRestAPIClient } from "masto";

import { EXCEPTIONS, NOT_SERVED } from "./masto/limits.mjs";
import { Record } from "./record.mjs";
import { ask, expand, gaps, hear, report, walkThrough } from "./trial.mjs";

const TYPES = `import type { mastodon } from "masto";
export type Client = {
  rest: mastodon.rest.Client;
  oauth: mastodon.oauth.Client;
  streaming: mastodon.streaming.Client;
  event: mastodon.streaming.Event;
};`;
const REDIRECT = "http://localhost/signed-in";
const SCOPES = "read write follow push";
const ADMIN_SCOPES = `${SCOPES} admin:read admin:write`;
const SCENARIOS = [
  "accounts",
  "graph",
  "media",
  "statuses",
  "timelines",
  "collections",
  "filters",
  "notifications",
  "instance",
  "streaming",
  "admin",
];

const start = await hear();
const record = new Record(TYPES, EXCEPTIONS);

// Sign in by the authorisation code flow; the client, with what it is good for.
async function signIn(person) {
  const scopes = person.role === "admin" ? ADMIN_SCOPES : SCOPES;
  const anonymous = record.wrap(createRestAPIClient({ url: start.url }), "rest");
  const app = await anonymous.v1.apps.create({ clientName: "Darkroom", redirectUris: REDIRECT, scopes });
  const query = { client_id: app.clientId, redirect_uri: REDIRECT, response_type: "code", scope: scopes };
  const url = `${start.url}/oauth/authorize?${new URLSearchParams(query)}`;
  const { code } = await ask({ ask: "consent", who: person.name, url });
  const oauth = record.wrap(createOAuthAPIClient({ url: start.url }), "oauth");
  const client = { clientId: app.clientId, clientSecret: app.clientSecret };
  const grant = { grantType: "authorization_code", redirectUri: REDIRECT, scope: scopes, code, ...client };
  const { accessToken } = await oauth.token.create(grant);
  const api = record.wrap(createRestAPIClient({ url: start.url, accessToken }), "rest");
  return { ...person, api, oauth, client, token: accessToken };
}

const scene = {
  ...start,
  record,
  anonymous: record.wrap(createRestAPIClient({ url: start.url }), "rest"),
  withToken: (accessToken) => record.wrap(createRestAPIClient({ url: start.url, accessToken }), "rest"),
  photo: (number) => new Blob([Buffer.from(start.photos[number], "base64")], { type: "image/jpeg" }),
};
for (const person of start.people) scene[person.name] = await signIn(person);

const failures = [];
for (const name of SCENARIOS) {
  const { steps } = await import(`./masto/${name}.mjs`);
  failures.push(...(await walkThrough(steps, scene)));
}
failures.push(...gaps(record, ["rest", "oauth", "streaming"], NOT_SERVED));
failures.push(...(await servedAfterAll(NOT_SERVED)));
report(failures);

// What a stranger's call of a method is answered with.
async function statusOf(path) {
  const client = createRestAPIClient({ url: start.url });
  const step = (place, name) => (name === "$select" ? place.$select("1") : place[name]);
  const method = path.split(".").slice(1).reduce(step, client);
  return Promise.resolve(method({})).then(() => 200, (error) => error.statusCode);
}

// Methods that are said not to be served and are: an unknown path is not found, a known one asks for a token first.
async function servedAfterAll(listed) {
  const found = [];
  for (const path of expand(listed, record.declared("rest"))) {
    const status = await statusOf(path);
    if (status !== 404) found.push(`${path} is said not to be served, but is answered with ${status}`);
  }
  return found;
}
