"""The periodic work of the services, in one list."""

from __future__ import annotations

from node import jobs
from node.services import (
    account_removal,
    announcements,
    carrying,
    credentials,
    domain_blocks,
    domain_effects,
    domain_files,
    edits,
    email_blocks,
    emojis,
    follows,
    hidden_files,
    ip_blocks,
    kept_previews,
    list_drafts,
    moderation,
    mutes,
    newcomer_rules,
    remote_media,
    resumable_uploads,
    severances,
    sign_up,
    taken_back,
    timelines,
    trends,
    weeks,
)

MINUTE = 60.0
HOUR = 3600.0
JOBS = (
    *(account_removal.PURGE, domain_blocks.PART, follows.ACCEPT_WAITING, emojis.CHANGED, carrying.CARRY),
    *(moderation.COVER, moderation.PART, domain_effects.SEVER, domain_effects.SHOW_ANEW, severances.TELL),
    *(list_drafts.APPLY, domain_files.FORGET, hidden_files.ARRANGE, hidden_files.ARRANGE_SOME, edits.APPLY),
)
"""What the services do in the background besides: modules register these kinds of job as they are imported."""


def schedule() -> None:
    """Have the workers of this process do it from now on."""
    jobs.every(HOUR, "trim_home_timelines", timelines.trim_all)
    jobs.every(HOUR, "drop_quiet_home_timelines", timelines.drop_quiet)
    jobs.every(MINUTE, "remove_expired_mutes", mutes.remove_expired)
    jobs.every(HOUR, "forget_unconfirmed_accounts", sign_up.forget_unconfirmed)
    jobs.every(HOUR, "forget_old_addresses", sign_up.forget_addresses)
    jobs.every(HOUR, "forget_what_was_taken_back", taken_back.forget_old)
    jobs.every(HOUR, "forget_expired_ip_blocks", ip_blocks.forget_expired)
    jobs.every(HOUR, "free_settled_servers", newcomer_rules.free_settled)
    jobs.every(HOUR, "forget_old_email_attempts", email_blocks.forget_old_attempts)
    jobs.every(HOUR, "forget_expired_credentials", credentials.forget_expired)
    jobs.every(MINUTE, "take_back_ended_announcements", announcements.take_back_ended)
    jobs.every(trends.EVERY, "refresh_trends", trends.refresh)
    jobs.every(HOUR, "count_weeks", weeks.count)
    jobs.every(HOUR, "forget_expired_uploads", resumable_uploads.forget_expired)
    jobs.every(5 * MINUTE, "forget_unused_previews", kept_previews.forget_unused)
    jobs.every(HOUR, "prune_remote_media", remote_media.prune_kept)
