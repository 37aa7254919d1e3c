// What megalodon offers for other servers only, and where it promises itself what Mastodon does not send.

const OTHERS = "for other kinds of server: the library itself refuses";

export const NOT_SERVED = {
  "mastodon.getAccountFavourites": OTHERS,
  "mastodon.readNotifications": OTHERS,
  "mastodon.createEmojiReaction": OTHERS,
  "mastodon.deleteEmojiReaction": OTHERS,
  "mastodon.getEmojiReactions": OTHERS,
  "mastodon.getEmojiReaction": OTHERS,
};

// [what "path: fault" looks like, why it is right all the same]
export const EXCEPTIONS = [
  [/\.(suspended|limited|moved) is missing/, "Mastodon tells only of accounts that are so"],
  [/\.noindex is missing/, "Mastodon says it of accounts here alone"],
  [/\.pinned is missing/, "Mastodon says it of posts the caller could pin"],
  [/\.history\[\]\.(uses|accounts) is "/, "a text in Mastodon"],
  [/\.statuses_count is "/, "a text in Mastodon's featured hashtags"],
  [/[pP]ushSubscription|subscribePushNotification/, "id a number, and the chosen alerts alone, in Mastodon"],
  [/deleteFilter: \.data\.\w+ is missing/, "Mastodon answers {}"],
  [/Announcements: \.data\[\]\.published is missing/, "a moment in Mastodon, published_at"],
  [/\.reactions\[\]\.(url|static_url) is missing/, "only custom emojis have pictures"],
];
