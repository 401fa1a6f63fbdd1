"""``triage login``: a person signs in to the helpdesk of a profile, or its OAuth client does."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime

from triage.config.paths import Paths
from triage.config.profiles import OAUTH, Profile, load_profile
from triage.config.secrets_source import resolve_token
from triage.config.sign_in import SignInStore, Tokens
from triage.helpdesk import registry
from triage.helpdesk.oauth.addresses import Addresses
from triage.helpdesk.oauth.authorize import Attempt, begin, code_in
from triage.helpdesk.oauth.loopback import door
from triage.helpdesk.oauth.opening import endpoint_of
from triage.model.errors import Invalid, NeedsInput

WAIT_S = 300.0
"""How long a person has to sign in, in seconds."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in now, and for how long. Times are UTC."""

    profile: str
    helpdesk: str
    account: str
    ends_at: datetime | None
    """When the token ends; Triage renews it before."""
    renewable_until: datetime | None
    """Not used until then, the sign-in ends; None where no person is needed to renew it."""
    kept_in: str


@dataclass(frozen=True, slots=True)
class Person:
    """What signing in needs of the person at the terminal."""

    show: Callable[[str], None]
    """Say where to sign in."""
    browse: Callable[[str], object] | None = None
    """Open a browser there; None where there is none, as over ssh."""
    pasted: Callable[[], str] | None = None
    """Wait for a line: the address the browser ended at, where it cannot reach this machine."""


def log_in(name: str | None, person: Person, *, wait_s: float = WAIT_S) -> SignedIn:
    """Sign in to the helpdesk of profile ``name`` and keep the tokens.

    Raises `Invalid` where the profile signs in otherwise, `NeedsInput` when nobody answered in time,
    `Refused` where the helpdesk or the person said no, `HelpdeskFailed`.
    """
    return asyncio.run(_log_in(load_profile(Paths.find(), name), person, wait_s))


async def _log_in(profile: Profile, person: Person, wait_s: float) -> SignedIn:
    addresses = _addresses(profile)
    secret = await asyncio.to_thread(resolve_token, profile)
    endpoint, store = endpoint_of(profile, secret, addresses), SignInStore(profile)
    if profile.auth == "client_credentials":
        tokens = await asyncio.to_thread(endpoint.by_client)
    else:
        attempt = begin(profile.url, addresses, profile.oauth_client, profile.oauth_port, os.urandom)
        code = await _code(attempt, profile.oauth_port, person, wait_s)
        tokens = await asyncio.to_thread(endpoint.by_code, code, attempt.verifier.reveal(), attempt.redirect)
    await asyncio.to_thread(_keep, store, tokens)
    return await _signed_in(profile, tokens)


def _keep(store: SignInStore, tokens: Tokens) -> None:
    with store.locked():
        store.save(tokens)


async def _signed_in(profile: Profile, tokens: Tokens) -> SignedIn:
    helpdesk = registry.open_helpdesk(profile, await asyncio.to_thread(resolve_token, profile))
    try:
        account = await helpdesk.whoami()
    finally:
        await helpdesk.aclose()
    kept_in = f"keyring {profile.token_keyring}" if profile.token_keyring else str(SignInStore(profile).path)
    until = None if profile.auth == "client_credentials" else tokens.renewable_until
    return SignedIn(profile.name, profile.helpdesk, account.name, tokens.ends_at, until, kept_in)


def _addresses(profile: Profile) -> Addresses:
    where = f"profile {profile.name}"
    if (addresses := registry.sign_in_addresses(profile)) is None:
        raise Invalid(f"{profile.helpdesk} is not signed in to like this", where=where,
                      do="Give the profile a token_file, token_command or token_env")  # fmt: skip
    if profile.auth not in OAUTH:
        raise Invalid(f"auth is {profile.auth or 'not set'}, so there is nothing to sign in to", where=where,
                      do='Set auth = "oauth" and oauth_client, or auth = "client_credentials"')  # fmt: skip
    return addresses


async def _code(attempt: Attempt, port: int, person: Person, wait_s: float) -> str:
    """The code, from the browser on this machine or from the pasted address, whichever is first."""
    async with contextlib.AsyncExitStack() as stack:
        answers: list[asyncio.Future[str]] = []
        try:
            answers.append(await stack.enter_async_context(door(attempt, port)))
        except Invalid as taken:
            if person.pasted is None:
                raise
            person.show(f"{taken}. Paste the address the browser ends at.")
        if person.pasted is not None:
            answers.append(await stack.enter_async_context(_pasting(attempt, person.pasted)))
        person.show(attempt.url)
        if person.browse is not None:
            await asyncio.to_thread(person.browse, attempt.url)
        done, _ = await asyncio.wait(answers, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            raise NeedsInput(f"nobody signed in within {wait_s:.0f} s", do="Run triage login again")
        return next(iter(done)).result()


@contextlib.asynccontextmanager
async def _pasting(attempt: Attempt, pasted: Callable[[], str]) -> AsyncIterator[asyncio.Future[str]]:
    """The code in a line that somebody pastes.

    Read on a thread that nobody waits for: a terminal that is read cannot be told to stop.
    """
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[str] = loop.create_future()

    def settle(line: str) -> None:
        if answered.done():
            return
        try:
            answered.set_result(code_in(line, attempt))
        except Exception as refused:  # noqa: BLE001  (whatever it is, it is for the one who waits)
            answered.set_exception(refused)

    def read() -> None:
        while not (line := pasted()).strip():
            if not line:
                return  # nobody can paste any more; the browser still may answer
        with contextlib.suppress(RuntimeError):  # the loop is gone: the browser was quicker
            loop.call_soon_threadsafe(settle, line)

    threading.Thread(target=read, name="pasted address", daemon=True).start()
    yield answered
    if answered.done() and not answered.cancelled():
        answered.exception()
