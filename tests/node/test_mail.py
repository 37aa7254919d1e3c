"""Letters: to a real SMTP server, or into the outbox folder."""

from __future__ import annotations

import asyncio
import email
import stat
from collections.abc import AsyncIterator
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from node import db, jobs, mail
from node.mail import Letter, Mailer
from node.models.jobs import Job
from node.runtime import Runtime
from node.settings import Settings, load_settings
from tests import builders

LETTER = Letter("alice@mail.example", "Grüße", "Hello Älice,\n\n" + "a long line " * 30 + "\n")


class Postbox:
    """A mail server's inside: keeps what it is given, or refuses with `answer`."""

    def __init__(self) -> None:
        self.port = 0
        self.answer = "250 taken"
        self.letters: list[tuple[str, list[str], EmailMessage]] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        message = email.message_from_bytes(envelope.content, policy=default)
        self.letters.append((envelope.mail_from, envelope.rcpt_tos, message))
        return "250 taken"


def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"node", b"secret")
    return AuthResult(success=good, handled=False)


@pytest.fixture
async def postbox() -> AsyncIterator[Postbox]:
    box = Postbox()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(box, authenticator=authenticate, auth_required=True, auth_require_tls=False), "127.0.0.1", 0
    )
    box.port = server.sockets[0].getsockname()[1]
    async with server:
        yield box


def smtp_settings(tmp_path: Path, postbox: Postbox, password: str = "secret") -> Settings:
    return load_settings(
        data_dir=tmp_path,
        base_url="https://here.example",
        title='Héliograph, "the" node',
        mail={
            "smtp_host": "127.0.0.1",
            "smtp_port": postbox.port,
            "smtp_security": "none",
            "smtp_user": "node",
            "smtp_password": password,
            "sender": "post@here.example",
        },
    )


async def test_a_letter_arrives_at_the_mail_server(tmp_path: Path, postbox: Postbox) -> None:
    await Mailer(smtp_settings(tmp_path, postbox)).send(LETTER)
    ((sender, recipients, message),) = postbox.letters
    assert sender == "post@here.example" and recipients == ["alice@mail.example"]
    assert message["Subject"] == "Grüße" and message["Auto-Submitted"] == "auto-generated"
    assert "Héliograph" in message["From"] and message["Message-ID"].endswith("@here.example>") and message["Date"]
    text = message.get_body(("plain",))
    assert text is not None and text.get_content().replace("\r\n", "\n") == LETTER.text
    assert not (tmp_path / "outbox").exists()


async def test_wrong_credentials_are_an_error_not_a_lost_letter(tmp_path: Path, postbox: Postbox) -> None:
    import aiosmtplib

    with pytest.raises(aiosmtplib.SMTPAuthenticationError):
        await Mailer(smtp_settings(tmp_path, postbox, "wrong")).send(LETTER)
    assert not postbox.letters


async def test_html_goes_beside_the_text(tmp_path: Path) -> None:
    mailer = Mailer(load_settings(data_dir=tmp_path))
    await mailer.send(Letter("a@mail.example", "Hello", "plain", "<p>rich</p>"))
    (file,) = mailer.outbox.glob("*.eml")
    message = email.message_from_bytes(file.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


async def test_letters_in_the_outbox_are_whole_private_and_unguessable(tmp_path: Path) -> None:
    mailer = Mailer(load_settings(data_dir=tmp_path))
    await asyncio.gather(*(mailer.send(LETTER) for _ in range(20)))
    files = list(mailer.outbox.iterdir())
    assert len(files) == 20 and all(file.suffix == ".eml" and len(file.stem) > 40 for file in files)
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
    assert stat.S_IMODE(mailer.outbox.stat().st_mode) == 0o700


async def test_a_letter_is_sent_if_and_only_if_its_transaction_is_durable(started: Runtime) -> None:
    with pytest.raises(RuntimeError):
        async with db.transaction():
            await mail.post(LETTER)
            raise RuntimeError
    async with db.transaction():
        await mail.post(Letter("bob@mail.example", "Hello", "text"))
    await builders.run_jobs()
    (file,) = started.mailer.outbox.glob("*.eml")
    assert b"To: bob@mail.example" in file.read_bytes()


@pytest.mark.parametrize("to", ["alice@mail.example\r\nBcc: everyone@mail.example", "alice@mail.example\nX: y"])
async def test_a_line_break_in_an_address_smuggles_no_header(started: Runtime, to: str) -> None:
    await mail.post(Letter(to, "Hello", "text"))
    await builders.run_jobs()
    assert not started.mailer.outbox.exists()
    assert not await Job.exists()


async def test_a_letter_refused_for_now_is_tried_again_and_one_refused_for_good_is_not(
    started: Runtime, tmp_path: Path, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailer = Mailer(smtp_settings(tmp_path, postbox))
    monkeypatch.setattr(type(started.mailer), "send", lambda _self, letter: _send(mailer, letter))
    postbox.answer = "450 greylisted"
    await mail.post(LETTER)
    await builders.run_jobs()
    (job,) = await Job.all()
    assert job.state == "waiting" and job.attempts == 1 and "450" in job.error
    postbox.answer = "550 no such person"
    await Job.all().update(run_at=0)
    await jobs.Worker(jobs.DEFAULT_QUEUE, 1).run_until_idle()
    assert not await Job.exists() and not postbox.letters


_original_send = Mailer.send


async def _send(mailer: Mailer, letter: Letter) -> None:
    await _original_send(mailer, letter)
