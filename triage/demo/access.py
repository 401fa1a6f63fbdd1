"""Who may call and how often: credentials, rate limit, and addresses with or without ``.json``."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import math
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from triage.demo.helpdesk_state import HelpdeskState
from triage.demo.refusal import Refusal

EXPORTS = "/api/v2/incremental/"
ANONYMOUS_PATH = "/api/v2/users/me"
"""Zendesk answers this one without credentials, with a user who is nobody."""


class Access:
    """ASGI layer that lets only callers with the token through."""

    def __init__(self, app: ASGIApp, helpdesk: HelpdeskState) -> None:
        self._app = app
        self._helpdesk = helpdesk
        self._minute = -1
        self._calls = 0
        self._exports = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401 or 429, or pass the request on with ``state.caller`` set."""
        if scope["type"] != "http" or scope["path"].startswith("/attachments/"):
            await self._app(scope, receive, send)
            return
        path = scope["path"].removesuffix(".json")
        counted = self._count()
        answer = _with_headers(send, counted)
        try:
            if int(counted["ratelimit-remaining"]) < 0:
                raise _too_many(counted)
            caller = self._caller(Headers(scope=scope), path)
            if path.startswith(EXPORTS):
                self._check_export(caller, counted)
        except Refusal as refusal:
            await refuse(refusal, answer)
            return
        known = {**scope, "path": path, "called_path": scope["path"], "state": {"caller": caller}}
        await self._app(known, receive, answer)

    def _count(self) -> dict[str, str]:
        now = self._helpdesk.now()
        minute = int(now // 60)
        if minute != self._minute:
            self._minute, self._calls, self._exports = minute, 0, 0
        self._calls += 1
        limit = self._helpdesk.settings.rate_limit
        return {
            "x-rate-limit": str(limit),
            "x-rate-limit-remaining": str(max(0, limit - self._calls)),
            "ratelimit-limit": str(limit),
            "ratelimit-remaining": str(limit - self._calls),
            "ratelimit-reset": str(max(1, math.ceil((minute + 1) * 60 - now))),
        }

    def _check_export(self, caller: int | None, counted: Mapping[str, str]) -> None:
        """The exports are for administrators, and have a limit of their own."""
        user = self._helpdesk.records.user(caller) if caller is not None else None
        if user is None or user["role"] != "admin":
            raise Refusal(403, "Forbidden", "You do not have access to this page")
        self._exports += 1
        if self._exports > self._helpdesk.settings.export_limit:
            raise _too_many(counted)

    def _caller(self, headers: Headers, path: str) -> int | None:
        scheme, _, credentials = headers.get("authorization", "").partition(" ")
        records, token = self._helpdesk.records, self._helpdesk.settings.token
        if scheme.lower() == "bearer":
            if hmac.compare_digest(credentials.strip().encode(), token.encode()):
                return records.user_id_of(records.meta("email") or "")
            raise Refusal(
                401,
                "invalid_token",
                "The access token provided is expired, revoked, malformed or invalid for other reasons.",
                headers={"WWW-Authenticate": 'Bearer realm="Harbourlight support"'},
            )
        email, given = _basic(credentials) if scheme.lower() == "basic" else ("", "")
        if given and hmac.compare_digest(given.encode(), token.encode()):
            caller = records.user_id_of(email)
            user = records.user(caller) if caller is not None else None
            if user and user["role"] != "end-user":
                return caller
        if not scheme and path == ANONYMOUS_PATH:
            return None
        raise Refusal(401, "Unauthorized", "Couldn't authenticate you")


def _basic(credentials: str) -> tuple[str, str]:
    """E-mail and token of ``email/token:TOKEN``; empty where it is anything else."""
    try:
        login, _, token = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    email, slash, kind = login.rpartition("/")
    return (email, token) if slash and kind == "token" else ("", "")


def _too_many(counted: Mapping[str, str]) -> Refusal:
    headers = {"Retry-After": counted["ratelimit-reset"]}
    return Refusal(429, "APIRateLimitExceeded", "Rate limit for this account exceeded", headers=headers)


def _with_headers(send: Send, extra: Mapping[str, str]) -> Send:
    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in extra.items():
                headers[name] = value if not value.startswith("-") else "0"
        await send(message)

    return answer


async def refuse(refusal: Refusal, send: Send) -> None:
    """Send ``refusal`` as a whole answer."""
    body = json.dumps(refusal.body).encode()
    headers = {"content-type": "application/json; charset=utf-8", "content-length": str(len(body))}
    headers |= {name.lower(): value for name, value in refusal.headers.items()}
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": refusal.status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
