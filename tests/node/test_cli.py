"""The `heliograph` command, on a node of its own."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE
from typer.testing import CliRunner

from node.cli import app
from tests.media.zoo import encoded, quadrants

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def node_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sqlite_template: Path) -> Path:
    """An empty, migrated node in the working folder, with no settings from outside."""
    for name in list(os.environ):
        if name.startswith("HELIOGRAPH_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "heliograph.db").write_bytes(sqlite_template.read_bytes())
    EXECUTOR_CACHE.clear()
    return tmp_path / "data"


def heliograph(*arguments: str, status: int = 0, typed: str | None = None) -> str:
    """Run the command; what it prints. It must end with `status`."""
    result = CliRunner().invoke(app, arguments, input=typed)
    assert result.exit_code == status, f"{result.output}{result.exception!r}"
    return result.output


def test_every_command_and_option_has_a_help_text() -> None:
    assert "worker" in heliograph("--help")
    for group in (
        (),
        ("user",),
        ("alias",),
        ("domain",),
        ("relay",),
        ("announcement",),
        ("emoji",),
        ("rule",),
        ("jobs",),
        ("media",),
        ("delivery",),
    ):
        for line in re.findall(r"(?m)^  (\w[\w-]*) *(.*)$", heliograph(*group, "--help").split("Commands:")[1]):
            name, summary = line
            assert summary, f"{group} {name} has no help"
            page = heliograph(*group, name, "--help")
            for option in re.findall(r"(?m)^  (?:-h, )?(--[\w-]+)( .*)?$", page):
                assert option[1].strip(), f"{group} {name} {option[0]} has no help"


def test_help_is_quick_because_nothing_heavy_is_imported() -> None:
    code = "import sys, node.cli; print(*(m for m in ('quart', 'tortoise', 'pydantic', 'httpx', 'PIL') if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=PROJECT, check=True)
    assert done.stdout.strip() == ""


def test_someone_is_let_in_with_a_link() -> None:
    link = heliograph("user", "create", "anna", "--email", "anna@example.org").strip()
    assert re.fullmatch(r"http://localhost:8000/sign-in/link/[\w-]{40,}", link)
    shown = heliograph("user", "show", "anna@example.org")
    assert "@anna" in shown
    assert "active" in shown
    assert "anna@example.org" in heliograph("user", "list")
    another = heliograph("user", "sign-in-link", "anna").strip()
    assert another != link


def test_keys_are_exchanged_by_command() -> None:
    heliograph("user", "create", "anna", "--email", "anna@example.org")
    assert "keys of anna are new" in heliograph("user", "rotate-keys", "anna")
    assert "keys of the node are new" in heliograph("user", "rotate-keys", "--node")
    assert "keys of 2 accounts are new" in heliograph("user", "rotate-keys", "--everyone")
    for wrong in ((), ("anna", "--node")):
        assert "Name one user" in heliograph("user", "rotate-keys", *wrong, status=2)


def test_a_node_whose_secret_key_was_changed_says_so_and_can_have_new_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIOGRAPH_SECRET_KEY", "one")
    heliograph("user", "create", "anna")
    monkeypatch.setenv("HELIOGRAPH_SECRET_KEY", "another")
    assert "HELIOGRAPH_SECRET_KEY" in heliograph("worker", status=2)
    assert "keys of 2 accounts are new" in heliograph("user", "rotate-keys", "--everyone")


def test_a_name_that_cannot_be_is_refused_with_the_reason() -> None:
    assert "Username" in heliograph("user", "create", "no spaces here", status=1)
    assert "Traceback" not in heliograph("user", "create", "admin", status=1)
    heliograph("user", "create", "anna")
    assert "taken" in heliograph("user", "create", "anna", status=1)
    assert "There is no user ben" in heliograph("user", "show", "ben", status=1)


def test_a_role_is_given_and_the_last_admin_keeps_theirs() -> None:
    heliograph("user", "create", "anna", "--role", "admin")
    heliograph("user", "create", "ben")
    assert "last admin" in heliograph("user", "role", "anna", "user", status=1)
    assert "last admin" in heliograph("user", "disable", "anna", status=1)
    heliograph("user", "role", "ben", "admin")
    heliograph("user", "role", "anna", "moderator")
    assert "ben" in heliograph("user", "list", "--role", "admin")
    assert "anna" not in heliograph("user", "list", "--role", "admin")


def test_someone_is_shut_out_and_let_in_again() -> None:
    heliograph("user", "create", "anna")
    heliograph("user", "disable", "anna")
    assert "disabled" in heliograph("user", "show", "anna")
    heliograph("user", "enable", "anna")
    assert "active" in heliograph("user", "show", "anna")


def test_deleting_asks_first_and_never_gives_the_name_again() -> None:
    heliograph("user", "create", "anna")
    heliograph("user", "delete", "anna", typed="n\n", status=1)
    heliograph("user", "show", "anna")
    heliograph("user", "delete", "anna", "--yes")
    heliograph("user", "show", "anna", status=1)
    heliograph("user", "create", "anna", status=1)


def test_a_list_of_domains_is_imported_looked_at_and_approved(node_folder: Path) -> None:
    (node_folder / "list.csv").write_text("#domain,#severity\nevil.example,suspend\n")
    shown = heliograph("domain", "import", str(node_folder / "list.csv"))
    assert "evil.example" in shown and "0 followers, 0 followed" in shown
    number = shown.split()[1]
    assert "list.csv" in heliograph("domain", "drafts")
    assert "Approved" in heliograph("domain", "approve", number)
    heliograph("domain", "reject", number, status=1)
    assert "#domain,#severity" in heliograph("domain", "export")
    heliograph("domain", "subscribe", "https://lists.example/blocks.csv")
    assert "https://lists.example/blocks.csv" in heliograph("domain", "subscriptions")
    heliograph("domain", "unsubscribe", "https://lists.example/blocks.csv")
    heliograph("domain", "unsubscribe", "https://lists.example/blocks.csv", status=1)
    heliograph("domain", "allow", "nice.example")
    assert "nice.example" in heliograph("domain", "export", "--of", "allows")
    heliograph("domain", "disallow", "nice.example")


def test_relays_are_joined_and_left() -> None:
    heliograph("relay", "add", "https://relay.example/inbox")
    assert "pending" in heliograph("relay", "list")
    assert "idle" in heliograph("relay", "disable", "https://relay.example/inbox")
    heliograph("relay", "enable", "https://relay.example/inbox")
    heliograph("relay", "remove", "https://relay.example/inbox")
    heliograph("relay", "remove", "https://relay.example/inbox", status=1)
    assert "must be https" in heliograph("relay", "add", "http://relay.example/inbox", status=1)


def test_a_domain_is_blocked_shown_and_unblocked() -> None:
    assert "none" in heliograph("domain", "list")
    heliograph("domain", "block", "Bad.Example", "--reason", "spam")
    assert "bad.example" in heliograph("domain", "list")
    assert "suspend (of bad.example)" in heliograph("domain", "show", "photos.bad.example")
    heliograph("domain", "block", "bad.example", "--severity", "silence")
    assert "silence" in heliograph("domain", "list")
    heliograph("domain", "unblock", "bad.example")
    assert "none" in heliograph("domain", "list")
    heliograph("domain", "unblock", "bad.example", status=1)
    assert "not a valid domain" in heliograph("domain", "block", "no domain", status=1)


def test_what_a_command_changes_is_passed_on_to_the_server() -> None:
    heliograph("domain", "block", "bad.example")
    assert "default" in heliograph("jobs", "list")


def test_failed_jobs_are_listed_tried_again_and_dropped(node_folder: Path) -> None:
    import sqlite3

    with sqlite3.connect(node_folder / "heliograph.db") as database:
        for number in (11, 12, 13):
            database.execute(
                "INSERT INTO jobs (id, queue, kind, payload, state, attempts, run_at, error, created_at)"
                " VALUES (?, 'default', 'send_mail', '{}', 'failed', 9, 0, 'TimeoutError: no answer', 0)",
                (number,),
            )
    database.close()
    shown = heliograph("jobs", "list")
    assert "TimeoutError: no answer" in shown
    assert "13" in shown
    assert heliograph("jobs", "retry", "11") == "1 jobs will be tried again.\n"
    assert heliograph("jobs", "drop", "12", "999") == "1 jobs are forgotten.\n"
    assert heliograph("jobs", "retry", "--all") == "1 jobs will be tried again.\n"
    heliograph("jobs", "retry", status=2)
    assert "Failed jobs: none" in heliograph("jobs", "list")
    assert "Deliveries: none" in heliograph("jobs", "deliveries")


def test_bad_settings_end_every_command_with_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIOGRAPH_PORT", "many")
    for command in (("serve",), ("worker",), ("migrate",), ("doctor",), ("user", "list")):
        assert "HELIOGRAPH_PORT: " in heliograph(*command, status=2)


def test_the_doctor_finds_a_healthy_node_healthy() -> None:
    report = heliograph("doctor")
    assert "up to date" in report
    assert "BROKEN" not in report


def test_the_doctor_names_pending_migrations(node_folder: Path) -> None:
    (node_folder / "heliograph.db").unlink()
    assert "0001_initial" in heliograph("doctor")
    heliograph("migrate")
    assert "0001_initial" not in heliograph("doctor")


@pytest.mark.parametrize(
    ("setting", "value", "part"),
    [
        ("DATABASE_URL", "postgres://nobody:hush@127.0.0.1:1/none", "database"),
        ("REDIS_URL", "redis://:hush@127.0.0.1:1/0", "redis"),
        ("MAIL__SMTP_HOST", "127.0.0.1", "mail"),
        ("MEDIA__STORAGE", "/proc/no/such/folder", "media"),
        ("DATA_DIR", "/proc/no/such/folder", "data folder"),
        ("BASE_URL", "https://intranet", "address"),
    ],
)
def test_the_doctor_says_what_is_broken_and_how_to_mend_it(
    setting: str, value: str, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"HELIOGRAPH_{setting}", value)
    monkeypatch.setenv("HELIOGRAPH_MAIL__SMTP_PORT", "1")
    monkeypatch.setenv("COLUMNS", "300")
    report = heliograph("doctor", status=1)
    line = next(line for line in report.splitlines() if line.startswith(part) and "BROKEN" in line)
    assert line
    assert "→" in report
    assert "hush" not in report


def test_the_doctor_prints_settings_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIOGRAPH_SECRET_KEY", "unspeakable")
    printed = heliograph("doctor", "--settings")
    assert "HELIOGRAPH_MAIL__SMTP_HOST = " in printed
    assert "(HELIOGRAPH_SECRET_KEY)" in printed
    assert "unspeakable" not in printed


def test_emojis_and_rules_are_kept_by_the_command(tmp_path: Path) -> None:
    picture = tmp_path / "heron.png"
    picture.write_bytes(encoded(quadrants(), "PNG"))
    assert heliograph("emoji", "add", "heron", str(picture), "--category", "Birds").strip() == ":heron:"
    heliograph("emoji", "change", "heron", "--hidden")
    listed = heliograph("emoji", "list")
    assert "heron" in listed
    assert "Birds" in listed
    assert "hidden" in listed
    assert "refused" in heliograph("emoji", "add", "cli", str(PROJECT / "pyproject.toml"), status=1)
    heliograph("emoji", "remove", "heron")
    assert "none" in heliograph("emoji", "list")
    number = heliograph("rule", "add", "Be kind", "--hint", "Really").partition(":")[0]
    heliograph("rule", "translate", number, "de", "Sei freundlich")
    heliograph("rule", "change", number, "--text", "Be very kind")
    listed = heliograph("rule", "list")
    assert "Be very kind" in listed
    assert "de" in listed
    assert "blank" in heliograph("rule", "add", " ", status=1)
    heliograph("rule", "remove", number)
    assert "not found" in heliograph("rule", "remove", number, status=1)


def test_announcements_are_made_and_taken_back() -> None:
    number = heliograph("announcement", "publish", "Down on Sunday", "--ends", "2999-01-01", "--all-day").strip()
    heliograph("announcement", "edit", number, "Down on Monday")
    assert "Down on Monday" in heliograph("announcement", "list")
    heliograph("announcement", "take-back", number)
    assert "not found" in heliograph("announcement", "take-back", number, status=1)


def test_aliases_are_named_and_taken_back() -> None:
    heliograph("user", "create", "anna")
    heliograph("user", "create", "anna2")
    assert "may move to @anna" in heliograph("alias", "add", "anna", "anna2")
    assert "@anna2" in heliograph("alias", "list", "anna")
    assert "could not be found" in heliograph("alias", "add", "anna", "nobody", status=1)
    heliograph("alias", "remove", "anna", "anna2")
    assert "none" in heliograph("alias", "list", "anna")


def test_deliveries_are_paused_looked_at_tried_again_and_dropped(node_folder: Path) -> None:
    assert "no" in heliograph("delivery", "status")
    heliograph("delivery", "pause", "--reason", "moving house")
    assert "moving house" in heliograph("delivery", "status")
    with contextlib.closing(sqlite3.connect(node_folder / "heliograph.db")) as connection:
        connection.execute(
            "INSERT INTO outgoing_activities (id, account_id, uri, body, digest, created_at)"
            " VALUES (1, 1, 'https://x.example/1', x'7b7d', 'd', 1)"
        )
        connection.executemany(
            "INSERT INTO deliveries (id, activity_id, inbox_url, host, attempts, next_attempt_at, failed, error, created_at)"
            " VALUES (?, 1, 'https://a.example/inbox', 'a.example', 3, 1, ?, 'answered 503', 1)",
            [(1, False), (2, True)],
        )
        connection.commit()
    assert re.search(r"a\.example +1 +1 ", heliograph("delivery", "hosts"))
    assert heliograph("delivery", "retry", "A.example") == "2 deliveries will be tried now.\n"
    assert heliograph("delivery", "drop", "a.example") == "2 deliveries are forgotten.\n"
    assert "Hosts: none" in heliograph("delivery", "hosts")
    heliograph("delivery", "resume")
    assert "not paused" in heliograph("delivery", "resume", status=1)
    assert logged(node_folder) == [
        ("pause", "Delivery", "moving house"),
        ("retry", "Delivery", "a.example"),
        ("drop", "Delivery", "a.example"),
        ("resume", "Delivery", ""),
    ]


def logged(node_folder: Path) -> list[tuple[str, str, str]]:
    """The decisions in the log, each the node's own: action, kind and name of what it was about."""
    with contextlib.closing(sqlite3.connect(node_folder / "heliograph.db")) as connection:
        rows = connection.execute(
            "SELECT l.action, l.target_kind, l.target_label FROM audit_log l JOIN accounts a ON a.id = l.account_id"
            " WHERE a.actor_type = 'Application' ORDER BY l.id"
        )
        return rows.fetchall()


def test_decisions_about_people_are_logged(node_folder: Path) -> None:
    for name in ("anna", "ben"):
        heliograph("user", "create", name)
    for words in (("role", "ben", "moderator"), ("disable", "ben"), ("enable", "ben"), ("rotate-keys", "ben")):
        heliograph("user", *words)
    heliograph("user", "delete", "ben", "--yes")
    assert "no user" in heliograph("user", "disable", "nobody", status=1)
    assert logged(node_folder) == [
        *(("change_role", "User", "ben"), ("disable", "User", "ben"), ("enable", "User", "ben")),
        *(("rotate_keys", "Account", "ben"), ("destroy", "User", "ben")),
    ]


def test_stored_files_are_counted_verified_moved_and_pruned(node_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def put(name: str) -> Path:
        path = node_folder / "media" / name[:2] / name[2:4] / name
        path.parent.mkdir(parents=True)
        path.write_bytes(b"pixels" * 2**18)
        os.utime(path, (1e9, 1e9))
        return path

    heliograph("user", "create", "anna")
    named = put("ab" * 20 + ".webp")
    put("cd" * 20 + ".webp")
    with contextlib.closing(sqlite3.connect(node_folder / "heliograph.db")) as connection:
        key = named.relative_to(node_folder / "media").as_posix()
        connection.execute("UPDATE accounts SET avatar_key = ? WHERE username = 'anna'", (key,))
        connection.commit()
    shown = heliograph("media", "usage")
    for line in (r"open +2 +3\.0 MB", r"avatars and headers +1 +1\.5 MB", r"anna +1 +1\.5 MB", r"orphans +1 +1\.5"):
        assert re.search(line, shown), line
    assert "1 files (1.5 MB) are orphans" in heliograph("media", "verify", "--quick")
    assert "set HELIOGRAPH_MEDIA__FORMER_STORAGE" in heliograph("media", "move", status=1)
    monkeypatch.setenv("HELIOGRAPH_MEDIA__STORAGE", str(node_folder / "new"))
    monkeypatch.setenv("HELIOGRAPH_MEDIA__FORMER_STORAGE", str(node_folder / "media"))
    assert "files are still looked for in" in heliograph("doctor")
    assert heliograph("media", "move") == "2 files (3.0 MB) were moved\n"
    assert heliograph("media", "move") == "0 files (0.0 MB) were moved\n"
    monkeypatch.delenv("HELIOGRAPH_MEDIA__FORMER_STORAGE")
    assert heliograph("media", "prune", "--orphans") == "0 files (0.0 MB) removed\n", "it was written anew a moment ago"
    for path in (node_folder / "new").rglob("*.webp"):
        os.utime(path, (1e9, 1e9))
    assert heliograph("media", "prune", "--orphans") == "1 files (1.5 MB) removed\n"
    (node_folder / "new" / key).unlink()
    assert f"missing: {key} (avatars and headers of anna, accounts " in heliograph("media", "verify", status=1)


def test_kept_files_of_other_servers_are_counted_pruned_and_forgotten(node_folder: Path) -> None:
    assert "none" in heliograph("media", "usage")
    with contextlib.closing(sqlite3.connect(node_folder / "heliograph.db")) as connection:
        connection.executemany(
            "INSERT INTO custom_emojis (id, shortcode, domain, remote_url, visible_in_picker, disabled, created_at)"
            " VALUES (?, ?, 'a.example', 'https://a.example/1.png', 1, 0, 1)",
            [(number, f"e{number}") for number in (1, 2, 3)],
        )
        connection.executemany(
            "INSERT INTO remote_copies (id, kind, subject_id, url_hash, domain, files, size, attempts, error, used_at,"
            " created_at) VALUES (?, 'emoji', ?, '', 'a.example', '{}', 2097152, 0, '', ?, 1)",
            [(number, number, 4_102_444_800_000 + number) for number in (1, 2, 3)],
        )
        connection.commit()
    assert re.search(r"a\.example +3 +6\.0 MB", heliograph("media", "usage"))
    assert heliograph("media", "prune").startswith("0 removed")
    assert heliograph("media", "prune", "--megabytes", "4").startswith("1 removed")
    assert heliograph("media", "forget", "A.example") == "2 removed\n"
