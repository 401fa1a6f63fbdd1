"""A Zendesk that gives tokens: codes once, refresh tokens once, each renewal deletes the pair before it."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

CLIENT = "triage_desk"
CLIENT_SECRET = "client-secret-of-the-desk"


@dataclass
class Authorization:
    """State of the server, and everything that happened."""

    url: str = ""
    needs_secret: bool = False
    denies: bool = False
    lasts_s: int = 1800
    access: str = ""
    refresh: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    renewals: int = 0
    given: list[str] = field(default_factory=list)
    """Grant types that ended in tokens."""
    refused: list[str] = field(default_factory=list)
    used: list[str] = field(default_factory=list)
    """Access tokens in the order they were used."""
    lose_answers: int = 0
    """So many more answers with tokens are dropped after the tokens were made."""
    heard: list[str] = field(default_factory=list)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def tokens(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """What the token address answers."""
        with self.guard:
            if asked.get("client_id") != CLIENT or (
                self.needs_secret and asked.get("client_secret") != CLIENT_SECRET
            ):
                return self._no("invalid_client")
            grant = asked.get("grant_type")
            if grant == "authorization_code" and not self._code_fits(asked):
                return self._no("invalid_grant")
            if grant == "refresh_token":
                if not self.refresh or asked.get("refresh_token") != self.refresh:
                    return self._no("invalid_grant")
                self.renewals += 1
            if grant not in ("authorization_code", "refresh_token", "client_credentials"):
                return self._no("unsupported_grant_type")
            return 200, self._pair(grant, int(asked.get("expires_in") or self.lasts_s))

    def _code_fits(self, asked: dict[str, Any]) -> bool:
        begun = self.codes.pop(asked.get("code", ""), None)
        if begun is None or begun["redirect_uri"] != asked.get("redirect_uri"):
            return False
        digest = hashlib.sha256(str(asked.get("code_verifier")).encode()).digest()
        return begun["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def _pair(self, grant: str, lasts_s: int) -> dict[str, Any]:
        self.given.append(grant)
        self.access = f"access-{secrets.token_hex(16)}"
        answer = {"access_token": self.access, "token_type": "bearer", "scope": "read write",
                  "expires_in": min(lasts_s, self.lasts_s)}  # fmt: skip
        if grant != "client_credentials":
            self.refresh = f"refresh-{secrets.token_hex(16)}"
            answer |= {"refresh_token": self.refresh, "refresh_token_expires_in": 2_592_000}
        return answer

    def _no(self, error: str) -> tuple[int, dict[str, Any]]:
        self.refused.append(error)
        return 400, {"error": error, "error_description": "Not this time."}

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser is sent after a person has agreed, or has not."""
        back = {"state": query["state"]}
        if self.denies:
            back |= {"error": "access_denied", "error_description": "The person said no."}
        else:
            code = secrets.token_hex(8)
            self.codes[code] = query
            back["code"] = code
        return f"{query['redirect_uri']}?{urlencode(back)}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def state(self) -> Authorization:
        return self.server.authorization  # type: ignore[attr-defined,no-any-return]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/oauth/authorizations/new":
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            self.send_response(302)
            self.send_header("Location", self.state.authorize(query))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if token != self.state.access:
            self._json(401, {"error": "invalid_token"})
            return
        self.state.used.append(token)
        self._json(200, {"user": {"id": 7, "name": "Robin Vale", "role": "admin"}})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.state.heard.append(body)
        status, answer = self.state.tokens(json.loads(body))
        if status == 200 and self.state.lose_answers > 0:
            self.state.lose_answers -= 1
            self.close_connection = True
            self.connection.close()
            return
        self._json(status, answer)

    do_PUT = do_GET  # noqa: N815

    def _json(self, status: int, body: dict[str, Any]) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        del format, args


@contextmanager
def authorization() -> Iterator[Authorization]:
    """The server on a port of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    state = Authorization(url=f"http://127.0.0.1:{server.server_address[1]}")
    server.authorization = state  # type: ignore[attr-defined]
    server.handle_error = lambda request, address: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
