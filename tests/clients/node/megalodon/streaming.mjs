// What happens is told while it happens.

import assert from "node:assert/strict";

import { until } from "../trial.mjs";

export const steps = {
  async "every stream tells what belongs in it"({ anna, ben, record, url }) {
    assert.equal(new URL(await anna.api.streamingURL()).host, new URL(url).host);
    await anna.api.followAccount(ben.id);
    const { data: list } = await anna.api.createList("Streamed");
    await anna.api.addAccountsToList(list.id, [ben.id]);
    const streams = {
      user: await anna.api.userStreaming(),
      public: await anna.api.publicStreaming(),
      local: await anna.api.localStreaming(),
      hashtag: await anna.api.tagStreaming("streamed"),
      list: await anna.api.listStreaming(list.id),
      direct: await anna.api.directStreaming(),
    };
    const heard = {};
    for (const [name, stream] of Object.entries(streams)) {
      heard[name] = { update: [], notification: [], conversation: [], delete: [] };
      for (const [event, items] of Object.entries(heard[name])) stream.on(event, (item) => items.push(item));
      stream.on("error", (error) => assert.fail(error));
    }
    const isTold = (name, event, id) =>
      until(`${name} tells of the ${event} of ${id}`, () => heard[name][event].find((item) => (item.id ?? item) === id));

    // A stream is open once it tells of something: private posts reach the own one only.
    for (const name of ["user", "public", "local", "hashtag", "list"]) {
      await until(`the stream ${name} is open`, async () => {
        const { data: probe } = await ben.api.postStatus(`${name}? #streamed`);
        await new Promise((resolve) => setTimeout(resolve, 100));
        return heard[name].update.some((item) => item.id === probe.id);
      });
    }
    const { data: post } = await ben.api.postStatus("Now #streamed");
    for (const name of ["user", "public", "local", "hashtag", "list"]) await isTold(name, "update", post.id);
    await ben.api.deleteStatus(post.id);
    await isTold("user", "delete", post.id);

    const { data: own } = await anna.api.postStatus("Like me while I listen");
    await ben.api.favouriteStatus(own.id);
    const told = await until("the like is told", () => heard.user.notification.find((item) => item.type === "favourite"));
    assert.equal(told.status.id, own.id);

    const conversation = await until("a letter is told", async () => {
      await ben.api.postStatus(`@${anna.username} Hush`, { visibility: "direct" });
      await new Promise((resolve) => setTimeout(resolve, 100));
      return heard.direct.conversation[0];
    });
    assert.deepEqual(conversation.accounts.map((account) => account.id), [ben.id]);
    for (const { update, notification, conversation: letters } of Object.values(heard)) {
      const types = record.declarations;
      for (const item of update) record.hold("stream update", item, types.member(types.client, "update"));
      for (const item of notification) record.hold("stream notification", item, types.member(types.client, "notification"));
      for (const item of letters) record.hold("stream conversation", item, types.member(types.client, "conversation"));
    }
    for (const stream of Object.values(streams)) stream.stop();
  },
};
