// What happens is told while it happens.

import assert from "node:assert/strict";

import { createStreamingAPIClient } from "masto";

import { ask, until } from "../trial.mjs";

// Everything a subscription says, as it comes.
function listen(record, subscription) {
  const heard = [];
  const type = record.declarations.member(record.declarations.client, "event");
  (async () => {
    for await (const event of subscription) heard.push(record.hold(`streaming event ${event.event}`, event, type));
  })();
  return heard;
}

const has = (heard, event, id) =>
  until(`${event} of ${id} is streamed`, () => heard.find((item) => item.event === event && (item.payload?.id ?? item.payload) === id));

export const steps = {
  async "every stream tells what belongs in it"({ anna, ben, record, anonymous, photo }) {
    const { configuration } = await anonymous.v2.instance.fetch();
    const client = createStreamingAPIClient({ streamingApiUrl: configuration.urls.streaming, accessToken: anna.token });
    const streaming = record.wrap(client, "streaming");
    await anna.api.v1.accounts.$select(ben.id).follow();
    const list = await anna.api.v1.lists.create({ title: "Streamed" });
    await anna.api.v1.lists.$select(list.id).accounts.create({ accountIds: [ben.id] });
    const subscriptions = {
      public: streaming.public.subscribe(),
      "public media": streaming.public.media.subscribe(),
      local: streaming.public.local.subscribe(),
      "local media": streaming.public.local.media.subscribe(),
      hashtag: streaming.hashtag.subscribe({ tag: "streamed" }),
      "local hashtag": streaming.hashtag.local.subscribe({ tag: "streamed" }),
      list: streaming.list.subscribe({ list: list.id }),
    };
    const elsewhere = [streaming.public.remote.subscribe(), streaming.public.remote.media.subscribe()];
    const [remote, remoteMedia] = elsewhere.map((subscription) => listen(record, subscription));
    const told = Object.fromEntries(Object.entries(subscriptions).map(([name, item]) => [name, listen(record, item)]));
    const direct = listen(record, streaming.direct.subscribe());
    const notifications = listen(record, streaming.user.notification.subscribe());
    const user = listen(record, streaming.user.subscribe());

    // The last subscription is at work once the own stream tells of a post: then all before it are.
    await until("the streams are open", async () => {
      const probe = await anna.api.v1.statuses.create({ status: "Hello?", visibility: "private" });
      await new Promise((resolve) => setTimeout(resolve, 100));
      return user.some((item) => item.payload?.id === probe.id);
    });

    const media = await ben.api.v2.media.create({ file: photo(0), description: "Flowing", skipPolling: true });
    const post = await ben.api.v1.statuses.create({ status: "Now #streamed", mediaIds: [media.id] });
    for (const heard of Object.values(told)) {
      assert.equal((await has(heard, "update", post.id)).payload.mediaAttachments[0].description, "Flowing");
    }
    await has(user, "update", post.id);

    await ben.api.v1.statuses.$select(post.id).update({ status: "Now, again #streamed", mediaIds: [media.id] });
    assert.match((await has(user, "status.update", post.id)).payload.content, /again/);
    await ben.api.v1.statuses.$select(post.id).remove();
    await has(user, "delete", post.id);

    const own = await anna.api.v1.statuses.create({ status: "Like me while I listen" });
    await ben.api.v1.statuses.$select(own.id).favourite();
    for (const heard of [user, notifications]) {
      const { payload } = await until("the like is told", () => heard.find((item) => item.event === "notification"));
      assert.deepEqual([payload.type, payload.status.id, payload.account.id], ["favourite", own.id, ben.id]);
    }

    const letter = await ben.api.v1.statuses.create({ status: `@${anna.username} Hush`, visibility: "direct" });
    const conversation = await until("the letter is told", () => direct.find((item) => item.event === "conversation"));
    assert.equal(conversation.payload.lastStatus.id, letter.id);

    const filter = await anna.api.v2.filters.create({ title: "Noise", context: ["home"] });
    await until("the new filter is told", () => user.find((item) => item.event === "filters_changed"));
    await anna.api.v2.filters.$select(filter.id).remove();

    const { uri } = await ask({ ask: "a photograph elsewhere", text: "Live from afar" });
    for (const heard of [remote, remoteMedia]) {
      await until("the other node's post is told", () => heard.find((item) => item.payload?.uri === uri));
    }
    assert.ok(!told.local.some((item) => item.payload?.uri === uri), "a stream of this node keeps to it");
    streaming.close();
  },
};
