// What moderators and admins do.

import assert from "node:assert/strict";

const ids = (things) => things.map((thing) => thing.id);

export const steps = {
  async "moderators see accounts, others do not"({ admin, anna, ben }) {
    const { accounts } = admin.api.v1.admin;
    const listed = await accounts.list({ local: true, username: ben.username });
    assert.deepEqual(ids(listed), [ben.id]);
    const shown = await accounts.$select(ben.id).fetch();
    assert.deepEqual([shown.username, shown.confirmed, shown.approved, shown.account.id], [ben.username, true, true, ben.id]);
    await assert.rejects(async () => anna.api.v1.admin.accounts.$select(ben.id).fetch(), { statusCode: 403 });
  },

  async "an account is warned, limited, marked, suspended, and let be again"({ admin, anna, gina }) {
    const same = admin.api.v1.admin.accounts.$select(gina.id);
    await same.action.create({ type: "none", text: "Mind the tripods" });
    await same.action.create({ type: "silence" });
    assert.equal((await same.fetch()).silenced, true);
    assert.equal((await same.unsilence()).silenced, false);
    await same.action.create({ type: "sensitive" });
    assert.equal((await same.fetch()).sensitized, true);
    assert.equal((await same.unsensitive()).sensitized, false);
    await same.action.create({ type: "suspend" });
    assert.equal((await same.fetch()).suspended, true);
    assert.equal((await anna.api.v1.accounts.$select(gina.id).fetch()).suspended, true);
    assert.equal((await same.unsuspend()).suspended, false);
    await same.action.create({ type: "disable" });
    assert.equal((await same.fetch()).disabled, true);
    assert.equal((await same.enable()).disabled, false);
    const fresh = admin.api.v1.admin.accounts.$select("1");
    await assert.rejects(fresh.approve(), { statusCode: 404 });
    await assert.rejects(fresh.reject(), { statusCode: 404 });
  },

  async "a report is worked off"({ admin, anna, fred }) {
    const { reports } = admin.api.v1.admin;
    const comment = "Not his photograph";
    const { id } = await anna.api.v1.reports.create({ accountId: fred.id, comment, category: "other" });
    assert.ok(ids(await reports.list({ targetAccountId: fred.id })).includes(id));
    const same = reports.$select(id);
    const shown = await same.fetch();
    assert.deepEqual([shown.comment, shown.actionTaken], [comment, false]);
    assert.deepEqual([shown.account.id, shown.targetAccount.id], [anna.id, fred.id]);
    assert.equal((await same.assignToSelf()).assignedAccount.id, admin.id);
    assert.equal((await same.unassign()).assignedAccount, null);
    assert.equal((await same.resolve()).actionTaken, true);
    assert.equal((await same.reopen()).actionTaken, false);
  },

  async "domains are refused and let in"({ admin, anonymous }) {
    const { domainBlocks, domainAllows } = admin.api.v1.admin;
    const wanted = { domain: "spam.example", severity: "silence", publicComment: "Spam", rejectMedia: true };
    const made = await domainBlocks.create(wanted);
    assert.deepEqual([made.domain, made.severity, made.rejectMedia], ["spam.example", "silence", true]);
    assert.deepEqual(ids(await domainBlocks.list()), [made.id]);
    const same = domainBlocks.$select(made.id);
    assert.equal((await same.update({ severity: "suspend" })).severity, "suspend");
    assert.equal((await same.fetch()).severity, "suspend");
    assert.equal(typeof (await anonymous.v1.instance.domainBlocks.fetch()).length, "number");
    await same.remove();
    assert.deepEqual(await domainBlocks.list(), []);
    const allowed = await domainAllows.create({ domain: "friends.example" });
    assert.deepEqual(ids(await domainAllows.list()), [allowed.id]);
    assert.equal((await domainAllows.$select(allowed.id).fetch()).domain, "friends.example");
    await domainAllows.$select(allowed.id).remove();
    assert.deepEqual(await domainAllows.list(), []);
  },

  async "some cannot sign up"({ admin }) {
    const { emailDomainBlocks, canonicalEmailBlocks, ipBlocks } = admin.api.v1.admin;
    const domain = await emailDomainBlocks.create({ domain: "throwaway.example" });
    assert.deepEqual(ids(await emailDomainBlocks.list()), [domain.id]);
    assert.equal((await emailDomainBlocks.$select(domain.id).fetch()).domain, "throwaway.example");
    await emailDomainBlocks.$select(domain.id).remove();

    const email = "mallory@mallory.example";
    const address = await canonicalEmailBlocks.create({ email });
    assert.match(address.canonicalEmailHash, /^[0-9a-f]{64}$/);
    assert.deepEqual(ids(await canonicalEmailBlocks.list()), [address.id]);
    assert.deepEqual(ids(await canonicalEmailBlocks.test({ email })), [address.id]);
    assert.equal((await canonicalEmailBlocks.$select(address.id).fetch()).id, address.id);
    await canonicalEmailBlocks.$select(address.id).remove();

    const wanted = { ip: "192.0.2.0/24", severity: "sign_up_block", comment: "Robots", expiresIn: 3600 };
    const ip = await ipBlocks.create(wanted);
    assert.deepEqual([ip.ip, ip.severity, ip.comment], ["192.0.2.0/24", "sign_up_block", "Robots"]);
    assert.deepEqual(ids(await ipBlocks.list()), [ip.id]);
    const same = ipBlocks.$select(ip.id);
    assert.equal((await same.update({ severity: "no_access" })).severity, "no_access");
    assert.equal((await same.fetch()).severity, "no_access");
    await same.remove();
    assert.deepEqual(await ipBlocks.list(), []);
  },

  async "what trends is judged"({ admin, anna }) {
    const { tags, statuses, links } = admin.api.v1.admin.trends;
    const post = await anna.api.v1.statuses.create({ status: "Light on the weir #WeirLight" });
    const tag = await anna.api.v1.tags.$select("weirlight").fetch();
    const judged = tags.$select(tag.id);
    assert.equal((await judged.reject()).trendable, false);
    assert.equal((await judged.approve()).trendable, true);
    assert.equal((await statuses.$select(post.id).approve()).id, post.id);
    assert.equal((await statuses.$select(post.id).reject()).id, post.id);
    assert.ok(Array.isArray(await tags.list()) && Array.isArray(await statuses.list()));
    assert.deepEqual([await links.list(), await links.publishers.list()], [[], []]);
    for (const none of [links.$select("1"), links.publishers.$select("1")]) {
      await assert.rejects(none.approve(), { statusCode: 404 });
      await assert.rejects(none.reject(), { statusCode: 404 });
    }
  },

  async "the use of the node is counted"({ admin }) {
    const { measures, dimensions, retention } = admin.api.v1.admin;
    const today = new Date().toISOString().slice(0, 10);
    const span = { startAt: today, endAt: today };
    const [users] = await measures.create({ ...span, keys: ["new_users"] });
    assert.deepEqual([users.key, users.data.length], ["new_users", 1]);
    assert.ok(Number(users.total) >= 6, "the people of this trial");
    const [space] = await dimensions.create({ ...span, keys: ["space_usage"], limit: 5 });
    assert.ok(space.data.length > 0);
    const [cohort] = await retention.create({ ...span, frequency: "day" });
    assert.ok(Number(cohort.data[0].value) >= 6);
  },
};
