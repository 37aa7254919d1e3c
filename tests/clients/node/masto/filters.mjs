// What somebody does not want to read.

import assert from "node:assert/strict";

const ids = (things) => things.map((thing) => thing.id);

export const steps = {
  async "a filter of the first version hides a phrase"({ ben }) {
    const { filters } = ben.api.v1;
    const made = await filters.create({ phrase: "megapixel", context: ["home", "public"], wholeWord: true });
    assert.deepEqual([made.phrase, made.wholeWord, made.context], ["megapixel", true, ["home", "public"]]);
    assert.deepEqual(ids(await filters.list()), [made.id]);
    const same = filters.$select(made.id);
    assert.equal((await same.update({ phrase: "megapixels", context: ["home"] })).phrase, "megapixels");
    assert.deepEqual((await same.fetch()).context, ["home"]);
    await same.remove();
    assert.deepEqual(await filters.list(), []);
  },

  async "a filter marks the posts with its words"({ anna, ben }) {
    const { filters } = ben.api.v2;
    const made = await filters.create({
      title: "Gear",
      context: ["home", "public", "thread", "account"],
      filterAction: "warn",
      expiresIn: 3600,
      keywordsAttributes: [{ keyword: "bokeh", wholeWord: true }],
    });
    assert.deepEqual([made.title, made.filterAction], ["Gear", "warn"]);
    assert.deepEqual(made.keywords.map(({ keyword, wholeWord }) => [keyword, wholeWord]), [["bokeh", true]]);
    assert.deepEqual(ids(await filters.list()), [made.id]);
    const post = await anna.api.v1.statuses.create({ status: "All that bokeh" });
    const [result] = (await ben.api.v1.statuses.$select(post.id).fetch()).filtered;
    assert.deepEqual([result.filter.id, result.keywordMatches], [made.id, ["bokeh"]]);

    const same = filters.$select(made.id);
    const changed = await same.update({ title: "Lenses", filterAction: "hide" });
    assert.deepEqual([changed.title, changed.filterAction], ["Lenses", "hide"]);
    assert.equal((await same.fetch()).title, "Lenses");

    const word = await same.keywords.create({ keyword: "aperture", wholeWord: false });
    assert.deepEqual((await same.keywords.list()).map(({ keyword }) => keyword), ["bokeh", "aperture"]);
    const kept = filters.keywords.$select(word.id);
    assert.equal((await kept.update({ keyword: "f-stop", wholeWord: true })).keyword, "f-stop");
    assert.equal((await kept.fetch()).keyword, "f-stop");
    await kept.remove();
    assert.equal((await same.keywords.list()).length, 1);

    const marked = await same.statuses.create({ statusId: post.id });
    assert.equal(marked.statusId, post.id);
    assert.deepEqual(ids(await same.statuses.list()), [marked.id]);
    assert.equal((await filters.statuses.$select(marked.id).fetch()).statusId, post.id);
    await filters.statuses.$select(marked.id).remove();
    assert.deepEqual(await same.statuses.list(), []);
    await same.remove();
    assert.deepEqual(await filters.list(), []);
  },
};
