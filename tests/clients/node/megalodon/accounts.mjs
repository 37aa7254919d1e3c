// Apps, and profiles: one's own and others'.

import assert from "node:assert/strict";

import { ask, refused, until } from "../trial.mjs";

export const steps = {
  async "an app is made, known and given up"({ anonymous, clientOf, anna, redirect }) {
    const app = await anonymous.createApp("Enlarger", { scopes: ["read", "write"], redirect_uris: redirect });
    const url = await anonymous.generateAuthUrl(app.client_id, app.client_secret, { scope: ["read", "write"], redirect_uri: redirect });
    const { code } = await ask({ ask: "consent", who: "anna", url });
    const token = await anonymous.fetchAccessToken(app.client_id, app.client_secret, code, redirect);
    const api = clientOf(token.access_token);
    assert.equal((await api.verifyAppCredentials()).data.name, "Enlarger");
    assert.equal((await api.verifyAccountCredentials()).data.id, anna.id);
    await refused(400, anonymous.refreshToken(app.client_id, app.client_secret, "nothing"));
    await api.revokeToken(app.client_id, app.client_secret, token.access_token);
    await refused(401, api.verifyAccountCredentials());
  },

  async "an account is opened"({ url, anna, clientOf }) {
    const { client_id, client_secret } = anna.app;
    const answer = await fetch(`${url}/oauth/token`, {
      method: "POST",
      body: new URLSearchParams({ grant_type: "client_credentials", client_id, client_secret, scope: "read write" }),
    });
    const name = `dora${Date.now().toString(36)}`;
    const app = clientOf((await answer.json()).access_token);
    const { data } = await app.registerAccount(name, `${name}@${name}.example`, "long enough, surely", true, "en");
    assert.equal(data.token_type, "Bearer");
  },

  async "a profile is changed"({ ben }) {
    const { data } = await ben.api.updateCredentials({
      display_name: "Ben B.",
      note: "Analogue only.",
      discoverable: true,
      bot: false,
      source: { privacy: "public", language: "en" },
      fields_attributes: [{ name: "Camera", value: "M6" }],
    });
    assert.deepEqual([data.display_name, data.source.note], ["Ben B.", "Analogue only."]);
    assert.deepEqual(data.fields.map(({ name, value }) => [name, value]), [["Camera", "M6"]]);
    const preferences = await ben.api.getPreferences();
    assert.equal(preferences.data["posting:default:visibility"], "public");
    assert.equal(preferences.data["posting:default:language"], "en");
  },

  async "an account is shown, looked up and found"({ anna, ben }) {
    assert.equal((await anna.api.getAccount(ben.id)).data.display_name, "Ben B.");
    assert.equal((await anna.api.lookupAccount(ben.username)).data.id, ben.id);
    const found = await anna.api.searchAccount(ben.username, { limit: 1, resolve: false });
    assert.deepEqual(found.data.map((account) => account.id), [ben.id]);
    assert.deepEqual((await anna.api.getIdentityProof(ben.id)).data, []);
    await refused(404, anna.api.lookupAccount("nobody.at.all"));
  },

  async "hashtags are featured and followed"({ anna }) {
    await anna.api.postStatus("Light #darkslide #bellows");
    assert.ok((await anna.api.getSuggestedTags()).data.some((tag) => tag.name === "bellows"));
    const { data: featured } = await anna.api.createFeaturedTag("darkslide");
    assert.equal(featured.name, "darkslide");
    assert.deepEqual((await anna.api.getFeaturedTags()).data.map((tag) => tag.id), [featured.id]);
    await anna.api.deleteFeaturedTag(featured.id);
    assert.deepEqual((await anna.api.getFeaturedTags()).data, []);
    assert.equal((await anna.api.followTag("herons")).data.following, true);
    assert.deepEqual((await anna.api.getFollowedTags()).data.map((tag) => tag.name), ["herons"]);
    assert.equal((await anna.api.getTag("herons")).data.following, true);
    assert.equal((await anna.api.unfollowTag("herons")).data.following, false);
  },

  async "an app that gave up a request hears nothing"({ clientOf, anna }) {
    const api = clientOf(anna.token);
    const asked = api.getAccount(anna.id);
    api.cancel();
    await assert.rejects(asked, (error) => /cancel/i.test(`${error.name} ${error.message}`));
    await until("others are heard", async () => (await anna.api.getAccount(anna.id)).data.id === anna.id);
  },
};
