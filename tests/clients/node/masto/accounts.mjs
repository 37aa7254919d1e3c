// Profiles: one's own and others'.

import assert from "node:assert/strict";

import { ask, until } from "../trial.mjs";

const REDIRECT = "http://localhost/signed-in";
const SCOPES = "read write follow push";

export const steps = {
  async "an app knows itself"({ anna, anonymous, oauth }) {
    assert.equal((await anna.api.v1.apps.verifyCredentials()).name, "Darkroom");
    await assert.rejects(anonymous.v1.apps.verifyCredentials(), { statusCode: 401 });
  },

  async "an account is opened, and its letter sent again"({ anonymous, anna, withToken }) {
    const app = { ...anna.client, grantType: "client_credentials", redirectUri: REDIRECT, scope: SCOPES };
    const forApp = await anna.oauth.token.create(app);
    const name = `dora${Date.now().toString(36)}`;
    const email = `${name}@${name}.example`;
    const wanted = { username: name, email, password: "long enough, surely", agreement: true, locale: "en" };
    await assert.rejects(anonymous.v1.accounts.create(wanted), { statusCode: 401 });
    const token = await withToken(forApp.accessToken).v1.accounts.create(wanted);
    assert.equal(token.tokenType, "Bearer");
    const dora = withToken(token.accessToken);
    await dora.v1.emails.confirmations.create({ email });
    await until("the letter comes again", async () => (await ask({ ask: "letters", to: email })).letters.length >= 2);
    await anna.oauth.revoke({ ...anna.client, token: token.accessToken });
    await assert.rejects(dora.v1.accounts.verifyCredentials(), { statusCode: 401 });
  },

  async "an account is shown, looked up and found"({ anna, ben }) {
    const { v1 } = anna.api;
    assert.equal((await v1.accounts.$select(ben.id).fetch()).username, ben.username);
    assert.equal((await v1.accounts.lookup({ acct: ben.username })).id, ben.id);
    const several = await v1.accounts.fetch({ id: [ben.id, anna.id] });
    assert.deepEqual(new Set(several.map((account) => account.id)), new Set([ben.id, anna.id]));
    const found = await v1.accounts.search.list({ q: ben.username, limit: 1 });
    assert.deepEqual(found.map((account) => account.id), [ben.id]);
    assert.deepEqual(await v1.accounts.$select(ben.id).identityProofs.list(), []);
    await assert.rejects(v1.accounts.lookup({ acct: "nobody.at.all" }), { statusCode: 404 });
  },

  async "a profile is changed with pictures and fields"({ ben, photo }) {
    const { accounts } = ben.api.v1;
    const changed = await accounts.updateCredentials({
      displayName: "Ben B.",
      note: "Analogue only.",
      avatar: photo(0),
      header: photo(1),
      discoverable: true,
      source: { privacy: "unlisted", sensitive: false, language: "en" },
      fieldsAttributes: [{ name: "Camera", value: "M6" }, { name: "Film", value: "HP5" }],
    });
    assert.equal(changed.displayName, "Ben B.");
    assert.equal(changed.source.note, "Analogue only.");
    assert.equal(changed.source.privacy, "unlisted");
    assert.deepEqual(changed.fields.map(({ name, value }) => [name, value]), [["Camera", "M6"], ["Film", "HP5"]]);
    assert.ok(!/missing/.test(changed.avatar + changed.header));
    const me = await accounts.verifyCredentials();
    assert.equal(me.id, ben.id);
    assert.equal(me.displayName, "Ben B.");
    const preferences = await ben.api.v1.preferences.fetch();
    assert.equal(preferences["posting:default:visibility"], "unlisted");
    assert.equal(preferences["posting:default:language"], "en");
    await accounts.updateCredentials({ source: { privacy: "public" } });
  },

  async "a profile is edited whole, and its pictures are taken away"({ ben }) {
    const { profile } = ben.api.v1;
    const before = await profile.fetch();
    assert.equal(before.displayName, "Ben B.");
    assert.equal(before.note, "Analogue only.");
    assert.ok(before.avatar && before.header);
    const changed = await profile.update({ displayName: "Ben", avatarDescription: "Ben, from afar", indexable: true });
    assert.deepEqual([changed.displayName, changed.avatarDescription], ["Ben", "Ben, from afar"]);
    assert.equal(changed.indexable, true);
    assert.match((await profile.avatar.remove()).avatar, /missing/);
    assert.match((await profile.header.remove()).header, /missing/);
    const after = await profile.fetch();
    assert.deepEqual([after.avatar, after.header], [null, null]);
  },

  async "hashtags are featured on a profile"({ anna, ben }) {
    const { featuredTags } = anna.api.v1;
    const post = await anna.api.v1.statuses.create({ status: "Light #darkslide #bellows" });
    const suggested = await featuredTags.suggestions.list();
    assert.ok(suggested.some((tag) => tag.name === "bellows"), "a used hashtag is suggested");
    const featured = await featuredTags.create({ name: "darkslide" });
    assert.deepEqual([featured.name, String(featured.statusesCount)], ["darkslide", "1"]);
    assert.deepEqual((await featuredTags.list()).map((tag) => tag.id), [featured.id]);
    assert.deepEqual((await ben.api.v1.accounts.$select(anna.id).featuredTags.list()).map((tag) => tag.name), ["darkslide"]);
    await featuredTags.$select(featured.id).remove();
    assert.deepEqual(await featuredTags.list(), []);
    await anna.api.v1.statuses.$select(post.id).remove();
  },

  async "hashtags are followed, and featured by their name"({ anna }) {
    const tag = anna.api.v1.tags.$select("herons");
    assert.equal((await tag.follow()).following, true);
    assert.deepEqual((await anna.api.v1.followedTags.list()).map((item) => item.name), ["herons"]);
    assert.equal((await tag.fetch()).following, true);
    assert.equal((await tag.unfollow()).following, false);
    assert.equal((await tag.feature()).featuring, true);
    assert.equal((await tag.unfeature()).featuring, false);
  },
};
