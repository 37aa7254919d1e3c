// What the server does not serve, and where masto.js itself promises what Mastodon does not send.

const REMOVED = "removed from Mastodon, too";

export const NOT_SERVED = {
  "rest.v1.search.list": `${REMOVED}: the second version takes its place`,
  "rest.v1.statuses.$select.card.fetch": `${REMOVED}: the card is part of the status`,
  "rest.v1.timelines.direct.list": `${REMOVED}: conversations take its place`,
};

// [what "path: fault" looks like, why it is right all the same]
export const EXCEPTIONS = [
  [/admin\.reports\..*\.(account|targetAccount|assignedAccount)\./, "accounts as moderators see them, in Mastodon"],
  [/domainBlocks\..*\.rejectReposts is missing/, "reject_reports in Mastodon"],
  [/domainAllows\.\$select\.remove: /, "Mastodon answers {}"],
  [/retention\.create: .*\.value is "/, "a text in Mastodon"],
  [/ipBlocks\..*\.expiresAt is "/, "a moment in Mastodon"],
  [/\.clientSecretExpiresAt is 0/, "a number in Mastodon: 0 is never"],
  [/\.lastStatusAt is null/, "null in Mastodon as long as nothing was posted"],
  [/\.featureApproval\.current_user is missing/, "the library renames what it receives: it is currentUser"],
  [/\.source\.role is missing/, "not inside of the source in Mastodon, but beside it"],
  [/\.role\.(position|createdAt|updatedAt) is missing/, "Mastodon's role tells apps less"],
  [/\.(role|roles\[\])\.(id|permissions) is "/, "ids and permissions are texts in Mastodon"],
  [/\.statusesCount is "/, "a text in Mastodon's featured hashtags"],
  [/\.application is null/, "null in Mastodon for shares, and for what other servers' people post"],
  [/\.tags\[\]\.id is missing/, "the hashtags of a status are name and address in Mastodon"],
  [/poll\.options\[\]\.emojis is missing|polls.*: \.options\[\]\.emojis is missing/, "emojis are the poll's in Mastodon"],
  [/\.filtered\[\]\.filter\.(keywords|statuses) is missing/, "in a status Mastodon tells of a filter without its rules"],
  [/statuses\.\$select\.remove: \.(id|statusId) is missing/, "Mastodon answers {} when a filter lets a post go"],
  [/\.params\.id is missing/, "a scheduled status has its id beside its parameters in Mastodon"],
  [/\.params\.applicationId is \d/, "a number in Mastodon"],
  [/\.params\.(sensitive|spoilerText|visibility) is null/, "null in Mastodon when not given"],
  [/markers\.(fetch|create): \.notifications is missing/, "Mastodon tells only of the timelines that were asked for"],
  [/\.mostRecentNotificationId is \d/, "a number in Mastodon"],
  [/\.sampleAccountIds is \["/, "a list in Mastodon, as the name says"],
  [/\.notificationGroups\[\]\.statusId is "/, "the library's type says at once that there is none and that there is one"],
  [/\.notificationsCount is "/, "a text in Mastodon's notification requests"],
  [/subscription\.\w+: \.id is \d/, "a number in Mastodon"],
  [/subscription\.\w+: \.alerts\.\w+ is missing/, "Mastodon tells of the alerts that were chosen"],
  [/\.thumbnail\.(blurhash|versions) is missing/, "Mastodon's picture of its own has neither"],
  [/\.apiVersions\.mastodon is \d/, "a number in Mastodon"],
  [/\.contact\.account is null/, "null in Mastodon when nobody is named"],
  [/languages\.list: \[\] is \{"code"/, "languages have codes and names in Mastodon"],
  [/announcements\.list: \[\]\.(startsAt|endsAt) is null/, "null in Mastodon when nothing is planned"],
  [/\.reactions\[\]\.(url|staticUrl) is missing/, "only custom emojis have pictures"],
];
