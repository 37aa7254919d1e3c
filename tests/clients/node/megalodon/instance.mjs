// What the node says of itself, what is found on it, and what it is told.

import assert from "node:assert/strict";

export const steps = {
  async "the server is told apart, and says what it can"({ kind, anonymous, url, far, anna }) {
    // The library knows a list of kinds of server by name, and asks its user about others.
    assert.match(kind, /Unknown SNS|mastodon/);
    await anna.api.search(`@${far.handle}`, { resolve: true, type: "accounts" });
    const { data: instance } = await anonymous.getInstance();
    assert.equal(instance.uri, new URL(url).host);
    assert.equal(instance.configuration.statuses.max_media_attachments, 20);
    assert.ok((await anonymous.getInstancePeers()).data.includes(far.handle.split("@")[1]));
    assert.equal((await anonymous.getInstanceActivity()).data.length, 12);
    assert.deepEqual((await anonymous.getInstanceCustomEmojis()).data, []);
    assert.ok(Array.isArray((await anonymous.getInstanceTrends(5)).data));
  },

  async "people, posts and hashtags are found"({ anna, ben, far }) {
    await anna.api.postStatus("Develop in #rodinal");
    const found = await anna.api.search("rodinal", { type: "hashtags", limit: 5 });
    assert.deepEqual(found.data.hashtags.map((tag) => tag.name), ["rodinal"]);
    const people = await anna.api.search(ben.username, { type: "accounts" });
    assert.deepEqual(people.data.accounts.map((account) => account.id), [ben.id]);
    const elsewhere = await anna.api.search(far.post, { resolve: true });
    assert.equal(elsewhere.data.statuses[0].media_attachments[0].description, "Far away");
  },

  async "everybody is told something, reacts and puts it away"({ anna, announced }) {
    const again = async () => (await anna.api.getInstanceAnnouncements()).data;
    const [told] = await again();
    assert.ok(told.content.includes(announced));
    const name = encodeURIComponent("👍");
    await anna.api.addReactionToAnnouncement(told.id, name);
    assert.deepEqual((await again())[0].reactions.map((item) => [item.name, item.count, item.me]), [["👍", 1, true]]);
    await anna.api.removeReactionFromAnnouncement(told.id, name);
    assert.deepEqual((await again())[0].reactions, []);
    await anna.api.dismissInstanceAnnouncement(told.id);
    assert.ok(!(await again()).some((item) => item.id === told.id));
  },

  async "somebody is reported"({ anna, cleo }) {
    const { data: post } = await cleo.api.postStatus("Buy my lens");
    const wanted = { status_ids: [post.id], comment: "An advertisement", category: "spam" };
    const { data: report } = await anna.api.report(cleo.id, wanted);
    assert.deepEqual([report.category, report.comment, report.action_taken], ["spam", "An advertisement", false]);
    assert.equal(report.target_account.id, cleo.id);
  },
};
