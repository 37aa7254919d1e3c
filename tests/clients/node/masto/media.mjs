// Photographs, before they are posted.

import assert from "node:assert/strict";

export const steps = {
  async "a photograph is uploaded, looked at and described"({ anna, photo }) {
    const { v1, v2 } = anna.api;
    const media = await v2.media.create({ file: photo(0), description: "A lighthouse", focus: "0.2,-0.4" });
    assert.deepEqual([media.type, media.description], ["image", "A lighthouse"]);
    assert.deepEqual([media.meta.original.width, media.meta.original.height], [480, 320]);
    assert.ok(Math.abs(media.meta.focus.x - 0.2) < 0.01 && Math.abs(media.meta.focus.y + 0.4) < 0.01);
    const shown = await fetch(media.url);
    assert.equal(shown.status, 200);
    assert.match(shown.headers.get("content-type"), /^image\//);
    const described = await v1.media.$select(media.id).update({ description: "A lighthouse at noon" });
    assert.equal(described.description, "A lighthouse at noon");
    assert.equal((await v1.media.$select(media.id).fetch()).description, "A lighthouse at noon");
  },

  async "the first version of the call works as well"({ anna, photo }) {
    const media = await anna.api.v1.media.create({ file: photo(1), description: "Its keeper" });
    assert.deepEqual([media.type, media.description], ["image", "Its keeper"]);
  },

  async "what is no picture is refused"({ anna }) {
    const file = new Blob(["no picture"], { type: "image/jpeg" });
    await assert.rejects(anna.api.v2.media.create({ file, skipPolling: true }), { statusCode: 422 });
  },
};
