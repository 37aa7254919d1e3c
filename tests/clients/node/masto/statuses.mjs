// Posts: written, answered, liked, changed.

import assert from "node:assert/strict";

import { until } from "../trial.mjs";

const ids = (things) => things.map((thing) => thing.id);
const words = (status) => status.content.replace(/<[^>]*>/g, "");

export const steps = {
  async "a post carries what was asked for"({ anna, photo }) {
    const { v1, v2 } = anna.api;
    const media = await v2.media.create({ file: photo(0), description: "A lighthouse", skipPolling: true });
    const post = await v1.statuses.create({
      status: "On the rock #lighthouse",
      mediaIds: [media.id],
      sensitive: true,
      spoilerText: "Heights",
      visibility: "unlisted",
      language: "en",
    });
    assert.deepEqual([post.spoilerText, post.sensitive, post.visibility], ["Heights", true, "unlisted"]);
    assert.equal(post.language, "en");
    assert.deepEqual(post.tags.map((tag) => tag.name), ["lighthouse"]);
    assert.deepEqual(post.mediaAttachments.map((item) => item.description), ["A lighthouse"]);
    assert.equal(post.application.name, "Darkroom");
    assert.equal((await v1.statuses.$select(post.id).fetch()).uri, post.uri);
    assert.equal((await v1.statuses.$select(post.id).source.fetch()).text, "On the rock #lighthouse");
    assert.deepEqual(ids(await v1.statuses.fetch({ id: [post.id] })), [post.id]);
    await assert.rejects(v1.statuses.create({ status: "" }), { statusCode: 422 });
  },

  async "one key posts once"({ anna }) {
    const meta = { requestInit: { headers: { "Idempotency-Key": "only-once" } } };
    const first = await anna.api.v1.statuses.create({ status: "Only once" }, meta);
    assert.equal((await anna.api.v1.statuses.create({ status: "Only once" }, meta)).id, first.id);
  },

  async "a post is liked, kept and shared, and no longer"({ anna, ben }) {
    const post = await anna.api.v1.statuses.create({ status: "Take your pick" });
    const taken = ben.api.v1.statuses.$select(post.id);
    assert.equal((await taken.favourite()).favourited, true);
    assert.equal((await taken.bookmark()).bookmarked, true);
    assert.equal((await taken.reblog({ visibility: "unlisted" })).reblog.id, post.id);
    const shown = await taken.fetch();
    assert.deepEqual([shown.favouritesCount, shown.reblogsCount], [1, 1]);
    assert.deepEqual([shown.favourited, shown.reblogged, shown.bookmarked], [true, true, true]);
    assert.deepEqual(ids(await taken.favouritedBy.list()), [ben.id]);
    assert.deepEqual(ids(await taken.rebloggedBy.list()), [ben.id]);
    assert.equal((await ben.api.v1.favourites.list())[0].id, post.id);
    assert.equal((await ben.api.v1.bookmarks.list())[0].id, post.id);
    assert.equal((await taken.unfavourite()).favourited, false);
    assert.equal((await taken.unbookmark()).bookmarked, false);
    await taken.unreblog();
    const bare = await taken.fetch();
    assert.deepEqual([bare.favouritesCount, bare.reblogsCount, bare.reblogged], [0, 0, false]);
  },

  async "a conversation is read as its context, and muted"({ anna, ben }) {
    const post = await anna.api.v1.statuses.create({ status: "A question" });
    const answer = await ben.api.v1.statuses.create({ status: `@${anna.username} An answer`, inReplyToId: post.id });
    assert.deepEqual([answer.inReplyToId, answer.inReplyToAccountId], [post.id, anna.id]);
    assert.deepEqual(ids(answer.mentions), [anna.id]);
    const thanks = await anna.api.v1.statuses.create({ status: "Thanks", inReplyToId: answer.id });
    const context = await ben.api.v1.statuses.$select(answer.id).context.fetch();
    assert.deepEqual([ids(context.ancestors), ids(context.descendants)], [[post.id], [thanks.id]]);
    assert.equal((await anna.api.v1.statuses.$select(post.id).fetch()).repliesCount, 1);
    assert.equal((await anna.api.v1.statuses.$select(post.id).mute()).muted, true);
    assert.equal((await anna.api.v1.statuses.$select(post.id).unmute()).muted, false);
  },

  async "an edit leaves its history"({ anna }) {
    const post = await anna.api.v1.statuses.create({ status: "First draft" });
    const same = anna.api.v1.statuses.$select(post.id);
    const edited = await same.update({ status: "Second draft", spoilerText: "Revised" });
    assert.deepEqual([words(edited), edited.spoilerText], ["Second draft", "Revised"]);
    assert.ok(edited.editedAt >= post.createdAt);
    assert.deepEqual((await same.history.list()).map(words), ["First draft", "Second draft"]);
  },

  async "a post is pinned on the profile"({ anna }) {
    const post = await anna.api.v1.statuses.create({ status: "On top" });
    assert.equal((await anna.api.v1.statuses.$select(post.id).pin()).pinned, true);
    assert.deepEqual(ids(await anna.api.v1.accounts.$select(anna.id).statuses.list({ pinned: true })), [post.id]);
    assert.equal((await anna.api.v1.statuses.$select(post.id).unpin()).pinned, false);
  },

  async "a post is quoted"({ anna, ben }) {
    const post = await anna.api.v1.statuses.create({ status: "Quote me", quoteApprovalPolicy: "public" });
    assert.deepEqual(post.quoteApproval.automatic, ["public"]);
    const quote = await ben.api.v1.statuses.create({ status: "Look at this", quotedStatusId: post.id });
    assert.equal(quote.quote.state, "accepted");
    assert.equal(quote.quote.quotedStatus.id, post.id);
    assert.deepEqual(ids(await anna.api.v1.statuses.$select(post.id).quotes.list()), [quote.id]);
    assert.equal((await anna.api.v1.statuses.$select(post.id).fetch()).quotesCount, 1);
  },

  async "a poll is asked and answered"({ anna, ben }) {
    const poll = { options: ["Film", "Sensor"], expiresIn: 3600, multiple: false };
    const { poll: asked } = await anna.api.v1.statuses.create({ status: "Which?", poll });
    assert.deepEqual(asked.options.map((option) => option.title), ["Film", "Sensor"]);
    const voted = await ben.api.v1.polls.$select(asked.id).votes.create({ choices: [1] });
    assert.deepEqual([voted.voted, voted.ownVotes, voted.votesCount], [true, [1], 1]);
    const seen = await anna.api.v1.polls.$select(asked.id).fetch();
    assert.deepEqual(seen.options.map((option) => option.votesCount), [0, 1]);
    await assert.rejects(ben.api.v1.polls.$select(asked.id).votes.create({ choices: [0] }), { statusCode: 422 });
  },

  async "a post is scheduled, put off and cancelled"({ anna }) {
    const { v1 } = anna.api;
    const [soon, later] = [1, 2].map((hours) => new Date(Date.now() + hours * 3_600_000).toISOString());
    const planned = await v1.statuses.create({ status: "Tomorrow's", scheduledAt: soon });
    assert.deepEqual([planned.scheduledAt, planned.params.text], [soon, "Tomorrow's"]);
    assert.deepEqual(ids(await v1.scheduledStatuses.list()), [planned.id]);
    const same = v1.scheduledStatuses.$select(planned.id);
    assert.equal((await same.update({ scheduledAt: later })).scheduledAt, later);
    assert.equal((await same.fetch()).scheduledAt, later);
    await same.remove();
    assert.deepEqual(await v1.scheduledStatuses.list(), []);
  },

  async "nothing is translated, and a foreign post is not deleted"({ anna, ben }) {
    const post = await anna.api.v1.statuses.create({ status: "Mine alone" });
    await assert.rejects(ben.api.v1.statuses.$select(post.id).translate({ lang: "de" }), { statusCode: 404 });
    await assert.rejects(ben.api.v1.statuses.$select(post.id).remove(), { statusCode: 404 });
    assert.equal((await anna.api.v1.statuses.$select(post.id).remove()).text, "Mine alone");
    await assert.rejects(anna.api.v1.statuses.$select(post.id).fetch(), { statusCode: 404 });
  },

  async "direct posts make a conversation"({ anna, ben }) {
    const { conversations } = anna.api.v1;
    const post = await ben.api.v1.statuses.create({ status: `@${anna.username} Between us`, visibility: "direct" });
    const conversation = await until("the conversation is there", async () => (await conversations.list())[0]);
    assert.deepEqual([conversation.unread, conversation.lastStatus.id], [true, post.id]);
    assert.deepEqual(ids(conversation.accounts), [ben.id]);
    const same = conversations.$select(conversation.id);
    assert.equal((await same.read()).unread, false);
    assert.equal((await same.unread()).unread, true);
    await same.remove();
    assert.deepEqual(await conversations.list(), []);
  },
};
