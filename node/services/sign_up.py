"""How people get an account: signing up, proving their address, being let in.

Nobody learns here whether an e-mail address has an account. Signing up with a taken one looks the same in every answer:
an account comes into being that can never be confirmed, because the letter to the address says that there is one
already and carries no code. Like every unconfirmed account it disappears after a week.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from node import clock, db, jobs, mail
from node.errors import Forbidden, Invalid, Refusals
from node.ids import new_id
from node.models.accounts import Account, User
from node.models.fields import to_milliseconds
from node.models.graph import Follow
from node.passwords import check_acceptable, hash_password
from node.rate_limits import Limit
from node.runtime import runtime
from node.secrecy import new_token
from node.services import accounts, email_blocks, invites, ip_blocks, letters, notifications, one_time_secrets
from node.services.access import announce_change
from node.services.throttling import has_spent, spend
from node.text import clean

CLOSED = "Registrations are closed on this server"
BAD_INVITATION = "is not valid (any more)"
WRONG_CODE = "is wrong or too old"
KEEP_UNCONFIRMED = timedelta(days=7)
MAX_EMAIL_LENGTH = 254
MAX_ADDRESS_LENGTH = 45
KEEP_ADDRESSES = timedelta(days=365)
MAX_REASON_LENGTH = 1000
FORGET_BATCH = 200

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")

LETTERS_TO_ADDRESS = Limit("letters_to_address", 5, 3600)
CONFIRMATIONS_RESENT = Limit("confirmations_resent", 10, 24 * 3600)
CODES_TRIED = Limit("codes_tried", 25, 3600)

REPORT_WAITING = "report_waiting_sign_up"


@dataclass(frozen=True, slots=True)
class SignUp:
    """What somebody who wants an account fills in. `in_app`: in Pixelfed's app, to which the letter leads back."""

    username: str
    email: str
    password: str
    reason: str = ""
    invite_code: str = ""
    locale: str = "en"
    address: str = ""
    """The IP address it comes from."""
    application_id: int | None = None
    in_app: bool = False
    agreement: bool = True
    """Whether they accept the rules."""
    is_proven: bool = False
    """Whether the address is known to be theirs (`services/proven_addresses.py`)."""


def refuse_while_closed() -> None:
    """Raises `Forbidden` while nobody may open an account."""
    if runtime().settings.registrations.mode == "closed":
        raise Forbidden(CLOSED)


async def sign_up(form: SignUp) -> User:
    """Make an account as the registration mode allows, and write to its address.

    Raises `Forbidden` while registrations are closed, `Invalid` for values that cannot be accepted, all at once. That the address
    is taken is told only where addresses need no confirmation, since then there is no other way to tell.
    """
    refuse_while_closed()
    rules = runtime().settings.registrations
    must_wait = await ip_blocks.check_sign_up(form.address)
    invited = bool(form.invite_code) and await invites.is_good(form.invite_code)
    username, email, reason = form.username, form.email, clean(form.reason)[:MAX_REASON_LENGTH]
    refused = Refusals()
    with refused.noting():
        username = await accounts.check_username_is_free(form.username)
    with refused.noting():
        email = acceptable_email(form.email)
        must_wait = (not invited and await email_blocks.check_sign_up(email, form.address)) or must_wait
    with refused.noting():
        check_acceptable(form.password, username=username, email=email)
    with refused.noting():
        if not form.agreement:
            raise Invalid("agreement", "must be accepted", code="ERR_ACCEPTED")
    with refused.noting():
        if rules.mode == "approval" and rules.reason_required and not reason and not form.invite_code:
            raise Invalid("reason", "can't be blank", code="ERR_BLANK")
    with refused.noting():
        if not invited and (rules.mode == "invite" or form.invite_code):
            raise Invalid("invite_code", BAD_INVITATION)
    refused.check()
    password_hash = await hash_password(form.password)
    key = await accounts.new_key()
    try:
        return await _open_account(username, key, email, password_hash, reason, form, must_wait=must_wait)
    except db.IntegrityError:
        # Somebody took the address in between: the second time that is seen.
        return await _open_account(username, key, email, password_hash, reason, form, must_wait=must_wait)


async def _open_account(
    username: str, key: str, email: str, password_hash: str, reason: str, form: SignUp, *, must_wait: bool
) -> User:
    rules = runtime().settings.registrations
    async with db.transaction():
        invited = bool(form.invite_code) and await invites.spend(form.invite_code)
        if not invited and (rules.mode == "invite" or form.invite_code):
            raise Invalid("invite_code", BAD_INVITATION)
        owner = await User.get_or_none(email_key=email.lower()).select_related("account")
        must_prove = rules.confirm_email and not form.is_proven
        if owner is not None and not must_prove:
            raise Invalid("email", "has already been taken", code="ERR_TAKEN")
        account = await accounts.create_local(username, private_key_pem=key)
        user = await User.create(
            id=new_id(),
            account=account,
            email=email,
            email_key=_nobodys_email_key() if owner else email.lower(),
            password_hash=password_hash,
            locale=_locale(form.locale),
            sign_up_reason=reason,
            sign_up_address=form.address[:MAX_ADDRESS_LENGTH],
            application_id=form.application_id,
            invited_by_id=await invites.inviter(form.invite_code) if invited else None,
            confirmed_at=None if must_prove else clock.now(),
            approved_at=clock.now() if (rules.mode != "approval" or invited) and not must_wait else None,
        )
        if owner is not None:
            await _tell_owner(owner)
        elif must_prove:
            await _send_confirmation(user, account.username, in_app=form.in_app)
        elif user.approved_at is None:
            await jobs.enqueue(REPORT_WAITING, {"user_id": user.id})
        else:
            await tell_of_arrival(user)
    return user


async def tell_of_arrival(user: User) -> None:
    """Tell staff of somebody who has just been let in."""
    await notifications.notify_staff(notifications.SIGN_UP, user.account_id)


def _locale(text: str) -> str:
    """A language tag (BCP 47), or English for what is none."""
    return text if _LANGUAGE.fullmatch(text) else "en"


def acceptable_email(text: str) -> str:
    """The address in its normal form. Raises `Invalid` when it is none."""
    if not text.strip():
        raise Invalid("email", "can't be blank", code="ERR_BLANK")
    if len(text) > MAX_EMAIL_LENGTH:
        raise Invalid("email", "is too long", code="ERR_TOO_LONG")
    # Imported here: its tables are large, and only who signs up needs them.
    from email_validator import EmailNotValidError, validate_email

    in_public = not runtime().settings.federation.allow_private_networks
    try:
        return validate_email(text.strip(), check_deliverability=False, globally_deliverable=in_public).normalized
    except EmailNotValidError:
        raise Invalid("email", "is not a valid e-mail address") from None


def _nobodys_email_key() -> str:
    """Stands where the address of somebody else would: no address looks like it."""
    return f"taken:{new_token()}"


async def _tell_owner(owner: User) -> None:
    if not await has_spent(LETTERS_TO_ADDRESS, owner.email_key):
        await mail.post(letters.address_is_taken(owner, owner.account.username))


async def _send_confirmation(user: User, username: str, *, in_app: bool = False) -> None:
    if await has_spent(LETTERS_TO_ADDRESS, user.email_key):
        return
    issued = await one_time_secrets.issue(user, one_time_secrets.CONFIRM_EMAIL)
    letter = letters.confirm_address_in_app if in_app else letters.confirm_address
    await mail.post(letter(user, username, token=issued.token, code=issued.code))


async def send_confirmation_again(user: User, new_email: str | None = None) -> None:
    """Write once more to someone unconfirmed, at another address if they mistyped the first.

    Raises `Forbidden` when they are confirmed already, `Invalid` for an address that is none, `RateLimited`.
    """
    user = await User.get(id=user.id).select_related("account")
    if user.confirmed_at is not None:
        raise Forbidden("This method is only available while the e-mail is awaiting confirmation")
    email = acceptable_email(new_email) if new_email else user.email
    if new_email:
        await email_blocks.check_sign_up(email, user.sign_up_address)
    await spend(CONFIRMATIONS_RESENT, str(user.id))
    async with db.transaction():
        owner = await User.filter(email_key=email.lower()).exclude(id=user.id).select_related("account").first()
        if email != user.email:
            await one_time_secrets.forget(user, one_time_secrets.CONFIRM_EMAIL)
        user.email = email
        user.email_key = _nobodys_email_key() if owner else email.lower()
        await user.save(update_fields=["email", "email_key"])
        if owner is not None:
            await _tell_owner(owner)
        else:
            await _send_confirmation(user, user.account.username)


async def confirm_by_code(user: User, code: str) -> User:
    """Confirm the address of `user` with the six digits from the letter. Raises `Invalid`, `RateLimited`."""
    await spend(CODES_TRIED, str(user.id))
    digits = "".join(code.split())
    if not await one_time_secrets.redeem_code(user, one_time_secrets.CONFIRM_EMAIL, digits):
        raise Invalid("code", WRONG_CODE)
    return await _confirm(user.id)


async def confirm_by_link(token: str) -> User:
    """Confirm an address with the link from the letter. Raises `NotFound` when it is not good (any more)."""
    async with db.transaction():
        user = await one_time_secrets.redeem_token(one_time_secrets.CONFIRM_EMAIL, token)
        return await _confirm(user.id)


async def _confirm(user_id: int) -> User:
    async with db.transaction():
        user = await User.get(id=user_id).select_related("account")
        if user.confirmed_at is None:
            user.confirmed_at = clock.now()
            await user.save(update_fields=["confirmed_at"])
            if user.approved_at is None:
                await jobs.enqueue(REPORT_WAITING, {"user_id": user.id})
            else:
                await tell_of_arrival(user)
        announce_change(user.id)
    return user


async def create_admin(username: str, email: str | None) -> tuple[User, str]:
    """Make an admin, without a password, and the link that signs them in once. Raises `Invalid`."""
    return await create_member(username, email, role="admin")


async def create_member(username: str, email: str | None, *, role: str) -> tuple[User, str]:
    """Open an account for someone the admin vouches for, without a password, and the link that signs them in once.

    Raises `Invalid` when the name or address cannot be accepted or is taken.
    """
    username = accounts.check_username(username)
    address = acceptable_email(email) if email else ""
    if address and await User.exists(email_key=address.lower()):
        raise Invalid("email", "has already been taken", code="ERR_TAKEN")
    key = await accounts.new_key()
    async with db.transaction():
        account = await accounts.create_local(username, private_key_pem=key)
        user = await User.create(
            id=new_id(),
            account=account,
            email=address,
            email_key=address.lower() or f"none:{new_token()}",
            role=role,
            confirmed_at=clock.now(),
            approved_at=clock.now(),
        )
        issued = await one_time_secrets.issue(user, one_time_secrets.SIGN_IN)
    return user, letters.sign_in_link(issued.token)


async def forget_unconfirmed() -> int:
    """Delete accounts whose address was not confirmed within a week. Returns how many."""
    late = (
        await User.filter(confirmed_at=None, created_at__lt=clock.now() - KEEP_UNCONFIRMED)
        .order_by("id")
        .limit(FORGET_BATCH)
        .select_related("account")
    )
    for user in late:
        async with db.transaction():
            await forget_account(user)
    return len(late)


async def forget_addresses() -> int:
    """Forget from where accounts were opened a year ago. Returns how many."""
    return await db.execute(
        "UPDATE users SET sign_up_address = '' WHERE sign_up_address <> '' AND created_at < ?",
        (to_milliseconds(clock.now() - KEEP_ADDRESSES),),
    )


async def forget_account(user: User) -> None:
    """An account nobody has followed leaves no trace; one that somebody knows of goes the way of all accounts."""
    if await Follow.filter(target_id=user.account_id).exists():
        await accounts.delete_local(user.account)
    else:
        await Account.filter(id=user.account_id).delete()
    announce_change(user.id)
