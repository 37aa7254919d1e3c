// Who follows, blocks, mutes and lists whom.

import assert from "node:assert/strict";

import { refused, until } from "../trial.mjs";

const ids = ({ data }) => data.map((item) => item.id);

export const steps = {
  async "somebody is followed, subscribed to, and no longer"({ anna, ben }) {
    assert.equal((await anna.api.followAccount(ben.id, { reblog: true })).data.following, true);
    assert.equal((await anna.api.subscribeAccount(ben.id)).data.notifying, true);
    assert.equal((await anna.api.unsubscribeAccount(ben.id)).data.notifying, false);
    assert.equal((await ben.api.getRelationship(anna.id)).data.followed_by, true);
    assert.deepEqual((await ben.api.getRelationships([anna.id])).data.map((item) => item.id), [anna.id]);
    assert.deepEqual(ids(await anna.api.getAccountFollowers(ben.id, { get_all: true })), [anna.id]);
    assert.deepEqual(ids(await anna.api.getAccountFollowing(anna.id)), [ben.id]);
    assert.equal((await anna.api.unfollowAccount(ben.id)).data.following, false);
  },

  async "who is asked may say no, and yes"({ anna, ben, cleo }) {
    await ben.api.updateCredentials({ locked: true });
    for (const person of [anna, cleo]) assert.equal((await person.api.followAccount(ben.id)).data.requested, true);
    assert.deepEqual(new Set(ids(await ben.api.getFollowRequests())), new Set([anna.id, cleo.id]));
    assert.equal((await ben.api.rejectFollowRequest(cleo.id)).data.followed_by, false);
    assert.equal((await ben.api.acceptFollowRequest(anna.id)).data.followed_by, true);
    assert.deepEqual((await ben.api.getFollowRequests(5)).data, []);
    await ben.api.updateCredentials({ locked: false });
  },

  async "muting and blocking are said and taken back"({ anna, cleo }) {
    const muted = (await anna.api.muteAccount(cleo.id, true)).data;
    assert.deepEqual([muted.muting, muted.muting_notifications], [true, true]);
    assert.deepEqual(ids(await anna.api.getMutes()), [cleo.id]);
    assert.equal((await anna.api.unmuteAccount(cleo.id)).data.muting, false);
    assert.equal((await anna.api.blockAccount(cleo.id)).data.blocking, true);
    assert.deepEqual(ids(await anna.api.getBlocks()), [cleo.id]);
    assert.equal((await anna.api.unblockAccount(cleo.id)).data.blocking, false);
    await anna.api.blockDomain("noise.example");
    assert.deepEqual((await anna.api.getDomainBlocks()).data, ["noise.example"]);
    await anna.api.unblockDomain("noise.example");
    assert.deepEqual((await anna.api.getDomainBlocks()).data, []);
  },

  async "an account is noted, recommended and suggested"({ anna, ben, cleo }) {
    assert.equal((await anna.api.setAccountNote(ben.id, "Owes me film")).data.note, "Owes me film");
    assert.equal((await anna.api.pinAccount(ben.id)).data.endorsed, true);
    assert.deepEqual(ids(await anna.api.getEndorsements()), [ben.id]);
    assert.equal((await anna.api.unpinAccount(ben.id)).data.endorsed, false);
    await cleo.api.followAccount(anna.id);
    assert.ok(ids(await cleo.api.getSuggestions(10)).includes(ben.id), "whom friends follow is suggested");
    assert.ok(ids(await anna.api.getInstanceDirectory({ local: true, order: "new" })).includes(ben.id));
  },

  async "lists hold accounts"({ anna, ben }) {
    const { data: list } = await anna.api.createList("Darkroom");
    assert.equal(list.title, "Darkroom");
    assert.deepEqual(ids(await anna.api.getLists()), [list.id]);
    await anna.api.addAccountsToList(list.id, [ben.id]);
    assert.deepEqual(ids(await anna.api.getAccountsInList(list.id)), [ben.id]);
    assert.deepEqual(ids(await anna.api.getAccountLists(ben.id)), [list.id]);
    assert.equal((await anna.api.updateList(list.id, "Red light")).data.title, "Red light");
    assert.equal((await anna.api.getList(list.id)).data.title, "Red light");
    const { data: post } = await ben.api.postStatus("For the list");
    await until("the list shows the post", async () => ids(await anna.api.getListTimeline(list.id)).includes(post.id));
    await anna.api.deleteAccountsFromList(list.id, [ben.id]);
    assert.deepEqual((await anna.api.getAccountsInList(list.id)).data, []);
    await anna.api.deleteList(list.id);
    await refused(404, anna.api.getList(list.id));
  },
};
