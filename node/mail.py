"""Letters: sent by SMTP, or written as `.eml` files into the outbox folder of a node that has no mail server.

A service writes a letter with `post`: the letter is a job in the same transaction, so it goes out if, and only if, what
it speaks of has happened.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from dataclasses import asdict, dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog

from node import clock, jobs
from node.runtime import runtime
from node.settings import Settings

log = structlog.get_logger()

SEND_MAIL = "send_mail"
SMTP_SECONDS = 30.0
_PATIENCE = jobs.Retry(attempts=10, base=15.0, longest=3600.0)
"""A letter is tried for about four hours; the links in it are short-lived anyway."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What somebody is written: one recipient's address, a subject of one line, plain text, and perhaps HTML beside it."""

    to: str
    subject: str
    text: str
    html: str | None = None


class Mailer:
    """Hands letters to the mail server of the settings, or to the outbox folder."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._mail = settings.mail
        self._sender = settings.mail.sender or f"no-reply@{_mail_domain(settings)}"

    @property
    def outbox(self) -> Path:
        """The folder letters are written to when there is no mail server."""
        return self._settings.data_dir / "outbox"

    async def send(self, letter: Letter) -> None:
        """Send one letter now.

        Raises `aiosmtplib.SMTPException` or `OSError` when it could not be handed over, and `ValueError` for an
        address or subject that is no header line.
        """
        message = self._message(letter)
        if self._mail.smtp_host is None:
            await asyncio.to_thread(self._write, message)
        else:
            await self._hand_over(message)

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(self._settings.title, addr_spec=self._sender)
        message["To"] = letter.to
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(clock.now())
        message["Message-ID"] = f"<{secrets.token_hex(16)}@{_mail_domain(self._settings)}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        if letter.html is not None:
            message.add_alternative(letter.html, subtype="html")
        return message

    def _write(self, message: EmailMessage) -> None:
        """One file a letter, complete or not there at all, readable by the node alone; nobody can guess its name."""
        self.outbox.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{clock.now():%Y%m%dT%H%M%S%f}-{secrets.token_hex(16)}.eml"
        unfinished = self.outbox / f".{name}"
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(message.as_bytes())
        unfinished.rename(self.outbox / name)
        log.info("letter_written", file=name)

    async def _hand_over(self, message: EmailMessage) -> None:
        import aiosmtplib

        password = self._mail.smtp_password
        await aiosmtplib.send(
            message,
            sender=self._sender,
            hostname=self._mail.smtp_host,
            port=self._mail.smtp_port,
            username=self._mail.smtp_user,
            password=password.get_secret_value() if password else None,
            use_tls=self._mail.smtp_security == "tls",
            start_tls=self._mail.smtp_security == "starttls",
            timeout=SMTP_SECONDS,
        )
        log.info("letter_sent")


def _mail_domain(settings: Settings) -> str:
    return urlsplit(settings.base_url).hostname or "localhost"


async def post(letter: Letter) -> None:
    """Have `letter` sent once the running transaction is durable."""
    await jobs.enqueue(SEND_MAIL, asdict(letter))


async def _send(payload: dict[str, Any]) -> None:
    import aiosmtplib

    try:
        await runtime().mailer.send(Letter(**payload))
    except ValueError as error:
        raise jobs.Drop(f"the letter cannot be addressed: {error}") from None
    except aiosmtplib.SMTPRecipientsRefused as refusals:
        if all(500 <= refusal.code < 600 for refusal in refusals.recipients):
            raise jobs.Drop("the mail server refused the address for good") from None
        raise


jobs.register(SEND_MAIL, _send, retry=_PATIENCE)
