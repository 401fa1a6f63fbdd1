"""No byte of a secret reaches another host: five ways to present it, eight ways to be led astray."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.helpdesk import registry
from triage.helpdesk.adapter import basic
from triage.helpdesk.transport import Transport
from triage.model.errors import TriageError

SECRET = "s3cret-key-of-the-desk"
HOME = "https://desk.test"
PRESENTED: dict[str, Callable[[], str]] = {
    "bearer": lambda: f"Bearer {SECRET}",
    "api token": lambda: basic("robin@acme.test/token", SECRET),
    "key as user": lambda: basic(SECRET, "key"),
    "token": lambda: f"token {SECRET}",
    "token=": lambda: f"Token token={SECRET}",
}
ASTRAY = {
    "another host": "https://evil.test/take",
    "another port": "https://desk.test:8443/take",
    "no encryption": "http://desk.test/take",
    "a name in the address": "https://desk.test@evil.test/take",
    "no scheme": "//evil.test/take",
    "a longer host": "https://desk.test.evil.test/take",
    "a backslash": "https://evil.test\\@desk.test/take",
    "capital letters and a dot": "https://EVIL.test./take",
}


class Road:
    """Remembers every request that left, and sends the first one of each kind astray."""

    def __init__(self, link: str) -> None:
        self.link = link
        self.left: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.left.append(request)
        if request.url.path == "/api/redirected":
            return httpx.Response(307, headers={"Location": self.link})
        return httpx.Response(200, json={"next": self.link}, headers={"Link": f'<{self.link}>; rel="next"'})

    @property
    def strangers(self) -> list[httpx.Request]:
        """Requests to anybody but the helpdesk itself."""
        return [one for one in self.left if (one.url.scheme, one.url.host, one.url.port) != (
            "https", "desk.test", None)]  # fmt: skip


def holds_secret(request: httpx.Request) -> bool:
    encoded = basic(SECRET, "key").removeprefix("Basic ")[:20]
    everything = f"{request.url} {request.headers.raw!r} {request.content!r}"
    return SECRET in everything or encoded in everything or "Authorization" in request.headers


@pytest.mark.parametrize("astray", ASTRAY)
@pytest.mark.parametrize("presented", PRESENTED)
async def test_no_secret_reaches_another_host(presented: str, astray: str) -> None:
    road = Road(ASTRAY[astray])
    desk = Transport(HOME, PRESENTED[presented], transport=httpx.MockTransport(road))
    with suppress(TriageError):
        await desk.read("api/redirected")
    with suppress(TriageError):
        await desk.write("POST", "api/redirected", {"note": "words for the desk only"})
    with suppress(TriageError):
        found = await desk.read("api/list")
        await desk.read(found["next"])
    assert len(road.left) >= 3
    assert road.strangers == []
    # A file may lie elsewhere; what is fetched there goes without anything of ours.
    with suppress(TriageError, httpx.HTTPError):
        await desk.download(ASTRAY[astray], io.BytesIO(), 1000)
    assert not [one for one in road.strangers if holds_secret(one)]
    await desk.aclose()


@pytest.mark.parametrize("name", registry.names())
async def test_adapters_present_the_secret_in_the_one_header_that_is_watched(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key in a header of its own would follow a redirect; ours is in Authorization alone."""
    left: list[httpx.Request] = []

    async def leave(self: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        left.append(request)
        return httpx.Response(401, json={})

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", leave)
    token = "1-46-" + SECRET.replace("-", "") if name == "request_tracker" else SECRET
    place = "/repos/acme/desk" if name == "github" else ""
    values: dict[str, Any] = {"account": "robin@acme.test"} if name == "pagerduty" else {}
    profile = Profile("x", name, f"{HOME}{place}", Path(), "", **values)
    if name == "request_tracker":
        profile = Profile("x", name, HOME, Path(), "", account="robin")
    desk = registry.open_helpdesk(profile, Secret(token))
    with suppress(TriageError):
        await desk.whoami()
    await desk.aclose()
    assert left
    for request in left:
        assert "Authorization" in request.headers
        others = {k: v for k, v in request.headers.items() if k != "authorization"}
        assert token not in f"{others} {request.url} {request.content!r}"
