// Timelines, and how far they were read.

import assert from "node:assert/strict";

const ids = (statuses) => statuses.map((status) => status.id);

export const steps = {
  async "timelines show new posts and page back without gaps"({ cleo }) {
    const { v1 } = cleo.api;
    const posted = [];
    const address = "https://darkroom.example/";
    await v1.accounts.updateCredentials({ discoverable: true });
    for (let number = 0; number < 5; number += 1) {
      posted.push(await v1.statuses.create({ status: `Frame ${number} #contactsheet ${address}` }));
    }
    const newestFirst = ids(posted).reverse();
    const pagers = [
      v1.timelines.home.list({ limit: 2 }),
      v1.timelines.tag.$select("contactsheet").list({ limit: 2 }),
      v1.timelines.link.list({ url: address, limit: 2 }),
      v1.accounts.$select(cleo.id).statuses.list({ limit: 2, excludeReplies: true }),
    ];
    for (const pager of pagers) {
      const read = [];
      for await (const page of pager) {
        assert.ok(page.length <= 2);
        read.push(...ids(page));
        if (read.length >= 5) break;
      }
      assert.deepEqual(read.slice(0, 5), newestFirst);
    }
    const newer = await v1.timelines.home.list({ minId: posted[1].id, limit: 2 });
    assert.deepEqual(ids(newer), [posted[3].id, posted[2].id]);
    assert.equal((await v1.timelines.public.list({ local: true, limit: 1 }))[0].id, newestFirst[0]);
  },

  async "a pager turns round"({ cleo }) {
    const { home } = cleo.api.v1.timelines;
    const [newest, second] = await home.list({ limit: 2 });
    for await (const page of home.list({ limit: 1, maxId: newest.id }).setDirection("prev")) {
      if (page.some((status) => status.id === newest.id)) return;
      assert.deepEqual(ids(page), [second.id]);
    }
    assert.fail("paging forth does not reach the newest");
  },

  async "it is remembered how far somebody read"({ anna }) {
    const { markers } = anna.api.v1;
    const [post] = await anna.api.v1.timelines.home.list({ limit: 1 });
    const set = await markers.create({ home: { lastReadId: post.id } });
    assert.equal(set.home.lastReadId, post.id);
    const read = await markers.fetch({ timeline: ["home"] });
    assert.deepEqual([read.home.lastReadId, read.home.version], [post.id, set.home.version]);
  },
};
