// Who is told of what, by which way, and what they do not want to read.

import assert from "node:assert/strict";
import { createECDH, randomBytes } from "node:crypto";

import { refused } from "../trial.mjs";

const ids = ({ data }) => data.map((item) => item.id);

export const steps = {
  async "an author is told of likes and shares"({ anna, ben }) {
    await anna.api.dismissNotifications();
    assert.deepEqual((await anna.api.getNotifications()).data, []);
    const { data: post } = await anna.api.postStatus("Told of");
    await ben.api.favouriteStatus(post.id);
    await ben.api.reblogStatus(post.id);
    const { data: told } = await anna.api.getNotifications({ limit: 5 });
    assert.deepEqual(told.map((item) => [item.type, item.status.id]), [["reblog", post.id], ["favourite", post.id]]);
    assert.deepEqual(ids(await anna.api.getNotifications({ exclude_types: ["reblog"] })), [told[1].id]);
    assert.equal((await anna.api.getNotification(told[0].id)).data.account.id, ben.id);
    await anna.api.dismissNotification(told[0].id);
    assert.deepEqual(ids(await anna.api.getNotifications()), [told[1].id]);
  },

  async "an app is woken by push"({ anna }) {
    const endpoint = "https://push.example/enlarger";
    const keys = { p256dh: createECDH("prime256v1").generateKeys("base64url"), auth: randomBytes(16).toString("base64url") };
    const made = (await anna.api.subscribePushNotification({ endpoint, keys }, { alerts: { mention: true } })).data;
    assert.deepEqual([made.endpoint, made.alerts.mention], [endpoint, true]);
    assert.equal((await anna.api.getPushSubscription()).data.endpoint, endpoint);
    const changed = await anna.api.updatePushSubscription({ alerts: { mention: false, follow: true } });
    assert.deepEqual([changed.data.alerts.mention, changed.data.alerts.follow], [false, true]);
    await anna.api.deletePushSubscription();
    await refused(404, anna.api.getPushSubscription());
  },

  async "a filter hides a phrase"({ ben }) {
    const { data: made } = await ben.api.createFilter("megapixel", ["home"], { whole_word: true });
    assert.deepEqual([made.phrase, made.whole_word, made.context], ["megapixel", true, ["home"]]);
    assert.deepEqual(ids(await ben.api.getFilters()), [made.id]);
    assert.equal((await ben.api.updateFilter(made.id, "megapixels", ["home"])).data.phrase, "megapixels");
    assert.equal((await ben.api.getFilter(made.id)).data.phrase, "megapixels");
    await ben.api.deleteFilter(made.id);
    assert.deepEqual((await ben.api.getFilters()).data, []);
  },
};
