"""A sign-in that renews itself, one renewal at a time over all processes of this machine.

What can go wrong in a renewal, and what is then true::

    killed before it was sent        the old pair still holds; the next renewal uses it
    never reached the helpdesk       the same
    answered, killed before saving   the old pair is spent and the new one lost: sign in again
    answered, answer lost            the same; told from "still holds" by trying it
    saved, killed before use         the new pair holds
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from triage.config.secret import Secret
from triage.config.sign_in import SignInStore, Tokens
from triage.helpdesk.oauth.endpoint import GrantRefused, NotSentError, TokenEndpoint
from triage.model.errors import NeedsInput

EARLY = timedelta(seconds=90)
"""Renewed so long before the end: more than one whole read may take."""
SPENT = frozenset({"invalid_grant", "invalid_token"})


class Session:
    """Gives the Authorization header of one profile. Safe to share between tasks."""

    def __init__(
        self, store: SignInStore, endpoint: TokenEndpoint, *, for_itself: bool, now: Callable[[], datetime]
    ) -> None:
        """``for_itself``: by client credentials, which need no person and have nothing to spend."""
        self._store = store
        self._endpoint = endpoint
        self._for_itself = for_itself
        self._now = now
        self._tokens: Tokens | None = None
        self._turn = asyncio.Lock()

    def authorization(self) -> str:
        """The header's value, once `fresh` was awaited."""
        if self._tokens is None:
            raise self._sign_in("nobody has signed in yet")
        return f"Bearer {self._tokens.access.reveal()}"

    async def fresh(self) -> None:
        """Make sure the token holds for the next request.

        Raises `NeedsInput` when a person has to sign in, `HelpdeskFailed` when it cannot be renewed now.
        """
        if self._holds(self._tokens):
            return
        async with self._turn:
            if not self._holds(self._tokens):
                self._tokens = await asyncio.to_thread(self._renewed, None)

    async def refused(self) -> bool:
        """The helpdesk refused the token before its time. Whether there is another one now."""
        async with self._turn:
            old = self._tokens
            if old is None:
                return False
            self._tokens = await asyncio.to_thread(self._renewed, old.access)
            return self._tokens.access != old.access

    def _holds(self, tokens: Tokens | None) -> bool:
        return tokens is not None and (tokens.ends_at is None or self._now() < tokens.ends_at - EARLY)

    def _renewed(self, refused: Secret | None) -> Tokens:
        """Tokens that hold; ``refused`` is an access token that does not, whatever its time."""
        with self._store.locked():
            kept = self._store.load()
            if kept is not None and kept.client != self._endpoint.client:
                kept = None
            # Somebody else may have renewed while we waited for the lock.
            if kept is not None and self._holds(kept) and kept.access != refused:
                return kept
            fresh = self._by_client() if self._for_itself else self._by_refresh(kept)
            # On disk before anybody uses it: the pair before it is spent.
            self._store.save(fresh)
            return fresh

    def _by_client(self) -> Tokens:
        return self._endpoint.by_client()

    def _by_refresh(self, kept: Tokens | None) -> Tokens:
        if kept is None:
            raise self._sign_in("nobody has signed in yet")
        if kept.refresh is None:
            raise self._sign_in("the sign-in has ended, and cannot be renewed")
        if not kept.renewing:
            self._store.save(replace(kept, renewing=True))
        try:
            fresh = self._endpoint.by_refresh(kept.refresh)
        except NotSentError:
            self._store.save(kept)
            raise
        except GrantRefused as refused:
            if refused.code in SPENT:
                raise self._sign_in(_ENDED[kept.renewing]) from refused
            self._store.save(kept)
            raise
        if fresh.refresh is None:
            # A helpdesk that gives no new one lets the old one be used again.
            fresh = replace(fresh, refresh=kept.refresh, renewable_until=kept.renewable_until)
        return fresh

    def _sign_in(self, what: str) -> NeedsInput:
        return NeedsInput(what, where=f"profile {self._store.profile_name}",
                          do=f"Sign in: triage login --profile {self._store.profile_name}")  # fmt: skip


_ENDED = {
    False: "the sign-in has ended: it was revoked, or not used for too long",
    True: "the sign-in was renewed, but the answer with the new tokens never arrived",
}
