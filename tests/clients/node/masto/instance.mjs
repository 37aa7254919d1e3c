// What the node says of itself, what is found on it, and what it is told.

import assert from "node:assert/strict";

export const steps = {
  async "the server says what it can"({ anonymous, url }) {
    const { v1, v2 } = anonymous;
    const domain = new URL(url).host;
    const instance = await v2.instance.fetch();
    assert.equal(instance.domain, domain);
    assert.equal(instance.configuration.statuses.maxMediaAttachments, 20);
    assert.ok(instance.configuration.mediaAttachments.supportedMimeTypes.includes("image/jpeg"));
    assert.equal(instance.registrations.enabled, true);
    assert.equal((await v1.instance.fetch()).uri, domain);
    assert.ok(Array.isArray((await v1.instance.languages.list())));
    assert.equal(typeof (await v1.instance.extendedDescription.fetch()).content, "string");
    assert.deepEqual(await v1.instance.translationLanguages.list(), {});
    const weeks = await v1.instance.activity.list();
    assert.equal(weeks.length, 12);
    assert.ok(Date.now() / 1000 - Number(weeks[0].week) < 7 * 86_400, "the first week is this one");
    assert.match(weeks[0].statuses, /^\d+$/);
  },

  async "the server says whom it knows and whom it shuts out"({ anonymous, far }) {
    const { v1 } = anonymous;
    assert.ok((await v1.instance.peers.list()).includes(far.handle.split("@")[1]));
    assert.deepEqual(await v1.instance.domainBlocks.fetch(), []);
    assert.deepEqual(await v1.customEmojis.list(), []);
  },

  async "people, posts and hashtags are found"({ anna, ben }) {
    await anna.api.v1.statuses.create({ status: "Develop in #rodinal" });
    const found = await anna.api.v2.search.list({ q: "rodinal", type: "hashtags", limit: 5 });
    assert.deepEqual(found.hashtags.map((tag) => tag.name), ["rodinal"]);
    const people = await anna.api.v2.search.list({ q: ben.username, type: "accounts" });
    assert.deepEqual(people.accounts.map((account) => account.id), [ben.id]);
  },

  async "what is talked about is shown"({ anna }) {
    const { trends } = anna.api.v1;
    for (const kind of ["tags", "statuses", "links"]) assert.ok(Array.isArray(await trends[kind].list({ limit: 5 })));
  },

  async "everybody is told something, reacts and puts it away"({ anna, announced }) {
    const { announcements } = anna.api.v1;
    const [told] = await announcements.list();
    assert.ok(told.content.includes(announced));
    const same = announcements.$select(told.id);
    const again = async () => (await announcements.list()).find((item) => item.id === told.id);
    await same.reactions.$select("👍").update();
    assert.deepEqual((await again()).reactions.map(({ name, count, me }) => [name, count, me]), [["👍", 1, true]]);
    await same.reactions.$select("👍").remove();
    assert.deepEqual((await again()).reactions, []);
    await same.dismiss();
    assert.equal(await again(), undefined);
  },

  async "somebody is reported"({ anna, cleo }) {
    const post = await cleo.api.v1.statuses.create({ status: "Buy my lens" });
    const wanted = { accountId: cleo.id, statusIds: [post.id], comment: "An advertisement", category: "spam" };
    const report = await anna.api.v1.reports.create(wanted);
    assert.deepEqual([report.category, report.comment, report.actionTaken], ["spam", "An advertisement", false]);
    assert.deepEqual(report.statusIds, [post.id]);
    assert.equal(report.targetAccount.id, cleo.id);
  },

  async "no look back at a year is made here"({ anna }) {
    const { annualReports } = anna.api.v1;
    assert.deepEqual((await annualReports.list()).annualReports, []);
    const year = annualReports.$select("2025");
    assert.equal((await year.state.fetch()).state, "ineligible");
    await year.generate();
    await assert.rejects(year.fetch(), { statusCode: 404 });
    await assert.rejects(year.read(), { statusCode: 404 });
  },
};
