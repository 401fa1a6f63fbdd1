"""The address where a helpdesk gives tokens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx

from triage.config.secret import Redactor, Secret
from triage.config.sign_in import Tokens
from triage.helpdesk.answer import page_name
from triage.helpdesk.connections import trust_in
from triage.helpdesk.oauth.addresses import Addresses
from triage.helpdesk.origin import base_url
from triage.helpdesk.strict_json import MalformedJsonError, parse
from triage.helpdesk.unreachable import unreachable
from triage.model.clean_text import clean_line
from triage.model.errors import HelpdeskFailed

DEADLINE_S = 30.0
LARGEST_ANSWER = 65_536
ACCESS_S = 1_800
"""How long an access token is asked for, in seconds."""
REFRESH_S = 30 * 24 * 3_600
"""How long a refresh token is asked for, in seconds; each renewal begins it anew."""


class NotSentError(HelpdeskFailed):
    """Nothing reached the helpdesk: what was to be spent is not spent."""


class GrantRefused(HelpdeskFailed):
    """The helpdesk does not accept what we asked a token for; ``code`` is OAuth's word for it."""

    code: str = ""


class TokenEndpoint:
    """Asks for tokens, once each time: a request for a token is never repeated by itself."""

    def __init__(
        self,
        url: str,
        addresses: Addresses,
        client: str,
        secret: Secret,
        *,
        now: Callable[[], datetime],
        ca_file: str = "",
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.client = client
        self.scope = addresses.scope
        self._url = base_url(url).join(addresses.token)
        self._secret = secret
        self._now = now
        self._ca_file = ca_file
        self._transport = transport

    def by_code(self, code: str, verifier: str, redirect: str) -> Tokens:
        """Tokens for the code that came back from signing in."""
        return self._ask(
            {"grant_type": "authorization_code", "code": code, "code_verifier": verifier,
             "redirect_uri": redirect, "scope": self.scope, "expires_in": ACCESS_S,
             "refresh_token_expires_in": REFRESH_S}
        )  # fmt: skip

    def by_refresh(self, refresh: Secret) -> Tokens:
        """The next pair; ``refresh`` is spent by it."""
        return self._ask(
            {"grant_type": "refresh_token", "refresh_token": refresh.reveal(), "scope": self.scope,
             "expires_in": ACCESS_S, "refresh_token_expires_in": REFRESH_S}
        )  # fmt: skip

    def by_client(self) -> Tokens:
        """A token for the client itself."""
        return self._ask({"grant_type": "client_credentials", "scope": self.scope, "expires_in": ACCESS_S})

    def _ask(self, wish: Mapping[str, Any]) -> Tokens:
        """Raises `NotSentError`, `GrantRefused`, or `HelpdeskFailed` where the answer is lost."""
        body = {**wish, "client_id": self.client}
        if self._secret:
            body["client_secret"] = self._secret.reveal()
        asked_at = self._now()
        status, answer = self._exchange(body)
        if status != 200:
            raise self._refusal(status, answer, Redactor(map(str, body.values())))
        return self._tokens(answer, asked_at)

    def _exchange(self, body: Mapping[str, Any]) -> tuple[int, Any]:
        where = page_name(self._url)
        try:
            with (
                httpx.Client(
                    verify=trust_in(self._ca_file), transport=self._transport, follow_redirects=False,
                    timeout=DEADLINE_S, headers={"Accept": "application/json", "Accept-Encoding": "identity"},
                ) as client,
                client.stream("POST", self._url, json=dict(body)) as response,
            ):  # fmt: skip
                raw = bytearray()
                if response.headers.get("Content-Encoding", "identity") != "identity":
                    raise HelpdeskFailed("sent a compressed answer though none was asked for", where=where)
                for chunk in response.iter_bytes():
                    raw += chunk
                    if len(raw) > LARGEST_ANSWER:
                        raise HelpdeskFailed("the answer to signing in is far too large", where=where)
                return response.status_code, _parsed(bytes(raw))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            known = unreachable(error, self._url)
            raise NotSentError(known.what, where=known.where, do=known.do) from None
        except httpx.HTTPError as error:
            raise unreachable(error, self._url) from None

    def _refusal(self, status: int, answer: Any, redactor: Redactor) -> HelpdeskFailed:
        where = page_name(self._url)
        if 300 <= status < 400 or status == 404 or not isinstance(answer, Mapping):
            return HelpdeskFailed(f"no tokens are given at this address ({status})", where=where,
                                  do="Check the url of the profile")  # fmt: skip
        code = clean_line(str(answer.get("error") or status))[:60]
        # Some quote what they were sent.
        words = clean_line(redactor.redact(str(answer.get("error_description") or "")))[:200]
        because = f" ({words})" if words else ""
        do = _ADVICE.get(code, "Check oauth_client in the profile")
        refused = GrantRefused(f"the sign-in was refused: {code}{because}", where=where, do=do)
        if 400 <= status < 500:
            refused.code = code
        return refused

    def _tokens(self, answer: Any, asked_at: datetime) -> Tokens:
        found = answer if isinstance(answer, Mapping) else {}
        access, refresh = _token(found.get("access_token")), _token(found.get("refresh_token"))
        if access is None:
            raise HelpdeskFailed("the answer to signing in holds no token", where=page_name(self._url),
                                 do="Check the url of the profile")  # fmt: skip
        return Tokens(
            access=access,
            refresh=refresh,
            ends_at=_after(asked_at, found.get("expires_in")),
            renewable_until=_after(asked_at, found.get("refresh_token_expires_in")),
            client=self.client,
        )


_ADVICE = {
    "invalid_client": "Check oauth_client in the profile, and its secret",
    "unauthorized_client": "An administrator has to allow this way of signing in for the OAuth client",
    "invalid_scope": "An administrator has to grant the OAuth client the scopes read and write",
}


def _parsed(body: bytes) -> Any:
    try:
        return parse(body)
    except MalformedJsonError:
        return None


def _token(value: Any) -> Secret | None:
    """A token that a header can carry."""
    if not isinstance(value, str) or not value or not all("!" <= letter <= "~" for letter in value):
        return None
    return Secret(value)


def _after(moment: datetime, seconds: Any) -> datetime | None:
    """Counted from when we asked: the answer took its time, and the token does not last longer for it."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < 10**9:
        return None
    return moment + timedelta(seconds=float(seconds))
