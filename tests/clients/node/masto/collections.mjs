// Collections of accounts to recommend.

import assert from "node:assert/strict";

const ids = (things) => things.map((thing) => thing.id);

export const steps = {
  async "accounts are collected, shown and let go"({ anna, ben }) {
    const { collections, accounts } = anna.api.v1;
    const description = "People with large cameras";
    const wanted = { name: "Large format", description, language: "en", sensitive: false, discoverable: true };
    const { collection: made } = await collections.create(wanted);
    assert.deepEqual([made.name, made.description, made.itemCount], ["Large format", description, 0]);
    const same = collections.$select(made.id);
    const { collectionItem: item } = await same.items.create({ accountId: ben.id });
    assert.equal(item.accountId, ben.id);
    const shown = await same.fetch();
    assert.deepEqual(ids(shown.collection.items), [item.id]);
    assert.ok(ids(shown.accounts).includes(ben.id));
    assert.deepEqual(ids((await accounts.$select(anna.id).collections.list()).collections), [made.id]);
    assert.deepEqual(ids((await ben.api.v1.accounts.$select(ben.id).inCollections.list()).collections), [made.id]);
    assert.equal((await same.update({ name: "Larger format" })).collection.name, "Larger format");
    await same.items.$select(item.id).remove();
    assert.equal((await same.fetch()).collection.itemCount, 0);
    const { collectionItem: again } = await same.items.create({ accountId: ben.id });
    await ben.api.v1.collections.$select(made.id).items.$select(again.id).revoke();
    assert.equal((await same.fetch()).collection.itemCount, 0);
    await same.remove();
    await assert.rejects(same.fetch(), { statusCode: 404 });
  },
};
