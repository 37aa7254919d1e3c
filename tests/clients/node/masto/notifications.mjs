// Who is told of what, in which form, and by which way.

import assert from "node:assert/strict";
import { createECDH, randomBytes } from "node:crypto";

import { until } from "../trial.mjs";

const ids = (things) => things.map((thing) => thing.id);

export const steps = {
  async "an author is told of likes and shares, one by one"({ anna, ben }) {
    const { notifications, statuses } = anna.api.v1;
    await notifications.clear();
    assert.deepEqual(await notifications.list(), []);
    const post = await statuses.create({ status: "Told of" });
    await ben.api.v1.statuses.$select(post.id).favourite();
    await ben.api.v1.statuses.$select(post.id).reblog();
    const told = await notifications.list({ types: ["favourite", "reblog"], limit: 5 });
    assert.deepEqual(told.map((item) => [item.type, item.status.id, item.account.id]), [
      ["reblog", post.id, ben.id],
      ["favourite", post.id, ben.id],
    ]);
    assert.deepEqual(ids(await notifications.fetch({ excludeTypes: ["reblog"] })), [told[1].id]);
    assert.equal((await notifications.unreadCount.fetch()).count, 2);
    assert.equal((await notifications.$select(told[0].id).fetch()).type, "reblog");
    await notifications.$select(told[0].id).dismiss();
    assert.deepEqual(ids(await notifications.list()), [told[1].id]);
  },

  async "many likes are told as one"({ anna, ben, cleo }) {
    await anna.api.v1.notifications.clear();
    const { notifications } = anna.api.v2;
    const post = await anna.api.v1.statuses.create({ status: "Liked by many" });
    for (const person of [ben, cleo]) await person.api.v1.statuses.$select(post.id).favourite();
    const page = await notifications.list({ groupedTypes: ["favourite"], expandAccounts: "partial_avatars" });
    const [group] = page.notificationGroups;
    assert.deepEqual([group.type, group.notificationsCount, group.statusId], ["favourite", 2, post.id]);
    assert.deepEqual(new Set(group.sampleAccountIds), new Set([ben.id, cleo.id]));
    assert.deepEqual(ids(page.statuses), [post.id]);
    assert.equal((await notifications.unreadCount.fetch()).count, 1);
    const same = notifications.$select(group.groupKey);
    assert.equal((await same.fetch()).notificationGroups[0].groupKey, group.groupKey);
    assert.deepEqual(new Set(ids(await same.accounts.fetch())), new Set([ben.id, cleo.id]));
    await same.dismiss();
    assert.deepEqual((await notifications.list()).notificationGroups, []);
  },

  async "strangers wait until they are let in"({ anna, ben, cleo, fred, gina }) {
    const { policy } = anna.api.v2.notifications;
    const { requests } = anna.api.v1.notifications;
    const calls = (person) => person.api.v1.statuses.create({ status: `@${anna.username} Hello?` });
    const waits = () => until("a stranger waits", async () => (await requests.list())[0]);
    const gone = () => until("nobody waits", async () => (await requests.list()).length === 0);
    await anna.api.v1.accounts.$select(ben.id).unfollow();
    assert.equal((await policy.fetch()).forNotFollowing, "accept");
    assert.equal((await policy.update({ forNotFollowing: "filter" })).forNotFollowing, "filter");

    const post = await calls(cleo);
    const request = await waits();
    assert.deepEqual([request.account.id, request.lastStatus.id], [cleo.id, post.id]);
    assert.equal(String(request.notificationsCount), "1");
    assert.equal((await policy.fetch()).summary.pendingRequestsCount, 1);
    assert.equal((await requests.$select(request.id).fetch()).id, request.id);
    await requests.$select(request.id).dismiss();
    await gone();
    await calls(ben);
    await requests.dismiss({ id: [(await waits()).id] });
    await gone();

    await calls(fred);
    await requests.accept({ id: [(await waits()).id] });
    await gone();
    await calls(gina);
    await requests.$select((await waits()).id).accept();
    await until("their notifications are merged", async () => (await requests.merged.fetch()).merged);
    const told = await until("both are heard", async () => {
      const heard = await anna.api.v1.notifications.list({ types: ["mention"] });
      return heard.length >= 2 && heard;
    });
    assert.deepEqual(told.slice(0, 2).map((item) => item.account.id), [gina.id, fred.id]);
    await policy.update({ forNotFollowing: "accept" });
    await anna.api.v1.accounts.$select(ben.id).follow();
  },

  async "an app is woken by push"({ anna }) {
    const { subscription } = anna.api.v1.push;
    const key = createECDH("prime256v1").generateKeys("base64url");
    const made = await subscription.create({
      subscription: { endpoint: "https://push.example/darkroom", keys: { p256dh: key, auth: randomBytes(16).toString("base64url") } },
      data: { alerts: { mention: true, favourite: false } },
      policy: "followed",
    });
    assert.deepEqual([made.endpoint, made.alerts.mention, made.alerts.favourite], ["https://push.example/darkroom", true, false]);
    assert.ok(made.serverKey);
    assert.equal((await subscription.fetch()).id, made.id);
    const changed = await subscription.update({ data: { alerts: { mention: false, follow: true } }, policy: "all" });
    assert.deepEqual([changed.alerts.mention, changed.alerts.follow, changed.policy], [false, true, "all"]);
    await subscription.remove();
    await assert.rejects(subscription.fetch(), { statusCode: 404 });
  },
};
