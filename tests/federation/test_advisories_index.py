"""Where each advisory that other servers published is tried on ours, and which ones cannot happen here.

A place is a test's file, relative to `tests/`, and its name. The rows are those of the reference on federation; an advisory
of several attacks names several places.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

TESTS: Final = Path(__file__).resolve().parents[1]
ROOT: Final = TESTS.parent

FETCHING: Final = "federation/test_advisories_fetching.py"
MEDIA: Final = "federation/test_advisories_media.py"
POLICY: Final = "federation/test_advisories_policy.py"
QUOTES: Final = "federation/test_advisories_quotes.py"
SIGNATURES: Final = "federation/test_advisories_signatures.py"
SOCIAL: Final = "federation/test_advisories_social.py"
FORGERIES: Final = "federation/test_forgeries.py"
HERE: Final = "federation/test_advisories_index.py"

_NOTHING_INSIDE: Final = (
    f"{FETCHING}::test_cve_2025_25194_2026_33693_22245_46348_47389_ghsa_vwhj_3g83_v276_nothing_inside_is_asked"
)
_REDIRECTS: Final = f"{FETCHING}::test_misskey_cve_2024_52579_fedify_77632_no_redirect_and_no_page_leads_inside"
_PROXY: Final = f"{MEDIA}::test_only_what_the_node_knows_can_be_asked_of_it"
_ORIGIN: Final = f"{SIGNATURES}::test_cve_2024_23832_nobody_speaks_for_another_origin"
_REARRANGED: Final = f"{SIGNATURES}::test_cve_2026_46349_and_42462_rearranged_documents_are_not_believed"
_NORMALISED: Final = f"{SIGNATURES}::test_cve_2024_32983_a_signed_document_does_not_change_its_kind"
_INVENTED_KEYS: Final = f"{SIGNATURES}::test_fedify_cve_2026_34148_invented_keys_make_us_ask_for_few"
_SUSPENDED_AGAIN: Final = (
    f"{SOCIAL}::test_somebody_suspended_here_comes_back_by_no_other_path",
    f"{SIGNATURES}::test_ghsa_5h2f_wg8j_xqwp_somebody_suspended_does_not_come_back_by_another_way",
    f"{POLICY}::test_a_suspended_account_does_not_come_back_by_another_path",
)
_LIMITS: Final = f"{MEDIA}::test_everything_that_is_stored_has_a_limit"
_STAMPS: Final = (
    f"{QUOTES}::test_a_stamp_that_is_for_something_else_approves_nothing_and_spoils_nothing",
    f"{QUOTES}::test_a_stamp_on_the_quoters_own_server_is_not_even_fetched",
    f"{QUOTES}::test_a_claimed_stamp_of_ours_opens_no_post_that_may_not_be_quoted",
    f"{QUOTES}::test_an_accept_sent_before_anything_was_asked_changes_nothing_later",
)
_STREAMS_END: Final = "api/test_streaming.py::test_whoever_loses_access_loses_their_streams_at_once"
_UPLOADS: Final = (
    f"{FETCHING}::test_cve_2024_25623_a_file_somebody_uploaded_is_no_document",
    f"{MEDIA}::test_an_upload_never_passes_for_a_document",
)
_LINEAR: Final = ("node/test_text.py::test_time_grows_with_length_only",)
_NO_XML: Final = f"{HERE}::test_nothing_else_reads_xml_or_objects_of_python"

PLACES: Final[dict[str, tuple[str, ...]]] = {
    # Mastodon
    "CVE-2024-23832 GHSA-3fjr-858r-92rw": (
        _ORIGIN,
        f"{FORGERIES}::test_a_fetched_post_whose_author_is_elsewhere_is_refused",
    ),
    "CVE-2024-25623 GHSA-jhrq-qvrm-qr36 CVE-2024-25636": _UPLOADS,
    "CVE-2024-25618 GHSA-vm39-j3vx-pch3": (
        # Nobody signs in through others; what could join accounts by their address is signing up.
        "api/test_sign_up.py::test_the_shadow_of_a_taken_address_can_never_be_confirmed",
        "api/test_pixelfed_sign_up.py::test_a_proof_is_guessed_a_few_times_and_tells_of_nobodys_account",
    ),
    "CVE-2024-25619": (_STREAMS_END,),
    "CVE-2025-62175 GHSA-r2fh-jr9c-9pxh": (
        _STREAMS_END,
        "api/test_push.py::test_what_is_gone_or_too_old_wakes_nobody",
        "api/test_oauth.py::test_a_suspended_account_is_signed_out_everywhere",
    ),
    "CVE-2024-37903 GHSA-xjvf-fm67-4qc3": (f"{SOCIAL}::test_no_crafted_activity_widens_the_audience_of_a_stored_post",),
    "CVE-2022-24307": (f"{SIGNATURES}::test_cve_2022_24307_a_signed_document_is_read_as_it_was_signed",),
    "CVE-2026-46349 GHSA-53m7-2wrh-q839 GHSA-chgx-jx3p-rf73 CVE-2026-42462": (_REARRANGED,),
    "CVE-2026-22245 GHSA-xfrj-c749-jxxq": (_NOTHING_INSIDE,),
    "CVE-2026-46348": (_NOTHING_INSIDE,),
    "CVE-2026-47389": (_NOTHING_INSIDE,),
    "GHSA-vwhj-3g83-v276": (_NOTHING_INSIDE,),
    "CVE-2026-27477 GHSA-46w6-g98f-wxqm GHSA-qgmm-vr4c-ggjg": (
        f"{HERE}::test_one_guarded_client_asks_others_whatever_for",
        "api/test_push.py::test_no_push_goes_to_a_private_address",
        "federation/test_profile_links.py::test_a_page_that_cannot_be_had_verifies_nothing",
    ),
    "GHSA-q4g8-82c5-9h33 CVE-2026-33869 GHSA-8h43-rcqj-wpc6": _STAMPS,
    "GHSA-gwhw-gcjx-72v8": (f"{SIGNATURES}::test_ghsa_gwhw_gcjx_72v8_a_hidden_post_is_like_none",),
    "GHSA-ccpr-m53r-mfwr": (f"{SIGNATURES}::test_ghsa_ccpr_m53r_mfwr_what_one_may_see_is_kept_for_nobody_else",),
    "GHSA-gg8q-rcg7-p79g": (_LIMITS,),
    "GHSA-6x3w-9g92-gvf3": (
        "api/test_filters.py::test_a_wrong_filter_is_refused_and_nothing_made",
        "api/test_lists.py::test_a_list_is_made_changed_and_removed_by_its_owner_alone",
    ),
    "GHSA-5h2f-wg8j-xqwp": _SUSPENDED_AGAIN,
    "GHSA-qrgq-9fx2-vf2r": (f"{MEDIA}::test_one_bad_object_never_stops_the_worker",),
    "GHSA-7gwh-mw97-qjgp": (
        "api/test_streaming.py::test_what_is_asked_wrongly_is_refused_in_mastodons_words",
        "api/test_streaming.py::test_notifications_need_their_scope_and_filters_no_payload",
    ),
    "GHSA-84ch-6436-c7mg": (
        "api/test_limits.py::test_the_address_is_what_the_trusted_proxy_saw_not_what_the_client_claims",
        "api/test_limits.py::test_without_a_proxy_forwarded_addresses_are_not_believed",
    ),
    "GHSA-xqw8-4j56-5hj6": (
        "api/test_pages.py::test_signing_in_leads_to_no_other_site",
        "api/test_oauth.py::test_nobody_is_sent_to_an_address_that_was_not_registered",
    ),
    "GHSA-5r37-qpwq-2jhh": (
        "api/test_sign_up.py::test_a_new_address_makes_the_letter_to_the_old_one_useless",
        "api/test_sign_up.py::test_somebody_elses_code_is_worth_nothing",
    ),
    "CVE-2023-36460 GHSA-9928-3cp5-93fm": (f"{MEDIA}::test_no_name_from_outside_becomes_the_name_of_a_file",),
    "CVE-2023-36459": ("api/test_oembed.py::test_a_public_post_is_shown_with_its_picture_and_without_scripts",),
    "CVE-2023-36461": ("federation/test_client.py::test_a_slow_drip_ends_at_the_deadline",),
    "CVE-2023-36462": ("federation/test_profile_links.py::test_a_field_is_verified_when_its_page_leads_back",),
    "CVE-2023-42451": (
        f"{POLICY}::test_a_suspended_domain_is_refused_however_it_is_spelt",
        f"{POLICY}::test_a_name_outside_ascii_is_one_name_in_all_its_forms",
    ),
    # Pixelfed
    "CVE-2025-30741": (f"{SOCIAL}::test_a_follow_of_a_locked_account_elsewhere_is_not_accepted_here",),
    "CVE-2024-25108 GHSA-gccq-h3xj-jgvf": (
        "api/test_oauth.py::test_another_applications_token_cannot_be_revoked",
        "api/test_openapi.py::test_every_call_says_what_it_takes_and_answers_and_asks_for_scopes_there_are",
    ),
    # Misskey
    "CVE-2023-49079 GHSA-3f39-6537-3cgc": (
        f"{SOCIAL}::test_what_is_fetched_belongs_to_where_it_was_fetched",
        f"{FETCHING}::test_misskey_cve_2023_49079_a_thread_lists_nothing_into_being",
    ),
    "CVE-2024-32983 GHSA-2vxv-pv3m-3wvj": (_NORMALISED,),
    "CVE-2024-52591": (
        f"{SIGNATURES}::test_cve_2024_52591_the_key_the_actor_and_the_object_share_one_origin",
        f"{FORGERIES}::test_a_redirect_to_another_host_does_not_lend_its_name",
    ),
    "CVE-2026-28432": (
        f"{SIGNATURES}::test_cve_2026_28432_nothing_passes_without_a_signature_that_covers_it",
        f"{SIGNATURES}::test_a_node_that_does_not_federate_takes_nothing",
    ),
    "CVE-2024-52579": (_REDIRECTS,),
    "GHSA-gq5q-c77c-v236": (f"{MEDIA}::test_two_proxies_cannot_be_set_upon_each_other",),
    "CVE-2025-24896": (
        "api/test_pages.py::test_signing_out_ends_the_session_itself",
        "api/test_pages_federation.py::test_who_has_signed_out_or_is_no_admin_any_more_decides_nothing",
    ),
    "CVE-2026-28431": (
        "api/test_admin_accounts.py::test_nobody_but_staff_with_the_scope_gets_in",
        "api/test_statuses.py::test_nobody_edits_deletes_or_reads_the_source_of_another_s_post",
    ),
    "CVE-2026-28433": (
        "api/test_media.py::test_pictures_of_others_can_neither_be_read_nor_changed_nor_thrown_away",
        "api/test_statuses.py::test_pictures_of_others_cannot_be_posted",
    ),
    # Lemmy
    "CVE-2025-25194 GHSA-7723-35v7-qcxw": (
        _NOTHING_INSIDE,
        f"{FETCHING}::test_lemmy_cve_2025_25194_the_node_never_asks_itself",
    ),
    "CVE-2026-33693": (_NOTHING_INSIDE,),
    "CVE-2026-29178": (_PROXY,),
    # PeerTube
    "CVE-2025-32947": (f"{SOCIAL}::test_endless_objects_end",),
    "CVE-2025-32948": (_REDIRECTS,),
    # Fedify
    "CVE-2024-39687": (_NOTHING_INSIDE, _REDIRECTS),
    "CVE-2025-23221": (f"{FETCHING}::test_fedify_cve_2025_23221_webfinger_that_redirects_for_ever_ends",),
    "CVE-2025-54888": (f"{SIGNATURES}::test_fedify_cve_2025_54888_nothing_is_done_before_the_key_is_the_actors",),
    "CVE-2025-68475": _LINEAR,
    "CVE-2026-34148": (
        f"{FETCHING}::test_fedify_cve_2026_34148_documents_that_redirect_for_ever_end_within_the_budget",
        _INVENTED_KEYS,
    ),
    "CVE-2026-50131": (_NOTHING_INSIDE,),
    "CVE-2026-62857": (f"{FETCHING}::test_fedify_cve_2026_62857_the_links_of_a_nodeinfo_are_not_followed",),
    "CVE-2026-69132": (f"{MEDIA}::test_nothing_that_is_kept_for_each_host_grows_without_bound",),
    "CVE-2026-77632": (
        _REDIRECTS,
        f"{SIGNATURES}::test_fedify_cve_2026_77632_a_key_is_not_read_through_a_redirect_to_another_name",
    ),
    # Others
    "Hollo 0.8.2": (f"{SOCIAL}::test_a_deletion_goes_by_the_owner_not_by_the_id",),
    "Hollo 0.8.3": (f"{SOCIAL}::test_an_update_creates_no_post_of_somebody_else",),
    "Hollo 0.8.4": ("api/test_statuses.py::test_nobody_edits_deletes_or_reads_the_source_of_another_s_post",),
    "Hollo 0.8.5": (f"{SOCIAL}::test_what_is_embedded_in_a_share_is_not_kept",),
    "GHSA-x9g5-vwhc-pxm7": (f"{SIGNATURES}::test_mbin_a_signature_is_right_or_wrong_and_nothing_between",),
    "Akkoma 2024.03": (*_UPLOADS, f"{FETCHING}::test_akkoma_an_open_redirect_does_not_lend_its_name"),
    "Akkoma 2024.04.1": (
        f"{FORGERIES}::test_a_handle_must_lead_back_to_its_actor",
        f"{FORGERIES}::test_a_handle_of_another_domain_must_be_confirmed_there",
    ),
    "Pleroma 2.5.4": (
        _NO_XML,
        "activitypub/test_host_meta.py::test_entities_are_never_declared",
        "api/test_custom_emojis.py::test_what_is_no_emoji_is_refused",
    ),
    "Pleroma 2.6": ("api/test_statuses.py::test_pictures_of_others_cannot_be_posted",),
    "CVE-2024-56200": (_PROXY,),
}

NOTHING_TO_TRY: Final[dict[str, str]] = {
    "GHSA-rwcw-vq68-g34p": "links are shown without a preview, so nobody is named as the author of a site",
}
"""Advisories about what this node does not do."""

_ID: Final = re.compile(r"(?:CVE-\d{4}-\d+|GHSA(?:-[0-9a-z]{4}){3})", re.IGNORECASE)
_OUTGOING: Final = {"aiohttp", "httpx", "requests", "urllib.request", "http.client"}
_READERS_OF_XML_OR_OBJECTS: Final = {"xml", "lxml", "defusedxml", "pickle", "marshal", "shelve", "yaml"}
_ALLOWED: Final = {("webfinger.py", "xml.sax.saxutils"), ("host_meta.py", "xml.parsers")}
"""What only escapes what is written, and the one reader, which refuses documents that declare anything."""


@functools.cache
def _tests_in(file: str) -> frozenset[str]:
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("advisory", PLACES)
def test_every_advisory_is_tried_where_the_table_says(advisory: str) -> None:
    for place in PLACES[advisory]:
        file, _, name = place.partition("::")
        assert name in _tests_in(file), place


def test_every_advisory_that_a_test_names_is_in_the_table() -> None:
    listed = {found.upper() for row in (*PLACES, *NOTHING_TO_TRY) for found in _ID.findall(row)}
    for file in sorted(TESTS.glob("*/test_*.py")):
        named = {found.upper() for found in _ID.findall(file.read_text(encoding="utf-8"))}
        assert named <= listed, file


def _imports(*packages: str) -> Iterator[tuple[Path, str]]:
    for package in packages:
        for file in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    yield from ((file, alias.name) for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module:
                    yield file, node.module


def test_one_guarded_client_asks_others_whatever_for() -> None:
    """Side features had clients of their own, without the guard."""
    rooms = {"client.py", "transport.py", "response_body.py", "exchange.py", "addresses.py"}
    for file, name in _imports("activitypub", "api", "federation", "media", "node"):
        if name in _OUTGOING or name.partition(".")[0] in _OUTGOING:
            is_the_client = file.parent.name == "federation" and file.name in rooms
            # Commands of the admin: they ask this node itself.
            is_a_command = file.parent.name == "demo" or file.name == "doctor.py"
            assert is_the_client or is_a_command, f"{file} imports {name}"


def test_nothing_else_reads_xml_or_objects_of_python() -> None:
    """Entities in a host-meta read files of the server."""
    for file, name in _imports("activitypub", "api", "federation", "media", "node"):
        if name.partition(".")[0] in _READERS_OF_XML_OR_OBJECTS:
            assert (file.name, name) in _ALLOWED, f"{file} imports {name}"
