// Who follows, blocks, mutes and recommends whom.

import assert from "node:assert/strict";

import { until } from "../trial.mjs";

const ids = (accounts) => accounts.map((account) => account.id);

export const steps = {
  async "somebody is followed, and no longer"({ anna, ben }) {
    const other = anna.api.v1.accounts.$select(ben.id);
    const relationship = await other.follow({ reblogs: false, notify: true, languages: ["en"] });
    assert.deepEqual([relationship.following, relationship.showingReblogs, relationship.notifying], [true, false, true]);
    assert.deepEqual(relationship.languages, ["en"]);
    const [seen] = await ben.api.v1.accounts.relationships.fetch({ id: [anna.id] });
    assert.deepEqual([seen.following, seen.followedBy], [false, true]);
    assert.deepEqual(ids(await other.followers.list({ limit: 5 })), [anna.id]);
    assert.deepEqual(ids(await anna.api.v1.accounts.$select(anna.id).following.list()), [ben.id]);
    assert.equal((await other.unfollow()).following, false);
    await other.follow();
    await ben.api.v1.accounts.$select(anna.id).removeFromFollowers();
    assert.deepEqual(ids(await other.followers.list()), []);
  },

  async "who is asked may say no, and yes"({ anna, ben, cleo }) {
    await ben.api.v1.accounts.updateCredentials({ locked: true });
    for (const person of [anna, cleo]) {
      assert.equal((await person.api.v1.accounts.$select(ben.id).follow()).requested, true);
    }
    const { followRequests } = ben.api.v1;
    assert.deepEqual(new Set(ids(await followRequests.list())), new Set([anna.id, cleo.id]));
    assert.equal((await followRequests.$select(cleo.id).reject()).followedBy, false);
    assert.equal((await followRequests.$select(anna.id).authorize()).followedBy, true);
    assert.deepEqual(await followRequests.list(), []);
    await ben.api.v1.accounts.updateCredentials({ locked: false });
  },

  async "familiar followers are named"({ anna, ben, cleo }) {
    await cleo.api.v1.accounts.$select(anna.id).follow();
    const [familiar] = await cleo.api.v1.accounts.familiarFollowers.fetch({ id: [ben.id] });
    assert.equal(familiar.id, ben.id);
    assert.deepEqual(ids(familiar.accounts), [anna.id]);
  },

  async "muting and blocking are said and taken back"({ anna, cleo }) {
    const { v1 } = anna.api;
    const other = v1.accounts.$select(cleo.id);
    const muted = await other.mute({ notifications: true, duration: 3600 });
    assert.deepEqual([muted.muting, muted.mutingNotifications], [true, true]);
    assert.deepEqual(ids(await v1.mutes.list()), [cleo.id]);
    assert.equal((await other.unmute()).muting, false);
    assert.equal((await other.block()).blocking, true);
    assert.deepEqual(ids(await v1.blocks.list()), [cleo.id]);
    assert.equal((await other.unblock()).blocking, false);
    assert.deepEqual([await v1.mutes.list(), await v1.blocks.list()], [[], []]);
  },

  async "an account is noted, and recommended"({ anna, ben }) {
    const other = anna.api.v1.accounts.$select(ben.id);
    assert.equal((await other.note.create({ comment: "Owes me film" })).note, "Owes me film");
    assert.equal((await other.endorse()).endorsed, true);
    assert.deepEqual(ids(await anna.api.v1.endorsements.list()), [ben.id]);
    assert.deepEqual(ids(await ben.api.v1.accounts.$select(anna.id).endorsements.list()), [ben.id]);
    assert.equal((await other.unendorse()).endorsed, false);
    assert.equal((await other.pin()).endorsed, true);
    assert.equal((await other.unpin()).endorsed, false);
  },

  async "accounts are suggested and listed"({ anna, ben, cleo }) {
    const directory = await anna.api.v1.directory.list({ local: true, order: "new" });
    assert.ok(ids(directory).includes(ben.id), "who wants to be found is in the directory");
    await cleo.api.v1.accounts.$select(anna.id).follow();
    const suggested = await cleo.api.v2.suggestions.list({ limit: 10 });
    const suggestion = suggested.find(({ account }) => account.id === ben.id);
    assert.ok(suggestion, "whom friends follow is suggested");
    assert.ok(suggestion.sources.length > 0);
    assert.ok(ids(await cleo.api.v1.suggestions.list()).includes(ben.id));
    await cleo.api.v1.suggestions.$select(ben.id).remove();
    assert.ok(!ids(await cleo.api.v1.suggestions.list()).includes(ben.id));
  },

  async "somebody elsewhere is found, followed and heard"({ anna, far }) {
    const found = await anna.api.v2.search.list({ q: `@${far.handle}`, resolve: true, type: "accounts" });
    assert.deepEqual(found.accounts.map((account) => account.acct), [far.handle]);
    const other = anna.api.v1.accounts.$select(found.accounts[0].id);
    await other.follow();
    const standing = async () => (await anna.api.v1.accounts.relationships.fetch({ id: [found.accounts[0].id] }))[0];
    await until("the other node accepts", async () => (await standing()).following);
    const { statuses } = await anna.api.v2.search.list({ q: far.post, resolve: true });
    assert.equal(statuses[0].uri, far.post);
    assert.equal(statuses[0].mediaAttachments[0].description, "Far away");
    assert.deepEqual((await other.statuses.list({ onlyMedia: true })).map((status) => status.uri), [far.post]);
  },

  async "a domain is blocked for oneself"({ anna }) {
    const { domainBlocks } = anna.api.v1;
    await domainBlocks.create({ domain: "noise.example" });
    assert.deepEqual(await domainBlocks.list(), ["noise.example"]);
    await domainBlocks.remove({ domain: "noise.example" });
    assert.deepEqual(await domainBlocks.list(), []);
  },

  async "lists hold accounts"({ anna, ben }) {
    const { lists } = anna.api.v1;
    const made = await lists.create({ title: "Darkroom", repliesPolicy: "none", exclusive: false });
    assert.deepEqual([made.title, made.repliesPolicy, made.exclusive], ["Darkroom", "none", false]);
    assert.deepEqual(ids(await lists.list()), [made.id]);
    const list = lists.$select(made.id);
    await list.accounts.create({ accountIds: [ben.id] });
    assert.deepEqual(ids(await list.accounts.list()), [ben.id]);
    assert.deepEqual(ids(await anna.api.v1.accounts.$select(ben.id).lists.list()), [made.id]);
    assert.equal((await list.update({ title: "Red light", exclusive: true })).title, "Red light");
    assert.equal((await list.fetch()).exclusive, true);
    await list.update({ title: "Red light", exclusive: false });
    const heard = await ben.api.v1.statuses.create({ status: "For the list" });
    const shown = await until("the list shows the post", async () => {
      const page = await anna.api.v1.timelines.list.$select(made.id).list({ limit: 3 });
      return page.find((status) => status.id === heard.id);
    });
    assert.equal(shown.account.id, ben.id);
    await list.accounts.remove({ accountIds: [ben.id] });
    assert.deepEqual(await list.accounts.list(), []);
    await list.remove();
    await assert.rejects(list.fetch(), { statusCode: 404 });
  },
};
