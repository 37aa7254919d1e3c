"""toot, a client for the command line: each of its commands, run as people run it, against a running node."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.nodes import NodeProcess
from tests.e2e.person import Browser, Member, newcomer, photographs

VERSION = "0.52.1"
PLACE = Path(__file__).parents[2] / ".cache" / f"toot-{VERSION}"
"""Apart from the rest: its pins are older than ours."""
SHELL = Path(__file__).with_name("toot_shell.py")

LEFT_OUT = {
    "login_cli": "signs in with a password; this server gives no tokens for passwords",
    "tui": "draws on a terminal; it asks what the other commands ask",
    "env": "the old name of diag",
    "reblogged_by": "the old name of reblogged-by",
    "update_account": "the old name of update-account",
    "list_accounts": "the old name of lists accounts",
    "list_add": "the old name of lists add",
    "list_create": "the old name of lists create",
    "list_delete": "the old name of lists delete",
    "list_remove": "the old name of lists remove",
}


class Terminal:
    """Where somebody uses toot."""

    def __init__(self, home: Path, person: Member) -> None:
        self.person = person
        self._environment = {**os.environ, "PYTHONPATH": str(PLACE), "XDG_CONFIG_HOME": str(home), "HOME": str(home)}
        self._shell = self._start(str(SHELL))

    def run(self, *words: str, typed: str = "") -> str:
        """What a command prints; it must succeed."""
        assert self._shell.stdin is not None and self._shell.stdout is not None
        self._shell.stdin.write(json.dumps({"words": words, "typed": typed}) + "\n")
        self._shell.stdin.flush()
        ran = json.loads(self._shell.stdout.readline())
        assert ran["status"] == 0, ran["out"] + ran["errors"]
        return str(ran["out"])

    def close(self) -> None:
        """Leave the shell."""
        self._shell.communicate()

    def _start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *words],
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def sign_in(self) -> str:
        """`toot login`: the code flow, with a browser beside the terminal."""
        with self._start("-m", "toot", "login", "--instance", self.person.node.url) as process:
            assert process.stdin is not None and process.stdout is not None
            said = ""
            while not (url := re.search(r"(http\S+/oauth/authorize\S+)\s", said)):
                said += process.stdout.readline()
            with Browser(self.person.node.url) as browser:
                code = browser.allow(url[1], self.person)
            out, _ = process.communicate(f"n\n{code}\n", timeout=30)
        assert process.returncode == 0, out
        return out


@pytest.fixture(scope="module")
def toot() -> Path:
    """Its installation, made when it is not there yet."""
    if not (PLACE / "toot").is_dir():
        done = subprocess.run(
            [sys.executable, "-m", "pip", "install", "-q", "--target", str(PLACE), f"toot=={VERSION}"],
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            pytest.skip(f"toot cannot be installed: {done.stderr.strip()[-200:]}")
    return PLACE


@pytest.fixture(scope="module")
def iris(toot: Path, here: NodeProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """Somebody signed in."""
    terminal = Terminal(tmp_path_factory.mktemp("iris"), newcomer(here, "iris"))
    assert "Successfully logged in" in terminal.sign_in()
    yield terminal
    terminal.close()


def test_who_and_where_one_is(iris: Terminal, cleo_member: Member) -> None:
    name, domain = iris.person.username, iris.person.node.domain
    assert f"{name}@{domain} ACTIVE" in iris.run("auth")
    assert f"@{name}" in iris.run("whoami")
    assert f"@{cleo_member.username}" in iris.run("whois", cleo_member.username)
    shown = iris.run("instance")
    assert domain in shown and "4.6.1 (compatible; Heliograph" in shown
    assert "activated" in iris.run("activate", f"{name}@{domain}")
    assert VERSION in iris.run("diag")
    assert "Account updated" in iris.run("update-account", "--display-name", "Iris", "--note", "By terminal")
    assert "By terminal" in iris.run("whoami")


def test_posts_are_made_read_and_marked(iris: Terminal, cleo_member: Member, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(photographs(1)[0])
    iris.run("update-account", "--discoverable")
    assert "type 'image'" in iris.run("upload", str(photo), "--description", "A weir")
    said = iris.run(
        "post",
        "From the shell #weir https://weir.example/",
        "--media",
        str(photo),
        "--description",
        "A weir",
        "--visibility",
        "public",
    )
    post = re.search(r"Toot posted: \S+/(\d+)", said)
    assert post, said
    number = post[1]
    assert "From the shell" in iris.run("status", number)
    [shown] = iris.person.get(f"/api/v1/statuses/{number}")["media_attachments"]
    assert shown["description"] == "A weir"
    answer = cleo_member.publish("An answer", in_reply_to_id=number)
    assert "An answer" in iris.run("thread", number)
    for command, word in (
        ("favourite", "favourited"),
        ("bookmark", "bookmarked"),
        ("reblog", "reblogged"),
        ("pin", "pin"),
    ):
        assert f"Status {word}" in iris.run(command, number)
    assert iris.person.username in iris.run("reblogged-by", number)
    assert "From the shell" in iris.run("bookmarks", "-1")
    assert "From the shell" in iris.run("timelines", "favourites", "--no-pager")
    for command in ("unfavourite", "unbookmark", "unreblog", "unpin"):
        assert f"Status {command}" in iris.run(command, number)
    assert "An answer" in iris.run("notifications")
    assert "cleared" in iris.run("notifications", "--clear")
    assert "From the shell" in iris.run("timeline", "--once")
    assert "From the shell" in iris.run("timelines", "home", "--no-pager")
    assert "From the shell" in iris.run("timelines", "public", "--local", "--no-pager")
    assert "From the shell" in iris.run("timelines", "tag", "weir", "--no-pager")
    assert "From the shell" in iris.run("timelines", "link", "https://weir.example/", "--no-pager")
    assert "From the shell" in iris.run("timelines", "account", iris.person.username, "--no-pager")
    iris.run("timelines", "trending", "--no-pager")
    assert "weir" in iris.run("search", "weir", "--type", "hashtags")
    assert "Status deleted" in iris.run("delete", number)
    cleo_member.delete(answer["id"])


def test_people_are_followed_muted_and_blocked(iris: Terminal, cleo_member: Member) -> None:
    cleo = cleo_member.username
    assert f"now following {cleo}" in iris.run("follow", cleo)
    assert cleo in iris.run("following")
    cleo_member.follow(iris.person)
    assert cleo in iris.run("followers")
    assert "muted" in iris.run("mute", cleo)
    assert cleo in iris.run("muted")
    assert "no longer muted" in iris.run("unmute", cleo)
    assert 'List "Near" created' in iris.run("lists", "create", "Near")
    assert "Near" in iris.run("lists", "list")
    assert "Added account" in iris.run("lists", "add", "Near", cleo)
    assert cleo in iris.run("lists", "accounts", "Near")
    cleo_member.publish("For the list")
    assert "For the list" in iris.run("timelines", "list", "Near", "--no-pager")
    assert "Removed account" in iris.run("lists", "remove", "Near", cleo)
    assert "deleted" in iris.run("lists", "delete", "Near")
    assert "no longer following" in iris.run("unfollow", cleo)
    assert "blocking" in iris.run("block", cleo)
    assert cleo in iris.run("blocked")
    assert "no longer blocked" in iris.run("unblock", cleo)
    iris.run("update-account", "--locked")
    cleo_member.follow(iris.person)
    assert cleo in iris.run("follow-requests", "list")
    assert "rejected" in iris.run("follow-requests", "reject", cleo)
    cleo_member.follow(iris.person)
    assert "now following you" in iris.run("follow-requests", "accept", cleo)
    iris.run("update-account", "--no-locked")


def test_hashtags_and_polls(iris: Terminal, cleo_member: Member) -> None:
    cleo_member.publish("#kiln", poll={"options": ["Hot", "Cold"], "expires_in": 3600})
    assert "now following #kiln" in iris.run("tags", "follow", "kiln")
    assert "kiln" in iris.run("tags", "followed")
    assert "Followed" in iris.run("tags", "info", "kiln")
    assert "no longer following" in iris.run("tags", "unfollow", "kiln")
    assert "now featured" in iris.run("tags", "feature", "kiln")
    assert "kiln" in iris.run("tags", "featured")
    assert "no longer featured" in iris.run("tags", "unfeature", "kiln")
    [post, *_] = cleo_member.get(f"/api/v1/accounts/{cleo_member.id}/statuses")
    assert "Cold" in iris.run("polls", "show", post["poll"]["id"])
    assert "You voted!" in iris.run("polls", "vote", post["poll"]["id"], "1")


def test_one_signs_out(iris: Terminal) -> None:
    account = f"{iris.person.username}@{iris.person.node.domain}"
    assert "logged out" in iris.run("logout", account)
    assert "not logged in" in iris.run("auth")


def test_every_command_is_run_or_left_out_for_a_reason(iris: Terminal) -> None:
    listing = (
        "import click\n"
        "from toot.cli import cli\n"
        "for name, one in cli.commands.items():\n"
        "    for path in [f'{name} {sub}' for sub in one.commands] if isinstance(one, click.Group) else [name]:\n"
        "        print(path)\n"
    )
    offered = set(
        subprocess.run(
            [sys.executable, "-c", listing],
            env={**os.environ, "PYTHONPATH": str(PLACE)},
            capture_output=True,
            text=True,
        ).stdout.split("\n")
    ) - {""}
    assert offered
    tests = Path(__file__).read_text().partition("class Terminal")[2]
    ran = {command for command in offered if ", ".join(f'"{word}"' for word in command.split()) in tests}
    assert sorted(offered - ran - LEFT_OUT.keys()) == []
    assert sorted(LEFT_OUT.keys() - offered) == []


@pytest.fixture(scope="module")
def cleo_member(here: NodeProcess) -> Member:
    """Somebody else."""
    return newcomer(here, "nils")
