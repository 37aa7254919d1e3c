// Timelines, conversations, and how far they were read.

import assert from "node:assert/strict";

import { until } from "../trial.mjs";

const ids = ({ data }) => data.map((item) => item.id);

export const steps = {
  async "timelines show new posts, and page"({ cleo }) {
    const posted = [];
    for (let number = 0; number < 3; number += 1) {
      posted.push((await cleo.api.postStatus(`Frame ${number} #contactsheet`)).data.id);
    }
    const newestFirst = [...posted].reverse();
    const timelines = [
      (options) => cleo.api.getHomeTimeline(options),
      (options) => cleo.api.getPublicTimeline(options),
      (options) => cleo.api.getLocalTimeline(options),
      (options) => cleo.api.getTagTimeline("contactsheet", options),
      (options) => cleo.api.getAccountStatuses(cleo.id, options),
    ];
    for (const timeline of timelines) {
      const first = ids(await timeline({ limit: 2 }));
      assert.deepEqual(first, newestFirst.slice(0, 2));
      assert.equal(ids(await timeline({ limit: 2, max_id: first[1] }))[0], newestFirst[2]);
    }
    assert.deepEqual(ids(await cleo.api.getHomeTimeline({ min_id: posted[0], limit: 1 })), [posted[1]]);
  },

  async "it is remembered how far somebody read"({ cleo }) {
    const [newest] = ids(await cleo.api.getHomeTimeline({ limit: 1 }));
    assert.equal((await cleo.api.saveMarkers({ home: { last_read_id: newest } })).data.home.last_read_id, newest);
    assert.equal((await cleo.api.getMarkers(["home"])).data.home.last_read_id, newest);
  },

  async "direct posts make a conversation"({ anna, ben }) {
    const { data: post } = await ben.api.postStatus(`@${anna.username} Between us`, { visibility: "direct" });
    const conversation = await until("it is there", async () => (await anna.api.getConversationTimeline()).data[0]);
    assert.deepEqual([conversation.unread, conversation.last_status.id], [true, post.id]);
    assert.equal((await anna.api.readConversation(conversation.id)).data.unread, false);
    await anna.api.deleteConversation(conversation.id);
    assert.deepEqual((await anna.api.getConversationTimeline()).data, []);
  },
};
