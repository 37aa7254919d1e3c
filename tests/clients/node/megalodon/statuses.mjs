// Posts: written, answered, liked, changed.

import assert from "node:assert/strict";

import { refused } from "../trial.mjs";

const ids = ({ data }) => data.map((item) => item.id);

export const steps = {
  async "a photograph is uploaded, described and posted"({ anna, photo }) {
    const { data: media } = await anna.api.uploadMedia(await photo(0), { description: "A lighthouse", focus: "0.2,-0.4" });
    assert.deepEqual([media.type, media.description], ["image", "A lighthouse"]);
    assert.equal((await anna.api.updateMedia(media.id, { description: "At noon" })).data.description, "At noon");
    assert.equal((await anna.api.getMedia(media.id)).data.meta.original.width, 480);
    const { data: post } = await anna.api.postStatus("On the rock #lighthouse", {
      media_ids: [media.id],
      sensitive: true,
      spoiler_text: "Heights",
      visibility: "unlisted",
      language: "en",
    });
    assert.deepEqual([post.spoiler_text, post.sensitive, post.visibility], ["Heights", true, "unlisted"]);
    assert.deepEqual(post.media_attachments.map((item) => item.description), ["At noon"]);
    assert.deepEqual(post.tags.map((tag) => tag.name), ["lighthouse"]);
    assert.equal((await anna.api.getStatus(post.id)).data.uri, post.uri);
    assert.equal((await anna.api.getStatusSource(post.id)).data.text, "On the rock #lighthouse");
    await refused(422, anna.api.postStatus(""));
  },

  async "a post is liked, kept and shared, and no longer"({ anna, ben }) {
    const { data: post } = await anna.api.postStatus("Take your pick");
    assert.equal((await ben.api.favouriteStatus(post.id)).data.favourited, true);
    assert.equal((await ben.api.bookmarkStatus(post.id)).data.bookmarked, true);
    assert.equal((await ben.api.reblogStatus(post.id)).data.reblog.id, post.id);
    const shown = (await ben.api.getStatus(post.id)).data;
    assert.deepEqual([shown.favourites_count, shown.reblogs_count, shown.reblogged], [1, 1, true]);
    assert.deepEqual(ids(await ben.api.getStatusFavouritedBy(post.id)), [ben.id]);
    assert.deepEqual(ids(await ben.api.getStatusRebloggedBy(post.id)), [ben.id]);
    assert.equal(ids(await ben.api.getFavourites({ limit: 1 }))[0], post.id);
    assert.equal(ids(await ben.api.getBookmarks({ limit: 1 }))[0], post.id);
    assert.equal((await ben.api.unfavouriteStatus(post.id)).data.favourited, false);
    assert.equal((await ben.api.unbookmarkStatus(post.id)).data.bookmarked, false);
    await ben.api.unreblogStatus(post.id);
    const bare = (await ben.api.getStatus(post.id)).data;
    assert.deepEqual([bare.favourites_count, bare.reblogs_count, bare.reblogged], [0, 0, false]);
  },

  async "a conversation is read as its context, muted and pinned"({ anna, ben }) {
    const { data: post } = await anna.api.postStatus("A question");
    const { data: answer } = await ben.api.postStatus("An answer", { in_reply_to_id: post.id });
    assert.equal(answer.in_reply_to_account_id, anna.id);
    const { data: context } = await anna.api.getStatusContext(answer.id);
    assert.deepEqual([context.ancestors.map((item) => item.id), context.descendants], [[post.id], []]);
    assert.equal((await anna.api.muteStatus(post.id)).data.muted, true);
    assert.equal((await anna.api.unmuteStatus(post.id)).data.muted, false);
    assert.equal((await anna.api.pinStatus(post.id)).data.pinned, true);
    assert.deepEqual(ids(await anna.api.getAccountStatuses(anna.id, { pinned: true })), [post.id]);
    assert.equal((await anna.api.unpinStatus(post.id)).data.pinned, false);
  },

  async "a post is edited, quoted and deleted"({ anna, ben }) {
    const { data: post } = await anna.api.postStatus("First draft");
    const edited = (await anna.api.editStatus(post.id, { status: "Second draft", spoiler_text: "Revised" })).data;
    assert.match(edited.content, /Second draft/);
    assert.equal(edited.spoiler_text, "Revised");
    const { data: quote } = await ben.api.postStatus("Look at this", { quote_id: post.id });
    assert.equal(quote.quote.quoted_status?.id ?? quote.quote.id, post.id);
    await refused(404, ben.api.deleteStatus(post.id));
    await anna.api.deleteStatus(post.id);
    await refused(404, anna.api.getStatus(post.id));
  },

  async "a poll is asked and answered"({ anna, ben }) {
    const poll = { options: ["Film", "Sensor"], expires_in: 3600, multiple: false };
    const asked = (await anna.api.postStatus("Which?", { poll })).data.poll;
    const voted = (await ben.api.votePoll(asked.id, [1])).data;
    assert.deepEqual([voted.voted, voted.votes_count], [true, 1]);
    assert.deepEqual((await anna.api.getPoll(asked.id)).data.options.map((option) => option.votes_count), [0, 1]);
    await refused(422, ben.api.votePoll(asked.id, [0]));
  },

  async "a post is scheduled, put off and cancelled"({ anna }) {
    const [soon, later] = [1, 2].map((hours) => new Date(Date.now() + hours * 3_600_000).toISOString());
    const { data: planned } = await anna.api.postStatus("Tomorrow's", { scheduled_at: soon });
    assert.deepEqual([planned.scheduled_at, planned.params.text], [soon, "Tomorrow's"]);
    assert.deepEqual(ids(await anna.api.getScheduledStatuses()), [planned.id]);
    assert.equal((await anna.api.scheduleStatus(planned.id, later)).data.scheduled_at, later);
    assert.equal((await anna.api.getScheduledStatus(planned.id)).data.scheduled_at, later);
    await anna.api.cancelScheduledStatus(planned.id);
    assert.deepEqual((await anna.api.getScheduledStatuses()).data, []);
  },
};
